"""`make demo`: runs the playground, and the bot as a separate process."""

import asyncio
import errno
import fcntl
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer
import yaml
from pydantic import SecretStr

from bot.cli.manifest import render_manifest
from bot.demo.panel import DemoPanel, add_guest
from bot.demo.process import (
    DATABASE,
    HOST,
    POLL_INTERVAL,
    DemoError,
    DemoSecrets,
    bot_environment,
    bot_process,
)
from bot.demo.samples import SampleCustomers
from playground.app import Playground, create_playground
from playground.config import PlaygroundConfig
from playground.sample import TOPLYNE, TRY_THIS
from playground.server import run_server
from playground.snapshot import UnreadableSnapshot

VAR = Path("var")
_LAST_PORT = 65535


async def run_demo(port: int, *, reset: bool) -> None:
    """Runs the demo until a signal stops it. Raises `DemoError`."""
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Cancels only once: a second Ctrl-C must not interrupt the shutdown.
        asyncio.get_running_loop().add_signal_handler(
            number, lambda: task and not task.cancelling() and task.cancel()
        )
    with _alone(), suppress(asyncio.CancelledError):
        _check_free(port)
        folder = VAR / "demo"
        if reset:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        await _run(port, _port_for_bot(port), folder)


async def _run(port: int, bot_port: int, folder: Path) -> None:
    url, bot_url = f"http://{HOST}:{port}", f"http://{HOST}:{bot_port}"
    keys = DemoSecrets.kept_in(folder / "secrets.json")
    config = _playground_config(url, bot_url, keys, folder)
    panel = DemoPanel(_database(folder))
    playground = create_playground(config, extras=[_samples(keys, folder).extra(), *panel.extras()])
    try:
        await playground.start()
    except UnreadableSnapshot:
        raise DemoError(f"What {folder} keeps cannot be read: make demo RESET=1") from None
    add_guest(playground)
    try:
        environment = bot_environment(keys, url, bot_url) | _csm_channel(playground)
        async with (
            run_server(playground.asgi, HOST, port),
            bot_process(environment, bot_port, folder) as bot,
        ):
            await bot.answers(bot_url)
            await _install_everywhere(playground)
            _invite(url, folder)
            raise DemoError(await bot.ended())
    finally:
        await playground.stop()


def _samples(keys: DemoSecrets, folder: Path) -> SampleCustomers:
    """Makes the button that writes sample customers into the running bot's database."""
    secrets = [SecretStr(key) for key in keys.encryption_keys.split(",")]
    return SampleCustomers(_database(folder), secrets, TOPLYNE.id, POLL_INTERVAL)


def _database(folder: Path) -> str:
    return f"sqlite:///{(folder / DATABASE).absolute()}"


def _playground_config(url: str, bot_url: str, keys: DemoSecrets, folder: Path) -> PlaygroundConfig:
    return PlaygroundConfig(
        base_url=url,
        app_url=bot_url,
        manifest=yaml.safe_load(render_manifest(bot_url)),
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        signing_secret=keys.signing_secret,
        state_file=folder / "playground.json",
    )


def _csm_channel(playground: Playground) -> dict[str, str]:
    """Makes the sample channel that invites the app the CSM channel."""
    channel = next(each for each in playground.slack.channels.values() if each.invites_app)
    return {"CSM_TEAM_ID": channel.team_id, "CSM_CHANNEL_ID": channel.id}


async def _install_everywhere(playground: Playground) -> None:
    slack = playground.slack
    for team_id in [team.id for team in slack.teams.values() if team.is_listed]:
        installation = slack.installations.get(team_id)
        if installation and installation.active:
            continue
        admin = next(u for u in slack.users.values() if u.team_id == team_id and u.is_admin)
        result = await slack.install(team_id, admin.id)
        if not result.ok:
            raise DemoError(f"The app could not be installed in {team_id}: status {result.status}.")


def _invite(url: str, folder: Path) -> None:
    typer.echo(f"Open {url}\n")
    for number, line in enumerate(TRY_THIS, start=1):
        typer.echo(f"  {number}. {line}")
    typer.echo(
        f"\nCtrl-C stops everything; {folder} keeps its state, make demo RESET=1 forgets it."
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Allows one demo at a time in a folder. Two would share a database and a state."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError("A demo is running in this folder already: stop it first.") from None
        yield


def _check_free(port: int) -> None:
    try:
        _bind(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise DemoError(f"Port {port} cannot be used: {error.strerror}.") from None
        raise DemoError(
            f"Port {port} is taken by another program: choose one, as in make demo PORT=4000"
        ) from None


def _port_for_bot(port: int) -> int:
    """Returns the next port, or any free one."""
    try:
        return _bind(port + 1 if port < _LAST_PORT else 0)
    except OSError:
        return _bind(0)


def _bind(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        return int(probe.getsockname()[1])
