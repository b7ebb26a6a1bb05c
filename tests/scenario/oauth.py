"""Installs by hand, one browser request at a time, so that one of them can go wrong."""

from urllib.parse import parse_qsl, urlsplit

import httpx

from playground.slack.consent import AUTHORIZE
from tests.support.world import APP_URL, World


async def visit(world: World, address: str) -> httpx.Response:
    """One request to the bot, without following redirects."""
    transport = httpx.ASGITransport(app=world)
    async with httpx.AsyncClient(
        transport=transport, base_url=APP_URL, cookies=world.cookies
    ) as http:
        answer = await http.get(address)
        world.cookies = http.cookies
    return answer


async def begin(world: World) -> str:
    """Opens the installation link. Returns the address that it leads to."""
    answer = await visit(world, "/slack/install")
    assert answer.status_code == 302
    return answer.headers["location"]


def state_in(address: str) -> str:
    return dict(parse_qsl(urlsplit(address).query))["state"]


async def decide(world: World, address: str, user_id: str, answer: str = "allow") -> str:
    """Presses a button on Slack's page. Returns the address that Slack sends the browser to."""
    assert urlsplit(address).path == AUTHORIZE
    async with httpx.AsyncClient() as http:
        page = await http.post(address, data={"user": user_id, "answer": answer})
    assert page.status_code == 302
    return page.headers["location"]
