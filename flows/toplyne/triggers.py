"""Which changes Toplyne's backend is told of. They are stored in the change's transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.history import Event
from flows.model import Integration, Situation, Verification, WriteBack
from flows.ports import Ids, UnitOfWork
from flows.replay.facts import ReplayRequest
from flows.toplyne.document import handoff_document
from flows.toplyne.model import SECRETS, Delivery, DeliveryKind

_GOOD = (Verification.VERIFIED, Verification.CONFIRMED)
# The receiver's names for secrets.
SECRET_NAME: dict[DeliveryKind, str] = {
    DeliveryKind.CREDENTIALS: "access_token",
    DeliveryKind.WRITE_KEY: "write_key",
}


def held_secret(kind: DeliveryKind, integration: Integration) -> str:
    """Identifies the secret that Toplyne should hold now. Empty if it should hold none."""
    if integration.disconnected:
        return ""
    if kind is DeliveryKind.WRITE_KEY:
        return _held_write_key(integration.write_back)
    return _held_token(integration)


def _held_token(integration: Integration) -> str:
    credentials, entered = integration.credentials, integration.token_entered
    if credentials is None or entered is None or not credentials.for_toplyne:
        return ""
    return entered.at.isoformat() if credentials.verification in _GOOD else ""


def _held_write_key(facts: WriteBack) -> str:
    return facts.entered.at.isoformat() if facts.entered and facts.for_toplyne else ""


@dataclass(frozen=True, slots=True)
class ToplyneTriggers:
    """A reaction that stores deliveries. Without a webhook (`gives`) it stores nothing new for
    Toplyne. It still takes back what another process, or this one before, may have given.
    """

    ids: Ids
    gives: bool = True

    async def __call__(
        self, work: UnitOfWork, then: Situation, now: Situation, _events: Sequence[Event]
    ) -> None:
        before, after, at = then.integration, now.integration, now.now
        gone: list[DeliveryKind] = []
        if after.replay != before.replay:
            if after.replay and self.gives:
                await self._add_request(work, after, after.replay)
            elif before.replay:
                gone.append(DeliveryKind.REPLAY)
        for kind in SECRETS:
            old, new = held_secret(kind, before), held_secret(kind, after)
            if new != old:
                if new and self.gives:
                    await work.deliveries.add(self._new(kind, after, new, at))
                elif old:
                    gone.append(kind)
        if gone:  # Toplyne is told only of what it may have got
            await self._withdraw_from(work, about(after), after.id, gone, at)

    async def _add_request(
        self, work: UnitOfWork, integration: Integration, request: ReplayRequest
    ) -> None:
        data = json.dumps(handoff_document(integration, request), ensure_ascii=False)
        subject, at = str(request.number), request.requested.at
        await work.deliveries.add(self._new(DeliveryKind.REPLAY, integration, subject, at, data))

    async def withdraw_unread(
        self, work: UnitOfWork, integration_id: str, team_id: str, account: str, at: datetime
    ) -> None:
        """Tells Toplyne of all that it may have got of a set-up whose facts cannot be read."""
        whose = _whose(integration_id, team_id, account)
        gone = (DeliveryKind.REPLAY, *SECRETS)
        await self._withdraw_from(work, whose, integration_id, gone, at)

    async def _withdraw_from(
        self,
        work: UnitOfWork,
        whose: Mapping[str, str | None],
        integration_id: str,
        gone: Sequence[DeliveryKind],
        at: datetime,
    ) -> None:
        given = await work.deliveries.withdraw(integration_id, gone)
        names = [SECRET_NAME[kind] for kind in SECRETS if kind in given]
        if names:
            data, subject = json.dumps({**whose, "withdrawn": names}), at.isoformat()
            told = Delivery(
                self.ids("msg"), DeliveryKind.WITHDRAWN, integration_id, subject, at, data
            )
            await work.deliveries.add(told)

    def _new(
        self,
        kind: DeliveryKind,
        integration: Integration,
        subject: str,
        at: datetime,
        data: str = "",
    ) -> Delivery:
        return Delivery(self.ids("msg"), kind, integration.id, subject, at, data)


def about(integration: Integration) -> dict[str, str | None]:
    """Whose data it is, as each document for the backend says."""
    return _whose(integration.id, integration.team_id, integration.csm.account)


def _whose(integration_id: str, team_id: str, account: str) -> dict[str, str | None]:
    return {
        "integration_id": integration_id,
        "slack_team_id": team_id,
        "toplyne_account": account or None,
    }
