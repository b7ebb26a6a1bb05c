"""Our app in Slack workspaces: installation, workspaces, the CSM channel, who looks at Home."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from flows.csm.facts import ChannelBinding
from flows.errors import RowUnreadable
from flows.installed import Installation, Team
from flows.outbox.jobs import JobKind
from flows.vocabulary import Stamp
from storage import documents, tables
from storage.clauses import IS_INSTALLED, of_tenant
from storage.column_types import Instant
from storage.transaction import Repository
from storage.unreadable import Reading

DIGEST = "digest"  # the subject of a tenant's only digest job
LONG_DUE = datetime.fromtimestamp(0, UTC)

_t = tables.installations
_own = of_tenant(_t)
_GET = sa.select(_t).where(_own)
_HOLD = _GET.with_for_update()
_TOKEN = sa.select(_t.c.sealed_token).where(IS_INSTALLED)
# One statement, so that of many who come at once a single one gets the turn; and who comes late
# finds another token than it has read.
_FREE = sa.or_(
    _t.c.refreshing_until.is_(None),
    _t.c.refreshing_until < sa.bindparam("now", type_=Instant),
)
_CLAIM_REFRESH = (
    sa.update(_t)
    .where(_own, _t.c.expires_at == sa.bindparam("expires", type_=Instant), _FREE)
    .values(refreshing_until=sa.bindparam("until", type_=Instant))
    .returning(_t.c.sealed_refresh)
)
_REFRESHED = sa.update(_t).where(_own, _t.c.expires_at == sa.bindparam("old", type_=Instant))
_REFUSED = sa.update(_t).where(IS_INSTALLED)
_REVOKE = sa.update(_t).where(_own).values(sealed_token=None, sealed_refresh=None, expires_at=None)
_m = tables.teams
_own_teams = of_tenant(_m)
_team = sa.and_(_own_teams, _m.c.team_id == sa.bindparam("team"))
_TEAM = sa.select(_m.c.team_id, _m.c.name, _m.c.granted_at, _m.c.left_at).where(_team)
_LEAVE = sa.update(_m).where(_team)
_LEFT = sa.select(_m.c.team_id).where(
    _own_teams, _m.c.left_at.is_not(None), _m.c.erased_at.is_(None)
)
_ALL_LEAVE = sa.update(_m).where(_own_teams, _m.c.left_at.is_(None))
_c, _trouble, _d = tables.csm_channel, tables.csm_trouble, tables.digests
_CHANNEL = sa.select(_c).where(of_tenant(_c))
_own_trouble = of_tenant(_trouble)
_TROUBLE = (
    sa.select(_trouble.c.error).where(_own_trouble).order_by(_trouble.c.since.desc()).limit(1)
)
_WELL = sa.delete(_trouble).where(_own_trouble)
_own_digest = of_tenant(_d)
_NEXT_DIGEST = sa.select(_d.c.next_at).where(_own_digest)
_NO_DIGEST = sa.delete(_d).where(_own_digest)
_v = tables.home_viewers
_viewer = sa.and_(of_tenant(_v), _v.c.user_id == sa.bindparam("viewer"))
_DRAWN = sa.select(_v.c.drawn).where(_viewer)
_KEEP_DRAWN = sa.update(_v).where(_viewer)
_FORGET = sa.delete(_v).where(_viewer)
_RECENT = (
    sa.select(_v.c.user_id)
    .where(of_tenant(_v), _v.c.team_id == sa.bindparam("team"))
    .order_by(_v.c.seen_at.desc(), _v.c.user_id)
    .limit(sa.bindparam("most"))
)


def installation_owner(tenant_id: str) -> str:
    return f"installation:{tenant_id}"


def refresh_owner(tenant_id: str) -> str:
    return f"refresh:{tenant_id}"


class SqlInstallations(Repository):
    async def get(self) -> Installation | None:
        return await self._read(_GET)

    async def hold(self) -> Installation | None:
        return await self._read(_HOLD)

    async def _read(self, statement: sa.Executable) -> Installation | None:
        row = (await self._transaction.execute(statement, self._tenant)).one_or_none()
        return None if row is None else _installation(row)

    async def token(self) -> SecretStr | None:
        sealed = (await self._transaction.execute(_TOKEN, self._tenant)).scalar_one_or_none()
        if sealed is None:
            return None
        owner = installation_owner(self._transaction.tenant_id)
        return self._unsealed_or_lost("installation", owner, sealed)

    async def put(
        self, installation: Installation, token: SecretStr, refresh: SecretStr | None = None
    ) -> None:
        if installation.tenant_id != self._transaction.tenant_id:
            raise ValueError("this installation belongs to another tenant")
        values = {
            **_columns(installation),
            **self._sealed(token, refresh),
            "expires_at": installation.expires_at,
            "refreshing_until": None,
        }
        await self._transaction.upsert(_t, values)
        if not installation.is_enterprise_install:
            teams, name = SqlTeams(self._transaction), installation.team_name
            before = await teams.get(installation.team_id)
            at = installation.installed.at
            if before and before.left_at is None:
                at = before.granted_at  # it has been reached since, which decides who answers
            await teams.grant(installation.team_id, name, at)

    def _sealed(self, token: SecretStr, refresh: SecretStr | None) -> dict[str, str | None]:
        seal, tenant_id = self._transaction.cipher.seal, self._transaction.tenant_id
        return {
            "sealed_token": seal(installation_owner(tenant_id), token),
            "sealed_refresh": seal(refresh_owner(tenant_id), refresh) if refresh else None,
        }

    async def claim_refresh(
        self, expires_at: datetime, now: datetime, until: datetime
    ) -> SecretStr | None:
        own = {
            **self._tenant,
            "expires": expires_at,
            "now": now,
            "until": until,
        }
        sealed = (await self._transaction.execute(_CLAIM_REFRESH, own)).scalar_one_or_none()
        if sealed is None:
            return None
        return self._unsealed("refresh", refresh_owner(self._transaction.tenant_id), sealed)

    async def refreshed(
        self, expired_at: datetime, token: SecretStr, refresh: SecretStr, expires_at: datetime
    ) -> None:
        new = {**self._sealed(token, refresh), "expires_at": expires_at, "refreshing_until": None}
        await self._transaction.execute(_REFRESHED, {**new, **self._tenant, "old": expired_at})

    async def refused(self, since: datetime | None) -> bool:
        its = {**self._tenant, "refused_at": since}
        return (await self._transaction.execute(_REFUSED, its)).rowcount > 0

    async def revoke(self, at: datetime) -> None:
        await self._transaction.execute(_REVOKE, {**self._tenant, "revoked_at": at})
        await self._transaction.execute(_ALL_LEAVE, {**self._tenant, "left_at": at})


class SqlTeams(Repository):
    async def get(self, team_id: str) -> Team | None:
        its = {**self._tenant, "team": team_id}
        row = (await self._transaction.execute(_TEAM, its)).one_or_none()
        if row is None:
            return None
        return Team(row.team_id, row.name, row.granted_at, row.left_at)

    async def grant(self, team_id: str, name: str, at: datetime) -> None:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "team_id": team_id,
            "name": name,
            "granted_at": at,
            "left_at": None,
            "erased_at": None,
        }
        await self._transaction.upsert(_m, values)

    async def leave(self, team_id: str, at: datetime) -> None:
        await self._transaction.execute(_LEAVE, {**self._tenant, "team": team_id, "left_at": at})

    async def left(self) -> Sequence[str]:
        return list((await self._transaction.execute(_LEFT, self._tenant)).scalars())


def _columns(installation: Installation) -> dict[str, Any]:
    return {
        "tenant_id": installation.tenant_id,
        "team_id": installation.team_id,
        "enterprise_id": installation.enterprise_id,
        "is_enterprise_install": installation.is_enterprise_install,
        "team_name": installation.team_name,
        "app_id": installation.app_id,
        "bot_id": installation.bot_id,
        "bot_user_id": installation.bot_user_id,
        "scopes": documents.to_text(documents.SCOPES, installation.scopes),
        "installed_by": installation.installed.by,
        "installed_at": installation.installed.at,
        "revoked_at": installation.revoked_at,
        "refused_at": installation.refused_at,
        "account": installation.account,
        "invited_by": installation.invited_by,
    }


def scopes_of(tenant_id: str, stored: str) -> tuple[str, ...]:
    """None are known if they cannot be read: an uninstall, for one, does not need them."""
    try:
        with Reading(_t, tenant_id=tenant_id):
            return documents.SCOPES.validate_json(stored)
    except RowUnreadable:
        return ()


def _installation(row: sa.Row[Any]) -> Installation:
    return Installation(
        tenant_id=row.tenant_id,
        team_id=row.team_id,
        enterprise_id=row.enterprise_id,
        is_enterprise_install=row.is_enterprise_install,
        team_name=row.team_name,
        app_id=row.app_id,
        bot_id=row.bot_id,
        bot_user_id=row.bot_user_id,
        scopes=scopes_of(row.tenant_id, row.scopes),
        installed=Stamp(row.installed_by, row.installed_at),
        revoked_at=row.revoked_at,
        refused_at=row.refused_at,
        expires_at=row.expires_at,
        account=row.account or "",
        invited_by=row.invited_by or "",
    )


class SqlCsmChannel(Repository):
    async def get(self) -> ChannelBinding | None:
        row = (await self._transaction.execute(_CHANNEL, self._tenant)).one_or_none()
        if row is None:
            return None
        return ChannelBinding(row.channel_id, Stamp(row.bound_by, row.bound_at))

    async def bind(self, binding: ChannelBinding) -> None:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "channel_id": binding.channel_id,
            "bound_by": binding.bound.by,
            "bound_at": binding.bound.at,
        }
        await self._transaction.upsert(_c, values)
        await self.well()

    async def trouble(self, channel_id: str, error: str, at: datetime) -> bool:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "channel_id": channel_id,
            "error": error,
            "since": at,
        }
        channel = _trouble.c.channel_id
        return await self._transaction.insert_new(_trouble, values, channel) is not None

    async def current_trouble(self) -> str:
        found = await self._transaction.execute(_TROUBLE, self._tenant)
        return found.scalar_one_or_none() or ""

    async def well(self) -> None:
        await self._transaction.execute(_WELL, self._tenant)

    async def next_digest(self) -> datetime | None:
        found = await self._transaction.execute(_NEXT_DIGEST, self._tenant)
        next_at: datetime | None = found.scalar_one_or_none()
        return next_at

    async def plan_digest(self, at: datetime | None) -> None:
        if at is None:
            await self._transaction.execute(_NO_DIGEST, self._tenant)
        else:
            values = {"tenant_id": self._transaction.tenant_id, "next_at": at}
            await self._transaction.upsert(_d, values)
        self._transaction.wishes.plan(JobKind.DIGEST, DIGEST, at or LONG_DUE)


class SqlHomeViewers(Repository):
    async def seen(self, user_id: str, team_id: str, at: datetime) -> None:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "user_id": user_id,
            "team_id": team_id,
            "seen_at": at,
            "drawn": "",
        }
        await self._transaction.upsert(_v, values)

    async def drawn(self, user_id: str) -> str | None:
        its = {**self._tenant, "viewer": user_id}
        fingerprint: str | None = (
            await self._transaction.execute(_DRAWN, its)
        ).scalar_one_or_none()
        return fingerprint

    async def keep_drawn(self, user_id: str, fingerprint: str) -> None:
        its = {**self._tenant, "viewer": user_id, "drawn": fingerprint}
        await self._transaction.execute(_KEEP_DRAWN, its)

    async def forget(self, user_id: str) -> None:
        await self._transaction.execute(_FORGET, {**self._tenant, "viewer": user_id})

    async def recent(self, team_id: str, limit: int) -> Sequence[str]:
        asked = {**self._tenant, "team": team_id, "most": limit}
        return list((await self._transaction.execute(_RECENT, asked)).scalars())
