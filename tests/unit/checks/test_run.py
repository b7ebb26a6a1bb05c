"""Checks that outlive their acknowledgement: they continue, are retried, and finish once."""

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest
from pydantic import SecretStr

from flows.checks.conclude import Concluder
from flows.checks.examine import Examiner
from flows.checks.question import CheckKind, CheckStage, Question
from flows.checks.run import CHECK_LIFETIME, Checking, CheckPolicy
from flows.checks.segment import SegmentSource
from flows.errors import (
    ErrorCode,
    Field,
    FieldError,
    SegmentLimited,
    SegmentUnavailable,
    StorageUnavailable,
)
from flows.history import Event
from flows.model import Integration, Screen, Situation
from flows.outbox.bodies import CheckDone
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.setup.events import CredentialsVerified
from flows.setup.results import Result, ShowProgress, ShowStep
from flows.vocabulary import Actor, Plan, Region, Stamp, Workspace
from tests.support.fakes import FakeStorage
from tests.unit.checks.scripted_segment import ScriptedAccess, ScriptedSegment

ADA = Actor("T1", "T1", "UADA")
ACME = Workspace("acme", "ws1", "Acme Inc")
GOOD = {"workspace": ACME, "sources": [], "users": True, "volumes": {}}
PATIENCE = 60.0  # seconds; a bound for a busy machine
POLICY = CheckPolicy(
    deadline=0.05, longest=5.0, take_over=35.0, grace=1.0, redraw=0.01, backoff=(1.0, 2.0)
)


class GatedSegment(ScriptedSegment):
    """Answers about the workspace and the sources once their gates are open."""

    def __init__(self, **answers: object) -> None:
        super().__init__(**answers)
        self.workspace_gate, self.sources_gate = asyncio.Event(), asyncio.Event()
        self.sources_gate.set()
        self.retry_after: float | None = None
        self.reached = 0  # calls that wait at the workspace's gate or have passed it

    def access(self, token: SecretStr, region: Region) -> "GatedAccess":
        return GatedAccess(self, token, region)


@dataclass
class GatedAccess(ScriptedAccess):
    script: GatedSegment

    async def workspace(self) -> Workspace:
        self.script.reached += 1
        await self.script.workspace_gate.wait()
        if self.script.retry_after is not None:
            limited = self.script.answers["workspace"] == "limited"
            kind = SegmentLimited if limited else SegmentUnavailable
            raise kind("workspace", "wait", self.script.retry_after)
        return await super().workspace()

    async def sources(self) -> list[SegmentSource]:
        await self.script.sources_gate.wait()
        return await super().sources()


@dataclass
class Drawings:
    """Implements `flows.checks.shown.WaitingModal`. Drawing takes a moment, as with Slack."""

    storage: FakeStorage
    drawn: list[ShowProgress] = field(default_factory=list)
    after_the_result: int = 0

    async def show(self, tenant_id: str, progress: ShowProgress) -> None:
        await asyncio.sleep(0.02)
        self.drawn.append(progress)
        self.after_the_result += len(results(self.storage))


class Desk:
    """One `Checking` on an in-memory storage that holds an integration."""

    def __init__(self, segment: GatedSegment, policy: CheckPolicy = POLICY) -> None:
        self.storage = FakeStorage()
        self.storage.install("T1")
        self.segment = segment
        self.window = Drawings(self.storage)
        self.ended: list[tuple[str, str]] = []
        follows = usual_reactions(timedelta(minutes=15))
        self.recorder = Recorder(self.storage, self.storage.clock, follows)
        self.numbers = count(1)
        self._policy = policy
        self.checking = self.another(policy)

    def another(self, policy: CheckPolicy = POLICY) -> Checking:
        """The `Checking` of a second process."""
        return Checking(
            self.recorder,
            Examiner(self.storage, self.segment),
            Concluder(self.recorder, lambda prefix: f"{prefix}_{next(self.numbers)}"),
            lambda prefix: f"{prefix}_{next(self.numbers)}",
            self.window,
            policy,
            lambda kind, outcome: self.ended.append((kind, outcome)),
        )

    async def submit(self) -> Result:
        """Enters a token on the plan Business. Waits for an answer that nothing holds up."""
        if self.segment.workspace_gate.is_set() and self.segment.sources_gate.is_set():
            self.checking = self.another(replace(self._policy, deadline=PATIENCE))
        stamp = Stamp(ADA.user_id, self.storage.clock.now())
        integration = Integration("int1", "T1", "T1", stamp, plan=Plan.BUSINESS)
        async with self.storage("T1") as work:
            await work.integrations.add(replace(integration, plan_chosen=stamp, last_active=stamp))
            await work.commit()
        async with self.storage("T1") as work:
            situation: Situation = await self.recorder.load(work, "int1")
        token = SecretStr("sgp_" + secrets.token_hex(32))
        question = Question(CheckKind.TOKEN, ADA, "int1", 1, secret=token)
        return await self.checking.run(question, situation)

    @property
    def kinds(self) -> list[type[Event]]:
        return [type(stored.event) for *_, stored in self.storage.tables.history]

    @property
    def checks(self) -> int:
        return len(self.storage.tables.checks)

    @property
    def delays(self) -> list[float]:
        return [job.delay for job in self.storage.jobs if job.kind.value == "check"]

    @property
    def newest_job(self) -> str:
        return [job.subject for job in self.storage.jobs if job.kind.value == "check"][-1]


