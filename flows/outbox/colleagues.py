"""What colleagues were told of each other: whether it still holds, and drawing it anew if not."""

from collections.abc import Hashable, Sequence
from enum import StrEnum

from flows.csm.facts import Rejectable
from flows.history import Event
from flows.model import Integration, Screen, Situation, Step
from flows.outbox.announce import redraw
from flows.outbox.bodies import (
    AskedToGoOn,
    ColleagueAsked,
    DelegationNews,
    Farewell,
    Heard,
    Personal,
)
from flows.outbox.messages import AMONG_COLLEAGUES
from flows.ports import UnitOfWork
from flows.setup.blockers import (
    Blocked,
    Blocker,
    credentials_blocker,
    due_blocker,
    first_blocker,
    incidents,
    is_live,
    lost_token,
    source_blocker,
)
from flows.setup.events import Disconnected
from flows.setup.permissions import Wide, managing
from flows.setup.replays import is_rejected, is_with_segment, sources_taken_out
from flows.vocabulary import Plan

MOST_REDRAWN = 30


class Became(StrEnum):
    """How far it is what somebody was asked to do."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"  # the plan has no such thing
    ENDED = "ended"  # with its set-up


def state_of(screen: Screen, situation: Situation) -> Became:
    """How far the answer of one screen is now, whoever gave it."""
    integration = situation.integration
    if integration.disconnected:
        return Became.ENDED
    if _has_no(screen, integration):
        return Became.NOT_NEEDED
    return Became.DONE if _is_done(screen, situation) else Became.OPEN


def _has_no(screen: Screen, integration: Integration) -> bool:
    if integration.plan is None:
        return False
    if screen is Screen.SOURCES:
        return integration.plan is Plan.FREE
    if screen not in _OF_REPLAY or is_with_segment(integration):
        return False
    return integration.plan is not Plan.BUSINESS


_REQUEST = (Screen.REPLAY, Screen.REPLAY_EVENTS, Screen.REPLAY_PREVIEW)
_OF_REPLAY = (*_REQUEST, Screen.REPLAY_STATUS)


def _is_done(screen: Screen, situation: Situation) -> bool:
    integration = situation.integration
    match screen:
        case Screen.PLAN:
            return integration.plan is not None
        case Screen.CREDENTIALS:
            blocked = credentials_blocker(integration)
            return not (blocked and blocked.blocker.screen is screen) and not _lost(situation)
        case Screen.SOURCES:
            chosen = bool(integration.sources)
            return chosen and not is_rejected(integration, Rejectable.SOURCES)
        case Screen.LIVE_SYNC:
            return _is_connected(situation)
        case Screen.WRITE_BACK:
            return bool(integration.write_back.skipped or integration.write_back.entered)
        case Screen.UPGRADE:
            return integration.plan is Plan.BUSINESS or integration.outcome is not None
        case Screen.REPLAY_STATUS:
            return integration.replay_sent is not None
        case Screen.RECEIPT:
            return integration.outcome is not None
    sent_back = is_rejected(integration, Rejectable.REPLAY)
    return integration.replay is not None and not sent_back and not sources_taken_out(integration)


def _lost(situation: Situation) -> Blocked | None:
    return lost_token(situation.integration, situation.observed)


def _is_connected(situation: Situation) -> bool:
    """Data arrives and nothing of it broke. On Free, the customer says so."""
    integration = situation.integration
    if integration.plan is Plan.FREE:
        return bool(integration.says_connected or integration.live_started)
    broken = incidents(integration, situation.observed)
    works = not any(each.blocker.step is Step.LIVE_SYNC for each in broken)
    return works and is_live(integration, situation.observed)


def _all_arrives(situation: Situation) -> bool:
    """Whether nothing is left to connect: other sources may be silent while live sync is done."""
    integration, statuses = situation.integration, situation.observed.statuses
    silent = (source_blocker(each, statuses.get(each.id)) for each in integration.sources)
    return _is_connected(situation) and not any(silent)


def is_awaited(asked: ColleagueAsked, situation: Situation) -> bool:
    """Whether somebody still waits for this colleague. What is done can be asked for once more."""
    became = state_of(asked.screen, situation)
    if became in (Became.ENDED, Became.NOT_NEEDED):
        return False
    if asked.screen is Screen.LIVE_SYNC and _all_arrives(situation):
        return False
    return not asked.to or any(
        each.is_open and (each.user_id, each.screen) == (asked.to, asked.screen)
        for each in situation.integration.asked
    )


def became_of(news: DelegationNews, situation: Situation) -> Became:
    """How far it is now what this news called done, or not done.

    What was done already when somebody was asked to do it once more is open until it is done anew.
    """
    became = state_of(news.screen, situation)
    if became is not Became.DONE or news.how is Heard.DONE:
        return became
    if news.screen is Screen.LIVE_SYNC and _all_arrives(situation):
        return became
    is_newer = situation.integration.changed.get(news.screen, 0) > news.revision
    return became if is_newer else Became.OPEN


def still_asks(asked: AskedToGoOn, situation: Situation) -> bool:
    """Whether the set-up still waits for what it did when a colleague asked to go on."""
    if situation.integration.disconnected:
        return False
    return not asked.to or asked.waits_for == _waits_for(situation)


def may_add(asked: AskedToGoOn, situation: Situation) -> bool:
    """Whether the reader can let whoever asked manage the set-up, who cannot yet."""
    able = managing(situation.integration, Wide.MANAGE)
    return situation.integration.begun and asked.by not in able and asked.to in ("", *able)


def _waits_for(situation: Situation) -> Blocker | None:
    blocked = first_blocker(situation.integration, situation.observed)
    return blocked.blocker if blocked else None


# --- drawn again ----------------------------------------------------------------------------------


def says(body: Personal, situation: Situation) -> Hashable:
    """What the message depends on. While this is the same, it says the same."""
    integration = situation.integration
    next_one = first_blocker(integration, situation.observed)
    label = integration.credentials and integration.credentials.workspace
    where = integration.begun, integration.outcome, integration.disconnected, label
    match body:
        case ColleagueAsked():
            due = due_blocker(integration, situation.observed)
            shown = where, due, integration.sources
            return label, is_awaited(body, situation) and shown
        case DelegationNews(how=Heard.DONE):
            return became_of(body, situation), where, next_one
        case DelegationNews():
            return became_of(body, situation), where
        case AskedToGoOn():
            asks = still_asks(body, situation), may_add(body, situation)
            return label, asks[0] and (asks, where, next_one)
        case _:
            return integration.disconnected, label


def are_alike(before: Situation, after: Situation) -> bool:
    """Whether none of these messages says anything else now, for all that they depend on."""
    if before.integration is not after.integration and _facts(before) != _facts(after):
        return False
    return before.observed is after.observed or _seen(before) == _seen(after)


def _facts(situation: Situation) -> tuple[object, ...]:
    of = situation.integration
    who = of.asked, of.added, of.started, of.begun, of.disconnected
    entered = of.plan, of.credentials, of.token_forgotten, of.sources, of.changed, of.write_back
    reached = of.says_connected, of.live_started, of.replay, of.replay_sent, of.replay_running
    return who, entered, reached, of.outcome, of.reopened, of.past_replays, of.csm.rejections


def _seen(situation: Situation) -> tuple[object, ...]:
    blocked = first_blocker(situation.integration, situation.observed)
    return blocked, _lost(situation), _is_connected(situation), _all_arrives(situation)


async def redraw_news(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change: draws anew what colleagues were told and does not hold any more.

    What is still on its way may have been rendered already, so it is drawn again behind it.
    """
    if are_alike(before, after):
        return
    of, is_over = after.integration, False
    left = any(isinstance(event, Disconnected) for event in events)
    for told in await work.outbox.among_colleagues(of.id, MOST_REDRAWN):
        body = told.message.body
        if isinstance(body, Farewell):
            if not left or is_over:
                return  # what is older belongs to an earlier set-up
            is_over = True
        elif isinstance(body, AMONG_COLLEAGUES) and (
            is_over or says(body, before) != says(body, after)
        ):
            mark = f"news:{of.revision}:{after.now.timestamp():.3f}"
            await work.outbox.add(redraw(of.id, told.reader, told.message.key, mark))
