"""The app was removed from a workspace without our hearing of it: Slack refuses its token."""

import structlog
from pydantic import SecretStr

from bot.outbound.installations import InstallationLookup
from flows.setup.installations import Lifecycle

# Slack's last word. What else it says of a token can pass, and an uninstall erases everything.
FINAL = frozenset({"account_inactive", "app_uninstalled", "token_revoked"})

_log = structlog.get_logger(__name__)


class Removal:
    """Whoever finds a token refused says so here."""

    def __init__(self, installations: InstallationLookup, lifecycle: Lifecycle) -> None:
        self._installations = installations
        self._lifecycle = lifecycle

    async def refused(self, tenant_id: str, token: SecretStr, why: str) -> None:
        """A final refusal is the event that Slack did not send; a newer installation stays."""
        self._installations.forget(tenant_id)
        current = await self._installations.find(tenant_id)
        if current is None or current[1] != token:
            return
        _log.warning("token_refused", tenant_id=tenant_id, error=why)
        if why not in FINAL:
            return
        await self._lifecycle.uninstall(tenant_id)
        self._installations.forget(tenant_id)
