"""What happens to reminders, as pure functions like those of `flows.steps`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from flows.change import Change
from flows.history import Event, EventKind
from flows.model import Integration
from flows.reminders.facts import Quiet, Reminded, Reminders, Snooze
from flows.reminders.schedule import Planned
from flows.setup.steps import happened
from flows.vocabulary import Stamp

PRESSED_TWICE = timedelta(minutes=1)


class Role(StrEnum):
    """Why this person is reminded."""

    DID_LAST = "did_last"
    ASKED = "asked"  # a colleague said that they must do it
    TOOK_PART = "took_part"
    INSTALLER = "installer"
    CSM = "csm"  # nobody of the customer's is left


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is reminded; `instead_of` did the last step and cannot be reached any more."""

    user_id: str
    role: Role
    instead_of: str = ""


def remind(
    integration: Integration,
    planned: Planned,
    to: Recipient,
    at: datetime,
    closes: datetime | None = None,
) -> Change:
    """The reminder itself; after the last one the CSM is told that the customer is stuck.

    From `closes` on it is too late in the day to send it.
    """
    facts, blocked = integration.reminders, planned.blocked
    sent = Reminded(blocked.blocker.value, planned.number, at, to.user_id, planned.is_last)
    about = {"blocker": sent.blocker, "source": blocked.source.label if blocked.source else ""}
    params = {
        **about,
        "number": str(sent.number),
        "to": sent.to,
        "role": to.role.value,
        "instead_of": to.instead_of,
        "last": "yes" if sent.is_last else "",
        "closes": closes.isoformat() if closes else "",
    }
    kind = EventKind.NOBODY_TO_REMIND if to.role is Role.CSM else EventKind.REMINDED
    events = [Event(kind, at, "", params)]
    if sent.is_last and facts.stuck != sent.blocker:
        events.append(Event(EventKind.STUCK, at, "", about))
    after = replace(facts, sent=(*facts.sent, sent), postponed=None, stuck="")
    return Change(replace(integration, reminders=after), tuple(events))


def take_back(integration: Integration, key: str, at: datetime) -> Integration:
    """A reminder that was not sent after all does not count; the next one is due from now on."""
    facts = integration.reminders
    sent = tuple(each for each in facts.sent if each.key(integration.id) != key)
    if sent == facts.sent:
        return integration
    last = next((each for each in facts.sent if each not in sent and each.is_last), None)
    stuck = last.blocker if last else facts.stuck
    after = replace(facts, sent=sent, stuck=stuck, postponed=at)
    return replace(integration, reminders=after)


def postpone(integration: Integration, until: datetime) -> Integration:
    """A reminder that is due waits for the person's working hours."""
    return replace(integration, reminders=replace(integration.reminders, postponed=until))


def snooze(integration: Integration, until: datetime, stamp: Stamp) -> Change:
    """Nobody is reminded before `until`; who had stopped reminders gets them again."""
    facts = integration.reminders
    asked = Snooze(until, stamp.by, stamp.at, stamp.of_toplyne)
    if not facts.quiet and _is_repeat(facts.snooze, asked):
        return Change(integration)
    after = Reminders(sent=facts.sent, snooze=asked)
    event = happened(EventKind.SNOOZED, stamp, until=until.isoformat())
    return Change(replace(integration, reminders=after), (event,))


def _is_repeat(former: Snooze | None, asked: Snooze) -> bool:
    """A second press by the same person: it asks for the same day, a moment later."""
    return bool(
        former
        and (former.by, former.of_toplyne) == (asked.by, asked.of_toplyne)
        and abs(asked.until - former.until) < PRESSED_TWICE
    )


def stop(integration: Integration, blocker: str, stamp: Stamp) -> Change:
    """No more reminders about this blocker, or none at all (empty)."""
    facts = integration.reminders
    if facts.is_all_quiet or facts.is_quiet(blocker):
        return Change(integration)
    quiet = (*facts.quiet, Quiet(blocker, stamp.by, stamp.at))
    event = happened(EventKind.ASKED_FOR_QUIET, stamp, blocker=blocker)
    return Change(replace(integration, reminders=replace(facts, quiet=quiet)), (event,))


def resume(integration: Integration, stamp: Stamp) -> Change:
    """Takes snooze and stop back."""
    facts = integration.reminders
    if not facts.quiet and facts.snooze is None:
        return Change(integration)
    after = replace(integration, reminders=Reminders(sent=facts.sent))
    return Change(after, (happened(EventKind.REMINDERS_RESUMED, stamp),))
