"""What the app receives about an interaction, in Slack's shapes."""

import re
from typing import Any

from playground.slack.core import Core
from playground.slack.elements import STATEFUL, Placed, placed
from playground.slack.manifest import Command
from playground.slack.messages import Messages
from playground.slack.model import Channel, Json, Message, User, View


class Payloads:
    """The parts of interactions' payloads. Some hand out what an app may use later."""

    def __init__(self, core: Core, messages: Messages) -> None:
        self._core = core
        self._messages = messages

    def envelope(self, user: User) -> Json:
        """The part that all interaction payloads share.

        `team` is null if an org installed the app. Then `user.team_id` names the workspace.
        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
        """
        team_id, org_wide = user.team_id, self._is_org_wide(user)
        return {
            "team": None if org_wide else self._team(team_id),
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team_id,
            },
            "api_app_id": self._core.config.app_id,
            "token": self._core.verification_token,
            "enterprise": self._enterprise(team_id),
            "is_enterprise_install": org_wide,
        }

    def typed_by(self, user: User) -> Json:
        """What differs while somebody searches: the workspace is always named, and for people of
        an org, `user.team_id` holds the org.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        org = self._core.state.enterprise_of(user.team_id)
        person = self.envelope(user)["user"]
        where = {"team_id": org.id if org else user.team_id}
        return {"team": self._team(user.team_id), "user": person | where}

    def trigger(self, user: User, view: View | None = None) -> Json:
        """A new trigger_id. It remembers the modal that it comes from, if any."""
        view_id = view.id if view is not None and view.payload["type"] == "modal" else ""
        return {"trigger_id": self._core.triggers.issue(user.id, user.team_id, view_id)}

    def command(
        self, user: User, channel: Channel, command: Command, text: str, response_key: str
    ) -> dict[str, str]:
        """The form of a slash command."""
        return self._core.state.enterprise_fields(user.team_id) | {
            "token": self._core.verification_token,
            "team_id": user.team_id,
            "team_domain": self._core.state.teams[user.team_id].domain,
            "channel_id": channel.id,
            "channel_name": "privategroup" if channel.is_private else channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command.command,
            "text": self._references(text, user.team_id) if command.should_escape else text,
            "api_app_id": self._core.config.app_id,
            "is_enterprise_install": "true" if self._is_org_wide(user) else "false",
            "response_url": self._core.response_urls.url(response_key),
            **self.trigger(user),
        }

    def view(self, view: View) -> Json:
        installation = self._core.state.installations[view.app_team_id]
        return {"view": self._core.views.as_json(view, installation)}

    def place(self, source: View | Message) -> Json:
        """Where an element is: its container, and the view or message around it."""
        if isinstance(source, View):
            return {"container": {"type": "view", "view_id": source.id}} | self.view(source)
        channel = self._core.state.channels[source.channel]
        container: Json = {
            "type": "message",
            "message_ts": source.ts,
            "channel_id": source.channel,
            "is_ephemeral": bool(source.ephemeral_to),
        }
        if source.thread_ts:
            container["thread_ts"] = source.thread_ts
        about = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
        # Slack does not store ephemeral messages, so it cannot send them with the payload.
        kept = {} if source.ephemeral_to else {"message": self._messages.as_json(source)}
        return about | kept

    def response_url(self, user: User, message: Message) -> Json:
        key = self._core.response_urls.issue(
            user.team_id, user.id, message.channel, message.ts, message.thread_ts
        )
        return {"response_url": self._core.response_urls.url(key)}

    def response_urls(self, view: View) -> list[Json]:
        """One for each conversation that was picked for an answer."""
        return [
            self._response_url_of(view, item)
            for item in placed(view.blocks)
            if item.block["type"] == "input"
            and item.element.get("response_url_enabled")
            and view.typed[item.key].get(STATEFUL[item.type][0])
        ]

    def action(self, item: Placed, values: Json) -> Json:
        """One entry of `actions`."""
        action: dict[str, Any] = {
            "type": item.type,
            "action_id": item.element["action_id"],
            "block_id": item.block["block_id"],
            "action_ts": self._core.next_ts(),
        }
        named = ("text", "value", "style", "placeholder")
        return action | {n: item.element[n] for n in named if n in item.element} | values

    def _is_org_wide(self, user: User) -> bool:
        installation = self._core.installation_for(user)
        return installation is not None and installation.is_enterprise_install

    def _team(self, team_id: str) -> Json:
        team = self._core.state.teams[team_id]
        about = self._core.state.enterprise_fields(team_id)
        return {"id": team.id, "domain": team.domain} | about

    def _enterprise(self, team_id: str) -> Json | None:
        org = self._core.state.enterprise_of(team_id)
        return {"id": org.id, "name": org.name} if org else None

    def _response_url_of(self, view: View, item: Placed) -> Json:
        channel_id = view.typed[item.key][STATEFUL[item.type][0]]
        key = self._core.response_urls.issue(view.team_id, view.user_id, channel_id)
        return {
            "response_url": self._core.response_urls.url(key),
            "channel_id": channel_id,
            "block_id": item.key[0],
            "action_id": item.key[1],
        }

    def _references(self, text: str, team_id: str) -> str:
        """Names of people and channels as references, for commands with `should_escape`."""
        state = self._core.state
        found = {f"@{u.name}": f"<@{u.id}|{u.name}>" for u in state.people(team_id)}
        for channel in state.channels.values():
            if channel.team_id == team_id and channel.kind == "channel":
                found[f"#{channel.name}"] = f"<#{channel.id}|{channel.name}>"
        return re.sub(r"[@#][\w.-]+", lambda m: found.get(m.group(), m.group()), text)
