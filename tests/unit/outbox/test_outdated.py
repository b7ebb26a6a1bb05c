"""Earlier messages × what makes them say something else: they are drawn again, and no others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.views.csm.messages import replay_news
from flows.csm.events import CredentialsConfirmed, CsmWrote, CustomerReplied
from flows.history import Event
from flows.model import Integration, Observed, Screen, Situation, Verification
from flows.outbox.announce import tell
from flows.outbox.bodies import (
    Confirmed,
    CsmMessage,
    DelegationNews,
    FirstData,
    Heard,
    IncidentNews,
    Redraw,
    Reminder,
    ReplayInstructions,
    ReplayNews,
)
from flows.outbox.messages import PASSED_ON, Message
from flows.outdated import redraw_outdated
from flows.reminders.facts import Quiet, Reminded, Reminders, Role, Snooze
from flows.replay.events import (
    News,
    ReplayConfirmed,
    ReplayConfirmedUndone,
    ReplayFinishedUndone,
    ReplayRunning,
    ReplayRunningUndone,
    ReplayScheduled,
    ReplaySentUndone,
)
from flows.replay.news import is_news_over
from flows.setup.blockers import Blocker
from flows.setup.events import CredentialsUnverified, Disconnected, LiveSyncStarted, Started
from flows.vocabulary import Stamp
from tests.support.fakes import FakeStorage
from tests.unit.csm.meanwhile import HAPPENINGS
from tests.unit.views.message_cases import ADA, MIRA, NOW, WEB, integration, request, stages

TENANT = "T1"
STAGES = dict(stages())
NEW = replace(integration(), tenant_id=TENANT)
BOB = "U0BOB00001"


def _on(day: int) -> Stamp:
    return replace(ADA, at=ADA.at + timedelta(days=day))


def _at(life: Integration) -> Situation:
    return Situation(life, Observed(), NOW)


def _again(storage: FakeStorage) -> list[str]:
    """The keys of what is drawn again."""
    sent = (stored.message.body for stored in storage.messages)
    return [body.of for body in sent if isinstance(body, Redraw)]


def _said(body: Any, key: str = "said") -> Message:
    return Message(body, f"user:{ADA.by}", key, NEW.id)


async def _drawn(
    said: Message, before: Situation, after: Situation, events: Sequence[Event] = ()
) -> list[str]:
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        await work.outbox.add(said)
        await redraw_outdated(work, before, after, events)
        await work.commit()
    return _again(storage)


# --- facts that once stood in one list of several -------------------------------------------------


async def test_who_asked_a_colleague_reads_what_all_others_were_asked() -> None:
    """Whoever asked a colleague reads no longer that they are to wait."""
    before = STAGES["replay scheduled"]
    asked = Reminded(Blocker.REPLAY_NOT_RUNNING, 1, NOW, BOB, asks=date(2026, 5, 20))
    reminded = replace(before.integration, reminders=Reminders((asked,)), revision=9)
    news = _said(DelegationNews(Heard.DONE, BOB, Screen.PLAN))
    assert await _drawn(news, before, replace(before, integration=reminded)) == ["said"]


@pytest.mark.parametrize("stage", ["destination missing", "replay scheduled"])
async def test_who_puts_reminders_off_reads_so_in_the_newest_one(stage: str) -> None:
    of = STAGES[stage].integration
    blocker = Blocker.REPLAY_NOT_RUNNING if of.replay else Blocker.DESTINATION_MISSING
    sent = Reminded(blocker, 1, NOW, ADA.by)
    loud = replace(STAGES[stage], integration=replace(of, reminders=Reminders((sent,))))
    quiet = Reminders((sent,), quiet=(Quiet("", ADA.by, NOW),))
    put_off = replace(loud, integration=replace(of, reminders=quiet))
    said = _said(Reminder(blocker, Role.DID_LAST, decided=NOW))
    assert await _drawn(said, loud, put_off) == ["said"]
    assert await _drawn(said, put_off, loud) == ["said"]
    assert await _drawn(said, loud, replace(loud, integration=replace(of, last_active=MIRA))) == []


@pytest.mark.parametrize(("hours", "again"), [(23, []), (24, ["said"])])
async def test_a_reminder_that_was_put_off_asks_again_at_the_next_look(
    hours: int, again: list[str]
) -> None:
    of, blocker = STAGES["destination missing"], Blocker.DESTINATION_MISSING
    snooze = Snooze(NOW + timedelta(days=1), ADA.by, NOW)
    facts = Reminders((Reminded(blocker, 1, NOW, ADA.by),), snooze=snooze)
    later = Situation(
        replace(of.integration, reminders=facts),
        replace(of.observed, looked_at=NOW),
        NOW + timedelta(hours=hours),
    )
    said = _said(Reminder(blocker, Role.DID_LAST, decided=NOW))
    assert await _drawn(said, later, later) == again


async def test_what_was_passed_on_is_drawn_where_it_went() -> None:
    before, key = STAGES["destination switched off later"], f"incident:int_1:7{PASSED_ON}"
    news = replace(_said(IncidentNews(Blocker.DESTINATION_DISABLED, WEB), key))
    assert await _drawn(news, before, STAGES["finished with history"]) == [key]


REQUESTED = replace(NEW, replay=request(NEW), revision=4)


@pytest.mark.parametrize(
    ("change", "is_drawn"),
    [
        ({"replay_sent": ADA}, True),
        ({"replay_running": ADA}, True),
        ({"replay_finished": ADA}, True),
        ({"replay": replace(request(NEW), number=3)}, True),
        ({"replay": None, "disconnected": ADA}, True),
        ({"last_active": MIRA}, False),
    ],
)
async def test_the_message_with_the_request_is_drawn_when_it_is_not_true_any_more(
    change: dict[str, Any], *, is_drawn: bool
) -> None:
    said = _said(ReplayInstructions(2))
    after = replace(REQUESTED, revision=5, **change)
    assert await _drawn(said, _at(REQUESTED), _at(after)) == ["said"] * is_drawn


# --- one set-up after another ---------------------------------------------------------------------


async def test_nothing_of_an_earlier_set_up_is_drawn_again() -> None:
    """Its end draws it, what follows does not."""
    storage = FakeStorage()
    storage.install(TENANT)
    live = replace(NEW, live_started=ADA)
    left = replace(NEW, disconnected=_on(2))
    async with storage(TENANT) as work:
        await tell(work, live, [LiveSyncStarted(_on(0), WEB)])
        gone = Disconnected(_on(2))
        await redraw_outdated(work, _at(live), _at(left), [gone])
        await tell(work, left, [gone])
        await work.commit()
        (first,) = _again(storage)
        assert first.startswith(FirstData.kind)
        await redraw_outdated(work, _at(left), _at(NEW), [Started(_on(3))])
        await tell(work, live, [LiveSyncStarted(_on(4), WEB)])
        await redraw_outdated(work, _at(live), _at(replace(left, revision=9)), [gone])
        await work.commit()
    again = _again(storage)
    assert [key.partition(":")[0] for key in again] == ["first_data", "disconnected", "first_data"]
    assert again.count(first) == 1


async def test_what_is_true_again_says_so_and_is_over_again_when_it_is_no_longer() -> None:
    """Somebody enters another workspace, the confirmed one again, and then the other."""
    one = replace(STAGES["free connected"].integration, tenant_id=TENANT)
    workspace = replace(one.credentials.workspace, name="Other shop")
    unread = replace(one.credentials, workspace=workspace, verification=Verification.UNVERIFIED)
    other = replace(one, credentials=unread)
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        await tell(work, one, [CredentialsConfirmed(ADA)])
        before = one
        for number, life in enumerate((other, one, other, other), 1):
            after = replace(life, revision=one.revision + number)
            events = [CredentialsUnverified(ADA, life.credentials.workspace.label)]
            await redraw_outdated(work, _at(before), _at(after), events)
            before = after
        await work.commit()
    assert len([key for key in _again(storage) if key.startswith(Confirmed.kind)]) == 3


# --- news of a Replay -----------------------------------------------------------------------------

NEWS: dict[News, tuple[str, Event]] = {
    News.SCHEDULED: ("replay scheduled", ReplayScheduled(MIRA, date(2026, 5, 20), "4711")),
    News.NO_DAY: (
        "replay sent a moment ago", ReplayScheduled(MIRA, mistaken=date(2026, 5, 20))
    ),
    News.RUNNING: ("replay running", ReplayRunning(MIRA)),
    News.NOT_FINISHED: ("replay running", ReplayFinishedUndone(MIRA)),
    News.NOT_RUNNING: ("replay sent", ReplayRunningUndone(MIRA)),
    News.NOT_SENT: ("replay written", ReplaySentUndone(MIRA)),
    News.CONFIRMED: ("history confirmed", ReplayConfirmed(MIRA)),
    News.NOT_CONFIRMED: ("finished a moment ago", ReplayConfirmedUndone(MIRA)),
}  # fmt: skip


@pytest.mark.parametrize("news", NEWS)
async def test_news_of_a_replay_are_drawn_again_whatever_ends_them(news: News) -> None:
    """The newest are not over at once with those before them."""
    stage, event = NEWS[news]
    before = _at(replace(dict(stages())[stage].integration, tenant_id=TENANT))
    ended, stale = set[str](), list[str]()
    for name, happening in HAPPENINGS.items():
        change = happening(before, Stamp(MIRA.by, NOW, of_toplyne=name.startswith("Tom")))
        if not change.events:
            continue
        storage = FakeStorage()
        storage.install(TENANT)
        async with storage(TENANT) as work:
            await tell(work, before.integration, [event])
            after = _at(change.integration)
            await redraw_outdated(work, before, after, change.events)
            await tell(work, change.integration, change.events)
            await work.commit()
        sent = [m.message.body for m in storage.messages]
        told = [body for body in sent if isinstance(body, ReplayNews)]
        again = [b for b in sent if isinstance(b, Redraw) and b.of.startswith(ReplayNews.kind)]
        over = [is_news_over(b.what, change.integration, b.on, b.ticket) for b in told]
        assert len(again) >= sum(over), name
        says = [replay_news(told[0], each).text for each in (before, _at(change.integration))]
        if says[0] != says[1] and not again:
            stale.append(name)
        assert not any(over[1:]), name
        ended |= {name} if over[0] else set()
    assert "Bob disconnects" in ended
    assert news in (News.CONFIRMED, News.NOT_CONFIRMED) or "Bob says it has finished" in ended
    assert stale == [], stale


# --- what a CSM wrote -----------------------------------------------------------------------------


@pytest.mark.parametrize(("seen", "answered"), [(1, 1), (2, 2), (None, 2)])
async def test_an_answer_is_one_to_what_was_written_before_it_was_begun(
    seen: int | None, answered: int
) -> None:
    """Windows of earlier versions do not know when they were opened. The first answer draws it."""
    wrote = [CsmWrote(MIRA, ADA.by, f"Question {n}", "Mira", n) for n in (1, 2)]
    after = replace(NEW, revision=NEW.revision + 1)
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        await tell(work, NEW, wrote)
        for _ in range(2):
            reply = CustomerReplied(ADA, "Not yet.", 3, seen)
            await redraw_outdated(work, _at(NEW), _at(after), [reply])
        await work.commit()
    assert sum(key.startswith(CsmMessage.kind) for key in _again(storage)) == answered
