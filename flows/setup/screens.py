"""Which screen follows which, and which ones a person may see."""

from flows.model import Integration, Screen, Situation
from flows.setup.blockers import current_screen, due_screen
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import Plan

ORDER = (Screen.PLAN, Screen.CREDENTIALS, Screen.SOURCES, Screen.LIVE_SYNC)


def screen_after(screen: Screen, situation: Situation) -> Screen:
    """The screen after this one: the next in order if all is filled in, else what is missing."""
    current = current_screen(situation.integration, situation.observed)
    following = ORDER[ORDER.index(screen) + 1]
    if current in ORDER and ORDER.index(current) <= ORDER.index(following):
        return current
    if following is Screen.SOURCES and situation.integration.plan is Plan.FREE:
        return Screen.LIVE_SYNC
    return following


def reachable(situation: Situation, wanted: Screen) -> Screen:
    """The screen that was asked for, or the first one that must come before it."""
    current = current_screen(situation.integration, situation.observed)
    if wanted is Screen.WRITE_BACK:
        return wanted if situation.integration.live_started else current
    if wanted in ORDER and current in ORDER:
        return wanted if ORDER.index(wanted) <= ORDER.index(current) else current
    if wanted in ORDER:
        return wanted
    return due_screen(situation.integration, situation.observed)


def current(situation: Situation) -> ShowStep:
    """Where the person should be now."""
    return ShowStep(current_screen(situation.integration, situation.observed), situation)


def why_newer(integration: Integration, user_id: str) -> Notice:
    """Why a person sees a newer state than the one they answered."""
    last = integration.last_active
    own = last is not None and last.by == user_id
    return Notice.ALREADY_DONE if own else Notice.CHANGED_BY_COLLEAGUE
