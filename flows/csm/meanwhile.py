"""Whose word came first, for a CSM who came too late.

What is decided is `About` something. Of all words about it the newest is the one that was not seen,
since the CSM is only refused if there is one. So each of these names every word that refuses.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from flows.csm.events import (
    AccountSet,
    ArrivalRejected,
    Assigned,
    Claimed,
    CredentialsConfirmed,
    CredentialsRejected,
    CsmWrote,
    MattersAnswered,
    ReplayRejected,
    SourcesRejected,
    Unclaimed,
)
from flows.csm.facts import Rejectable
from flows.history import Event
from flows.model import Integration, Outcome
from flows.replay.events import (
    Completed,
    ReplayConfirmed,
    ReplayConfirmedUndone,
    ReplayFinished,
    ReplayFinishedUndone,
    ReplayRequested,
    ReplayRunning,
    ReplayRunningUndone,
    ReplayScheduled,
    ReplaySentUndone,
)
from flows.setup.events import (
    CredentialsUnverified,
    CredentialsVerified,
    Disconnected,
    FinishedLiveOnly,
    LiveSyncStarted,
    PlanChosen,
    SourcesChosen,
    TokenForgotten,
    Upgraded,
)
from flows.setup.replays import is_withdrawn

WORDS_LOOKED_BACK = 100  # history entries

Touches = Callable[[Event], bool]
About = Callable[[Integration], Touches]  # as the customer is now
Kinds = tuple[type[Event], ...]


@dataclass(frozen=True, slots=True)
class CameFirst:
    """What a CSM reads who came too late. `is_known`: it came first; else it is just the newest."""

    event: Event
    is_known: bool


def first_among(told: Sequence[Event], touches: Touches) -> CameFirst | None:
    """The newest of these that touches what the CSM decides, else the newest. Oldest come first."""
    about = [event for event in told if touches(event)]
    # Of what happened at once, the first is what somebody did. The rest follows from it.
    for events in (about, told):
        if events:
            first = next(event for event in events if event.stamp.at == events[-1].stamp.at)
            return CameFirst(first, is_known=events is about)
    return None


def nothing(_event: Event) -> bool:
    """Where it is not known which words refuse."""
    return False


def _any_of(*kinds: type[Event]) -> About:
    return lambda _now: lambda event: isinstance(event, kinds)


OWNER = _any_of(Claimed, Unclaimed, Assigned)
ACCOUNT = _any_of(AccountSet)
DISCONNECTION = _any_of(Disconnected)
SNOOZE = _any_of(Disconnected, ReplayFinished, ReplayConfirmed, Completed, FinishedLiveOnly)


def matters(numbers: Collection[int]) -> About:
    """These matters, and the set-up that they were asked in."""

    def touches(event: Event) -> bool:
        match event:
            case CsmWrote(answers=number):
                return number in numbers
            case MattersAnswered(matters=answered):
                return bool(numbers) and (not answered or not {*numbers}.isdisjoint(answered))
        return isinstance(event, Disconnected)

    return lambda _now: touches


# --- what the customer entered --------------------------------------------------------------------

_ENTERED: Kinds = (
    PlanChosen, Upgraded, CredentialsVerified, CredentialsUnverified, TokenForgotten, Disconnected,
)  # fmt: skip
_JUDGED: Kinds = (CredentialsConfirmed, CredentialsRejected)
CREDENTIALS = _any_of(*_ENTERED, *_JUDGED)
ARRIVAL = _any_of(*_ENTERED, *_JUDGED, LiveSyncStarted, ArrivalRejected)


def _sources(now: Integration) -> Touches:
    gone = () if now.sources else _ENTERED  # another Segment workspace took them along
    kinds = (SourcesChosen, SourcesRejected, Disconnected, *gone)
    return lambda event: isinstance(event, kinds)


# --- the Replay -----------------------------------------------------------------------------------

_OF_REQUEST: Kinds = (
    ReplayRequested, ReplayRejected, ReplaySentUndone, ReplayConfirmed, ReplayConfirmedUndone,
)  # fmt: skip
_OF_ANSWER: Kinds = (ReplayScheduled, ReplayRunning, ReplayRunningUndone, ReplayFinishedUndone)


def _replay(*kinds: type[Event]) -> About:
    def about(now: Integration) -> Touches:
        gone = () if now.replay else _ENTERED  # another Segment workspace took it along
        counting = (*kinds, Disconnected, *gone)
        # Several words imply that it was sent.
        return lambda event: isinstance(event, counting) or event.stamp == now.replay_sent

    return about


def _request(now: Integration) -> Touches:
    """Whether there is a request to reject."""
    kinds = [*_OF_REQUEST, *_OF_ANSWER, ReplayFinished]
    if now.outcome is Outcome.LIVE_ONLY:
        kinds.append(FinishedLiveOnly)
    if is_withdrawn(now):
        kinds.append(SourcesChosen)
    return _replay(*kinds)(now)


REJECTS: Mapping[Rejectable, About] = {
    Rejectable.CREDENTIALS: CREDENTIALS,
    Rejectable.SOURCES: _sources,
    Rejectable.REPLAY: _request,
    Rejectable.ARRIVAL: ARRIVAL,
}
HISTORY = _replay(ReplayConfirmed, ReplayRejected, ReplayFinishedUndone)
EARLIER_HISTORY = _replay(ReplayConfirmed)
NOT_EARLIER_HISTORY = _replay(ReplayConfirmedUndone)
# What can be said of the newest request: what Segment answers, that it runs, has ended, is there.
ANSWER = _replay(*_OF_REQUEST, *_OF_ANSWER, ReplayFinished)
RUN = _replay(*_OF_REQUEST, ReplayRunning, ReplayFinished)
END = _replay(*_OF_REQUEST, ReplayFinished)
NEWEST_HISTORY = _replay(*_OF_REQUEST)
