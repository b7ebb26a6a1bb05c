"""Why a CSM should look at a customer, and since when. Pure; it never uses the current time.

Questions and single happenings are matters: one event opens a matter, another ends it. Several
can be open at once. Each has its own number and end, and knows who opened it. Needs that hold only
while something else does are derived.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from flows.csm.events import CsmWrote, CustomerReplied, MattersAnswered
from flows.csm.facts import ASKED, Called, CsmFacts, Matter, MatterEnd, Need
from flows.errors import NotFound
from flows.history import Event
from flows.model import Integration, Situation, WaitingOn
from flows.reminders.events import NobodyToRemind, RanOut
from flows.reminders.schedule import has_run_out, last_reminder
from flows.replay.events import ReplayQuestioned
from flows.replay.window import unconfirmed_replays
from flows.setup.blockers import Blocked, Blocker, credentials_blocker, first_blocker, incidents
from flows.setup.events import Disconnected, HelpAsked, Installed, Stuck, Uninstalled
from flows.setup.permissions import contact
from flows.setup.progress import blocked_since
from flows.setup.replays import adds_history, is_under_way
from flows.setup.steps import STUCK_AFTER
from flows.vocabulary import Stamp
from flows.zones import end_of

REPLAY_TAKES = timedelta(days=5)  # after the request was sent, if Segment promised no day
A_DAY = timedelta(days=1)  # a working day never ends sooner
NOT_URGENT = 99
MAX_EXCERPT = 200  # letters of a question; the history has all of it
ENDED_KEPT = 20


# --- what holds, derived --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Needed:
    """A need. `at` may be in the future: nobody is needed before.

    `is_called`: the whole channel is called one working day later if nobody owns the customer.
    `by` opened the matter with this number, if somebody opened one.
    """

    need: Need
    at: datetime
    is_called: bool = False
    number: int = 0
    by: str = ""


def needed(integration: Integration, holds: Iterable[Needed]) -> Needed | None:
    """What the board shows: the most urgent need that `holds`, else the first that will hold.

    What was asked after a disconnect holds; nothing else will.
    """
    urgent = min(holds, key=attrgetter("need.urgency"), default=None)
    if integration.disconnected:
        return urgent
    return urgent or min(_will_hold(integration), key=attrgetter("at"), default=None)


def holding(situation: Situation) -> Iterator[Needed]:
    """Everything that a CSM should look at now. Open matters may outlive the set-up."""
    integration = situation.integration
    kept = [each for each in integration.csm.open_matters if _holds(each, situation)]
    for each in kept:
        yield Needed(each.reason, each.since, is_called=True, number=each.number, by=each.by)
    if integration.disconnected:
        return
    blocked = credentials_blocker(integration)
    if blocked is None or blocked.blocker.waiting_on is not WaitingOn.CSM:
        blocked = first_blocker(situation)
    if blocked and blocked.blocker.waiting_on is WaitingOn.CSM:
        need = _only_theirs(integration, blocked)
        is_called = need is not Need.CONFIRM
        yield Needed(need, blocked_since(situation, blocked), is_called)
    for past in unconfirmed_replays(integration)[:1]:
        yield Needed(Need.CONFIRM, past.finished.at)
    yield from (each for each in _overdue(integration) if is_noted(integration, each))
    for broken in incidents(situation)[:1]:
        is_called = broken.blocker is Blocker.TOKEN_REVOKED
        need = Need.TOKEN_REVOKED if is_called else Need.BROKEN
        yield Needed(need, blocked_since(situation, broken), is_called)
    if all(each.reason is not Need.STUCK for each in kept):
        yield from _still_stuck(situation)


def _only_theirs(integration: Integration, blocked: Blocked) -> Need:
    """What only a CSM can do."""
    if blocked.blocker is Blocker.CREDENTIALS_UNVERIFIED:
        return Need.UNCONFIRMED
    return Need.CONNECTED if integration.says_connected else Need.CONFIRM


def _holds(matter: Matter, situation: Situation) -> bool:
    """Whether a matter still needs somebody. A stuck customer who got on with any step does not."""
    if matter.reason is not Need.STUCK:
        return True
    return situation.integration.failed_tries >= STUCK_AFTER or has_run_out(situation)


def _still_stuck(situation: Situation) -> Iterator[Needed]:
    """Stays after a CSM has written: the customer is on the board, but nobody is called again."""
    integration = situation.integration
    blocked = first_blocker(situation)
    if blocked is None or blocked.blocker.waiting_on is not WaitingOn.CUSTOMER:
        return
    if integration.failed_tries >= STUCK_AFTER:
        yield Needed(Need.STUCK, (integration.last_active or integration.created).at)
    elif last := last_reminder(situation):
        yield Needed(Need.STUCK, last.at)


def _will_hold(integration: Integration) -> Iterator[Needed]:
    if integration.outcome and not adds_history(integration):
        return
    yield from _overdue(integration)
    if since := unowned_since(integration):
        planned = call_about(integration, Need.UNOWNED, since)
        yield Needed(Need.UNOWNED, planned.at if planned else since + A_DAY)


def _overdue(integration: Integration) -> Iterator[Needed]:
    """From when on the Replay that is with Segment is late. It holds once that was noted."""
    is_over = integration.outcome is not None and not adds_history(integration)
    if integration.replay_sent and is_under_way(integration) and not is_over:
        yield Needed(Need.REPLAY_OVERDUE, _replay_due(integration, integration.replay_sent.at))


def is_noted(integration: Integration, needed: Needed) -> bool:
    """Whether the app has noted that this need has begun, since no projection knows the time."""
    return call_about(integration, needed.need, needed.at) is not None


def is_overdue(integration: Integration) -> bool:
    """Whether the Replay is late, as far as was noted."""
    return any(is_noted(integration, each) for each in _overdue(integration))


def unowned_since(integration: Integration) -> datetime | None:
    """Since when a customer who has begun has no owner. After a working day that is a need."""
    if integration.csm.owner or integration.outcome or integration.disconnected:
        return None
    return integration.plan_chosen.at if integration.plan_chosen else None


def call_about(
    integration: Integration, need: Need, since: datetime, number: int = 0
) -> Called | None:
    """What is stored about a call or about when the working day ends, if anything."""
    for called in integration.csm.calls:
        if (called.reason, called.since, called.number) == (need, since, number):
            return called
    return None


def _replay_due(integration: Integration, sent: datetime) -> datetime:
    """The end of the promised day (UTC) if Segment named one, else a usual time after `sent`.

    A Replay that began on its day takes the usual time from then on.
    """
    schedule, running = integration.replay_scheduled, integration.replay_running
    if schedule is None or schedule.on is None:
        return sent + REPLAY_TAKES
    ends = end_of(schedule.on)
    return max(ends, running.at + REPLAY_TAKES) if running else ends


# --- calling the whole channel about it -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call that is due, or a working day whose end is not known yet. Not before `at`.

    At `at`, a customer without an owner becomes a need, and a late Replay becomes one for its
    owner. Neither is a reason to call everybody.
    """

    need: Need
    since: datetime
    at: datetime
    number: int = 0
    by: str = ""


