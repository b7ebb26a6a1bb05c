"""J5: people paste something else than a Source ID, then the right one."""

import pytest

from playground.segment.state import new_id, random_text
from playground.slack.person import Person
from tests.scenario.beside import said_beside, typed
from tests.scenario.story import (
    SOURCES,
    choose_plan,
    choose_sources,
    enter_token,
    see,
    source_id,
    token,
    type_source_ids,
)
from tests.support.world import World

PASTED = "field_source_ids"
CHOSEN = "field_sources"


async def at_sources(world: World, person: Person, workspace: str = "acme") -> None:
    await choose_plan(person, "Business")
    await enter_token(person, token(world, workspace))
    await see(person, SOURCES)


async def paste(person: Person, text: str) -> None:
    await type_source_ids(person, text)
    await person.submit()


async def goes_on_with(world: World, person: Person, name: str = "Backend") -> None:
    """Enters the right Source ID instead of the wrong one."""
    await paste(person, source_id(world, "acme", name))
    assert person.modal
    assert f"{name}: no Toplyne destination" in person.modal.text


async def refused(world: World, person: Person, wrong: str) -> str:
    """What the app says about this paste. What was chosen and typed is still there."""
    await at_sources(world, person)
    person.fill(SOURCES, ["Web app"])
    await paste(person, wrong)
    assert person.modal
    chosen = next(v for (block, _), v in person.modal.typed.items() if block == CHOSEN)
    assert [o["text"]["text"] for o in chosen["selected_options"]] == ["Web app"]
    assert typed(person, PASTED) == wrong
    return said_beside(person, PASTED)


async def test_nothing_chosen_and_nothing_pasted(a_world: World, ada: Person) -> None:
    await at_sources(a_world, ada)
    await paste(ada, " \n ")
    assert said_beside(ada, CHOSEN) == (
        "Choose at least one source. If yours is not listed, paste its Source ID."
    )
    await goes_on_with(a_world, ada)


async def meant(world: World, person: Person, pasted: str, said: str, source: str) -> None:
    """The source is chosen beside what was chosen before, and one press confirms it."""
    await at_sources(world, person)
    person.fill(SOURCES, ["Web app"])
    await paste(person, pasted)
    await see(person, said, f"I chose {source} for you: press Continue")
    assert pasted not in str(person.modal.typed)
    await person.submit()
    await see(person, f"{source}: ", "Web app: ")


async def test_a_write_key_chooses_its_source(a_world: World, ada: Person) -> None:
    key = a_world.segment.source("acme/ios-app").write_keys[0]
    await meant(a_world, ada, key, "You pasted the write key of iOS app", "iOS app")


async def test_a_write_key_can_be_taken_back(a_world: World, ada: Person) -> None:
    key = a_world.segment.source("acme/ios-app").write_keys[0]
    await at_sources(a_world, ada)
    for pasted in (key, "ios-app"):  # again, by another name
        await paste(ada, pasted)
        await see(ada, "I chose iOS app for you")
    ada.fill(SOURCES, ["Backend"])
    await ada.submit()
    await see(ada, "Backend: ")
    assert "iOS app: " not in ada.modal.text


async def test_a_foreign_write_key_says_so(a_world: World, ada: Person) -> None:
    key = a_world.segment.source("beacon/app").write_keys[0]
    error = await refused(a_world, ada, key)
    assert error.startswith("This is a write key, and of a source in another workspace.")
    assert "Settings → API Keys" in error
    await goes_on_with(a_world, ada)


async def test_a_slug_chooses_its_source(a_world: World, ada: Person) -> None:
    said = "You pasted the slug of billing-events"
    await meant(a_world, ada, "Billing-Events", said, "billing-events")


async def test_a_destination_id_names_the_destination(a_world: World, ada: Person) -> None:
    destination = a_world.segment.source("acme/web-app").destinations[0]
    error = await refused(a_world, ada, destination.id)
    assert error.startswith("This is the ID of the destination Data lake.")
    assert "Settings → API Keys" in error
    await goes_on_with(a_world, ada)


