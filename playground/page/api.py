"""The browser page's HTTP: its files, the state it shows, what people do, and live changes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from playground.extras import Extra
from playground.page.act import ActRefused
from playground.page.backend import PlaygroundBackend
from playground.page.guard import guarded, refused
from playground.page.stream import Changes, TooManyListeners
from playground.world import PlaygroundWorld

_STATIC = Path(__file__).parent / "static"
_LONGEST_BODY = 1_000_000
_API = "/playground/api"


class Backend(Protocol):
    """What the page needs from the world behind it."""

    changes: Changes

    def state(self, user: str) -> dict[str, Any]:
        """What this person sees; "" is the first person. Raises `LookupError`."""
        ...

    def picture(self, file_id: str) -> bytes:
        """A picture that the app uploaded, as PNG. Raises `LookupError`."""
        ...

    async def act(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do one thing as a person and return details. Raises `ActRefused`, `LookupError`."""
        ...


def routes(world: PlaygroundWorld, extras: Mapping[str, Extra]) -> list[Route]:
    """The page of one playground."""
    return page_routes(PlaygroundBackend(world, extras))


def page_routes(backend: Backend) -> list[Route]:
    """The page for any backend."""
    api = _Api(backend)
    return [
        Route("/", guarded(_index)),
        Route("/static/{path:path}", guarded(_static)),
        Route(f"{_API}/state", guarded(api.state)),
        Route(f"{_API}/act", guarded(api.act), methods=["POST"]),
        Route(f"{_API}/stream", guarded(api.stream)),
        Route("/playground/files/{file_id}", guarded(api.picture)),
    ]


class _Api:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def state(self, request: Request) -> Response:
        try:
            state = self._backend.state(request.query_params.get("user", ""))
        except LookupError as error:
            return refused(str(error), 404)
        version = {"version": self._backend.changes.version}
        return JSONResponse(version | state, headers={"Cache-Control": "no-store"})

    async def picture(self, request: Request) -> Response:
        try:
            content = self._backend.picture(request.path_params["file_id"])
        except LookupError:
            return refused("There is no such file.", 404)
        # Serve any upload only as a picture.
        return Response(content, media_type="image/png")

    async def act(self, request: Request) -> Response:
        body = await _json_object(request)
        if body is None:
            return refused("The body must be a JSON object.", 400)
        try:
            details = await self._backend.act(body)
        except (ActRefused, LookupError) as error:
            return refused(str(error), 200)
        return JSONResponse({"ok": True} | details)

    async def stream(self, _request: Request) -> Response:
        try:
            events = self._backend.changes.listen()
        except TooManyListeners:
            return refused("Too many pages are open.", 503)
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _json_object(request: Request) -> dict[str, Any] | None:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _LONGEST_BODY:
            return None
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def _index(_request: Request) -> Response:
    return FileResponse(_STATIC / "index.html", headers={"Cache-Control": "no-cache"})


async def _static(request: Request) -> Response:
    files = StaticFiles(directory=_STATIC)
    response = await files.get_response(request.path_params["path"], request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response
