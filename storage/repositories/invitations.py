"""Repository of invitations, and the seal around what a link carries."""

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import SecretStr

from flows.invitations import Invitation
from storage import tables
from storage.cipher import Cipher, SealBroken
from storage.clauses import of_tenant
from storage.column_types import Instant
from storage.transaction import Repository

_t = tables.invitations
_INSTALLED = sa.update(_t).where(of_tenant(_t), _t.c.account == sa.bindparam("named"))
_WAITING = (
    sa.select(_t)
    .where(
        of_tenant(_t),
        _t.c.installed_at.is_(None),
        _t.c.expires_at > sa.bindparam("now", type_=Instant),
        sa.bindparam("whose", type_=sa.Text).in_((_t.c.owner, sa.literal_column("''"))),
    )
    .order_by(_t.c.invited_at.desc(), _t.c.account.desc())
    .limit(sa.bindparam("most"))
)
INVITATIONS_SEAL = "invitation"


class SqlInvitations(Repository):
    async def put(self, invitation: Invitation) -> None:
        values = {
            "tenant_id": self._transaction.tenant_id,
            "account": invitation.account,
            "owner": invitation.owner,
            "invited_at": invitation.invited_at,
            "expires_at": invitation.expires_at,
            "installed_at": None,
        }
        await self._transaction.upsert(_t, values)

    async def installed(self, account: str, at: datetime) -> None:
        its = {**self._tenant, "named": account, "installed_at": at}
        await self._transaction.execute(_INSTALLED, its)

    async def waiting(self, now: datetime, limit: int, owner: str = "") -> Sequence[Invitation]:
        asked = {**self._tenant, "now": now, "most": limit, "whose": owner}
        return [
            Invitation(row.tenant_id, row.account, row.owner, row.invited_at, row.expires_at)
            for row in await self._transaction.execute(_WAITING, asked)
        ]


class InvitationSeals:
    """Implements `flows.invitations.Seals`."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def seal(self, invitation: Invitation) -> str:
        parts = [
            invitation.tenant_id,
            invitation.account,
            invitation.owner,
            invitation.invited_at.isoformat(),
            invitation.expires_at.isoformat(),
        ]
        return self._cipher.seal(INVITATIONS_SEAL, SecretStr(json.dumps(parts)))

    def open(self, text: str) -> Invitation | None:
        try:
            opened = self._cipher.open(INVITATIONS_SEAL, text).get_secret_value()
        except SealBroken:
            return None
        tenant_id, account, owner, invited_at, expires_at = json.loads(opened)
        moments = datetime.fromisoformat(invited_at), datetime.fromisoformat(expires_at)
        return Invitation(tenant_id, account, owner, *moments)
