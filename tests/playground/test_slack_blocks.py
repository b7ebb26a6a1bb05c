"""Block Kit: everything valid is accepted, everything else is refused in Slack's words."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.slack.blocks import check_blocks, check_mrkdwn, check_view
from tests.playground.slack_blocks import (
    CARD,
    CONFIRM,
    IMAGE,
    ONLY,
    OPTIONS,
    RICH_TEXT,
    TABLE,
    actions,
    button,
    examples,
    home,
    input_block,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)

Json = dict[str, Any]
SURFACES = ["modal", "home", "message"]
SCHEMAS = Path(__file__).parents[2].parent / "shared" / "slack"


@pytest.mark.parametrize("surface", SURFACES)
def test_every_valid_block_is_accepted(surface: str) -> None:
    for block in examples(surface):
        assert check_blocks([block], surface) == [], block


def _select(**more: Any) -> Json:
    return actions({"type": "static_select", "action_id": "a", **more})


def _many(count: int) -> list[Json]:
    return [option(f"Option {n}") for n in range(count)]


def _input(**element: Any) -> Json:
    return input_block("Label", "b", element)


INVALID: dict[str, Json] = {
    "unknown block": {"type": "carrousel"},
    "unknown field": section("a", colour="red"),
    "missing text": {"type": "section"},
    "empty text": section(""),
    "section text": section("x" * 3001),
    "fields": {"type": "section", "fields": [mrkdwn("x")] * 11},
    "field text": {"type": "section", "fields": [mrkdwn("x" * 2001)]},
    "header": {"type": "header", "text": plain("x" * 151)},
    "mrkdwn in a header": {"type": "header", "text": mrkdwn("x")},
    "context": {"type": "context", "elements": [mrkdwn("x")] * 11},
    "empty context": {"type": "context", "elements": []},
    "button in a context": {"type": "context", "elements": [button("a", "a")]},
    "actions": actions(*[button("x", f"a{n}") for n in range(26)]),
    "no actions": actions(),
    "text input in actions": actions({"type": "plain_text_input", "action_id": "a"}),
    "same action_id": actions(button("a", "same"), button("b", "same")),
    "action_id": actions(button("a", "x" * 256)),
    "block_id": section("a", block_id="x" * 256),
    "button text": actions(button("x" * 76, "a")),
    "button value": actions(button("x", "a", value="x" * 2001)),
    "button url": actions(button("x", "a", url="https://e.com/" + "x" * 3000)),
    "mailto in a button": actions(button("x", "a", url="mailto:a@example.com")),
    "button style": actions(button("x", "a", style="default")),
    "mrkdwn in a button": actions({"type": "button", "text": mrkdwn("x"), "action_id": "a"}),
    "confirm title": actions(button("x", "a", confirm=CONFIRM | {"title": plain("x" * 101)})),
    "confirm text": actions(button("x", "a", confirm=CONFIRM | {"text": plain("x" * 301)})),
    "confirm button": actions(button("x", "a", confirm=CONFIRM | {"confirm": plain("x" * 31)})),
    "deny button": actions(button("x", "a", confirm=CONFIRM | {"deny": plain("x" * 31)})),
    "no options": _select(),
    "empty options": _select(options=[]),
    "101 options": _select(options=_many(101)),
    "101 groups": _select(option_groups=[{"label": plain("g"), "options": _many(1)}] * 101),
    "both kinds of options": _select(
        options=_many(1), option_groups=[{"label": plain("g"), "options": _many(1)}]
    ),
    "option text": _select(options=[option("x" * 76, "v")]),
    "option value": _select(options=[option("x", "v" * 76)]),
    "option description": _select(options=[option("x", description=plain("x" * 76))]),
    "option values twice": _select(options=[option("a", "v"), option("b", "v")]),
    "mrkdwn option": _select(options=[{"text": mrkdwn("x"), "value": "v"}]),
    "foreign initial option": _select(options=OPTIONS, initial_option=option("Three")),
    "placeholder": _select(options=OPTIONS, placeholder=plain("x" * 151)),
    "radio": actions({"type": "radio_buttons", "action_id": "a", "options": _many(11)}),
    "checkboxes": actions({"type": "checkboxes", "action_id": "a", "options": _many(11)}),
    "overflow": actions({"type": "overflow", "action_id": "a", "options": _many(6)}),
    "date": actions({"type": "datepicker", "action_id": "a", "initial_date": "2026-13-01"}),
    "no such date": actions({"type": "datepicker", "action_id": "a", "initial_date": "2026-02-30"}),
    "empty filter": actions({"type": "conversations_select", "action_id": "a", "filter": {}}),
    "time": actions({"type": "timepicker", "action_id": "a", "initial_time": "24:00"}),
    "input label": input_block("x" * 2001, "b", {"type": "plain_text_input"}),
    "input hint": input_block("x", "b", {"type": "plain_text_input"}, hint=plain("x" * 2001)),
    "button as input": _input(type="button", text=plain("x")),
    "password": _input(type="plain_text_input", is_password=True),
    "crossed lengths": _input(type="plain_text_input", min_length=5, max_length=4),
    "max_length": _input(type="plain_text_input", max_length=3001),
    "number without is_decimal_allowed": _input(type="number_input"),
    "number": _input(type="number_input", is_decimal_allowed=False, initial_value="1.5"),
    "crossed numbers": _input(
        type="number_input", is_decimal_allowed=True, min_value="2", max_value="1"
    ),
    "more initial than allowed": _input(
        type="multi_static_select",
        options=OPTIONS,
        initial_options=OPTIONS,
        max_selected_items=1,
    ),
    "image without alt_text": {"type": "image", "image_url": "https://example.com/a.png"},
    "image without source": {"type": "image", "alt_text": "x"},
    "image of no file": {"type": "image", "alt_text": "x", "slack_file": {}},
    "card title": CARD | {"title": mrkdwn("x" * 151)},
    "card body": CARD | {"body": mrkdwn("x" * 201)},
    "card actions": CARD | {"actions": [button("x", f"a{n}") for n in range(4)]},
    "rich text part": {"type": "rich_text", "elements": [{"type": "rich_text_table"}]},
    "empty rich text": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
    },
    "user in preformatted": {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}
        ],
    },
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_block_is_refused(name: str) -> None:
    problems = check_blocks([INVALID[name]], "modal")
    assert problems
    assert all(p.startswith("[ERROR] ") and "[json-pointer:/blocks" in p for p in problems)


@pytest.mark.parametrize("surface", SURFACES)
def test_block_on_the_wrong_surface(surface: str) -> None:
    mine = {b["type"] for b in ONLY[surface]}
    others = [b for s in SURFACES for b in ONLY[s] if b["type"] not in mine]
    assert all(check_blocks([b], surface) for b in others)


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_number_of_blocks(surface: str, most: int) -> None:
    assert check_blocks([{"type": "divider"}] * most, surface) == []
    assert check_blocks([{"type": "divider"}] * (most + 1), surface)


def test_rules_over_several_blocks() -> None:
    twice = [section("a", block_id="same"), section("b", block_id="same")]
    focus = [text_input("A", "a", focus_on_load=True), text_input("B", "b", focus_on_load=True)]
    assert "already exists" in check_blocks(twice, "modal")[0]
    assert "focus_on_load" in check_blocks(focus, "modal")[0]
    assert "one table" in check_blocks([TABLE, TABLE], "message")[0]
    assert "characters" in check_blocks([section("x" * 3000)] * 5, "message")[0]
    assert check_blocks([section("x" * 3000)] * 5, "modal") == []
    assert check_blocks("none", "message")


def test_views() -> None:
    question = text_input("Name", "name")
    assert check_view(modal(question, close=plain("No"), notify_on_close=True), "modal") == []
    assert check_view(home(section("Hello")), "home") == []
    without_submit = modal(question)
    del without_submit["submit"]
    wrong: list[Json] = [
        without_submit,
        modal(question, title=plain("x" * 25)),
        modal(question, submit=plain("x" * 25)),
        modal(question, close=plain("x" * 25)),
        modal(question, callback_id="x" * 256),
        modal(question, private_metadata="x" * 3001),
        modal(question, state={}),
        modal(question, blocks=[{"type": "divider"}] * 101),
        home(question),
    ]
    assert all(check_view(view, "modal") for view in wrong)
    assert check_view(modal(), "home")
    assert check_view(None, "modal")


def test_text_that_nobody_escaped() -> None:
    good = [section("a &lt; b <https://example.com?a&b|c> <@U1>\n> quote"), IMAGE, RICH_TEXT]
    assert check_mrkdwn(good, "/blocks") == []
    assert check_mrkdwn([section("a < b")], "/blocks") == ["unescaped '<' in /blocks/0/text"]
    assert check_mrkdwn("a <b <https://example.com>", "/text") == ["unescaped '<' in /text"]
    assert check_mrkdwn("a & b > c", "/text") == [
        "unescaped '&' in /text",
        "unescaped '>' in /text",
    ]
    assert check_mrkdwn("a <b> c", "/text") == []
    assert check_mrkdwn("a < b > c", "/text") == [
        "unescaped '<' in /text",
        "unescaped '>' in /text",
    ]
    assert check_mrkdwn([{"type": "header", "text": plain("a < b")}], "/blocks") == []


def _mutations(node: Any) -> Iterator[Any]:
    """Every way to break one place of a structure."""
    if isinstance(node, dict):
        yield node | {"unheard_of": 1}
        for key in node:
            yield {k: v for k, v in node.items() if k != key}
            for broken in _mutations(node[key]):
                yield node | {key: broken}
    elif isinstance(node, list):
        yield []
        yield [copy.deepcopy(node[0]) for _ in range(101)] if node else [1]
        for index, item in enumerate(node):
            for broken in _mutations(item):
                yield [*node[:index], broken, *node[index + 1 :]]
    elif isinstance(node, str):
        yield from ("", "x" * 12_001, "x" * 151, 7)
    else:
        yield from ("yes", -1, None)


_LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
_NAMES = st.sampled_from(["type", "text", "elements", "options", "element", "value", "label"])
_KINDS = st.sampled_from(["section", "actions", "input", "plain_text", "button", "rich_text"])
_ANYTHING = st.recursive(
    _LEAF | _KINDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=20,
)


@given(_ANYTHING)
def test_nonsense_is_refused_without_a_crash(nonsense: Any) -> None:
    for surface in SURFACES:
        looks_right = isinstance(nonsense, dict) and "type" in nonsense
        assert looks_right or check_blocks([section("ok"), nonsense], surface)
    assert check_view(nonsense, "modal")


@pytest.mark.parametrize("surface", SURFACES)
def test_at_least_as_strict_as_the_published_types(surface: str) -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("the published schemas lie beside the project only in its workshop")
    schema = json.loads((SCHEMAS / f"{surface}.schema.json").read_text())
    validator = jsonschema.Draft7Validator(schema)
    for block in examples(surface):
        error = next(validator.iter_errors(_whole(block, surface)), None)
        assert error is None, (block, error)
        accepted = (b for b in _mutations(block) if not check_blocks([b], surface))
        missed = [b for b in accepted if not validator.is_valid(_whole(b, surface))]
        assert missed == []


def _whole(block: Json, surface: str) -> Json:
    if surface == "modal":
        return modal(block)
    return home(block) if surface == "home" else {"text": "Text", "blocks": [block]}
