"""Who at the customer gets unasked messages: the person concerned, if they are still there."""

from collections.abc import Sequence, Set
from dataclasses import replace

from flows.csm.events import Unreached
from flows.errors import DirectoryUnavailable
from flows.model import Integration, Situation, Step
from flows.outbox.announce import contact
from flows.outbox.bodies import UnaskedNews
from flows.outbox.messages import DIRECT_CONVERSATIONS, PASSED_ON, Message
from flows.ports import Directory, UnitOfWork
from flows.recording import Also, Change, Recorder
from flows.reminders.facts import Role
from flows.reminders.hours import Person
from flows.reminders.steps import Recipient
from flows.replay import events as replay
from flows.setup import events as setup
from flows.setup.blockers import Blocked
from flows.setup.permissions import STEP_OF
from flows.vocabulary import Stamp

MOST_PARTICIPANTS = 10  # people whom Slack is asked about for one message
HISTORY_READ = 200  # history entries that are searched for participants

# What people at the customer do. CSMs act on a set-up too.
_PARTICIPATION = (
    setup.Started,
    setup.PlanChosen,
    setup.Upgraded,
    setup.CredentialsVerified,
    setup.CredentialsUnverified,
    setup.SourcesChosen,
    setup.SaidConnected,
    setup.WriteKeyEntered,
    setup.Reopened,
    setup.Delegated,
    replay.ReplayRequested,
    replay.ReplaySent,
    replay.ReplayRunning,
)


async def candidates(
    work: UnitOfWork, integration: Integration, about: Blocked | None = None
) -> list[Recipient]:
    """The candidates in order of preference. Empty if the app is not installed."""
    installation = await work.installations.get()
    if installation is None or installation.revoked_at:
        return []
    events = await work.history.latest(integration.id, HISTORY_READ)
    last = contact(integration)
    took_part = [
        Recipient(stored.event.stamp.by, Role.TOOK_PART, last)
        for stored in events
        if isinstance(stored.event, _PARTICIPATION)
    ]
    installer = Recipient(installation.installed.by, Role.INSTALLER, last)
    return _each_once([*named(integration, about), *took_part, installer])[:MOST_PARTICIPANTS]


def named(integration: Integration, about: Blocked | None = None) -> list[Recipient]:
    """The first of the candidates, whom the facts name. Whoever was asked for one step hears of
    nothing that is `about` another, which they may not do.
    """
    found = [Recipient(user_id, Role.ASKED) for user_id in _asked(integration, about)]
    sent = None if integration.replay_running else integration.replay_sent
    if sent and not sent.of_toplyne:  # Segment answers whoever wrote to it
        first = found if _is_of_history(integration) else []
        found = [*first, Recipient(sent.by, Role.DID_LAST), *found]
    return _each_once([*found, Recipient(contact(integration), Role.DID_LAST)])


def _asked(integration: Integration, about: Blocked | None) -> list[str]:
    """Those who were asked for it and have not done it yet, the last one first."""
    last = [integration.delegation] if integration.delegation else []
    if about is None:
        return [each.user_id for each in last]
    step = STEP_OF[about.blocker.screen]
    still = [*last, *(each for each in reversed(integration.asked) if each.is_open)]
    return [each.user_id for each in still if STEP_OF[each.screen] is step]


def _is_of_history(integration: Integration) -> bool:
    asked = integration.delegation
    return asked is not None and STEP_OF[asked.screen] is Step.HISTORIC_SYNC


def _each_once(found: Sequence[Recipient]) -> list[Recipient]:
    """By what is said of them first."""
    first: dict[str, Recipient] = {}
    for each in found:
        if each.user_id:
            first.setdefault(each.user_id, each)
    return list(first.values())


async def choose(
    directory: Directory, tenant_id: str, found: Sequence[Recipient], unreachable: Set[str]
) -> tuple[Recipient, Person | None]:
    """The first candidate who can be reached, and what Slack knows about them; else the CSM.

    Raises `DirectoryUnavailable`.
    """
    first = await reached(directory, tenant_id, found, unreachable)
    return first or (Recipient("", Role.CSM, found[0].user_id), None)


async def reached(
    directory: Directory, tenant_id: str, found: Sequence[Recipient], unreachable: Set[str]
) -> tuple[Recipient, Person] | None:
    """The first who can be reached. Raises `DirectoryUnavailable`."""
    for candidate in found:
        if candidate.user_id in unreachable:
            continue
        person = await directory.person(tenant_id, candidate.user_id)
        if person and person.is_active:
            return candidate, person
    return None


# --- when the reader has left before the message was sent ---------------------------------------


class PassingOn:
    """Gives unasked news to somebody else if its reader has left or Slack refuses them.

    Chooses as reminders do, at the moment when the message is sent.
    """

    def __init__(self, recorder: Recorder, directory: Directory) -> None:
        self._recorder = recorder
        self._directory = directory

    async def pass_on(
        self, tenant_id: str, message: Message, news: UnaskedNews, *, is_refused: bool = False
    ) -> bool:
        """Passes news on if its reader cannot be reached. Returns whether that is so.

        If nobody is there to pass it on to, the CSM hears so. False too if Slack does not say
        whether the reader has left.
        """
        reader = message.conversation.removeprefix(DIRECT_CONVERSATIONS)
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, message.integration_id)
        refused = situation.integration.reminders.unreachable(situation.now)
        try:
            if not is_refused and reader not in refused:
                person = await self._directory.person(tenant_id, reader)
                if person and person.is_active:
                    return False
            to = await self._instead_of(tenant_id, message, {reader, *refused})
        except DirectoryUnavailable:
            return False
        if to.user_id:
            async with self._recorder.uow(tenant_id) as work:
                await work.outbox.add(_readdressed(message, news, to, reader))
                await work.commit()
        else:
            await self.tell_unreached(tenant_id, message, reader)
        return True

    async def tell_unreached(
        self, tenant_id: str, message: Message, reader: str, also: Also | None = None
    ) -> None:
        """Tells the CSM, who must reach this person in another way."""

        def decide(newest: Situation) -> Change:
            event = Unreached(Stamp("", newest.now), reader, message.body.kind)
            return Change(newest.integration, (event,))

        await self._recorder.change(tenant_id, message.integration_id, decide, also=also)

    async def _instead_of(
        self, tenant_id: str, message: Message, unreachable: Set[str]
    ) -> Recipient:
        async with self._recorder.uow(tenant_id, write=False) as work:
            integration = await work.integrations.get(message.integration_id)
            found = await candidates(work, integration)
        if not found:
            return Recipient("", Role.CSM)
        to, _ = await choose(self._directory, tenant_id, found, unreachable)
        # This person was asked to do a step, but not about this news.
        return replace(to, role=Role.TOOK_PART) if to.role is Role.ASKED else to


def _readdressed(message: Message, news: UnaskedNews, to: Recipient, reader: str) -> Message:
    return replace(
        message,
        body=replace(news, role=to.role, instead_of=reader),
        conversation=f"{DIRECT_CONVERSATIONS}{to.user_id}",
        key=f"{message.key}{PASSED_ON}",
    )
