"""A CSM with sixty customers, in a real browser: board, Home, card and Monday's picture."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pydantic import SecretStr

from bot.demo.samples import SampleCustomers
from flows.csm.digest import following
from flows.csm.working_day import WorkingDays
from flows.vocabulary import Person
from playground.sample import TOPLYNE
from tests.browser.conftest import PICTURES
from tests.browser.customer import Customer
from tests.scenario.looking import rows
from tests.support.template import sqlite_url
from tests.support.world import World, soon, world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MIRA = "Mira Castellanos"
SIXTY, FEW = 60, 12  # with few customers, all cards are there within seconds
FILL = "Fill with {count} sample customers"
LA = WorkingDays(Person("America/Los_Angeles", "en-US", is_active=True))
LONG = 120_000  # milliseconds; a bound for a busy machine: the app posts one card a second


@pytest_asyncio.fixture(loop_scope="session")
async def made(tmp_path: Path) -> AsyncIterator[World]:
    """A playground with the button that adds customers. So far there is only Acme."""
    async with world(sqlite_url(tmp_path)) as made:
        keys = [SecretStr(made.settings["encryption_keys"])]
        for count in (SIXTY, FEW):
            samples = SampleCustomers(
                made.database_url, keys, TOPLYNE.id, timedelta(days=1), count
            ).extra()
            made.playground.extras[samples.label] = replace(samples, id=samples.label)
        await made.start_bot()
        await made.install()
        yield made
        made.slack.breach_free()


@pytest_asyncio.fixture(loop_scope="session")
async def mira(page: Page, made: World, request: pytest.FixtureRequest) -> AsyncIterator[Customer]:
    await page.goto(made.playground.config.base_url)
    await page.locator("#composer").wait_for()
    mira = Customer(page, Path(PICTURES) / request.node.name)
    await mira.be(MIRA, "Toplyne")
    yield mira
    await mira.picture("end")
    await page.goto("about:blank")  # ends its event stream


async def fill(mira: Customer, count: int) -> None:
    await mira.outside(FILL.format(count=count))
    said = mira.page.get_by_text(f"{count} sample customers are there now.")
    await expect(said).to_be_visible(timeout=LONG)


def to_monday_morning(made: World) -> None:
    now = datetime.fromtimestamp(made.playground.clock.now(), UTC)
    morning = following(now, LA)
    while morning.weekday() != 0:
        morning = following(morning, LA)
    made.playground.clock.advance((morning - now).total_seconds() + 60)


async def test_sixty_customers_at_a_glance(made: World, mira: Customer) -> None:
    await fill(mira, SIXTY)
    await mira.outside(FILL.format(count=SIXTY))
    await expect(mira.page.get_by_text("They are there already.")).to_be_visible()
    await mira.command("/segment-csm")
    await mira.reads("in progress", "Most urgent first · 1 to 20", "Asked for help")
    await mira.picture("board")
    for button, says in (("Answer", "asked for help"), ("Message", "The app sends this to")):
        await mira.press(button)
        await mira.reads("Customer:", says)
        await mira.picture(button.lower())
        await mira.press("Cancel")
        await mira.reads("Most urgent first · 1 to 20")
    await mira.press("Next")
    await mira.reads("Most urgent first · 21 to 40")
    await mira.picture("board-second-page")
    await mira.press("Close")
    await mira.open("Home")
    waiting = mira.page.get_by_role("heading", name="Not started yet")
    await expect(waiting).to_be_visible(timeout=LONG)
    await mira.picture("home")
    await mira.open("customers")
    await mira.told("(sample)")
    await mira.picture("card")


async def test_mondays_digest_and_its_picture(made: World, mira: Customer) -> None:
    await fill(mira, FEW)
    await soon(lambda: rows(made, "digests"))
    await mira.open("customers")
    to_monday_morning(made)
    digest = mira.messages.get_by_role("listitem").filter(has_text="Last week").last
    await expect(digest).to_contain_text("Needs you today", timeout=LONG)
    picture = mira.messages.get_by_role("img", name="Bar chart of how many customers came how far")
    await expect(picture).to_be_visible(timeout=LONG)
    await digest.scroll_into_view_if_needed()
    await mira.picture("digest")
    await picture.scroll_into_view_if_needed()
    await mira.picture("funnel")
