"""The whole bot on an in-memory storage and Slack. It dies at random points."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.app import Bot
from bot.outbound.people import FAILURE_AGE, People
from bot.settings import Settings
from flows.checks.poll import farthest_poll
from flows.errors import NotInstalled
from flows.installed import Installation
from flows.outbox.messages import MessageState, StoredMessage
from flows.ports import Unguarded
from flows.vocabulary import Person, ReceivedEvent, Stamp
from storage.cipher import generate_key
from tests.faults.small_slack import Killed, Posted, SmallSlack
from tests.support.fake_due import DueThings
from tests.support.fake_segment import made_up_token
from tests.support.fake_tables import FakeClock
from tests.support.fakes import FakeStorage, FakeTenants, FakeUnitOfWork
from tests.support.flow_services import ADA, BOB, CSM_TEAM, POLL_INTERVAL, TEAM, Services

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # before everything in these tests
BEGIN = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)  # a Monday; deadlines use real time, which is later
CUSTOMERS = "C0CUSTOMERS"
ROUNDS = 60  # of work until nothing is due; more means that it never ends
LIMIT = 100


class MortalStorage(FakeStorage):
    """Dies before or after the commit at which `countdown` reaches 0. If set to 0, it lives."""

    def __init__(self) -> None:
        super().__init__(FakeClock(BEGIN))
        self.countdown = 0
        self.dies_after = False

    def __call__(
        self, tenant_id: str, *, write: bool = True, unguarded: Unguarded | None = None
    ) -> FakeUnitOfWork:
        return MortalUnit(self, tenant_id, write, is_guarded=write and unguarded is None)

    def is_last_commit(self) -> bool:
        self.countdown -= 1
        return self.countdown == 0


class MortalUnit(FakeUnitOfWork):
    def __init__(
        self, storage: MortalStorage, tenant_id: str, write: bool, *, is_guarded: bool
    ) -> None:
        super().__init__(storage, tenant_id, write, is_guarded=is_guarded)
        self._mortal = storage

    async def commit(self) -> None:
        dies = self._mortal.is_last_commit()
        if dies and not self._mortal.dies_after:
            raise Killed
        await super().commit()
        if dies:
            raise Killed


class OpenGates:
    """Implements `flows.ports.RateGates`. Nobody waits."""

    async def take(self, tenant_id: str, costs: object, longest: float) -> float:
        return 0.0

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        return None


class Mortal(Services):
    """`work` does what a worker does: it begins again what died."""

    storage: MortalStorage

    def __init__(self, watch: Callable[[Posted], None]) -> None:
        super().__init__(MortalStorage())
        self.clock = self.storage.clock
        self.slack = SmallSlack(self.clock, watch)
        self.slack.people = {
            ADA.user_id: Person("America/New_York", "en-US", is_active=True),
            BOB.user_id: Person("Asia/Dubai", "ar-AE", is_active=True),
        }
        self._settings = _settings()
        self.is_silent = False  # nobody delivers, so messages wait
        self.seconds = 0.0  # of real time
        self.deaths = 0
        self.installed = 0
        self._events_done: set[str] = set()
        self.rise()

    def rise(self) -> None:
        """Starts a new process on the same database. What the old one remembered is gone."""
        bot = Bot(self._settings, AsyncExitStack())
        bot.uow, bot.gates, bot.clock = self.storage, OpenGates(), self.clock
        bot.slack = bot.clients = self.slack
        bot.segment = bot.polled = self.segment
        bot.tenants = FakeTenants(self.storage)
        bot.people = People(
            bot.installations, bot.clients, bot.gates, bot.removal, lambda: self.seconds
        )
        bot.customers = None  # only boards use them, and nobody opens one here
        self.installations = bot.installations
        self.reminding = bot.reminding
        self.delivery = bot.delivery

    async def alive(self, act: Callable[[], Awaitable[Any]]) -> bool:
        """Runs the act. Returns whether it survived to its end."""
        try:
            await act()
        except Killed:
            self.deaths += 1
            self.rise()
            return False
        return True

    # --- Slack ----------------------------------------------------------------------------------

    async def install_in(self, team_id: str, by: str) -> None:
        """Installs the app as OAuth does, each time with a new token."""
        self.installed += 1
        token = made_up_token(f"bot {self.installed}")
        self.slack.tokens.add(token)
        installation = Installation(
            team_id, team_id, "", False, team_id, "A1", "B1", "U0BOT", ("commands",),
            Stamp(by, self.clock.now()),
        )  # fmt: skip
        await self.lifecycle.install(installation, SecretStr(token))
        self.installations.forget(team_id)

    async def accept(self, event: ReceivedEvent) -> None:
        """Slack posts an event. A repeated one is known by its id."""
        with suppress(NotInstalled):
            async with self.storage(TEAM) as work:
                await work.inbox.accept(event)
                await work.commit()

    # --- the worker -----------------------------------------------------------------------------

    async def work(self, done: Callable[[], None]) -> None:
        """Works until nothing is due. Calls `done` after each job."""
        for _ in range(ROUNDS):
            if not await self.work_once(done):
                return
        raise AssertionError(f"there is always something due: {self.pending()[:3]}")

    async def work_once(self, done: Callable[[], None]) -> bool:
        """Tries everything that is due. Returns whether anything was."""
        self.backoff_passes()
        jobs = await self._due()
        for job in jobs:
            self.clock.advance(timedelta(milliseconds=1))
            await self.alive(job)
            done()
        return bool(jobs)

    def backoff_passes(self) -> None:
        """Lets real time pass until everything that was put off is due."""
        self.seconds += FAILURE_AGE
        rows = self.storage.tables.outbox
        for sequence, row in rows.items():
            if row.state is MessageState.PENDING:
                attempt = row.attempt and replace(row.attempt, until=LONG_AGO)
                rows[sequence] = replace(row, due_at=LONG_AGO, attempt=attempt)

    def pending(self) -> list[StoredMessage]:
        return [row for row in self.storage.messages if row.state is MessageState.PENDING]

    async def _due(self) -> list[Callable[[], Awaitable[None]]]:
        agenda, now = DueThings(self.storage, farthest_poll(POLL_INTERVAL)), self.clock.now()
        found: list[Callable[[], Awaitable[None]]] = []
        inbox = [key[1] for key in self.storage.tables.inbox if key[1] not in self._events_done]
        found += [lambda id_=id_: self._receive(id_) for id_ in inbox]  # type: ignore[misc]
        if not self.segment.down:
            checks = [check for _, check in self.storage.tables.checks]
            found += [lambda id_=id_: self.checking.resume(TEAM, id_) for id_ in checks]  # type: ignore[misc]
        for due in agenda.polls(now, LIMIT):
            found.append(lambda d=due: self.poller.poll(d.tenant_id, d.subject))  # type: ignore[misc]
        for due in agenda.reminders(now, LIMIT):
            found.append(lambda d=due: self._remind(d.tenant_id, d.subject))  # type: ignore[misc]
        for due in () if self.is_silent else agenda.conversations(now, LIMIT):
            found.append(lambda d=due: self.delivery.drain(d.tenant_id, d.subject))  # type: ignore[misc]
        return found

    async def _remind(self, tenant_id: str, integration_id: str) -> None:
        await self.reminding.remind(tenant_id, integration_id, self.poller.poll)

    async def _receive(self, event_id: str) -> None:
        await self.lifecycle.receive(TEAM, event_id)
        self.installations.forget(TEAM)
        self._events_done.add(event_id)


def _settings() -> Settings:
    secret = SecretStr("0" * 32)
    return Settings(
        _env_file=None,
        slack_signing_secret=secret,
        slack_client_id="1.2",
        slack_client_secret=secret,
        public_url="https://bot.test",
        encryption_keys=generate_key().get_secret_value(),
        csm_team_id=CSM_TEAM,
        csm_channel_id=CUSTOMERS,
    )
