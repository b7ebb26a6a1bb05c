"""Blocks become JSON as the SDK makes them, with what it asks of each object asked once a class.

The SDK looks for its rules and for the names of its fields in every object anew, which was half of
all drawings and a tenth of a story. `tests/unit/views/test_every_view.py` compares both ways.
"""

from functools import cache
from typing import Any

from slack_sdk.models import basic_objects
from slack_sdk.models.basic_objects import JsonObject

Json = dict[str, Any]
PLAIN = (str, bool, int, float, dict, type(None))  # as they are
MAY_BE_EMPTY = {each["type"] for each in basic_objects.EMPTY_ALLOWED_TYPE_AND_PROPERTY_LIST}
SLOW = JsonObject.validate_json, JsonObject.get_non_null_attributes


def install() -> None:
    model: Any = JsonObject
    model.validate_json, model.get_non_null_attributes = _validate, _filled


def uninstall() -> None:
    model: Any = JsonObject
    model.validate_json, model.get_non_null_attributes = SLOW


@cache
def _rules(kind: type[JsonObject]) -> tuple[str, ...]:
    return tuple(sorted(basic_objects._class_validator_names(kind)))


@cache
def _names(kind: type[JsonObject]) -> tuple[str, ...]:
    """Of no class do they depend on the object."""
    return tuple(sorted(object.__new__(kind).attributes))


def _validate(self: JsonObject) -> None:
    for name in _rules(type(self)):
        getattr(self, name)()


def _filled(self: JsonObject) -> Json:
    found = {}
    for name in _names(type(self)):
        value = getattr(self, name, None)
        if value is None or (_is_empty(value) and not _may_be_empty(self, name)):
            continue
        found[name] = _plain(value)
    return found


def _is_empty(value: Any) -> bool:
    return hasattr(value, "__len__") and not len(value)


def _may_be_empty(self: JsonObject, name: str) -> bool:
    return name == "elements" and getattr(self, "type", None) in MAY_BE_EMPTY


def _plain(value: Any) -> Any:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        return {name: _plain(each) for name, each in to_dict().items()}
    return value
