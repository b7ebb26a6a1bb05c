"""Events of the history in words, for Home and for the CSM channel's thread."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.strings import events as strings
from bot.strings import messages, names
from bot.views.kit.text import EVERYBODY, TOPLYNE, code, escape, moment, name, utc
from bot.views.kit.wording import blocked_text
from flows.csm.facts import Reason
from flows.errors import ErrorCode
from flows.history import Event, EventKind
from flows.model import Screen
from flows.secret_shapes import looks_secret
from flows.setup.blockers import Blocked, Blocker
from flows.toplyne.model import NO_KEY, NO_WEBHOOK, TOO_SLOW, DeliveryKind
from flows.vocabulary import Plan, Region, Source

Named = Callable[[str], str]
LONG = 300  # letters of a list of sources, a reason or a note


def home_line(event: Event, named: Named) -> str:
    """One event for the customer; `named` turns a user id into what stands for that person."""
    if event.of_toplyne:
        return strings.HOME_LINE[event.kind].format(**_words(event, lambda _: TOPLYNE))
    template = strings.HOME_RAN_OUT if _has_run_out(event) else strings.HOME_LINE[event.kind]
    return template.format(**_words(event, named))


def thread_line(event: Event, named: Named) -> str:
    """One event for CSMs. Raises KeyError for events that do not belong into the thread."""
    template = strings.THREAD_RAN_OUT if _has_run_out(event) else strings.THREAD_LINE[event.kind]
    return template.format(**_words(event, named))


def _has_run_out(event: Event) -> bool:
    return event.kind is EventKind.STUCK and "blocker" in event.params


def said(text: str) -> str:
    """What somebody wrote, unless it looks like a secret."""
    return messages.WITHHELD if looks_secret(text) else name(text, LONG)


def problem_words(code: str) -> str:
    """An error's code in a few words, for somebody who was not there."""
    try:
        return strings.PROBLEM[ErrorCode(code)]
    except ValueError:
        return strings.PROBLEM_UNKNOWN


def _words(event: Event, named: Named) -> Mapping[str, str]:
    params = event.params
    words = {
        "who": named(event.by) if event.by else strings.APP,
        "to": named(params["to"]) if params.get("to") else strings.SOMEBODY,
        "problem": problem_words(params.get("code", "")),
        "reason": said(params.get("reason", "")),
        "workspace": name(params.get("workspace", "")),
        "sources": name(params.get("sources", ""), LONG),
        "number": escape(params.get("number", "")),
        "date": escape(params.get("date", "")),
        "account": said(params.get("account", "")) or strings.ACCOUNT_NONE,
        **_matter_words(params),
        "plan": names.PLAN[Plan(params["plan"])] if "plan" in params else "",
    }
    return {
        **words,
        **_screen_words(params),
        **_reminder_words(params),
        **_replay_words(params),
        **_optional(event, words),
        **_handed_words(params),
    }


def promised(on: str, ticket: str) -> str:
    """What Segment promised, to go on a sentence; empty where that is nothing."""
    when = strings.SCHEDULED_ON.format(date=escape(on)) if on else ""
    return when + (strings.SCHEDULED_TICKET.format(ticket=escape(ticket)) if ticket else "")


def _matter_words(params: Mapping[str, str]) -> Mapping[str, str]:
    if "matter" not in params:
        return {"matter": "", "since": "", "channel": EVERYBODY}
    since = moment(datetime.fromisoformat(params["since"]))
    matter = strings.MATTER[Reason(params["matter"])]
    return {"matter": matter, "since": since, "channel": EVERYBODY}


def _reminder_words(params: Mapping[str, str]) -> Mapping[str, str]:
    about = ""
    if params.get("blocker"):
        label = params.get("source", "")
        source = Source("", "", label) if label else None
        about = blocked_text(Blocked(Blocker(params["blocker"]), source)).csm
    which = strings.QUIET_ONE.format(about=about) if about else strings.QUIET_ALL
    until = moment(datetime.fromisoformat(params["until"])) if "until" in params else ""
    return {"about": about, "which": which, "until": until}


def _handed_words(params: Mapping[str, str]) -> Mapping[str, str]:
    """What Toplyne's backend was given, as which delivery, and why it was not taken."""
    what = params.get("what", "")
    return {
        "handed": handed_words(DeliveryKind(what), params.get("number", "")) if what else "",
        "failure": failure_words(params.get("error", "")),
        "delivery": code(params.get("delivery", "")),
    }


def handed_words(kind: DeliveryKind, number: str) -> str:
    return strings.HANDED[kind].format(number=escape(number))


def failure_words(error: str) -> str:
    """Why a try did not succeed, from its short name."""
    if error.isdigit():
        return strings.FAILURE_ANSWERED.format(status=error)
    if error in (NO_WEBHOOK, NO_KEY):
        return strings.FAILURE_SETTINGS
    return strings.FAILURE_SLOW if error == TOO_SLOW else strings.FAILURE_UNREACHABLE


def _replay_words(params: Mapping[str, str]) -> Mapping[str, str]:
    """Of a Replay that is scheduled, and of the summary at its end."""
    left = params.get("open", "0")
    moments = (params.get("start"), params.get("end"))
    start, end = (utc(datetime.fromisoformat(at)) if at else "" for at in moments)
    everything = params.get("events") == "all"
    return {
        "scheduled": promised(params.get("on", ""), params.get("ticket", "")),
        "start": start,
        "end": end,
        "events": strings.ALL_EVENTS if everything else strings.SOME_EVENTS,
        "region": names.REGION[Region(params["region"])] if "region" in params else "",
        "open": strings.NOTHING_OPEN if left == "0" else strings.LEFT_OPEN.format(count=left),
    }


def _screen_words(params: Mapping[str, str]) -> Mapping[str, str]:
    if not params.get("screen"):
        return {"place": strings.PLACE_UNKNOWN, "task": ""}
    screen = Screen(params["screen"])
    return {"place": names.SCREEN[screen], "task": messages.TASK[screen]}


def _optional(event: Event, words: Mapping[str, str]) -> Mapping[str, str]:
    """Parts of a sentence that are left out where there is nothing to say."""
    params = event.params
    note = params.get("note", "")
    found = {
        "source": _source_words(event, words),
        "by": strings.BY.format(who=words["who"]) if event.by else "",
        "note": strings.NOTE.format(note=said(note)) if note else "",
    }
    if event.kind is EventKind.HELP_ASKED:
        code = params.get("code", "")
        problem = strings.LAST_PROBLEM.format(problem=words["problem"]) if code else ""
        return {**found, "problem": problem}
    return found


def _source_words(event: Event, words: Mapping[str, str]) -> str:
    """With which source live sync started, or which CSM saw it."""
    source = event.params.get("source", "")
    if source:
        return strings.OF_SOURCE.format(source=name(source))
    return strings.SEEN_BY.format(who=words["who"]) if event.by else ""
