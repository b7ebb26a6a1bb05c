"""Asks three judges whether Slack would accept a modal. Two of them are not ours.

As with messages, what is drawn alike is judged once.
"""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import slackblocks as judge
from slack_sdk.models.views import View

from bot.views.setup.screen import step_view
from flows.model import Screen, Situation
from flows.setup.results import Notice, ShowStep
from playground.slack.blocks.check import check_mrkdwn, check_view
from tests.unit.views.message_checks import DIVIDER, judged_once, rebuilt, schema

Json = dict[str, Any]
VIEW_BYTES = 250_000
METADATA_SMALL = 200
INPUT = {
    "type": "input",
    "label": {"type": "plain_text", "text": "Token"},
    "element": {"type": "plain_text_input", "action_id": "token"},
}


def check_modal(view: View) -> Json:
    """Checks the limits of a modal. Returns it as it is sent."""
    sent = json.dumps(view.to_dict())
    _judge(sent)
    modal: Json = json.loads(sent)
    return modal


@cache
def _judge(sent: str) -> None:
    modal: Json = json.loads(sent)
    assert None not in modal["blocks"]
    assert len(sent) <= VIEW_BYTES
    assert len(modal.get("private_metadata", "")) <= METADATA_SMALL
    assert check_view(modal, "modal") == []
    assert check_mrkdwn(modal["blocks"], "blocks") == []
    _ask_the_library(modal)


def travelling(view: View) -> Json:
    """A modal as Slack receives it."""
    found: Json = json.loads(json.dumps(view.to_dict()))
    return found


def drawn(screen: Screen, situation: Situation, notice: Notice | None = None) -> Json:
    """A screen as it is sent, checked."""
    return check_modal(step_view(ShowStep(screen, situation, notice=notice)))


def inputs(modal: Json) -> dict[str, Json]:
    """The inputs of a modal by block id."""
    return {b["block_id"]: b for b in modal["blocks"] if b["type"] == "input"}


def words(modal: Json) -> str:
    """Everything that a person reads in a modal."""
    found: list[str] = []

    def collect(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                collect(each)
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str):
                found.append(node["text"])
            for each in node.values():
                collect(each)

    collect(modal)
    return "\n".join(found)


def action_values(modal: Json) -> dict[str, str]:
    """The buttons of a modal, as action id to value: the last one of each action."""
    rows = [b["elements"] for b in modal["blocks"] if b["type"] == "actions"]
    rows += [[b["accessory"]] for b in modal["blocks"] if "accessory" in b]
    return {each["action_id"]: each.get("value", "") for row in rows for each in row}


def _ask_the_library(modal: Json) -> None:
    judge.ModalView(
        title=modal["title"]["text"],
        blocks=[_rebuilt(block) for block in modal["blocks"]],
        close=modal["close"]["text"],
        submit=modal["submit"]["text"] if "submit" in modal else None,
        private_metadata=modal.get("private_metadata"),
        callback_id=modal["callback_id"],
        external_id=modal.get("external_id"),
    )


def _rebuilt(block: Json) -> judge.Block:
    match block["type"]:
        case "alert":
            return judge.AlertBlock(judge.PlainText(block["text"]["text"]), block["level"])
        case "input":
            return judge.InputBlock(
                label=block["label"]["text"],
                element=_element(block["element"]),
                block_id=block["block_id"],
                hint=block["hint"]["text"] if "hint" in block else None,
                optional=block.get("optional", False),
            )
    return rebuilt(block)


def _element(element: Json) -> judge.Element:
    action_id = element["action_id"]
    match element["type"]:
        case "plain_text_input":
            return judge.PlainTextInput(action_id, element.get("initial_value"))
        case "radio_buttons":
            return judge.RadioButtonGroup(action_id, _options(element["options"]))
        case "checkboxes":
            return judge.CheckboxGroup(action_id, _options(element["options"]))
        case "datepicker":
            return judge.DatePicker(action_id, element.get("initial_date"))
        case "datetimepicker":
            return judge.DateTimePicker(action_id, element["initial_date_time"])
        case "static_select":
            return judge.StaticSelectMenu(
                action_id,
                _options(element["options"]),
                initial_option=_options([element["initial_option"]])[0],
            )
        case "multi_static_select":
            return judge.StaticMultiSelectMenu(
                action_id,
                _options(element["options"]),
                initial_options=_options(element.get("initial_options", [])) or None,
            )
        case "multi_external_select":
            return judge.ExternalMultiSelectMenu(
                action_id,
                element["min_query_length"],
                _options(element.get("initial_options", [])) or None,
            )
        case "multi_users_select":
            return judge.UserMultiSelectMenu(action_id, initial_users=element.get("initial_users"))
        case "users_select":
            return judge.UserSelectMenu(action_id)
    raise AssertionError(f"no rule for {element['type']}")


def _options(options: list[Json]) -> list[judge.Option]:
    return [
        judge.Option(
            judge.PlainText(each["text"]["text"]),
            each["value"],
            judge.PlainText(each["description"]["text"]) if "description" in each else None,
        )
        for each in options
    ]


def modal_problems(modals: Iterable[Json]) -> list[str] | None:
    """What Slack's published types say against these modals, or None if they are not available."""
    validator = schema("modal")
    if validator is None:
        return None

    def like(block: Json) -> Json:
        """A modal with an input needs its submit."""
        return INPUT if block["type"] == "input" else DIVIDER

    judged = judged_once(modals, like)
    return [problem.message for each in judged for problem in validator.iter_errors(each)]
