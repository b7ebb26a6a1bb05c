"""Events of the history in words, for Home and for the CSM channel's thread."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import singledispatch

from bot.strings import events as strings
from bot.strings import messages, names
from bot.strings.blockers import SOURCE_UNNAMED
from bot.views.kit.name_list import first_of, name_list
from bot.views.kit.text import EVERYBODY, TOPLYNE, code, day, escape, moment, name, utc
from bot.views.kit.wording import blocked_text
from flows.checks.events import OfIncident
from flows.csm import events as csm
from flows.errors import ErrorCode
from flows.history import Event
from flows.reminders import events as reminders
from flows.replay import events as replay
from flows.secret_shapes import looks_secret
from flows.setup import events as setup
from flows.setup.blockers import Blocked, Blocker
from flows.toplyne.events import OfDelivery, ToplyneDelayed, ToplyneFailed
from flows.toplyne.model import NO_KEY, NO_WEBHOOK, SECRET_LOST, TOO_SLOW, DeliveryKind
from flows.vocabulary import Happened, Source

NameOf = Callable[[str], str]
Words = Mapping[str, str]
LONG = 300  # letters shown of a reason or a note


def home_line(event: Event, named: NameOf) -> str:
    """One event for the customer. `named` turns a user id into a name or a mention."""
    anybody = (lambda _: TOPLYNE) if event.stamp.of_toplyne else named
    return _line(strings.HOME_LINE[type(event)], event, anybody)


def thread_line(event: Event, named: NameOf) -> str:
    """One event for CSMs. Raises `KeyError` for events that do not belong in the thread."""
    return _line(strings.THREAD_LINE[type(event)], event, named)


def people_in(event: Event) -> tuple[list[str], list[str]]:
    """User ids that its line for CSMs names: first the customer's (or unsure ones), then CSMs'."""
    named: dict[str, None] = {}

    def keep(user_id: str) -> str:
        named[user_id] = None
        return ""

    thread_line(event, keep)
    csms = {event.stamp.by} if event.stamp.of_toplyne else set[str]()
    if isinstance(event, csm.Assigned):
        csms.add(event.to)
    theirs = [each for each in named if each and each not in csms]
    return theirs, [each for each in named if each in csms]


def _line(template: str, event: Event, named: NameOf) -> str:
    by = event.stamp.by
    return template.format(who=named(by) if by else strings.APP, **_words(event, named))


def said(text: str) -> str:
    """What somebody wrote, unless it looks like a secret."""
    return messages.WITHHELD if looks_secret(text) else name(text, LONG)


def problem_words(code: str) -> str:
    """An error's code in a few words, for a reader who was not there."""
    try:
        return strings.PROBLEM[ErrorCode(code)]
    except ValueError:
        return strings.PROBLEM_UNKNOWN


def promised(
    on: date | None, ticket: str, missed: date | None = None, mistaken: date | None = None
) -> str:
    """What Segment promised, what it missed and what it never said, to continue a sentence. Empty
    if nothing.
    """
    when = strings.SCHEDULED_ON.format(date=day(on)) if on else ""
    number = strings.SCHEDULED_TICKET.format(ticket=escape(ticket)) if ticket else ""
    passed = strings.SCHEDULED_MISSED.format(date=day(missed)) if missed else ""
    wrong = strings.SCHEDULED_MISTAKEN.format(date=day(mistaken)) if mistaken else ""
    return when + number + passed + wrong


def handed_words(kind: DeliveryKind, number: int | None) -> str:
    return strings.HANDED[kind].format(number=number)


_FAILURES = {
    NO_WEBHOOK: strings.FAILURE_SETTINGS,
    NO_KEY: strings.FAILURE_SETTINGS,
    SECRET_LOST: strings.FAILURE_KEY,
    TOO_SLOW: strings.FAILURE_SLOW,
}


def failure_words(error: str) -> str:
    """Why an attempt failed, from the short name of the error."""
    if error.isdigit():
        return strings.FAILURE_ANSWERED.format(status=error)
    return _FAILURES.get(error, strings.FAILURE_UNREACHABLE)


# --- what the text of an event contains besides who -----------------------------------------------


@singledispatch
def _words(event: Happened, _named: NameOf) -> Words:
    """The details of an event for its text. Most kinds have none."""
    return {}


@_words.register
def _(event: setup.PlanChosen, _named: NameOf) -> Words:
    return {"plan": names.PLAN[event.plan]}


@_words.register
def _(event: setup.Upgraded, _named: NameOf) -> Words:
    return {"date": day(event.day)}


@_words.register
def _(event: setup.CheckFailed | setup.Stuck, _named: NameOf) -> Words:
    return {"problem": problem_words(event.code or "")}


@_words.register
def _(event: setup.CredentialsVerified | setup.CredentialsUnverified, _named: NameOf) -> Words:
    return {"workspace": name(event.workspace)}


@_words.register
def _(event: setup.Disconnected, _named: NameOf) -> Words:
    ticket = strings.SCHEDULED_TICKET.format(ticket=escape(event.ticket)) if event.ticket else ""
    runs = strings.REPLAY_RUNS.format(ticket=ticket) if event.runs else ""
    if not event.instead:
        return {"instead": "", "runs": runs}
    words = {"instead": name(event.instead), "workspace": name(event.workspace)}
    return {"instead": strings.INSTEAD.format(**words), "runs": runs}


@_words.register
def _(event: setup.SourcesChosen, _named: NameOf) -> Words:
    return {"sources": name_list(event.sources)}


@_words.register
def _(event: setup.LiveSyncStarted, named: NameOf) -> Words:
    """The source it started with, or the CSM who saw it."""
    if event.source:
        sources = name_list(each.label for each in (event.source, *event.others))
        began_with = strings.OF_SOURCES.format(sources=sources)
        return {"source": began_with, "began_with": began_with}
    by = event.stamp.by
    return {"source": strings.SEEN_BY.format(who=named(by)) if by else "", "began_with": ""}


