"""Two of each process on one database. Some are killed, and nobody notices."""

from collections import Counter

from playground.slack.person import Person
from tests.faults.size import told_on
from tests.scenario.story import (
    choose_plan,
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    see,
    token,
)
from tests.support.fleet import ENDED_WELL, Fleet
from tests.support.world import World, soon

PATIENCE = 180  # seconds; a dead worker's jobs are taken over after a few


async def hear(person: Person, text: str, channel: str | None = None) -> None:
    await person.wait_for(
        lambda: any(text in m.visible_text for m in person.messages(channel)), PATIENCE
    )


def said_more_than_once(person: Person) -> list[str]:
    """Direct messages only: a crash may repeat a line in the CSM channel (docs/operations.md)."""
    counted = Counter(m.visible_text for m in person.messages())
    return [text for text, times in counted.items() if times > 1]


@told_on("postgres")
async def test_a_story_survives_the_death_of_half_of_the_processes(
    outside: World, bots: Fleet
) -> None:
    front, _, background, _ = await bots.start(
        "serve --no-worker", "serve --no-worker", "worker", "worker"
    )
    await outside.install()
    ada, mira = outside.person("ada"), outside.person("mira")
    await choose_plan(ada, "Business")
    await enter_token(ada, token(outside, "acme"))
    await see(ada, "Acme Inc is connected")
    await soon(lambda: not outside._under_way)  # Slack would send again what it cuts off
    await front.kill()
    await choose_sources(ada, "Web app")
    await see(ada, "Web app: no Toplyne destination")
    let_data_arrive(outside, "acme", "Web app")
    await minutes_pass(outside, 10)
    await ada.click("Check again")
    await background.kill()
    await see(ada, "events delivered")
    await hear(ada, "The first events of Web app have reached Toplyne")
    await hear(mira, "Live sync started with Web app", "#customers")

    await bots.start("serve --no-worker", "worker")
    await ada.submit()
    await ada.submit()
    await hear(ada, "Workspace slug: acme")
    await ada.click("I’ve sent it to Segment")
    await see(ada, "reported by @Ada Okafor")
    assert said_more_than_once(ada) == []
    assert set(await bots.stop()) <= ENDED_WELL
