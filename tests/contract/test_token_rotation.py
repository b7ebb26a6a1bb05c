"""Bot tokens that expire are renewed once, however many requests and processes need them."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbound import token_rotation
from bot.outbound.clients import InstallationLookup
from bot.outbound.token_rotation import RENEWED_BEFORE, TURN, TokenRotation
from flows.errors import StorageUnavailable
from flows.ports import Unguarded
from storage import tables
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.engine import close_engine, make_engine
from storage.repositories.installations import SqlInstallations
from storage.rotation import SEALED
from storage.tenants import SqlTenants
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import A
from tests.support.fake_tables import FakeClock

LIFE = timedelta(hours=12)


class SmallSlack:
    """Renews tokens: each token that renews works once. `refusals` are answered first."""

    def __init__(self) -> None:
        self.names = (f"{number}-{secrets.token_hex(8)}" for number in count())
        self.refresh = next(self.names)
        self.asked = 0
        self.meanwhile: Callable[[], object] = lambda: None
        self.refusals: list[dict[str, Any] | str] = []

    async def oauth_v2_access(self, *, grant_type: str, refresh_token: str, **_: Any) -> Any:
        self.asked += 1
        self.meanwhile()
        await asyncio.sleep(0)  # others come meanwhile
        assert grant_type == "refresh_token"
        odd = self.refusals.pop(0) if self.refusals else {}
        if refresh_token != self.refresh or isinstance(odd, str):
            error = odd or "invalid_refresh_token"
            raise SlackApiError(str(error), {"ok": False, "error": error})
        self.refresh = next(self.names)
        team = {"id": A, "name": "Acme"}
        new = {"access_token": next(self.names), "refresh_token": self.refresh}
        answer = {"ok": True, "team": team, "expires_in": int(LIFE.total_seconds()), **new, **odd}
        return type("Answer", (), {"data": answer})


@pytest.fixture
def slack() -> SmallSlack:
    return SmallSlack()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Processes:
    """Each has a lookup and connections of its own."""

    def __init__(self, engines: list[Engine], slack: SmallSlack, clock: FakeClock) -> None:
        self.cipher = Cipher([generate_key()])
        self.clock = clock
        self.uows = [SqlUnitOfWorkFactory(engine, self.cipher, clock) for engine in engines]
        client = cast("AsyncWebClient", slack)
        self.rotations = [
            TokenRotation(client, "1.2", SecretStr("x"), uow, clock, clock) for uow in self.uows
        ]
        self.lookups = [
            InstallationLookup(uow, SqlTenants(engine, clock), rotation)
            for engine, uow, rotation in zip(engines, self.uows, self.rotations, strict=True)
        ]

    async def install(self, slack: SmallSlack, token: str, until: datetime | None) -> None:
        installed = replace(samples.installation(A), expires_at=until)
        async with self.uows[0](A) as work:
            await work.installations.put(installed, SecretStr(token), SecretStr(slack.refresh))
            await work.commit()

    async def at_once(self, many: int) -> list[str]:
        each = (self.lookups[number % len(self.lookups)] for number in range(many))
        found = await asyncio.gather(*(lookup.find(A) for lookup in each))
        return [one[1].get_secret_value() for one in found if one]


@pytest.fixture
async def processes(
    engine: Engine, database_address: str, slack: SmallSlack, clock: FakeClock
) -> AsyncIterator[Processes]:
    others = [make_engine(database_address) for _ in range(3)]
    yield Processes([engine, *others], slack, clock)
    for other in others:
        await close_engine(other)


@pytest.mark.parametrize("left", [RENEWED_BEFORE, timedelta(seconds=1), timedelta(0), -LIFE])
async def test_twenty_at_once_renew_it_once(
    processes: Processes, slack: SmallSlack, clock: FakeClock, left: timedelta
) -> None:
    await processes.install(slack, "old", clock.now() + left)
    found = await processes.at_once(20)
    assert slack.asked == 1
    assert len(found) == 20
    if left <= timedelta(0):
        assert "old" not in found, "who lost the race waits for the newer token"
    (newest,) = {*await processes.at_once(4)} - {"old"}
    for lookup in processes.lookups:
        lookup.forget(A)
    assert {*await processes.at_once(20)} == {newest}
    assert slack.asked == 1


async def test_again_and_again(processes: Processes, slack: SmallSlack, clock: FakeClock) -> None:
    await processes.install(slack, "old", clock.now() + LIFE)
    for turn in range(1, 6):
        clock.advance(LIFE)
        for lookup in processes.lookups:
            lookup.forget(A)
        assert len({*await processes.at_once(8)}) == 1
        assert slack.asked == turn


@pytest.mark.parametrize("until", [None, LIFE])
async def test_a_token_that_lasts_is_left_alone(
    processes: Processes, slack: SmallSlack, clock: FakeClock, until: timedelta | None
) -> None:
    await processes.install(slack, "old", clock.now() + until if until else None)
    assert {*await processes.at_once(4)} == {"old"}
    assert slack.asked == 0


UNUSABLE: list[dict[str, Any] | str] = [
    "invalid_refresh_token",
    "internal_error",
    "token_revoked",
    {"refresh_token": None},
    {"expires_in": None},
    {"expires_in": "soon"},
    {"expires_in": 0},
    {"expires_in": -1},
    {"expires_in": 10**18},
    {"access_token": None},
    {"access_token": ""},
    {"refresh_token": ""},
    {"team": None},
    {"team": {"id": "T0OTHER"}},
    {"is_enterprise_install": True, "enterprise": {"id": "E1"}},
]


@pytest.mark.parametrize("odd", UNUSABLE, ids=str)
async def test_an_answer_that_cannot_be_used_changes_nothing(
    processes: Processes, slack: SmallSlack, clock: FakeClock, odd: dict[str, Any] | str
) -> None:
    await processes.install(slack, "old", clock.now() + timedelta(minutes=1))
    slack.refusals = [odd]
    kept = slack.refresh
    assert {*await processes.at_once(4)} == {"old"}
    assert slack.asked == 1, "nobody insists"
    slack.refresh = kept
    clock.advance(TURN + timedelta(seconds=1))
    for lookup in processes.lookups:
        lookup.forget(A)
    await processes.at_once(4)
    assert slack.asked == 2, "but it is tried again"
    processes.lookups[0].forget(A)
    assert await processes.at_once(1) != ["old"]


async def test_an_answer_that_comes_after_its_turn_is_kept(
    processes: Processes, slack: SmallSlack, clock: FakeClock
) -> None:
    """A process that is suspended, or whose clock jumps: what renews the token works only once."""
    await processes.install(slack, "old", clock.now())
    slack.meanwhile = lambda: clock.advance(TURN + timedelta(seconds=1))
    assert len(await processes.at_once(6)) == 6
    for lookup in processes.lookups:
        lookup.forget(A)
    (newest,) = {*await processes.at_once(6)}
    assert newest != "old"
    clock.advance(LIFE)
    assert newest not in await processes.at_once(6), "it can be renewed again"


async def test_who_gives_up_in_the_middle_loses_nothing(
    processes: Processes, slack: SmallSlack, clock: FakeClock
) -> None:
    await processes.install(slack, "old", clock.now())
    asking = asyncio.create_task(processes.lookups[0].find(A))
    slack.meanwhile = asking.cancel
    with pytest.raises(asyncio.CancelledError):
        await asking
    slack.meanwhile = lambda: None
    (newest,) = {*await processes.at_once(6)}
    assert newest != "old"
    assert slack.asked == 1


async def test_what_the_database_does_not_take_yet_is_stored_later(
    processes: Processes, slack: SmallSlack, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack gives it only once."""
    monkeypatch.setattr(token_rotation, "STORE_AGAIN", [0.0] * 9)
    await processes.install(slack, "old", clock.now() + timedelta(minutes=1))
    store, away = SqlInstallations.refreshed, iter(range(3))

    async def unless_away(*arguments: Any) -> None:
        if next(away, None) is not None:
            raise StorageUnavailable("OperationalError")
        await store(*arguments)

    monkeypatch.setattr(SqlInstallations, "refreshed", unless_away)
    with pytest.raises(StorageUnavailable):
        await processes.at_once(1)
    await processes.rotations[0].stop()
    clock.advance(timedelta(hours=1))
    (newest,) = await processes.at_once(1)
    assert newest != "old"
    assert slack.asked == 1


