"""Installs the app in Slack workspaces, for tests about something else."""

import sqlalchemy as sa

from bot.clock import SystemClock
from storage import tables
from storage.connections import Engine


async def install(engine: Engine, *tenant_ids: str) -> None:
    """Tells nobody of the installation, and stores no token."""
    names = ("enterprise_id", "app_id", "bot_id", "bot_user_id", "installed_by")
    now, empty = SystemClock().now(), dict.fromkeys(names, "")
    async with engine.begin() as connection:
        for each in tenant_ids:
            of_both = {"tenant_id": each, "team_id": each}
            app = {"team_name": each, "is_enterprise_install": False, "scopes": "[]"}
            installed = {**of_both, **empty, **app, "installed_at": now}
            team = {**of_both, "name": each, "granted_at": now}
            await connection.execute(sa.insert(tables.installations).values(installed))
            await connection.execute(sa.insert(tables.teams).values(team))
