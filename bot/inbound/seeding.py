"""Single-workspace mode: the token in the settings becomes the one installation."""

import asyncio
from contextlib import suppress

import structlog
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import (
    NO_ANSWER,
    UNREACHABLE,
    ErrorClass,
    class_of,
    error_name,
    names_team,
    retry_after,
)
from bot.outbound.names import first_seen
from bot.settings import Settings
from flows.csm.members import CsmTeam
from flows.errors import StorageUnavailable
from flows.installed import Installation
from flows.ports import Clock
from flows.setup.installations import Lifecycle
from flows.vocabulary import Stamp

AGAIN_AFTER = 5.0  # seconds, while Slack or the database cannot be reached
LONGEST_REFUSED = 300.0  # seconds, while Slack refuses the token: each is twice the one before

_log = structlog.get_logger(__name__)


class Seeding:
    """Asks Slack whose token it is. While Slack or the database is away, or Slack refuses it, it
    keeps asking in the background.
    """

    def __init__(
        self,
        settings: Settings,
        slack: AsyncWebClient,
        lifecycle: Lifecycle,
        installations: InstallationLookup,
        csm_team: CsmTeam,
        clock: Clock,
    ) -> None:
        self._token = settings.slack_bot_token or SecretStr("")
        self._clients = SlackClients(slack)
        self._lifecycle = lifecycle
        self._installations = installations
        self._csm_team = csm_team
        self._clock = clock
        self._asking: asyncio.Task[None] | None = None
        self._refused_for = 0.0  # seconds until Slack is asked again; none while it refuses nothing

    @property
    def is_refused(self) -> bool:
        """Whether Slack says that the token is none of its own, or none any more."""
        return self._refused_for > 0

    async def start(self) -> None:
        if pause := await self._try():
            self._asking = asyncio.create_task(self._keep_asking(pause), name="seeding")

    async def stop(self) -> None:
        if self._asking:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking

    async def _keep_asking(self, pause: float) -> None:
        while pause:
            await asyncio.sleep(pause)
            pause = await self._try()

    async def _try(self) -> float:
        """Returns the seconds until the next try; none once the token is stored."""
        try:
            return await self._seed()
        except StorageUnavailable as error:
            _log.warning("bot_token_not_stored", problem=error.trouble)
            return AGAIN_AFTER

    def _refused(self, error: Exception) -> float:
        _log.error("bot_token_refused", error=error_name(error), setting="SLACK_BOT_TOKEN")
        self._refused_for = min(LONGEST_REFUSED, 2 * self._refused_for or AGAIN_AFTER)
        return self._refused_for

    async def _seed(self) -> float:
        """Returns the seconds until the next try. Raises `StorageUnavailable`."""
        try:
            answer = await self._clients.with_token(self._token).auth_test()
        except UNREACHABLE as error:
            if class_of(error) is ErrorClass.REVOKED:
                return self._refused(error)
            _log.warning("bot_token_not_checked", error=error_name(error))
            return max(AGAIN_AFTER, retry_after(error) or 0.0)
        if not names_team(answer.data):
            _log.warning("bot_token_not_checked", error=NO_ANSWER)
            return AGAIN_AFTER
        self._refused_for = 0.0
        headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
        scopes = str(headers.get("x-oauth-scopes", ""))
        org_wide = bool(answer.get("is_enterprise_install"))
        team_id = str(answer["team_id"])
        enterprise_id = str(answer.get("enterprise_id") or "")
        installation = Installation(
            tenant_id=enterprise_id if org_wide else team_id,
            team_id=team_id,
            enterprise_id=enterprise_id,
            is_enterprise_install=org_wide,
            team_name=first_seen(answer.get("team"), team_id),
            app_id=str(answer.get("app_id") or ""),
            bot_id=str(answer.get("bot_id") or ""),
            bot_user_id=str(answer.get("user_id") or ""),
            scopes=tuple(scope.strip() for scope in scopes.split(",") if scope.strip()),
            installed=Stamp("", self._clock.now()),
        )
        await self._lifecycle.seed(installation, self._token)
        self._installations.forget(installation.tenant_id)
        if not org_wide:
            self._csm_team.default(installation.team_id)
        return 0.0
