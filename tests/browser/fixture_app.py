"""The page on a made-up world, for tests of the page alone."""

import asyncio
import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from playground.page.api import page_routes
from playground.page.stream import Changes

_PATIENCE_SECONDS = 120
_NEWER_THAN_ALL = 1790002000  # seconds
_STATE = Path(__file__).parent / "kitchen_sink.json"


class FixtureBackend:
    """Shows a fixed state, remembers what the page asked for, and changes on request."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.data: dict[str, Any] = json.loads(_STATE.read_text(encoding="utf-8"))
        self.views = self.data.pop("views")
        for messages in self.data["messages"].values():
            messages[:] = [_message(**each) for each in messages]
        self.acts: list[Mapping[str, Any]] = []
        self._acted = asyncio.Condition()
        self.errors: dict[str, str] = {}
        self.pause: asyncio.Event | None = None

    def state(self, user: str) -> dict[str, Any]:
        people = [one for team in self.data["teams"] for one in team["users"]]
        me = next((one for one in people if not user or one["id"] == user), None)
        if me is None:
            raise LookupError(f"no such person: {user}")
        return self.data | {"me": me}

    def picture(self, file_id: str) -> bytes:
        raise LookupError(file_id)

    async def act(self, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self._acted:
            self.acts.append(body)
            self._acted.notify_all()
        if self.pause is not None:
            await self.pause.wait()
        kind = body["type"]
        if kind in {"slash_command", "shortcut"}:
            self.open("setup")
        elif kind == "close":
            self.data["modals"].pop()
        elif kind == "submit":
            self.data["modals"][-1]["errors"] = self.errors
        elif kind == "search":
            return {
                "options": [
                    _option(f"Store {n:03}") for n in range(20) if body["query"] in f"store {n:03}"
                ]
            }
        self.changes.changed()
        return {}

    def say(self, user: str, *texts: str) -> None:
        """Adds new messages to the channel, all in one change."""
        messages = self.data["messages"]["CGEN"]
        for text in texts:
            ts = f"{_NEWER_THAN_ALL + len(messages)}.000100"
            messages.append(_message(ts=ts, author={"id": user, "name": user}, text=text))
        self.changes.changed()

    def open(self, name: str) -> None:
        self.data["modals"].append(copy.deepcopy(self.views[name]))
        self.changes.changed()

    async def asked(self, kind: str) -> Mapping[str, Any]:
        """Waits for the first act of this kind."""
        async with asyncio.timeout(_PATIENCE_SECONDS), self._acted:
            await self._acted.wait_for(lambda: any(a["type"] == kind for a in self.acts))
        return next(a for a in self.acts if a["type"] == kind)

    def typed(self, action_id: str) -> Any:
        """The last value that the page sent for this control, in the form of view state."""
        sent = [a for a in self.acts if a["type"] == "fill" and a["action_id"] == action_id]
        return sent[-1]["value"] if sent else None

    def app(self) -> Starlette:
        return Starlette(routes=list(page_routes(self)))


def _message(**said: Any) -> dict[str, Any]:
    flags = dict.fromkeys(("is_app", "edited", "ephemeral"), False)
    return {**flags, "thread_ts": "", "blocks": [], "files": [], **said}


def _option(name: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": name}, "value": name}
