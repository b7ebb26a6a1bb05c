"""What the demo adds to the control panel: the next reminder, another start, and a guest."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.cli.database import opened
from flows.outbox.bodies import Reminder
from flows.outbox.jobs import JobKind
from playground.extras import Extra
from playground.sample import ACME
from playground.segment import SegmentWorld
from playground.slack.model import User
from playground.world import PlaygroundWorld
from storage import tables

_A_LITTLE = 5.0  # seconds, so that it is due for sure
_STEPS, _PATIENCE, _PAUSE = 4, 40, 0.25
_OF = sa.bindparam("of", type_=sa.Text)
_PLANNED = sa.select(sa.func.min(tables.due.c.due_at)).where(
    tables.due.c.kind == JobKind.REMIND.value, tables.due.c.tenant_id == _OF
)
_NEXT = (
    sa.select(tables.due.c.tenant_id)
    .where(tables.due.c.kind == JobKind.REMIND.value, tables.due.c.due_at.is_not(None))
    # Whoever sees Acme waits for Acme's. Sample customers have theirs, too.
    .order_by(tables.due.c.tenant_id != ACME.id, tables.due.c.due_at)
    .limit(1)
)
_SENT = sa.select(sa.func.count()).where(
    tables.outbox.c.kind == Reminder.kind, tables.outbox.c.tenant_id == _OF
)
_NAMED = sa.select(sa.func.min(tables.teams.c.name)).where(tables.teams.c.tenant_id == _OF)
_LEFT = sa.select(sa.func.count()).where(tables.integrations.c.tenant_id == ACME.id)
GUEST = User(
    "U0ACMEGUEST",
    ACME.id,
    "noor",
    "Guest Noor",
    "Europe/Amsterdam",
    "nl-NL",
    "noor@agency.example",
    is_guest=True,
)


class DemoPanel:
    """Reads the running bot's database, and changes only the playground."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url

    def extras(self) -> list[Extra]:
        return [
            Extra(
                "next_reminder",
                "Next reminder",
                "Puts the clock forward to the next reminder that is planned.",
                self.next_reminder,
                card="clock",
            ),
            Extra(
                "start_over",
                "Start over",
                "Acme begins anew: the app is installed again, and Segment is as at first.",
                self.start_over,
                asks="All that Acme has done is deleted, and its Segment is as at first.",
            ),
        ]

    async def next_reminder(self, playground: PlaygroundWorld) -> str:
        """Returns what to tell the person who pressed the button.

        The bot plans anew what falls out of somebody's working hours, so it can take some steps.
        """
        of = await self._ask(_NEXT)
        before = await self._ask(_SENT, of=of)
        for _ in range(_STEPS):
            at = await self._ask(_PLANNED, of=of)
            if at is None:
                return "No reminder is planned: nothing is outstanding that a customer must do."
            ahead = at.timestamp() + _A_LITTLE - playground.clock.now()
            await playground.clock.advance_after_telling(max(0.0, ahead))
            await self._until(partial(self._is_over, of, before, at))
            if await self._ask(_SENT, of=of) > before:
                name = await self._ask(_NAMED, of=of)
                return f"There it is: {name} gets it, by direct message to the person who must act."
        return "The bot is still planning. Press once more in a moment."

    async def _is_over(self, of: str, before: int, at: datetime) -> bool:
        sent, planned = await self._ask(_SENT, of=of), await self._ask(_PLANNED, of=of)
        return bool(sent > before or planned != at)

    async def start_over(self, playground: PlaygroundWorld) -> str:
        """Returns what to tell the person who pressed the button."""
        slack = playground.slack
        installed = slack.installations.get(ACME.id)
        if installed and installed.active:
            await slack.uninstall(ACME.id)
            await self._until(self._is_erased)
        playground.segment.restore(SegmentWorld(playground.clock).snapshot())
        admin = next(u for u in slack.users.values() if u.team_id == ACME.id and u.is_admin)
        result = await slack.install(ACME.id, admin.id)
        if not result.ok:
            return f"The app could not be installed again: status {result.status}."
        return "Acme begins anew. Type /segment."

    async def _is_erased(self) -> bool:
        return bool(await self._ask(_LEFT) == 0)

    async def _until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(_PATIENCE):
            if await holds():
                return
            await asyncio.sleep(_PAUSE)

    async def _ask(self, question: "sa.Select[Any]", **values: str) -> Any:
        async with opened(self._database_url) as engine, engine.connect() as connection:
            return (await connection.execute(question, values)).scalar_one_or_none()


def add_guest(playground: PlaygroundWorld) -> None:
    """Somebody who sees no set-up, to try what guests see."""
    if GUEST.id not in playground.slack.users:
        playground.slack.add(GUEST)
        for channel in playground.slack.channels.values():
            if channel.team_id == ACME.id and channel.name == "general":
                channel.members.append(GUEST.id)
