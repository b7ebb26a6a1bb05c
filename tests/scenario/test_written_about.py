"""What somebody writes in the one conversation that an organisation's people have with the app."""

import pytest

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.globex import ASIA
from tests.scenario.looking import cards
from tests.scenario.passing import settled
from tests.scenario.story import choose_plan
from tests.scenario.test_org_wide import both, globex, hank, jun, mira
from tests.support.world import World

__all__ = ["both", "globex", "hank", "jun", "mira"]
EUROPES, ASIAS = "Globex Europe", "Globex Asia"
PASS_ON = "Pass it on to Toplyne"


@pytest.fixture
async def ines(both: World) -> Person:
    """She is in both workspaces, has started both set-ups, and stands in Europe."""
    ines, abroad = both.person("ines"), both.slack.person("ines", ASIA.id)
    for person in (ines, abroad):
        await choose_plan(person, "Business")
        await person.close(everything=True)
    await settled(both)
    return ines  # type: ignore[no-any-return]


def card_of(mira: Person, customer: str) -> VisibleMessage:
    (card,) = [each for each in cards(mira) if customer in each.visible_text]
    return card


async def in_thread_of(mira: Person, customer: str, text: str) -> None:
    ts = card_of(mira, customer).ts
    lines = [each for each in mira.messages("#customers") if each.thread_ts == ts != each.ts]
    assert [each for each in lines if text in each.visible_text]


async def writes(world: World, mira: Person, customer: str) -> None:
    await mira.click("Message the customer", message=card_of(mira, customer))
    mira.fill("Message", f"How is {customer}?")
    await mira.submit()
    await settled(world)


async def offer(world: World, person: Person, text: str) -> VisibleMessage:
    await person.say(None, text)
    await settled(world)
    newest = person.messages()[-1]
    assert newest.buttons == [PASS_ON]
    return newest


async def test_it_is_passed_on_to_whoever_waits_for_it(
    both: World, ines: Person, mira: Person
) -> None:
    await writes(both, mira, EUROPES)
    await writes(both, mira, ASIAS)
    first = await offer(both, ines, "yes, I did it")
    assert ASIAS in first.visible_text
    await ines.click(PASS_ON, message=first)
    await settled(both)
    await in_thread_of(mira, ASIAS, "yes, I did it")

    second = await offer(both, ines, "and here?")  # Europe still waits
    assert EUROPES in second.visible_text
    await ines.click(PASS_ON, message=second)
    await settled(both)
    await in_thread_of(mira, EUROPES, "and here?")
    third = await offer(both, ines, "one more thing")  # nobody waits: to whoever wrote last
    assert ASIAS in third.visible_text
    both.slack.breach_free()


async def test_after_the_workspace_has_left_it_is_about_the_one_where_they_are(
    both: World, ines: Person, mira: Person
) -> None:
    await writes(both, mira, ASIAS)
    await both.slack.revoke(ASIA.id)
    await settled(both)
    await ines.say(None, "too late?")
    await settled(both)
    answered = ines.messages()[-1]
    assert EUROPES in answered.visible_text
    assert "Ask for help" in answered.buttons
    both.slack.breach_free()