async def test_a_catalogue_id_names_the_destination(a_world: World, ada: Person) -> None:
    a_world.segment.connect_destination(source_id(a_world, "acme", "Backend"))
    error = await refused(a_world, ada, a_world.segment.state.featured.id)
    assert "the destination Toplyne Cloud Mode (Actions)" in error
    await goes_on_with(a_world, ada, "iOS app")


async def test_a_source_of_another_workspace_names_the_connected_one(
    a_world: World, ada: Person
) -> None:
    foreign = source_id(a_world, "globex", "Store 007")
    error = await refused(a_world, ada, foreign)
    assert error.startswith(f"There is no source {foreign} in the workspace Acme Inc.")
    await goes_on_with(a_world, ada)


async def test_a_made_up_id_is_unknown(a_world: World, ada: Person) -> None:
    made_up = new_id()
    assert f"There is no source {made_up}" in await refused(a_world, ada, made_up)
    await goes_on_with(a_world, ada)


async def test_what_looks_like_a_key_is_not_repeated(a_world: World, ada: Person) -> None:
    """A write key that Segment does not know may still be a write key."""
    forgotten = random_text(31) + "7"
    error = await refused(a_world, ada, forgotten)
    assert forgotten not in error
    assert "looks like a key" in error
    await goes_on_with(a_world, ada)


@pytest.mark.parametrize("label", ["owner", "member", "config-api"])
async def test_a_token_is_not_kept_and_not_sent(a_world: World, ada: Person, label: str) -> None:
    wrong = token(a_world, "acme", label)
    error = await refused(a_world, ada, wrong)
    assert error.startswith("This looks like an access token. I kept nothing of it.")
    assert all(wrong not in heard.path + heard.query for heard in a_world.to_segment)
    await goes_on_with(a_world, ada)


async def test_several_keys_and_slugs_choose_their_sources(a_world: World, ada: Person) -> None:
    key = a_world.segment.source("acme/ios-app").write_keys[0]
    await at_sources(a_world, ada)
    await paste(ada, f"{source_id(a_world, 'acme', 'Backend')}, {key}, web-app")
    await see(ada, "I chose iOS app for you: press", "I chose Web app for you: press")
    assert key not in str(ada.modal.typed)
    await ada.submit()
    await see(ada, "Web app: ", "iOS app: ", "Backend: ")


async def test_several_mistakes_name_the_first(a_world: World, ada: Person) -> None:
    key, made_up = a_world.segment.source("acme/ios-app").write_keys[0], new_id()
    pasted = f"{source_id(a_world, 'acme', 'Backend')}, {key}, {made_up}"
    error = await refused(a_world, ada, pasted)
    assert error.startswith("This is the write key of iOS app.")
    await goes_on_with(a_world, ada)


async def test_a_disabled_source_goes_on_once_it_is_switched_on(
    a_world: World, ada: Person
) -> None:
    await at_sources(a_world, ada)
    await choose_sources(ada, "Old site")
    error = said_beside(ada, CHOSEN)
    assert error.startswith("Old site is switched off in Segment.")
    a_world.segment.set_source_enabled("acme/old-site", True)
    await ada.submit()
    assert ada.modal
    assert "Old site: no Toplyne destination" in ada.modal.text


async def test_a_disabled_source_pasted_is_named_beside_the_paste(
    a_world: World, ada: Person
) -> None:
    error = await refused(a_world, ada, source_id(a_world, "acme", "Old site"))
    assert error.startswith("Old site is switched off in Segment.")
    await goes_on_with(a_world, ada)


