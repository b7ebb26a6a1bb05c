"""Clients for Slack, all made here, and the installations whose tokens they carry.

None of them repeats a call that Slack may have carried out.

The caller decides whether to repeat a call: a message may be in Slack already although the answer
was cut off.
"""

import json as jsonlib
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import structlog
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbound.errors import OUTDATED, UNREACHABLE, error_name
from bot.outbound.token_rotation import TokenRotation
from flows.errors import StorageUnavailable
from flows.installed import Installation
from flows.kept import Bounded
from flows.outbox.jobs import Job, JobKind
from flows.ports import Tenants, UnitOfWorkFactory
from flows.vocabulary import AGENT

_log = structlog.get_logger(__name__)

SLACK_TIMEOUT = 10  # seconds for one call
SLACK_CONNECTIONS = 100
TOKEN_AGE = 60.0  # seconds; the process that receives an uninstall forgets at once
TOKENS_REMEMBERED = 2000
REDIRECTS = range(300, 400)  # a token or a code would go along to wherever they lead
MOST_REPLACED = 100
MOST_CLIENTS = 2000  # clients that are kept, one for each token

NewestToken = Callable[[SecretStr], Awaitable[SecretStr | None]]
PlacedView = Callable[[str, Any], Awaitable[Any]]  # by tenant


def _nothing() -> None:
    return