@_words.register
def _(event: setup.FinishedLiveOnly, named: NameOf) -> Words:
    by = event.stamp.by
    return {"by": strings.BY.format(who=named(by)) if by else ""}


@_words.register
def _(event: setup.Delegated | setup.Declined, named: NameOf) -> Words:
    return {"to": named(event.to), "task": messages.TASK[event.screen]}


@_words.register
def _(event: setup.ManagersChanged, named: NameOf) -> Words:
    def listed(words: str, users: tuple[str, ...]) -> str:
        return words.format(who=first_of(map(named, users))) if users else ""

    return {
        "added": listed(strings.ADDED, event.added),
        "removed": listed(strings.REMOVED, event.removed),
    }


@_words.register
def _(event: setup.HelpAsked, _named: NameOf) -> Words:
    problem = strings.LAST_PROBLEM.format(problem=strings.PROBLEM[event.code]) if event.code else ""
    return {"place": names.SCREEN[event.screen], "problem": problem, "note": _note(event.note)}


@_words.register
def _(event: replay.ReplayRequested, _named: NameOf) -> Words:
    return {"number": str(event.number)}


@_words.register
def _(event: replay.ReplayQuestioned, _named: NameOf) -> Words:
    return {"note": _note(event.note)}


@_words.register
def _(event: replay.ReplayScheduled, _named: NameOf) -> Words:
    return {"scheduled": promised(event.on, event.ticket, event.missed, event.mistaken)}


@_words.register
def _(event: replay.Completed, named: NameOf) -> Words:
    return {
        "workspace": name(event.workspace),
        "plan": names.PLAN[event.plan] if event.plan else "",
        "region": names.REGION[event.region],
        "sources": name_list(event.sources),
        "start": utc(event.start),
        "end": utc(event.end),
        "events": strings.ALL_EVENTS if event.everything else strings.SOME_EVENTS,
        "open": _open(event, named),
    }


@_words.register
def _(event: reminders.ReminderSent | reminders.ReminderNotSent, named: NameOf) -> Words:
    return {"to": named(event.to), "about": _about(event.blocker, event.source)}


@_words.register
def _(event: reminders.NobodyToRemind | reminders.RanOut, _named: NameOf) -> Words:
    return {"about": _about(event.blocker, event.source)}


@_words.register
def _(event: OfIncident, _named: NameOf) -> Words:
    about = _about(event.blocker, event.source)
    if not event.others:
        return {"about": about}
    sources = name_list(source.label or SOURCE_UNNAMED for source in event.others)
    return {"about": strings.ABOUT_ALSO.format(about=about, sources=sources)}


@_words.register
def _(event: reminders.Snoozed, _named: NameOf) -> Words:
    return {"until": moment(event.until)}


@_words.register
def _(event: reminders.AskedForQuiet, _named: NameOf) -> Words:
    if event.blocker is None:
        return {"which": strings.QUIET_ALL}
    return {"which": strings.QUIET_ONE.format(about=_about(event.blocker))}


@_words.register
def _(
    event: csm.CredentialsRejected | csm.SourcesRejected | csm.ArrivalRejected | csm.ReplayRejected,
    _: NameOf,
) -> Words:
    return {"reason": said(event.reason)}


@_words.register
def _(event: csm.Assigned | csm.CsmWrote, named: NameOf) -> Words:
    return {"to": named(event.to)}


@_words.register
def _(event: csm.Unreached, named: NameOf) -> Words:
    what = strings.UNDELIVERED.get(event.what, strings.UNDELIVERED_OTHER)
    return {"to": named(event.to), "what": what}


@_words.register
def _(event: csm.PassedOn, named: NameOf) -> Words:
    return {"instead_of": named(event.instead_of), "to": named(event.to)}


@_words.register
def _(event: csm.AccountSet, _named: NameOf) -> Words:
    return {"account": said(event.account) or strings.ACCOUNT_NONE}


@_words.register
def _(event: csm.ChannelCalled, named: NameOf) -> Words:
    words = strings.MATTER_OF if event.by else strings.MATTER
    matter = words[event.matter].format(who=named(event.by))
    return {"channel": EVERYBODY, "matter": matter, "since": moment(event.since)}


@_words.register
def _(event: OfDelivery, _named: NameOf) -> Words:
    """What Toplyne's backend received, and the id of the delivery."""
    return {"handed": handed_words(event.what, event.number), "delivery": code(event.delivery)}


@_words.register
def _(event: ToplyneDelayed | ToplyneFailed, _named: NameOf) -> Words:
    handed = handed_words(event.what, event.number)
    failure = failure_words(event.error)
    return {"handed": handed, "delivery": code(event.delivery), "failure": failure}


def _open(event: replay.Completed, named: NameOf) -> str:
    """What is still open at the end, each by its name. Earlier versions kept only the number."""
    if not event.left_open:
        return strings.NOTHING_OPEN
    named_ends = first_of((_open_end(end, named) for end in event.ends), "; ")
    return strings.LEFT_OPEN.format(ends=named_ends or event.left_open)


def _open_end(end: replay.OpenEnd, named: NameOf) -> str:
    if end.blocked:
        return blocked_text(end.blocked).csm
    sources = name_list(source.label for source in end.sources)
    return strings.OPEN_END[end.what].format(sources=sources, who=named(end.by) if end.by else "")


def _about(blocker: Blocker, source: Source | None = None) -> str:
    return blocked_text(Blocked(blocker, source)).csm


def _note(note: str) -> str:
    return strings.NOTE.format(note=said(note)) if note else ""
