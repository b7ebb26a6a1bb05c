"""`python -m bot jobs` and `handoffs`: what was given up or sent to Toplyne, without contents."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.arguments import LARGEST, plain
from bot.cli.ending import fail, run
from bot.settings import Settings

if TYPE_CHECKING:
    from storage.given_up import DeadLetter, FailedEvent, GivenUp, LoggedDelivery

T = TypeVar("T")
Work = Callable[["GivenUp"], Awaitable[T]]
RowNumber = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST, help="As `list` shows it.")
]
RowNumbers = Annotated[
    list[int], typer.Argument(metavar="ID...", min=1, max=LARGEST, help="As `list` shows them.")
]
RowId = Annotated[str, typer.Argument(metavar="ID", callback=plain, help="As `list` shows it.")]
EventId = Annotated[str, typer.Argument(metavar="ID", callback=plain)]
TenantId = Annotated[str, typer.Argument(metavar="TENANT", callback=plain)]
AtMost = Annotated[int, typer.Option(min=1, max=10_000, help="Lines at most.")]
MESSAGE_COLUMNS = "{:>8}  {:<18} {:<12} {:<28} {:>5}  {:<24} {}"
MESSAGE_HEADINGS = ("ID", "KIND", "TENANT", "CONVERSATION", "TRIES", "ERROR", "STORED")
EVENT_COLUMNS = "{:<14} {:<16} {:<18} {:<24} {}"
EVENT_HEADINGS = ("TENANT", "ID", "KIND", "ERROR", "RECEIVED")
DELIVERY_COLUMNS = "{:<30}  {:<12} {:<11} {:<12} {:>5}  {:<18} {}"
DELIVERY_HEADINGS = ("ID", "KIND", "STATE", "TENANT", "TRIES", "ERROR", "STORED")
MINUTE, SECOND = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"


def make_jobs_cli(settings: Callable[[], Settings]) -> typer.Typer:
    """Makes the sub-commands of `jobs`. `settings` is called when one of them runs."""
    cli = typer.Typer(
        help="Look at messages and events that were given up.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @cli.command("list")
    def list_letters(limit: AtMost = 100) -> None:
        """List messages that were given up, newest first."""
        loaded = settings()
        letters = _run(loaded, lambda given_up: given_up.messages.letters(limit))
        _tell_failed(sum(_run(loaded, lambda given_up: given_up.events.counts()).values()))
        if not letters:
            typer.echo("No message was given up.")
            return
        for line in (MESSAGE_COLUMNS.format(*MESSAGE_HEADINGS), *map(_message_line, letters)):
            typer.echo(line)

    @cli.command("show")
    def show_letter(sequence: RowNumber) -> None:
        """Show what is known about one message that was given up."""
        letter = _run(settings(), lambda given_up: given_up.messages.find(sequence))
        if letter is None:
            fail(_missing(sequence))
        for name, value in _message_details(letter).items():
            typer.echo(f"{name:<14}{value}")

    @cli.command("retry")
    def retry_letters(sequences: RowNumbers) -> None:
        """Send these messages again.

        For instance once the app is in the channel.
        """
        loaded, missing = settings(), 0
        for sequence in dict.fromkeys(sequences):
            is_there = _run(loaded, _revive(sequence))
            typer.echo(
                f"{sequence} is due again." if is_there else _missing(sequence), err=not is_there
            )
            missing += not is_there
        if missing:
            raise typer.Exit(1)

    _add_event_commands(cli, settings)
    return cli


def _add_event_commands(cli: typer.Typer, settings: Callable[[], Settings]) -> None:
    @cli.command("events")
    def list_events(limit: AtMost = 100) -> None:
        """List events that could not be processed, newest first."""
        events = _run(settings(), lambda given_up: given_up.events.events(limit))
        if not events:
            typer.echo("No event has failed.")
            return
        typer.echo(EVENT_COLUMNS.format(*EVENT_HEADINGS))
        for event in events:
            typer.echo(_event_line(event))

    @cli.command("retry-event")
    def retry_event(tenant_id: TenantId, event_id: EventId) -> None:
        """Process an event again, once its reason is gone."""
        loaded = settings()
        if not _run(loaded, lambda given_up: given_up.events.retry(tenant_id, event_id)):
            fail(f"{event_id} of {tenant_id} is none of the events that have failed.")
        typer.echo(f"{event_id} is worked on again.")


def _event_line(event: "FailedEvent") -> str:
    return EVENT_COLUMNS.format(
        event.tenant_id,
        event.event_id,
        event.kind,
        event.error,
        f"{event.received_at:{MINUTE}}",
    )


def _tell_failed(events: int) -> None:
    if events:
        said = "1 event has" if events == 1 else f"{events} events have"
        typer.echo(f"{said} failed: see `python -m bot jobs events`.")


def _revive(sequence: int) -> Work[bool]:
    return lambda given_up: given_up.messages.revive(sequence)


def _message_line(letter: "DeadLetter") -> str:
    return MESSAGE_COLUMNS.format(
        letter.sequence,
        letter.kind,
        letter.tenant_id,
        letter.conversation,
        letter.attempts,
        letter.error,
        f"{letter.created_at:{MINUTE}}",
    )


def _message_details(letter: "DeadLetter") -> dict[str, object]:
    """Leaves out the message's parameters: people typed some of them."""
    since = letter.attempt_at
    return {
        "id": letter.sequence,
        "kind": letter.kind,
        "tenant": letter.tenant_id,
        "conversation": letter.conversation,
        "integration": letter.integration_id or "-",
        "key": letter.key,
        "error": letter.error,
        "tries": letter.attempts,
        "stored": f"{letter.created_at:{SECOND}} UTC",
        "in doubt": f"since {since:{SECOND}} UTC" if since else "no",
    }