async def test_a_process_that_stops_waits_for_what_slack_gives(
    processes: Processes, slack: SmallSlack, clock: FakeClock
) -> None:
    await processes.install(slack, "old", clock.now())
    asked = asyncio.Event()
    slack.meanwhile = asked.set
    asking = asyncio.create_task(processes.at_once(1))
    await asked.wait()
    asking.cancel()
    await processes.rotations[0].stop()
    assert await processes.at_once(2) != ["old"]
    assert slack.asked == 1


async def test_a_new_installation_is_not_replaced_by_what_was_asked_before(
    processes: Processes, slack: SmallSlack, clock: FakeClock
) -> None:
    began = clock.now()
    await processes.install(slack, "old", began)
    clock.advance(timedelta(minutes=1))
    await processes.install(slack, "newer", clock.now() + LIFE)
    async with processes.uows[0](A) as work:
        late = SecretStr("late")
        await work.installations.refreshed(began, late, late, clock.now() + LIFE)
        await work.commit()
    assert await processes.at_once(1) == ["newer"]


async def test_what_renews_a_token_is_sealed_and_leaves_with_the_app(
    processes: Processes, slack: SmallSlack, clock: FakeClock, engine: Engine
) -> None:
    column = tables.installations.c.sealed_refresh
    assert column in SEALED, "so it is sealed anew with the others, and exported as a fingerprint"
    await processes.install(slack, "old", clock.now())
    column_of_a = sa.select(column).where(tables.installations.c.tenant_id == A)
    async with engine.connect() as connection:
        sealed = (await connection.execute(column_of_a)).scalar_one()
    assert slack.refresh not in sealed
    assert processes.cipher.open(f"refresh:{A}", sealed).get_secret_value() == slack.refresh
    late, until = SecretStr("late"), clock.now() + TURN
    async with processes.uows[0](A, unguarded=Unguarded.TOKEN) as work:
        assert await work.installations.claim_refresh(clock.now(), clock.now(), until)
        await work.installations.revoke(clock.now())
        await work.commit()
    async with processes.uows[0](A, unguarded=Unguarded.TOKEN) as work:
        await work.installations.refreshed(clock.now(), late, late, clock.now() + LIFE)
        now = clock.now() + LIFE
        assert await work.installations.claim_refresh(clock.now(), now, now + TURN) is None
        await work.commit()
    async with engine.connect() as connection:
        assert (await connection.execute(column_of_a)).scalar_one() is None
