"""Laws: what a screen promises with a time is kept within its time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flows.projection import project
from playground.sample import ACME
from tests.walk.house import STRIDE
from tests.walk.step import Step

# How long after its time each may come. Reminders wait for working hours, a weekend and quiet
# dates, calls of the channel for a working day.
LATE = {
    "next_poll_at": STRIDE + timedelta(hours=1),
    "next_reminder_at": timedelta(days=14),
    "next_call_at": timedelta(days=14),
}
# Not "snoozed reminders until …", which the history says of what was.
AHEAD = re.compile(
    r"(not before|no reminder before|Reminders\*?: [^\"]{0,80}?until) <!date\^(\d+)\^"
)
NEXT_ON = re.compile(r"the next one not before (\w{3} \d+, \d{4})")  # wherever its reader lives


def nothing_is_overdue(step: Step) -> Iterator[str]:
    """ "I look every …", "the next one not before …", and that the CSMs' channel is called."""
    situation = step.after.situation
    if situation is None or step.troubled or step.act.what != "wait":
        return
    if ACME.id in step.house.uninstalled or situation.integration.disconnected:
        return
    bot = step.house.bot
    derived = project(situation, bot.settings.poll_interval, bot.rules)
    for name, late in LATE.items():
        at: datetime | None = getattr(derived, name)
        if at and step.house.now() - at > late:
            yield f"{name} was {at:%Y-%m-%d %H:%M}, now it is {step.house.now():%Y-%m-%d %H:%M}"


def no_promise_lies_in_the_past(step: Step) -> Iterator[str]:
    """In what was drawn by an act that took no time, while nothing keeps us from anything."""
    if step.troubled or step.act.what in ("wait", "fine"):
        return
    now = step.house.now().timestamp()
    for place, text in step.new.items():
        for words, at in AHEAD.findall(text):
            if float(at) < now - timedelta(days=1).total_seconds():
                day = datetime.fromtimestamp(float(at), step.house.now().tzinfo)
                yield f"{place[0]} promises {words} {day:%Y-%m-%d %H:%M}"
        for on in NEXT_ON.findall(text):
            begins = datetime.strptime(on, "%b %d, %Y").replace(tzinfo=UTC)
            if begins.timestamp() < now - timedelta(days=2).total_seconds():
                yield f"{place[0]} promises a reminder on {on}"
