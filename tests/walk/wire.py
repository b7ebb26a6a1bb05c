"""Between the bot's processes and the playground: counts calls, and knows who makes them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALLS = ("/api/", "/segment/")
TCP = Path("/proc/net/tcp")


@dataclass
class Death:
    """Of whoever makes the call with this number from now on, counted down to 0."""

    calls: int
    after: bool  # the call has its effect, and nobody reads the answer


class Wire:
    """An ASGI app around another one. `kill` takes the caller's port."""

    def __init__(self) -> None:
        self.app: Any = None
        self.calls = self.under_way = 0
        self.death: Death | None = None
        self.kill: Callable[[int], Awaitable[None]] | None = None

    def around(self, app: Any) -> "Wire":
        self.app = app
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(CALLS):
            await self.app(scope, receive, send)
            return
        self.calls += 1
        self.under_way += 1
        try:
            await self._call(scope, receive, send)
        finally:
            self.under_way -= 1

    async def _call(self, scope: Any, receive: Any, send: Any) -> None:
        if (death := self._due()) is None:
            await self.app(scope, receive, send)
            return
        if death.after:
            await self.app(scope, receive, _into_nothing)
        assert self.kill is not None
        await self.kill(scope["client"][1])

    def _due(self) -> Death | None:
        death = self.death
        if death is None:
            return None
        death.calls -= 1
        if death.calls > 0:
            return None
        self.death = None
        return death


async def _into_nothing(_message: Any) -> None:
    await asyncio.sleep(0)


def has_port(pid: int, port: int) -> bool:
    """Whether this process has the connection from this port. Never so where there is no /proc."""
    if not TCP.exists():
        return False
    lines = (line.split() for line in TCP.read_text().splitlines()[1:])
    inodes = {f"socket:[{line[9]}]" for line in lines if int(line[1].partition(":")[2], 16) == port}
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if str(each.readlink()) in inodes:
                return True
        except OSError:  # closed meanwhile
            continue
    return False
