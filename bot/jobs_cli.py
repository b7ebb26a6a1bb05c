"""`python -m bot jobs`: messages that were given up, by their ids alone, never a text."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from bot.settings import Settings

if TYPE_CHECKING:
    from flows.records import StoredMessage
    from storage.dead_letters import SqlDeadLetters

T = TypeVar("T")
Work = Callable[["SqlDeadLetters"], Awaitable[T]]
Ids = Annotated[list[int], typer.Argument(metavar="ID...", help="As `list` shows them.")]
COLUMNS = "{:>8}  {:<18} {:<12} {:<28} {:>5}  {:<24} {}"


def make_jobs_cli(settings: Callable[[], Settings]) -> typer.Typer:
    """The sub-commands; `settings` is called when one runs."""
    cli = typer.Typer(help="Look at messages that were given up.", no_args_is_help=True)

    @cli.command("list")
    def list_letters(
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="Lines at most.")] = 100,
    ) -> None:
        """List messages that were given up, newest first."""
        letters = _run(settings(), lambda dead: dead.letters(limit))
        if not letters:
            typer.echo("No message was given up.")
            return
        typer.echo(
            COLUMNS.format("ID", "KIND", "TENANT", "CONVERSATION", "TRIES", "ERROR", "STORED")
        )
        for letter in letters:
            typer.echo(_line(letter))

    @cli.command("show")
    def show_letter(sequence: Annotated[int, typer.Argument(metavar="ID")]) -> None:
        """Show what is known about one of them."""
        letter = _run(settings(), lambda dead: dead.find(sequence))
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

    return cli


def _revive(sequence: int) -> Work[bool]:
    return lambda dead: dead.revive(sequence)


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
    from storage.engine import make_engine

    engine = make_engine(settings.database_url.get_secret_value())
    try:
        return await work(SqlDeadLetters(engine))
    finally:
        await engine.dispose()


def _not_there(sequence: int) -> NoReturn:
    _fail(f"{sequence} is none of the messages that were given up.")


def _fail(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(1)
