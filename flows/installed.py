"""Where the app is: its installation, the Slack workspaces that it reaches, and who keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from flows.vocabulary import Stamp


@dataclass(frozen=True, slots=True)
class Installation:
    """Our app in one Slack workspace or one Enterprise Grid organisation, without its token."""

    tenant_id: str
    team_id: str
    enterprise_id: str
    is_enterprise_install: bool
    team_name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    installed: Stamp
    revoked_at: datetime | None = None
    refused_at: datetime | None = None  # since when Slack refuses the token, perhaps not for good
    expires_at: datetime | None = None  # until when the token works; None: it does not expire
    account: str = ""  # that a CSM invited with a link
    invited_by: str = ""  # that CSM


@dataclass(frozen=True, slots=True)
class Team:
    """A Slack workspace that an installation reaches, or that left. Once erased, it has no name."""

    team_id: str
    name: str
    granted_at: datetime
    left_at: datetime | None = None


class Installations(Protocol):
    """The installation of this unit of work's tenant, with its sealed bot token."""

    async def get(self) -> Installation | None: ...

    async def token(self) -> SecretStr | None:
        """None if there is no token or it was revoked. Empty if no key opens it."""
        ...

    async def hold(self) -> Installation | None:
        """Returns it and locks it until this unit of work ends."""
        ...

    async def put(
        self, installation: Installation, token: SecretStr, refresh: SecretStr | None = None
    ) -> None:
        """Stores it and, unless it is org-wide, the Slack workspace it reaches.

        `refresh` renews a token that expires.
        """
        ...

    async def claim_refresh(
        self, expires_at: datetime, now: datetime, until: datetime
    ) -> SecretStr | None:
        """Takes the turn to renew the token that expires then. Returns what renews it.

        None if somebody has the turn or has renewed it already. Raises `SecretLost`: then the turn
        is taken only if this is committed.
        """
        ...

    async def refreshed(
        self, expired_at: datetime, token: SecretStr, refresh: SecretStr, expires_at: datetime
    ) -> None:
        """Stores the new tokens, if the old one that expires then is still stored.

        So also if the turn has passed: nobody else can renew it any more.
        """
        ...

    async def refused(self, since: datetime | None) -> bool:
        """Keeps since when Slack refuses the token; None: it does not. False if the app left."""
        ...

    async def revoke(self, at: datetime) -> None:
        """Marks it revoked, deletes the token, and lets all of its Slack workspaces leave."""
        ...


class Teams(Protocol):
    """The Slack workspaces that this tenant's installation reaches, and those that have left."""

    async def get(self, team_id: str) -> Team | None: ...

    async def grant(self, team_id: str, name: str, at: datetime) -> None:
        """Marks the workspace as reached from now on, perhaps again."""
        ...

    async def leave(self, team_id: str, at: datetime) -> None: ...

    async def left(self) -> Sequence[str]:
        """Those that have left and may not be erased yet."""
        ...