def done_with(storage: FakeStorage) -> list[CheckDone]:
    bodies = (row.message.body for row in storage.messages)
    return [body for body in bodies if isinstance(body, CheckDone)]


def results(storage: FakeStorage) -> list[str]:
    """What was said when a check ended, by the screen that it leads to."""
    return [done.screen for done in done_with(storage)]


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110 - of the storage, which tells nobody
            await asyncio.sleep(0.005)


async def test_a_quick_check_stores_nothing_of_itself() -> None:
    desk = Desk(GatedSegment(**GOOD))
    desk.segment.workspace_gate.set()
    result = await desk.submit()
    assert isinstance(result, ShowStep)
    assert result.screen is Screen.SOURCES
    assert (desk.checks, desk.delays, results(desk.storage)) == (0, [], [])


async def test_the_running_check_continues_and_is_not_started_again() -> None:
    desk = Desk(GatedSegment(**GOOD))
    result = await desk.submit()
    assert isinstance(result, ShowProgress)
    assert (desk.checks, desk.delays, result.found) == (1, [35.0], ())
    desk.segment.workspace_gate.set()
    await until(lambda: results(desk.storage))
    assert desk.segment.asked.count("workspace") == 1
    assert (desk.checks, results(desk.storage)) == (0, ["sources"])
    assert desk.kinds.count(CredentialsVerified) == 1


async def test_what_is_found_is_drawn_while_it_runs_and_never_after_the_result() -> None:
    desk = Desk(GatedSegment(**GOOD))
    desk.segment.sources_gate.clear()
    await desk.submit()
    desk.segment.workspace_gate.set()
    await until(lambda: desk.window.drawn)
    assert [found.stage for found in desk.window.drawn[0].found] == [
        CheckStage.TOKEN,
        CheckStage.WORKSPACE,
    ]
    assert desk.window.drawn[0].found[1].detail == "Acme Inc"
    desk.segment.sources_gate.set()
    await until(lambda: results(desk.storage))
    drawn = len(desk.window.drawn)
    await asyncio.sleep(0.1)
    assert len(desk.window.drawn) == drawn
    assert desk.window.after_the_result == 0


async def test_a_check_that_breaks_behind_its_modal_is_tried_again_at_the_usual_pace() -> None:
    desk = Desk(GatedSegment(workspace="down", workspace_at_eu="down", config="down"))
    await desk.submit()
    desk.segment.workspace_gate.set()
    await until(lambda: len(desk.delays) == 2)
    assert desk.delays == [35.0, 1.0]
    await until(lambda: desk.window.drawn)
    assert desk.window.drawn[-1].retrying
    await desk.checking.resume("T1", "chk_1:0")  # the job that was to take over runs late
    assert len(desk.delays) == 2
    desk.segment.answers |= GOOD
    await desk.checking.resume("T1", desk.newest_job)
    assert (desk.checks, results(desk.storage)) == (0, ["sources"])


async def test_a_check_that_is_resumed_shows_how_far_it_is() -> None:
    desk = Desk(GatedSegment(**GOOD), replace(POLICY, grace=0.01))
    await desk.submit()
    await desk.checking.stop()
    desk.segment.workspace_gate.set()
    desk.segment.sources_gate.clear()
    resumed = asyncio.create_task(desk.another().resume("T1", "chk_1:0"))
    await until(lambda: desk.window.drawn)
    assert desk.window.drawn[0].check_id == "chk_1"
    assert CheckStage.TOKEN in [found.stage for found in desk.window.drawn[0].found]
    desk.segment.sources_gate.set()
    await resumed
    assert results(desk.storage) == ["sources"]
    assert desk.window.after_the_result == 0


async def test_after_the_last_try_it_is_given_up_and_counts_as_nobodys_failure() -> None:
    desk = Desk(GatedSegment(workspace="down", workspace_at_eu="down", config="down"))
    desk.segment.workspace_gate.set()
    await desk.submit()
    tries = 0
    while desk.checks:
        await desk.checking.resume("T1", desk.newest_job)
        tries += 1
        assert tries < 10
    assert desk.delays == [1.0, 1.0, 2.0]
    (done,) = done_with(desk.storage)
    assert done.error == FieldError(Field.TOKEN, ErrorCode.SEGMENT_UNAVAILABLE)
    assert desk.storage.tables.integrations["T1", "int1"].failed_tries == 0
    assert desk.storage.tables.vault == {}


