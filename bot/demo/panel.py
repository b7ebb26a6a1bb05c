"""What the demo adds to the control panel: the next reminder, another start, and a guest."""

from datetime import timedelta

import sqlalchemy as sa

from flows.outbox.jobs import JobKind
from playground.extras import Extra
from playground.sample import ACME
from playground.segment import SegmentWorld
from playground.slack.model import User
from playground.world import PlaygroundWorld
from storage import tables
from storage.engine import make_engine

_SOON = timedelta(seconds=5).total_seconds()  # so that it is due for sure
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
                start_over,
            ),
        ]

    async def next_reminder(self, playground: PlaygroundWorld) -> str:
        """Returns what to tell the person who pressed the button."""
        due = tables.due.c
        planned = sa.select(sa.func.min(due.due_at)).where(due.kind == JobKind.REMIND.value)
        engine = make_engine(self._database_url)
        try:
            async with engine.connect() as connection:
                at = (await connection.execute(planned)).scalar_one_or_none()
        finally:
            await engine.dispose()
        if at is None:
            return "No reminder is planned: nothing is outstanding that a customer must do."
        ahead = at.timestamp() + _SOON - playground.clock.now()
        await playground.clock.advance_after_telling(max(0.0, ahead))
        return "The next reminder is due now; it comes to the person who must act."


async def start_over(playground: PlaygroundWorld) -> str:
    """Returns what to tell the person who pressed the button."""
    slack = playground.slack
    installed = slack.installations.get(ACME.id)
    if installed and installed.active:
        await slack.uninstall(ACME.id)
    playground.segment.restore(SegmentWorld(playground.clock).snapshot())
    admin = next(u for u in slack.users.values() if u.team_id == ACME.id and u.is_admin)
    result = await slack.install(ACME.id, admin.id)
    if not result.ok:
        return f"The app could not be installed again: status {result.status}."
    return "Acme begins anew. Type /segment."


def add_guest(playground: PlaygroundWorld) -> None:
    """Somebody who sees no set-up, to try what guests see."""
    if GUEST.id not in playground.slack.users:
        playground.slack.add(GUEST)
        for channel in playground.slack.channels.values():
            if channel.team_id == ACME.id and channel.name == "general":
                channel.members.append(GUEST.id)
