"""J5 on Free: people enter something else than the workspace's slug, then the right one."""

import pytest

from playground.segment.state import random_text
from playground.slack.person import Person
from tests.scenario.beside import said_beside, typed
from tests.scenario.story import TOKEN, choose_plan, see, token
from tests.support.world import World

SLUG = "Workspace slug"
BESIDE = "field_slug"


async def enter(person: Person, slug: str, secret: str = "") -> None:
    person.fill(SLUG, slug)
    person.fill(TOKEN, secret)
    await person.submit()


async def goes_on(world: World, person: Person) -> None:
    """Enters the right slug, with the token that is still in the form, if any."""
    person.fill(SLUG, "  corner-shop ")
    await person.submit()
    assert person.modal
    assert person.modal.callback_id == "setup_live_connected"
    assert "What happens now" in person.modal.text


async def test_an_empty_slug(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "")
    assert said_beside(ada, BESIDE) == "Please complete this required field."
    await enter(ada, "   ")
    assert said_beside(ada, BESIDE).startswith("Enter the slug.")
    await goes_on(a_world, ada)


@pytest.mark.parametrize(
    "address",
    [
        "https://app.segment.com/corner-shop/overview",
        "app.segment.com/corner-shop",
        "https://eu1.app.segment.com/corner-shop/sources/website/overview?tab=1",
        " HTTPS://APP.SEGMENT.COM/corner-shop/ ",
    ],
)
async def test_a_slug_with_an_address_around_it(a_world: World, ada: Person, address: str) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, address, token(a_world, "corner-shop", "config-api"))
    assert "Segment knows your workspace Corner Shop" in (ada.modal.text if ada.modal else "")


@pytest.mark.parametrize(
    "wrong",
    [
        "corner shop",
        "Corner Shop!",
        "-corner",
        "https://corner-shop.example/",
        "läden",
        "../corner-shop",
    ],
)
async def test_a_malformed_slug(a_world: World, ada: Person, wrong: str) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, wrong)
    error = said_beside(ada, BESIDE)
    assert error.startswith("A slug has letters, digits and hyphens only.")
    assert "Settings → Workspace settings → General settings" in error
    assert a_world.to_segment == []
    await goes_on(a_world, ada)


async def test_an_address_that_holds_no_slug(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "https://app.segment.com/goto-my-workspace/settings/basic")
    assert said_beside(ada, BESIDE).startswith("This address holds no workspace’s slug.")
    assert a_world.to_segment == []
    await goes_on(a_world, ada)


@pytest.mark.parametrize(
    "dressed",
    ["“Corner-Shop”", "Workspace slug: `corner-shop`", "- corner-shop.", "corner\u2011\u200bshop"],
)
async def test_what_stands_around_a_slug_is_taken_off(
    a_world: World, ada: Person, dressed: str
) -> None:
    await choose_plan(ada, "Free")
    secret = token(a_world, "corner-shop", "config-api")
    await enter(ada, dressed, f"Access token: “{secret}”.")
    assert "Segment knows your workspace Corner Shop" in (ada.modal.text if ada.modal else "")


async def test_a_slug_longer_than_any(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "corner-shop-" * 9)
    assert said_beside(ada, BESIDE) == "This is too long: 100 characters at most."
    await goes_on(a_world, ada)


async def test_the_slug_of_another_workspace(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "beacon", token(a_world, "corner-shop", "config-api"))
    assert said_beside(ada, BESIDE).startswith(
        "This token does not open a workspace with that slug."
    )
    await goes_on(a_world, ada)


async def test_a_slug_that_no_workspace_has(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "corner-shopp", token(a_world, "corner-shop", "config-api"))
    assert "does not open a workspace with that slug" in said_beside(ada, BESIDE)
    await goes_on(a_world, ada)


async def test_a_token_of_another_workspace_than_the_slug(a_world: World, ada: Person) -> None:
    """With a Public API token of a paid workspace, people are told which workspace it opens."""
    await choose_plan(ada, "Free")
    await enter(ada, "corner-shop", token(a_world, "beacon"))
    error = said_beside(ada, BESIDE)
    assert "opens the workspace beacon, not corner-shop" in error
    ada.fill(TOKEN, "")
    await goes_on(a_world, ada)


@pytest.mark.parametrize("spelled", ["Corner-Shop", "CORNER-SHOP"])
async def test_capitals_do_not_matter(a_world: World, ada: Person, spelled: str) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, spelled)
    assert ada.modal
    assert ada.modal.callback_id == "setup_live_connected"


async def test_a_write_key_as_the_token(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "corner-shop", a_world.segment.source("corner-shop/website").write_keys[0])
    assert said_beside(ada, "field_token").startswith("This is the write key of a source")
    assert typed(ada, BESIDE) == "corner-shop"
    ada.fill(TOKEN, "")
    await goes_on(a_world, ada)


async def test_both_fields_wrong_are_both_answered(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "corner shop", "two words")
    assert ada.modal
    assert {each.partition(":")[0] for each in ada.modal.errors} == {BESIDE, "field_token"}
    ada.fill(TOKEN, "")
    await goes_on(a_world, ada)


async def test_a_token_in_the_slug_field_is_not_kept(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await enter(ada, "sgp_" + random_text(64))
    assert said_beside(ada, BESIDE).startswith("This looks like a token or a key.")
    assert a_world.to_segment == []
    await goes_on(a_world, ada)


async def test_without_a_token_the_slug_is_checked_all_the_same(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill(SLUG, "https://app.segment.com/")
    await ada.click("I cannot create a token")
    await see(ada, "This address holds no workspace’s slug.")
    ada.fill(SLUG, "corner-shop")
    await ada.click("I cannot create a token")
    await see(ada, "A person at Toplyne confirms it")
