"""Many customers, each with their own Slack workspace, and what Slack has for them."""

from collections import Counter
from dataclasses import dataclass

from playground.slack.model import Team, User
from playground.slack.person import Person
from playground.slack.traffic import Exchange
from tests.support.world import World

ANSWERED_LIMITED = b'"ratelimited"'
Key = tuple[str, str]  # a person, and the key of a message


@dataclass(frozen=True)
class Crowd:
    """The people who installed the app, one per workspace. They live at UTC."""

    world: World
    people: tuple[Person, ...]

    def texts(self, person: Person) -> list[str]:
        return [message.visible_text for message in person.messages() if message.is_app]

    def keys(self, prefix: str) -> Counter[Key]:
        """How often Slack has each direct message whose key begins like this."""
        state = self.world.slack.core.state
        found = (
            (state.channels[m.channel].user, str(m.metadata["event_payload"]["key"]))
            for m in state.messages
            if m.metadata
        )
        return Counter(each for each in found if each[1].startswith(prefix))

    def calls(self) -> list[Exchange]:
        """The bot's calls to Slack since the traffic was cleared."""
        return [each for each in self.world.slack.traffic if each.direction == "from_app"]

    def limited(self) -> int:
        """Calls that Slack refused because there were too many."""
        return sum(ANSWERED_LIMITED in each.answer for each in self.calls())


async def gather_crowd(world: World, count: int) -> Crowd:
    """Adds the people to this Slack. Each installs the app."""
    people = []
    for number in range(count):
        team = Team(f"T0MANY{number:05}", f"Customer {number}", f"customer{number}")
        admin = User(
            f"U0MANY{number:05}", team.id, f"many{number}", f"Many {number}", "UTC", is_admin=True
        )
        world.slack.add(team, admin)
        await world.slack.install(team.id, admin.id)
        people.append(world.person(admin.id))
    return Crowd(world, tuple(people))
