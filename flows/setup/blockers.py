"""What keeps an integration from moving on: derived from facts and observations, never stored."""

from dataclasses import dataclass
from enum import StrEnum

from flows.csm.facts import Rejectable
from flows.model import (
    DestinationState,
    Integration,
    Screen,
    Situation,
    SourceStatus,
    Step,
    Verification,
    WaitingOn,
)
from flows.setup.replays import adds_history, is_rejected, is_with_segment, sources_taken_out
from flows.vocabulary import Plan, Source, TokenState


class Blocker(StrEnum):
    """The first outstanding thing. `bot.strings.blockers` has the texts for people and CSMs.

    Each belongs to a `step`, is dealt with on a `screen`, and is `waiting_on` somebody.
    """

    step: Step
    screen: Screen
    waiting_on: WaitingOn

    def __new__(
        cls,
        value: str,
        step: Step = Step.LIVE_SYNC,
        screen: Screen = Screen.LIVE_SYNC,
        waiting_on: WaitingOn = WaitingOn.CUSTOMER,
    ) -> "Blocker":
        blocker = str.__new__(cls, value)
        blocker._value_ = value
        blocker.step, blocker.screen, blocker.waiting_on = step, screen, waiting_on
        return blocker

    PLAN_MISSING = "plan_missing", Step.PLAN, Screen.PLAN
    CREDENTIALS_MISSING = "credentials_missing", Step.CREDENTIALS, Screen.CREDENTIALS
    WORKSPACE_MISSING = "workspace_missing", Step.CREDENTIALS, Screen.CREDENTIALS  # on Free
    CREDENTIALS_REJECTED = "credentials_rejected", Step.CREDENTIALS, Screen.CREDENTIALS
    CREDENTIALS_UNVERIFIED = (
        "credentials_unverified", Step.CREDENTIALS, Screen.LIVE_SYNC, WaitingOn.CSM
    )  # fmt: skip
    SOURCES_MISSING = "sources_missing", Step.CREDENTIALS, Screen.SOURCES
    SOURCES_REJECTED = "sources_rejected", Step.CREDENTIALS, Screen.SOURCES
    NOT_LOOKED_YET = "not_looked_yet"
    SOURCE_UNHEARD = "source_unheard", Step.LIVE_SYNC, Screen.LIVE_SYNC, WaitingOn.SEGMENT
    SOURCE_DISABLED = "source_disabled"
    DESTINATION_MISSING = "destination_missing"
    DESTINATION_DISABLED = "destination_disabled"
    NO_EVENTS = "no_events"
    ARRIVAL_UNCONFIRMED = "arrival_unconfirmed", Step.LIVE_SYNC, Screen.LIVE_SYNC, WaitingOn.CSM
    PLAN_NOT_BUSINESS = "plan_not_business", Step.HISTORIC_SYNC, Screen.UPGRADE
    REPLAY_NOT_REQUESTED = "replay_not_requested", Step.HISTORIC_SYNC, Screen.REPLAY
    REPLAY_REJECTED = "replay_rejected", Step.HISTORIC_SYNC, Screen.REPLAY
    REPLAY_NOT_SENT = "replay_not_sent", Step.HISTORIC_SYNC, Screen.REPLAY_STATUS
    REPLAY_NOT_RUNNING = (
        "replay_not_running", Step.HISTORIC_SYNC, Screen.REPLAY_STATUS, WaitingOn.SEGMENT
    )  # fmt: skip
    REPLAY_NOT_FINISHED = (
        "replay_not_finished", Step.HISTORIC_SYNC, Screen.REPLAY_STATUS, WaitingOn.SEGMENT
    )  # fmt: skip
    # What worked and no longer does. Some of the above can happen then too.
    TOKEN_REVOKED = "token_revoked", Step.CREDENTIALS, Screen.CREDENTIALS
    ROLE_REDUCED = "role_reduced", Step.CREDENTIALS, Screen.CREDENTIALS
    SOURCE_DELETED = "source_deleted", Step.LIVE_SYNC, Screen.SOURCES
    DESTINATION_DELETED = "destination_deleted"
    EVENTS_STOPPED = "events_stopped"


