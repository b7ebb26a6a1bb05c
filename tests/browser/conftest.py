"""One real browser for the whole run, and the page served to it.

Tests that use it run in the session's event loop: `pytest.mark.asyncio(loop_scope="session")`.
"""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from playground.server import run_server
from tests.browser.fixture_app import FixtureBackend

# The first is Chromium without a window, and takes less than half of the CPU time.
_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PICTURES = "var/screenshots"
_PATIENCE_MS = 120_000  # a bound for a busy machine
expect.set_options(timeout=_PATIENCE_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"needs a Chromium on this machine: none of {', '.join(_NAMES)} is installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page in the size of a laptop, of somebody who wants nothing to move."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, reduced_motion="reduce"
    )
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: _is_failure(said) and failures.append(said.text))
    yield page
    await context.close()
    assert not failures


def _is_failure(said: ConsoleMessage) -> bool:
    """A browser also notes each form that comes back with what is wrong in it."""
    return said.type == "error" and "status of 422" not in said.text


async def keep_picture(page: Page, name: str) -> None:
    """Keeps a picture of what a test saw last, for people to look at."""
    await page.screenshot(path=f"{PICTURES}/{name}.png")


@pytest.fixture
def backend() -> FixtureBackend:
    return FixtureBackend()


@pytest_asyncio.fixture(loop_scope="session")
async def kitchen_sink(
    page: Page, backend: FixtureBackend, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    """The page, open on the made-up world of kitchen_sink.json."""
    async with run_server(backend.app()) as address:
        await page.goto(address)
        await page.locator("#composer").wait_for()
        yield page
        await keep_picture(page, request.node.name)
        await page.goto("about:blank")  # ends its event stream
