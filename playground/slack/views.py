"""Modals and Homes: opening, stacking, replacing, closing."""

import json
from collections.abc import Callable
from typing import Any

from playground.slack.breaches import Refusal, SlackError
from playground.slack.elements import carried_over, state_values
from playground.slack.ids import new_id
from playground.slack.model import Installation, Json, User, View
from playground.slack.normal import filled_in
from playground.slack.state import State
from playground.slack.tickets import Trigger

STACK_LIMIT = 3


class Views:
    """Changes the view stacks. Callers have validated the payloads."""

    def __init__(self, state: State, app_id: str, now: Callable[[], float]) -> None:
        self._state = state
        self._app_id = app_id
        self._now = now
        self._hashes = 0

    def stack(self, user_id: str) -> list[View]:
        return self._state.modals.setdefault(user_id, [])

    def open(self, trigger: Trigger, payload: Json, app_team_id: str) -> View:
        """Start a new stack, in place of what was open for this person."""
        self._check_external_id(app_team_id, payload, gone=self.stack(trigger.user_id))
        view = self._new(trigger.team_id, trigger.user_id, payload, app_team_id)
        self._state.modals[trigger.user_id] = [view]
        return view

    def push(self, trigger: Trigger, payload: Json) -> View:
        stack = self.stack(trigger.user_id)
        if not trigger.view_id or trigger.view_id not in [v.id for v in stack]:
            raise SlackError("not_found")
        if len(stack) >= STACK_LIMIT and trigger.view_id != stack[-1].id:
            raise Refusal("push_limit_reached")  # others were faster: the app could not know
        return self.push_on(trigger.user_id, payload)

    def push_on(self, user_id: str, payload: Json) -> View:
        stack = self.stack(user_id)
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached")
        below = stack[-1]
        self._check_external_id(below.app_team_id, payload)
        view = self._new(below.team_id, user_id, payload, below.app_team_id)
        view.root_view_id = stack[0].id
        view.previous_view_id = below.id
        stack.append(view)
        return view

    def find(self, app_team_id: str, view_id: str, external_id: str) -> View:
        for stack in self._state.modals.values():
            for view in stack:
                wanted = view.id == view_id if view_id else view.external_id == external_id
                if wanted and view.app_team_id == app_team_id:
                    return view
        raise SlackError("not_found")

    def update(self, view: View, payload: Json, known_hash: str = "") -> View:
        if known_hash and known_hash != view.hash:
            raise SlackError("hash_conflict")
        if payload.get("type") != view.payload.get("type"):
            raise SlackError("invalid_arguments", "the type of a view cannot change")
        self._check_external_id(view.app_team_id, payload, gone=[view])
        view.payload = filled_in(payload)
        view.hash = self._next_hash()
        view.typed = carried_over(view.typed, view.blocks)
        view.errors = {}
        return view

    def publish(
        self, installation: Installation, user: User, payload: Json, known_hash: str = ""
    ) -> View:
        """A person has one Home for each installation. An org-wide app shows it everywhere."""
        key = (installation.id, user.id)
        current = self._state.homes.get(key)
        if current is None:
            if known_hash:
                raise SlackError("hash_conflict")
            team_id = next(team for team in user.teams if installation.serves(team))
            current = self._new(team_id, user.id, payload, installation.id)
            self._state.homes[key] = current
            return current
        return self.update(current, payload, known_hash)

    def close(self, view: View) -> None:
        """Close the top view. The one below shows again."""
        stack = self.stack(view.user_id)
        if view in stack:
            stack.remove(view)

    def clear(self, user_id: str) -> None:
        self.stack(user_id).clear()

    def leave(self, installation: Installation) -> None:
        """Drop what the app shows wherever its installation no longer serves people."""

        def served(view: View) -> bool:
            return view.app_team_id != installation.id or (
                installation.active and installation.serves(view.team_id)
            )

        for stack in self._state.modals.values():
            stack[:] = [view for view in stack if served(view)]
        for key, home in tuple(self._state.homes.items()):
            reached = any(map(installation.serves, self._state.users[home.user_id].teams))
            if key[0] == installation.id and not (installation.active and reached):
                del self._state.homes[key]

    def as_json(self, view: View, installation: Installation) -> Json:
        """The view object of answers and payloads."""
        shown = {k: view.payload.get(k, default) for k, default in _SHOWN.items()}
        return shown | {
            "id": view.id,
            "team_id": view.team_id,
            "type": view.payload["type"],
            "blocks": view.blocks,
            "state": {"values": state_values(view.typed)},
            "hash": view.hash,
            "previous_view_id": view.previous_view_id,
            "root_view_id": view.root_view_id,
            "app_id": self._app_id,
            "app_installed_team_id": view.app_team_id,
            "bot_id": installation.bot_id,
        }

    def _new(self, team_id: str, user_id: str, payload: Json, app_team_id: str) -> View:
        view = View(new_id("V"), team_id, user_id, self._next_hash(), filled_in(payload))
        view.app_team_id = app_team_id
        view.root_view_id = view.id
        view.typed = carried_over({}, view.blocks)
        return view

    def _next_hash(self) -> str:
        self._hashes += 1
        return f"{int(self._now())}.{self._hashes:08x}"

    def _check_external_id(
        self, app_team_id: str, payload: Json, gone: list[View] | None = None
    ) -> None:
        wanted = payload.get("external_id")
        replaced = [v.id for v in gone or []]
        stacks = [v for s in self._state.modals.values() for v in s]
        for view in [*stacks, *self._state.homes.values()]:
            taken = bool(wanted) and view.external_id == wanted
            if taken and view.app_team_id == app_team_id and view.id not in replaced:
                raise SlackError("duplicate_external_id")


_SHOWN: dict[str, Any] = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "title": None,
    "close": None,
    "submit": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


def size_of(payload: Json) -> int:
    """The view's size as JSON, in bytes."""
    return len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())
