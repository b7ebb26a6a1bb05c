"""One row that cannot be read takes nothing away from others, is not lost, and is named in the log.

Customer A has one of each kind, of which one is damaged; customer B has the same, undamaged.
"""

import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from bot.clock import new_id
from flows.audit import Audited, AuditEntry, Secret
from flows.checks.facts import Incident
from flows.csm.board import CustomerQuery, Stage
from flows.csm.digest import MOVES
from flows.csm.facts import Card, ChannelBinding
from flows.errors import RowUnreadable
from flows.model import Integration, Verification
from flows.outbox.bodies import DrawCard, ThreadLine
from flows.outbox.messages import Message, UnreadableBody, sendable
from flows.outbox.rebinding import Redrawing
from flows.projection import PROJECTION, Rebuilding
from flows.reactions import usual_reactions
from flows.recording import Recorder
from flows.setup.erasing import Erasing
from flows.setup.events import PlanChosen
from flows.setup.installations import Lifecycle
from flows.toplyne.model import Delivery, DeliveryKind
from flows.toplyne.triggers import ToplyneTriggers
from flows.vocabulary import Plan, ReceivedEvent, Stamp, TokenHealth, TokenState
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import SharedClock
from storage.export import SqlExport
from storage.given_up import GivenUp
from storage.leases import Leases
from storage.replanning import Replanning
from storage.tenants import ERASED, SqlTenants, lacking
from storage.unit_of_work import SqlUnitOfWork, SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.damages import DAMAGES, MADE_ANEW, Damage, rows_of
from tests.contract.samples import NOON, A, B
from tests.faults.size import LONG
from tests.scenario.logged import logged
from tests.support.fake_tables import FakeClock
from tests.support.installed import install

CSM = "TTOPLYNE"
LINES = "csm:one"
MINUTE = timedelta(minutes=1)
AT = Stamp("UMIRA", NOON)


async def no_names(_tenant_id: str) -> dict[str, str]:
    return {}


async def csm_tenant() -> str:
    return CSM


