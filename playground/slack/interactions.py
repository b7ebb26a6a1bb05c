"""Turns what people do into requests to the app."""

from playground.slack.acks import Acks
from playground.slack.app_link import Ack
from playground.slack.blocks.composition import OPTION_GROUPS, PLAIN_OPTION, options
from playground.slack.blocks.spec import Report
from playground.slack.core import Core
from playground.slack.elements import Placed, options_of, state_values
from playground.slack.model import Channel, Json, Message, Typed, User, View
from playground.slack.payloads import Payloads

SUGGESTIONS = 100


class Interactions:
    """Each method sends one request and applies the acknowledgement."""

    def __init__(self, core: Core, payloads: Payloads, acks: Acks) -> None:
        self._core = core
        self._payloads = payloads
        self._acks = acks

    async def command(self, user: User, command: str, text: str, channel: Channel) -> None:
        declared = self._core.manifest.commands.get(command)
        installation = self._core.installation_for(user)
        if declared is None or installation is None or "commands" not in installation.scopes:
            self._core.notify(user.id, f"{command} is not a valid command")
            return
        key = self._core.response_urls.issue(user.team_id, user.id, channel.id)
        form = self._payloads.command(user, channel, declared, text, key)
        ack = await self._core.link.post_form(declared.url, form)
        self._acks.command(ack, user, command, key)

    async def shortcut(self, user: User, callback_id: str, message: Message | None = None) -> None:
        declared = self._core.manifest.shortcuts.get(callback_id)
        installation = self._core.installation_for(user)
        kind = "message" if message else "global"
        if declared is None or declared.kind != kind or installation is None:
            self._core.notify(user.id, f"there is no {kind} shortcut {callback_id}")
            return
        payload = {
            "type": "message_action" if message else "shortcut",
            "callback_id": callback_id,
            "action_ts": self._core.next_ts(),
        }
        if message is not None:
            about = self._payloads.place(message) | self._payloads.response_url(user, message)
            payload |= about | {"message_ts": message.ts}
        ack = await self._send(user, payload | self._payloads.trigger(user))
        self._acks.empty(ack, user, f"shortcut {callback_id}")

    async def view_action(self, user: User, view: View, item: Placed, values: Json) -> None:
        """Somebody used an element of a modal or of Home."""
        about = self._payloads.place(view) | self._payloads.trigger(user, view)
        await self._action(user, item, values, about)

    async def message_action(
        self, user: User, message: Message, item: Placed, values: Json, typed: Typed
    ) -> None:
        """Somebody used an element of a message. `typed` has the values of the others."""
        about = self._payloads.place(message) | self._payloads.response_url(user, message)
        about |= {"state": {"values": state_values(typed)}} | self._payloads.trigger(user)
        await self._action(user, item, values, about)

    async def submit(self, view: View) -> None:
        user = self._owner(view)
        if self._uninstalled(user):
            return
        view.busy, view.errors = True, {}
        self._core.changed()
        payload = {"type": "view_submission", "response_urls": self._payloads.response_urls(view)}
        about = self._payloads.view(view) | self._payloads.trigger(user, view)
        ack = await self._send(user, payload | about)
        self._acks.submission(ack, user, f"view_submission {view.callback_id}", view)

    async def closed(self, view: View, *, is_cleared: bool) -> None:
        """Tell the app that a view was closed, if the view asked for that."""
        user = self._owner(view)
        if not view.payload.get("notify_on_close") or self._uninstalled(user):
            return
        payload = {"type": "view_closed", "is_cleared": is_cleared}
        ack = await self._send(user, payload | self._payloads.view(view))
        self._acks.empty(ack, user, f"view_closed {view.callback_id}")

    async def suggest(
        self, user: User, source: View | Message, item: Placed, query: str
    ) -> list[Json]:
        """Options for an external select."""
        if self._uninstalled(user):
            return []
        where = f"block_suggestion {item.element['action_id']}"
        url = self._core.manifest.options_url
        if not (url or self._core.manifest.socket_mode):
            self._core.breach(where, "no_options_url", "message_menu_options_url is not declared")
            return []
        payload = {
            "type": "block_suggestion",
            "action_id": item.element["action_id"],
            "block_id": item.block["block_id"],
            "value": query,
        }
        payload |= self._payloads.typed_by(user)
        ack = await self._send(user, payload | self._payloads.place(source), url)
        return self._suggested(self._acks.options(ack, user, where), where)

    async def _action(self, user: User, item: Placed, values: Json, about: Json) -> None:
        if self._uninstalled(user):
            return
        actions = [self._payloads.action(item, values)]
        ack = await self._send(user, {"type": "block_actions", "actions": actions} | about)
        self._acks.empty(ack, user, f"block_actions {item.element['action_id']}")

    async def _send(self, user: User, payload: Json, url: str = "") -> Ack:
        full = self._payloads.envelope(user) | payload
        return await self._core.link.post_payload(
            url or self._core.manifest.interactivity_url, full
        )

    def _owner(self, view: View) -> User:
        """The person who has the modal, in the workspace where it was opened."""
        return self._core.state.users[view.user_id].seen_in(view.team_id)

    def _uninstalled(self, user: User) -> bool:
        """Nothing is sent to an app that is uninstalled. The person is told."""
        if self._core.installation_for(user) is not None:
            return False
        self._core.notify(user.id, "the app is not installed any more")
        return True

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