def make_handoffs_cli(settings: Callable[[], Settings]) -> typer.Typer:
    """Makes the sub-commands of `handoffs`. `settings` is called when one of them runs."""
    cli = typer.Typer(
        help="See what was sent to Toplyne's backend.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @cli.command("list")
    def list_deliveries(limit: AtMost = 100) -> None:
        """List deliveries, newest first."""
        deliveries = _run(settings(), lambda given_up: given_up.deliveries.deliveries(limit))
        if not deliveries:
            typer.echo("Nothing was handed over.")
            return
        typer.echo(DELIVERY_COLUMNS.format(*DELIVERY_HEADINGS))
        for stored in deliveries:
            typer.echo(_delivery_line(stored))

    @cli.command("show")
    def show_delivery(delivery_id: RowId) -> None:
        """Show what is known about one delivery."""
        for name, value in _delivery_details(_find(settings(), delivery_id)).items():
            typer.echo(f"{name:<14}{value}")

    @cli.command("resend")
    def resend(delivery_id: RowId) -> None:
        """Deliver the same content once more.

        It is a new delivery with an ID of its own.
        """
        from bot.clock import new_id
        from flows.errors import RowUnreadable

        loaded, again = settings(), new_id("msg")
        _find(loaded, delivery_id)
        try:
            _run(loaded, lambda given_up: given_up.deliveries.resend(delivery_id, again))
        except RowUnreadable:
            fail(f"This version cannot read {delivery_id}, so it cannot send it again.")
        typer.echo(f"{again} is due; a worker delivers it.")

    return cli


def _delivery_line(stored: "LoggedDelivery") -> str:
    return DELIVERY_COLUMNS.format(
        stored.id,
        stored.kind,
        stored.state,
        stored.tenant_id,
        stored.attempts,
        stored.error,
        f"{stored.created_at:{MINUTE}}",
    )


def _delivery_details(stored: "LoggedDelivery") -> dict[str, object]:
    at = stored.delivered_at
    return {
        "id": stored.id,
        "kind": stored.kind,
        "of": stored.subject,
        "state": stored.state,
        "tenant": stored.tenant_id,
        "integration": stored.integration_id,
        "error": stored.error or "-",
        "tries": stored.attempts,
        "stored": f"{stored.created_at:{SECOND}} UTC",
        "next try": f"{stored.due_at:{SECOND}} UTC" if stored.state == "pending" else "-",
        "delivered": f"{at:{SECOND}} UTC" if at else "-",
    }


def _find(settings: Settings, delivery_id: str) -> "LoggedDelivery":
    stored = _run(settings, lambda given_up: given_up.deliveries.find(delivery_id))
    if stored is None:
        fail(f"There is no delivery {delivery_id}.")
    return stored


def _run(settings: Settings, work: Work[T]) -> T:
    return run(_work(settings, work))


async def _work(settings: Settings, work: Work[T]) -> T:
    from bot.cli.database import opened
    from storage.given_up import GivenUp

    async with opened(settings.database_url.get_secret_value()) as engine:
        return await work(GivenUp(engine))


def _missing(sequence: int) -> str:
    return f"{sequence} is none of the messages that were given up."
