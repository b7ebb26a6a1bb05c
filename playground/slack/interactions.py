"""What people do, as requests to the app."""

import re
from typing import Any

from playground.slack.acks import Acks
from playground.slack.blocks.composition import OPTION_GROUPS, PLAIN_OPTION, options
from playground.slack.blocks.spec import Report
from playground.slack.core import Core
from playground.slack.elements import STATEFUL, Placed, options_of, placed, state_values
from playground.slack.messages import Messages
from playground.slack.model import Channel, Installation, Json, Message, Typed, User, View

SUGGESTIONS = 100


class Interactions:
    """Each method sends one request and applies the acknowledgement."""

    def __init__(self, core: Core, messages: Messages, acks: Acks) -> None:
        self._core = core
        self._messages = messages
        self._acks = acks

    async def command(self, user: User, command: str, text: str, channel: Channel) -> None:
        declared = self._core.manifest.commands.get(command)
        installation = self._core.installation_for(user)
        if declared is None or installation is None or "commands" not in installation.scopes:
            self._core.notify(user.id, f"{command} is not a valid command")
            return
        key = self._core.response_urls.issue(user.team_id, user.id, channel.id)
        form = {
            "token": self._core.verification_token,
            "team_id": user.team_id,
            "team_domain": self._core.state.teams[user.team_id].domain,
            "channel_id": channel.id,
            "channel_name": "privategroup" if channel.is_private else channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": self._escaped(text, user.team_id) if declared.should_escape else text,
            "api_app_id": self._core.config.app_id,
            "is_enterprise_install": "false",
            "response_url": self._core.response_urls.url(key),
            "trigger_id": self._core.triggers.issue(user.id, user.team_id),
        }
        ack = await self._core.link.post_form(declared.url, form)
        self._acks.command(ack, user, command, key)

    async def shortcut(self, user: User, callback_id: str, message: Message | None = None) -> None:
        declared = self._core.manifest.shortcuts.get(callback_id)
        installation = self._core.installation_for(user)
        kind = "message" if message else "global"
        if declared is None or declared.kind != kind or installation is None:
            self._core.notify(user.id, f"there is no {kind} shortcut {callback_id}")
            return
        payload = self._core.envelope(user) | {
            "type": "message_action" if message else "shortcut",
            "callback_id": callback_id,
            "action_ts": self._core.next_ts(),
            "trigger_id": self._core.triggers.issue(user.id, user.team_id),
        }
        if message is not None:
            payload |= self._about(user, message) | {"message_ts": message.ts}
        ack = await self._core.link.post_payload(self._core.manifest.interactivity_url, payload)
        self._acks.empty(ack, user, f"shortcut {callback_id}")

    async def view_action(self, view: View, item: Placed, values: Json) -> None:
        """Somebody used an element of a modal or of Home."""
        user = self._core.state.users[view.user_id]
        in_view = view.id if view.payload["type"] == "modal" else ""
        await self._action(
            user,
            item,
            values,
            {
                "container": {"type": "view", "view_id": view.id},
                "view": self._view(view, user),
                "trigger_id": self._core.triggers.issue(user.id, user.team_id, in_view),
            },
        )

    async def message_action(
        self, user: User, message: Message, item: Placed, values: Json, typed: Typed
    ) -> None:
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.ephemeral_to),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        about = self._about(user, message)
        if message.ephemeral_to:
            del about["message"]  # Slack does not keep ephemeral messages
        await self._action(
            user,
            item,
            values,
            about
            | {
                "container": container,
                "state": {"values": state_values(typed)},
                "trigger_id": self._core.triggers.issue(user.id, user.team_id),
            },
        )

    async def submit(self, view: View) -> None:
        user = self._core.state.users[view.user_id]
        if self._uninstalled(user):
            return
        view.busy, view.errors = True, {}
        self._core.changed()
        payload = self._core.envelope(user) | {
            "type": "view_submission",
            "trigger_id": self._core.triggers.issue(user.id, user.team_id, view.id),
            "view": self._view(view, user),
            "response_urls": self._response_urls(view, user),
        }
        ack = await self._core.link.post_payload(self._core.manifest.interactivity_url, payload)
        self._acks.submission(ack, user, f"view_submission {view.callback_id}", view)

    async def closed(self, view: View, *, is_cleared: bool) -> None:
        """Tell the app, if its view asked for that."""
        if not view.payload.get("notify_on_close"):
            return
        user = self._core.state.users[view.user_id]
        payload = self._core.envelope(user) | {
            "type": "view_closed",
            "view": self._view(view, user),
            "is_cleared": is_cleared,
        }
        ack = await self._core.link.post_payload(self._core.manifest.interactivity_url, payload)
        self._acks.empty(ack, user, f"view_closed {view.callback_id}")

    async def suggest(self, user: User, item: Placed, query: str, place: Json) -> list[Json]:
        """Options for an external select; `place` holds the payload's view or message."""
        payload = (
            self._core.envelope(user)
            | place
            | {
                "type": "block_suggestion",
                "action_id": item.element["action_id"],
                "block_id": item.block["block_id"],
                "value": query,
            }
        )
        where = f"block_suggestion {item.element['action_id']}"
        if not self._core.manifest.options_url:
            self._core.breach(where, "no_options_url", "message_menu_options_url is not declared")
            return []
        ack = await self._core.link.post_payload(self._core.manifest.options_url, payload)
        return self._suggested(self._acks.options(ack, user, where), where)

    def place_of(self, user: User, source: View | Message) -> Json:
        if isinstance(source, View):
            container: Json = {"type": "view", "view_id": source.id}
            return {"container": container, "view": self._view(source, user)}
        container = {
            "type": "message",
            "message_ts": source.ts,
            "channel_id": source.channel,
            "is_ephemeral": bool(source.ephemeral_to),
        }
        return self._about(user, source) | {"container": container}

    def _uninstalled(self, user: User) -> bool:
        """Nothing is sent to an app that is gone; the person is told."""
        if self._core.installation_for(user) is not None:
            return False
        self._core.notify(user.id, "the app is not installed any more")
        return True

    async def _action(self, user: User, item: Placed, values: Json, place: Json) -> None:
        if self._uninstalled(user):
            return
        action: dict[str, Any] = {
            "type": item.type,
            "action_id": item.element["action_id"],
            "block_id": item.block["block_id"],
            "action_ts": self._core.next_ts(),
        }
        for name in ("text", "value", "style", "placeholder"):
            if name in item.element:
                action[name] = item.element[name]
        payload = (
            self._core.envelope(user)
            | place
            | {
                "type": "block_actions",
                "actions": [action | values],
            }
        )
        ack = await self._core.link.post_payload(self._core.manifest.interactivity_url, payload)
        self._acks.empty(ack, user, f"block_actions {action['action_id']}")

    def _suggested(self, answer: Json, where: str) -> list[Json]:
        report = Report("options")
        if len(answer) > 1 or set(answer) - {"options", "option_groups"}:
            report.add("", "either options or option_groups")
        elif answer.get("option_groups"):
            OPTION_GROUPS(answer["option_groups"], "/option_groups", report)
        elif answer.get("options"):
            options(PLAIN_OPTION, SUGGESTIONS)(answer["options"], "/options", report)
        for problem in report.problems:
            self._core.breach(where, "invalid_options", problem)
        return [] if report.problems else options_of(answer)

    def _escaped(self, text: str, team_id: str) -> str:
        """Names of people and channels as references, for commands with `should_escape`."""
        state = self._core.state
        found = {f"@{u.name}": f"<@{u.id}|{u.name}>" for u in state.people(team_id)}
        for channel in state.channels.values():
            if channel.team_id == team_id and channel.kind == "channel":
                found[f"#{channel.name}"] = f"<#{channel.id}|{channel.name}>"
        return re.sub(r"[@#][\w.-]+", lambda m: found.get(m.group(), m.group()), text)

    def _about(self, user: User, message: Message) -> Json:
        """Channel, message and a response_url, as in payloads from a message."""
        channel = self._core.state.channels[message.channel]
        key = self._core.response_urls.issue(
            user.team_id, user.id, channel.id, message.ts, message.thread_ts
        )
        return {
            "channel": {"id": channel.id, "name": channel.name},
            "message": self._messages.as_json(message),
            "response_url": self._core.response_urls.url(key),
        }

    def _view(self, view: View, user: User) -> Json:
        installation = self._installation(user)
        return self._core.views.as_json(view, installation)

    def _installation(self, user: User) -> Installation:
        return self._core.state.installations[user.team_id]

    def _response_urls(self, view: View, user: User) -> list[Json]:
        urls = []
        for item in placed(view.blocks):
            if item.block["type"] != "input" or not item.element.get("response_url_enabled"):
                continue
            channel_id = view.typed[item.key].get(STATEFUL[item.type][0])
            if channel_id:
                key = self._core.response_urls.issue(user.team_id, user.id, channel_id)
                urls.append(
                    {
                        "response_url": self._core.response_urls.url(key),
                        "channel_id": channel_id,
                        "block_id": item.key[0],
                        "action_id": item.key[1],
                    }
                )
        return urls