def next_call(integration: Integration, holds: Iterable[Needed]) -> DueCall | None:
    """The next call about what `holds`, or the next need to note. None: there is none.

    Nobody is called where somebody owns the customer.
    """
    late = (each for each in _overdue(integration) if not is_noted(integration, each))
    due = [DueCall(each.need, each.at, each.at) for each in late]
    if not integration.csm.owner:
        due += _calls(integration, holds)
    return min(due, key=attrgetter("at"), default=None)


def _calls(integration: Integration, holds: Iterable[Needed]) -> Iterator[DueCall]:
    for each in holds:
        called = call_about(integration, each.need, each.at, each.number)
        if each.is_called and not (called and called.made):
            at = called.at if called else each.at + A_DAY
            yield DueCall(each.need, each.at, at, each.number, each.by)
    since = unowned_since(integration)
    if since and not call_about(integration, Need.UNOWNED, since):
        yield DueCall(Need.UNOWNED, since, since + A_DAY)


# --- matters: opened and ended --------------------------------------------------------------------

_TELLING = (
    HelpAsked, ReplayQuestioned, CustomerReplied, Stuck, RanOut, NobodyToRemind, Uninstalled,
    Installed, CsmWrote, MattersAnswered, Disconnected,
)  # fmt: skip


def attended(before: Situation, integration: Integration, events: Iterable[Event]) -> Integration:
    """The facts after these events.

    A customer who got on is no longer stuck, whether this change or what Segment said `before` it
    shows that. If they get stuck later, that is a new matter.
    """
    csm = _without_over(integration.csm, before.integration, before)
    for event in events:
        if isinstance(event, _TELLING):
            csm = _after(csm, event)
    csm = _without_over(csm, replace(integration, csm=csm), before)
    return integration if csm is integration.csm else replace(integration, csm=csm)


