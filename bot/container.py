"""The bot's parts, made from its settings. Each part is made on first use."""

from contextlib import AsyncExitStack
from functools import cached_property, partial

from bot.clock import new_id
from bot.inbound.answers import Answers
from bot.inbound.oauth import INSTALL_PATH
from bot.metrics import Metrics
from bot.opened import Opened
from bot.outbound.board_screens import BoardScreens
from bot.outbound.channel import ChannelSender
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.outbound.places import Places
from bot.outbound.removal import Removal
from bot.outbound.team_names import TeamNames
from bot.outbound.token_rotation import rotation_of
from bot.outbound.waiting_modal import Filling, SlackWaitingModal
from bot.settings import Settings
from bot.views.setup.entry import Entry
from flows.checks.conclude import Concluder
from flows.checks.coverage import Measuring
from flows.checks.examine import Examiner
from flows.checks.poll import sooner
from flows.checks.run import USUAL_POLICY, Checking, CheckPolicy
from flows.csm.board import Boards
from flows.csm.conversation import Conversing
from flows.csm.inviting import Inviting, as_invited
from flows.csm.members import Csms, CsmTeam
from flows.csm.service import CsmService
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.reminders.hours import Calendar
from flows.reminders.schedule import rules_of
from flows.reminders.service import Reminding
from flows.replay.form import Replaying
from flows.replay.reports import Following
from flows.setup.entering import Entering
from flows.setup.erasing import Erasing
from flows.setup.installations import Lifecycle
from flows.setup.managing import Managing
from flows.setup.permissions import Members
from flows.setup.service import SetUp
from flows.setup.submission import Submitting
from flows.setup.write_back import WritingBack
from flows.toplyne.triggers import ToplyneTriggers
from storage.repositories.entry_links import SqlFoundLinks
from storage.repositories.invitations import InvitationSeals


