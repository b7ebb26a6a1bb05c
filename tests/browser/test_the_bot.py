"""The real bot in the playground, in a real browser. People press only what they see."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.demo.panel import DemoPanel
from tests.browser.conftest import PICTURES
from tests.browser.customer import PLAN, TOKEN, Customer
from tests.support.template import sqlite_url
from tests.support.world import world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ADA, MIRA = "Ada Okafor", "Mira Castellanos"
OWNER = "Copy the owner token of Acme Inc"


@pytest_asyncio.fixture(loop_scope="session")
async def ada(
    page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Customer]:
    """Ada in #general of a Slack in which the app has just been installed."""
    folder = Path(PICTURES) / request.node.name
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    async with world(sqlite_url(tmp_path)) as made:
        extras = DemoPanel(made.database_url).extras()
        made.playground.extras.update({each.id: each for each in extras})
        await made.start_bot()
        await made.install()
        await page.goto(made.playground.config.base_url)
        await page.locator("#composer").wait_for()
        ada = Customer(page, folder)
        yield ada
        await ada.picture("end")
        await expect(page.get_by_text("the app has respected every rule")).to_be_attached()
        made.slack.breach_free()
        await page.goto("about:blank")  # ends its event stream


async def reach_sources(ada: Customer) -> None:
    await ada.choose_plan("Business")
    await ada.paste(TOKEN, OWNER)
    await ada.press("Check")
    await ada.reads("Acme Inc is connected", "Which sources feed Toplyne?")


async def test_from_the_first_command_to_the_receipt(ada: Customer) -> None:
    await reach_sources(ada)
    await ada.picture("sources")
    await ada.choose_source("Web app")
    await ada.press("Continue")
    await ada.reads("Web app: no Toplyne destination", "Connections → Catalog")
    await ada.let_data_arrive("Web app")  # the bot looks by itself, as somebody waits
    await ada.reads("Web app: arriving", "100 events delivered")
    await ada.picture("arriving")
    await ada.press("Prepare the request")
    await ada.reads("word for word", "Workspace slug: acme")
    await ada.picture("preview")
    await ada.press("Change period or events")
    await ada.reads("Which events?")
    top = "body => body.scrollTop"
    assert await ada.modal.locator(".modal-body").evaluate(top) == 0, "the beginning is read first"
    await ada.press("See the request")
    await ada.reads("word for word")
    await ada.press("Give me the text to send")
    await ada.reads("Sent to Segment: not reported yet")
    await ada.press("Close")
    await ada.open("Connect Segment")
    request = await ada.told("is ready to be sent to Segment")
    await request.scroll_into_view_if_needed()
    await ada.picture("request")
    await ada.press("I’ve sent it to Segment", request)
    await ada.press("It’s running", await ada.told("was sent to Segment, as @Ada Okafor reported"))
    await ada.press("It’s finished", await ada.told("is running, as @Ada Okafor reported"))
    done = await ada.told("has finished, as @Ada Okafor reported")
    await ada.told("Segment is connected to Toplyne")  # which moves what stands above it
    await ada.press("Open the set-up", done)
    await ada.reads("with live data and history", "Shall I keep watching")
    await ada.press("Keep watching")
    await ada.reads("I keep watching and tell you if data stops")
    await ada.picture("receipt")
    await ada.press("Close")
    await ada.be(MIRA, "Toplyne")
    await ada.open("customers")
    await ada.told("Acme · finished, with history")


async def test_starting_over_asks_first(ada: Customer) -> None:
    await reach_sources(ada)
    await ada.press("Close")
    await ada.outside("Start over")
    question = ada.page.get_by_role("alertdialog")
    await ada.reads("All that Acme has done is deleted", place=question)
    await ada.picture("start-over")
    await ada.press("Cancel", question)
    await ada.command("/segment")
    await ada.reads("Which sources feed Toplyne?")
    await ada.press("Close")
    await ada.outside("Start over")
    await ada.press("Start over", question)
    await expect(ada.page.get_by_text("Acme begins anew. Type /segment.").first).to_be_visible()
    await ada.command("/segment")
    await ada.reads(PLAN)


