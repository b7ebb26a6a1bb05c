"""The HTTP side: routes of all three APIs, and the checks that each request passes first."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from playground.segment import public_api
from playground.segment.errors import (
    ApiError,
    forbidden,
    not_acceptable,
    not_found,
    unauthorized,
)
from playground.segment.limiter import Limiter
from playground.segment.public_api import Call, Handler
from playground.segment.served import Served
from playground.segment.state import Outcome, Plan, Region, Token, TokenKind, Workspace
from playground.segment.traffic import wire_time
from playground.segment.volume import events_volume
from playground.segment.weather import endure
from playground.segment.world import SegmentWorld

_VOLUME = "/events/volume"
_CALLS: dict[str, Handler] = {
    "/": public_api.get_workspace,
    "/sources": public_api.list_sources,
    "/sources/{source_id}": public_api.get_source,
    "/sources/{source_id}/connected-destinations": public_api.list_connected_destinations,
    "/users": public_api.list_users,
    "/destination/{destination_id}/filters": public_api.list_filters,
    "/delivery-overview/successful-delivery": public_api.egress(Outcome.DELIVERED),
    "/delivery-overview/failed-delivery": public_api.egress(Outcome.FAILED),
    "/delivery-overview/filtered-at-destination": public_api.egress(Outcome.FILTERED),
    "/delivery-overview/filtered-at-source": public_api.filtered_at_source,
    "/delivery-overview/successfully-received": public_api.successfully_received,
    _VOLUME: events_volume,
}
_VOLUME_PER_MINUTE = 60
_CONFIG_PER_MINUTE = 200
_GRPC_CODES = {401: 16, 403: 7, 404: 5, 429: 8, 503: 14}  # what the Config API calls `code`

Answer = Callable[[Request], Awaitable[Response]]


class SegmentServer:
    """Answers from a world's state, under its weather and its limits."""

    def __init__(self, world: SegmentWorld) -> None:
        self._world = world
        self._volume_limiter = Limiter(_VOLUME_PER_MINUTE)
        self._config_limiter = Limiter(_CONFIG_PER_MINUTE)

    def routes(self, prefix: str) -> list[Route]:
        """`{prefix}/us`, `/eu`, `/config/v1beta` and `/cdn`."""
        found: list[Route] = []
        for region in Region:
            base = f"{prefix}/{region.value}"
            for path, handler in _CALLS.items():
                answer = self._public(region, path, handler)
                found.append(Route(base + path, answer, methods=["GET"]))
            found.append(Route(base + "/{rest:path}", self._public(region, "?", _unknown)))
        config = prefix + "/config/v1beta"
        found.append(Route(config + "/workspaces/{slug}", self._config, methods=["GET"]))
        found.append(Route(config + "/{rest:path}", self._config))
        cdn = prefix + "/cdn/v1/projects/{write_key}/settings"
        found.append(Route(cdn, self._cdn, methods=["GET"]))
        return found

    # --- Public API ---

    def _public(self, region: Region, path: str, handler: Handler) -> Answer:
        async def answer(request: Request) -> Response:
            token: Token | None = None
            headers: dict[str, str] = {}
            try:
                if page := await self._endure(request):
                    return self._note(region.value, path, page, None)
                headers = self._count(request, path)
                workspace, token = self._authenticate(request, region)
                call = self._call(request, workspace, token)
                response: Response = JSONResponse({"data": handler(call)}, headers=headers)
            except ApiError as error:
                response = _refusal(error, error.body, headers)
            return self._note(region.value, path, response, token)

        return answer

    async def _endure(self, request: Request) -> Response | None:
        world = self._world
        return await endure(
            world.weather, world.slow_seconds, world.limiting, request.is_disconnected
        )

    def _count(self, request: Request, path: str) -> dict[str, str]:
        sender = request.client.host if request.client else "?"
        headers = self._world.limiter.count(sender)
        return self._volume_limiter.count(sender) if path == _VOLUME else headers

    def _authenticate(self, request: Request, region: Region) -> tuple[Workspace, Token]:
        if not _accepts_json(request.headers.get("accept", "")):
            raise not_acceptable()
        found = self._world.find_token(_bearer(request))
        if found is None:
            raise unauthorized()
        workspace, token = found
        if token.revoked or token.kind is not TokenKind.PUBLIC or workspace.region is not region:
            raise unauthorized()
        if workspace.plan is Plan.FREE:
            raise forbidden()
        return workspace, token

    def _call(self, request: Request, workspace: Workspace, token: Token) -> Call:
        query = request.query_params
        return Call(
            workspace=workspace,
            token=token,
            path={name: str(value) for name, value in request.path_params.items()},
            query=query,
            lists={name: query.getlist(name) for name in query},
            now=self._world.now(),
            lag=self._world.lag,
        )

    # --- Config API ---

    async def _config(self, request: Request) -> Response:
        token: Token | None = None
        try:
            if page := await self._endure(request):
                return self._note("config", "/workspaces/{slug}", page, None)
            self._config_limiter.count(request.client.host if request.client else "?")
            workspace, token = self._config_token(request)
            response: Response = JSONResponse(_config_shape(workspace))
        except ApiError as error:
            body = {"error": error.message, "code": _GRPC_CODES.get(error.status, 3)}
            response = _refusal(error, body, {})
        return self._note("config", "/workspaces/{slug}", response, token)

    def _config_token(self, request: Request) -> tuple[Workspace, Token]:
        found = self._world.find_token(_bearer(request))
        if found is None or found[1].revoked or found[1].kind is not TokenKind.CONFIG:
            raise unauthorized()
        slug = request.path_params.get("slug")
        if slug == found[0].slug:
            return found
        known = any(workspace.slug == slug for workspace in self._world.state.workspaces)
        raise forbidden() if known else not_found()

    # --- CDN ---

    async def _cdn(self, request: Request) -> Response:
        key = request.path_params["write_key"]
        try:
            response = await self._endure(request)
        except ApiError as error:
            response = PlainTextResponse(error.message, error.status, headers=_wait(error))
        if response is None:
            response = PlainTextResponse("No such project.", 404)
            if self._world.find_write_key(key):
                settings = {"integrations": {"Segment.io": {"apiKey": key}}, "plan": {}}
                response = JSONResponse(settings)
        return self._note("cdn", "/projects/{writeKey}/settings", response, None)

    def _note(self, api: str, path: str, response: Response, token: Token | None) -> Response:
        at, label = self._world.now(), token.label if token else ""
        self._world.note(Served(at, api, path, response.status_code, label))
        return response


def _unknown(call: Call) -> dict[str, Any]:
    raise not_found()


def _refusal(error: ApiError, body: dict[str, Any], headers: dict[str, str]) -> Response:
    return JSONResponse(body, error.status, headers={**headers, **_wait(error)})


def _wait(error: ApiError) -> dict[str, str]:
    return {} if error.wait is None else {"Retry-After": str(error.wait)}


def _accepts_json(accept: str) -> bool:
    kinds = [part.split(";")[0].strip() for part in accept.split(",")]
    return "application/json" in kinds


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value if scheme.lower() == "bearer" else ""


def _config_shape(workspace: Workspace) -> dict[str, Any]:
    shape = {
        "name": f"workspaces/{workspace.slug}",
        "display_name": workspace.name,
        "id": workspace.id,
    }
    if workspace.created_at:
        shape["create_time"] = wire_time(workspace.created_at)
    return shape
