"""What stories look at in the CSM channel, in the database and in Segment's traffic."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.database import ask
from tests.support.world import World

CUSTOMERS = "#customers"


def cards(csm: Person, channel: str = CUSTOMERS) -> list[VisibleMessage]:
    """The status cards: the app's messages in the channel itself, not in a thread.

    Digests are among them if the story lets days pass.
    """
    written = [m for m in csm.messages(channel) if m.is_app and not m.is_ephemeral and _on_top(m)]
    return [m for m in written if not (is_digest(m) or m.message.files)]


def is_digest(message: VisibleMessage) -> bool:
    return "eeds you today" in message.text or "The digest of " in message.text


def as_it_was(message: VisibleMessage) -> VisibleMessage:
    """The message on a screen that is not told when it is redrawn: it keeps what it shows now."""
    return replace(message, message=replace(message.message))


def _on_top(message: VisibleMessage) -> bool:
    return message.thread_ts in ("", message.ts)


def decisions(card: VisibleMessage) -> list[str]:
    """The card's buttons for open decisions, without the buttons that are always there."""
    return [label for label in card.buttons if label in ("Confirm", "Reject…", "Data is arriving")]


def thread(csm: Person, channel: str = CUSTOMERS) -> list[str]:
    """The lines below the one card, oldest first."""
    (card,) = cards(csm, channel)
    return [m.visible_text for m in csm.messages(channel) if m.thread_ts == card.ts != m.ts]


async def card_says(csm: Person, *texts: str, channel: str = CUSTOMERS) -> VisibleMessage:
    """Waits until the only card says all of this."""

    def found() -> VisibleMessage | None:
        shown = cards(csm, channel)
        said = len(shown) == 1 and all(text in shown[0].visible_text for text in texts)
        return shown[0] if said else None

    card: VisibleMessage = await csm.wait_for(found)
    return card


async def thread_says(csm: Person, *lines: str, channel: str = CUSTOMERS) -> None:
    """Waits until the thread has exactly these lines, in this order."""
    await csm.wait_for(lambda: thread(csm, channel) == [*lines])


def answer(person: Person, channel: str = "#general") -> VisibleMessage:
    """The app's last answer that only this person sees."""
    return [m for m in person.messages(channel) if m.is_ephemeral][-1]


def rows(world: World, table: str) -> int:
    """The number of rows in one of the bot's tables."""
    return int(ask(world, f"SELECT count(*) FROM {table}")[0][0])


def left_of(world: World, tenant_id: str) -> set[str]:
    """The tables in which a tenant has rows."""
    named = (
        "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'tenant_id'"
    )
    count = "SELECT count(*) FROM {} WHERE tenant_id = ?"
    tables = [name for (name,) in ask(world, named)]
    return {name for name in tables if ask(world, count.format(name), tenant_id)[0][0]}


def segment_calls(world: World) -> list[Mapping[str, Any]]:
    """The last calls that Segment served, newest first."""
    return list(world.segment.panel()["calls"])


def everything_shown(world: World) -> str:
    """All messages and open views of all people as Slack holds them."""
    state = world.slack.snapshot()
    return str(state)
