"""The request as JSON: it fits its published schema, and says what all other outputs say."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

from bot.views.kit.links import is_whole_mail, replay_mail_url
from bot.views.replay.dialogs import version_view
from bot.views.replay.message import text_blocks
from flows.pasted import one_line
from flows.replay.facts import ReplayRequest
from flows.replay.text import request_text
from flows.toplyne.document import handoff_document
from tests.unit.any_situation import requests
from tests.unit.views.message_cases import integration

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "handoff.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def document(request: ReplayRequest) -> dict[str, Any]:
    return handoff_document(integration(), request)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(requests)
def test_every_document_fits_the_published_schema(request: ReplayRequest) -> None:
    made = document(request)
    VALIDATOR.validate(json.loads(json.dumps(made)))
    assert set(made) == set(SCHEMA["properties"]), "nothing is sent that is not described"


@settings(max_examples=10)
@given(requests)
def test_no_field_may_be_missing(request: ReplayRequest) -> None:
    made = document(request)
    for field in SCHEMA["required"]:
        assert not VALIDATOR.is_valid({key: made[key] for key in made if key != field}), field


@given(requests)
def test_all_outputs_carry_the_same_request(request: ReplayRequest) -> None:
    text = request_text(request)
    made = document(request)
    assert made["text"] == text.plain()
    copied = "".join(_copied(text_blocks(text)))
    shown = "".join(_copied(version_view(request, [request.number], "Ada", []).blocks))
    assert shown == copied
    body = unquote(replay_mail_url(text).partition("&body=")[2])
    if is_whole_mail(text):
        assert body == text.plain()
    for fact in _facts(made):
        fact = one_line(fact)
        assert fact in text.plain()
        assert "".join(fact.split()) in "".join(copied.split())


def _facts(made: dict[str, Any]) -> list[str]:
    """What the JSON says and Segment must be told too."""
    start, end = (made["window"][name][:10] for name in ("start", "end"))
    sources = [source[key] for source in made["sources"] for key in ("id", "name")]
    names = made["events"]["included_names"] + made["events"]["excluded_names"]
    filters = [f["title"] for s in made["sources"] for f in s["filters"] or ()]
    kinds = [] if made["events"]["all"] else [k.capitalize() for k in made["events"]["call_types"]]
    workspace = [made["workspace"][key] for key in ("id", "slug", "name")]
    replaces = made["request"]["replaces"]
    sent = [replaces["sent_at"][:10], replaces["ticket"]] if replaces else []
    return [start, end, *sources, *names, *filters, *kinds, *workspace, *sent]


def _copied(blocks: Any) -> list[str]:
    travelling = [block.to_dict() for block in blocks]
    rich = [block for block in travelling if block["type"] == "rich_text"]
    return [block["elements"][0]["elements"][0]["text"] for block in rich]
