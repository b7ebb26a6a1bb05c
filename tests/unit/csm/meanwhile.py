"""What a colleague or the customer can do while a CSM has a window open, by the real steps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from flows.checks.question import TokenAccepted
from flows.csm import steps
from flows.csm.facts import Rejectable
from flows.csm.marks import (
    ReplayMark,
    confirm_history,
    confirmed_before,
    retract_history,
    unconfirmed_before,
)
from flows.model import Screen, Situation, TokenKind, Verification
from flows.recording import Change
from flows.reminders import steps as reminders
from flows.replay import steps as replay
from flows.replay import undoing
from flows.setup import leaving
from flows.setup import steps as setup
from flows.vocabulary import Plan, Region, Source, Stamp, Workspace
from tests.unit.views.message_cases import request

Step = Callable[[Situation, Stamp], Change]

ANOTHER_DAY = date(2026, 6, 16)


def _answers(now: Situation, by: Stamp) -> Change:
    for matter in now.integration.csm.questions[:1]:
        return steps.write(now.integration, matter.number, "Any role will do.", "Tom", by)
    return Change(now.integration)


def _marks_answered(now: Situation, by: Stamp) -> Change:
    numbers = [each.number for each in now.integration.csm.open_matters]
    return steps.answered(now.integration, numbers, by)


def _other_workspace(now: Situation, by: Stamp) -> Change:
    workspace = Workspace("beta-shop", "b" * 22, "Beta")
    found = TokenAccepted(TokenKind.PUBLIC_API, Verification.UNVERIFIED, workspace, Region.US)
    return setup.accept_token(now.integration, found, by)


def _other_request(now: Situation, by: Stamp) -> Change:
    known = now.integration.replay
    if known is None or now.integration.credentials is None:
        return Change(now.integration)
    newer = replace(request(now.integration), number=known.number + 1, requested=by)
    return replay.request_replay(now.integration, newer)


def _both(one: Step, other: Step) -> Step:
    def step(now: Situation, by: Stamp) -> Change:
        first = one(now, by)
        if not first.events:
            return first
        second = other(replace(now, integration=first.integration), by)
        return Change(second.integration, (*first.events, *second.events))

    return step


def _rejects(what: Rejectable) -> Step:
    return lambda now, by: steps.reject(now.integration, what, "Please correct it", by)


def _marks(mark: ReplayMark) -> Step:
    assert mark.rule.step
    return mark.rule.step


def _reports(mark: replay.Mark) -> Step:
    return lambda now, by: replay.mark_replay(now, mark, by)


def _confirms_the_earlier(now: Situation, by: Stamp) -> Change:
    past = unconfirmed_before(now.integration)
    return confirm_history(now, past.number, by) if past else Change(now.integration)


def _takes_the_earlier_back(now: Situation, by: Stamp) -> Change:
    past = confirmed_before(now.integration)
    return retract_history(now.integration, past.number, by) if past else Change(now.integration)


def _takes_back(mark: replay.Mark) -> Step:
    return lambda now, by: undoing.undo(now, mark, by)


def _disconnects(now: Situation, by: Stamp) -> Change:
    return leaving.disconnect(now.integration, by)


def _takes_the_day_back(now: Situation, by: Stamp) -> Change:
    return replay.schedule_replay(now.integration, None, "", by, no_day=True)


def _schedules(now: Situation, by: Stamp) -> Change:
    return replay.schedule_replay(now.integration, ANOTHER_DAY, "99", by)


# What each happening is about, then what it is.
OWNER: Mapping[str, Step] = {
    "Tom claims": lambda now, by: steps.claim(now.integration, by),
    "Tom gives back": lambda now, by: steps.unclaim(now.integration, by),
    "Tom assigns": lambda now, by: steps.assign(now.integration, "U0KIM", by),
}
ACCOUNT: Mapping[str, Step] = {
    "Tom sets it": lambda now, by: steps.set_account(now.integration, "Another", by)
}
ANSWERS: Mapping[str, Step] = {"Tom answers": _answers, "Tom marks as answered": _marks_answered}
WORDS: Mapping[str, Step] = {
    "Tom writes": lambda now, by: steps.write(now.integration, None, "Hello", "Tom", by),
    "Bob asks for help": lambda now, by: setup.ask_help(now.integration, Screen.PLAN, "", by),
    "Bob replies": lambda now, by: steps.reply(now.integration, "Thank you", by),
    "Bob passes a question on": lambda now, by: replay.ask_about_replay(
        now.integration, "Which space?", by
    ),
}
CREDENTIALS: Mapping[str, Step] = {
    "Tom confirms them": lambda now, by: steps.confirm(now.integration, by),
    "Tom sees data arrive": lambda now, by: steps.confirm_arrival(now.integration, by),
    "Tom rejects them": _rejects(Rejectable.CREDENTIALS),
    "Bob chooses another plan": lambda now, by: setup.choose_plan(now.integration, Plan.TEAM, by),
}
ARRIVING_NOT: Mapping[str, Step] = {"Tom sees no data arrive": _rejects(Rejectable.ARRIVAL)}
WORKSPACE: Mapping[str, Step] = {"Bob enters another workspace": _other_workspace}
SOURCES: Mapping[str, Step] = {
    "Tom rejects the sources": _rejects(Rejectable.SOURCES),
    "Bob chooses others": lambda now, by: setup.choose_sources(
        now.integration, (Source("src9", "source-9", "Backend"),), by
    ),
}
REQUEST: Mapping[str, Step] = {
    "Tom rejects the request": _rejects(Rejectable.REPLAY),
    "Bob prepares another": _other_request,
}
SENDING: Mapping[str, Step] = {
    "Tom says it was not sent": _marks(ReplayMark.NOT_SENT),
    "Bob takes sent back": _takes_back(replay.Mark.SENT),
    "Bob sends it anew": _both(_takes_back(replay.Mark.SENT), _reports(replay.Mark.SENT)),
}
SENT: Mapping[str, Step] = {"Bob sends it": _reports(replay.Mark.SENT)}
PLANNED: Mapping[str, Step] = {
    "Tom schedules it": _schedules,
    "Tom takes the day back": _takes_the_day_back,
    "Bob reports a day": _schedules,
}
RUNS: Mapping[str, Step] = {
    "Tom says it runs": _marks(ReplayMark.RUNNING),
    "Bob says it runs": _reports(replay.Mark.RUNNING),
}
RUNS_NOT: Mapping[str, Step] = {
    "Tom says it does not run": _marks(ReplayMark.NOT_RUNNING),
    "Bob takes back that it runs": _takes_back(replay.Mark.RUNNING),
}
ENDS: Mapping[str, Step] = {
    "Tom says it has finished": _marks(ReplayMark.FINISHED),
    "Bob says it has finished": _reports(replay.Mark.FINISHED),
}
ENDS_NOT: Mapping[str, Step] = {
    "Tom says it has not finished": _marks(ReplayMark.NOT_FINISHED),
    "Bob takes back that it has finished": _takes_back(replay.Mark.FINISHED),
}
CONFIRMED: Mapping[str, Step] = {"Tom says the history is there": _marks(ReplayMark.CONFIRMED)}
EARLIER: Mapping[str, Step] = {"Tom says the earlier history is there": _confirms_the_earlier}
EARLIER_NOT: Mapping[str, Step] = {
    "Tom says the earlier history is not there": _takes_the_earlier_back
}
CONFIRMED_NOT: Mapping[str, Step] = {
    "Tom says the history is not there": _marks(ReplayMark.NOT_CONFIRMED)
}
LIVE_ONLY: Mapping[str, Step] = {
    "Bob finishes with live data": lambda now, by: setup.finish_live_only(now.integration, by)
}
QUIET: Mapping[str, Step] = {
    "Tom snoozes": lambda now, by: reminders.csm_snooze(
        now.integration, by.at + timedelta(hours=1), by
    ),
    "Bob snoozes": lambda now, by: reminders.snooze(
        now.integration, by.at + timedelta(hours=1), by
    ),
}
STOPPED: Mapping[str, Step] = {
    "Bob stops reminders": lambda now, by: reminders.stop(now.integration, "", by)
}
LEAVING: Mapping[str, Step] = {
    "Bob disconnects": _disconnects,
    "Bob begins anew": _both(_disconnects, lambda now, by: setup.begin(now.integration, by)),
}
HAPPENINGS: Mapping[str, Step] = {
    **OWNER, **ACCOUNT, **ANSWERS, **WORDS, **CREDENTIALS, **WORKSPACE, **SOURCES, **REQUEST,
    **SENDING, **SENT, **PLANNED, **RUNS, **RUNS_NOT, **ENDS, **ENDS_NOT, **CONFIRMED,
    **CONFIRMED_NOT, **ARRIVING_NOT,
    **EARLIER, **EARLIER_NOT, **LIVE_ONLY, **QUIET, **STOPPED, **LEAVING,
}  # fmt: skip
