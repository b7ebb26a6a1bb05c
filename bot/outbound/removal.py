"""What follows when Slack refuses the app's token: a pause, or the end of an installation."""

from datetime import datetime, timedelta

import structlog
from pydantic import SecretStr

from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import FINAL, UNREACHABLE, error_name
from flows.outbox.jobs import Job, JobKind
from flows.ports import Clock, Unguarded, UnitOfWorkFactory
from flows.setup.installations import Lifecycle

EXPIRED = "token_expired"  # earlier than its answer had said: a newer one may be had at once
# The next question comes after as long as Slack has refused so far, within these bounds.
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)

_log = structlog.get_logger(__name__)


class Removal:
    """Takes reports of refused tokens. `clock` is the real time, as all waits for Slack are."""

    def __init__(
        self,
        installations: InstallationLookup,
        lifecycle: Lifecycle,
        clients: SlackClients,
        uow: UnitOfWorkFactory,
        clock: Clock,
    ) -> None:
        self._installations = installations
        self._lifecycle = lifecycle
        self._clients = clients
        self._uow = uow
        self._clock = clock

    async def refused(self, tenant_id: str, token: SecretStr, why: str) -> None:
        """Pauses what the app does unprompted, until `ask_again` knows more.

        If the refusal sounds final, Slack is asked at once. A newer installation stays.
        """
        self._installations.forget(tenant_id)
        expired = token if why == EXPIRED else None
        current = await self._installations.find(tenant_id, expired)
        if current is None or current[1] != token:
            return
        _log.warning("token_refused", tenant_id=tenant_id, error=why)
        if why in FINAL and await self.ask_again(tenant_id) is None:
            return
        if current[0].refused_at is None:
            await self._keep(tenant_id, self._clock.now())

    async def settle(self, tenant_id: str) -> None:
        """Before the app is installed anew: finds out what is open about the end of the
        installation before, as long as its token is there to ask with.
        """
        async with self._uow(tenant_id, write=False) as work:
            is_open = await work.inbox.tells_of_leaving(surely=False)
        if is_open:
            await self.ask_again(tenant_id)

    async def ask_again(self, tenant_id: str, _subject: str = "") -> datetime | None:
        """Asks Slack whether it takes the token. Returns when to ask the next time.

        None once that is settled: Slack takes it again, or the installation has ended.
        """
        self._installations.forget(tenant_id)
        found = await self._installations.find(tenant_id)
        if found is None:
            return None
        why = await self._why_refused(found[1])
        if not why:
            await self._keep(tenant_id, None)
            return None
        if why in FINAL:
            _log.warning("token_refused_for_good", tenant_id=tenant_id, error=why)
            await self._lifecycle.uninstall(tenant_id, unknown=found[0])
            self._installations.forget(tenant_id)
            return None
        now = self._clock.now()
        since = found[0].refused_at or now
        _log.warning("token_still_refused", tenant_id=tenant_id, error=why, since=since.isoformat())
        return now + min(max(now - since, SOONEST), LATEST)

    async def _why_refused(self, token: SecretStr) -> str:
        """Slack's name for it, or why it could not be asked. Empty if it takes the token."""
        if not token:
            return "token_lost"
        try:
            await self._clients.with_token(token).auth_test()
        except UNREACHABLE as error:
            return error_name(error)
        return ""

    async def _keep(self, tenant_id: str, refused_at: datetime | None) -> None:
        """Stores since when Slack refuses the token, and that it is to be asked again."""
        async with self._uow(tenant_id, unguarded=Unguarded.TOKEN) as work:
            if await work.installations.refused(refused_at) and refused_at:
                delay = SOONEST.total_seconds()
                await work.enqueue(Job(JobKind.CONFIRM_TOKEN, tenant_id, "", delay))
            await work.commit()
        self._installations.forget(tenant_id)
