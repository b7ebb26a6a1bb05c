"""Which screen follows which, and which ones a person can reach."""

from flows.model import Screen, Situation
from flows.setup.blockers import current_screen, setup_screen, sources_screen
from flows.setup.replays import is_under_way
from flows.vocabulary import Plan

ORDER = (Screen.PLAN, Screen.CREDENTIALS, Screen.SOURCES, Screen.LIVE_SYNC)


def screen_after(screen: Screen, situation: Situation) -> Screen:
    """The screen after this one: the next in order if all is filled in, else what is missing."""
    current = current_screen(situation)
    following = ORDER[ORDER.index(screen) + 1]
    if current not in ORDER and situation.integration.token_forgotten:
        return current  # what stands between needs a token
    if current in ORDER and ORDER.index(current) <= ORDER.index(following):
        return current
    if following is Screen.SOURCES and situation.integration.plan is Plan.FREE:
        return Screen.LIVE_SYNC
    return following


def reachable(situation: Situation, wanted: Screen) -> Screen:
    """The screen that was asked for, or the first one that must come before it."""
    current = current_screen(situation)
    if wanted is Screen.SOURCES:
        wanted = sources_screen(situation.integration)
    if wanted is Screen.WRITE_BACK:
        return wanted if situation.integration.live_started else current
    if wanted is Screen.REPLAY_STATUS and is_under_way(situation.integration):
        return wanted
    if wanted in ORDER:
        is_ahead = current in ORDER and ORDER.index(wanted) > ORDER.index(current)
        return current if is_ahead else wanted
    return setup_screen(situation)
