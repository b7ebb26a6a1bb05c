"""Invitations of customers by a CSM: what a link to install the app carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Invitation:
    """For one Toplyne account. `tenant_id` is that of Toplyne's own Slack workspace, `owner` a CSM
    there.
    """

    tenant_id: str
    account: str
    owner: str
    invited_at: datetime
    expires_at: datetime


class Invitations(Protocol):
    """Kept under the tenant of Toplyne's own Slack workspace, one for each account."""

    async def put(self, invitation: Invitation) -> None:
        """Replaces an earlier one for the same account."""
        ...

    async def installed(self, account: str, at: datetime) -> None:
        """The customer has installed the app, so nobody waits for it any more."""
        ...

    async def waiting(self, now: datetime, limit: int, owner: str = "") -> Sequence[Invitation]:
        """Those whose customer has not installed the app yet and still can, newest first.

        With `owner`, only that CSM's.
        """
        ...


class Seals(Protocol):
    """Signs what a link carries, so that nobody makes up or changes one."""

    def seal(self, invitation: Invitation) -> str: ...

    def open(self, text: str) -> Invitation | None:
        """None if it was not signed here."""
        ...
