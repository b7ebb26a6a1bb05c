"""A CSM's word counts for what they saw. If that has changed since, it changes nothing.

What they saw stands in the button or window. Those of earlier versions name nothing, and count.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flows.csm import steps
from flows.csm.facts import number_of
from flows.model import Integration, Screen, Situation
from flows.recording import Change, answer_of, is_stale
from flows.vocabulary import Stamp

Decision = Callable[[Situation, Stamp], Change]
Shown = Callable[[Integration], int | None]


def still(decision: Decision, seen: int | None, shown: Shown) -> Decision:
    """The decision, unless something else than what was `seen` is `shown` by now."""

    def decide(now: Situation, stamp: Stamp) -> Change:
        if seen not in (None, shown(now.integration)):
            return Change(now.integration)
        return decision(now, stamp)

    return decide


def unless_newer(decision: Decision, seen: int | None, screen: Screen) -> Decision:
    """The decision, unless this screen's answer is newer than the revision that was `seen`."""

    def decide(now: Situation, stamp: Stamp) -> Change:
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


# --- the marks of a Replay ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenRequests:
    """What marks are about: the newest request, the earlier Replay that is to be confirmed, and
    which report it was that the newest was sent, if it was.
    """

    newest: int | None = None
    earlier: int | None = None
    sent: int | None = None


def requests_shown(integration: Integration) -> SeenRequests:
    """What a CSM sees who is about to mark a Replay."""
    unconfirmed = steps.unconfirmed_before(integration)
    earlier = unconfirmed[0].number if unconfirmed else None
    return SeenRequests(request_shown(integration), earlier, sending_shown(integration) or None)


def marking(mark: steps.ReplayMark, seen: SeenRequests) -> Decision:
    """The mark, of the request that was seen."""
    if mark is not steps.ReplayMark.EARLIER:
        of_request = still(steps.MARKING[mark], seen.newest, request_shown)
        return still(of_request, seen.sent, sending_shown)
    if seen.earlier is None:
        return steps.confirm_earlier
    number = seen.earlier
    return lambda now, stamp: steps.confirm_history(now, number, stamp)
