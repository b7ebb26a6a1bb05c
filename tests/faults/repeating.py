"""Posts to the bot again what Slack has posted: at once, late, and in another order."""

import asyncio
import copy
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from playground.slack.person import Person
from tests.faults.figures import in_words
from tests.scenario.database import all_sent, ask
from tests.scenario.posting import JSON, post, post_payload, sent_payloads
from tests.support.world import World, soon

Payload = dict[str, Any]
UNFINISHED = "SELECT count(*) FROM due WHERE lease IS NOT NULL OR kind = 'event'"


@dataclass
class Repeating:
    """Posts requests again and counts the results. `seed` determines the order."""

    world: World
    seed: int = 4
    posted: int = 0
    _said: Counter[str] = field(default_factory=Counter)

    def newest(self, kind: str, wanted: str = "") -> Payload:
        """The last request of this type that contains `wanted`."""
        found = (p for p in reversed(sent_payloads(self.world)) if p.get("type") == kind)
        return next(p for p in found if wanted in json.dumps(p))

    def event(self, kind: str) -> Payload:
        """The last event of this kind."""
        found = (p for p in reversed(sent_payloads(self.world)) if "event" in p)
        return next(p for p in found if p["event"]["type"] == kind)

    async def at_once(self, payload: Payload, times: int = 2) -> list[httpx.Response]:
        """Posts all before the first is answered."""
        answers = await asyncio.gather(*(self._post(payload, n) for n in range(times)))
        self.posted += times
        assert {answer.status_code for answer in answers} == {200}
        return answers

    async def in_any_order(self, payloads: Iterable[Payload]) -> list[httpx.Response]:
        """Posts each twice, all at once, shuffled."""
        shuffled = list(payloads)
        Random(self.seed).shuffle(shuffled)  # noqa: S311 - a test that can be repeated
        return [answer for payload in shuffled for answer in await self.at_once(payload)]

    async def _post(self, payload: Payload, number: int) -> httpx.Response:
        if "event" in payload:
            body = json.dumps(payload).encode()
            return await post(self.world, body, JSON, retry=number + 1)
        return await post_payload(self.world, self._triggered(payload))

    def _triggered(self, payload: Payload) -> Payload:
        """The request with a new trigger, because no real press has a used one."""
        made, view = copy.deepcopy(payload), payload.get("view") or {}
        view_id = view.get("id", "") if view.get("type") == "modal" else ""
        user = payload["user"]
        made["trigger_id"] = self.world.slack.core.triggers.issue(
            user["id"], user["team_id"], view_id
        )
        return made

    async def settled(self) -> None:
        """Waits until no job runs and no message waits."""
        await soon(lambda: ask(self.world, UNFINISHED) == [(0,)])
        await all_sent(self.world)

    async def remember(self) -> None:
        """Remembers what was said and what happened up to now."""
        await self.settled()
        self._said = self._all()

    def _all(self) -> Counter[str]:
        kept = [m for m in self.world.slack.core.state.messages if not m.ephemeral_to]
        said = Counter(f"{m.channel} {m.thread_ts} {m.text}" for m in kept)
        said.update(f"history: {kind}" for (kind,) in ask(self.world, "SELECT kind FROM history"))
        return said

    async def nothing_new(self) -> str:
        """Fails if anything was said or happened since `remember`. Returns the figures."""
        await self.settled()
        now = self._all()
        lost, repeated = self._said - now, now - self._said
        assert (lost, repeated) == (Counter(), Counter())
        return in_words(
            sent=now.total(),
            lost=lost.total(),
            repeated=repeated.total(),
            posted_anew=self.posted,
        )


def happened(world: World, *kinds: str) -> list[int]:
    """How often the history has each event."""
    count = "SELECT count(*) FROM history WHERE kind = ?"
    return [int(ask(world, count, kind)[0][0]) for kind in kinds]


def heard(person: Person, text: str, channel: str | None = None) -> int:
    """How many messages say this."""
    return sum(text in m.visible_text for m in person.messages(channel) if not m.is_ephemeral)