async def test_pasted_ids_in_any_form_are_one_list_without_repeats(
    a_world: World, ada: Person
) -> None:
    web, ios = source_id(a_world, "acme", "Web app"), source_id(a_world, "acme", "iOS app")
    await at_sources(a_world, ada)
    ada.fill(SOURCES, ["Web app", "Backend"])
    await paste(ada, f"  {ios};{web},\n\n{ios} ")
    assert ada.modal
    lines = [line for line in ada.modal.text.splitlines() if ": no Toplyne" in line]
    assert [line.split(":")[0].lstrip("⚠ ") for line in lines] == ["Web app", "Backend", "iOS app"]


async def test_labels_bullets_and_addresses_around_ids_are_taken_off(
    a_world: World, ada: Person
) -> None:
    web, ios = source_id(a_world, "acme", "Web app"), source_id(a_world, "acme", "iOS app")
    await at_sources(a_world, ada)
    await paste(ada, f"Source IDs:\n• “{web}”,\n2) iOS app: {ios}\u200b.")
    await see(ada, "Web app: no Toplyne destination", "iOS app: no Toplyne destination")


async def test_what_stands_around_an_id_is_named(a_world: World, ada: Person) -> None:
    error = await refused(a_world, ada, "https://example.com/web")
    assert error.startswith("I find “/” in one of these, which no Source ID has.")
    await goes_on_with(a_world, ada)


async def test_too_many_pasted(a_world: World, ada: Person) -> None:
    error = await refused(a_world, ada, "\n".join(new_id() for _ in range(26)))
    assert error == "These are too many sources: 25 at most."
    await goes_on_with(a_world, ada)


async def test_ids_that_run_together(a_world: World, ada: Person) -> None:
    error = await refused(a_world, ada, "a-source-" * 9)
    assert error.startswith("One of these is too long for a Source ID.")
    await goes_on_with(a_world, ada)


async def test_a_long_list_is_searched_without_asking_segment(a_world: World, ada: Person) -> None:
    await at_sources(a_world, ada, "globex")
    asked = len(a_world.to_segment)
    everything = await ada.search(SOURCES, "")
    assert len(everything) == 100
    assert everything[0] == "Store 120", "the busiest comes first"
    assert await ada.search(SOURCES, "store 11") == [f"Store 11{n}" for n in range(9, -1, -1)]
    by_id = source_id(a_world, "globex", "Store 003")
    assert await ada.search(SOURCES, by_id) == ["Store 003"]
    assert await ada.search(SOURCES, "nothing like it") == []
    assert len(a_world.to_segment) == asked


async def test_several_of_a_long_list_and_a_pasted_one(a_world: World, ada: Person) -> None:
    await at_sources(a_world, ada, "globex")
    await ada.search(SOURCES, "Store 01")
    ada.fill(SOURCES, ["Store 011", "Store 012"])
    await paste(ada, source_id(a_world, "globex", "Store 099"))
    await see(ada, *(f"Store {n}: no Toplyne destination" for n in ("011", "012", "099")))


async def test_nothing_chosen_of_a_long_list_is_said_beside_it(a_world: World, ada: Person) -> None:
    await at_sources(a_world, ada, "globex")
    await ada.submit()
    assert said_beside(ada, CHOSEN) == "Please complete this required field."  # Slack itself
    await ada.search(SOURCES, "Store 001")
    await choose_sources(ada, "Store 001")
    assert ada.modal
    assert "Store 001: no Toplyne destination" in ada.modal.text


async def test_a_source_switched_off_in_a_long_list(a_world: World, ada: Person) -> None:
    a_world.segment.set_source_enabled("globex/store-120", False)
    await at_sources(a_world, ada, "globex")
    await ada.search(SOURCES, "Store 1")
    await choose_sources(ada, "Store 120", "Store 119")
    assert said_beside(ada, CHOSEN).startswith("Store 120 is switched off in Segment.")
    await choose_sources(ada, "Store 119")
    assert ada.modal
    assert "Store 119: no Toplyne destination" in ada.modal.text
