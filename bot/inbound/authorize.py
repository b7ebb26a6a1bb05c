"""Who is asking: finds the installation that a request is for, and the person behind it.

docs/adr/0006-who-is-asking.md has the rule for ids that disagree, and what Slack documents of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from pydantic import SecretStr
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from bot.inbound.forms import set_up_of
from bot.outbound.clients import InstallationLookup
from flows.errors import LeftWorkspace, NotInstalled
from flows.installed import Installation
from flows.setup.beginning import team_of_set_up
from flows.vocabulary import Actor

# Slack's reference shows these events with a team id, which is not the team they are about.
OF_ORGANISATIONS = frozenset({"team_access_granted", "team_access_revoked"})
CLAIM, ACTOR = "claim", "actor"  # in Bolt's context; handlers take the actor by its name


class Foreign(Exception):
    """The person belongs to another company's Slack, which shares a channel with the customer's."""


class Claim(NamedTuple):
    """What a command or an interaction says about where it comes from. Missing parts are empty.

    It is not trusted until an installation matches it.
    """

    user_id: str
    team_id: str  # the Slack workspace where the person typed or pressed
    home_team_id: str  # the workspace of the person's account
    installed_team_id: str  # the workspace whose installation opened the modal
    enterprise_id: str
    is_org_wide: bool
    set_up: str = ""  # that the window or the message is about, in an organisation

    def decide(self) -> tuple[str, str]:
        """Returns the tenant and its Slack workspace. Raises `Foreign`, `NotInstalled`."""
        tenant_id, team_id = self._org_wide() if self.is_org_wide else self._single()
        if not tenant_id or not team_id or not self.user_id:
            raise NotInstalled(tenant_id)
        return tenant_id, team_id

    def _single(self) -> tuple[str, str]:
        team_id = self.installed_team_id or self.team_id
        if self.team_id != team_id:
            raise Foreign
        # In an organisation a colleague from another workspace has a different home team, too.
        if not self.enterprise_id and self.home_team_id not in ("", team_id):
            raise Foreign
        return team_id, team_id

    def _org_wide(self) -> tuple[str, str]:
        team_id = self.team_id or self.home_team_id
        if self.installed_team_id not in ("", self.enterprise_id, team_id):
            raise Foreign
        return self.enterprise_id, team_id


def claim_of(body: Mapping[str, Any]) -> Claim:
    """Reads the claim of a command (a flat form) or an interaction (nested objects)."""
    team, user, view = body.get("team") or {}, body.get("user") or {}, body.get("view") or {}
    enterprise = body.get("enterprise") or {}
    team_id = str(body.get("team_id") or team.get("id") or "")
    installed_team_id = str(view.get("app_installed_team_id") or "")
    enterprise_id = body.get("enterprise_id") or enterprise.get("id") or team.get("enterprise_id")
    is_org_wide = says_org_wide(body) or not team_id
    ref = set_up_of(body) if is_org_wide else None
    return Claim(
        user_id=str(body.get("user_id") or user.get("id") or ""),
        team_id=team_id,
        home_team_id=str(user.get("team_id") or ""),
        installed_team_id=installed_team_id,
        enterprise_id=str(enterprise_id or ""),
        is_org_wide=is_org_wide,
        set_up=ref.integration_id if ref else "",
    )


def origin_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the tenant and the Slack workspace of an event.

    The workspace is empty if the event is about a whole organisation. Raises `Foreign` if a person
    from another company caused the event.
    """
    authorized = (body.get("authorizations") or [{}])[0]
    happened_in = str(body.get("team_id") or "")
    enterprise_id = organisation_of(body)
    team_id = str(authorized.get("team_id") or happened_in)
    if says_org_wide(authorized) or not team_id:
        return enterprise_id, happened_in
    event = body["event"]
    if event["type"] in OF_ORGANISATIONS:
        return enterprise_id, ""
    by = event.get("message") or event  # an edit has its author inside
    strangers = {happened_in, str(by.get("user_team") or ""), str(by.get("team") or "")}
    if not enterprise_id and strangers - {"", team_id}:
        raise Foreign
    return team_id, team_id


def organisation_of(body: Mapping[str, Any]) -> str:
    """The organisation that an event names, possibly none."""
    authorized = (body.get("authorizations") or [{}])[0]
    return str(authorized.get("enterprise_id") or body.get("enterprise_id") or "")


def says_org_wide(origin: Mapping[str, Any]) -> bool:
    """Whether the installation is org-wide. JSON has a boolean there, a form has a word."""
    return str(origin.get("is_enterprise_install")).lower() == "true"


async def identify(
    installations: InstallationLookup, claim: Claim, request: str = ""
) -> tuple[Actor, SecretStr]:
    """The person, and the token that answers them. Raises `Foreign`, `NotInstalled`.

    `request` is remembered by the use case, if that acts.
    """
    tenant_id, team_id = claim.decide()
    found = await installations.find(tenant_id)
    if found is None or not found[1]:  # a lost token comes back when the app is installed again
        raise NotInstalled(tenant_id)
    installation, token = found
    if installation.enterprise_id:  # its Slack workspaces can be reached by two installations
        named, set_up = installation, claim.set_up
        installation, token, team_id = await _answering(installations, named, team_id, set_up)
    actor = Actor(
        installation.tenant_id,
        team_id,
        claim.user_id,
        enterprise_id=installation.enterprise_id,
        home_team_id=claim.home_team_id or team_id,
        request=request,
    )
    return actor, token


async def _answering(
    installations: InstallationLookup, named: Installation, here: str, set_up: str
) -> tuple[Installation, SecretStr, str]:
    """The installation that answers, and the Slack workspace that a request is about.

    In an organisation, a person has one conversation with the app for all Slack workspaces. There
    the set-up's id in the window or message names the workspace, or else it is `here`. Each use
    case asks whether the person is a member there and whether the set-up still exists. Raises
    `LeftWorkspace`, or `NotInstalled` and has Slack asked anew.
    """
    of_all = named.is_enterprise_install
    about = team_of_set_up(set_up) if of_all and set_up else here
    if (found := await installations.answering(named, about)) and found[1]:
        return *found, about
    if about != here and await installations.answering(named, here):
        raise LeftWorkspace(about)
    if of_all:
        await installations.ask_anew(named.tenant_id)
    raise NotInstalled(here)


def authorizing(
    installations: InstallationLookup,
) -> Callable[[AsyncBoltContext], Awaitable[AuthorizeResult]]:
    """Answers Bolt's question, which comes with each request, and leaves the actor in the context.

    Raises `Foreign` and `NotInstalled` for our own error handler: no form could show Bolt's answer.
    """

    async def authorize(context: AsyncBoltContext) -> AuthorizeResult:  # Bolt reads the name
        actor, token = await identify(installations, context[CLAIM])
        context[ACTOR] = actor
        return AuthorizeResult(
            enterprise_id=actor.enterprise_id or None,
            team_id=actor.team_id,
            bot_token=token.get_secret_value(),
        )

    return authorize
