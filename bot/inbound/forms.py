"""What a person typed: reads plain values from Slack's `view.state.values`."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from bot.ids import (
    ASKS_FOR,
    OF_CSMS,
    SHOWS,
    TOLD_TOPLYNE,
    N,
    Unit,
    in_unit,
    input_action,
    input_block,
)
from bot.views.kit.blocks import parse_metadata
from bot.views.kit.message import parse_naming
from flows.errors import Field, NotFound
from flows.secret_shapes import looks_secret
from flows.setup.submission import Ref

WRITTEN = (
    Field.NOTE, Field.TEXT, Field.REASON, Field.TICKET, Field.EVENT_NAMES, Field.ACCOUNT,
)  # fmt: skip


class Form:
    """The inputs of a submitted view, found by their action id in any block."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        values = view.get("state", {}).get("values", {})
        self._inputs: dict[str, Mapping[str, Any]] = {}
        self._blocks: tuple[str, ...] = tuple(values)
        self._view = view
        for actions in values.values():
            self._inputs.update(actions)

    def block_of(self, field: Field) -> str | None:
        """The id of the field's block, where an error can be shown. None if the view lacks it."""
        wanted = input_block(field)
        return next((id_ for id_ in self._blocks if id_.split(":")[0] == wanted), None)

    def number_of(self, field: Field, unit: Unit[N]) -> N | None:
        """The number of what the view is about, read from the id of the field's block."""
        return in_unit((self.block_of(field) or "").partition(":")[2], unit)

    @property
    def asked(self) -> str:
        """What the question is about, as its block names it. Empty if no block does."""
        return previewed(self._view)

    def shown(self, unit: Unit[N]) -> N | None:
        """The number of what the window shows. Those of earlier versions name none."""
        return in_unit(_named(self._view, SHOWS), unit)

    @property
    def first_block(self) -> str | None:
        """The id of the first input's block. None if the view has no input."""
        return next(iter(self._blocks), None)

    def text(self, field: Field) -> str:
        return str(self._input(field).get("value") or "")

    def typed(self, action_id: str) -> str:
        return str(self._inputs.get(action_id, {}).get("value") or "")

    def option(self, action_id: str) -> str:
        option = self._inputs.get(action_id, {}).get("selected_option") or {}
        return str(option.get("value") or "")

    def options(self, field: Field, action_id: str = "") -> tuple[str, ...]:
        found = self._inputs.get(action_id or input_action(field), {})
        return tuple(option["value"] for option in found.get("selected_options") or ())

    def user(self, field: Field) -> str:
        return str(self._input(field).get("selected_user") or "")

    def users(self, field: Field) -> tuple[str, ...]:
        return tuple(map(str, self._input(field).get("selected_users") or ()))

    def day(self, field: Field) -> date | None:
        value = self._input(field).get("selected_date")
        return date.fromisoformat(value) if value else None

    def midnight(self, field: Field) -> datetime | None:
        """The start of the chosen day in UTC."""
        day = self.day(field)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None

    def moment(self, field: Field) -> datetime | None:
        value = self._input(field).get("selected_date_time")
        return datetime.fromtimestamp(value, UTC) if value else None

    def _input(self, field: Field) -> Mapping[str, Any]:
        return self._inputs.get(input_action(field), {})


def words_of(view: Mapping[str, Any]) -> str:
    """What somebody wrote into this view for somebody else, unless it looks like a secret."""
    form = Form(view)
    words = next(filter(None, (form.text(field) for field in WRITTEN)), "")
    return "" if looks_secret(words) else words


def says_toplyne_gets_it(view: Mapping[str, Any]) -> bool:
    """Whether the submitted screen said that Toplyne, too, receives the secret."""
    return any(block.get("block_id") == TOLD_TOPLYNE for block in view.get("blocks", ()))


def ref_of(view: Mapping[str, Any]) -> Ref:
    """The set-up and revision that a modal shows. Raises `NotFound` if it is not ours."""
    try:
        shown = parse_metadata(view.get("private_metadata") or "")
    except ValueError as error:
        raise NotFound("view") from error
    form = str(view.get("id") or "")
    return Ref(shown.integration_id, shown.revision, form, shown.generation)


def pressed_in(body: Mapping[str, Any]) -> Ref:
    """The set-up and revision that a press names, wherever it was. Raises `NotFound`."""
    view = body.get("view") or {}
    if view.get("private_metadata"):
        return ref_of(view)
    block_id = str(body["actions"][0].get("block_id") or "")
    integration_id, generation = parse_naming(block_id)
    return Ref(integration_id, 0, generation=generation)


def pressed_id(body: Mapping[str, Any]) -> str:
    """The id of the button that was pressed, or of the window that was sent."""
    if actions := body.get("actions"):
        return str(actions[0].get("action_id") or "")
    return str((body.get("view") or {}).get("callback_id") or "")


def is_third(view: Mapping[str, Any]) -> bool:
    """Whether two modals lie below this one. Slack has room for no more."""
    below = view.get("previous_view_id")
    return bool(below) and below != view.get("root_view_id")


def set_up_of(body: Mapping[str, Any]) -> Ref | None:
    """The set-up that the window or the message names. None: none, or it is a CSM's."""
    view, actions = body.get("view") or {}, body.get("actions")
    if pressed_id(body) in OF_CSMS or not (actions or view.get("private_metadata")):
        return None
    with suppress(NotFound):
        ref = pressed_in(body) if actions else ref_of(view)
        return ref if ref.integration_id else None
    return None


def value_of(body: Mapping[str, Any]) -> str:
    """The value of the button that was pressed. Empty if it has none."""
    return str(body["actions"][0].get("value") or "")


def fresh_nonce(view: Mapping[str, Any]) -> str:
    """Another one each time that the view is drawn anew: Slack changes its hash."""
    return str(view.get("hash", ""))[-8:]


def previewed(view: Mapping[str, Any]) -> str:
    """What a question or preview asked for, as its block names it."""
    return _named(view, ASKS_FOR)


def _named(view: Mapping[str, Any], wanted: str) -> str:
    ids = (str(block.get("block_id", "")).partition(":") for block in view.get("blocks", ()))
    return next((named for kind, _, named in ids if kind == wanted), "")
