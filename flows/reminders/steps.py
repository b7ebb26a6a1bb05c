"""What happens to reminders, as pure functions like those of `flows.setup.steps`."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from flows.errors import ErrorCode, Field, FieldError, FlowError
from flows.history import Event
from flows.model import Integration, Outcome, Situation, Step
from flows.outbox.bodies import Reminder
from flows.recording import Change
from flows.reminders.events import (
    AskedForQuiet,
    NobodyToRemind,
    RanOut,
    ReminderNotSent,
    ReminderSent,
    RemindersResumed,
    Snoozed,
)
from flows.reminders.facts import PASSED_OVER, Quiet, Reminded, Role, Snooze, Unreachable
from flows.reminders.schedule import Planned
from flows.setup.blockers import Blocked, Blocker, due_blocker
from flows.setup.replays import not_started_on
from flows.vocabulary import Source, Stamp
from flows.zones import LAST_ZONE

SNOOZE_DAYS = (1, 3, 7)  # the choices offered; a date can be named too
FARTHEST_SNOOZE = timedelta(days=366)
PRESSED_TWICE = timedelta(minutes=1)
CLOCKS_DIFFER = timedelta(minutes=1)  # between machines
TAKEN_BACK = timedelta(minutes=1)  # until it is decided again; else that could go on and on


class NotQuieter(FlowError):
    """A CSM asks for less quiet than the customer has."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is reminded. `instead_of` did the last step and can no longer be reached."""

    user_id: str
    role: Role
    instead_of: str = ""


def remind(
    integration: Integration,
    planned: Planned,
    to: Recipient,
    at: datetime,
    closes: datetime | None = None,
    here: tzinfo = LAST_ZONE,
) -> Change:
    """Sends the reminder to somebody who lives `here`. If nobody can be reached, the CSM is told.

    From `closes` on, it is too late in the day to send it.
    """
    facts, blocked = integration.reminders, planned.blocked
    starts = blocked.blocker is Blocker.REPLAY_NOT_RUNNING
    asks = not_started_on(integration, at, here) if starts else None
    sent = Reminded(blocked.blocker.value, planned.number, at, to.user_id, planned.is_last, asks)
    after = replace(facts, sent=(*facts.sent, sent), postponed=None, stuck="")
    event = _reminded(planned, to, Stamp("", at), closes)
    return Change(replace(integration, reminders=after), (event,))


def tell_csm(newest: Situation, planned: Planned) -> Change:
    """Tells the CSM in place of a reminder, since the set-up has had all of them."""
    integration, facts, blocked = newest.integration, newest.integration.reminders, planned.blocked
    told = Reminded(blocked.blocker.value, planned.number, newest.now, "", planned.is_last)
    after = replace(facts, sent=(*facts.sent, told), postponed=None, stuck=blocked.blocker.value)
    event = RanOut(Stamp("", newest.now), blocked.blocker, blocked.source)
    return Change(replace(integration, reminders=after), (event,))


def _reminded(planned: Planned, to: Recipient, stamp: Stamp, closes: datetime | None) -> Event:
    blocked = planned.blocked
    if to.role is Role.CSM:
        return NobodyToRemind(stamp, blocked.blocker, planned.number, blocked.source, to.instead_of)
    return ReminderSent(
        stamp,
        blocked.blocker,
        planned.number,
        to.user_id,
        to.role,
        source=blocked.source,
        instead_of=to.instead_of,
        is_last=planned.is_last,
        closes=closes,
    )


def may_remind(body: Reminder, situation: Situation) -> bool:
    """Whether a reminder is still about what is outstanding, still wanted, and within hours."""
    integration, now = situation.integration, situation.now
    blocked = due_blocker(situation)
    if blocked is None or blocked.blocker is not body.blocker:
        return False
    too_late = body.closes and body.closes <= now
    # A clock that was put back makes it too early.
    too_early = body.decided and body.decided > now + CLOCKS_DIFFER
    return not (too_late or too_early or integration.reminders.put_off(blocked.blocker, now))


# What earlier and later is, where the order of `Blocker` does not say it.
_PLACE = {
    Blocker.TOKEN_REVOKED: Blocker.CREDENTIALS_REJECTED,
    Blocker.ROLE_REDUCED: Blocker.CREDENTIALS_REJECTED,
    Blocker.SOURCE_UNHEARD: Blocker.NOT_LOOKED_YET,  # nobody knows how far the source is
    Blocker.SOURCE_DELETED: Blocker.SOURCE_DISABLED,
}


def is_done(blocker: Blocker, now: Blocked | None, integration: Integration) -> bool:
    """Whether what people were reminded of is done: what stands in the way `now` comes later.

    It is not done if something earlier, or nothing known, stands in the way instead. Nor is it if
    people do without it.
    """
    if now is None:
        without = integration.outcome is Outcome.LIVE_ONLY
        return not (without and blocker.step is Step.HISTORIC_SYNC)
    order = list(Blocker)
    place, current = (order.index(_PLACE.get(each, each)) for each in (blocker, now.blocker))
    return current > place


