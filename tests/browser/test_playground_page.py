"""The page on a real playground with a small app. What people do reaches the app."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import PICTURES, keep_picture
from tests.browser.contrast import least_contrast
from tests.browser.customer import Customer
from tests.playground.site import TEAM, Site, open_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def site(page: Page, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """The page, open as Ada in #general."""
    async with open_site() as site:
        await page.goto(str(site.client.base_url))
        await page.locator("#composer").wait_for()
        yield site
        await keep_picture(page, request.node.name)
        await page.goto("about:blank")  # ends its event stream


async def test_from_command_to_message(page: Page, site: Site) -> None:
    await page.locator("#composer").fill("/small")
    await page.locator("#composer").press("Enter")
    form = page.get_by_role("dialog", name="Small form")
    await form.get_by_label("Name").fill("Al")
    await form.get_by_label("Fruit").click()
    await page.keyboard.type("apr")
    await page.get_by_role("option", name="Apricot").click()
    send = form.get_by_role("button", name="Send")
    await send.click()
    await expect(form.get_by_text("Too short.")).to_be_visible()
    await expect(send).not_to_have_attribute("aria-busy", "true")
    await expect(form.get_by_label("Fruit")).to_have_value("Apricot")
    await form.get_by_label("Name").fill("Alma")
    await page.keyboard.press("Enter")
    await expect(form).to_have_count(0)
    await page.get_by_role("button", name="Small 1 unread").click()
    messages = page.get_by_role("region", name="Messages")
    await expect(messages.get_by_text("Alma likes apricot")).to_be_visible()
    await messages.get_by_role("button", name="Thanks").click()
    await expect(messages.get_by_text("You are welcome.")).to_be_visible()
    await expect(messages.get_by_text("(edited)")).to_be_visible()


async def test_empty_field_is_refused_before_the_app_is_asked(page: Page, site: Site) -> None:
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Small form").click()
    form = page.get_by_role("dialog", name="Small form")
    await form.get_by_role("button", name="Send").click()
    await expect(form.get_by_text("Please complete this required field.")).to_be_visible()
    await expect(form.get_by_label("Name")).to_be_focused()
    await form.get_by_role("button", name="Close").click()
    await expect(form).to_have_count(0)


async def test_what_others_write_appears_by_itself(page: Page, site: Site) -> None:
    await site.playground.slack.person("grace").say("general", "Hello <b>Ada</b>")
    await expect(page.get_by_role("region", name="Messages")).to_contain_text("Hello <b>Ada</b>")
    await page.get_by_role("button", name="Act as Grace Lindqvist").click()
    await expect(page.get_by_text("Grace Lindqvist (you)")).to_be_visible()


async def test_home_is_published_when_opened(page: Page, site: Site) -> None:
    await page.get_by_role("button", name="Home").click()
    await expect(page.get_by_role("tabpanel", name="Home")).to_contain_text("Hello from Home")
    await page.get_by_role("tab", name="Messages").click()
    await expect(page.get_by_role("region", name="Messages")).to_be_visible()
    await site.playground.slack.events.settle()
    sent = [json.loads(e.request) for e in site.playground.slack.traffic if e.request[:1] == b"{"]
    assert [body["event"]["tab"] for body in sent if "event" in body] == ["home", "messages"]


async def test_silent_app_is_told_to_the_person(page: Page, site: Site) -> None:
    site.playground.slack.person("ada").notices.append("operation_timeout")
    site.playground.slack.core.changed()
    await expect(page.get_by_text("Small did not respond in time")).to_be_visible()


async def test_switches_of_the_control_panel(page: Page, site: Site) -> None:
    panel = page.get_by_role("complementary", name="Control panel")
    await panel.get_by_role("button", name="Connect destination: Web app").click()
    await panel.get_by_role("button", name="Switch on: Web app").click()
    await panel.get_by_role("button", name="Send 100 events: Web app").click()
    await expect(panel.get_by_text("100 delivered")).to_be_visible()
    await panel.get_by_role("radio", name="Slow").check()
    await panel.get_by_role("button", name="Revoke the member token of Acme Inc").click()
    await panel.get_by_role("button", name="+1 day").click()
    await expect(panel.get_by_text("1 d ahead")).to_be_visible()
    segment = site.playground.segment
    assert segment.weather.value == "slow"
    assert segment.token("acme", "member").revoked
    assert await least_contrast(page) >= 4.5  # what is switched over there, too


