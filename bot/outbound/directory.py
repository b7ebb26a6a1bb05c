"""The people of a Slack workspace: asked whenever somebody needs to know, never kept.

Nobody tells an app in time that somebody moved or left, and reminders are rare.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.outbound.calls import RETRY_AFTER
from bot.outbound.clients import SlackClients
from bot.outbound.errors import UNREACHABLE, Verdict, error_name, retry_after, verdict_of
from bot.outbound.installations import Installations
from bot.outbound.removal import Removal
from flows.errors import DirectoryUnavailable
from flows.ports import RateGates, Toll
from flows.reminders.hours import Person

METHOD = "users.info"
TOLL = Toll(0.6, burst=12.0)  # what Slack allows a minute in one workspace, a part of it at once
PATIENCE = 1.0  # seconds that one waits for one's turn: somebody may be waiting
SLACKBOT = "USLACKBOT"  # of which Slack says that it is no bot


class SlackDirectory:
    """Fills `flows.ports.Directory`."""

    def __init__(
        self,
        installations: Installations,
        clients: SlackClients,
        gates: RateGates,
        removal: Removal,
    ) -> None:
        self._installations = installations
        self._clients = clients
        self._gates = gates
        self._removal = removal

    async def person(self, tenant_id: str, user_id: str) -> Person | None:
        found = await self._installations.find(tenant_id)
        if found is None:
            raise DirectoryUnavailable(tenant_id)
        client = self._clients.with_token(found[1])
        await self._wait(tenant_id)
        try:
            answer = await client.users_info(user=user_id, include_locale=True)
        except UNREACHABLE as error:
            verdict, name = verdict_of(error), error_name(error)
            if verdict is Verdict.GONE:
                return None
            if verdict is Verdict.REVOKED:
                await self._removal.refused(tenant_id, found[1], name)
            if verdict is Verdict.LIMITED:
                await self._gates.close(tenant_id, METHOD, retry_after(error) or RETRY_AFTER)
            raise DirectoryUnavailable(name) from error
        return _person(answer.get("user") or {})

    async def _wait(self, tenant_id: str) -> None:
        """For our turn among all processes, if it comes soon."""
        wait = await self._gates.take(tenant_id, {METHOD: TOLL}, PATIENCE)
        if wait > PATIENCE:
            raise DirectoryUnavailable("rate_gate")
        await asyncio.sleep(wait)


def _person(user: Mapping[str, Any]) -> Person:
    """https://docs.slack.dev/reference/objects/user-object"""
    profile = user.get("profile") or {}
    limited = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")
    return Person(
        time_zone=str(user.get("tz") or ""),
        locale=str(user.get("locale") or ""),
        is_active=not user.get("deleted"),
        name=str(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
        teams=_teams(user),
        is_full_member=not any(user.get(flag) for flag in limited),
        is_bot=bool(user.get("is_bot")) or user.get("id") == SLACKBOT,
    )


def _teams(user: Mapping[str, Any]) -> tuple[str, ...]:
    """On Enterprise Grid somebody can belong to several."""
    in_enterprise = (user.get("enterprise_user") or {}).get("teams") or ()
    return tuple(str(team) for team in (user.get("team_id"), *in_enterprise) if team)
