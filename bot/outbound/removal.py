"""The app was removed from a workspace without our hearing of it: Slack refuses its token."""

import structlog
from pydantic import SecretStr

from bot.outbound.installations import Installations
from flows.setup.installations import Lifecycle

_log = structlog.get_logger(__name__)


class Removal:
    """Whoever finds a token refused says so here."""

    def __init__(self, installations: Installations, lifecycle: Lifecycle) -> None:
        self._installations = installations
        self._lifecycle = lifecycle

    async def refused(self, tenant_id: str, token: SecretStr, why: str) -> None:
        """The same as if Slack had sent the event, unless the app was installed anew meanwhile."""
        self._installations.forget(tenant_id)
        current = await self._installations.find(tenant_id)
        if current is None or current[1] != token:
            return
        _log.warning("token_refused", tenant_id=tenant_id, error=why)
        await self._lifecycle.uninstall(tenant_id)
        self._installations.forget(tenant_id)