async def test_app_can_be_taken_away(page: Page, site: Site) -> None:
    panel = page.get_by_role("complementary", name="Control panel")
    await panel.get_by_role("button", name="Small 1 of 2 installed").click()
    await panel.get_by_role("button", name="Uninstall from Acme").click()
    await expect(page.get_by_text("The app is not installed here.")).to_be_visible()
    assert site.playground.slack.core.state.active_installation(TEAM) is None


async def test_copied_token_is_whole(page: Page, site: Site) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada = Customer(page, Path(PICTURES))
    await ada.copies(ada.outside("Copy the owner token of Acme Inc"))
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == site.playground.segment.token("acme", "owner").value


async def test_two_people_at_once(page: Page, site: Site) -> None:
    await page.locator("#composer").fill("/small")
    await page.locator("#composer").press("Enter")
    form = page.get_by_role("dialog", name="Small form")
    await form.get_by_label("Name").fill("Half")
    await page.get_by_role("button", name="Act as Grace Lindqvist").click()
    await expect(form).to_have_count(0)
    await page.get_by_role("button", name="Act as Ada Okafor").click()
    await expect(form.get_by_label("Name")).to_have_value("Half")


async def test_two_pages_of_one_person_show_the_same(page: Page, site: Site) -> None:
    other = await page.context.new_page()
    await other.goto(str(site.client.base_url))
    await page.locator("#composer").fill("/small")
    await page.locator("#composer").press("Enter")
    form, again = (each.get_by_role("dialog", name="Small form") for each in (page, other))
    await form.get_by_label("Name").fill("Alma")
    await expect(again.get_by_label("Name")).to_have_value("Alma")
    await again.get_by_label("Name").fill("Berta")
    await expect(form.get_by_label("Name")).to_have_value("Berta")
    await form.get_by_label("Fruit").click()
    await page.keyboard.type("apr")
    await page.get_by_role("option", name="Apricot").click()
    await expect(again.get_by_label("Fruit")).to_have_value("Apricot")
    await form.get_by_role("button", name="Send").click()
    await expect(again).to_have_count(0)
    await page.get_by_role("button", name="Small 1 unread").click()
    messages = page.get_by_role("region", name="Messages")
    await expect(messages.get_by_text("Berta likes apricot")).to_be_visible()
    await other.close()


async def test_the_clock_says_that_it_is_a_weekend(page: Page, site: Site) -> None:
    panel = page.get_by_role("complementary", name="Control panel")
    face = panel.locator("#clock-face")
    for _ in range(7):
        said = await face.inner_text()
        assert ("weekend" in said) is said.strip().startswith(("Sat", "Sun")), said
        await panel.get_by_role("button", name="+1 day").click()
        await expect(face).not_to_have_text(said)


async def test_on_a_phone_the_panel_is_reached_over_a_modal(page: Page, site: Site) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.reload()
    await page.locator("#composer").fill("/small")
    await page.locator("#composer").press("Enter")
    form = page.get_by_role("dialog", name="Small form")
    await form.get_by_label("Name").fill("Kept")
    before = len(site.playground.segment.workspace("acme").tokens)
    await page.get_by_role("button", name="Control panel").click()
    panel = page.get_by_role("complementary", name="Control panel")
    await panel.get_by_role("button", name="New token of Acme Inc").click()
    rows = panel.get_by_role("button", name=re.compile("^Copy the .* token of Acme Inc"))
    await expect(rows).to_have_count(before + 1)
    await page.get_by_role("button", name="Hide panel").click()
    await expect(form.get_by_label("Name")).to_have_value("Kept")
    assert len(site.playground.segment.workspace("acme").tokens) == before + 1
