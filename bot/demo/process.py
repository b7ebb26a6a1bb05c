"""The demo's bot: a separate process whose settings point at the playground."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from cryptography.fernet import Fernet

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
DATABASE = "bot.db"
POLL_INTERVAL = timedelta(seconds=15)
START_LIMIT = 60.0  # seconds until the bot must answer
STOP_LIMIT = 15.0  # seconds; longer than the bot takes to stop


class DemoError(Exception):
    """The demo cannot go on. The message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """Made-up values for what Slack would issue, kept beside the demo's database."""

    client_id: str
    client_secret: str
    signing_secret: str
    encryption_keys: str

    @classmethod
    def kept_in(cls, file: Path) -> "DemoSecrets":
        """Reads them from the file, or makes and stores them when there is none yet."""
        if file.exists():
            return cls(**json.loads(file.read_text()))
        made = cls(
            client_id=f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}",
            client_secret=secrets.token_hex(16),
            signing_secret=secrets.token_hex(16),
            encryption_keys=Fernet.generate_key().decode(),
        )
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(made)))
        return made


def bot_environment(keys: DemoSecrets, playground_url: str, bot_url: str) -> dict[str, str]:
    """Returns our environment with the demo's settings in place of a real bot's.

    It names no proxy, since everything is on this machine.
    """
    ours = {name.upper() for name in Settings.model_fields}
    left_out = ours | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in left_out}
    return inherited | {
        "PYTHONPATH": str(ROOT),
        "SLACK_API_URL": f"{playground_url}/api/",
        "SLACK_CLIENT_ID": keys.client_id,
        "SLACK_CLIENT_SECRET": keys.client_secret,
        "SLACK_SIGNING_SECRET": keys.signing_secret,
        "ENCRYPTION_KEYS": keys.encryption_keys,
        "PUBLIC_URL": bot_url,
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "SEGMENT_API_URL": f"{playground_url}/segment/us",
        "SEGMENT_EU_API_URL": f"{playground_url}/segment/eu",
        "SEGMENT_CONFIG_API_URL": f"{playground_url}/segment/config/v1beta",
        "SEGMENT_CDN_URL": f"{playground_url}/segment/cdn",
        "CLOCK_URL": f"{playground_url}/clock",
        "POLL_INTERVAL": f"{POLL_INTERVAL.seconds}s",
        "LOG_FORMAT": "json",
    }


class BotProcess:
    """A running `python -m bot serve`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def ended(self) -> str:
        """Waits until it ends and returns one line that says so."""
        status = await self._process.wait()
        return f"The bot stopped by itself (status {status}): its log is {self._log}"

    async def answers(self, bot_url: str) -> None:
        """Waits until the bot answers. Raises `DemoError`."""
        client = httpx.AsyncClient(timeout=2, trust_env=False)
        try:
            async with asyncio.timeout(START_LIMIT), client as http:
                while not await _healthy(http, bot_url):
                    if self._process.returncode is not None:
                        raise DemoError(await self.ended())
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise DemoError(f"The bot does not answer: its log is {self._log}") from None

    async def stop(self) -> None:
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def bot_process(
    environment: Mapping[str, str], port: int, folder: Path
) -> AsyncIterator[BotProcess]:
    """Starts the bot and stops it at the end. It runs in `folder`, where there is no `.env`."""
    log = folder / "bot.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", "--host", HOST, "--port", str(port),
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )  # fmt: skip
    bot = BotProcess(process, log)
    try:
        yield bot
    finally:
        await bot.stop()


async def _healthy(http: httpx.AsyncClient, bot_url: str) -> bool:
    try:
        return (await http.get(f"{bot_url}/healthz")).is_success
    except httpx.TransportError:
        return False
