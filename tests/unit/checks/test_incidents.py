"""What is an incident, when it opens and closes, and whose end is worth telling."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from pydantic import SecretStr

from flows.checks.delivery import STOPPED_AFTER, observe_sources
from flows.checks.events import IncidentBegan, IncidentOver
from flows.checks.facts import Incident
from flows.checks.incidents import compare, tell_incidents
from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.checks.sources import TOPLYNE_ID
from flows.history import Event
from flows.model import Screen, Situation, SourceStatus
from flows.outbox.bodies import IncidentNews, Redraw
from flows.outdated import redraw_outdated
from flows.ports import UnitOfWork
from flows.setup.blockers import Blocker, current_screen, first_blocker, incidents, setup_screen
from flows.setup.progress import StepState, progress
from flows.vocabulary import Plan, Region, Source, Stamp, TokenHealth, TokenState
from tests.support.fakes import FakeStorage
from tests.unit.any_situation import situations
from tests.unit.checks.scripted_segment import ScriptedSegment
from tests.unit.views.message_cases import ADA, NOW, delivering, integration, stages

STAGES = dict(stages())
FINISHED = STAGES["finished with history"]
BROKEN = [name for name in STAGES if name.endswith(" later") or name.startswith("token ")]
WEB = integration().sources[0]
HOUR = timedelta(hours=1)


def stored(situation: Situation) -> tuple[Incident, ...]:
    return compare((), situation).opened


@pytest.mark.parametrize("name", [name for name in BROKEN if name != "token forgotten"])
def test_what_was_reached_stays_and_what_broke_stands_beside_it(name: str) -> None:
    situation = STAGES[name]
    (blocked,) = incidents(situation)
    assert first_blocker(situation) == blocked
    rows = progress(situation)
    assert {row.state for row in rows} == {StepState.DONE, StepState.BROKEN}
    assert all(row.done for row in rows)
    assert setup_screen(situation) is Screen.RECEIPT


@pytest.mark.parametrize(
    "change",
    [
        {"token_forgotten": ADA},
        {"disconnected": ADA},
        {"plan": Plan.FREE},
        {"sources": ()},
        {"credentials": None},
    ],
)
def test_where_nothing_is_watched_nothing_breaks(change: dict[str, object]) -> None:
    situation = STAGES["destination deleted later"]
    of = replace(situation.integration, **change)  # type: ignore[arg-type]
    assert incidents(replace(situation, integration=of)) == ()
    found = compare(stored(situation), replace(situation, integration=of))
    assert found.closed == stored(situation)
    assert found.mended == ()


def test_what_never_delivered_is_no_incident() -> None:
    situation = STAGES["source disabled"]
    assert first_blocker(situation)
    assert incidents(situation) == ()


def test_a_lost_token_asks_for_another_unless_the_set_up_can_go_on_without() -> None:
    health = TokenHealth(TokenState.REFUSED, NOW)
    for name, screen in {
        "not looked": Screen.CREDENTIALS,
        "finished live only": Screen.CREDENTIALS,
        "replay written": Screen.REPLAY_STATUS,
    }.items():
        situation = STAGES[name]
        lost = replace(situation.observed, token=health)
        assert current_screen(Situation(situation.integration, lost, NOW)) is screen


@given(situations)
def test_after_it_was_noticed_there_is_nothing_more_to_notice(situation: Situation) -> None:
    opened = stored(situation)
    again = compare(opened, situation)
    assert (again.opened, again.closed, again.mended) == ((), (), ())
    assert len({incident.key for incident in opened}) == len(opened)


def test_something_else_that_breaks_of_the_same_source_is_no_recovery() -> None:
    before = STAGES["events stopped later"]
    after = STAGES["destination switched off later"]
    found = compare(stored(before), after)
    assert [incident.kind for incident in found.opened] == [Blocker.DESTINATION_DISABLED]
    assert [incident.kind for incident in found.closed] == [Blocker.EVENTS_STOPPED]
    assert found.mended == ()
    assert compare(stored(after), FINISHED).mended == stored(after)


def test_a_source_that_is_no_longer_chosen_is_not_mended() -> None:
    before, other = STAGES["destination switched off later"], Source("src9", "nine", "Nine")
    of = replace(before.integration, sources=(other,))
    found = compare(stored(before), replace(before, integration=of))
    assert found.closed == stored(before)
    assert found.mended == ()


async def told(work: UnitOfWork, situation: Situation) -> list[Event]:
    """What is told of this situation that was not told before."""
    integration_id = situation.integration.id
    before = await work.history.latest(integration_id, 99)
    await tell_incidents(work, situation, situation, ())
    after = await work.history.latest(integration_id, 99)
    return [stored.event for stored in after[: len(after) - len(before)]]


async def test_it_is_told_once_whoever_looks() -> None:
    storage, broken = FakeStorage(), STAGES["source switched off later"]
    storage.install("T1")
    async with storage("T1") as work:
        await work.integrations.add(broken.integration)
        (event,) = await told(work, broken)
        noticed = Stamp("", broken.now)
        assert event == IncidentBegan(noticed, Blocker.SOURCE_DISABLED, WEB)
        assert await told(work, broken) == []
        (over,) = await told(work, FINISHED)
        assert over == IncidentOver(noticed, Blocker.SOURCE_DISABLED, WEB)
        assert await told(work, FINISHED) == []
        (again,) = await told(work, broken)
        assert again == event


async def test_what_is_mended_is_drawn_anew_once_and_nothing_else_is() -> None:
    """Ten sources break, each in a minute of its own, and are mended one after another."""
    storage, ten = FakeStorage(), tuple(Source(f"src{n}", f"s{n}", f"No. {n}") for n in range(10))
    storage.install("T1")
    whole = replace(FINISHED.integration, sources=ten)
    web = FINISHED.observed.statuses[WEB.id]
    before = FINISHED

    async def edited(minute: int, broken: Sequence[Source]) -> list[str]:
        """Which messages are drawn anew when just these are broken."""
        nonlocal before
        statuses = {
            each.id: replace(web, source_id=each.id, enabled=each not in broken) for each in ten
        }
        now, known = NOW + timedelta(minutes=minute), len(_drawn_anew(storage))
        after = Situation(whole, replace(FINISHED.observed, statuses=statuses), now)
        async with storage("T1") as work:
            await redraw_outdated(work, replace(before, now=now), after, ())
            await told(work, after)
            await work.commit()
        before = after
        return _drawn_anew(storage)[known:]

    async with storage("T1") as work:
        await work.integrations.add(whole)
        await work.commit()
    for count in range(1, 11):
        assert await edited(count, ten[:count]) == []
    mended = [await edited(10 + count, ten[count:]) for count in range(1, 11)]
    assert [len(each) for each in mended] == [1] * 10, "not those that still stand"
    assert len({key for keys in mended for key in keys}) == 10
    assert await edited(30, ten[:1]) == []
    assert len(await edited(31, ())) == 2, "a late edit may have drawn the first as broken again"
    for minute in (40, 50, 60):
        assert await edited(minute, ten[:1]) == []
        assert len(await edited(minute + 1, ())) == 2, "no more, however often it breaks"


def _drawn_anew(storage: FakeStorage) -> list[str]:
    """Beside news to whoever asked a colleague, which say what comes next."""
    redrawn = (stored.message.body for stored in storage.messages)
    again = [body.of for body in redrawn if isinstance(body, Redraw)]
    return [key for key in again if key.startswith(IncidentNews.kind)]


# --- events that stop ---------------------------------------------------------------------------


async def looked(before: SourceStatus | None, delivered: Delivered, received: int) -> SourceStatus:
    toplyne = Destination("d1", "Toplyne", True, TOPLYNE_ID, "")
    segment = ScriptedSegment(
        sources=[SegmentSource(WEB, True)],
        destinations=[toplyne],
        delivered=delivered,
        received=received,
    )
    access = segment.access(SecretStr("x"), Region.US)
    known = {WEB.id: before} if before else {}
    (status,) = await observe_sources(access, [WEB], known, NOW)
    assert ("received" in segment.asked) == (
        before is not None and before.stopped_at is None and _is_quiet(delivered, before)
    )
    return status


def _is_quiet(delivered: Delivered, before: SourceStatus) -> bool:
    last = delivered.last_at or before.delivered_at or before.first_delivered_at
    return max(last or NOW, before.since or NOW) <= NOW - STOPPED_AFTER


def earlier(days: float, **changes: object) -> SourceStatus:
    """A source that has been in this state for so many days."""
    begun = NOW - timedelta(days=days)
    status = delivering(integration())[WEB.id]
    status = replace(status, first_delivered_at=begun, since=begun, delivered_at=begun)
    return replace(status, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "received", "stopped"),
    [(2.9, 500, False), (3, 500, True), (40, 500, True), (3, 0, False)],
)
async def test_events_stop_after_three_days_in_which_the_source_had_some(
    days: float, received: int, stopped: bool
) -> None:
    last = NOW - timedelta(days=days) if days < 30 else None
    status = await looked(earlier(days), Delivered(7, last, last), received)
    assert (status.stopped_at == NOW) == stopped


async def test_they_have_stopped_until_one_is_delivered() -> None:
    since = NOW - timedelta(hours=9)
    stopped = earlier(8, stopped_at=since)
    assert (await looked(stopped, Delivered(0, None, None), 0)).stopped_at == since
    assert (await looked(stopped, Delivered(1, NOW, NOW), 9)).stopped_at is None


async def test_days_in_which_the_destination_was_off_do_not_count() -> None:
    on_again = earlier(20, since=NOW - timedelta(days=1))
    assert (await looked(on_again, Delivered(5, None, None), 99)).stopped_at is None


async def test_a_source_that_is_nowhere_was_deleted() -> None:
    segment = ScriptedSegment(sources=[], source="404")
    access = segment.access(SecretStr("x"), Region.US)
    (status,) = await observe_sources(access, [WEB], {WEB.id: earlier(5)}, NOW)
    assert status.deleted
    assert status.first_delivered_at == NOW - timedelta(days=5)
    assert status.since == NOW


async def test_one_cause_is_one_event_and_one_message_for_all_its_sources() -> None:
    storage, broken = FakeStorage(), STAGES["source switched off later"]
    other = Source("srcother", "other", "Other")
    statuses = {**broken.observed.statuses, other.id: broken.observed.statuses[WEB.id]}
    both = Situation(
        replace(broken.integration, sources=(WEB, other)),
        replace(broken.observed, statuses=statuses),
        broken.now,
    )
    storage.install("T1")
    async with storage("T1") as work:
        await work.integrations.add(both.integration)
        (event,) = await told(work, both)
        noticed = Stamp("", broken.now)
        assert event == IncidentBegan(noticed, Blocker.SOURCE_DISABLED, WEB, (other,))
        (over,) = await told(work, replace(FINISHED, integration=both.integration))
        assert isinstance(over, IncidentOver)