class Container(Opened):
    """Adds the use cases and the parts that speak with Slack for them."""

    def __init__(
        self, settings: Settings, closing: AsyncExitStack, check_policy: CheckPolicy = USUAL_POLICY
    ) -> None:
        super().__init__(settings, closing)
        self.check_policy = check_policy
        self.metrics = Metrics()
        self.csm_channel_id = settings.csm_channel_id or ""
        has_link = settings.oauth and settings.public_url
        self.install_address = f"{settings.public_url}{INSTALL_PATH}" if has_link else ""
        calendar = Calendar(settings.reminder_hours, settings.quiet_dates)
        self.rules = rules_of(settings.reminder_delays, calendar)

    @cached_property
    def recorder(self) -> Recorder:
        to_toplyne = ToplyneTriggers(new_id, gives=bool(self.settings.toplyne_webhook_url))
        follows = usual_reactions(self.settings.poll_interval, self.rules, to_toplyne)
        return Recorder(self.uow, self.clock, follows)

    # --- Slack ------------------------------------------------------------------------------------

    @cached_property
    def clients(self) -> SlackClients:
        return SlackClients(self.slack, self.installations.newest, self.places.placed)

    @cached_property
    def places(self) -> Places:
        return Places(self.uow, self.installations)

    @cached_property
    def installations(self) -> InstallationLookup:
        renewing = rotation_of(self.settings, self.slack, self.uow, self.clock, self.real)
        return InstallationLookup(self.uow, self.tenants, renewing)

    @cached_property
    def lifecycle(self) -> Lifecycle:
        names = TeamNames(self.installations, self.clients)
        own = self.settings.csm_team_id or ""
        return Lifecycle(self.recorder, self.erasing, self.tenants, names, own, as_invited)

    @cached_property
    def erasing(self) -> Erasing:
        own = self.settings.csm_team_id or ""
        return Erasing(self.uow, self.tenants, own, self.csm_team.tenant_id, self.clock)

    @cached_property
    def removal(self) -> Removal:
        return Removal(self.installations, self.lifecycle, self.clients, self.uow, self.real)

    @cached_property
    def people(self) -> People:
        return People(self.installations, self.clients, self.gates, self.removal)

    @cached_property
    def permalinks(self) -> Permalinks:
        return Permalinks(self.installations, self.clients)

    @cached_property
    def channel_sender(self) -> ChannelSender:
        return ChannelSender(
            self.recorder,
            self.installations,
            self.clients,
            self.gates,
            self.people,
            self.csm_team,
            self.csm_channel_id,
        )

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.settings.poll_interval, self.filling.follow, self.entry)

    @cached_property
    def entry(self) -> Entry:
        settings, here = self.settings, self.settings.credentials_entry != "page"
        takes_secrets = settings.toplyne_takes_secrets
        return Entry(here, settings.has_pages, settings.public_url or "", takes_secrets)

    # --- customers --------------------------------------------------------------------------------

    @cached_property
    def submitting(self) -> Submitting:
        own_team_id = self.settings.csm_team_id if self.settings.oauth else None
        return Submitting(self.recorder, self.members, own_team_id or "")

    @cached_property
    def members(self) -> Members:
        return Members(self.people)

    @cached_property
    def concluder(self) -> Concluder:
        return Concluder(self.recorder, new_id)

    @cached_property
    def waiting_modal(self) -> SlackWaitingModal:
        return SlackWaitingModal(self.installations, self.clients)

    @cached_property
    def checking(self) -> Checking:
        return Checking(
            self.recorder,
            Examiner(self.uow, self.segment),
            self.concluder,
            new_id,
            self.waiting_modal,
            self.check_policy,
            self.metrics.check,
        )

    @cached_property
    def replaying(self) -> Replaying:
        return Replaying(self.recorder, self.submitting, self.measuring, self.check_policy.deadline)

    @cached_property
    def measuring(self) -> Measuring:
        return Measuring(self.recorder, self.segment, self.check_policy.longest)

    @cached_property
    def filling(self) -> Filling:
        pause = self.check_policy.redraw
        next_poll = partial(sooner, interval=self.settings.poll_interval)
        return Filling(self.recorder, self.replaying, self.waiting_modal, pause, next_poll)

    @cached_property
    def setup(self) -> SetUp:
        parts = (self.recorder, self.submitting, self.checking, self.replaying, self.people)
        return SetUp(*parts)

    @cached_property
    def managing(self) -> Managing:
        return Managing(self.recorder, self.submitting, self.people)

    @cached_property
    def writing_back(self) -> WritingBack:
        return WritingBack(self.recorder, self.submitting, self.checking)

    @cached_property
    def entering(self) -> Entering:
        return Entering(
            self.recorder,
            self.submitting,
            self.setup,
            self.writing_back,
            self.checking,
            SqlFoundLinks(self.engine),
            new_id,
            takes_secrets=self.entry.takes_secrets,
        )

    @cached_property
    def reminding(self) -> Reminding:
        return Reminding(self.recorder, self.people, self.members, self.rules)

    # --- CSMs -------------------------------------------------------------------------------------

    @cached_property
    def csms(self) -> Csms:
        return Csms(self.people, self.csm_team)

    @cached_property
    def csm_team(self) -> CsmTeam:
        return CsmTeam(self.tenants, self.settings.csm_team_id or "")

    @cached_property
    def screens(self) -> BoardScreens:
        boards = Boards(self.csms, self.customers, self.uow, self.clock)
        return BoardScreens(boards, self.permalinks, self.people)

    @cached_property
    def following(self) -> Following:
        return Following(self.recorder, self.submitting, self.csms)

    @cached_property
    def csm(self) -> CsmService:
        return CsmService(self.recorder, self.csms)

    @cached_property
    def inviting(self) -> Inviting:
        return Inviting(self.recorder, self.csms, InvitationSeals(self.cipher))

    @cached_property
    def conversing(self) -> Conversing:
        return Conversing(self.recorder, self.csm.deciding, self.members)
