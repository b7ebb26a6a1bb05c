"""In an organisation, everything about a set-up names its Slack workspace, and nowhere else."""

from collections.abc import Awaitable, Callable

import pytest

from playground.slack.person import Person
from tests.globex import ASIA
from tests.scenario.passing import settled
from tests.scenario.story import choose_plan, see
from tests.scenario.test_org_wide import both, globex, hank, jun, mira
from tests.support.world import World

__all__ = ["both", "globex", "hank", "jun", "mira"]
LINE = "This is about your Slack workspace {}."
EUROPES, ASIAS = LINE.format("Globex Europe"), LINE.format("Globex Asia")


async def in_window(person: Person) -> str:
    text = str(person.modal.text)
    await person.close(everything=True)
    return text


async def command(person: Person, words: str) -> str:
    await person.command(f"/segment {words}")
    if person.modal:
        return await in_window(person)
    return str(person.messages("#general")[-1].visible_text)


async def pressed_on_home(person: Person, button: str) -> str:
    await person.open_home()
    await person.settle()
    person.home_shown = True
    await person.click(button)
    await person.wait_for(lambda: person.modal)
    return await in_window(person)


PLACES: dict[str, Callable[[Person], Awaitable[str]]] = {
    "/segment": lambda person: command(person, ""),
    "/segment status": lambda person: command(person, "status"),
    "/segment disconnect": lambda person: command(person, "disconnect"),
    "Ask for help": lambda person: pressed_on_home(person, "Ask for help"),
    "Change who can": lambda person: pressed_on_home(person, "Change who can"),
}


@pytest.mark.parametrize("place", PLACES)
async def test_it_is_named_as_in_messages(both: World, place: str) -> None:
    ines, abroad = both.person("ines"), both.slack.person("ines", ASIA.id)
    for person, line, other in ((ines, EUROPES, ASIAS), (abroad, ASIAS, EUROPES)):
        await choose_plan(person, "Business")
        assert line in person.modal.text  # an answer to a form, too
        await person.close(everything=True)
        await settled(both)
        shown = await PLACES[place](person)
        assert shown.count(line) == 1, shown
        assert other not in shown
    both.slack.breach_free()


async def test_home_names_the_one_where_it_was_opened(both: World) -> None:
    ines, abroad = both.person("ines"), both.slack.person("ines", ASIA.id)
    for person, line in ((ines, EUROPES), (abroad, ASIAS)):
        await person.open_home()
        await ines.wait_for(lambda line=line: ines.home and line in ines.home.text)
        await choose_plan(person, "Business")  # it is drawn anew
        await person.close(everything=True)
        await ines.wait_for(lambda: ines.home and "Business" in ines.home.text)
        assert ines.home
        assert ines.home.text.count("This is about your Slack workspace") == 1
        assert line in ines.home.text
    await ines.open_home()
    await ines.wait_for(lambda: ines.home and EUROPES in ines.home.text)
    both.slack.breach_free()


async def test_outside_of_an_organisation_it_goes_without_saying(
    a_world: World, ada: Person
) -> None:
    await ada.command("/segment")
    await see(ada, "Which Segment plan")
    assert "your Slack workspace" not in ada.modal.text
    await ada.close()
    await ada.command("/segment status")
    assert "your Slack workspace" not in ada.messages("#general")[-1].visible_text
    a_world.slack.breach_free()
