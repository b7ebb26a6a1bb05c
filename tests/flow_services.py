"""The use cases on the in-memory storage and Segment: everything of the bot but Slack."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from pydantic import SecretStr

from flows.calling import Calling
from flows.caring import Caring
from flows.checking import USUAL_PACE, Checking
from flows.concluding import Concluder
from flows.conversing import Conversing
from flows.csms import Csms
from flows.deciding import Deciding
from flows.errors import NotFound
from flows.examining import Examiner
from flows.following import Following
from flows.lifecycle import Lifecycle
from flows.model import Actor, Installation, Integration, Situation, Stamp
from flows.poller import Poller
from flows.recording import Recorder
from flows.replaying import Replaying
from flows.results import ShowProgress
from flows.reviewing import Reviewing
from flows.service import SetUp
from flows.submitting import Submitting
from tests.fake_directory import FakeDirectory
from tests.fake_segment import FakeSegment, made_up_token
from tests.fakes import FakeStorage

POLL_INTERVAL = timedelta(minutes=15)
TEAM, CSM_TEAM = "T0ACME", "T0TOPLYNE"
ADA, BOB = Actor(TEAM, TEAM, "U0ADA"), Actor(TEAM, TEAM, "U0BOB")
CSM = Actor(CSM_TEAM, CSM_TEAM, "U0MIRA")
INTEGRATION = f"int_{TEAM}"


class NoWindow:
    """Fills `flows.watching.Window`: nobody looks."""

    async def show(self, tenant_id: str, progress: ShowProgress) -> None:
        return None


@dataclass
class Services:
    """One bot; people are `ADA`, `BOB` and `CSM`."""

    storage: FakeStorage = field(default_factory=FakeStorage)
    segment: FakeSegment = field(default_factory=FakeSegment)
    directory: FakeDirectory = field(default_factory=FakeDirectory)

    def __post_init__(self) -> None:
        numbers = count(1)
        recorder = Recorder(self.storage, self.storage.clock, POLL_INTERVAL)
        self.recorder = recorder
        self.checking = Checking(
            recorder,
            Examiner(self.storage, self.segment),
            Concluder(recorder),
            lambda prefix: f"{prefix}_{next(numbers)}",
            NoWindow(),
            USUAL_PACE,
        )
        examiner = Examiner(self.storage, self.segment)
        self.poller = Poller(recorder, examiner, Concluder(recorder), USUAL_PACE.longest)
        submitting = Submitting(recorder)
        self.replaying = Replaying(recorder, submitting, self.segment, USUAL_PACE.deadline)
        self.setup = SetUp(recorder, submitting, self.checking, self.replaying, self.directory)
        self.csms = Csms(self.directory, CSM_TEAM)
        deciding = Deciding(recorder, self.csms)
        self.reviewing = Reviewing(recorder, deciding)
        self.caring = Caring(deciding, self.storage.clock)
        self.conversing = Conversing(recorder, deciding)
        self.calling = Calling(recorder, self.directory, self.csms)
        self.following = Following(recorder, submitting, self.csms)
        self.lifecycle = Lifecycle(recorder, CSM_TEAM)

    async def install(self) -> None:
        """As Slack's OAuth ends, for the customer's workspace."""
        installation = Installation(
            TEAM, TEAM, "", False, "Acme", "A1", "B1", "U0BOT", ("commands",),
            Stamp(ADA.user_id, self.storage.clock.now()),
        )  # fmt: skip
        await self.lifecycle.install(installation, SecretStr(made_up_token("bot")))

    async def situation(self) -> Situation | None:
        """What is stored now; None before the first `/segment`."""
        async with self.storage(TEAM, write=False) as work:
            try:
                return await self.recorder.load(work, INTEGRATION)
            except NotFound:
                return None

    def integration(self) -> Integration | None:
        return self.storage.tables.integrations.get((TEAM, INTEGRATION))
