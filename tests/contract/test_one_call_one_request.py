"""One call is one request: no layer below us repeats it, in whichever way its answer is cut."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
from pydantic import SecretStr
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import SystemClock
from bot.inbound.press import Press
from bot.outbound.calls import Outgoing
from bot.outbound.clients import SlackClients, open_session, slack_client
from bot.views.kit.message import compose
from flows.clients.segment import SegmentClient, SegmentUrls
from flows.clients.transport import RETRY_DELAYS, new_http_client
from flows.clients.webhook import WebhookClient
from flows.errors import SegmentUnavailable
from flows.model import Region
from tests.contract import samples
from tests.faults.mortal import OpenGates
from tests.support.cutting_server import Cut, cutting

SHORT = 1.5  # seconds, instead of the usual timeouts; a busy machine takes one for a good call
FAILURES = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError)
TOKEN, SECRET = SecretStr("made-up"), SecretStr("whsec_" + "A" * 32)
TEXT = compose("What is.", "What comes next.")

SlackCall = Callable[[AsyncWebClient], Awaitable[object]]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.clients.transport.RETRY_DELAYS", (0.0,) * len(RETRY_DELAYS))
    monkeypatch.setattr("bot.outbound.clients.SLACK_TIMEOUT", SHORT)


async def upload(client: AsyncWebClient) -> object:
    clients = cast(
        "SlackClients",
        SimpleNamespace(with_token=lambda _: client, of_organisation=lambda *_: client),
    )
    until = datetime.now(UTC) + timedelta(seconds=1)
    outgoing = Outgoing((samples.installation("T1"), TOKEN), clients, OpenGates(), until)
    return await outgoing._upload(client.base_url + "upload", b"picture")


SLACK_CALLS: dict[str, SlackCall] = {
    "a message": lambda client: client.chat_postMessage(channel="C1", text="text"),
    "a read": lambda client: client.users_info(user="U1"),
    "a view": lambda client: client.views_open(trigger_id="1", view={"type": "modal"}),
    "an upload": upload,
}


async def twice(call: Callable[[], Awaitable[object]]) -> None:
    """The second call uses the first one's connection and meets the cut."""
    await call()
    with suppress(*FAILURES):
        await call()


@pytest.mark.parametrize("cut", Cut)
@pytest.mark.parametrize("name", SLACK_CALLS)
@pytest.mark.parametrize("seeded", [True, False], ids=["the app's", "an installation's"])
async def test_slack(cut: Cut, name: str, *, seeded: bool) -> None:
    async with cutting(cut) as server, open_session(server.address) as session:
        client = slack_client(server.address + "/api/", session)
        if not seeded:
            client = SlackClients(client).with_token(TOKEN)
        await twice(lambda: SLACK_CALLS[name](client))
        assert server.requests == 2


@pytest.mark.parametrize("cut", Cut)
async def test_a_response_url(cut: Cut) -> None:
    async with cutting(cut) as server, open_session(server.address) as session:
        client = slack_client(server.address + "/api/", session)
        press = Press({"response_url": f"{server.address}/response"}, client)
        await twice(lambda: press.reply(TEXT))
        assert server.requests == 2


@pytest.mark.parametrize("cut", Cut)
async def test_reads_of_segment_are_repeated_by_us_alone(cut: Cut) -> None:
    body = b'{"data":{"workspace":{"id":"w1","slug":"acme","name":"Acme"}}}'
    async with cutting(cut, body) as server, new_http_client(timeout=SHORT) as http:
        urls = SegmentUrls(*[server.address] * 4)
        access = SegmentClient(lambda: http, urls).access(TOKEN, Region.US)
        await access.workspace()
        with pytest.raises(SegmentUnavailable):
            await access.workspace()
        # Our own retries are bounded, and none follows a timeout.
        tries = 1 if cut is Cut.TOO_LATE else 1 + len(RETRY_DELAYS)
        assert server.requests == 1 + tries


@pytest.mark.parametrize("cut", Cut)
async def test_the_webhook(cut: Cut) -> None:
    async with cutting(cut) as server, new_http_client() as http:
        client = WebhookClient(http, server.address, SECRET, SystemClock())
        assert (await client.post("msg_1", "{}", 5.0)).taken
        await client.post("msg_2", "{}", SHORT)
        assert server.requests == 2
