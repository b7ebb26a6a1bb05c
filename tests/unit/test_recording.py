"""The one way to change: retried after a conflict, with everything that follows in one go."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.errors import RevisionConflict
from flows.history import Event
from flows.model import Integration, Observed, Situation
from flows.ports import UnitOfWork
from flows.projection import project
from flows.recording import MAX_CONFLICTS, Change, Reaction, Reactions, Recorder
from flows.vocabulary import Plan, Stamp
from tests.support.fakes import FakeStorage
from tests.support.flow_services import ADA, INTEGRATION, POLL_INTERVAL, TEAM

ROOT = Path(__file__).parents[2]


class Noted:
    """A reaction that notes what it was told, and fails if the test wants it to."""

    def __init__(self, name: str, told: list[tuple[str, Plan | None, Plan | None]]) -> None:
        self.name, self.told, self.fails = name, told, False

    async def __call__(
        self, work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
    ) -> None:
        self.told.append((self.name, before.integration.plan, after.integration.plan))
        if self.fails:
            raise RevisionConflict(self.name)


def recorder(storage: FakeStorage, *others: Reaction) -> Recorder:
    def projected(situation: Situation):
        return project(situation, POLL_INTERVAL)

    follows = Reactions(lambda _before, integration, _events: integration, projected, others)
    return Recorder(storage, storage.clock, follows)


@pytest.fixture
async def storage() -> FakeStorage:
    made = FakeStorage()
    made.install(TEAM)
    async with made(TEAM) as work:
        created = Stamp(ADA.user_id, made.clock.now())
        begun = Integration(INTEGRATION, TEAM, TEAM, created, last_active=created)
        await work.integrations.add(begun)
        await work.commit()
    return made


def business(situation: Situation) -> Change:
    return Change(replace(situation.integration, plan=Plan.BUSINESS))


async def test_what_follows_runs_in_order_and_sees_before_and_after(storage: FakeStorage) -> None:
    told: list[tuple[str, Plan | None, Plan | None]] = []
    changing = recorder(storage, Noted("first", told), Noted("second", told))
    storage.clock.advance(timedelta(hours=1))
    changed = await changing.change(TEAM, INTEGRATION, business, actor=ADA)
    assert told == [("first", None, Plan.BUSINESS), ("second", None, Plan.BUSINESS)]
    assert changed.after.integration.last_active == Stamp(ADA.user_id, storage.clock.now())
    async with storage(TEAM, write=False) as work:
        assert await work.overviews.get(INTEGRATION) == project(changed.after, POLL_INTERVAL)


async def test_who_only_looked_changes_nothing(storage: FakeStorage) -> None:
    told: list[tuple[str, Plan | None, Plan | None]] = []
    changing = recorder(storage, Noted("one", told))
    await changing.change(TEAM, INTEGRATION, lambda now: Change(now.integration), actor=ADA)
    assert told == []
    async with storage(TEAM) as work:
        looked = await changing.load(work, INTEGRATION)
        seen = replace(looked, observed=Observed(looked_at=looked.now))
        await changing.react(work, looked, seen)
    assert told == [("one", None, None)]


async def test_what_fails_leaves_nothing_and_is_tried_again_a_few_times(
    storage: FakeStorage,
) -> None:
    told: list[tuple[str, Plan | None, Plan | None]] = []
    failing = Noted("one", told)
    failing.fails = True
    changing = recorder(storage, failing)
    with pytest.raises(RevisionConflict):
        await changing.change(TEAM, INTEGRATION, business)
    assert len(told) == MAX_CONFLICTS
    assert storage.tables.integrations[TEAM, INTEGRATION].plan is None
    failing.fails = False
    await changing.change(TEAM, INTEGRATION, business)
    assert storage.tables.integrations[TEAM, INTEGRATION].plan is Plan.BUSINESS


async def test_an_end_of_conflicts_is_enough(storage: FakeStorage) -> None:
    tries: list[int] = []

    async def quarrel(_work: UnitOfWork) -> str:
        tries.append(1)
        if len(tries) < MAX_CONFLICTS:
            raise RevisionConflict(INTEGRATION)
        return "done"

    assert await recorder(storage).transact(TEAM, quarrel) == "done"
    assert len(tries) == MAX_CONFLICTS


RECORDS = ("record", "react", "look", "save", "attend")


def test_who_records_starts_over_if_somebody_else_was_faster() -> None:
    """PostgreSQL lets two write at once: a transaction of one's own would end in an error line."""
    own = {
        f"{path.stem}.{block.lineno}: {call.func.attr}"
        for path in (ROOT / "flows").rglob("*.py")
        for block in ast.walk(ast.parse(path.read_text()))
        if isinstance(block, ast.AsyncWith) and path.stem != "recording" and _writes(block)
        for call in ast.walk(block)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in RECORDS
    }
    assert own == set()


def _writes(block: ast.AsyncWith) -> bool:
    opened = [each.context_expr for each in block.items]
    return any(
        isinstance(call, ast.Call)
        and ast.unparse(call.func).endswith("uow")
        and "write=False" not in ast.unparse(call)
        for call in opened
    )
