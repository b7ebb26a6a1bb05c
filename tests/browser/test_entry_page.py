"""The one-time page in a real browser: with and without scripts, on a phone, for everybody."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from playground.server import bind, run_server
from tests.browser.conftest import PICTURES
from tests.browser.contrast import least_contrast
from tests.scenario.entry import OFFER
from tests.scenario.story import SOURCES, choose_plan, see, token
from tests.support.template import sqlite_url
from tests.support.world import World, world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 360, "height": 640}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest_asyncio.fixture(loop_scope="session")
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A world whose bot is reached at an address of this machine."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    async with world(sqlite_url(tmp_path)) as made:
        await made.start_bot()
        await made.install()
        await made.stop_bot()
        await made.start_bot(public_url=f"http://127.0.0.1:{port}")
        async with run_server(made, port=port):
            yield made


async def address_of_page(world: World, plan: str = "Business") -> str:
    ada = world.person("ada")
    await choose_plan(ada, plan)
    await see(ada, OFFER)
    await ada.click(OFFER)
    await see(ada, "Open the page")
    await ada.click("Open the page")
    return ada.opened_links[-1]


async def test_typed_shown_and_checked(here: World, page: Page) -> None:
    await page.set_viewport_size(PHONE)
    answer = await page.goto(await address_of_page(here))
    assert answer
    field, show = page.get_by_label("Access token"), page.get_by_role("button", name="Show what")
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("type", "password")
    await page.keyboard.type("sgp_wrong")
    await show.click()
    await expect(field).to_have_attribute("type", "text")
    await expect(show).to_have_attribute("aria-pressed", "true")
    await page.screenshot(path=f"{PICTURES}/entry-page.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("alert")).to_have_text("Please correct this")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(
        "Segment does not accept this token. Copy it again, or create a new one under Settings →"
        " Workspace settings → Access management → Tokens."
    )
    await expect(field).to_have_value("")
    await page.screenshot(path=f"{PICTURES}/entry-page-wrong.png", full_page=True)
    await field.fill(token(here, "acme"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Done")).to_be_visible()
    await see(here.person("ada"), SOURCES)


async def test_reload_and_back_send_nothing_again(here: World, browser: Browser) -> None:
    context, posts = await browser.new_context(), list[str]()
    page = await context.new_page()
    page.on("request", lambda sent: sent.method == "POST" and posts.append(sent.url))
    await page.goto(await address_of_page(here))
    await page.get_by_label("Access token").fill("sgp_wrong")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("alert")).to_have_text("Please correct this")
    await page.reload()
    await expect(page.get_by_role("alert")).to_have_count(0)
    assert len(posts) == 1
    await page.get_by_label("Access token").fill("sgp_wrong")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("alert")).to_have_text("Please correct this")
    await page.get_by_label("Access token").fill(token(here, "acme"))
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", name="Done")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="This link has been used")).to_be_visible()
    assert len(posts) == 3
    await context.close()


async def test_without_scripts(here: World, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(await address_of_page(here))
    await expect(page.get_by_role("button", name="Show what")).to_have_count(0)
    await page.get_by_label("Access token").fill(token(here, "acme"))
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("heading", name="Done")).to_be_visible()
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_for_axe_to_complain_of(here: World, browser: Browser, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: `make page` installs it where there is npm")
    context = await browser.new_context(
        viewport=PHONE,
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,  # only to load axe-core into it
    )
    page = await context.new_page()
    await page.goto(await address_of_page(here, "Free"))
    assert await faults(page) == []
    await page.get_by_label("Workspace slug").fill("a b")
    await page.get_by_label("Access token").fill("sgp_wrong")
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await faults(page) == []
    await page.goto(page.url.rpartition("/")[0] + "/unknown")
    assert await faults(page) == []
    await context.close()


async def faults(page: Page) -> list[str]:
    """What axe-core finds wrong, of what can be decided by a machine."""
    await page.add_script_tag(path=AXE)
    options = json.dumps({"runOnly": {"type": "tag", "values": RULES}})
    found = await page.evaluate(f"axe.run(document, {options})")
    return [
        f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]
    ]


async def test_labels_contrast_and_focus(here: World, page: Page) -> None:
    """What holds also where axe-core is not at hand."""
    await page.goto(await address_of_page(here, "Free"))
    unnamed = await page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden])')]"
        ".filter(each => !each.labels.length).length"
    )
    assert unnamed == 0
    for name in ("Workspace slug", "Access token"):
        await expect(page.get_by_label(name)).to_be_visible()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await least_contrast(page) >= 4.5, scheme
    for _ in range(5):
        await page.keyboard.press("Tab")
        width = await page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px"
