"""The use cases on the in-memory storage and Segment: the whole bot except Slack."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

from pydantic import SecretStr

from flows.checks.conclude import Concluder
from flows.checks.coverage import Measuring
from flows.checks.examine import Examiner
from flows.checks.poll import Poller
from flows.checks.run import USUAL_POLICY, Checking
from flows.csm.calls import Calling
from flows.csm.conversation import Conversing
from flows.csm.deciding import CsmCommand
from flows.csm.inviting import as_invited
from flows.csm.members import Csms, CsmTeam
from flows.csm.service import CsmService
from flows.csm.working_day import ChannelOwner
from flows.errors import NotFound
from flows.installed import Installation
from flows.model import Integration, Situation
from flows.reactions import usual_reactions
from flows.recording import Reaction, Recorder
from flows.replay.form import Replaying
from flows.replay.reports import Following
from flows.setup.erasing import Erasing
from flows.setup.installations import Lifecycle
from flows.setup.managing import Managing
from flows.setup.permissions import Members
from flows.setup.results import ShowProgress
from flows.setup.service import SetUp
from flows.setup.submission import Submitting
from flows.vocabulary import Actor, Stamp
from tests.support.fake_directory import HERE, FakeDirectory
from tests.support.fake_segment import FakeSegment, made_up_token
from tests.support.fakes import FakeStorage, FakeTenants

POLL_INTERVAL = timedelta(minutes=15)
TEAM, CSM_TEAM = "T0ACME", "T0TOPLYNE"
ADA, BOB = Actor(TEAM, TEAM, "U0ADA"), Actor(TEAM, TEAM, "U0BOB")
CSM = Actor(CSM_TEAM, CSM_TEAM, "U0MIRA")
INTEGRATION = f"int_{TEAM}"
BY_CSM = CsmCommand(CSM, TEAM, INTEGRATION)


class NoModal:
    """Implements `flows.checks.shown.WaitingModal` for a modal that nobody looks at."""

    async def show(self, tenant_id: str, progress: ShowProgress) -> None:
        return None


async def no_names(_tenant_id: str) -> dict[str, str]:
    """Slack does not say what the workspaces are called."""
    return {}


@dataclass
class Services:
    """One bot. Its people are `ADA` and `BOB`, both admins at the customer, and `CSM`."""

    storage: FakeStorage = field(default_factory=FakeStorage)
    segment: FakeSegment = field(default_factory=FakeSegment)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    to_toplyne: Reaction | None = None

    def __post_init__(self) -> None:
        numbers, tenants = count(1), FakeTenants(self.storage)
        self.tenants = tenants
        self.storage.install(TEAM, CSM_TEAM)
        follows = usual_reactions(POLL_INTERVAL, to_toplyne=self.to_toplyne)
        recorder = Recorder(self.storage, self.storage.clock, follows)
        self.recorder = recorder
        concluder = Concluder(recorder, lambda prefix: f"{prefix}_{next(numbers)}")
        self.checking = Checking(
            recorder,
            Examiner(self.storage, self.segment),
            concluder,
            lambda prefix: f"{prefix}_{next(numbers)}",
            NoModal(),
            USUAL_POLICY,
        )
        self.poller = Poller(recorder, self.segment, concluder, USUAL_POLICY.longest)
        admin = replace(HERE, teams=(TEAM,), admin_of=(TEAM,))
        self.directory.people |= {each.user_id: admin for each in (ADA, BOB)}
        self.members = Members(self.directory)
        submitting = self.submitting = Submitting(recorder, self.members)
        measuring = Measuring(recorder, self.segment, USUAL_POLICY.longest)
        self.replaying = Replaying(recorder, submitting, measuring, USUAL_POLICY.deadline)
        self.setup = SetUp(recorder, submitting, self.checking, self.replaying, self.directory)
        self.managing = Managing(recorder, submitting, self.directory)
        csm_team = CsmTeam(tenants, CSM_TEAM)
        self.csms = Csms(self.directory, csm_team)
        self.csm = CsmService(recorder, self.csms)
        self.conversing = Conversing(recorder, self.csm.deciding, self.members)
        self.calling = Calling(recorder, ChannelOwner(self.storage, self.directory), self.csms)
        self.following = Following(recorder, submitting, self.csms)
        clock = self.storage.clock
        self.erasing = Erasing(self.storage, tenants, CSM_TEAM, csm_team.tenant_id, clock)
        self.lifecycle = Lifecycle(recorder, self.erasing, tenants, no_names, CSM_TEAM, as_invited)

    async def install(self) -> None:
        """Installs the app in the customer's workspace, as Slack's OAuth does."""
        installation = Installation(
            TEAM, TEAM, "", False, "Acme", "A1", "B1", "U0BOT", ("commands",),
            Stamp(ADA.user_id, self.storage.clock.now()),
        )  # fmt: skip
        await self.lifecycle.install(installation, SecretStr(made_up_token("bot")))

    async def situation(self) -> Situation | None:
        """What is stored now. None before the first `/segment`."""
        async with self.storage(TEAM, write=False) as work:
            try:
                return await self.recorder.load(work, INTEGRATION)
            except NotFound:
                return None

    def integration(self) -> Integration | None:
        return self.storage.tables.integrations.get((TEAM, INTEGRATION))
