"""The command line: `python -m bot --help`.

Each command imports what it runs only after reading the settings, so that a bad one shows at once.
"""

import asyncio
import gc
import os
import sys
from typing import TYPE_CHECKING, Annotated

if __name__ == "__main__":  # for the whole process, so not where this is only imported
    # Imports make 300,000 objects that stay: looking through them for garbage again and again
    # takes a tenth of a start. `bot.inbound.serving` sets them aside, and looks from then on.
    gc.set_threshold(500_000, 20, 20)
    # pydantic would look through all installed packages for plugins of its own: we use none.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    # structlog, httpx and typer would import them, only for colours that we do not use.
    sys.modules.update(dict.fromkeys(("rich", "pygments")))  # type: ignore[arg-type]

import structlog
import typer
from cryptography.fernet import Fernet

from bot.cli.arguments import host_name
from bot.cli.ending import fail, run
from bot.cli.operate import make_handoffs_cli, make_jobs_cli
from bot.cli.ports import CannotListen, Listening, require_free
from bot.cli.workspace import add_workspace_commands
from bot.logs import configure_logging
from bot.settings import (
    LogLevel,
    Purpose,
    Settings,
    SettingsError,
    forget_environment,
    load_settings,
)

if TYPE_CHECKING:
    from bot.inbound.asgi import Transport

cli = typer.Typer(
    help="Guides customers through connecting Segment to Toplyne, inside Slack.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they print local variables, which can be secrets
)
cli.add_typer(make_jobs_cli(lambda: _ready(Purpose.MIGRATE)), name="jobs")
cli.add_typer(make_handoffs_cli(lambda: _ready(Purpose.MIGRATE)), name="handoffs")
LOOPBACK = "127.0.0.1"
_log = structlog.get_logger(__name__)
add_workspace_commands(cli, lambda: _ready(Purpose.ROTATE_KEYS))
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
HealthPort = Annotated[
    int,
    typer.Option(
        "--health-port", min=0, max=65535,
        help="Port for /healthz and /readyz; without one there are none.",
    ),
]  # fmt: skip
HealthHost = Annotated[
    str,
    typer.Option(
        "--health-host",
        callback=host_name,
        help="Address for --health-port: 0.0.0.0 if probes come from elsewhere.",
    ),
]


@cli.command()
def serve(
    host: Annotated[str, typer.Option(callback=host_name, help="Address to listen on.")] = LOOPBACK,
    port: Port = 3000,
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="Take requests over a socket, not over HTTP.")
    ] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave background work to `worker` processes.")
    ] = False,
    health_port: HealthPort = 0,
    health_host: HealthHost = LOOPBACK,
) -> None:
    """Run the bot, background work included.

    Over HTTP /healthz and /readyz are on the same port; over a socket, on --health-port.
    """
    health = _health(health_host, health_port)
    settings = _ready(Purpose.SOCKET_MODE if socket_mode else Purpose.SERVE)
    from bot.inbound.asgi import Transport

    if socket_mode:
        _run(settings, Transport.SOCKET, not no_worker, health)
    else:
        _run(settings, Transport.HTTP, not no_worker, Listening(host, port, "--host", "--port"))


@cli.command()
def worker(health_port: HealthPort = 0, health_host: HealthHost = LOOPBACK) -> None:
    """Run background work alone.

    In as many processes and on as many machines as you like, beside `serve --no-worker`.
    """
    health = _health(health_host, health_port)
    settings = _ready(Purpose.WORKER)
    from bot.inbound.asgi import Transport

    _run(settings, Transport.NOTHING, True, health)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.cli.database import migrate as bring_to_newest

    database_url = _settings(Purpose.MIGRATE).database_url.get_secret_value()
    run(bring_to_newest(database_url))
    typer.echo("The database has the newest schema.")


@cli.command()
def check() -> None:
    """Check settings, database, Slack and Segment.

    Prints one line for each, and ends with 1 if any fails.
    """
    raise typer.Exit(asyncio.run(_print_findings()))


