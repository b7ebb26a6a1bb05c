"""Enters secrets on the one-time page, as a browser without scripts would."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

import httpx

from playground.slack.person import Person
from tests.scenario.story import see
from tests.support.world import APP_URL, World

OFFER = "Enter it on a web page instead"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def visible(answer: httpx.Response) -> str:
    """What the page says, without its marks, style and script."""
    without = re.sub(r"<(style|script)>.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


@dataclass
class Browser:
    """One browser, with its cookies."""

    http: httpx.AsyncClient

    async def opens(self, path: str, method: str = "GET") -> httpx.Response:
        return await self.http.request(method, path)

    async def types(self, page: httpx.Response, secret: str, **more: str) -> httpx.Response:
        """Fills in the form of a page and sends it to where it came from."""
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        return await self.http.post(page.url.path, data={**hidden, "secret": secret, **more})

    async def enters(self, path: str, secret: str, **more: str) -> httpx.Response:
        return await self.types(await self.opens(path), secret, **more)


def browser(world: World) -> Browser:
    transport = httpx.ASGITransport(app=world)
    return Browser(httpx.AsyncClient(transport=transport, base_url=APP_URL))


async def asks_for_page(person: Person, button: str = OFFER) -> str:
    """Presses the button beside the input. Returns the path of the page that opens."""
    await person.click(button)
    await see(person, "It works once, and for 15 minutes", "Open the page")
    assert person.modal
    links = [
        element["url"]
        for block in person.modal.blocks
        for element in block.get("elements", ())
        if element.get("url")
    ]
    (url,) = links
    assert url.startswith(f"{APP_URL}/enter/")
    return urlsplit(url).path
