"""Incidents and what polls remember: opened once, closed once, for one tenant only."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from flows.checks.facts import Incident
from flows.model import Observed, Unheard
from flows.vocabulary import TokenHealth, TokenState
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, A, B

OFF = Incident("destination_disabled", "srcone", NOON)
REVOKED = Incident("token_revoked", "", NOON + timedelta(minutes=1))


async def test_one_is_open_at_most_of_a_kind_and_subject(stored: Storage) -> None:
    later = replace(OFF, opened_at=NOON + timedelta(hours=1))
    async with stored.work(A) as work:
        assert await work.incidents.open("one", OFF)
        assert await work.incidents.open("one", REVOKED)
        assert not await work.incidents.open("one", later)
        await work.commit()
    async with stored.work(A) as work:
        assert list(await work.incidents.of("one")) == [OFF, REVOKED]


async def test_one_is_closed_once_and_can_come_again(stored: Storage) -> None:
    later = replace(OFF, opened_at=NOON + timedelta(hours=2))
    async with stored.work(A) as work:
        await work.incidents.open("one", OFF)
        assert await work.incidents.close("one", OFF, NOON + timedelta(hours=1))
        assert not await work.incidents.close("one", OFF, NOON + timedelta(hours=1))
        assert list(await work.incidents.of("one")) == []
        assert await work.incidents.open("one", later)
        assert list(await work.incidents.of("one")) == [later]


async def test_nobody_else_sees_or_closes_it(stored: Storage) -> None:
    async with stored.work(A) as work:
        await work.incidents.open("one", OFF)
        await work.commit()
    async with stored.work(B) as work:
        assert list(await work.incidents.of("one")) == []
        assert not await work.incidents.close("one", OFF, NOON)


async def test_two_that_notice_at_once_open_it_once(stored: Storage) -> None:
    async def notice() -> bool:
        async with stored.work(A) as work:
            opened = await work.incidents.open("one", OFF)
            await asyncio.sleep(0.05)
            await work.commit()
            return opened

    found = await asyncio.gather(*(notice() for _ in range(4)), return_exceptions=True)
    assert [one for one in found if isinstance(one, BaseException)] == []
    assert sorted(found) == [False, False, False, True]  # type: ignore[type-var]


async def test_what_polls_remember_comes_back(stored: Storage) -> None:
    health = TokenHealth(TokenState.LACKS_CALL, NOON, "destinations")
    async with stored.work(A) as work:
        await work.observations.put_looked("one", NOON, 3, NOON)
        await work.observations.put_waited("one", NOON + timedelta(minutes=2))
        await work.observations.put_token("one", health)
        await work.commit()
    async with stored.work(A) as work:
        found = await work.observations.of("one")
        assert found == Observed(looked_at=NOON, failures=3, token=health, round_since=NOON)
        assert found.waited_at == NOON + timedelta(minutes=2)
        await work.observations.put_looked("one", NOON, 0)
        found = await work.observations.of("one")
        assert (found.failures, found.round_since) == (0, None)


async def test_a_status_keeps_when_it_stopped(stored: Storage) -> None:
    status = replace(
        samples.status(),
        stopped_at=NOON,
        delivered_at=NOON,
        deleted=True,
        unheard=Unheard.REFUSED,
        asked_at=NOON,
    )
    async with stored.work(A) as work:
        await work.observations.put_status("one", status)
        await work.commit()
    async with stored.work(A) as work:
        assert (await work.observations.of("one")).statuses == {status.source_id: status}
