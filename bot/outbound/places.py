"""Says in windows, Homes and answers which Slack workspace of an organisation they are about.

Its people may be in several, and have one Home for all of them. Messages say it by themselves.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slack_sdk.models.views import View

from bot.outbound.clients import InstallationLookup
from bot.views.kit.blocks import parse_metadata
from bot.views.kit.message import parse_naming, place_said, with_place
from flows.errors import NotInstalled, StorageUnavailable
from flows.ports import UnitOfWorkFactory
from flows.setup.beginning import team_of_set_up


class Places:
    def __init__(self, uow: UnitOfWorkFactory, installations: InstallationLookup) -> None:
        self._uow = uow
        self._installations = installations

    async def name_of(self, tenant_id: str, team_id: str) -> str:
        """What the Slack workspace is called. Empty where the installation has one alone, or while
        nobody knows.
        """
        with suppress(StorageUnavailable, NotInstalled):
            found = await self._installations.find(tenant_id)
            if found is None or not found[0].is_enterprise_install:
                return ""
            async with self._uow(tenant_id, write=False) as work:
                team = await work.teams.get(team_id)
            return team.name if team else ""
        return ""

    async def placed(self, tenant_id: str, shown: Any) -> Any:
        """The same view or message, with a line that says so if it is about a set-up."""
        made = _as_dict(shown)
        set_up = _set_up_in(made)
        team = await self.name_of(tenant_id, team_of_set_up(set_up)) if set_up else ""
        return with_place(made, place_said(team)) if team else shown


def _as_dict(shown: Any) -> Mapping[str, Any]:
    made: Mapping[str, Any]
    match shown:
        case str():
            made = json.loads(shown)
        case View():
            made = shown.to_dict()
        case _:
            made = {
                **shown,
                "blocks": [
                    each if isinstance(each, dict) else each.to_dict() for each in shown["blocks"]
                ],
            }
    return made


def _set_up_in(made: Mapping[str, Any]) -> str:
    """Empty if it is about none, as what only says that something is done."""
    if "type" not in made:
        named = (parse_naming(str(each.get("block_id") or ""))[0] for each in made["blocks"])
        return next(filter(None, named), "")
    with suppress(ValueError):
        return parse_metadata(made.get("private_metadata") or "").integration_id
    return ""
