"""An organisation's people have one Home: what stands there of a Slack workspace that left."""

import pytest

from playground.slack.person import Person
from tests.globex import ASIA, EUROPE
from tests.scenario.database import execute
from tests.scenario.passing import settled
from tests.scenario.story import see
from tests.scenario.test_org_wide import both, card_of, connect, globex, hank, jun, mira, teams
from tests.support.world import World, soon

__all__ = ["both", "globex", "hank", "jun", "mira"]
GONE = "What the app had stored of it is deleted"


async def asia_on_home(world: World) -> tuple[Person, Person]:
    """Ines is in both, and her Home shows Asia's set-up. She as she is in each."""
    ines, abroad = world.person("ines"), world.slack.person("ines", ASIA.id)
    await connect(world, ines, "acme", "Business", "Web app")
    await connect(world, abroad, "beacon", "Team", "App")
    await abroad.open_home()
    await ines.wait_for(lambda: ines.home and "Beacon" in ines.home.text)
    ines.home_shown = True
    return ines, abroad


async def asia_leaves(world: World) -> None:
    await world.slack.revoke(ASIA.id)
    await soon(lambda: teams(world) == [EUROPE.id])
    await settled(world)


async def test_home_says_that_it_is_gone_and_shows_another_workspace_when_opened_there(
    both: World, mira: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    ines, _ = await asia_on_home(both)
    await asia_leaves(both)
    assert ines.home
    assert GONE in ines.home.text
    assert "Beacon" not in ines.home.text
    assert ines.home.buttons == []
    await card_of(mira, "Globex Asia", "app uninstalled, data deleted")
    assert "message_given_up" not in capsys.readouterr().out  # nothing is wrong

    await ines.open_home()
    await ines.wait_for(lambda: ines.home and "Acme Inc" in ines.home.text)
    both.slack.breach_free()


async def test_whoever_opened_another_home_meanwhile_keeps_it(both: World) -> None:
    ines, _ = await asia_on_home(both)
    await ines.open_home()
    await ines.wait_for(lambda: ines.home and "Acme Inc" in ines.home.text)
    await asia_leaves(both)
    assert ines.home
    assert "Acme Inc" in ines.home.text
    both.slack.breach_free()


@pytest.mark.parametrize("button", ["Change the sources", "Disconnect", "Who did what"])
async def test_a_press_on_a_home_that_was_not_drawn_anew_is_answered(
    both: World, button: str
) -> None:
    ines, _ = await asia_on_home(both)
    await execute(both, "DELETE FROM home_viewers")  # as of too many
    await asia_leaves(both)
    await ines.click(button)
    await see(ines, "a Slack workspace that the app has left")

    await ines.close(everything=True)
    await ines.command("/segment status")
    await ines.wait_for(lambda: "Acme Inc" in ines.messages("#general")[-1].visible_text)
    both.slack.breach_free()
