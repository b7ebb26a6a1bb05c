"""A CSM's word counts for what they saw. If that has changed since, it changes nothing.

What they saw stands in the button or window. Those of earlier versions name nothing, and count.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NewType

from flows.csm.facts import Rejectable
from flows.csm.needs import matter_of
from flows.model import Integration, Screen, Situation
from flows.recording import Change, answer_of, is_stale
from flows.setup.replays import CORRECTED_ON
from flows.vocabulary import Stamp

Decision = Callable[[Situation, Stamp], Change]
Shown = Callable[[Integration], int | None]

Revision = NewType("Revision", int)  # of the facts: a newer answer of a screen has a higher one
StampNumber = NewType("StampNumber", int)  # names a stamp, and tells it from a later one

NO_STAMP = StampNumber(0)  # nobody said it
_EPOCH = datetime.fromtimestamp(0, UTC)

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


def unless_newer(decision: Decision, seen: Revision | None, *screens: Screen) -> Decision:
    """The decision; nothing if an answer of these screens is newer than the revision `seen`."""

    def decide(now: Situation, stamp: Stamp) -> Change:
        for screen in screens:
            if seen is not None and is_stale(now.integration, screen, seen):
                return Change(now.integration)
        return decision(now, stamp)

    return decide


def stamp_number(said: Stamp | None) -> StampNumber:
    """Names this stamp in what is drawn."""
    return StampNumber((said.at - _EPOCH) // timedelta(microseconds=1)) if said else NO_STAMP


def credentials_shown(integration: Integration) -> Revision:
    """The revision at which the credentials last changed."""
    return Revision(answer_of(integration, Screen.CREDENTIALS))


def owner_shown(integration: Integration) -> StampNumber:
    """Which claim or assignment made the owner. `NO_STAMP`: nobody owns the customer."""
    return stamp_number(integration.csm.owner)


def account_shown(integration: Integration) -> StampNumber:
    """Which word set the account. `NO_STAMP`: nobody has set one."""
    return stamp_number(integration.csm.account_set)


def request_shown(integration: Integration) -> int | None:
    """The number of the newest request."""
    return integration.replay.number if integration.replay else None


def sending_shown(integration: Integration) -> StampNumber:
    """Which report says that the newest request was sent. `NO_STAMP`: it was not."""
    return stamp_number(integration.replay_sent)


def answer_shown(integration: Integration) -> StampNumber:
    """The newest report of Segment's answer: that the Replay is planned, runs or has ended.

    `NO_STAMP`: there is none.
    """
    said = integration.replay_scheduled
    reported = (
        said.reported if said else None,
        integration.replay_running,
        integration.replay_finished,
    )
    return max(map(stamp_number, reported))


def end_shown(integration: Integration, matter: int | None) -> StampNumber:
    """What ended last: the matter that a message answers, or the set-up. `NO_STAMP`: both go on.

    Raises `NotFound` if the matter ended too long ago to be known.
    """
    ended = None if matter is None else matter_of(integration, matter).ended
    answered = stamp_number(ended.stamp if ended else None)
    return max(answered, stamp_number(integration.disconnected))