_NEED_NO_TOKEN = frozenset({Step.PLAN, Step.HISTORIC_SYNC})  # these go on while it is lost
_TOKEN_INCIDENTS: dict[TokenState, Blocker] = {
    TokenState.REFUSED: Blocker.TOKEN_REVOKED,
    TokenState.LACKS_CALL: Blocker.ROLE_REDUCED,
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """The first outstanding thing, and the source it is about, if any."""

    blocker: Blocker
    source: Source | None = None


def source_blocker(source: Source, status: SourceStatus | None) -> Blocked | None:
    """Why this source does not deliver, or None if it ever has and still can."""
    blocker = Blocker.NOT_LOOKED_YET if status is None else _status_blocker(status)
    return Blocked(blocker, source) if blocker else None


def _status_blocker(status: SourceStatus) -> Blocker | None:
    delivered = status.first_delivered_at is not None
    if status.deleted:
        return Blocker.SOURCE_DELETED
    if not status.enabled:
        return Blocker.SOURCE_DISABLED
    if status.unheard and not delivered:
        return Blocker.SOURCE_UNHEARD
    match status.destination:
        case DestinationState.MISSING if delivered:
            return Blocker.DESTINATION_DELETED
        case DestinationState.MISSING:
            return Blocker.DESTINATION_MISSING
        case DestinationState.DISABLED:
            return Blocker.DESTINATION_DISABLED
    if not delivered:
        return Blocker.NO_EVENTS
    return Blocker.EVENTS_STOPPED if status.stopped_at else None


def is_watched(integration: Integration) -> bool:
    """Whether there is something to ask Segment about, and a token to ask with."""
    can_ask = integration.token_entered and integration.plan is not Plan.FREE
    return bool(integration.sources and can_ask and not integration.disconnected)


def has_unchecked_token(integration: Integration) -> bool:
    """Whether a token is stored that Segment has not verified, as on Free."""
    known = integration.credentials if integration.token_entered else None
    return known is not None and known.verification is not Verification.VERIFIED


def keeps_credentials(situation: Situation) -> bool:
    """Whether what was entered can stay: nobody rejected or deleted it, and Segment accepts it."""
    integration = situation.integration
    known = None if integration.token_forgotten else integration.credentials
    return known is not None and known.accepted and lost_token(situation) is None


def lost_token(situation: Situation) -> Blocked | None:
    """A token that was good and that Segment no longer accepts, or not for every call."""
    observed = situation.observed
    if observed.token is None or not is_watched(situation.integration):
        return None
    blocker = _TOKEN_INCIDENTS.get(observed.token.state)
    return Blocked(blocker) if blocker else None


def incidents(situation: Situation) -> tuple[Blocked, ...]:
    """What worked and no longer does: first the token, then sources that had delivered.

    The progress that was made is not lost. Nothing can break in a set-up that is not watched.
    """
    integration = situation.integration
    if not is_watched(integration):
        return ()
    lost = lost_token(situation)
    found = [lost] if lost else []
    for source in integration.sources:
        status = situation.observed.statuses.get(source.id)
        if status and status.first_delivered_at and (blocked := source_blocker(source, status)):
            found.append(blocked)
    return tuple(found)


def delivering_sources(situation: Situation) -> tuple[Source, ...]:
    """The chosen sources from which at least one event has ever reached Toplyne."""
    return tuple(
        source
        for source in situation.integration.sources
        if (status := situation.observed.statuses.get(source.id)) and status.first_delivered_at
    )


def is_live(situation: Situation) -> bool:
    """Whether data arrives. On Team and Business it must come from a source that is chosen now."""
    integration = situation.integration
    if integration.live_started is None:
        return False
    return integration.plan is Plan.FREE or bool(delivering_sources(situation))


def live_sync_blocker(situation: Situation) -> Blocked | None:
    integration = situation.integration
    if integration.outcome or is_live(situation):
        return None
    if integration.plan is Plan.FREE:
        return Blocked(Blocker.ARRIVAL_UNCONFIRMED)
    return first_to_mend(situation)


def first_to_mend(situation: Situation) -> Blocked | None:
    """The first source that does not deliver, in the order in which they were chosen.

    What can be done at another source comes before what Segment does not say of one.
    """
    blocked = [
        source_blocker(s, situation.observed.statuses.get(s.id))
        for s in situation.integration.sources
    ]
    found = [each for each in blocked if each]
    heard = [each for each in found if each.blocker is not Blocker.SOURCE_UNHEARD]
    return next(iter(heard or found), None)


def credentials_blocker(integration: Integration) -> Blocked | None:
    credentials = integration.credentials
    forgotten = integration.token_forgotten and not integration.outcome
    if credentials is None and integration.plan is Plan.FREE:
        return Blocked(Blocker.WORKSPACE_MISSING)
    if credentials is None or forgotten:
        return Blocked(Blocker.CREDENTIALS_MISSING)
    if is_rejected(integration, Rejectable.CREDENTIALS):
        return Blocked(Blocker.CREDENTIALS_REJECTED)
    if credentials.verification is Verification.UNVERIFIED:
        return Blocked(Blocker.CREDENTIALS_UNVERIFIED)
    if integration.plan is not Plan.FREE and not integration.sources:
        return Blocked(Blocker.SOURCES_MISSING)
    if is_rejected(integration, Rejectable.SOURCES):
        return Blocked(Blocker.SOURCES_REJECTED)
    return None


def historic_sync_blocker(integration: Integration) -> Blocked | None:
    """What keeps the history back. A plan without Replay comes before all that needs one."""
    if integration.outcome and not adds_history(integration):
        return None
    if integration.plan is not Plan.BUSINESS and not is_with_segment(integration):
        return Blocked(Blocker.PLAN_NOT_BUSINESS)
    if integration.replay is None:
        return Blocked(Blocker.REPLAY_NOT_REQUESTED)
    if is_rejected(integration, Rejectable.REPLAY):
        return Blocked(Blocker.REPLAY_REJECTED)
    if integration.replay_sent is None and sources_taken_out(integration):
        return Blocked(Blocker.REPLAY_NOT_REQUESTED)  # it is out of date, to be prepared anew
    if integration.replay_sent is None:
        return Blocked(Blocker.REPLAY_NOT_SENT)
    if integration.replay_running is None:
        return Blocked(Blocker.REPLAY_NOT_RUNNING)
    if integration.replay_finished is None:
        return Blocked(Blocker.REPLAY_NOT_FINISHED)
    return None


def first_blocker(situation: Situation) -> Blocked | None:
    """What is broken, else the first outstanding thing. None after a disconnect."""
    if situation.integration.disconnected:
        return None
    broken = incidents(situation)
    return broken[0] if broken else setup_blocker(situation)


def setup_blocker(situation: Situation) -> Blocked | None:
    """The first outstanding thing of the set-up, even if something else is broken."""
    integration = situation.integration
    if integration.plan is None:
        return Blocked(Blocker.PLAN_MISSING)
    if integration.token_forgotten and (first := _plan_first(situation)):
        return first
    return (
        credentials_blocker(integration)
        or live_sync_blocker(situation)
        or historic_sync_blocker(integration)
    )


def _plan_first(situation: Situation) -> Blocked | None:
    """The plan without Replay, where live data arrives and the token was deleted at an end that
    somebody took back: a new token would be of use only on another plan.
    """
    integration = situation.integration
    lacks_plan = historic_sync_blocker(integration) == Blocked(Blocker.PLAN_NOT_BUSINESS)
    is_gone = credentials_blocker(integration) == Blocked(Blocker.CREDENTIALS_MISSING)
    comes_first = lacks_plan and is_gone and is_live(situation)
    return Blocked(Blocker.PLAN_NOT_BUSINESS) if comes_first else None


def due_blocker(situation: Situation) -> Blocked | None:
    """The first outstanding thing that people are reminded of: the token while it is lost.

    Nobody can look at sources then. What needs no token comes first all the same. None after a
    disconnect.
    """
    if situation.integration.disconnected:
        return None
    blocked = setup_blocker(situation)
    if blocked and blocked.blocker.step not in _NEED_NO_TOKEN:
        return lost_token(situation) or blocked
    return blocked


def replay_prerequisites(situation: Situation) -> tuple[Blocked, ...]:
    """What must hold before a Replay may be requested, and does not yet.

    The guide names two prerequisites. Checked credentials are a third, because nobody can know
    the other two without them.
    """
    integration = situation.integration
    missing: list[Blocked] = []
    if integration.plan is not Plan.BUSINESS:
        plan = Blocker.PLAN_NOT_BUSINESS if integration.plan else Blocker.PLAN_MISSING
        missing.append(Blocked(plan))
    blocked = credentials_blocker(integration)
    if blocked:
        missing.append(blocked)
    elif not is_live(situation):
        missing.append(live_sync_blocker(situation) or Blocked(Blocker.NO_EVENTS))
    return tuple(missing)


# --- on which screen it is done -------------------------------------------------------------------


def current_screen(situation: Situation) -> Screen:
    """The screen on which a person who comes back should continue.

    Of all that can break, only a lost token stops the set-up.
    """
    blocked = setup_blocker(situation)
    goes_on = blocked is not None and blocked.blocker.step in _NEED_NO_TOKEN
    if not goes_on and lost_token(situation):
        return Screen.CREDENTIALS
    return screen_of(blocked, situation.integration)


def setup_screen(situation: Situation) -> Screen:
    """The screen of the set-up's first outstanding thing, even if something else is broken."""
    return screen_of(setup_blocker(situation), situation.integration)


def screen_of(blocked: Blocked | None, integration: Integration) -> Screen:
    """The screen on which this is dealt with; the receipt if nothing is left."""
    screen = blocked.blocker.screen if blocked else Screen.RECEIPT
    if screen is Screen.SOURCES:
        return sources_screen(integration)
    return request_screen(integration) if screen is Screen.REPLAY else screen


def sources_screen(integration: Integration) -> Screen:
    """The choice of sources. Without a token nothing could check it, so the token comes first."""
    return Screen.CREDENTIALS if integration.token_forgotten else Screen.SOURCES


def request_screen(integration: Integration) -> Screen:
    """The preview, since all is filled in; the form where an answer is missing or was refused."""
    draft = integration.replay_draft
    form = is_rejected(integration, Rejectable.REPLAY) or (draft and not draft.is_complete)
    return Screen.REPLAY if form else Screen.REPLAY_PREVIEW
