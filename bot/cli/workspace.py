"""`python -m bot audit`, `export` and `erase`: what is stored about one Slack workspace."""

import getpass
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from bot.cli.arguments import plain
from bot.cli.ending import fail, run
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.container import Container
    from flows.audit import Audited
    from storage.export import SqlExport

T = TypeVar("T")
TeamId = Annotated[
    str, typer.Argument(metavar="TEAM_ID", callback=plain, help="The ID that starts with T.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether to erase it.")]
COLUMNS = "{:<20} {:<24} {:<10} {:<13} {}"
HEADINGS = ("WHEN (UTC)", "WHO", "DID", "WHAT", "SET-UP")


def add_workspace_commands(cli: typer.Typer, settings: Callable[[], Settings]) -> None:
    """Adds the three commands. `settings` is called when one of them runs."""

    @cli.command()
    def audit(team_id: TeamId) -> None:
        """Show who did what with credentials and stored data.

        That is who saw, entered, replaced and deleted credentials, exported and erased.
        """
        entries = _run(settings(), lambda records: records.export.audit(team_id))
        if not entries:
            typer.echo(f"Nothing was written down about {team_id}.")
            return
        typer.echo(COLUMNS.format(*HEADINGS))
        for each in entries:
            who = each.by or "the app"
            by = f"{who} (Toplyne)" if each.of_toplyne else who
            when = f"{each.at:%Y-%m-%d %H:%M:%S}"
            typer.echo(COLUMNS.format(when, by, each.what, each.secret, each.integration_id or "-"))

    @cli.command()
    def export(team_id: TeamId) -> None:
        """Print all that is stored about a workspace as JSON.

        Secrets are printed as fingerprints.
        """
        found = _run(settings(), lambda records: records.exported(team_id))
        if found is None:
            _nothing(team_id)
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))

    @cli.command()
    def erase(team_id: TeamId, yes: Yes = False) -> None:
        """Erase all that is stored about a workspace.

        It is as if the app were uninstalled there.
        """
        loaded = settings()
        if not _run(loaded, lambda records: records.tenants_of(team_id)):
            _nothing(team_id)
        if not yes:
            asked = f"Erase everything that is stored about {team_id}? This cannot be undone."
            typer.confirm(asked, abort=True)
        is_whole = _run(loaded, lambda records: records.erase(team_id))
        _tell_erased(team_id, is_whole=is_whole, oauth=loaded.oauth)


def _tell_erased(team_id: str, *, is_whole: bool, oauth: bool) -> None:
    if is_whole:
        typer.echo(f"Everything about {team_id} is erased.")
    else:
        typer.echo(
            f"{team_id} is erased but for what Toplyne's backend must be told; a worker"
            " erases the rest once that is done."
        )
    typer.echo("A backup from before brings it back: after a restore, erase it again.")
    if not oauth:
        typer.echo(
            "Every start of `serve` or `worker` installs the app anew, as long as the settings"
            " have SLACK_BOT_TOKEN."
        )


def _nothing(team_id: str) -> NoReturn:
    fail(f"Nothing is stored about {team_id}.")


@dataclass(frozen=True)
class _Records:
    """What one database holds, for an operator."""

    container: "Container"
    export: "SqlExport"

    async def tenants_of(self, team_id: str) -> Sequence[str]:
        """The tenants that reach or reached the workspace: its own, and its organisation's."""
        found = []
        reaching = await self.container.tenants.reaching(team_id)
        for tenant_id in dict.fromkeys((*reaching, team_id)):
            stored = await self.export.everything(tenant_id, team_id)
            if stored["teams"] or stored["installations"]:
                found.append(tenant_id)
        return found

    async def exported(self, team_id: str) -> dict[str, Any] | None:
        from flows.audit import Audited

        found: dict[str, Any] = {}
        for tenant_id in await self.tenants_of(team_id):
            await self._note(tenant_id, team_id, Audited.EXPORTED)
            for table, rows in (await self.export.everything(tenant_id, team_id)).items():
                found.setdefault(table, []).extend(rows)
        return found or None

    async def erase(self, team_id: str) -> bool:
        """As an uninstall does, at once. False if Toplyne must be told of something first."""
        from flows.audit import Audited

        tenants = await self.tenants_of(team_id)
        lifecycle, now = self.container.lifecycle, self.container.clock.now()
        for tenant_id in tenants:  # all leave before one is erased, so that none takes over
            await self._note(tenant_id, team_id, Audited.ERASED)
            if tenant_id == team_id:
                await lifecycle.uninstall(tenant_id)
            else:
                await lifecycle.revoke(tenant_id, [team_id], now)
        return all([await self.container.erasing.erase(each, at_once=True) for each in tenants])

    async def _note(self, tenant_id: str, team_id: str, what: "Audited") -> None:
        from flows.audit import OPERATOR, AuditEntry, Secret
        from flows.ports import Unguarded
        from flows.vocabulary import Stamp

        who = Stamp(f"{OPERATOR}{getpass.getuser()}", self.container.clock.now())
        async with self.container.uow(tenant_id, unguarded=Unguarded.LEAVING) as work:
            await work.audit.add(AuditEntry(what, Secret.ALL, who, team_id))
            await work.commit()


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Records]:
    from bot.container import Container
    from storage.cipher import Cipher
    from storage.export import SqlExport

    async with AsyncExitStack() as closing:
        container = Container(settings, closing)
        await container.real.ask(container.engine)
        yield _Records(container, SqlExport(container.engine, Cipher(settings.encryption_keys)))


def _run(settings: Settings, work: Callable[[_Records], Awaitable[T]]) -> T:
    async def go() -> T:
        async with _opened(settings) as records:
            return await work(records)

    return run(go())
