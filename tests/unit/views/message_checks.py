"""Asks four judges whether Slack would accept a message or a Home.

Many are drawn alike, to the letter, and each such text is judged once.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import slackblocks as judge
from jsonschema import Draft7Validator
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.views.kit.message import Rendered
from playground.slack.blocks.check import check_blocks, check_mrkdwn, check_view

Json = dict[str, Any]
DIVIDER: Json = {"type": "divider"}
SCHEMAS = Path(__file__).parents[4] / "shared" / "slack"
NO_SCHEMAS = f"Slack's published schemas are not at hand in {SCHEMAS.name}"
SPOKEN_LIMIT = 4000  # bytes of `text`: `chat.update` refuses more
MESSAGE_BLOCKS, HOME_BLOCKS = 50, 100
HOME_BYTES = 250_000
LIMITS = {"section": 3000, "context": 3000, "header": 150}


def plain_blocks(blocks: list[Block]) -> list[Json]:
    """The blocks as they are sent."""
    found: list[Json] = json.loads(json.dumps([block.to_dict() for block in blocks]))
    return found


def check_message(rendered: Rendered) -> list[Json]:
    """Checks the limits of a message. Returns its blocks as they are sent."""
    blocks = plain_blocks(rendered.blocks)
    _judge_message(rendered.text, json.dumps(blocks))
    return blocks


@cache
def _judge_message(spoken: str, sent: str) -> None:
    blocks: list[Json] = json.loads(sent)
    assert 0 < len(spoken.encode()) <= SPOKEN_LIMIT
    assert 0 < len(blocks) <= MESSAGE_BLOCKS
    _check_blocks(blocks)
    assert check_blocks(blocks, "message") == []
    assert check_mrkdwn(blocks, "/blocks") == []
    judge.Message(channel="C1", text=spoken, blocks=[rebuilt(block) for block in blocks])


def check_home(view: View) -> list[Json]:
    """Checks the limits of App Home. Returns its blocks as they are sent."""
    sent = json.dumps(view.to_dict())
    _judge_home(sent)
    blocks: list[Json] = json.loads(sent)["blocks"]
    return blocks


@cache
def _judge_home(sent: str) -> None:
    assert len(sent) <= HOME_BYTES
    home: Json = json.loads(sent)
    blocks: list[Json] = home["blocks"]
    assert 0 < len(blocks) <= HOME_BLOCKS
    assert None not in blocks
    _check_blocks(blocks)
    assert check_view(home, "home") == []
    assert check_mrkdwn(blocks, "/blocks") == []
    judge.HomeTabView(blocks=[rebuilt(block) for block in blocks])


def buttons(blocks: list[Json]) -> list[Json]:
    """Every button in these blocks, in order."""
    rows = [block.get("elements", []) for block in blocks if block["type"] == "actions"]
    accessories = [block["accessory"] for block in blocks if "accessory" in block]
    return [button for row in rows for button in row] + accessories


def mrkdwn_of(blocks: list[Json]) -> list[str]:
    """Every piece of markup in these blocks, in order."""
    pieces: list[Json] = []
    for block in blocks:
        pieces += [block["text"]] if block["type"] == "section" else []
        pieces += block["elements"] if block["type"] == "context" else []
    return [piece["text"] for piece in pieces if piece["type"] == "mrkdwn"]


def _check_blocks(blocks: list[Json]) -> None:
    for block in blocks:
        for text in mrkdwn_of([block]):
            assert 0 < len(text) <= LIMITS[block["type"]]
        inside = Counter(element.get("action_id") for element in buttons([block]))
        assert all(count == 1 for count in inside.values()), f"twice in one block: {inside}"


def rebuilt(block: Json) -> judge.Block:
    """The same block made by another library, which raises beyond its own limits."""
    match block["type"]:
        case "section":
            accessory = _element(block["accessory"]) if "accessory" in block else None
            return judge.SectionBlock(text=_text(block["text"]), accessory=accessory)
        case "context":
            return judge.ContextBlock([_text(element) for element in block["elements"]])
        case "actions":
            return judge.ActionsBlock([_element(element) for element in block["elements"]])
        case "header":
            return judge.HeaderBlock(block["text"]["text"])
        case "divider":
            return judge.DividerBlock()
        case "input":
            typed = judge.PlainTextInput(block["element"]["action_id"])
            return judge.InputBlock(label=block["label"]["text"], element=typed)
        case "rich_text":
            (code,) = block["elements"]
            parts = [judge.RichText(part["text"]) for part in code["elements"]]
            return judge.RichTextBlock([judge.RichTextCodeBlock(parts)])
    raise AssertionError(f"no rule for a block of type {block['type']}")


def _text(text: Json) -> judge.Text:
    kind = judge.TextType.MARKDOWN if text["type"] == "mrkdwn" else judge.TextType.PLAINTEXT
    return judge.Text(text["text"], type_=kind)


def _element(element: Json) -> judge.Element:
    match element["type"]:
        case "static_select":
            groups = [
                judge.OptionGroup(judge.PlainText(group["label"]["text"]), _options(group))
                for group in element.get("option_groups", [])
            ]
            return judge.StaticSelectMenu(
                element["action_id"],
                _options(element) if "options" in element else None,
                groups or None,
                placeholder=element.get("placeholder", {}).get("text"),
            )
        case "overflow":
            return judge.OverflowMenu(element["action_id"], _options(element))
    return _button(element)


def _options(element: Json) -> list[judge.Option]:
    return [
        judge.Option(judge.PlainText(option["text"]["text"]), option["value"])
        for option in element["options"]
    ]


def _button(button: Json) -> judge.Button:
    confirm = button.get("confirm")
    question = None
    if confirm:
        parts = {key: judge.PlainText(confirm[key]["text"]) for key in confirm if key != "style"}
        question = judge.Confirm(**parts)
    return judge.Button(
        text=judge.PlainText(button["text"]["text"]),
        action_id=button["action_id"],
        url=button.get("url"),
        value=button.get("value"),
        style=button.get("style"),
        confirm=question,
    )


def judged_once(
    drawn: Iterable[Json], like: Callable[[Json], Json] = lambda _: DIVIDER
) -> list[Json]:
    """What Slack's schema has to judge instead of all that is drawn, because it takes long.

    It judges each block by itself. Blocks that many share are therefore judged once, and each frame
    with as many of the cheapest block as it had; `like` says which stands for a block.
    """
    blocks: dict[str, Json] = {}
    frames: dict[str, Json] = {}
    for each in drawn:
        blocks.update((json.dumps(block), block) for block in each["blocks"])
        frame = {**each, "blocks": [like(block) for block in each["blocks"]]}
        frames[json.dumps(frame)] = frame
    carrier = max(frames.values(), key=lambda frame: "submit" in frame)
    return [*frames.values(), *({**carrier, "blocks": [block]} for block in blocks.values())]


@cache
def schema(name: str) -> Draft7Validator | None:
    """The schema of `message` or `home`, or None if it is not available."""
    path = SCHEMAS / f"{name}.schema.json"
    return Draft7Validator(json.loads(path.read_text())) if path.exists() else None
