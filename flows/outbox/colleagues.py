"""What colleagues were told of each other: whether it still holds, and drawing it anew if not."""

from collections.abc import Hashable, Sequence
from datetime import datetime

from flows.history import Event
from flows.model import Screen, Situation
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
from flows.recording import is_stale
from flows.setup.blockers import Blocker, due_blocker, first_blocker, lost_token
from flows.setup.events import Disconnected
from flows.setup.permissions import Wide, managing, still_asked
from flows.setup.progress import (
    ScreenState,
    all_arrives,
    comes_next,
    is_connected,
    screen_state,
)

MOST_REDRAWN = 30


def is_awaited(asked: ColleagueAsked, situation: Situation) -> bool:
    """Whether somebody still waits for this colleague. What is done can be asked for once more."""
    state = screen_state(asked.screen, situation)
    if state in (ScreenState.ENDED, ScreenState.NOT_NEEDED):
        return False
    if asked.screen is Screen.LIVE_SYNC and all_arrives(situation):
        return False
    newest = _asked_at(asked, situation)
    return not asked.to or (newest is not None and asked.at in (None, newest))


def is_asked_anew(asked: ColleagueAsked, situation: Situation) -> bool:
    """Whether a newer message asks the same colleague for the same."""
    return asked.at is not None and _asked_at(asked, situation) not in (None, asked.at)


def _asked_at(asked: ColleagueAsked, situation: Situation) -> datetime | None:
    wanted = (asked.to, asked.screen)
    waiting = still_asked(situation.integration)
    return next((e.asked.at for e in waiting if (e.user_id, e.screen) == wanted), None)


def became_of(news: DelegationNews, situation: Situation) -> ScreenState:
    """How far it is now what this news called done, or not done.

    What was done already when somebody was asked to do it once more is open until it is done anew.
    """
    state = screen_state(news.screen, situation)
    if state is not ScreenState.DONE or news.how is Heard.DONE:
        return state
    if news.screen is Screen.LIVE_SYNC and all_arrives(situation):
        return state
    is_newer = is_stale(situation.integration, news.screen, news.revision)
    return state if is_newer else ScreenState.OPEN


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
    next_one = comes_next(situation)
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
    reached = of.says_connected, of.live_started, of.outcome, of.reopened, of.past_replays
    asked = of.replay, of.replay_sent, of.replay_scheduled, of.replay_running, of.csm.rejections
    return who, entered, reached, asked


def _seen(situation: Situation) -> tuple[object, ...]:
    blocked = first_blocker(situation.integration, situation.observed)
    return (
        blocked,
        lost_token(situation.integration, situation.observed),
        is_connected(situation),
        all_arrives(situation),
    )


async def redraw_news(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change: draws anew what colleagues were told and does not hold any more.

    What is still on its way may have been rendered already, so it is drawn again behind it. What
    this change tells is not among it yet.
    """
    if are_alike(before, after):
        return
    of, is_over = after.integration, any(isinstance(event, Disconnected) for event in events)
    for told in await work.outbox.among_colleagues(of.id, MOST_REDRAWN):
        body = told.message.body
        if isinstance(body, Farewell):
            return  # what is older belongs to an earlier set-up
        if isinstance(body, AMONG_COLLEAGUES) and (
            is_over or says(body, before) != says(body, after)
        ):
            mark = f"news:{of.revision}:{after.now.timestamp():.3f}"
            await work.outbox.add(redraw(of.id, told.message.reader, told.message.key, mark))
