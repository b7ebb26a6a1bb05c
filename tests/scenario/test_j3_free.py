"""J3: a customer on Free enters a slug. A person at Toplyne confirms what Segment cannot say."""

import asyncio

from playground.segment.weather import Weather
from playground.slack.person import Person
from tests.scenario.looking import card_says, cards, decisions, rows, thread, thread_says
from tests.scenario.passing import settled
from tests.scenario.story import PLAN, choose_plan, enter_token, see, token, told
from tests.support.world import World, soon

SLUG = "Workspace slug"
TOKEN = "Access token"
NO_TOKEN = "I cannot create a token"


async def reach_confirming(person: Person, slug: str = "corner-shop") -> None:
    """The slug of a Free workspace is entered; a CSM must confirm it."""
    await choose_plan(person, "Free")
    person.fill(SLUG, slug)
    await person.click(NO_TOKEN)
    await see(person, "A person at Toplyne confirms")


async def enter_both(world: World, person: Person, slug: str) -> None:
    """A slug, and a token that Segment cannot check."""
    await choose_plan(person, "Free")
    person.fill(SLUG, slug)
    person.fill(TOKEN, token(world, "corner-shop"))
    await person.submit()
    await see(person, f"{slug} is not verified")


async def reach_arrival(person: Person, csm: Person) -> None:
    """The CSM has confirmed the workspace."""
    await reach_confirming(person)
    await card_says(csm, "confirm or reject it")
    await csm.click("Confirm")
    await told(person, "Toplyne has confirmed your Segment workspace corner-shop")
    await card_says(csm, "check in Toplyne whether their data arrives")


