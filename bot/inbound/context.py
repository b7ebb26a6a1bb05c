"""Who is asking: from Slack's payloads to our actor."""

from collections.abc import Mapping
from typing import Any

from bot.views.kit.blocks import parse_metadata
from flows.errors import NotFound
from flows.setup.submission import Ref
from flows.vocabulary import Actor


def actor_of(body: Mapping[str, Any]) -> Actor:
    """The person behind a command or an interaction, in the workspace that has the app."""
    team_id = body.get("team_id") or (body.get("team") or {}).get("id")
    user = body.get("user") or {}
    user_id = body.get("user_id") or user.get("id")
    enterprise_id = body.get("enterprise_id") or (body.get("enterprise") or {}).get("id")
    team_id = team_id or user.get("team_id")
    org_wide = str(body.get("is_enterprise_install", "false")).lower() == "true"
    tenant_id = enterprise_id if org_wide and enterprise_id else team_id
    if not tenant_id or not team_id or not user_id:
        raise NotFound("actor")
    return Actor(tenant_id, team_id, user_id)


def ref_of(view: Mapping[str, Any]) -> Ref:
    """What the modal was drawn from. Raises `NotFound` for one that is not ours."""
    try:
        metadata = parse_metadata(view.get("private_metadata") or "")
    except ValueError as error:
        raise NotFound("view") from error
    return Ref(metadata.integration_id, metadata.revision, str(view.get("id") or ""))
