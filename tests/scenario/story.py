"""Steps that many stories share, so that each can begin at its own subject."""

from datetime import date, timedelta
from typing import Any

from playground.slack.person import Person
from tests.support.world import World

PLAN = "Which Segment plan do you have?"
CHANGE = "Change period or events"
TOKEN = "Access token"
SOURCES = "Which sources feed Toplyne?"
SOURCE_IDS = "Paste Source IDs"
NOT_LISTED = "My source is not listed"


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
    await press_plan(person, plan)


async def press_plan(person: Person, plan: str) -> None:
    """The press is acknowledged before the next screen is there."""
    await person.click(plan)
    await person.wait_for(lambda: PLAN not in (person.modal.text if person.modal else ""))


async def enter_token(person: Person, value: str) -> None:
    person.fill(TOKEN, value)
    await person.submit()


async def choose_sources(person: Person, *names: str) -> None:
    person.fill(SOURCES, list(names))
    await person.submit()


async def type_source_ids(person: Person, text: str) -> None:
    """Into the field that opens for a source that is not listed."""
    form = await see(person, SOURCES)  # a check that is slow shows its progress first
    if NOT_LISTED in form.buttons:
        await person.click(NOT_LISTED)
        await see(person, SOURCE_IDS)
    person.fill(SOURCE_IDS, text)


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
    """Waits until the top modal says all of this, among its blocks or in its foot. Returns it."""

    def says() -> Any:
        modal = person.modal
        is_seen = modal and all(t in modal.text or t == modal.submit_text for t in texts)
        return modal if is_seen else None

    return await person.wait_for(says)


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


def days_ahead(world: World, days: int) -> str:
    """A day as people type it, by the story's time."""
    return (world.segment.now() + timedelta(days=days)).date().isoformat()


def in_words(day: str) -> str:
    """Such a day as every reader sees it."""
    return f"{date.fromisoformat(day):%b %-d, %Y}"


async def reach_replay(world: World, person: Person, *sources: str) -> None:
    """Does everything up to the preview of the Replay request. Only Web app delivers."""
    await reach_live_sync(world, person, *sources)
    let_data_arrive(world, "acme", "Web app")
    await minutes_pass(world, 10)
    await person.click("Check again")
    await see(person, "events delivered")
    await person.submit()
    await see(person, "word for word")


async def change_request(person: Person) -> None:
    """From the preview, or from what was requested, to the form."""
    await person.click(CHANGE)
    await see(person, "Which events?")
