"""Ada, a webhook, and what is delivered to it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from pydantic import SecretStr

from flows.history import Event
from flows.setup.submission import Ref
from flows.toplyne.events import SentToToplyne, ToplyneDelayed, ToplyneFailed
from flows.toplyne.model import Answered, StoredDelivery
from flows.toplyne.send import RetryPolicy, ToplyneSender
from flows.toplyne.triggers import ToplyneTriggers
from flows.vocabulary import Plan
from tests.support.flow_services import ADA, INTEGRATION, TEAM, Services

PATIENCE = RetryPolicy(backoff=(1.0, 100.0), in_all=1000.0, longest=500.0)
DOWN, TAKEN = Answered(0, "ConnectError"), Answered(204)


class FakeSealer:
    def seal(self, plaintext: SecretStr) -> str:
        return "sealed:" + json.loads(plaintext.get_secret_value()).get("access_token", "")


@dataclass
class FakeBackend:
    """Answers as planned, then accepts everything."""

    planned: list[Answered] = field(default_factory=list)
    posted: list[tuple[str, dict]] = field(default_factory=list)

    async def post(self, delivery_id: str, body: str, seconds: float) -> Answered:
        self.posted.append((delivery_id, json.loads(body)))
        return self.planned.pop(0) if self.planned else TAKEN


class Story:
    """Ada on Business, and a webhook."""

    def __init__(self) -> None:
        numbers = count(1)
        self.ids = lambda prefix: f"{prefix}_{next(numbers)}"
        self.services = Services(to_toplyne=ToplyneTriggers(self.ids))
        self.backend, self.counted = FakeBackend(), []
        self.handoffs = self.made()
        self.acme = self.services.segment.workspace_with("acme", "web")
        self.token = self.services.segment.issue("acme owner", self.acme)

    def made(self, **changed: object) -> ToplyneSender:
        parts = {
            "recorder": self.services.recorder,
            "backend": self.backend,
            "sealer": FakeSealer(),
            "clock": self.services.storage.clock,
            "jitter": lambda: 0.0,
            "count": lambda *seen: self.counted.append(seen),
            "policy": PATIENCE,
        }
        return ToplyneSender(**{**parts, **changed})

    @property
    def ref(self) -> Ref:
        integration = self.services.integration()
        assert integration
        return Ref(INTEGRATION, integration.revision)

    async def enter_token(self, *, told: bool = True) -> None:
        setup = self.services.setup
        await setup.start(ADA)
        await setup.choose_plan(ADA, self.ref, Plan.BUSINESS)
        await setup.submit_token(ADA, self.ref, self.token, for_toplyne=told)

    def moves_to_a_process_without_webhook(self) -> None:
        """What people press from here on."""
        shared = (self.services.storage, self.services.segment, self.services.directory)
        self.services = Services(*shared, ToplyneTriggers(self.ids, gives=False))

    def rows(self) -> list[StoredDelivery]:
        return list(self.services.storage.tables.deliveries.values())

    async def deliver(self, row: int = -1) -> StoredDelivery:
        delivery_id = self.rows()[row].delivery.id
        await self.handoffs.deliver(TEAM, delivery_id)
        return self.rows()[row]

    def wait(self, seconds: float) -> None:
        self.services.storage.clock.advance(timedelta(seconds=seconds))

    def told(self) -> list[tuple[type[Event], str]]:
        kinds = (SentToToplyne, ToplyneDelayed, ToplyneFailed)
        events = (entry.event for *_, entry in self.services.storage.tables.history)
        return [(type(e), getattr(e, "error", "")) for e in events if isinstance(e, kinds)]
