"""Runs `tests/support/receiver.py` for a story: starts it, plans answers, asks, kills it."""

import asyncio
import json
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from tests.support.world import World, soon

PROGRAM = Path(__file__).parent / "receiver.py"
LIMIT = 120  # seconds; a bound for a busy machine


def public_jwk() -> str:
    """A public key as an operator sets it. Nobody has the private one."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode() for n in (key.x, key.y))
    return json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y})


class ToplyneBackend:
    """The receiver's process. Its private key never leaves it."""

    def __init__(self, state: Path, key: str) -> None:
        self._arguments = [str(PROGRAM), "--state", str(state), "--key", key]
        self._process: asyncio.subprocess.Process | None = None
        self.told: dict[str, Any] = {}

    async def start(self) -> None:
        """Starts it, at its former port if it had one."""
        port = ["--port", str(self.told["port"])] if self.told else []
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *self._arguments, *port, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(LIMIT):
            self.told = json.loads(await self._process.stdout.readline())

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "toplyne_webhook_url": f"{self._address}/hook",
            "toplyne_webhook_secret": SecretStr(self.told["secret"]),
            "toplyne_public_key": json.dumps(self.told["public_key"]),
        }

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self.told['port']}"

    async def plan(self, *answers: dict[str, Any]) -> None:
        """Plans the answers to the next requests. Later requests are taken."""
        async with httpx.AsyncClient(trust_env=False) as http:
            await http.post(f"{self._address}/plan", json=answers)

    async def seen(self, kind: str = "") -> list[dict[str, Any]]:
        """What came with a valid signature, oldest first."""
        async with httpx.AsyncClient(trust_env=False, timeout=LIMIT) as http:
            found = (await http.get(f"{self._address}/")).json()
        return [one for one in found if not kind or one["event"]["type"] == kind]

    async def given(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Waits until this many of this type have come."""

        async def enough() -> list[dict[str, Any]] | None:
            found = await self.seen(kind)
            return found if len(found) >= count else None

        found: list[dict[str, Any]] = await soon(enough, LIMIT)
        return found


@asynccontextmanager
async def toplyne_backend(folder: Path, key: str = "RSA") -> AsyncIterator[ToplyneBackend]:
    backend = ToplyneBackend(folder / "receiver.json", key)
    await backend.start()
    try:
        yield backend
    finally:
        await backend.kill()


async def restarted_with(world: World, backend: ToplyneBackend, **changed: Any) -> None:
    """Restarts the bot, now with Toplyne's backend."""
    await world.stop_bot()
    world.settings.update(backend.settings, **changed)
    await world.start_bot()