def open_session(base_url: str, before: Callable[[], None] = _nothing) -> aiohttp.ClientSession:
    """Opens the connections to Slack that all clients share. The caller closes them.

    `before` is called before each request. If it raises, the request does not leave.
    """

    async def once(
        request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Sends it once, and to this address alone. The SDK says otherwise who asks.

        It renames cut connections, since aiohttp would repeat a GET on its own errors.
        """
        before()
        request.headers["User-Agent"] = AGENT
        try:
            answer = await send(request)
        except aiohttp.ClientConnectorError:
            raise  # nothing has left; aiohttp does not repeat it
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise aiohttp.ClientConnectionError(type(error).__name__) from error
        if answer.status in REDIRECTS:
            answer.close()
            raise SlackApiError("a redirect", {})  # type: ignore[no-untyped-call]  # as for a page
        return answer

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=SLACK_CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=SLACK_TIMEOUT),  # the SDK sets none on a shared session
        middlewares=(once,),
        proxy=_proxy_to(base_url),
    )


class Ready(str):
    """JSON that is written already, so that it goes into a body as it is."""

    __slots__ = ()


class SlackClient(AsyncWebClient):
    """The SDK's client, by a shorter way for calls whose arguments are JSON and nothing else.

    The SDK's own way copies arguments and headers several times, for retries and logs that are
    off here. What is answered or raised is the same.

    `newer` finds the client with the token that has replaced a refused one: another process may
    have installed the app anew. A refused call has done nothing, so it is made again with that.
    """

    newer: Callable[[SecretStr], Awaitable["SlackClient | None"]] | None = None
    placed: Callable[[Any], Awaitable[Any]] | None = None  # a view, as people of several places see

    async def api_call(
        self, api_method: str, *, json: dict[str, Any] | None = None, **other: Any
    ) -> AsyncSlackResponse:
        if self.placed and json and "view" in json:
            json = {**json, "view": await self.placed(json["view"])}
        if json is None or other or not self.session or not self.token:
            try:
                return await super().api_call(api_method, json=json, **other)
            except SlackApiError as error:
                if client := await self._replacing(error_name(error)):
                    return await client.api_call(api_method, json=json, **other)
                raise
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json;charset=utf-8",
        }
        parts = [
            f'"{name}":{value if isinstance(value, Ready) else jsonlib.dumps(value)}'
            for name, value in json.items()
        ]
        url, body = self.base_url + api_method, f"{{{','.join(parts)}}}".encode()
        async with self.session.post(url, data=body, headers=headers) as answer:
            response = AsyncSlackResponse(
                client=self,
                http_verb="POST",
                api_url=url,
                req_args={},
                data=await _parsed(answer),
                headers=answer.headers,  # type: ignore[arg-type]  # as the SDK passes it
                status_code=answer.status,
            )
        refused = response.get("error")
        if refused and (client := await self._replacing(refused)):
            return await client.api_call(api_method, json=json)
        response.validate()  # type: ignore[no-untyped-call]
        return response

    async def _request(self, **call: Any) -> dict[str, Any]:
        """The SDK would open a session of its own in place of one that is closed."""
        if self.session is None or self.session.closed:
            raise aiohttp.ClientConnectionError("the session is closed")
        return await super()._request(**call)

    async def _replacing(self, refused: str) -> "SlackClient | None":
        if self.newer is None or not self.token or refused not in OUTDATED:
            return None
        return await self.newer(SecretStr(self.token))


async def _parsed(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Empty for a page in place of an answer, which the SDK then refuses."""
    body = await answer.read()
    if answer.content_type != "application/json" or not body:
        return {}
    try:
        parsed = jsonlib.loads(body)
    except ValueError:
        raise SlackApiError("unreadable", answer) from None  # type: ignore[no-untyped-call]
    return parsed if isinstance(parsed, dict) else {}


def slack_client(base_url: str, session: aiohttp.ClientSession, token: str = "") -> SlackClient:
    """A client for the Web API; without a token, it speaks for the app itself."""
    return SlackClient(
        token=token or None,
        base_url=base_url,
        timeout=SLACK_TIMEOUT,
        session=session,
        retry_handlers=[],  # None would mean the SDK's own
    )


async def post_response(
    client: AsyncWebClient, response_url: str, message: Mapping[str, Any]
) -> bool:
    """Answers a command or a button where it was used, and returns whether Slack took it.

    The address must be one of Slack's.
    """
    here = client.base_url.removesuffix("api/")  # Slack itself, or what stands in for it
    if client.session is None or not response_url.startswith(("https://hooks.slack.com/", here)):
        _log.warning("answer_not_sent", problem="its address is not Slack's")
        return False
    try:
        async with client.session.post(response_url, json=dict(message)) as answer:
            said = await _parsed(answer)  # JSON where it is a refusal, possibly with status 200
            is_taken = answer.ok and said.get("ok") is not False
            problem = str(said.get("error") or answer.status)
    except UNREACHABLE as error:
        is_taken, problem = False, error_name(error)
    if not is_taken:
        _log.warning("answer_not_sent", problem=problem)
    return is_taken


def _proxy_to(url: str) -> str | None:
    """The proxy that the environment names for this address, as for calls to Segment."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


class SlackClients:
    """Hands out clients that share one session and its connections.

    `with_token` gives the client that speaks for one installation: the same for the same token.
    `newest` finds what is stored by now in place of a token that Slack refuses. `placed` names the
    Slack workspace in each view that the client `of_organisation` sends.
    """

    def __init__(
        self,
        base: AsyncWebClient,
        newest: NewestToken | None = None,
        placed: PlacedView | None = None,
    ) -> None:
        self.base = base
        self._newest = newest
        self._placed = placed
        self.of_organisation: Callable[[str, SecretStr], SlackClient] = lru_cache(MOST_CLIENTS)(
            self._make_of_organisation
        )
        self.with_token: Callable[[SecretStr], SlackClient] = lru_cache(MOST_CLIENTS)(self._make)

    def _make(self, token: SecretStr) -> SlackClient:
        session = self.base.session
        if session is None:
            raise RuntimeError("clients share one session")
        made = slack_client(self.base.base_url, session, token.get_secret_value())
        made.newer = self._newer
        return made

    def _make_of_organisation(self, tenant_id: str, token: SecretStr) -> SlackClient:
        made = self._make(token)
        made.placed = partial(self._placed, tenant_id) if self._placed else None
        return made

    async def _newer(self, refused: SecretStr) -> SlackClient | None:
        newest = await self._newest(refused) if self._newest else None
        return self.with_token(newest) if newest else None


class InstallationLookup:
    """Installations and their bot tokens, by tenant."""

    def __init__(
        self, uow: UnitOfWorkFactory, tenants: Tenants, rotation: TokenRotation | None = None
    ) -> None:
        self._uow = uow
        self._tenants = tenants
        self._rotation = rotation
        self._known = Bounded[str, tuple[float, Installation, SecretStr]](TOKENS_REMEMBERED)
        self._before = Bounded[SecretStr, str](MOST_REPLACED)  # refused tokens' tenants

    async def find(
        self, tenant_id: str, expired: SecretStr | None = None
    ) -> tuple[Installation, SecretStr] | None:
        """Returns the installation and its token. None if the app is not installed there.

        If no key opens the token, it is empty, and the app pauses as while Slack refuses one. A
        token that expires soon, or that Slack calls `expired`, is renewed first.
        """
        known = self._known.get(tenant_id)
        if known and time.monotonic() - known[0] < TOKEN_AGE:
            expires = known[1].expires_at is not None and self._rotation
            if not expires or not expires.has_expired(known[1]):
                return known[1], known[2]
        installation, token = await self._stored(tenant_id)
        if installation and self._rotation and self._rotation.is_due(installation, token, expired):
            await self._rotation.renew(installation)
            installation, token = await self._stored(tenant_id)
        if installation is None or token is None:
            self.forget(tenant_id)
            return None
        if not token:
            since = installation.refused_at or installation.installed.at
            installation = replace(installation, refused_at=since)
        self._known[tenant_id] = (time.monotonic(), installation, token)
        return installation, token

    async def stop(self) -> None:
        """Waits a moment for tokens that are being renewed."""
        if self._rotation:
            await self._rotation.stop()

    async def _stored(self, tenant_id: str) -> tuple[Installation | None, SecretStr | None]:
        async with self._uow(tenant_id, write=False) as work:
            return await work.installations.get(), await work.installations.token()

    async def answering(
        self, named: Installation, team_id: str
    ) -> tuple[Installation, SecretStr] | None:
        """The installation that answers in a Slack workspace where Slack names this one, and its
        token. None if this one does not reach it.
        """
        tenant_id = await self._tenants.answering(named.tenant_id, team_id)
        return await self.find(tenant_id) if tenant_id else None

    async def ask_anew(self, tenant_id: str) -> None:
        """Has Slack asked what the app reaches: an event about a Slack workspace may be lost."""
        async with self._uow(tenant_id) as work:
            await work.enqueue(Job(JobKind.REACH, tenant_id, ""))
            await work.commit()

    async def newest(self, refused: SecretStr) -> SecretStr | None:
        """The token that another process has stored in place of this one, if we remember it."""
        for tenant_id, (_, _, token) in tuple(self._known.items()):
            if token == refused:
                self.forget(tenant_id)
                self._before[refused] = tenant_id  # whoever holds it may have more calls to make
        if (of := self._before.get(refused)) is None:
            return None
        with suppress(StorageUnavailable):
            found = await self.find(of)
            return found[1] if found and found[1] and found[1] != refused else None
        return None

    def forget(self, tenant_id: str) -> None:
        self._known.pop(tenant_id, None)
