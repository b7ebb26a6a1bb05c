"""Everything that reaches the simulated Segment, as it came over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Heard:
    """One request; `headers` in lower case, the bearer token apart from them."""

    path: str
    query: str
    headers: Mapping[str, str]
    bearer: str


class Wiretap:
    """An ASGI app in front of another one; it hears what comes for paths below `prefix`."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self.heard: list[Heard] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            self.heard.append(_heard(scope))
        await self._app(scope, receive, send)


def _heard(scope: Scope) -> Heard:
    headers = {key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]}
    bearer = headers.pop("authorization", "").removeprefix("Bearer ")
    return Heard(scope["path"], scope["query_string"].decode("latin-1"), headers, bearer)
