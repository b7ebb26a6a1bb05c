"""The Web API over HTTP, with the faults that tests ask for."""

import asyncio
import base64
import binascii
import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from playground.slack.api.access import Access
from playground.slack.api.call import Call, Method
from playground.slack.api.chat import Chat
from playground.slack.api.cuts import CutAnswer
from playground.slack.api.files import Files
from playground.slack.api.lists import Lists
from playground.slack.api.people import People
from playground.slack.api.rates import Rates
from playground.slack.api.views import ViewMethods
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.faults import Fault
from playground.slack.installs import Installs
from playground.slack.messages import Messages
from playground.slack.model import Installation, Json
from playground.slack.responses import Responses
from playground.slack.traffic import Exchange

BODY_LIMIT = 1_000_000
RESPONSE = "response_url"
IGNORED_ARGUMENTS = {
    "token",
    "charset",
    "team_id",
    "app_token",
}  # Bolt sends the team with every call


class ApiServer:
    """`/api/{method}` and `/response/{key}`."""

    def __init__(
        self, core: Core, messages: Messages, installs: Installs, responses: Responses
    ) -> None:
        self._core = core
        self._responses = responses
        self._rates = Rates(core.config.strict_rate_limits)
        self._files = Files(core, messages)
        people = People(core, messages)
        self._methods: dict[str, Method] = {
            **Access(core, installs).methods(),
            **Chat(core, messages, self._rates).methods(),
            **people.methods(),
            **Lists(core, people).methods(),
            **ViewMethods(core).methods(),
            **self._files.methods(),
        }

    def routes(self) -> list[Route]:
        return [
            Route("/api/{method}", self._api, methods=["GET", "POST"]),
            Route("/response/{key}", self._response, methods=["POST"]),
            *self._files.routes(),
        ]

    async def _api(self, request: Request) -> Response:
        name, body = request.path_params["method"], await request.body()
        said = request.url.query.encode() + b"\n" + body
        return await self._disturbed(request, name, said, lambda: self._answer(name, request, body))

    async def _disturbed(
        self, request: Request, name: str, said: bytes, take: Callable[[], Response]
    ) -> Response:
        """Takes the call, unless the next fault prevents it, and answers as the fault wants."""
        fault = self._core.faults.take(name)
        if fault is None:
            return self._noted(name, said, take())
        await asyncio.sleep(fault.hang)
        if not fault.cut and (fault.html or fault.error):
            if fault.taken:
                take()
            answer = _faulty(fault)
        else:
            answer = _lacking(take(), fault.lacks)
        self._noted(name, said, answer)
        await asyncio.sleep(fault.late)
        return CutAnswer(request, fault.cut) if fault.cut else answer

    def _noted(self, name: str, said: bytes, answer: Response) -> Response:
        exchange = Exchange("from_app", name, said, answer.status_code, bytes(answer.body))
        self._core.traffic.add(exchange)
        return answer

    def _answer(self, name: str, request: Request, body: bytes) -> Response:
        try:
            return JSONResponse({"ok": True} | self._run(name, request, body))
        except SlackError as error:
            self._core.refused(name, error)
            return _refusal(error)

    def _run(self, name: str, request: Request, body: bytes) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise SlackError("unknown_method", name)
        args, token = _arguments(request, body)
        if token.startswith("xapp-") and not method.with_app_token:
            raise SlackError("not_allowed_token_type")
        installation = self._authorized(token) if method.with_token else None
        if installation is not None:
            self._rates.check(name, installation.id, method.per_minute)
        if method.with_app_token:
            args["app_token"] = token
        call = Call(self._core, installation, args)
        if method.scope:
            call.need(method.scope)
        missing = [a for a in method.required if call.args.get(a) in (None, "")]
        if missing:
            raise SlackError(
                "invalid_arguments", *[f"missing required field: {a}" for a in missing]
            )
        known = {*method.required, *method.optional, *IGNORED_ARGUMENTS}
        for extra in sorted(set(call.args) - known):
            self._core.breach(name, "superfluous_argument", extra)
        return method.run(call)

    def _authorized(self, token: str) -> Installation:
        if not token:
            raise SlackError("not_authed")
        installation = self._core.state.installation_of(token)
        if installation.expiring.get(token, math.inf) <= self._core.clock.now():
            raise SlackError("token_expired")
        return installation

    async def _response(self, request: Request) -> Response:
        key, body = request.path_params["key"], await request.body()
        return await self._disturbed(request, RESPONSE, body, lambda: self._use(key, body))

    def _use(self, key: str, body: bytes) -> Response:
        try:
            self._responses.use(key, json.loads(body))
        except ValueError:
            self._core.breach(RESPONSE, "invalid_payload", "not JSON")
            return PlainTextResponse("invalid_payload", status_code=400)
        except SlackError as error:
            self._core.refused(RESPONSE, error)
            return PlainTextResponse(error.error, status_code=404)
        return PlainTextResponse("ok")


def _arguments(request: Request, body: bytes) -> tuple[dict[str, Any], str]:
    if len(body) > BODY_LIMIT:
        raise SlackError("request_too_large")
    args: dict[str, Any] = dict(request.query_params)
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    token = credentials if scheme.lower() == "bearer" else ""
    if kind == "application/json":
        args |= _json_arguments(body)
    elif kind == "application/x-www-form-urlencoded":
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        args |= form
        token = token or form.get("token", "")  # never from JSON or from the address
    elif body:
        raise SlackError("invalid_post_type", kind)
    if scheme.lower() == "basic":
        args |= _client_of(credentials)
    return args, token


def _json_arguments(body: bytes) -> dict[str, Any]:
    try:
        args = json.loads(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(args, dict):
        raise SlackError("json_not_object")
    return args


def _client_of(credentials: str) -> dict[str, str]:
    try:
        client_id, _, secret = base64.b64decode(credentials).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _refusal(error: SlackError) -> Response:
    retry_after = error.extra.pop("retry_after", None)
    body: Json = {"ok": False, "error": error.error} | error.extra
    if error.details:
        body["response_metadata"] = {"messages": list(error.details)}
    if retry_after is not None:
        return JSONResponse(body, 429, {"retry-after": str(retry_after)})
    return JSONResponse(body)


def _faulty(fault: Fault) -> Response:
    headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    if fault.html:
        page = "<!doctype html><title>Error</title><h1>Something went wrong</h1>"
        return HTMLResponse(page, fault.status, headers)
    return JSONResponse({"ok": False, "error": fault.error}, fault.status, headers)


def _lacking(answer: Response, parts: tuple[str, ...]) -> Response:
    if not parts:
        return answer
    whole = json.loads(bytes(answer.body))
    return JSONResponse({name: part for name, part in whole.items() if name not in parts})