async def test_error_beside_its_field_and_the_way_on(ada: Customer) -> None:
    await ada.choose_plan("Business")
    await ada.paste(TOKEN, "Copy Write key of Web app")
    await ada.press("Check")
    field = ada.modal.get_by_label(TOKEN, exact=True)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_be_focused()
    await expect(field).to_have_accessible_description(
        re.compile("This is the write key of a source")
    )
    await ada.picture("write-key")
    await ada.paste(TOKEN, OWNER)
    await ada.press("Check")
    await ada.reads("Which sources feed Toplyne?")
    await ada.press("My source is not listed")
    await ada.paste("Paste Source IDs", "Copy Slug of Backend")
    await ada.press("Continue")
    await ada.reads("You pasted the slug of Backend in place of its Source ID.")
    await expect(ada.modal.get_by_role("checkbox", name="Backend")).to_be_checked()
    await ada.picture("slug")
    await ada.press("Continue")
    await ada.reads("Backend: no Toplyne destination")


async def test_without_a_mouse_to_the_sources(ada: Customer) -> None:
    keys = ada.page.keyboard
    await expect(ada.page.locator("#composer")).to_be_focused()
    await keys.type("/segment")
    await keys.press("Enter")
    await ada.reads("Which Segment plan do you have?")
    await tab_to(ada, "Business")
    await keys.press("Enter")
    await ada.reads("Create an access token")
    await keys.press("F6")
    await tab_to(ada, OWNER)
    await ada.copies(keys.press("Enter"))
    await keys.press("F6")
    await expect(ada.modal.get_by_label(TOKEN, exact=True)).to_be_focused()
    await keys.press("ControlOrMeta+V")
    await keys.press("Enter")
    await ada.reads("Acme Inc is connected")
    await expect(ada.modal.get_by_role("checkbox", name="Web app")).to_be_focused()


async def tab_to(person: Customer, name: str) -> None:
    """Presses Tab until the button has the focus."""
    button = person.page.get_by_role("button", name=name, exact=True)
    for _ in range(40):
        if await button.evaluate("button => button === document.activeElement"):
            return
        await person.page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by Tab")


async def test_team_finishes_with_live_data_only(ada: Customer) -> None:
    await ada.choose_plan("Team")
    await ada.unfold("Beacon")
    await ada.paste(TOKEN, "Copy the owner token of Beacon")
    await ada.press("Check")
    await ada.choose_source("App")
    await ada.press("Continue")
    await ada.reads("App: no Toplyne destination")
    await ada.let_data_arrive("App")
    await ada.reads("events delivered")
    await ada.press("Continue")
    await ada.reads("History needs the Business plan")
    await ada.picture("history")
    await ada.press("Finish with live data only")
    await ada.reads("Segment is connected to Toplyne, with live data only", "Plan Team")


async def test_free_is_confirmed_in_the_channel_of_csms(ada: Customer) -> None:
    await ada.choose_plan("Free")
    await ada.modal.get_by_label("Workspace slug").fill("corner-shop")
    await ada.press("I cannot create a token")
    await ada.reads("A person at Toplyne confirms it")
    await ada.press("Close")
    await ada.be(MIRA, "Toplyne")
    await ada.open("customers")
    card = await ada.told("corner-shop, not verified")
    await ada.picture("card")
    await ada.press("Confirm", card)
    await ada.agree("Confirm")
    await ada.press("Data is arriving", await ada.told("corner-shop, confirmed by a CSM"))
    await ada.agree("Data is arriving")
    await ada.told("Acme · finished, with live data only")
    await ada.be(ADA, "Acme")
    await ada.open("Connect Segment")
    await ada.told("Toplyne has confirmed your Segment workspace corner-shop")
    await ada.told("Toplyne sees your data arrive")


async def test_disconnecting_deletes_and_says_what_stays(ada: Customer) -> None:
    await reach_sources(ada)
    await ada.press("Close")
    await ada.command("/segment disconnect")
    await ada.reads("Disconnect Acme Inc from this app?", "What stays in Segment")
    await ada.picture("question")
    await ada.press("Disconnect")
    await ada.reads("no access token of yours is here any more")
    await ada.press("Close")
    await ada.open("Connect Segment")
    await ada.told("Segment is disconnected")
    await ada.open("Home")
    home = ada.page.get_by_role("tabpanel", name="Home")
    await ada.press("Connect again", home)
    await ada.reads(PLAN)
