"""Slack waits three seconds for an acknowledgement, and whoever pressed must not be misled."""

import ast
from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

import bot.handlers
from bot.inbound.press import Press
from bot.inbound.refusals import sentence

HANDLERS = sorted(Path(bot.handlers.__file__).parent.glob("*.py"))
# What calls Slack by itself, not in the answer to the press.
CALLS = {each for each in vars(Press) if iscoroutinefunction(getattr(Press, each))}
FAILURES = {
    "an error of ours": ValueError(),
    "a refusal": SlackApiError("", {"error": "invalid_blocks"}),
    "a refusal that passes": SlackApiError("", {"error": "internal_error"}),
    "a limit": SlackApiError("", {"error": "ratelimited"}),
    "a cut connection": ClientError(),
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    yield from (node for node in ast.walk(tree) if isinstance(node, Function))


def calls(function: Function) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(function) if isinstance(node, ast.Call))


def takes_ack(function: Function) -> bool:
    return any(each.arg == "ack" for each in function.args.args)


def acknowledges(call: ast.Call) -> bool:
    """By itself, or by what it hands `ack` to."""
    return "ack" in {ast.unparse(each) for each in (call.func, *call.args)}


def calls_slack(call: ast.Call, helpers: set[str]) -> bool:
    of, _, name = ast.unparse(call.func).rpartition(".")
    if of in ("", "self"):
        return name in helpers
    return (of == "press" and name in CALLS) or of == "press.client"


def helpers_of(tree: ast.AST) -> set[str]:
    """Functions of the module that leave the acknowledgement to others and call Slack."""
    found: set[str] = set()
    while True:
        more = {
            each.name
            for each in functions(tree)
            if not takes_ack(each) and any(calls_slack(call, found) for call in calls(each))
        }
        more -= {each.name for each in functions(tree) if any(map(takes_ack, functions(each)))}
        if more <= found:
            return found
        found |= more


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.stem)
def test_a_handler_acknowledges_before_it_draws_anything_else(path: Path) -> None:
    """What it did is stored by then, so a slow or refused drawing must not look like a failure."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    helpers = helpers_of(tree)
    early = []
    for function in filter(takes_ack, functions(tree)):
        acks = [call.lineno for call in calls(function) if acknowledges(call)]
        drawn = [call.lineno for call in calls(function) if calls_slack(call, helpers)]
        if drawn and min(drawn) < min(acks):
            early.append(function.name)
    assert early == []


@pytest.mark.parametrize("name", FAILURES)
def test_what_can_come_behind_a_deed_says_neither_kept_nor_unchanged(name: str) -> None:
    """A press is stored before its answer is drawn, and some presses delete."""
    said = sentence(FAILURES[name], "0123abcd")
    for text in (said.message.text, str(said.modal.to_dict())):
        assert "may be saved already" in text
        assert "kept" not in text
        assert "nothing" not in text.casefold()
