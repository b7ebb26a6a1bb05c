"""A bot in a hurry, for stories about a Segment that takes its time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flows.checks.run import CheckPolicy
from playground.slack.person import Person
from tests.support.installed_world import installed_world
from tests.support.world import PATIENCE, World

SLACKS_LIMIT = 3.0  # seconds for an acknowledgement
QUICK = CheckPolicy(deadline=0.4, longest=10.0, take_over=30.0, grace=0.2, backoff=(0.3,) * 8)


@asynccontextmanager
async def hurried_world(
    folder: Path, check_policy: CheckPolicy = QUICK, ack_limit: float = PATIENCE
) -> AsyncIterator[World]:
    """The usual world, with a bot that waits less."""
    async with installed_world(folder, check_policy, ack_limit=ack_limit) as made:
        yield made


async def restarted(a_world: World, check_policy: CheckPolicy) -> None:
    """Stops the bot and starts another in its place."""
    await a_world.stop_bot()
    a_world.check_policy = check_policy
    await a_world.start_bot()


def verified(csm: Person) -> int:
    """How often the CSMs were told that the credentials are good."""
    thread = [m.visible_text for m in csm.messages("#customers")]
    return sum(text.startswith("Credentials verified") for text in thread)


def results(person: Person) -> list[str]:
    """Direct messages that say how a check of a token ended."""
    ends = ("Segment has accepted the access token", "The access token could not be used")
    return [m.visible_text for m in person.messages() if m.visible_text.startswith(ends)]
