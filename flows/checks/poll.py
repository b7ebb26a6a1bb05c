"""Looking at Segment on nobody's behalf: what a poll learns, and what it does when it cannot."""

import asyncio
from dataclasses import replace

from pydantic import SecretStr

from flows.checks.conclude import Concluder
from flows.checks.examine import Examiner
from flows.errors import SegmentError, SegmentRefused
from flows.model import Situation, SourceStatus
from flows.ports import UnitOfWork
from flows.recording import Recorder
from flows.vocabulary import TokenHealth, TokenState

Learned = tuple[SourceStatus, ...] | TokenHealth | None


class Poller:
    """`longest` is how long one look may take, in real seconds."""

    def __init__(
        self, recorder: Recorder, examiner: Examiner, concluder: Concluder, longest: float
    ) -> None:
        self._recorder = recorder
        self._examiner = examiner
        self._concluder = concluder
        self._longest = longest

    async def poll(self, tenant_id: str, integration_id: str) -> None:
        """One look at Segment for one integration."""
        async with self._recorder.uow(tenant_id, write=False) as work:
            situation = await self._recorder.load(work, integration_id)
            token = await work.vault.get(integration_id)
        if not token or not situation.integration.sources:
            return await self._record(tenant_id, integration_id, token, ())
        learned = await self._look(token, situation)
        return await self._record(tenant_id, integration_id, token, learned)

    async def _look(self, token: SecretStr, situation: Situation) -> Learned:
        """None for a look that brought nothing: nobody's fault, and the next one comes later."""
        try:
            async with asyncio.timeout(self._longest):
                try:
                    return await self._examiner.observe(token, situation)
                except SegmentRefused as refusal:
                    return await self._health(token, situation, refusal)
        except (SegmentError, TimeoutError):
            return None

    async def _health(
        self, token: SecretStr, situation: Situation, refusal: SegmentRefused
    ) -> TokenHealth:
        revoked = await self._examiner.is_revoked(token, situation)
        if revoked:
            return TokenHealth(TokenState.REFUSED, situation.now)
        return TokenHealth(TokenState.LACKS_CALL, situation.now, refusal.call)

    async def _record(
        self, tenant_id: str, integration_id: str, token: SecretStr | None, learned: Learned
    ) -> None:
        async with self._recorder.uow(tenant_id) as work:
            situation = await self._recorder.load(work, integration_id)
            if await work.vault.get(integration_id) != token:
                learned = ()  # it was about a token that has been replaced meanwhile
            if learned and not isinstance(learned, TokenHealth):
                await self._concluder.look(work, situation, learned, None)
            else:
                await self._note(work, situation, learned)
            await work.commit()

    async def _note(self, work: UnitOfWork, situation: Situation, learned: Learned) -> None:
        """What was learned other than how far the sources are."""
        integration, observed = situation.integration, situation.observed
        failures = observed.failures + 1 if learned is None else 0
        await work.observations.put_looked(integration.id, situation.now, failures)
        observed = replace(observed, looked_at=situation.now, failures=failures)
        if isinstance(learned, TokenHealth):
            health = still(observed.token, learned)
            await work.observations.put_token(integration.id, health)
            observed = replace(observed, token=health)
        await self._recorder.refresh(work, replace(situation, observed=observed))


def still(before: TokenHealth | None, now: TokenHealth) -> TokenHealth:
    """The same as before keeps its beginning."""
    return replace(now, since=before.since) if before and before.state is now.state else now
