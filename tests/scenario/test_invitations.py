"""`/segment-csm invite`: a customer is invited, installs the app, and is known from the start."""

import re
from urllib.parse import urlsplit

import pytest

from playground.sample import ACME, TOPLYNE
from playground.slack.person import Person
from tests.globex import ASIA, EUROPE, GLOBEX, HANK, move_in
from tests.scenario.database import ask
from tests.scenario.looking import answer, card_says, cards
from tests.scenario.oauth import decide, visit
from tests.scenario.story import minutes_pass, see, told
from tests.scenario.test_install import single
from tests.support.world import APP_URL, World, soon

__all__ = ["single"]

DAY = 24 * 60  # minutes


@pytest.fixture
async def toplyne(empty_world: World) -> World:
    """The app is installed at Toplyne alone."""
    await empty_world.slack.install(TOPLYNE.id, empty_world.person("mira").user.id)
    return empty_world


@pytest.fixture
def mira(toplyne: World) -> Person:
    return toplyne.person("mira")


async def invited(csm: Person, account: str) -> str:
    """The path of the link that the command gives."""
    await csm.command(f"/segment-csm invite {account}")
    said = answer(csm).visible_text
    (link,) = re.findall(rf"{re.escape(APP_URL)}(/slack/install\?invite=[\w=-]+)", said)
    return str(link)


async def installs(world: World, link: str, user_id: str) -> str:
    """What the last page says."""
    begun = await visit(world, link)
    assert begun.status_code == 302
    back = urlsplit(await decide(world, begun.headers["location"], user_id))
    page = await visit(world, f"{back.path}?{back.query}")
    return page.text


async def test_invited_then_installed_with_owner_and_account(toplyne: World, mira: Person) -> None:
    link = await invited(mira, "Acme Corp")
    assert "Acme" not in link, "sealed: nobody reads or changes what it carries"
    await mira.command("/segment-csm")
    await see(mira, "Invited, not installed yet", "Acme Corp: invited by")
    assert mira.modal
    assert "nothing typed yet" not in mira.modal.text
    await mira.close()
    ada = toplyne.person("ada")
    assert "is installed" in await installs(toplyne, link, ada.user.id)
    await told(ada, "Toplyne’s set-up for Segment is now in")
    await card_says(mira, "Acme Corp")
    await told(mira, "Installed by", "#customers")
    await mira.command("/segment-csm mine")
    await see(mira, "Acme (Acme Corp) · installed, nothing typed yet")
    assert "Invited, not installed yet" not in mira.modal.text
    assert "Owner: nobody yet" not in mira.modal.text


async def test_a_search_finds_those_who_are_invited(toplyne: World, mira: Person) -> None:
    link = await invited(mira, "Acme EMEA")
    await invited(mira, "Globex")
    for text in ("Acme", "acme emea", "emea acm"):
        await mira.command(f"/segment-csm find {text}")
        await see(mira, "Acme EMEA: invited by")
        assert "Globex" not in mira.modal.text
        await mira.close()
    await mira.command("/segment-csm find Initech")
    await see(mira, "No customer matches")
    assert "invited by" not in mira.modal.text
    await mira.close()

    await installs(toplyne, link, toplyne.person("ada").user.id)
    await mira.command("/segment-csm find Acme")
    await see(mira, "installed, nothing typed yet")
    assert "invited by" not in mira.modal.text


async def test_mine_shows_those_whom_i_invited(toplyne: World, mira: Person) -> None:
    await invited(mira, "Acme Corp")
    other = toplyne.person("tom")
    await invited(other, "Globex")
    await mira.command("/segment-csm mine")
    await see(mira, "Acme Corp: invited by")
    assert mira.modal
    assert "Globex" not in mira.modal.text
    await mira.close()
    await mira.command("/segment-csm find acme")
    await see(mira, "No customer matches")
    await mira.close()
    for number in range(10):
        await invited(other, f"Initech {number}")
    await mira.command("/segment-csm mine")
    await see(mira, "Acme Corp: invited by")
    await mira.close()
    await invited(mira, "Umbrella")
    await mira.command("/segment-csm")
    await see(mira, "Umbrella: invited by", "More were invited before these")
    assert "Globex" not in mira.modal.text
    await mira.fill("board_owner", "Mine")
    await see(mira, "Acme Corp: invited by", "Umbrella: invited by")
    assert "invited before these" not in mira.modal.text