async def test_free_asks_for_the_slug_and_says_what_cannot_be_checked(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Free")
    assert "Segment’s API does not serve Free workspaces" in ada.modal.text
    assert SLUG in ada.modal.text
    assert "Which sources" not in ada.modal.text
    assert "Config API" not in ada.modal.text


async def test_without_a_token_the_csm_confirms_and_sees_the_data_arrive(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_confirming(ada)
    await see(ada, "Segment cannot check this", "corner-shop is not verified yet")
    card = await card_says(mira, "corner-shop, not verified", "Waiting on: you")
    assert decisions(card) == ["Confirm", "Reject…"]
    await mira.click("Confirm")
    confirmed = await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    assert "connect Toplyne in Segment" in confirmed.visible_text
    card = await card_says(mira, "confirmed by a CSM", "check in Toplyne whether their data")
    assert decisions(card) == ["Data is arriving"]

    await ada.close()
    await ada.click("Show me how", message=confirmed)
    await see(ada, "Your workspace corner-shop is confirmed")
    assert "Toplyne Cloud Mode (Actions)" in ada.modal.text
    await ada.close()
    await mira.click("Data is arriving")
    arrived = await told(ada, "Toplyne sees your data arrive: live sync has started")
    card = await card_says(mira, "finished, with live data only")
    assert decisions(card) == []
    await ada.click("Open the set-up", message=arrived)
    await see(ada, "Segment is connected to Toplyne, with live data only")
    assert "No access token" in ada.modal.text
    assert "Mira" not in ada.modal.text  # nobody of Toplyne's workspace can be mentioned at Acme
    await thread_says(
        mira,
        "Installed by ada.",
        "Plan Free, chosen by ada.",
        "Credentials entered by ada for workspace corner-shop; Segment cannot check them."
        " Confirm or reject them on the card. See the card",
        "Credentials confirmed by mira.",
        "Live sync started, seen by mira.",
        "Finished with live data only.",
    )


async def test_a_token_that_segment_cannot_check_is_no_error_of_the_customer(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill(SLUG, "corner-shop")
    secret = token(a_world, "corner-shop")
    ada.fill(TOKEN, secret)
    await ada.submit()
    assert ada.modal.errors == {}
    await see(ada, "not verified", "A person at Toplyne confirms")
    assert secret not in ada.modal.text
    assert rows(a_world, "vault") == 1
    card = await card_says(mira, "not verified")
    assert secret not in card.visible_text


async def test_another_plan_says_that_it_deletes_the_token_and_no_older_screen_does_it(
    a_world: World, ada: Person, mira: Person
) -> None:
    linus = a_world.person("linus")
    linus.user.is_admin = True
    await choose_plan(ada, "Free")
    await linus.command("/segment")
    await see(linus, SLUG)
    await linus.click("Back")
    await see(linus, PLAN)
    ada.fill(SLUG, "corner-shop")
    ada.fill(TOKEN, token(a_world, "corner-shop"))
    await ada.submit()
    await see(ada, "not verified")

    await linus.click("Team")  # her screen knows of no token
    await see(linus, "not verified")
    assert rows(a_world, "vault") == 1
    await linus.close(everything=True)

    for _ in range(2):
        await ada.click("Back")
    await see(ada, PLAN)
    assert "I delete what was entered for Free, its access token too." in str(ada.modal.blocks)
    await ada.click("Team", confirm=False)
    assert rows(a_world, "vault") == 1
    await ada.click("Team")
    await see(ada, TOKEN)
    await soon(lambda: rows(a_world, "vault") == 0)
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Acme Inc is connected.")


async def test_a_config_api_token_is_checked_and_its_slug_must_match(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill(SLUG, "acme")
    ada.fill(TOKEN, token(a_world, "corner-shop", "config-api"))
    await ada.submit()
    (message,) = ada.modal.errors.values()
    assert "slug" in message
    assert "General settings" in message
    ada.fill(SLUG, "corner-shop")
    await ada.submit()
    await see(ada, "Segment knows your workspace Corner Shop")
    card = await card_says(
        mira, "verified by Segment", "check in Toplyne whether their data arrives"
    )
    assert decisions(card) == ["Data is arriving"]
    await told(mira, "Credentials verified by Segment: workspace Corner Shop", "#customers")

    await ada.click("Back")
    await see(ada, "To keep it, change nothing and press Continue.")
    assert NO_TOKEN not in ada.modal.buttons, "there is one"
    await ada.submit()
    await see(ada, "Segment knows your workspace Corner Shop")
    assert rows(a_world, "vault") == 1


async def test_what_is_sent_again_unchanged_stays_as_it_is(
    a_world: World, ada: Person, mira: Person
) -> None:
    await enter_both(a_world, ada, "corner-shop")
    await ada.click("Back")
    await see(ada, "New access token, only to replace the one in use")
    await ada.submit()
    await see(ada, "corner-shop is not verified")
    await mira.click("Confirm", message=await card_says(mira, "confirm or reject it"))
    await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "What happens now")
    await ada.click("Back")
    await see(ada, SLUG)
    await ada.submit()
    await see(ada, "Your workspace corner-shop is confirmed.")
    assert rows(a_world, "vault") == 1
    await settled(a_world)
    entered = [line for line in thread(mira) if "Credentials entered" in line]
    assert len(entered) == 1


async def test_another_slug_keeps_the_token(a_world: World, ada: Person, mira: Person) -> None:
    await enter_both(a_world, ada, "corner-shp")
    await mira.click("Reject…", message=await card_says(mira, "confirm or reject it"))
    mira.fill("Reason", "There is no such workspace")
    await mira.submit()
    await told(ada, "There is no such workspace")
    await ada.close(everything=True)
    linus = a_world.person("linus")
    linus.user.is_admin = True
    await linus.command("/segment")
    await see(linus, SLUG)
    linus.fill(SLUG, "corner-shop")
    await linus.submit()
    await see(linus, "corner-shop is not verified")
    assert rows(a_world, "vault") == 1
    await told(ada, "@Linus Haddad entered the Segment workspace anew: corner-shop.")


async def test_another_slug_is_checked_once_segment_is_back(a_world: World, ada: Person) -> None:
    await enter_both(a_world, ada, "corner-shp")
    await ada.click("Back")
    a_world.segment.weather = Weather.DOWN
    ada.fill(SLUG, "corner-shop")
    await ada.submit()
    await see(ada, "What you entered is kept")
    assert rows(a_world, "vault") == 1
    a_world.segment.weather = Weather.FINE
    await a_world.time_passes(3600)
    await see(ada, "corner-shop is not verified")
    assert rows(a_world, "vault") == 1


async def test_without_a_slug_nobody_can_confirm_anything(a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await ada.click(NO_TOKEN)
    await see(ada, "Enter the slug")
    ada.fill(SLUG, "https://app.segment.com/goto-my-workspace/overview")
    await ada.click(NO_TOKEN)
    await see(ada, "This address holds no workspace’s slug.")
    ada.fill(SLUG, "https://app.segment.com/corner-shop/overview")
    await ada.click(NO_TOKEN)
    await see(ada, "A person at Toplyne confirms")


async def test_a_rejection_says_why_and_the_customer_corrects_it(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_confirming(ada, "corner-shopp")
    await ada.close()
    await card_says(mira, "confirm or reject it")
    await mira.click("Reject…")
    await see(mira, "What should the customer correct?")
    await mira.submit()
    assert mira.modal.errors, "a reason is needed"
    mira.fill("Reason", "x" * 20 + " " + token(a_world, "acme"))
    await mira.submit()
    assert "token or a key" in next(iter(mira.modal.errors.values()))
    mira.fill("Reason", "The slug has one p too many.")
    await mira.submit()
    assert mira.modal is None
    rejected = await told(ada, "Toplyne could not confirm your Segment workspace corner-shopp")
    assert "The slug has one p too many." in rejected.visible_text
    card = await card_says(mira, "rejected by a CSM", "the customer must correct it")
    assert decisions(card) == []

    await ada.click("Correct it", message=rejected)
    await see(ada, "Toplyne could not confirm this: The slug has one p too many.")
    ada.fill(SLUG, "corner-shop")
    await ada.click(NO_TOKEN)
    await see(ada, "not verified", "corner-shop")
    card = await card_says(mira, "corner-shop, not verified", "confirm or reject it")
    assert decisions(card) == ["Confirm", "Reject…"]
    await mira.click("Confirm")
    await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")


async def test_a_decision_pressed_twice_is_decided_once(
    a_world: World, ada: Person, mira: Person
) -> None:
    tom = a_world.person("tom")
    await reach_confirming(ada)
    card = await card_says(mira, "confirm or reject it")
    await tom.click("Reject…", message=card)
    await see(tom, "What should the customer correct?")
    await mira.click("Confirm", message=card)
    await told(ada, "Toplyne has confirmed your Segment workspace corner-shop")
    tom.fill("Reason", "I do not know this shop.")
    await tom.submit()
    assert "What happened: Credentials confirmed by mira." in tom.modal.text
    await tom.close()
    await card_says(mira, "confirmed by a CSM")
    assert not [m for m in ada.messages() if "could not confirm" in m.visible_text]

    arriving = await card_says(mira, "check in Toplyne whether their data arrives")
    both = (mira, tom)
    await asyncio.gather(*(csm.click("Data is arriving", message=arriving) for csm in both))
    late = "This was already decided, or has changed"
    await soon(lambda: any(late in m.visible_text for c in both for m in c.messages("#customers")))
    await told(ada, "Toplyne sees your data arrive")
    await card_says(mira, "finished, with live data only")
    await told(mira, "Live sync started, seen by ", "#customers")
    assert len([m for m in ada.messages() if "sees your data arrive" in m.visible_text]) == 1
    assert len([line for line in thread(mira) if line.startswith("Live sync started")]) == 1


async def test_not_yet_changes_nothing(a_world: World, ada: Person, mira: Person) -> None:
    await reach_arrival(ada, mira)
    await mira.click("Data is arriving", confirm=False)
    assert decisions(cards(mira)[0]) == ["Data is arriving"]
    await mira.click("Data is arriving")
    await card_says(mira, "finished, with live data only")


async def test_the_buttons_of_a_card_are_not_for_customers(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    card = await card_says(mira, "no access token yet")
    assert decisions(card) == []


async def test_free_can_reopen_and_upgrade(a_world: World, ada: Person, mira: Person) -> None:
    await reach_arrival(ada, mira)
    await mira.click("Data is arriving")
    await told(ada, "Toplyne sees your data arrive")
    await ada.close()
    await ada.command("/segment")
    await see(ada, "Enter a token")
    await ada.click("Get the history after all")
    await see(ada, "You are on Free")
    await ada.click("We upgraded to Business")
    await see(ada, "When did you upgrade?")
    ada.fill("When did you upgrade?", a_world.segment.now().date().isoformat())
    await ada.submit()
    await see(ada, "Create an access token in Segment")
    ada.fill(TOKEN, token(a_world, "acme"))
    await ada.submit()
    ada.fill("Which sources feed Toplyne?", ["Web app"])
    await ada.submit()
    # A CSM's confirmation on Free does not mean that this source delivers.
    assert "Web app: no Toplyne destination" in ada.modal.text
    await ada.close()
    await ada.command("/segment replay")
    await see(ada, "Live sync must have started.")
