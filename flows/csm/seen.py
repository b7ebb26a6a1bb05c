"""A CSM's word counts for what they saw. If that has changed since, it changes nothing.

What they saw stands in the button or window. Those of earlier versions name nothing, and count.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flows.csm import steps
from flows.csm.facts import Rejectable, number_of
from flows.csm.needs import matter_of
from flows.model import Integration, Screen, Situation
from flows.recording import Change, answer_of, is_stale
from flows.setup.replays import CORRECTED_ON
from flows.vocabulary import Stamp

Decision = Callable[[Situation, Stamp], Change]
Shown = Callable[[Integration], int | None]

# On which screens it stands what there is to reject, and what has been reported of it.
SHOWN_ON = {
    **{what: (screen,) for what, screen in CORRECTED_ON.items()},
    Rejectable.REPLAY: (Screen.REPLAY, Screen.REPLAY_STATUS),
}


def still(decision: Decision, seen: int | None, shown: Shown) -> Decision:
    """The decision; nothing if something else than what was `seen` is `shown` by now."""

    def decide(now: Situation, stamp: Stamp) -> Change:
        if seen is not None and shown(now.integration) != seen:
            return Change(now.integration)
        return decision(now, stamp)

    return decide


def unless_newer(decision: Decision, seen: int | None, *screens: Screen) -> Decision:
    """The decision; nothing if an answer of these screens is newer than the revision `seen`."""

    def decide(now: Situation, stamp: Stamp) -> Change:
        for screen in screens:
            if seen is not None and is_stale(now.integration, screen, seen):
                return Change(now.integration)
        return decision(now, stamp)

    return decide


def credentials_shown(integration: Integration) -> int:
    """The revision at which the credentials last changed."""
    return answer_of(integration, Screen.CREDENTIALS)


def owner_shown(integration: Integration) -> int:
    """Which claim or assignment made the owner; 0: nobody owns the customer."""
    return number_of(integration.csm.owner)


def account_shown(integration: Integration) -> int:
    """Which word set the account; 0: nobody has set one."""
    return number_of(integration.csm.account_set)


def request_shown(integration: Integration) -> int | None:
    """The number of the newest request."""
    return integration.replay.number if integration.replay else None


def sending_shown(integration: Integration) -> int:
    """Which report it was that the newest request was sent; 0: it was not."""
    return number_of(integration.replay_sent)


def answer_shown(integration: Integration) -> int:
    """Which report of Segment's answer is the newest, that it is planned, runs or has ended; 0:
    none is.
    """
    said = integration.replay_scheduled
    reported = (
        said.reported if said else None,
        integration.replay_running,
        integration.replay_finished,
    )
    return max(map(number_of, reported))


def end_shown(integration: Integration, matter: int | None) -> int:
    """What ended the matter that a message answers, or the set-up, last; 0: both go on.

    Raises `NotFound` if the matter ended too long ago to be known.
    """
    ended = None if matter is None else matter_of(integration, matter).ended
    answered = number_of(ended.stamp if ended else None)
    return max(answered, number_of(integration.disconnected))


# --- the marks of a Replay ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenRequests:
    """What marks are about: the newest request, the earlier Replay that is to be confirmed, which
    report it was that the newest was sent, if it was, and which was the newest of Segment's answer.
    """

    newest: int | None = None
    earlier: int | None = None
    sent: int | None = None
    answer: int | None = None


def requests_shown(integration: Integration) -> SeenRequests:
    """What a CSM sees who is about to mark a Replay."""
    unconfirmed = steps.unconfirmed_before(integration)
    earlier = unconfirmed[0].number if unconfirmed else None
    sent = sending_shown(integration) or None
    return SeenRequests(request_shown(integration), earlier, sent, answer_shown(integration))


# These say what Segment's answer is, in place of the one that was seen. Others go on from any.
_ANSWERS = (
    steps.ReplayMark.SCHEDULED,
    steps.ReplayMark.NO_DAY,
    steps.ReplayMark.NOT_FINISHED,
    steps.ReplayMark.NOT_CONFIRMED,
    steps.ReplayMark.NOT_RUNNING,
    steps.ReplayMark.NOT_SENT,
)


def of_request(decision: Decision, mark: steps.ReplayMark, seen: SeenRequests) -> Decision:
    """The decision that this mark makes, about the request as it was seen."""
    fresh = still(decision, seen.newest, request_shown)
    fresh = still(fresh, seen.answer, answer_shown) if mark in _ANSWERS else fresh
    return still(fresh, seen.sent, sending_shown)


def marking(mark: str, seen: SeenRequests) -> Decision | None:
    """A `ReplayMark` that needs no further input. None for any other, or of no request."""
    if mark == steps.ReplayMark.EARLIER:
        return None if seen.earlier is None else confirming(seen.earlier)
    step = steps.MARKING.get(mark)
    return of_request(step, steps.ReplayMark(mark), seen) if step else None


def confirming(number: int) -> Decision:
    """Toplyne has the history of the Replay with this number."""
    return lambda now, stamp: steps.confirm_history(now, number, stamp)
