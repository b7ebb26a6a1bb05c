"""Notices that the app was removed although no event said so: Slack refuses its token."""

import structlog
from pydantic import SecretStr

from bot.outbound.clients import InstallationLookup
from flows.setup.installations import Lifecycle

# Only these are final. Other refusals can pass, and an uninstall erases everything.
FINAL = frozenset({"account_inactive", "app_uninstalled", "token_revoked"})

_log = structlog.get_logger(__name__)


class Removal:
    """Takes reports of refused tokens."""

    def __init__(self, installations: InstallationLookup, lifecycle: Lifecycle) -> None:
        self._installations = installations
        self._lifecycle = lifecycle

    async def refused(self, tenant_id: str, token: SecretStr, why: str) -> None:
        """Uninstalls if the refusal is final. A newer installation stays."""
        self._installations.forget(tenant_id)
        current = await self._installations.find(tenant_id)
        if current is None or current[1] != token:
            return
        _log.warning("token_refused", tenant_id=tenant_id, error=why)
        if why not in FINAL:
            return
        await self._lifecycle.uninstall(tenant_id)
        self._installations.forget(tenant_id)