@pytest.mark.parametrize("kind", [CheckKind.TOKEN, CheckKind.WRITE_KEY])
async def test_what_no_key_opens_waits_and_is_asked_for_again_at_the_end(kind: CheckKind) -> None:
    desk = Desk(GatedSegment(workspace="down", workspace_at_eu="down", config="down"))
    desk.segment.workspace_gate.set()
    await desk.submit()
    (key, (check, _)), *_ = desk.storage.tables.checks.items()
    desk.storage.tables.checks[key] = (replace(check, kind=kind), SecretStr(""))
    reached = desk.segment.reached
    for _ in range(5):  # more than are made while Segment is down
        await desk.checking.resume("T1", desk.newest_job)
    assert (desk.checks, results(desk.storage)) == (1, [])
    desk.storage.clock.advance(CHECK_LIFETIME)
    await desk.checking.resume("T1", desk.newest_job)
    (done,) = done_with(desk.storage)
    assert done.error == FieldError(kind.field, ErrorCode.SECRET_LOST)
    assert (desk.checks, desk.segment.reached) == (0, reached), "Segment was not asked"
    assert desk.storage.tables.integrations["T1", "int1"].failed_tries == 0


async def test_an_expired_check_is_given_up_at_its_next_try() -> None:
    desk = Desk(GatedSegment(workspace="down", workspace_at_eu="down", config="down"))
    desk.segment.workspace_gate.set()
    await desk.submit()
    desk.storage.clock.advance(timedelta(hours=13))
    await desk.checking.resume("T1", "chk_1")
    assert (desk.checks, results(desk.storage)) == (0, ["credentials"])


async def test_two_processes_finish_one_check_once() -> None:
    desk = Desk(GatedSegment(**GOOD))
    await desk.submit()
    other = asyncio.create_task(desk.another().resume("T1", "chk_1:0"))
    await asyncio.sleep(0)
    desk.segment.workspace_gate.set()
    await other
    await until(lambda: desk.checks == 0)
    await desk.checking.stop()
    assert results(desk.storage) == ["sources"]
    assert desk.kinds.count(CredentialsVerified) == 1


async def test_a_process_that_stops_leaves_the_check_to_its_job() -> None:
    desk = Desk(GatedSegment(**GOOD), replace(POLICY, grace=0.01))
    await desk.submit()
    await desk.checking.stop()
    assert (desk.checks, desk.delays) == (1, [0.0])  # nobody has to wait until it is surely dead
    desk.segment.workspace_gate.set()
    await desk.another().resume("T1", "chk_1:0")
    assert (desk.checks, results(desk.storage)) == (0, ["sources"])


async def test_a_database_that_is_gone_for_a_moment_loses_nothing() -> None:
    desk = Desk(GatedSegment(**GOOD))
    await desk.submit()
    desk.storage.available = False
    desk.segment.workspace_gate.set()
    await desk.checking.stop()
    desk.storage.available = True
    assert (desk.checks, results(desk.storage)) == (1, [])
    await desk.checking.resume("T1", "chk_1:0")
    assert results(desk.storage) == ["sources"]


async def test_a_check_that_cannot_be_stored_runs_on_for_nobody() -> None:
    desk = Desk(GatedSegment(**GOOD))
    submitted = asyncio.create_task(desk.submit())
    await until(lambda: desk.segment.reached)
    desk.storage.available = False
    with pytest.raises(StorageUnavailable):
        await submitted
    desk.segment.workspace_gate.set()
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
    assert (desk.segment.asked, desk.ended) == ([], [("token", "stopped")])
    desk.storage.available = True
    desk.storage.clock.advance(timedelta(minutes=1))  # the lost check counts as running for a while
    async with desk.storage("T1") as work:
        situation = await desk.recorder.load(work, "int1")
    question = Question(CheckKind.TOKEN, ADA, "int1", 1, secret=SecretStr(secrets.token_hex(32)))
    result = await desk.checking.run(question, situation)
    assert isinstance(result, ShowStep)
    assert result.screen is Screen.SOURCES


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (GOOD, "answered"),
        ({"config": "401", "write_key": False}, "refused"),
        ({"workspace": "down", "workspace_at_eu": "down", "config": "down"}, "unavailable"),
    ],
)
async def test_how_checks_end_is_counted(answers: dict[str, object], outcome: str) -> None:
    desk = Desk(GatedSegment(**answers))
    desk.segment.workspace_gate.set()
    await desk.submit()
    assert desk.ended == [("token", outcome)]
