"""Records everything that reaches a part of the playground, as it came over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Heard:
    """One request. `headers` have lower-case names; the bearer token is separate."""

    path: str
    query: str
    headers: Mapping[str, str]
    bearer: str


class Wiretap:
    """An ASGI app in front of another one. It records requests for paths below `prefix`.

    `answered` has the requests that have been answered.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix
        self.heard: list[Heard] = []
        self.answered: list[Heard] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        heard = _heard(scope)
        self.heard.append(heard)
        await self._app(scope, receive, send)
        self.answered.append(heard)


def _heard(scope: Scope) -> Heard:
    headers = {key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]}
    bearer = headers.pop("authorization", "").removeprefix("Bearer ")
    return Heard(scope["path"], scope["query_string"].decode("latin-1"), headers, bearer)
