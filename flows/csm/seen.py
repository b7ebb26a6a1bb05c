"""A CSM's word counts for what they saw. If that has changed since, it changes nothing.

What they saw stands in the button or window. Those of earlier versions name nothing, and count.
"""

from collections.abc import Callable

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
