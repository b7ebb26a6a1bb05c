"""Two tenants with the same ids never see, change or count each other's rows."""

import secrets
from dataclasses import replace

import pytest
from pydantic import SecretStr

from flows.csm.facts import Card, ChannelBinding
from flows.errors import NotFound
from flows.model import Observed
from flows.outbox.messages import Attempt, sendable
from flows.ports import UnitOfWork
from flows.setup.events import Started
from flows.vocabulary import Plan, ReceivedEvent, Stamp
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, STAMP, A, B


@pytest.fixture
def token() -> SecretStr:
    return SecretStr(secrets.token_hex(20))


@pytest.fixture
async def full(storage: Storage, token: SecretStr) -> Storage:
    """Tenant A has one of everything."""
    async with storage.work(A) as work:
        await work.integrations.add(samples.full_integration())
        await work.observations.put_catalogue("one", samples.catalogue())
        await work.vault.put("one", token)
        await work.checks.add(samples.check(), token)
        await work.overviews.put(samples.overview())
        await work.cards.put(Card("one", "C1", "1.1"))
        await work.history.append("one", Started(Stamp("", NOON)))
        await work.outbox.add(samples.message("key"))
        await work.inbox.accept(ReceivedEvent("Ev1", "message"))
        await work.home_viewers.seen("UANNA", A, NOON)
        await work.csm_channel.bind(ChannelBinding("C1", STAMP))
        await work.installations.put(samples.installation(), token)
        await work.commit()
    return storage


async def test_another_tenant_sees_nothing(full: Storage, token: SecretStr) -> None:
    async with full.work(B, write=False) as work:
        assert await work.integrations.of_team(A) is None
        assert await work.observations.of("one") == Observed()
        assert await work.vault.get("one") is None
        assert await work.checks.get("check") is None
        assert await work.overviews.get("one") is None
        assert await work.cards.get("one") is None
        assert list(await work.history.latest("one", 10)) == []
        assert list(sendable(await work.outbox.waiting("user:UANNA", 10), full.clock.now())) == []
        assert list(await work.home_viewers.recent(A, 10)) == []
        assert await work.csm_channel.get() is None
        assert await work.installations.get() != samples.installation()
        assert await work.installations.token() != token
        assert await work.teams.get(A) is None
        for absent in (
            work.integrations.get("one"),
            work.history.get("one", 1),
            work.inbox.get("Ev1"),
        ):
            with pytest.raises(NotFound):
                await absent


async def test_another_tenant_changes_nothing(full: Storage, token: SecretStr) -> None:
    async with full.work(A, write=False) as work:
        (theirs,) = sendable(await work.outbox.waiting("user:UANNA", 10), full.clock.now())
    async with full.work(B) as work:
        await work.observations.clear("one")
        await work.vault.delete("one")
        await work.checks.count_attempt("check")
        assert not await work.checks.delete("check")
        await work.checks.delete_of("one")
        await work.outbox.mark_sent(1, "C", "1")
        await work.outbox.give_up(theirs, "no")
        await work.outbox.put_off(theirs, "no", NOON)
        assert await work.outbox.claim(theirs, Attempt(NOON, NOON), NOON) is None
        await work.installations.revoke(NOON)
        await work.commit()
    async with full.work(A, write=False) as work:
        await _expect_everything(work, full, token)


async def _expect_everything(work: UnitOfWork, full: Storage, token: SecretStr) -> None:
    assert (await work.observations.of("one")).catalogue == samples.catalogue()
    assert await work.vault.get("one") == token
    assert await work.checks.get("check") == (samples.check(), token)
    assert await work.installations.token() == token
    (kept,) = sendable(await work.outbox.waiting("user:UANNA", 10), full.clock.now())
    assert (kept.attempts, kept.message) == (0, samples.message("key"))


async def test_the_same_ids_live_side_by_side(full: Storage, token: SecretStr) -> None:
    other, theirs = SecretStr(secrets.token_hex(20)), samples.bare_integration("one", B)
    async with full.work(B) as work:
        await work.integrations.add(theirs)
        await work.integrations.save(replace(theirs, plan=Plan.FREE))
        await work.observations.put_status("one", samples.status())
        await work.vault.put("one", other)
        await work.checks.add(samples.check(), other)
        await work.overviews.put(replace(samples.overview(), blocker="theirs"))
        await work.cards.put(Card("one", "C9", "9.9"))
        await work.outbox.add(samples.message("key"))
        assert await work.inbox.accept(ReceivedEvent("Ev1", "message"))
        await work.csm_channel.bind(ChannelBinding("C9", STAMP))
        await work.installations.put(samples.installation(B), other)
        assert await work.installations.token() == other
        await work.commit()
    async with full.work(A, write=False) as work:
        await _expect_everything(work, full, token)
        assert await work.integrations.get("one") == samples.full_integration()
        assert (await work.observations.of("one")).statuses == {}
        assert await work.overviews.get("one") == samples.overview()
        assert await work.cards.get("one") == Card("one", "C1", "1.1")
        assert await work.csm_channel.get() == ChannelBinding("C1", STAMP)


async def test_rows_of_an_integration_that_the_tenant_lacks_are_refused(full: Storage) -> None:
    async def refused(write: str) -> None:
        async with full.work(B) as work:
            writes = {
                "vault": lambda: work.vault.put("one", SecretStr("x")),
                "check": lambda: work.checks.add(samples.check("new"), None),
                "status": lambda: work.observations.put_status("one", samples.status()),
                "overview": lambda: work.overviews.put(samples.overview()),
                "card": lambda: work.cards.put(Card("one", "C", "1")),
            }
            with pytest.raises(NotFound):
                await writes[write]()

    for write in ("vault", "check", "status", "overview", "card"):
        await refused(write)


async def test_what_belongs_to_another_tenant_is_refused(full: Storage) -> None:
    async with full.work(B) as work:
        for refused in (
            work.integrations.add(samples.bare_integration()),
            work.integrations.save(samples.full_integration()),
            work.installations.put(samples.installation(), SecretStr("x")),
        ):
            with pytest.raises(ValueError, match="another tenant"):
                await refused
