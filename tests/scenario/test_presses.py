"""From `/segment` to the sent request a customer presses at most seven times."""

from playground.slack.person import Person
from tests.scenario.story import (
    SOURCES,
    TOKEN,
    let_data_arrive,
    minutes_pass,
    see,
    source_id,
    told,
)
from tests.scenario.story import token as copied
from tests.support.world import World

AT_MOST = 7


class Pressing:
    """A person whose presses are counted: buttons, ticks and submits; typing is none."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.count = 0

    async def click(self, what: str, message: object = None) -> None:
        self.count += 1
        await self.person.click(what, message=message)

    async def submit(self) -> None:
        self.count += 1
        await self.person.submit()

    def tick(self, label: str, name: str) -> None:
        self.count += 1
        self.person.fill(label, [name])


async def test_seven_presses_from_the_first_word_to_the_sent_request(
    a_world: World, ada: Person
) -> None:
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    pressing = Pressing(ada)
    await ada.command("/segment")
    await see(ada, "Which Segment plan do you have?")
    await pressing.click("Business")
    await see(ada, "Create an access token in Segment")
    ada.fill(TOKEN, copied(a_world, "acme"))
    await pressing.submit()
    await see(ada, SOURCES)
    pressing.tick(SOURCES, "Web app")
    await pressing.submit()
    await see(ada, "Web app: arriving")
    await pressing.submit()
    await see(ada, "word for word", "Calls in the last 30 days")
    await pressing.submit()
    letter = await told(ada, "Source ID: " + source_id(a_world, "acme", "Web app"))
    await pressing.click("I’ve sent it to Segment", letter)
    await told(ada, "was sent to Segment, as @Ada Okafor reported")
    assert pressing.count == AT_MOST
