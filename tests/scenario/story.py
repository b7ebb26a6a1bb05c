"""Steps that many stories share, so that each can begin at its own subject."""

from typing import Any

from playground.slack.person import Person
from tests.support.world import World

PLAN = "Which Segment plan do you have?"
TOKEN = "Access token"
SOURCES = "Which sources feed Toplyne?"
SOURCE_IDS = "Or paste Source IDs"


def token(world: World, workspace: str, label: str = "owner") -> str:
    """A token, as a person copies it in Segment."""
    return str(world.segment.token(workspace, label).value)


def source_id(world: World, workspace: str, name: str) -> str:
    """A Source ID, as a person copies it in Segment. `name` may be the slug."""
    for source in world.segment.workspace(workspace).sources:
        if name in (source.name, source.slug):
            return str(source.id)
    raise LookupError(name)


async def choose_plan(person: Person, plan: str) -> None:
    """`/segment` and the first screen."""
    await person.command("/segment")
    await see(person, PLAN)  # the command is acknowledged first
    await person.fill(PLAN, plan)
    await person.settle()
    await person.submit()


async def enter_token(person: Person, value: str) -> None:
    person.fill(TOKEN, value)
    await person.submit()


async def choose_sources(person: Person, *names: str) -> None:
    person.fill(SOURCES, list(names))
    await person.submit()


async def reach_live_sync(
    world: World, person: Person, *names: str, plan: str = "Business"
) -> None:
    """Enters plan, token and sources of Acme Inc (Business) or Beacon (Team)."""
    workspace = "acme" if plan == "Business" else "beacon"
    await choose_plan(person, plan)
    await enter_token(person, token(world, workspace))
    await see(person, SOURCES)  # the check may take longer than an acknowledgement
    await choose_sources(person, *(names or (("Web app",) if plan == "Business" else ("App",))))


async def see(person: Person, *texts: str) -> Any:
    """Waits until the top modal says all of this."""
    return await person.wait_for(
        lambda: person.modal and all(text in person.modal.text for text in texts)
    )


async def told(person: Person, text: str, channel: str | None = None) -> Any:
    """Waits for a message that says this, to the person or in a channel."""
    return await person.wait_for(
        lambda: next((m for m in person.messages(channel) if text in m.visible_text), None)
    )


def let_data_arrive(world: World, workspace: str, name: str, count: int = 50) -> None:
    """Connects the destination in Segment, switches it on, and sends events."""
    wanted = source_id(world, workspace, name)
    world.segment.connect_destination(wanted)
    world.segment.set_destination_enabled(wanted, True)
    world.segment.send_events(wanted, count)


async def minutes_pass(world: World, minutes: float) -> None:
    """Lets time pass, because Segment reports late. Returns once the bot knows the new time."""
    await world.time_passes(minutes * 60)


async def reach_replay(world: World, person: Person) -> None:
    """Does everything up to the Replay request's form."""
    await reach_live_sync(world, person)
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, "events delivered")
    await person.submit()
