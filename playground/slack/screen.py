"""What is on a person's screen, and how they find things on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from playground.slack.elements import STATEFUL, Placed, placed
from playground.slack.model import Blocks, Json, Message, Typed, TypedKey, View
from playground.slack.typing_in import NotVisible
from playground.slack.visible import Names, buttons, plain_mrkdwn, visible_text

Where = str | TypedKey


@dataclass(frozen=True)
class HomeView:
    """The app's Home as this person sees it."""

    view: View
    names: Names

    @property
    def blocks(self) -> Blocks:
        return self.view.blocks

    @property
    def text(self) -> str:
        return visible_text(self.blocks, self.names)

    @property
    def buttons(self) -> list[str]:
        return buttons(self.blocks)

    @property
    def typed(self) -> Typed:
        return self.view.typed


@dataclass(frozen=True)
class OpenModal(HomeView):
    """One modal of the stack. `errors` are by block_id; `busy` means the app is being asked."""

    @property
    def id(self) -> str:
        return self.view.id

    @property
    def callback_id(self) -> str:
        return self.view.callback_id

    @property
    def title(self) -> str:
        return self._plain("title")

    @property
    def submit_text(self) -> str:
        """Empty if there is nothing to submit."""
        return self._plain("submit")

    @property
    def close_text(self) -> str:
        return self._plain("close") or "Close"

    @property
    def errors(self) -> dict[str, str]:
        return self.view.errors

    @property
    def busy(self) -> bool:
        return self.view.busy

    def _plain(self, name: str) -> str:
        return str((self.view.payload.get(name) or {}).get("text", ""))


@dataclass(frozen=True)
class VisibleMessage:
    """A message as this person reads it. `text` is the fallback for screen readers."""

    message: Message
    author: str
    names: Names

    @property
    def text(self) -> str:
        return plain_mrkdwn(self.message.text, self.names)

    @property
    def blocks(self) -> Blocks:
        return self.message.blocks

    @property
    def visible_text(self) -> str:
        """The blocks' text, or `text` if there are no blocks."""
        return visible_text(self.blocks, self.names) if self.blocks else self.text

    @property
    def buttons(self) -> list[str]:
        return buttons(self.blocks)

    @property
    def ts(self) -> str:
        return self.message.ts

    @property
    def thread_ts(self) -> str:
        return self.message.thread_ts

    @property
    def channel(self) -> str:
        return self.message.channel

    @property
    def is_app(self) -> bool:
        return self.message.is_app

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.message.ephemeral_to)

    @property
    def is_edited(self) -> bool:
        return bool(self.message.edited)

    @property
    def metadata(self) -> Json | None:
        return self.message.metadata


def find_input(blocks: Blocks, where: Where) -> Placed:
    """Find an element that holds a value, by label, block_id, action_id or both ids."""
    items = [p for p in placed(blocks) if p.type in STATEFUL]
    return _found(items, where, "input")


def find_element(blocks: Blocks, what: Where) -> Placed | None:
    """Find anything that can be used. None if nothing matches."""
    return _match(list(placed(blocks)), what)


def missing(blocks: Iterable[Placed], what: Where, kind: str) -> NotVisible:
    here = [f"{p.label or p.type} ({p.element['action_id']})" for p in blocks]
    return NotVisible(f"no {kind} {what!r}; here are: {here or 'none'}")


def _found(items: list[Placed], where: Where, kind: str) -> Placed:
    match = _match(items, where)
    if match is None:
        raise missing(items, where, kind)
    return match


def _match(items: list[Placed], where: Where) -> Placed | None:
    for item in items:
        if where == item.key or where in (item.label, item.key[0], item.key[1]):
            return item
    wanted = where.casefold() if isinstance(where, str) else None
    near = [p for p in items if wanted and wanted in p.label.casefold()]
    return near[0] if len(near) == 1 else None
