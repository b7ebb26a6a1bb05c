"""Bot tokens that expire: renewed before they do, once for all requests and processes.

https://docs.slack.dev/authentication/using-token-rotation
"""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbound.errors import ODD_ANSWER, UNREACHABLE, error_name
from bot.outbound.names import first_seen
from bot.settings import Settings
from flows.errors import SecretLost, StorageUnavailable
from flows.installed import Installation
from flows.ports import Clock, Unguarded, UnitOfWorkFactory
from flows.vocabulary import Stamp

RENEWED_BEFORE = timedelta(hours=2)  # before the end; Slack's tokens work for twelve hours
TURN = timedelta(seconds=30)  # longer than a call may take; then somebody else may try
WAIT, LOOK = 2.0, 0.05  # seconds: how long others wait for a new token; how often they look
STORE_AGAIN = (0.2, 1.0, 3.0, *[10.0] * 60)  # seconds between tries: ten minutes in all
LONGEST_ID = 255  # characters
TO_THE_END = 4.0  # seconds that a stopping process waits for what Slack is exchanging

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RenewedToken:
    """What Slack gave in place of the token that expires, or did, at `expired_at`."""

    tenant_id: str
    expired_at: datetime
    token: SecretStr
    refresh: SecretStr
    expires_at: datetime


