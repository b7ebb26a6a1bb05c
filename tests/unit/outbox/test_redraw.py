"""What was said in an earlier set-up was over with its end: a new one has no facts about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.views.csm.messages import replay_news
from flows.csm.events import CredentialsConfirmed, CsmWrote, CustomerReplied
from flows.history import Event
from flows.model import Integration, Observed, Situation, Verification
from flows.outbox.announce import tell
from flows.outbox.bodies import Confirmed, CsmMessage, FirstData, Redraw, ReplayNews
from flows.outbox.redraw import draw_screens, outdate
from flows.replay.events import (
    ReplayConfirmed,
    ReplayConfirmedUndone,
    ReplayFinishedUndone,
    ReplayRequested,
    ReplayRunning,
    ReplayRunningUndone,
    ReplayScheduled,
    ReplaySentUndone,
)
from flows.replay.facts import News
from flows.replay.own_steps import redraw_own_steps
from flows.setup.events import CredentialsUnverified, Disconnected, LiveSyncStarted, Started
from flows.setup.replays import is_news_over
from flows.vocabulary import Stamp
from tests.support.fakes import FakeStorage
from tests.unit.csm.meanwhile import HAPPENINGS
from tests.unit.views.message_cases import ADA, MIRA, NOW, integration, request, stages

TENANT = "T1"
NEW = replace(integration(), tenant_id=TENANT)
EARLIER = replace(NEW, replay=request(NEW))


def _on(day: int) -> Stamp:
    return replace(ADA, at=ADA.at + timedelta(days=day))


def _arrived(day: int) -> LiveSyncStarted:
    return LiveSyncStarted(_on(day), NEW.sources[0])


LEFT = (_arrived(0), ReplayRequested(_on(1), 1), Disconnected(_on(2)), Started(_on(3)))


async def drawn_again(
    *lives: tuple[Integration, Sequence[Event]], events: Sequence[Event] = ()
) -> int:
    """How many messages about first data are drawn again once it is over by these events."""
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        for life, history in lives:
            await tell(work, life, history)
        await outdate(work, NEW, {LiveSyncStarted, ReplayRequested}, events)
        await work.commit()
    again = [m.message.body for m in storage.messages if isinstance(m.message.body, Redraw)]
    return sum(body.of.startswith(FirstData.kind) for body in again)


async def test_nothing_of_an_earlier_set_up_is_drawn_again() -> None:
    assert await drawn_again((EARLIER, LEFT)) == 0
    assert await drawn_again((EARLIER, LEFT), (NEW, (_arrived(4),))) == 1


async def test_its_own_end_is_not_the_end_of_an_earlier_one() -> None:
    left = Disconnected(_on(5))
    assert await drawn_again((EARLIER, LEFT), (NEW, (_arrived(4), left)), events=[left]) == 1
    other = (left, Started(_on(5)))
    assert await drawn_again((EARLIER, LEFT), (NEW, (_arrived(4), *other)), events=other) == 1


async def test_what_is_true_again_is_over_again_when_it_is_no_longer() -> None:
    """Somebody enters another workspace, the confirmed one again, and then the other."""
    stage = dict(stages())["free connected"].integration
    one = replace(stage, tenant_id=TENANT)
    workspace = replace(one.credentials.workspace, slug="other-shop")
    unread = replace(one.credentials, workspace=workspace, verification=Verification.UNVERIFIED)
    other = replace(one, credentials=unread)
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        await tell(work, one, [CredentialsConfirmed(ADA)])
        before = one
        for number, life in enumerate((other, one, other), 1):
            after = replace(life, revision=one.revision + number)
            events = [CredentialsUnverified(ADA, life.credentials.workspace.label)]
            await draw_screens(work, _at(before), _at(after), events)
            before = after
        assert before.credentials.verification is not Verification.CONFIRMED
        left = replace(before, disconnected=ADA)
        await draw_screens(work, _at(before), _at(left), [Disconnected(ADA)])
        await work.commit()
    again = [m.message.body for m in storage.messages if isinstance(m.message.body, Redraw)]
    drawn = sum(body.of.startswith(Confirmed.kind) for body in again)
    assert drawn == 2 + 1, "whenever it is left, and once with the set-up"


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
            await tell(work, change.integration, change.events)
            after = _at(change.integration)
            await redraw_own_steps(work, before, after, change.events)
            await draw_screens(work, before, after, change.events)
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


@pytest.mark.parametrize(("seen", "answered"), [(1, 1), (2, 2), (None, 2)])
async def test_an_answer_is_one_to_what_was_written_before_it_was_begun(
    seen: int | None, answered: int
) -> None:
    """Windows of earlier versions do not know when they were opened."""
    wrote = [CsmWrote(MIRA, ADA.by, f"Question {n}", "Mira", n) for n in (1, 2)]
    reply = CustomerReplied(ADA, "Not yet.", 3, seen)
    after = replace(NEW, revision=NEW.revision + 1)
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        await tell(work, NEW, wrote)
        await tell(work, after, [reply])
        await draw_screens(work, _at(NEW), _at(after), [reply])
        await work.commit()
    again = [m.message.body for m in storage.messages if isinstance(m.message.body, Redraw)]
    assert sum(body.of.startswith(CsmMessage.kind) for body in again) == answered


def _at(life: Integration) -> Situation:
    return Situation(life, Observed(), NOW)
