"""Beta, a customer beside Acme: what is wrong with Acme's rows must take nothing from it."""

from playground.sample import ACME
from playground.slack.model import Channel, Team, User
from playground.slack.person import Person
from tests.scenario.database import ask, execute
from tests.support.world import World

BETA = Team("T0BETA00001", "Beta", "beta")
BROKEN = "{broken"


async def bob_of_beta(world: World) -> Person:
    """The app is installed at Beta, too."""
    bob = User("U0BETABOB01", BETA.id, "bob", "Bob", "America/New_York", is_admin=True)
    bob.is_owner = True
    world.slack.add(BETA, bob, Channel("C0BETAGENRL", BETA.id, "general", members=[bob.id]))
    await world.slack.install(BETA.id, bob.id)
    return world.person("bob")


def facts(world: World) -> str:
    """What is stored of Acme's set-up."""
    ((text,),) = ask(world, "SELECT facts FROM integrations WHERE tenant_id = ?", ACME.id)
    return str(text)


async def keep_facts(world: World, text: str) -> None:
    await execute(world, "UPDATE integrations SET facts = ? WHERE tenant_id = ?", text, ACME.id)