async def test_a_link_works_for_thirty_days(toplyne: World, mira: Person) -> None:
    link = await invited(mira, "Acme Corp")
    await minutes_pass(toplyne, 29 * DAY)
    assert (await visit(toplyne, link)).status_code == 302
    await minutes_pass(toplyne, 2 * DAY)
    page = await visit(toplyne, link)
    assert page.status_code == 410
    assert "This invitation does not work any more" in page.text
    assert f"{APP_URL}/slack/install" in page.text
    await mira.command("/segment-csm")
    await mira.wait_for(lambda: mira.modal)
    assert "Invited" not in mira.modal.text


async def test_nobody_makes_up_or_changes_a_link(toplyne: World, mira: Person) -> None:
    link = await invited(mira, "Acme Corp")
    state = toplyne.asgi.state.bot.oauth._states.issue()  # sealed too, but for something else
    for made_up in ("/slack/install?invite=acme", f"{link[:-9]}AAAAAAAA=", f"{link}A"):
        assert (await visit(toplyne, made_up)).status_code == 410
    assert (await visit(toplyne, f"/slack/install?invite={state}")).status_code == 410


async def test_what_csms_have_set_already_stays(toplyne: World, mira: Person) -> None:
    ada = toplyne.person("ada")
    first, second = await invited(mira, "Acme Corp"), await invited(mira, "Acme two")
    await installs(toplyne, first, ada.user.id)
    await card_says(mira, "Acme Corp")
    await installs(toplyne, second, ada.user.id)  # once more, while it is there
    await mira.command("/segment-csm")
    await see(mira, "Acme (Acme Corp)")


async def test_an_organisation_is_invited_and_each_of_its_workspaces_has_owner_and_account(
    toplyne: World, mira: Person
) -> None:
    move_in(toplyne.slack)
    link = await invited(mira, "Globex Corp")
    await installs(toplyne, link, f"{HANK}/{GLOBEX.id}")
    await mira.command("/segment-csm")
    await mira.wait_for(lambda: mira.modal)
    assert mira.modal
    assert "Invited, not installed yet" not in mira.modal.text
    await mira.close()
    await toplyne.slack.grant(EUROPE.id)
    await card_says(mira, "Globex Corp")
    assert (await toplyne.slack.install_org_wide(HANK)).ok  # again, and without the link
    await toplyne.slack.grant(ASIA.id)
    await mira.wait_for(lambda: len(cards(mira)) == 2)
    assert all("Globex Corp" in card.visible_text for card in cards(mira))
    await mira.command("/segment-csm mine")
    await see(mira, "Globex Europe (Globex Corp)", "Globex Asia (Globex Corp)")
    named = "SELECT account, invited_by FROM installations WHERE tenant_id = ?"
    assert ask(toplyne, named, GLOBEX.id) == [("Globex Corp", mira.user.id)]
    await toplyne.slack.uninstall(GLOBEX.id)
    await soon(lambda: ask(toplyne, named, GLOBEX.id) == [])


async def test_what_is_no_name_of_an_account(toplyne: World, mira: Person) -> None:
    await mira.command(f"/segment-csm invite {'a' * 90}")
    assert "80 characters at most" in answer(mira).visible_text
    await mira.command("/segment-csm invite")
    assert "/segment-csm invite Acme" in answer(mira).visible_text
    await mira.command(f"/segment-csm invite sgp_{'a1' * 32}")
    assert "invite=" not in answer(mira).visible_text
    ada = toplyne.person("ada")
    await toplyne.slack.install(ACME.id, ada.user.id)
    await ada.command("/segment-csm invite Acme")
    assert "invite=" not in answer(ada).visible_text


async def test_one_workspace_has_nobody_to_invite(single: World) -> None:
    await single.start_bot()
    grace = single.person("grace")
    await grace.command("/segment-csm invite Acme")
    assert "There is no link" in answer(grace).visible_text
