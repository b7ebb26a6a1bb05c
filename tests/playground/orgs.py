"""The small app in an Enterprise Grid org."""

import contextlib
from collections.abc import AsyncIterator

from playground.slack.model import Installation, Json
from tests.globex import ASIA, EUROPE, GLOBEX, HANK, move_in
from tests.playground.slack_app import Bench, bench, manifest

ORG_EVENTS = ["team_access_granted", "team_access_revoked"]


def org_manifest() -> Json:
    declared = manifest(org_deploy_enabled=True)
    declared["settings"]["event_subscriptions"]["bot_events"] += ORG_EVENTS
    declared["oauth_config"]["scopes"]["bot"] += ["channels:read", "team:read"]
    return declared


@contextlib.asynccontextmanager
async def globex(*granted: str, installed: bool = True) -> AsyncIterator[Bench]:
    """The app, installed org-wide. `granted` are the workspaces that may use it."""
    async with bench(org_manifest()) as slack:
        move_in(slack.world)
        if installed:
            slack.world.seed_org_installation(HANK)
        if granted:
            take(slack, "team_access_granted")
            await slack.world.grant(*granted)
        yield slack


def org(slack: Bench) -> Installation:
    return slack.world.installations[GLOBEX.id]


def take(slack: Bench, *events: str) -> list[Json]:
    """Listen to these events. Their envelopes are added to the list."""
    taken: list[Json] = []
    for name in events:

        @slack.app.event(name)
        async def note(body: Json) -> None:
            taken.append(body)

    return taken


BOTH = (EUROPE.id, ASIA.id)
