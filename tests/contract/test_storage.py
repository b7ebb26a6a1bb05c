"""Every storage returns what was put into it: whole, once, in order, or not at all."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from flows.csm.facts import Card, ChannelBinding
from flows.errors import NotFound, RevisionConflict
from flows.history import Event, StoredEvent
from flows.model import Observed
from flows.outbox.jobs import Job, JobKind
from flows.outbox.messages import sendable
from flows.ports import Unguarded
from flows.setup.events import LiveSyncStarted, PlanChosen, Started
from flows.vocabulary import Plan, Stamp
from tests.contract import samples
from tests.contract.conftest import Storage
from tests.contract.samples import NOON, STAMP, A

SECOND = timedelta(seconds=1)


# --- transactions -------------------------------------------------------------------------------


async def test_leaving_without_commit_saves_nothing(storage: Storage) -> None:
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.outbox.add(samples.message("hello"))
        await work.enqueue(Job(JobKind.REDRAW, A, "one"))
    async with storage.work(A, write=False) as work:
        assert await work.integrations.of_team(A) is None
        assert sendable(await work.outbox.waiting("user:UANNA", 10), NOON) == []
    assert list(await storage.jobs()) == []


async def test_an_error_inside_saves_nothing(storage: Storage) -> None:
    async def fail() -> None:
        async with storage.work(A) as work:
            await work.integrations.add(samples.bare_integration())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with storage.work(A) as work:
        with pytest.raises(NotFound):
            await work.integrations.get("one")


async def test_what_follows_a_commit_needs_another(storage: Storage) -> None:
    async with storage.work(A) as work:
        await work.integrations.add(samples.bare_integration())
        await work.commit()
        await work.integrations.add(samples.bare_integration("two"))
    async with storage.work(A, write=False) as work:
        assert (await work.integrations.get("one")).id == "one"
        with pytest.raises(NotFound):
            await work.integrations.get("two")


async def test_a_unit_that_promised_to_read_cannot_commit(storage: Storage) -> None:
    async with storage.work(A, write=False) as work:
        with pytest.raises(RuntimeError, match="promised only to read"):
            await work.commit()


async def test_jobs_are_due_with_the_commit_and_once(storage: Storage) -> None:
    later, now = Job(JobKind.CHECK, A, "check", delay=2.5), Job(JobKind.REDRAW, A, "C1")
    async with storage.work(A) as work:
        for job in (later, later, now, now):
            await work.enqueue(job)
        assert list(await storage.jobs()) == []
        await work.commit()
    assert list(await storage.jobs()) == [(A, JobKind.CHECK, "check"), (A, JobKind.REDRAW, "C1")]


# --- integrations and what hangs on them --------------------------------------------------------


async def test_every_fact_comes_back(storage: Storage) -> None:
    async with storage.work(A) as work:
        await work.integrations.add(samples.full_integration())
        await work.commit()
    async with storage.work(A, write=False) as work:
        assert await work.integrations.get("one") == samples.full_integration()
        assert await work.integrations.of_team(A) == samples.full_integration()


async def test_the_newest_set_up_of_a_team_is_the_one(storage: Storage) -> None:
    async with storage.work(A) as work:
        for number, name in enumerate(("middle", "newest", "oldest")):
            created = NOON + SECOND * (1, 2, 0)[number]
            await work.integrations.add(samples.bare_integration(name, created=created))
        newest = await work.integrations.of_team(A)
        assert newest is not None
        assert newest.id == "newest"


async def test_saving_counts_the_revision_up(stored: Storage) -> None:
    async with stored.work(A) as work:
        read = await work.integrations.get("one")
        saved = await work.integrations.save(replace(read, plan=Plan.TEAM))
        assert saved == replace(read, plan=Plan.TEAM, revision=1)
        await work.commit()
    async with stored.work(A, write=False) as work:
        assert await work.integrations.get("one") == saved


async def test_adding_the_same_id_again_is_a_conflict(stored: Storage) -> None:
    async with stored.work(A) as work:
        with pytest.raises(RevisionConflict):
            await work.integrations.add(samples.bare_integration())
        assert (await work.integrations.get("one")).revision == 0


async def test_saving_an_old_revision_is_a_conflict_and_the_unit_stays_usable(
    stored: Storage,
) -> None:
    async with stored.work(A) as work:
        old = await work.integrations.get("one")
        await work.integrations.save(replace(old, plan=Plan.TEAM))
        with pytest.raises(RevisionConflict):
            await work.integrations.save(replace(old, plan=Plan.FREE))
        assert (await work.integrations.get("one")).plan is Plan.TEAM


async def test_saving_what_is_not_there_is_not_found(storage: Storage) -> None:
    async with storage.work(A) as work:
        with pytest.raises(NotFound):
            await work.integrations.save(samples.bare_integration())


async def test_observations_come_back_and_newer_ones_replace_them(stored: Storage) -> None:
    async with stored.work(A) as work:
        await work.observations.put_catalogue("one", samples.catalogue())
        await work.observations.put_status("one", samples.status(delivered=1))
        await work.observations.put_status("one", samples.status(delivered=2))
        await work.observations.put_status("one", samples.status("srctwo"))
        await work.observations.put_coverage("one", samples.coverage())
        await work.observations.put_looked("one", NOON, 0)
        await work.commit()
    statuses = {"srcone": samples.status(delivered=2), "srctwo": samples.status("srctwo")}
    async with stored.work(A) as work:
        expected = Observed(samples.catalogue(), statuses, samples.coverage(), NOON)
        assert await work.observations.of("one") == expected
        assert (await work.integrations.get("one")).revision == 0
        await work.observations.clear("one")
        assert await work.observations.of("one") == Observed()


async def test_what_was_seen_of_other_sources_can_be_removed(stored: Storage) -> None:
    async with stored.work(A) as work:
        for source_id in ("srcone", "srctwo"):
            await work.observations.put_status("one", samples.status(source_id))
        await work.observations.put_looked("one", NOON, 0)
        await work.observations.keep_statuses("one", {"srctwo", "srcthree"})
        await work.commit()
    async with stored.work(A) as work:
        observed = await work.observations.of("one")
        assert set(observed.statuses) == {"srctwo"}
        assert observed.looked_at == NOON
        await work.observations.keep_statuses("one", set())
        assert not (await work.observations.of("one")).statuses


async def test_overview_and_card_are_replaced(stored: Storage) -> None:
    later = replace(samples.overview(), blocker="", waiting_on=None, next_poll_at=None)
    async with stored.work(A) as work:
        assert await work.overviews.get("one") is None
        assert await work.cards.get("one") is None
        await work.overviews.put(samples.overview())
        assert await work.overviews.get("one") == samples.overview()
        await work.overviews.put(later)
        assert await work.overviews.get("one") == later
        await work.cards.put(Card("one", "C1", "1.1"))
        await work.cards.put(Card("one", "C2", "2.2"))
        drawn = Card("one", "C2", "2.2", "as it was")
        await work.cards.put(drawn)
        await work.cards.keep_drawn(drawn, "as it is")
        assert await work.cards.get("one") == replace(drawn, drawn="as it is")
        await work.cards.put(Card("one", "C2", "2.2"))  # to be drawn again, whatever it shows
        await work.cards.keep_drawn(drawn, "late")
        assert await work.cards.get("one") == Card("one", "C2", "2.2")


async def test_history_keeps_its_order(stored: Storage) -> None:
    events: list[Event] = [
        Started(Stamp("UANNA", NOON)),
        PlanChosen(Stamp("UANNA", NOON), Plan.TEAM),
        LiveSyncStarted(Stamp("", NOON - SECOND)),
    ]
    async with stored.work(A) as work:
        numbers = [await work.history.append("one", event) for event in events]
        await work.history.append("two", Started(Stamp("", NOON)))
        await work.commit()
    expected = [StoredEvent(*pair) for pair in zip(numbers, events, strict=True)]
    async with stored.work(A, write=False) as work:
        assert list(await work.history.latest("one", 10)) == expected[::-1]
        assert list(await work.history.latest("one", 2)) == expected[:0:-1]
        assert await work.history.get("one", numbers[1]) == expected[1]
        with pytest.raises(NotFound):
            await work.history.get("two", numbers[1])


# --- secrets ------------------------------------------------------------------------------------


async def test_the_vault_keeps_one_token(stored: Storage) -> None:
    first, second = (SecretStr(secrets.token_hex(20)) for _ in range(2))
    async with stored.work(A) as work:
        assert await work.vault.get("one") is None
        await work.vault.put("one", first)
        assert await work.vault.get("one") == first
        await work.vault.put("one", second)
        assert await work.vault.get("one") == second
        await work.vault.delete("one")
        assert await work.vault.get("one") is None


async def test_checks_come_back_with_their_secret(stored: Storage) -> None:
    secret = SecretStr(secrets.token_hex(20))
    async with stored.work(A) as work:
        await work.checks.add(samples.check("with"), secret)
        await work.checks.add(samples.check("without"), None)
        await work.checks.count_attempt("with")
        assert await work.checks.get("with") == (replace(samples.check("with"), attempts=1), secret)
        assert await work.checks.get("without") == (samples.check("without"), None)
        assert await work.checks.get("unknown") is None


async def test_a_check_is_deleted_once(stored: Storage) -> None:
    async with stored.work(A) as work:
        for name in ("one", "two", "three"):
            await work.checks.add(samples.check(name), None)
        assert await work.checks.delete("one")
        assert not await work.checks.delete("one")
        await work.checks.delete_of("one")
        assert await work.checks.get("two") is None
        assert await work.checks.get("three") is None


# --- the workspace ------------------------------------------------------------------------------


async def test_an_installation_comes_revoked_and_back(storage: Storage) -> None:
    first, second = (SecretStr(secrets.token_hex(20)) for _ in range(2))
    installed = samples.installation()
    async with storage.work("TNEW", unguarded=Unguarded.INSTALLING) as work:
        assert await work.installations.get() is None
        assert await work.installations.token() is None
        await work.installations.revoke(NOON)
    async with storage.work(A) as work:
        await work.installations.put(installed, first)
        assert await work.installations.get() == installed
        assert await work.installations.token() == first
        await work.installations.revoke(NOON)
        assert await work.installations.get() == replace(installed, revoked_at=NOON)
        assert await work.installations.token() is None
        await work.installations.put(installed, second)
        assert await work.installations.get() == installed
        assert await work.installations.token() == second


async def test_open_invitations_are_read_newest_first_and_a_csms_alone(storage: Storage) -> None:
    async with storage.work(A) as work:
        for days, owner in enumerate(("UTOM", "UMIRA", "UTOM", "UMIRA")):
            at = NOON + timedelta(days=days)
            made = samples.invitation(account=f"Acme {days}", owner=owner, invited_at=at)
            await work.invitations.put(made)
        await work.invitations.installed("Acme 2", NOON)
        found = [each.account for each in await work.invitations.waiting(NOON, 2)]
        assert found == ["Acme 3", "Acme 1"]
        theirs = [each.account for each in await work.invitations.waiting(NOON, 2, "UTOM")]
        assert theirs == ["Acme 0"]
        assert await work.invitations.waiting(NOON + timedelta(days=30), 2) == []


async def test_the_csm_channel_is_bound_anew(storage: Storage) -> None:
    async with storage.work(A) as work:
        assert await work.csm_channel.get() is None
        for channel in ("C1", "C2"):
            await work.csm_channel.bind(ChannelBinding(channel, STAMP))
            assert await work.csm_channel.get() == ChannelBinding(channel, STAMP)


async def test_the_latest_viewers_of_home_come_first(storage: Storage) -> None:
    async with storage.work(A) as work:
        for number, user in enumerate(("U1", "U2", "U3", "U1")):
            await work.home_viewers.seen(user, A, NOON + SECOND * number)
        await work.home_viewers.seen("UOTHER", "TOTHEROFORG", NOON)
        assert list(await work.home_viewers.recent(A, 10)) == ["U1", "U3", "U2"]
        assert list(await work.home_viewers.recent(A, 2)) == ["U1", "U3"]
        assert list(await work.home_viewers.recent("TOTHEROFORG", 2)) == ["UOTHER"]
