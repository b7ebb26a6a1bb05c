"""Clients for Slack, all made here. None of them repeats a call by itself.

The caller decides whether to repeat a call: a message may be in Slack already although the answer
was cut off.
"""

from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

TIMEOUT = 10  # seconds for one call
CONNECTIONS = 100


def _nothing() -> None:
    return


def open_session(before: Callable[[], None] = _nothing) -> aiohttp.ClientSession:
    """Opens the connections that all clients share. The caller closes them.

    `before` is called before each request. If it raises, the request does not leave.
    """

    async def once(
        request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        before()
        return await _once(request, send)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT),  # the SDK sets none on a shared session
        middlewares=(once,),
    )


def slack_client(base_url: str, session: aiohttp.ClientSession, token: str = "") -> AsyncWebClient:
    """A client for the Web API; without a token, it speaks for the app itself."""
    return AsyncWebClient(
        token=token or None,
        base_url=base_url,
        timeout=TIMEOUT,
        session=session,
        retry_handlers=[],  # None would mean the SDK's own
    )


async def post_response(response_url: str, message: Mapping[str, Any]) -> None:
    """Answers a command or a button in the conversation where it was used."""
    client = AsyncWebhookClient(response_url, timeout=TIMEOUT, retry_handlers=[])
    await client.send_dict(dict(message))


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Renames cut connections, since aiohttp would repeat a GET on its own errors."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing has left; aiohttp does not repeat it
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise aiohttp.ClientConnectionError(type(error).__name__) from error


class SlackClients:
    """Hands out clients that share one session and its connections."""

    def __init__(self, base: AsyncWebClient) -> None:
        self.base = base

    def with_token(self, token: SecretStr) -> AsyncWebClient:
        """A client that speaks for one installation."""
        session = self.base.session
        if session is None:
            raise RuntimeError("clients share one session")
        return slack_client(self.base.base_url, session, token.get_secret_value())