@cli.command()
def demo(
    port: Port = 3000,
    reset: Annotated[bool, typer.Option("--reset", help="Forget the last demo first.")] = False,
) -> None:
    """Run the bot with a Slack and a Segment to play with.

    All of it stays on this machine.
    """
    try:
        from bot.demo.process import DemoError
        from bot.demo.run import run_demo
    except ModuleNotFoundError as missing:
        fail(f"The demo needs {missing.name}, which only development has: run make demo.")

    configure_logging(LogLevel.WARNING, "console")
    try:
        asyncio.run(run_demo(port, reset=reset))
    except DemoError as error:
        fail(str(error))


@cli.command(name="generate-key")
def generate_key() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    typer.echo(Fernet.generate_key().decode())


@cli.command(name="rotate-keys")
def rotate_keys() -> None:
    """Seal stored secrets with the first of ENCRYPTION_KEYS.

    What it seals already stays as it is. The bot may run meanwhile, and a second run goes on
    where the first one was cut.
    """
    from bot.cli.database import rotate_keys as seal_anew
    from bot.cli.database import told

    settings = _ready(Purpose.ROTATE_KEYS)
    anew = seal_anew(settings.database_url.get_secret_value(), settings.encryption_keys)
    count, missing, invited_until = run(anew)
    if missing:
        fail(f"{count} secrets were sealed anew. ENCRYPTION_KEYS lacks keys: {told(missing)}.")
    others = ""
    if len(settings.encryption_keys) > 1:
        others = " The others can go."
        if invited_until:
            others = (
                f" Keep the others until {invited_until:%Y-%m-%d} (UTC) is over: links of"
                " invitations that were sent may be sealed with them."
            )
    typer.echo(f"{count} secrets were sealed anew, all with the first key now.{others}")


@cli.command()
def manifest(
    url: Annotated[
        str,
        typer.Option(help="Address at which Slack reaches the bot; over a socket not needed."),
    ] = "",
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="For a bot that takes requests over a socket.")
    ] = False,
) -> None:
    """Print the app's manifest, ready to paste."""
    from bot.cli.manifest import render_manifest
    from bot.settings.types import parse_public_url

    if not url and not socket_mode:
        raise typer.BadParameter("it is missing: where Slack reaches the bot", param_hint="--url")
    try:
        address = parse_public_url(url) if url else ""
    except ValueError as error:
        raise typer.BadParameter(f"it {error}", param_hint="--url") from None
    typer.echo(render_manifest(address, socket_mode=socket_mode), nl=False)


def _settings(command: Purpose) -> Settings:
    try:
        settings = load_settings(command)
    except SettingsError as error:
        fail(str(error))
    forget_environment()
    configure_logging(settings.log_level, settings.log_format)
    return settings


def _ready(command: Purpose) -> Settings:
    """Loads the settings and makes sure that their database is ready."""
    from bot.cli.database import DatabaseOutdated, make_ready

    settings = _settings(command)
    to_run = command in (Purpose.SERVE, Purpose.SOCKET_MODE, Purpose.WORKER)
    try:
        run(make_ready(settings.database_url.get_secret_value(), to_run=to_run))
    except DatabaseOutdated as error:
        fail(str(error))
    return settings


async def _print_findings() -> int:
    from bot.cli.check import findings

    failed = False
    async for finding in findings():
        typer.echo(str(finding))
        failed = failed or bool(finding.remedy)
    return int(failed)


def _health(host: str, port: int) -> Listening | None:
    if not port and host != LOOPBACK:
        raise typer.BadParameter("it needs --health-port, too", param_hint="--health-host")
    return Listening(host, port, "--health-host", "--health-port") if port else None


def _run(
    settings: Settings, transport: "Transport", worker: bool, listen: Listening | None
) -> None:
    """Runs the bot until a signal arrives."""
    from bot.inbound.asgi import Transport, build_asgi
    from bot.inbound.serving import Drain, run_until_stopped

    try:
        require_free(settings, listen)
    except CannotListen as error:
        fail(str(error))
    if transport is Transport.SOCKET and settings.public_url and listen is None:
        _log.warning("pages_not_served", setting="PUBLIC_URL")  # another process may do it
    drain = Drain()
    asgi = build_asgi(settings, worker=worker, transport=transport, drain=drain)
    run_until_stopped(asgi, drain, (listen.host, listen.port) if listen else None)


if __name__ == "__main__":
    cli()
