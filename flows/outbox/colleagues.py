"""What colleagues were told of each other: whether it still holds."""

from datetime import datetime

from flows.model import Screen, Situation
from flows.outbox.bodies import AskedToGoOn, ColleagueAsked, DelegationNews, Heard
from flows.recording import is_stale
from flows.setup.blockers import Blocker, first_blocker
from flows.setup.permissions import Wide, managing, still_asked
from flows.setup.progress import ScreenState, all_arrives, screen_state


def is_awaited(asked: ColleagueAsked, situation: Situation) -> bool:
    """Whether somebody still waits for this colleague. What is done can be asked for once more."""
    state = screen_state(asked.screen, situation)
    if state in (ScreenState.ENDED, ScreenState.NOT_NEEDED):
        return False
    if asked.screen is Screen.LIVE_SYNC and all_arrives(situation):
        return False
    newest = _asked_at(asked, situation)
    return not asked.to or (newest is not None and asked.at in (None, newest))


def asked_on_to(asked: ColleagueAsked, situation: Situation) -> str:
    """Whom this colleague has asked to do it in their place, if that is still open."""
    waiting = (each for each in still_asked(situation.integration) if each.asked.by == asked.to)
    later = (each for each in waiting if asked.at is None or each.asked.at > asked.at)
    return next((each.user_id for each in later if each.screen is asked.screen), "")


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
    blocked = first_blocker(situation)
    return blocked.blocker if blocked else None