class House:
    """The use cases that look at many customers, on one database."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        clock = FakeClock(NOON)
        self.engine = engine
        self.work = SqlUnitOfWorkFactory(engine, cipher, clock)
        self.customers = SqlCustomers(engine)
        follows = usual_reactions(MINUTE, to_toplyne=ToplyneTriggers(new_id))
        self.recorder = Recorder(self.work, clock, follows)
        self.rebuilding = Rebuilding(self.recorder, self.customers)
        self.redrawing = Redrawing(self.work, self.customers)
        tenants = SqlTenants(engine, clock)
        self.erasing = Erasing(self.work, tenants, CSM, csm_tenant, clock)
        parts = (self.recorder, self.erasing, tenants)
        self.lifecycle = Lifecycle(*parts, no_names, CSM, _nobody_invited)
        self.export = SqlExport(engine, cipher)
        self.given_up = GivenUp(engine)


def _nobody_invited(*_: object) -> Callable[..., object]:
    raise AssertionError("nobody installs anything here")


def integration(tenant_id: str) -> Integration:
    """Whose token Toplyne has."""
    full = samples.full_integration()
    assert full.credentials
    return replace(
        full,
        tenant_id=tenant_id,
        team_id=tenant_id,
        credentials=replace(full.credentials, verification=Verification.VERIFIED),
        token_forgotten=None,
        disconnected=None,
    )


async def fill(unit: SqlUnitOfWork) -> None:
    """One row in each table that holds kinds, states or documents."""
    tenant_id, stored = unit.tenant_id, integration(unit.tenant_id)
    await unit.integrations.add(stored)
    await unit.overviews.put(samples.overview())
    await unit.observations.put_status("one", samples.status())
    await unit.observations.put_catalogue("one", samples.catalogue())
    await unit.observations.put_coverage("one", samples.coverage())
    await unit.observations.put_looked("one", NOON, 1, NOON)
    await unit.observations.put_token("one", TokenHealth(TokenState.ACCEPTED, NOON))
    await unit.incidents.open("one", Incident("events_stopped", "srcone", NOON))
    await unit.history.append("one", PlanChosen(AT, Plan.TEAM))
    await unit.vault.put("one", SecretStr("token"))
    await unit.write_keys.put("one", SecretStr("key"))
    await unit.checks.add(samples.check(), SecretStr("token"))
    await unit.replay_requests.add("one", samples.replay())
    await unit.cards.put(Card("one", "CCSM", "1.1"))
    await unit.outbox.add(Message(ThreadLine(1), LINES, f"line:{tenant_id}", "one"))
    await unit.outbox.add(Message(DrawCard(), LINES, f"card:{tenant_id}", "one"))
    for kind in (DeliveryKind.REPLAY, DeliveryKind.CREDENTIALS):
        made = Delivery(f"msg_{kind}_{tenant_id}", kind, "one", "1", NOON, "{}")
        await unit.deliveries.add(made)
        if (seen := await unit.deliveries.get(made.id)) and kind is DeliveryKind.CREDENTIALS:
            tried = await unit.deliveries.claim(seen, NOON)
            assert tried
            await unit.deliveries.mark_delivered(tried, NOON)
    await unit.inbox.accept(ReceivedEvent(f"Ev{tenant_id}", "message", tenant_id, "UANNA", NOON))
    await unit.audit.add(AuditEntry(Audited.SAW, Secret.TOKEN, AT, tenant_id, "one"))
    link = samples.entry_link(tenant_id, id=f"page_{tenant_id}", digest=f"digest_{tenant_id}")
    await unit.entry_links.put(link)
    await unit.commit()


@pytest.fixture
async def house(engine: Engine, cipher: Cipher) -> House:
    await install(engine, CSM)
    made = House(engine, cipher)
    for tenant_id in (A, B):
        async with made.work(tenant_id) as unit:
            await fill(unit)
    async with made.work(CSM) as unit:
        await unit.csm_channel.bind(ChannelBinding("CNEW", AT))
        await unit.commit()
    return made


# --- what others have, and do ---------------------------------------------------------------------


async def board_and_home(house: House) -> None:
    for query in (CustomerQuery(), CustomerQuery(owner="UMIRA"), CustomerQuery(text="acme")):
        found = (await house.customers.page(query, NOON, 20)).customers
        assert B in {each.tenant_id for each in found}
    await house.customers.page(CustomerQuery(stage=Stage.FINISHED), NOON, 20)
    await house.customers.figures(NOON, NOON - 7 * MINUTE)
    assert list(await house.customers.owners(9)) == ["UMIRA"]


async def digest(house: House) -> None:
    found, _ = await house.customers.needing(NOON, 10)
    assert B in {each.tenant_id for each in found}
    found, _ = await house.customers.finished(NOON, NOON + MINUTE, 10)
    assert B in {each.tenant_id for each in found}
    assert sum((await house.customers.funnel()).values())
    await house.customers.moved(MOVES, NOON - MINUTE, NOON + MINUTE)


async def polls_of_others(house: House) -> None:
    await house.recorder.note(B, "one", lambda now: now.integration)
    leases = Leases(house.engine, SharedClock(), [])
    await leases.look()


async def redraw(house: House) -> None:
    await house.redrawing.redraw(CSM, "CNEW")
    for tenant_id in (A, B):
        drawn = await rows_of(house.engine, tables.outbox, tenant_id)
        assert any("bound:CNEW" in str(row) for row in drawn)


async def rebuild(house: House) -> None:
    """A damaged one is passed over, and nobody waits for it."""
    t = tables.overview
    async with house.engine.begin() as connection:
        await connection.execute(sa.update(t).values(projection=PROJECTION - 1))
    for _ in range(5):
        if await house.rebuilding.catch_up():
            break
    else:
        raise AssertionError("it never ends")
    async with house.engine.connect() as connection:
        of_b = sa.select(t.c.projection).where(t.c.tenant_id == B)
        assert (await connection.execute(of_b)).scalar_one() == PROJECTION


async def replan(house: House) -> None:
    t = tables.due
    async with house.engine.begin() as connection:
        await connection.execute(sa.delete(t).where(t.c.tenant_id == B))
    await Replanning(house.engine).replan(NOON)
    async with house.engine.connect() as connection:
        planned = await connection.execute(sa.select(t.c.kind).where(t.c.tenant_id == B))
    assert {"deliver", "event", "check", "hand_over"} <= {row.kind for row in planned}


async def deliver(house: House) -> None:
    """Those behind a message that cannot be read go on, also while it waits for its next try."""
    async with house.work(A) as unit:
        waiting = await unit.outbox.waiting(LINES, 20)
        first, *_ = waiting
        cards = [each for each in waiting if isinstance(each.message.body, DrawCard)]
        is_read = not isinstance(first.message.body, UnreadableBody)
    later = [replace(each, due_at=NOON + MINUTE) if each is first else each for each in waiting]
    assert (cards[0] in sendable(later, NOON)) is not is_read


async def what_an_operator_sees(house: House) -> None:
    await house.given_up.messages.letters(9)
    await house.given_up.messages.counts()
    await house.given_up.events.events(9)
    await house.given_up.deliveries.deliveries(9)
    await house.given_up.deliveries.counts()
    for each in await house.given_up.deliveries.deliveries(9):
        assert await house.given_up.deliveries.find(each.id)
    assert set(await lacking(house.engine, ["commands"], [], "")) == {A, B, CSM}
    assert (await house.export.everything(A, A))["integrations"]
    assert len(await house.export.audit(A)) == len(await rows_of(house.engine, tables.audit, A))


async def what_the_customer_sees(house: House) -> None:
    """It may fail, kindly: the log has said why."""
    try:
        await house.work.glance(A, A)
        async with house.work(A, write=False) as unit:
            await unit.integrations.observed("one")
            await unit.history.latest("one", 50)
            await unit.replay_requests.of("one", 9)
            await unit.deliveries.latest("one", 9)
            await unit.incidents.of("one")
            await unit.audit.latest(A, 9)
            await unit.overviews.get("one")
            assert await unit.installations.get()
            await unit.checks.get("check")
            await unit.inbox.get(f"Ev{A}")
    except RowUnreadable:
        return


Walk = Callable[[House], Awaitable[None]]
WALKS: tuple[Walk, ...] = (
    board_and_home,
    digest,
    polls_of_others,
    redraw,
    rebuild,
    replan,
    deliver,
    what_an_operator_sees,
    what_the_customer_sees,
)


async def leave(house: House) -> None:
    """The secrets go at once, what Toplyne was given is withdrawn, and then all goes."""
    await house.lifecycle.uninstall(A)
    left = await house.export.everything(A, A)
    assert not any(left[name] for name in ("vault", "write_keys", "pending_checks"))
    assert left["installations"][0]["revoked_at"]
    told = [row for row in left["deliveries"] if row["kind"] == "withdrawn"]
    assert told[0]["data"]["withdrawn"] == ["access_token"]
    assert not await house.erasing.erase(A)  # before Toplyne has heard of it
    t = tables.deliveries
    async with house.engine.begin() as connection:
        taken = sa.update(t).where(t.c.kind == "withdrawn").values(state="delivered")
        await connection.execute(taken)
    assert await house.erasing.erase(A)
    for table in ERASED:
        assert table in (tables.audit, tables.due) or not await rows_of(house.engine, table, A)
    said = [str(row) for row in await rows_of(house.engine, tables.outbox, CSM)]
    assert any("farewell" in row and "CCSM" in row for row in said)


_ANEW = (*MADE_ANEW, tables.words, tables.due, tables.outbox)
KEPT = [each for each in ERASED if each not in _ANEW]


DATABASES = ("sqlite", "postgres")
# The ways of one column follow one another, so each database meets each column. `make faults`
# meets all on both.
MET = [
    pytest.param(database, damage, id=f"{database}-{damage.name}")
    for number, damage in enumerate(DAMAGES)
    for database in (DATABASES if LONG else (DATABASES[number % 2],))
]


@pytest.mark.parametrize(("database_address", "damage"), MET, indirect=["database_address"])
async def test_one_row_that_cannot_be_read(house: House, damage: Damage) -> None:
    await damage.do(house.engine)
    of_a = await rows_of(house.engine, damage.table, A)
    of_b = [await rows_of(house.engine, each, B) for each in KEPT]
    with logged() as log:
        for walk in WALKS:
            await walk(house)
    if damage.table not in (*MADE_ANEW, tables.due):
        assert [
            row for row in of_a if row not in await rows_of(house.engine, damage.table, A)
        ] == []
    await leave(house)
    assert [await rows_of(house.engine, each, B) for each in KEPT] == of_b
    _names_it(log, damage)


def _names_it(log: io.StringIO, damage: Damage) -> None:
    if damage.value in ("{broken", "null") and damage.table is not tables.installations:
        said = [line for line in log.getvalue().splitlines() if '"row_unreadable"' in line]
        assert said
        assert all(f'"table": "{damage.table.name}"' in line and A in line for line in said)
        assert "broken" not in log.getvalue()
