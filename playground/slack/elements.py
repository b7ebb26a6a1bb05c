"""Walks through blocks: which elements are there, and what value each holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.slack.model import Json, Typed

# element type -> (key of the value in `state.values`, key of its initial value, empty value)
STATEFUL: dict[str, tuple[str, str, Any]] = {
    "channels_select": ("selected_channel", "initial_channel", None),
    "checkboxes": ("selected_options", "initial_options", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "datepicker": ("selected_date", "initial_date", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "email_text_input": ("value", "initial_value", None),
    "external_select": ("selected_option", "initial_option", None),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_users_select": ("selected_users", "initial_users", []),
    "number_input": ("value", "initial_value", None),
    "plain_text_input": ("value", "initial_value", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "timepicker": ("selected_time", "initial_time", None),
    "url_text_input": ("value", "initial_value", None),
    "users_select": ("selected_user", "initial_user", None),
}
INTERACTIVE = frozenset(STATEFUL) | {"button", "overflow", "workflow_button", "icon_button"}


@dataclass(frozen=True)
class Placed:
    """An interactive element and its block."""

    block: Json
    element: Json

    @property
    def key(self) -> tuple[str, str]:
        return str(self.block["block_id"]), str(self.element["action_id"])

    @property
    def type(self) -> str:
        return str(self.element["type"])

    @property
    def label(self) -> str:
        """What a person calls it: its input's label, its text or its placeholder."""
        for holder in (
            self.block.get("label"),
            self.element.get("text"),
            self.element.get("placeholder"),
        ):
            if isinstance(holder, dict):
                return str(holder.get("text", ""))
        return ""

    @property
    def dispatches(self) -> bool:
        """Whether the app is told of a change at once."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def placed(blocks: list[Json]) -> Iterator[Placed]:
    """Every interactive element, in reading order."""
    for block in blocks:
        for element in _elements(block):
            if element.get("type") in INTERACTIVE:
                yield Placed(block, element)


def initial_state(element: Json) -> Json:
    """What `state.values` says about an element that nobody has touched."""
    key, initial, empty = STATEFUL[element["type"]]
    value = element.get(initial)
    return {"type": element["type"], key: empty if value is None else value}


def carried_over(typed: Typed, blocks: list[Json]) -> Typed:
    """Values after an update: kept if both ids and the type stay, otherwise initial."""
    values: Typed = {}
    for item in placed(blocks):
        if item.type not in STATEFUL:
            continue
        kept = typed.get(item.key)
        same = kept is not None and kept["type"] == item.type and _still_offered(kept, item)
        values[item.key] = kept if same and kept is not None else initial_state(item.element)
    return values


def state_values(typed: Typed) -> Json:
    """`state.values` as the app receives it."""
    values: Json = {}
    for (block_id, action_id), value in typed.items():
        values.setdefault(block_id, {})[action_id] = value
    return values


def options_of(element: Json) -> list[Json]:
    """The options in the element itself, with groups flattened."""
    grouped = [o for g in element.get("option_groups") or [] for o in g.get("options", [])]
    return list(element.get("options") or []) + grouped


def chosen_options(typed: Json | None) -> list[Json]:
    """The options in a value."""
    if typed is None:
        return []
    if typed.get("selected_options") is not None:
        return list(typed["selected_options"])
    return [typed["selected_option"]] if typed.get("selected_option") else []


def _elements(block: Json) -> list[Json]:
    found = [*(block.get("elements") or []), *(block.get("actions") or [])]
    found += [block[k] for k in ("accessory", "element") if isinstance(block.get(k), dict)]
    return [e for e in found if isinstance(e, dict)]


def _still_offered(kept: Json, item: Placed) -> bool:
    if item.type not in ("static_select", "multi_static_select", "radio_buttons", "checkboxes"):
        return True
    offered = {o["value"] for o in options_of(item.element)}
    return all(o["value"] in offered for o in chosen_options(kept))
