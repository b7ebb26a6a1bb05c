"""Integrations, what is derived from them, and their cards in the CSM channel.

Also the quick look at an integration and its observations, at the beginning of each request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from enum import Enum
from typing import Any, TypeVar

import sqlalchemy as sa

from flows.checks.question import HELD
from flows.csm.facts import Card, Need
from flows.drawn import SeenHome
from flows.errors import NotFound, RevisionConflict, RowUnreadable
from flows.kept import Newest
from flows.model import Integration, Observed, Step, WaitingOn
from flows.outbox.jobs import JobKind
from flows.overview import Milestone, Overview, Standing
from flows.setup.blockers import Blocker
from flows.words import words_of
from storage import documents, tables
from storage.clauses import IS_INSTALLED, in_text, of_integration, of_tenant
from storage.connections import Engine
from storage.raw import raw_read
from storage.repositories.observations import CHECKING, SITUATION, observed_of
from storage.transaction import Repository
from storage.unreadable import Reading

E = TypeVar("E", bound=Enum)

SET_UPS_KEPT = 1000  # set-ups that stay parsed

_t, _o, _c = tables.integrations, tables.observations, tables.pending_checks
_team = tables.teams.c
_OVERVIEW = [field.name for field in fields(Overview)]
_tenant = of_tenant(_t)
_GET = sa.select(_t.c.facts).where(_tenant, _t.c.id == sa.bindparam("integration"))
_SAVE = sa.update(_t).where(
    _tenant, _t.c.id == sa.bindparam("integration"), _t.c.revision == sa.bindparam("seen")
)
_LISTED = sa.select(_t.c.id, _t.c.team_id).where(_tenant).order_by(_t.c.id)
_EXISTS = sa.select(sa.exists().where(_tenant, _t.c.id == sa.bindparam("integration")))
_newest = (
    sa.select(_t.c.id, _t.c.facts)
    .where(_tenant, _t.c.team_id == sa.bindparam("team"))
    .order_by(_t.c.created_at.desc(), _t.c.id.desc())
    .limit(1)
)
_OF_TEAM = _newest.with_only_columns(_t.c.id, _t.c.facts)
_own = _newest.cte("own")
_own_id = sa.select(_own.c.id).scalar_subquery()  # not a join, which reads all of the tenant
_FACTS = "facts"
_GLANCE = sa.union_all(
    sa.select(in_text(_FACTS), in_text(""), _own.c.facts),
    sa.select(_o.c.kind, _o.c.subject, _o.c.document).where(
        of_tenant(_o), _o.c.integration_id == _own_id, SITUATION
    ),
    sa.select(in_text(CHECKING), _c.c.user_id, _c.c.id + sa.literal(" ") + _c.c.kind).where(
        of_tenant(_c),
        _c.c.integration_id == _own_id,
        sa.func.substr(_c.c.id, sa.literal_column("1"), sa.literal_column(str(len(HELD))))
        != in_text(HELD),
    ),
)
_h, _v, _w = tables.history, tables.home_viewers, tables.overview
_SAYS, _REMINDS, _DRAWN = "says", "reminds", "drawn"
# What a Home is drawn from beside the situation: up to where the history goes, when the next
# reminder comes; and what the person's Home shows.
_HOME: sa.CompoundSelect[Any] = sa.union_all(
    *_GLANCE.selects,
    sa.select(in_text(_SAYS), in_text(""), sa.cast(sa.func.max(_h.c.sequence), sa.Text)).where(
        of_tenant(_h), _h.c.integration_id == _own_id
    ),
    sa.select(in_text(_REMINDS), in_text(""), sa.cast(_w.c.next_reminder_at, sa.Text)).where(
        of_tenant(_w), _w.c.integration_id == _own_id
    ),
    sa.select(in_text(_DRAWN), in_text(""), _v.c.drawn).where(
        of_tenant(_v), _v.c.user_id == sa.bindparam("user")
    ),
)
_its_facts = sa.select(in_text(_FACTS), in_text(""), _t.c.facts).where(
    _tenant, _t.c.id == sa.bindparam("integration")
)
_its_observations = sa.select(_o.c.kind, _o.c.subject, _o.c.document).where(of_integration(_o))
_is_here = sa.exists().where(IS_INSTALLED)
_LOOK = sa.union_all(_its_facts.where(_is_here), _its_observations.where(SITUATION))
_ALL_SEEN = sa.union_all(_its_facts, _its_observations)  # with the windows, for who changes it

# What an overview was found by, and its team's name. Without a join: SQLite takes no names of
# tables in what an INSERT returns.
_team_id = (
    sa.select(_t.c.team_id)
    .where(_t.c.tenant_id == sa.bindparam("its_tenant"), _t.c.id == sa.bindparam("its_id"))
    .scalar_subquery()
)
_its_team = (
    sa.select(_team.name)
    .where(_team.tenant_id == sa.bindparam("its_tenant"), _team.team_id == _team_id)
    .scalar_subquery()
)
_NAMES = (_w.c.found_by, _its_team.label("team_name"))
_its_overview = of_integration(_w)
_STANDS = sa.select(_w).where(_its_overview)
_FOUND_BY = sa.update(_w).where(_its_overview)
_words = tables.words
_FORGET_WORDS = sa.delete(_words).where(of_integration(_words))
_ADD_WORD = sa.insert(_words)
_d = tables.cards
_card = of_integration(_d)
_CARD = sa.select(_d.c.integration_id, _d.c.channel_id, _d.c.ts, _d.c.drawn).where(_card)
_KEEP_DRAWN = sa.update(_d).where(
    _card,
    _d.c.channel_id == sa.bindparam("channel"),
    _d.c.ts == sa.bindparam("posted"),
    _d.c.drawn == sa.bindparam("seen"),
)


class SqlIntegrations(Repository):
    async def get(self, integration_id: str) -> Integration:
        found = await self._transaction.execute(_GET, self._of(integration_id))
        facts = found.scalar_one_or_none()
        if facts is None:
            raise NotFound(integration_id)
        return _integration(facts, self._ids(integration_id))

    async def observed(self, integration_id: str) -> tuple[Integration, Observed]:
        rows = (await self._transaction.execute(_ALL_SEEN, self._of(integration_id))).all()
        return _parsed(rows, self._ids(integration_id))

    async def exists(self, integration_id: str) -> bool:
        found = await self._transaction.execute(_EXISTS, self._of(integration_id))
        return bool(found.scalar_one())

    async def listed(self) -> Sequence[tuple[str, str]]:
        found = await self._transaction.execute(_LISTED, self._tenant)
        return [(row.id, row.team_id) for row in found]

    async def of_team(self, team_id: str) -> Integration | None:
        parameters = {**self._tenant, "team": team_id}
        row = (await self._transaction.execute(_OF_TEAM, parameters)).one_or_none()
        return None if row is None else _integration(row.facts, self._ids(row.id))

    async def add(self, integration: Integration) -> None:
        self._check_tenant(integration)
        values = {
            "tenant_id": integration.tenant_id,
            "id": integration.id,
            "created_at": integration.created.at,
            **self._changing(integration),
        }
        if await self._transaction.insert_new(_t, values, _t.c.id) is None:
            raise RevisionConflict(integration.id)

    async def save(self, integration: Integration) -> Integration:
        self._check_tenant(integration)
        saved = replace(integration, revision=integration.revision + 1)
        seen = {**self._of(integration.id), "seen": integration.revision}
        if not (await self._transaction.execute(_SAVE, {**self._changing(saved), **seen})).rowcount:
            if not await self.exists(integration.id):
                raise NotFound(integration.id)
            raise RevisionConflict(integration.id)
        return saved

    def _check_tenant(self, integration: Integration) -> None:
        if integration.tenant_id != self._transaction.tenant_id:
            raise ValueError("this integration belongs to another tenant")

    def _changing(self, integration: Integration) -> dict[str, object]:
        return {
            "team_id": integration.team_id,
            "revision": integration.revision,
            "facts": documents.to_text(documents.INTEGRATION, integration),
            "updated_at": self._transaction.clock.now(),
        }


class SqlOverviews(Repository):
    async def put(self, overview: Overview) -> None:
        tenant_id, integration_id = self._transaction.tenant_id, overview.integration_id
        values = {"tenant_id": tenant_id, **asdict(overview)}
        its = {"its_tenant": tenant_id, "its_id": integration_id}
        row = (await self._transaction.upsert(_w, values, _NAMES, its)).one()
        found_by = f"{overview.search}\n{row.team_name or ''}"
        if row.found_by != found_by:
            await self._find_by(integration_id, found_by)
        for kind, at in (
            (JobKind.POLL, overview.next_poll_at),
            (JobKind.REMIND, overview.next_reminder_at),
            (JobKind.CALL, overview.next_call_at),
        ):
            self._transaction.wishes.plan(kind, integration_id, at)

    async def _find_by(self, integration_id: str, found_by: str) -> None:
        """Replaces the words by which it is found. Nobody else does so while we hold its row."""
        its = self._of(integration_id)
        await self._transaction.execute(_FORGET_WORDS, its)
        key = self._ids(integration_id)
        if found := [{**key, "word": word} for word in sorted(words_of(found_by))]:
            await self._transaction.execute(_ADD_WORD, found)
        await self._transaction.execute(_FOUND_BY, {**its, "found_by": found_by})

    async def get(self, integration_id: str) -> Overview | None:
        row = (await self._transaction.execute(_STANDS, self._of(integration_id))).one_or_none()
        return None if row is None else overview_of(row)


def overview_of(row: sa.Row[Any]) -> Overview:
    """From a row with all columns of the table. What this version does not know is left open, so
    that the customer keeps the line on the board.
    """
    values = {name: getattr(row, name) for name in _OVERVIEW}
    is_known = _known(Blocker, row, "blocker", None) or not row.blocker
    values["step"] = _known(Step, row, "step", None) if is_known else None
    values["waiting_on"] = _known(WaitingOn, row, "waiting_on", None)
    values["standing"] = _known(Standing, row, "standing", Standing.IN_PROGRESS)
    values["milestone"] = _known(Milestone, row, "milestone", Milestone.INSTALLED)
    values["need"] = _known(Need, row, "need", None) or ""
    return Overview(**values)


def _known(of: type[E], row: sa.Row[Any], column: str, instead: E | None) -> E | None:
    """The value of a column, or `instead` if it is empty or none that this version knows."""
    value = getattr(row, column)
    if value is None or value == "":
        return instead
    its = {"tenant_id": row.tenant_id, "integration_id": row.integration_id}
    try:
        with Reading(_w, **its, kind=column):
            return of(value)
    except RowUnreadable:
        return instead


class SqlCards(Repository):
    async def get(self, integration_id: str) -> Card | None:
        row = (await self._transaction.execute(_CARD, self._of(integration_id))).one_or_none()
        return None if row is None else Card(row.integration_id, row.channel_id, row.ts, row.drawn)

    async def put(self, card: Card) -> None:
        values = {"tenant_id": self._transaction.tenant_id, **asdict(card)}
        await self._transaction.upsert(_d, values)

    async def keep_drawn(self, card: Card, fingerprint: str) -> None:
        same = {"channel": card.channel_id, "posted": card.ts, "seen": card.drawn}
        its = {**self._of(card.integration_id), **same, "drawn": fingerprint}
        await self._transaction.execute(_KEEP_DRAWN, its)


_Rows = tuple[Sequence[Any], Mapping[str, str]]  # and whose they are
_Seen = tuple[Integration, Observed]


class SqlSituations:
    """Keeps each team's situation parsed for as long as the stored text is the same, so it is never
    stale, even if another process wrote the text.
    """

    def __init__(self, engine: Engine) -> None:
        self._glance = raw_read(engine, _GLANCE)
        self._look = raw_read(engine, _LOOK)
        self._home = raw_read(engine, _HOME)
        self._kept = Newest[_Rows, _Seen](SET_UPS_KEPT, lambda rows: _parsed(*rows))

    async def of_team(self, tenant_id: str, team_id: str) -> tuple[Integration, Observed] | None:
        rows = await self._glance.rows({"tenant": tenant_id, "team": team_id})
        return self._parsed(rows, tenant_id, team_id=team_id) if rows else None

    async def home(self, tenant_id: str, team_id: str, user_id: str) -> SeenHome:
        asked = {"tenant": tenant_id, "team": team_id, "user": user_id}
        rows = await self._home.rows(asked)
        beside = {kind: text for kind, _, text in rows if kind in (_SAYS, _REMINDS, _DRAWN)}
        drawn = beside.pop(_DRAWN, None)
        if own := [row for row in rows if row[0] not in (_SAYS, _REMINDS, _DRAWN)]:
            seen = self._parsed(own, tenant_id, team_id=team_id)
            return SeenHome(seen, (beside.get(_SAYS), beside.get(_REMINDS)), drawn)
        return SeenHome(None, (), drawn)

    async def of(self, tenant_id: str, integration_id: str) -> tuple[Integration, Observed]:
        rows = await self._look.rows({"tenant": tenant_id, "integration": integration_id})
        return self._parsed(rows, tenant_id, integration_id=integration_id)

    def _parsed(
        self, rows: Sequence[Any], tenant_id: str, **of: str
    ) -> tuple[Integration, Observed]:
        return self._kept.of((tenant_id, *of.values()), (rows, {"tenant_id": tenant_id, **of}))


def _parsed(rows: Sequence[Any], ids: Mapping[str, str]) -> tuple[Integration, Observed]:
    """One row has the facts, at any position. Raises `NotFound` if none has, `RowUnreadable`."""
    facts = next((document for kind, _, document in rows if kind == _FACTS), None)
    if facts is None:
        raise NotFound("integration")
    observed = observed_of((row for row in rows if row[0] != _FACTS), ids)
    return _integration(facts, ids), observed


def _integration(facts: str, ids: Mapping[str, str]) -> Integration:
    with Reading(_t, **ids):
        return documents.INTEGRATION.validate_json(facts)
