"""`python -m bot handoffs`: what Toplyne's backend was given, by ids alone; never a content."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from bot.settings import Settings

if TYPE_CHECKING:
    from flows.toplyne.model import StoredDelivery
    from storage.handoff_log import SqlHandoffLog

T = TypeVar("T")
Work = Callable[["SqlHandoffLog"], Awaitable[T]]
Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")]
COLUMNS = "{:<30}  {:<12} {:<11} {:<12} {:>5}  {:<18} {}"
MOMENT = "%Y-%m-%d %H:%M:%S"


def make_handoffs_cli(settings: Callable[[], Settings]) -> typer.Typer:
    """The sub-commands; `settings` is called when one runs."""
    cli = typer.Typer(help="Look at what Toplyne's backend was given.", no_args_is_help=True)

    @cli.command("list")
    def list_deliveries(
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="Lines at most.")] = 100,
    ) -> None:
        """List deliveries, newest first."""
        deliveries = _run(settings(), lambda log: log.deliveries(limit))
        if not deliveries:
            typer.echo("Nothing was handed over.")
            return
        typer.echo(COLUMNS.format("ID", "KIND", "STATE", "TENANT", "TRIES", "ERROR", "STORED"))
        for stored in deliveries:
            typer.echo(_line(stored))

    @cli.command("show")
    def show_delivery(delivery_id: Id) -> None:
        """Show what is known about one of them."""
        for name, value in _details(_find(settings(), delivery_id)).items():
            typer.echo(f"{name:<14}{value}")

    @cli.command("resend")
    def resend(delivery_id: Id) -> None:
        """Deliver the same content once more, as a new delivery with an ID of its own."""
        from bot.clock import SystemClock, new_id

        loaded = settings()
        stored, again = _find(loaded, delivery_id), new_id("msg")
        _run(loaded, lambda log: log.resend(stored, again, SystemClock()))
        typer.echo(f"{again} is due; a worker delivers it.")

    return cli


def _line(stored: "StoredDelivery") -> str:
    return COLUMNS.format(
        stored.delivery.id,
        stored.delivery.kind.value,
        stored.state.value,
        stored.tenant_id,
        stored.attempts,
        stored.error,
        f"{stored.created_at:%Y-%m-%d %H:%M}",
    )


def _details(stored: "StoredDelivery") -> dict[str, object]:
    delivery, at = stored.delivery, stored.delivered_at
    return {
        "id": delivery.id,
        "kind": delivery.kind.value,
        "of": delivery.subject,
        "state": stored.state.value,
        "tenant": stored.tenant_id,
        "integration": delivery.integration_id,
        "error": stored.error or "-",
        "tries": stored.attempts,
        "stored": f"{stored.created_at:{MOMENT}} UTC",
        "next try": f"{stored.due_at:{MOMENT}} UTC" if stored.state == "pending" else "-",
        "delivered": f"{at:{MOMENT}} UTC" if at else "-",
    }


def _find(settings: Settings, delivery_id: str) -> "StoredDelivery":
    stored = _run(settings, lambda log: log.find(delivery_id))
    if stored is None:
        _fail(f"There is no delivery {delivery_id}.")
    return stored


def _run(settings: Settings, work: Work[T]) -> T:
    from flows.errors import StorageUnavailable

    try:
        return asyncio.run(_work(settings, work))
    except StorageUnavailable:
        _fail("The database cannot be reached, or is not migrated: see `python -m bot check`.")


async def _work(settings: Settings, work: Work[T]) -> T:
    from bot.cli.database import opened
    from storage.handoff_log import SqlHandoffLog

    async with opened(settings.database_url.get_secret_value()) as engine:
        return await work(SqlHandoffLog(engine))


def _fail(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(1)