class TokenRotation:
    """Exchanges what renews a token for both, anew. What it exchanges works only once.

    So whoever does it takes the turn in the database first. The call itself holds no lock.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        client_id: str,
        client_secret: SecretStr,
        uow: UnitOfWorkFactory,
        clock: Clock,
        real: Clock,
    ) -> None:
        self._client = client
        self._client_id = client_id
        self._client_secret = client_secret
        self._uow = uow
        self._clock = clock
        self._real = real  # of turns, which are about how long a call may take
        self._running: set[asyncio.Task[None]] = set()

    def is_due(
        self, installation: Installation, token: SecretStr | None, expired: SecretStr | None
    ) -> bool:
        """Whether the token is to be renewed before it is used."""
        if installation.expires_at is None or not token:
            return False
        return token == expired or installation.expires_at - RENEWED_BEFORE <= self._clock.now()

    def has_expired(self, installation: Installation) -> bool:
        return installation.expires_at is not None and installation.expires_at <= self._clock.now()

    async def renew(self, installation: Installation) -> None:
        """Renews the token, or leaves it to whoever has the turn; an expired one is waited for.

        Whatever Slack answers, the old token stays until there is a new one.
        """
        tenant_id, expires_at = installation.tenant_id, installation.expires_at
        if expires_at is None:
            return
        now = self._real.now()
        refresh = None
        with suppress(SecretLost):  # the turn stays free for who has the key
            async with self._uow(tenant_id, unguarded=Unguarded.TOKEN) as work:
                refresh = await work.installations.claim_refresh(expires_at, now, now + TURN)
                await work.commit()
        if refresh is None:
            await self._wait(tenant_id, expires_at)
        else:
            # Whoever asked may give up. What Slack has answered by then must not get lost.
            await asyncio.shield(self._run(self._exchange(tenant_id, refresh, expires_at)))

    async def stop(self) -> None:
        """Waits a moment for tokens that Slack is giving or the database does not take yet."""
        if self._running:
            await asyncio.wait(self._running, timeout=TO_THE_END)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _wait(self, tenant_id: str, expired_at: datetime) -> None:
        """Waits for the newer token, where the old one is of no use any more."""
        if expired_at > self._clock.now():
            return
        for _ in range(int(WAIT / LOOK)):
            async with self._uow(tenant_id, write=False) as work:
                stored = await work.installations.get()
            if stored is None or stored.expires_at != expired_at:
                return
            await asyncio.sleep(LOOK)

    async def _exchange(self, tenant_id: str, refresh: SecretStr, expired_at: datetime) -> None:
        try:
            answer = await self._client.oauth_v2_access(
                client_id=self._client_id,
                client_secret=self._client_secret.get_secret_value(),
                grant_type="refresh_token",
                refresh_token=refresh.get_secret_value(),
            )
            installation, token, newer = read_access(answer.data, self._clock.now())
        except UNREACHABLE as error:
            _log.warning("token_not_renewed", tenant_id=tenant_id, error=error_name(error))
            return
        except (KeyError, *ODD_ANSWER):
            _log.warning("token_not_renewed", tenant_id=tenant_id, error="incomplete_answer")
            return
        if installation.tenant_id != tenant_id or not (newer and installation.expires_at):
            _log.warning("token_not_renewed", tenant_id=tenant_id, error="unusable_answer")
            return
        renewed = RenewedToken(tenant_id, expired_at, token, newer, installation.expires_at)
        try:
            await self._store(renewed)
        except StorageUnavailable:
            self._run(self._store_later(renewed))
            raise

    async def _store(self, new: RenewedToken) -> None:
        async with self._uow(new.tenant_id, unguarded=Unguarded.TOKEN) as work:
            await work.installations.refreshed(
                new.expired_at, new.token, new.refresh, new.expires_at
            )
            await work.commit()
        _log.info("token_renewed", tenant_id=new.tenant_id)

    async def _store_later(self, new: RenewedToken) -> None:
        """Slack gives it only once, so nobody else can ask for it again."""
        for pause in STORE_AGAIN:
            _log.warning("token_not_stored", tenant_id=new.tenant_id)
            await asyncio.sleep(pause)
            with suppress(StorageUnavailable):
                await self._store(new)
                return
        _log.error("token_lost", tenant_id=new.tenant_id)


def rotation_of(
    settings: Settings, client: AsyncWebClient, uow: UnitOfWorkFactory, clock: Clock, real: Clock
) -> TokenRotation | None:
    """Only an app that is installed by OAuth can have tokens that expire."""
    client_id, client_secret = settings.slack_client_id, settings.slack_client_secret
    if not (client_id and client_secret):
        return None
    return TokenRotation(client, client_id, client_secret, uow, clock, real)


def read_access(answer: Any, now: datetime) -> tuple[Installation, SecretStr, SecretStr | None]:
    """What `oauth.v2.access` granted: where, the token and, if it expires, what renews it.

    Raises `KeyError` if a part is missing, or of no use, without which nothing works for long.
    """
    team, enterprise = _object(answer, "team"), _object(answer, "enterprise")
    org_wide = bool(answer.get("is_enterprise_install"))
    lifetime = answer.get("expires_in")
    team_id, enterprise_id = _id(team, "id"), _id(enterprise, "id")
    tenant_id = enterprise_id if org_wide else team_id
    if not tenant_id:
        raise KeyError("id")
    if answer.get("token_type", "bot") != "bot":
        raise KeyError("token_type")
    installation = Installation(
        tenant_id=tenant_id,
        team_id=team_id,
        enterprise_id=enterprise_id,
        is_enterprise_install=org_wide,
        team_name=first_seen(team.get("name"), enterprise.get("name"), team_id),
        app_id=_id(answer, "app_id"),
        bot_id=_id(answer, "bot_id"),
        bot_user_id=_id(answer, "bot_user_id"),
        scopes=tuple(scope for scope in _text(answer, "scope").split(",") if scope),
        installed=Stamp(_id(_object(answer, "authed_user"), "id"), now),
        expires_at=None if lifetime is None else now + timedelta(seconds=_positive(lifetime)),
    )
    refresh = None if lifetime is None else _secret(answer, "refresh_token")
    return installation, _secret(answer, "access_token"), refresh


def _object(answer: Any, name: str) -> Mapping[str, Any]:
    value = answer.get(name) or {}
    if not isinstance(value, Mapping):
        raise KeyError(name)
    return value


def _text(answer: Any, name: str) -> str:
    """Printable, as everything in an answer that a database keeps but names. May be missing."""
    value = answer.get(name) or ""
    if not isinstance(value, str) or not value.isprintable():
        raise KeyError(name)
    return value


def _id(answer: Any, name: str) -> str:
    value = _text(answer, name)
    if len(value) > LONGEST_ID:
        raise KeyError(name)
    return value


def _secret(answer: Any, name: str) -> SecretStr:
    value = _text(answer, name)
    if not value:
        raise KeyError(name)
    return SecretStr(value)


def _positive(lifetime: object) -> int:
    if not isinstance(lifetime, int) or not 0 < lifetime < timedelta.max.days:
        raise KeyError("expires_in")
    return lifetime
