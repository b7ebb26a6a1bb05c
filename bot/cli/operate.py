"""`python -m bot jobs`: messages and events that were given up, by ids alone, never a text."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from bot.settings import Settings

if TYPE_CHECKING:
    from flows.outbox.messages import StoredMessage
    from storage.dead_letters import SqlDeadLetters
    from storage.failed_events import FailedEvent, SqlFailedEvents

T = TypeVar("T")
Work = Callable[["SqlDeadLetters", "SqlFailedEvents"], Awaitable[T]]
Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="As `list` shows them.")]
EVENT_COLUMNS = "{:<14} {:<16} {:<18} {:<24} {}"
COLUMNS = "{:>8}  {:<18} {:<12} {:<28} {:>5}  {:<24} {}"

HEADINGS = ("ID", "KIND", "TENANT", "CONVERSATION", "TRIES", "ERROR", "STORED")


def make_jobs_cli(settings: Callable[[], Settings]) -> typer.Typer:
    """The sub-commands; `settings` is called when one runs."""
    cli = typer.Typer(help="Look at messages and events that were given up.", no_args_is_help=True)

    @cli.command("list")
    def list_letters(
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="Lines at most.")] = 100,
    ) -> None:
        """List messages that were given up, newest first."""
        loaded = settings()
        letters = _run(loaded, lambda dead, _: dead.letters(limit))
        _tell_failed(sum(_run(loaded, lambda _, failed: failed.counts()).values()))
        if not letters:
            typer.echo("No message was given up.")
            return
        for line in (COLUMNS.format(*HEADINGS), *map(_line, letters)):
            typer.echo(line)

    @cli.command("show")
    def show_letter(sequence: Annotated[int, typer.Argument(metavar="ID")]) -> None:
        """Show what is known about one of them."""
        letter = _run(settings(), lambda dead, _: dead.find(sequence))
        if letter is None:
            _not_there(sequence)
        for name, value in _details(letter).items():
            typer.echo(f"{name:<14}{value}")

    @cli.command("retry")
    def retry_letters(sequences: Ids) -> None:
        """Send these again, for instance once the app was let into a channel."""
        loaded = settings()
        for sequence in sequences:
            if not _run(loaded, _revive(sequence)):
                _not_there(sequence)
            typer.echo(f"{sequence} is due again.")

    _add_event_commands(cli, settings)
    return cli


def _add_event_commands(cli: typer.Typer, settings: Callable[[], Settings]) -> None:
    @cli.command("events")
    def list_events(
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="Lines at most.")] = 100,
    ) -> None:
        """List events of Slack that could not be worked on, newest first."""
        events = _run(settings(), lambda _, failed: failed.events(limit))
        if not events:
            typer.echo("No event has failed.")
            return
        typer.echo(EVENT_COLUMNS.format("TENANT", "ID", "KIND", "ERROR", "RECEIVED"))
        for event in events:
            typer.echo(_event_line(event))

    @cli.command("retry-event")
    def retry_event(
        tenant_id: Annotated[str, typer.Argument(metavar="TENANT")],
        event_id: Annotated[str, typer.Argument(metavar="ID")],
    ) -> None:
        """Have an event worked on again, once the reason is gone."""
        loaded = settings()
        if not _run(loaded, _retry(loaded, tenant_id, event_id)):
            _fail(f"{event_id} of {tenant_id} is none of the events that have failed.")
        typer.echo(f"{event_id} is worked on again.")


def _retry(settings: Settings, tenant_id: str, event_id: str) -> Work[bool]:
    async def retry(_: "SqlDeadLetters", failed: "SqlFailedEvents") -> bool:
        from bot.worker.kinds import make_client
        from storage.dbos_jobs import DbosJobWriter

        client = make_client(settings.database_url.get_secret_value())
        try:
            # The first job of an event has its id; each retry is a job of its own.
            key = f"event:{tenant_id}:{event_id}:{time.time_ns()}"
            return await failed.retry(DbosJobWriter(client), tenant_id, event_id, key)
        finally:
            client.destroy()

    return retry


def _event_line(event: "FailedEvent") -> str:
    return EVENT_COLUMNS.format(
        event.tenant_id,
        event.event_id,
        event.kind,
        event.error,
        f"{event.received_at:%Y-%m-%d %H:%M}",
    )


def _tell_failed(events: int) -> None:
    if events:
        said = "1 event has" if events == 1 else f"{events} events have"
        typer.echo(f"{said} failed: see `python -m bot jobs events`.")


def _revive(sequence: int) -> Work[bool]:
    return lambda dead, _: dead.revive(sequence)


def _line(letter: "StoredMessage") -> str:
    message = letter.message
    return COLUMNS.format(
        letter.sequence,
        message.kind.value,
        letter.tenant_id,
        message.conversation,
        letter.attempts,
        letter.error,
        f"{letter.created_at:%Y-%m-%d %H:%M}",
    )


def _details(letter: "StoredMessage") -> dict[str, object]:
    """Parameters are left out: some are what people typed."""
    message, attempt = letter.message, letter.attempt
    return {
        "id": letter.sequence,
        "kind": message.kind.value,
        "tenant": letter.tenant_id,
        "conversation": message.conversation,
        "integration": message.integration_id or "-",
        "key": message.key,
        "error": letter.error,
        "tries": letter.attempts,
        "stored": f"{letter.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "in doubt": f"since {attempt.started_at:%Y-%m-%d %H:%M:%S} UTC" if attempt else "no",
    }


def _run(settings: Settings, work: Work[T]) -> T:
    from flows.errors import StorageUnavailable

    try:
        return asyncio.run(_work(settings, work))
    except StorageUnavailable:
        _fail("The database cannot be reached, or is not migrated: see `python -m bot check`.")


async def _work(settings: Settings, work: Work[T]) -> T:
    from storage.dead_letters import SqlDeadLetters
    from storage.engine import close_engine, make_engine
    from storage.failed_events import SqlFailedEvents

    engine = make_engine(settings.database_url.get_secret_value())
    try:
        return await work(SqlDeadLetters(engine), SqlFailedEvents(engine))
    finally:
        await close_engine(engine)


def _not_there(sequence: int) -> NoReturn:
    _fail(f"{sequence} is none of the messages that were given up.")


def _fail(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(1)