def take_back(newest: Situation, key: str, wait: timedelta = TAKEN_BACK) -> Change:
    """Takes back a reminder that was not sent after all. The next one is due after a `wait`."""
    integration, facts = newest.integration, newest.integration.reminders
    unsent = next((each for each in facts.sent if each.key(integration.id) == key), None)
    if unsent is None:
        return Change(integration)
    sent = tuple(each for each in facts.sent if each is not unsent)
    after = replace(integration, reminders=replace(facts, sent=sent, postponed=newest.now + wait))
    if not unsent.to:
        return Change(after)
    blocker, stamp = Blocker(unsent.blocker), Stamp("", newest.now)
    return Change(after, (ReminderNotSent(stamp, blocker, unsent.to, _source(newest, blocker)),))


def undelivered(newest: Situation, key: str, reader: str) -> Change:
    """Slack took no reminder or news for this reader: it is for somebody else."""
    taken_back = take_back(newest, key, timedelta())  # nobody is asked twice
    integration = taken_back.integration
    lately = newest.now - PASSED_OVER
    kept = [each for each in integration.reminders.refused if each.at > lately]
    refused = (*kept, Unreachable(reader, newest.now))
    after = replace(integration, reminders=replace(integration.reminders, refused=refused))
    return replace(taken_back, integration=after)


def ran_out(newest: Situation, key: str) -> Change:
    """The last reminder has arrived. The CSM is told once that the customer is stuck."""
    integration, facts = newest.integration, newest.integration.reminders
    last = next((each for each in facts.sent if each.key(integration.id) == key), None)
    if last is None or facts.stuck == last.blocker:
        return Change(integration)
    blocker = Blocker(last.blocker)
    told = replace(integration, reminders=replace(facts, stuck=last.blocker))
    return Change(told, (RanOut(Stamp("", newest.now), blocker, _source(newest, blocker)),))


def _source(newest: Situation, blocker: Blocker) -> Source | None:
    """Which source it is about, if that still stands in the way."""
    blocked = due_blocker(newest)
    return blocked.source if blocked and blocked.blocker is blocker else None


def postpone(integration: Integration, until: datetime) -> Integration:
    """Makes a reminder that is due wait for the person's working hours."""
    return replace(integration, reminders=replace(integration.reminders, postponed=until))


def snoozed_until(day: date | None, now: datetime, here: tzinfo) -> datetime | FieldError:
    """The beginning of the day that somebody named in their time zone, or what is wrong with it."""
    if day is None:
        return FieldError(Field.UNTIL, ErrorCode.REQUIRED)
    last = (now + FARTHEST_SNOOZE).astimezone(here).date()
    if not now.astimezone(here).date() < day <= last:
        return FieldError(Field.UNTIL, ErrorCode.DATE_NOT_AHEAD)
    return datetime.combine(day, time(), tzinfo=here)


def snooze(integration: Integration, until: datetime, stamp: Stamp) -> Change:
    """Stops reminders before `until`. Somebody who had stopped them gets them again after it."""
    facts = integration.reminders
    asked = Snooze(until, stamp.by, stamp.at, stamp.of_toplyne)
    if not facts.quiet and _is_repeat(facts.snooze, asked):
        return Change(integration)
    after = replace(facts, snooze=asked, quiet=(), postponed=None, stuck="")
    return Change(replace(integration, reminders=after), (Snoozed(stamp, until),))


def csm_snooze(integration: Integration, until: datetime, stamp: Stamp) -> Change:
    """Stops reminders before `until` for a CSM, who can only make it quieter.

    Raises `NotQuieter`.
    """
    facts = integration.reminders
    if facts.is_all_quiet:
        raise NotQuieter(ErrorCode.REMINDERS_STOPPED)
    if facts.snooze and facts.snooze.until > until:
        raise NotQuieter(ErrorCode.SNOOZED_LONGER)
    asked = Snooze(until, stamp.by, stamp.at, stamp.of_toplyne)
    if _is_repeat(facts.snooze, asked):
        return Change(integration)
    after = replace(facts, snooze=asked, postponed=None)
    return Change(replace(integration, reminders=after), (Snoozed(stamp, until),))


def _is_repeat(former: Snooze | None, asked: Snooze) -> bool:
    """Whether the same person pressed twice: this asks for the same day, a moment later."""
    return bool(
        former
        and (former.by, former.of_toplyne) == (asked.by, asked.of_toplyne)
        and abs(asked.until - former.until) < PRESSED_TWICE
    )


def stop(integration: Integration, blocker: str, stamp: Stamp) -> Change:
    """Stops reminders about this blocker, or all of them if it is empty."""
    facts = integration.reminders
    if facts.is_all_quiet or facts.is_quiet(blocker):
        return Change(integration)
    quiet = (*facts.quiet, Quiet(blocker, stamp.by, stamp.at))
    event = AskedForQuiet(stamp, Blocker(blocker) if blocker else None)
    return Change(replace(integration, reminders=replace(facts, quiet=quiet)), (event,))


def resume(integration: Integration, stamp: Stamp) -> Change:
    """Takes snooze and stop back."""
    facts = integration.reminders
    if not facts.quiet and facts.snooze is None:
        return Change(integration)
    wanted = replace(facts, snooze=None, quiet=(), postponed=None, stuck="")
    after = replace(integration, reminders=wanted)
    return Change(after, (RemindersResumed(stamp),))