def _without_over(csm: CsmFacts, integration: Integration, at: Situation) -> CsmFacts:
    """Ends the matters that `integration` no longer holds."""
    if not csm.open_matters:
        return csm
    now = replace(at, integration=integration)

    def is_over(matter: Matter) -> bool:
        return not _holds(matter, now)

    return _ended(csm, MatterEnd(Stamp("", at.now)), is_over)


def matter_of(integration: Integration, number: int) -> Matter:
    """The matter with this number, even if it ended recently. Raises `NotFound`."""
    for matter in integration.csm.matters:
        if matter.number == number:
            return matter
    raise NotFound(f"matter {number}")


def recipient(integration: Integration, number: int | None) -> str:
    """The person who opened this matter. If nobody did, or without a matter, the contact.

    Raises `NotFound`.
    """
    opened_by = "" if number is None else matter_of(integration, number).by
    return opened_by or contact(integration)


def _after(csm: CsmFacts, event: Event) -> CsmFacts:
    match event:
        case HelpAsked() | ReplayQuestioned():
            return _asked(csm, Need.HELP, event.stamp, event.number, event.note)
        case CustomerReplied():
            return _asked(csm, Need.REPLIED, event.stamp, event.number, event.text)
        case Stuck() | RanOut() | NobodyToRemind():
            return _noticed(csm, Need.STUCK, event.stamp)
        case Uninstalled():
            return _noticed(csm, Need.UNINSTALLED, event.stamp)
        case Installed():
            return _ended(csm, MatterEnd(event.stamp), lambda each: each.reason is Need.UNINSTALLED)
        case Disconnected():  # what was open was about a set-up that is gone
            return _ended(csm, MatterEnd(event.stamp), lambda _: True)
        case CsmWrote():
            csm = _heard(replace(csm, numbered=max(csm.numbered, event.number)), event.to)
            return _ended(csm, MatterEnd(event.stamp, event.number), _answered_by(event))
        case MattersAnswered(matters=()):
            return _ended(csm, MatterEnd(event.stamp), lambda _: True)
        case MattersAnswered(matters=numbers):
            return _ended(csm, MatterEnd(event.stamp), lambda each: each.number in numbers)
    return csm


def _answered_by(event: CsmWrote) -> Callable[[Matter], bool]:
    """Which matters a message ends: the one it answers, else those that nobody opened.

    It also ends that a customer is stuck, since they have now heard from a CSM.
    """

    def is_meant(matter: Matter) -> bool:
        if matter.reason is Need.STUCK:
            return True
        if event.answers is not None:
            return matter.number == event.answers
        return matter.reason in ASKED and not matter.by

    return is_meant


def _heard(csm: CsmFacts, reader: str) -> CsmFacts:
    """A CSM wrote to this person, who may ask more by that, although nothing is answered."""
    matters = (replace(each, heard=each.heard or each.by == reader) for each in csm.matters)
    return replace(csm, matters=tuple(matters))


def _asked(csm: CsmFacts, reason: Need, stamp: Stamp, number: int, text: str) -> CsmFacts:
    return _opened(csm, Matter(reason, stamp.at, number, stamp.by, text[:MAX_EXCERPT]))


def _noticed(csm: CsmFacts, reason: Need, stamp: Stamp) -> CsmFacts:
    """Opens a matter, unless one is open already, which keeps its age."""
    if any(each.reason is reason for each in csm.open_matters):
        return csm
    return _opened(csm, Matter(reason, stamp.at, csm.numbered + 1))


def _opened(csm: CsmFacts, matter: Matter) -> CsmFacts:
    """Drops nothing that is open: somebody waits for it. `why_not_asked` bounds what people ask."""
    ended = [each for each in csm.matters if each.ended][-ENDED_KEPT:]
    kept = sorted((*ended, *csm.open_matters, matter), key=lambda each: each.since)
    return replace(csm, matters=tuple(kept), numbered=max(csm.numbered, matter.number))


def _ended(csm: CsmFacts, end: MatterEnd, is_meant: Callable[[Matter], bool]) -> CsmFacts:
    matters = tuple(
        replace(each, ended=end) if each.ended is None and is_meant(each) else each
        for each in csm.matters
    )
    return csm if matters == csm.matters else replace(csm, matters=matters)
