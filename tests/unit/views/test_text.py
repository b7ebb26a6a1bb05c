"""Escaping, clipping and dates: text by people or Segment never becomes markup."""

import json
import re
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.kit.blocks import alert, make_metadata, parse_metadata
from bot.views.kit.links import Page, is_whole_mail, replay_mail_url, segment_url
from bot.views.kit.text import (
    clip,
    code,
    dated,
    day,
    day_of,
    escape,
    lines,
    link,
    moment,
    name,
    numbered,
    size,
    tidy,
)
from flows.replay.text import ReplayText
from flows.vocabulary import Region
from tests.unit.views.message_cases import integration

FAMILY = "👨‍👩‍👧"
MARKUP = re.compile(r"(?<![\w\u2060])([*_~`])(?=\S)[^\n]*?\S\1(?![\w\u2060])")


@given(st.text())
def test_escaped_text_holds_no_markup(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert re.sub(r"&(amp|lt|gt);", "", escaped).count("&") == 0
    assert not MARKUP.search(escaped)
    assert "\n" not in escaped


@pytest.mark.parametrize("plain", ["Web app", "snake_case_name", "a*b*c", "naïve ~ish"])
def test_harmless_names_stay_readable(plain: str) -> None:
    assert escape(plain).replace("\u2060", "") == plain


def test_snake_case_copies_cleanly() -> None:
    assert escape("web_app_prod") == "web_app_prod"


def test_mentions_emoji_codes_and_quotes_are_only_text() -> None:
    assert escape("<@U123> <!channel>") == "&lt;@U123&gt; &lt;!channel&gt;"
    assert ":wave:" not in escape(":wave:")
    assert not escape("> quoted").startswith("&gt;")
    assert escape("&lt;") == "&amp;lt;"


def test_direction_overrides_go_and_right_to_left_names_are_isolated() -> None:
    assert tidy("a\u202eb\x07\nc") == "ab c"
    assert name("שלום") == "\u2068שלום\u2069"


def test_an_id_in_code_is_the_id_itself() -> None:
    assert code("a_b*c") == "`a_b*c`"
    assert code("a`b<c") == "`a'b&lt;c`"
    assert code("") == ""


@given(st.text(), st.integers(min_value=1, max_value=80))
def test_clipping_keeps_the_limit_and_short_text_as_it_is(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert size(clipped) <= limit
    if size(text) <= limit:
        assert clipped == text
    else:
        assert clipped.endswith("…")
        assert text.startswith(clipped[:-1])


@pytest.mark.parametrize("whole", [FAMILY, "🇩🇪", "👍🏽", "é", "각"])
def test_clipping_never_cuts_a_character_in_two(whole: str) -> None:
    for limit in range(1, 40):
        kept = clip(whole * 20, limit).removesuffix("…")
        assert kept == whole * kept.count(whole)


def test_lines_leave_out_whole_lines_only() -> None:
    assert lines(["one", "two"], 100) == "one\ntwo"
    assert lines(["a" * 40, "b" * 40, "c" * 40], 90) == "a" * 40 + "\n" + "b" * 40 + "\n…"
    assert numbered(["x", "y"]) == "1. x\n2. y"


def test_dates_are_tokens_with_utc_where_tokens_are_not_drawn() -> None:
    at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    assert moment(at) == "<!date^1772600760^{date_short}, {time}|2026-03-04 05:06 UTC>"
    assert day_of(at) == "<!date^1772600760^{date_short}|2026-03-04>"


def test_a_calendar_day_is_the_same_words_for_every_reader() -> None:
    """At noon in UTC it is the next day already in New Zealand, so a token would say that."""
    assert day(date(2026, 3, 4)) == "Mar 4, 2026"
    assert day(date.min) == "Jan 1, 1"
    assert day(date.max).endswith(" 9999")


def test_a_day_is_worded_for_each_reader() -> None:
    at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    assert (
        dated("since {day}", at) == "<!date^1772600760^since {date_short_pretty}|since 2026-03-04>"
    )


def test_a_link_cannot_be_broken_out_of() -> None:
    assert link("https://x.y/?a=1&b=<|>", "go > there") == (
        "<https://x.y/?a=1&amp;b=%3C%7C%3E|go &gt; there>"
    )


def test_a_linked_name_is_shown_as_any_other() -> None:
    for shown in ("متجر", "N" * 200, "a <b> & c"):
        assert link("https://x.y/", shown) == f"<https://x.y/|{name(shown)}>"


def test_a_long_alert_becomes_a_paragraph() -> None:
    assert alert("short").to_dict()["type"] == "alert"
    assert alert("long " * 50).to_dict()["type"] == "section"


def test_metadata_holds_the_integration_and_its_revision_only() -> None:
    made = make_metadata(integration())
    assert json.loads(made) == {"i": "int_1", "g": 0, "r": 0}
    assert parse_metadata(made).integration_id == "int_1"


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"i": 1, "r": "x"}'])
def test_strange_metadata_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_metadata(text)


def test_segments_pages_open_in_the_customers_own_workspace() -> None:
    known = integration()
    assert segment_url(Page.TOKENS, known).startswith("https://app.segment.com/acme-inc/settings/")


def test_before_the_workspace_is_known_segment_finds_it_and_in_the_eu_the_app_opens() -> None:
    unknown = type(known := integration())(
        id="int_2", tenant_id="T1", team_id="T1", created=known.created
    )
    url = segment_url(Page.SLUG, unknown)
    assert url == "https://app.segment.com/goto-my-workspace/settings/basic"
    european = type(known)(
        id="int_3", tenant_id="T1", team_id="T1", created=known.created, region=Region.EU
    )
    assert segment_url(Page.SLUG, european) == "https://eu1.app.segment.com"


def test_a_mail_carries_the_request_unless_it_is_too_long_for_an_address() -> None:
    short = ReplayText("Replay & more", "Hello", ("Source: a",), "Bye")
    assert "Replay%20%26%20more" in replay_mail_url(short)
    assert "body=Hello%0A%0ASource" in replay_mail_url(short)
    assert is_whole_mail(short)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), max_size=40))
def test_a_long_request_begins_in_the_mail_which_says_that_the_rest_is_pasted(
    blocks: list[str],
) -> None:
    text = ReplayText("Replay", "Hello", tuple(blocks), "Bye")
    url = replay_mail_url(text)
    assert len(url) <= 2000
    body = unquote(url.partition("&body=")[2])
    if is_whole_mail(text):
        assert body == text.plain()
    else:
        begun, _, note = body.rpartition("\n\n")
        assert text.plain().startswith(begun)
        assert "Please paste the rest" in note
