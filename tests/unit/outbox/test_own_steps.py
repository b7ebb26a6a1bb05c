"""Each kind of message × each change: what stands there is what it would say now, or stays true.

What names the next step of the whole set-up must be drawn anew at every change of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.strings.messages import SOURCE_GONE
from bot.views.kit.next_step import next_words
from bot.views.people.messages import render
from flows.checks.events import IncidentBegan, IncidentOver
from flows.csm.events import ReplayRejected
from flows.history import Event
from flows.model import DestinationState, Screen, Situation
from flows.outbox import bodies
from flows.outbox.announce import tell
from flows.reactions import usual_reactions
from flows.reminders.events import ReminderSent
from flows.reminders.facts import Reminded, Reminders, Role
from flows.replay.events import (
    ReplayConfirmed,
    ReplayRequested,
    ReplayRunning,
    ReplayRunningUndone,
    ReplayScheduled,
    ReplaySentUndone,
)
from flows.replay.undoing import UNDO
from flows.setup import people_steps
from flows.setup.blockers import Blocker, due_blocker
from flows.setup.events import FinishedLiveOnly, LiveSyncStarted
from flows.vocabulary import Plan, Source, Stamp
from tests.support.fakes import FakeStorage
from tests.unit.csm.meanwhile import HAPPENINGS
from tests.unit.views.message_cases import ADA, MIRA, NOW, delivering, stages, status

TENANT = "T1"
POLL = timedelta(minutes=15)
BACKEND = Source("srcbackend", "backend", "Backend")
STAGES = dict(stages())
WEB = STAGES["not looked"].integration.sources[0]
# Where the changes begin.
FROM = (
    "destination missing", "destination enabled", "replay can be requested", "team",
    "replay written", "replay rejected", "replay sent", "replay scheduled",
    "replay promised for today", "replay running", "finished with history", "finished live only",
)  # fmt: skip
# What people were told, by the event that told it. Some of it cannot have been told everywhere.
TOLD: tuple[Event, ...] = (
    LiveSyncStarted(ADA, WEB),
    LiveSyncStarted(ADA),
    IncidentBegan(ADA, Blocker.DESTINATION_DISABLED, WEB),
    IncidentOver(ADA, Blocker.DESTINATION_DISABLED, WEB),
    IncidentOver(ADA, Blocker.TOKEN_REVOKED),
    ReplayScheduled(MIRA, date(2026, 5, 20), "4711"),
    ReplayScheduled(MIRA, mistaken=date(2026, 5, 20)),
    ReplayRunning(MIRA),
    ReplayRunningUndone(MIRA),
    ReplaySentUndone(MIRA),
    ReplayConfirmed(MIRA),
    ReplayRejected(MIRA, "Please ask for all events"),
    ReplayRequested(ADA, 2),
    FinishedLiveOnly(ADA),
)
# These are drawn anew whenever anything changes that comes next; all others name no such thing.
OF_ALL = (
    bodies.Summary, bodies.ColleagueAsked, bodies.AskedToGoOn, bodies.DelegationNews,
    bodies.Welcome, bodies.Farewell, bodies.Confirmed,
)  # fmt: skip
# What answers a press, as the end of a check or a hint do, says what is next then.
AGELESS: tuple[bodies.Personal, ...] = (
    bodies.RecoveryNews(Blocker.DESTINATION_DISABLED, WEB),
    bodies.HelpReceived(),
    bodies.TokenWarning(),
    bodies.CsmMessage("Mira", "Hello"),
    bodies.PassOn("Hello"),
    bodies.ColleagueDid(ADA.by, bodies.Deed.SOURCES_CHANGED, "Web app"),
)


def _two(stage: str) -> Situation:
    """The stage with a second source, which is not connected, and reminders about what is due."""
    of = STAGES[stage]
    statuses = {**of.observed.statuses, BACKEND.id: status(BACKEND, DestinationState.MISSING)}
    facts = replace(of.integration, tenant_id=TENANT, sources=(WEB, BACKEND), sources_chosen=ADA)
    situation = replace(of, integration=facts, observed=replace(of.observed, statuses=statuses))
    due = due_blocker(replace(situation, integration=facts))
    about = due.blocker if due else Blocker.REPLAY_NOT_FINISHED
    sent = tuple(
        Reminded(about.value, number, NOW - timedelta(days=5 - number), ADA.by) for number in (1, 2)
    )
    return replace(situation, integration=replace(facts, reminders=Reminders(sent=sent)))


def _changes(before: Situation) -> Iterator[tuple[str, Situation, tuple[Event, ...]]]:
    """What people do, by the real steps; and what Segment says next."""
    for name, happening in HAPPENINGS.items():
        change = happening(before, Stamp("U0BOB00001", NOW, of_toplyne=name.startswith("Tom")))
        if change.integration is not before.integration:
            raised = replace(change.integration, revision=before.integration.revision + 1)
            yield name, replace(before, integration=raised), tuple(change.events)
    upgraded = replace(before.integration, plan=Plan.BUSINESS, revision=9)
    yield "it is on Business", replace(before, integration=upgraded), ()
    all_there = delivering(before.integration)
    for source in (WEB, BACKEND):
        known = before.observed.statuses.get(source.id)
        for name, new in (
            ("delivers", all_there[source.id]),
            ("is connected", status(source, DestinationState.ENABLED)),
            ("is off", replace(all_there[source.id], destination=DestinationState.DISABLED)),
        ):
            if new != known:
                statuses = {**before.observed.statuses, source.id: new}
                seen = replace(before.observed, statuses=statuses)
                yield f"{source.label} {name}", replace(before, observed=seen), ()


async def _said(storage: FakeStorage, before: Situation) -> dict[str, bodies.Personal]:
    """Sends everything that may have been told, and gives it by its key."""
    async with storage(TENANT) as work:
        await work.integrations.add(before.integration)
        await tell(work, before.integration, TOLD)
        reminders = before.integration.reminders
        for upto in range(1, len(reminders.sent) + 1):
            sent = reminders.sent[:upto]
            then = replace(before.integration, reminders=replace(reminders, sent=sent))
            stamp = Stamp("", sent[-1].at)
            about = Blocker(sent[-1].blocker)
            event = ReminderSent(stamp, about, upto, ADA.by, Role.DID_LAST)
            await tell(work, then, [event])
        await work.commit()
    told = {stored.message.key: stored.message.body for stored in storage.messages}
    return {key: body for key, body in told.items() if isinstance(body, bodies.Personal)}


async def _redrawn(
    storage: FakeStorage, before: Situation, after: Situation, events: tuple[Event, ...]
) -> set[str]:
    seen = {stored.message.key for stored in storage.messages}
    async with storage(TENANT) as work:
        for reaction in usual_reactions(POLL).others:
            await reaction(work, before, after, events)
        await work.commit()
    new = [each.message.body for each in storage.messages if each.message.key not in seen]
    return {body.of for body in new if isinstance(body, bodies.Redraw)}


@pytest.mark.parametrize("stage", FROM)
async def test_what_says_something_else_now_is_drawn_anew(stage: str) -> None:
    before, stale, changes = _two(stage), set[str](), 0
    for name, after, events in _changes(before):
        changes += 1
        storage = FakeStorage()
        storage.install(TENANT)
        told = await _said(storage, before)
        again = await _redrawn(storage, before, after, events)
        for key, body in told.items():
            was, now = (render(body, of).text for of in (before, after))
            now = now.replace(SOURCE_GONE, WEB.label)  # what happened to it stays true
            if was != now and key not in again and not _stays_true(body, was, before):
                stale.add(f"{name}: {was} -> {now}")
    assert changes > 10
    assert stale == set(), "\n".join(sorted(stale))


@pytest.mark.parametrize(
    ("looked", "now", "is_drawn"),
    [
        (timedelta(minutes=1), UNDO - timedelta(seconds=1), False),
        (timedelta(minutes=1), UNDO, True),
        (UNDO, UNDO + POLL, False),
    ],
)
async def test_a_report_that_cannot_be_taken_back_any_more_loses_its_button_at_the_next_look(
    looked: timedelta, now: timedelta, *, is_drawn: bool
) -> None:
    of = _two("replay sent a moment ago")
    seen = replace(of.observed, looked_at=NOW + looked)
    later = replace(of, observed=seen, now=NOW + now)
    storage = FakeStorage()
    storage.install(TENANT)
    told = await _said(storage, of)
    again = await _redrawn(storage, later, later, ())
    (request,) = [key for key, of in told.items() if isinstance(of, bodies.ReplayInstructions)]
    assert (request in again) is is_drawn


def _stays_true(body: bodies.Personal, said: str, situation: Situation) -> bool:
    """It tells what happened, and neither asks for anything nor has a button to do it."""
    is_over = "There is nothing left to do here" in said or "to see where things stand" in said
    return is_over and (isinstance(body, OF_ALL) or next_words(situation) not in said)


@pytest.mark.parametrize("body", AGELESS, ids=lambda of: of.kind)
def test_what_is_never_drawn_anew_says_one_thing_while_the_set_up_is_there(
    body: bodies.Personal,
) -> None:
    there = [each for each in STAGES.values() if each.integration.begun]
    named = [e for e in there if e.integration.credentials and len(e.integration.sources) == 1]
    assert len({render(body, each).text for each in named}) == 1
    assert not any(next_words(each) in render(body, each).text for each in there)


async def test_what_a_change_tells_is_not_drawn_anew_for_the_same_change() -> None:
    before = _two("destination missing")
    asks = people_steps.delegate(before.integration, "U0BOB00001", Screen.SOURCES, ADA)
    after = replace(before, integration=replace(asks.integration, revision=9))
    storage = FakeStorage()
    storage.install(TENANT)
    again = await _redrawn(storage, before, after, tuple(asks.events))
    told = {m.message.key for m in storage.messages if isinstance(m.message.body, bodies.Personal)}
    assert len(told) == 1
    assert not told & again
