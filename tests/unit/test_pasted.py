"""Every dressing on every field: the right value, or a sentence about what stands around it."""

import secrets
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.views.kit.wording import error_text
from flows.checks.question import SourceAnswers
from flows.checks.sources import check_source_text, split_ids
from flows.checks.token import check_slug_text, check_token_text
from flows.checks.write_key import check_write_key_text
from flows.errors import ErrorCode, Field, FieldError
from flows.pasted import (
    account_name,
    address_path,
    alone,
    bare,
    event_name,
    listed,
    name,
    plain,
    ticket_number,
    visible,
    written,
)
from flows.secret_shapes import looks_like_id, looks_like_token

LETTERS = string.ascii_letters + string.digits


def random_value(length: int) -> str:
    return "a1Z" + "".join(secrets.choice(LETTERS) for _ in range(length - 3))


SGP, CONFIG, UNPREFIXED = (
    "sgp_" + random_value(64),
    f"{random_value(43)}.{random_value(43)}",
    random_value(64),
)
KEY, SHORT_KEY, ID, SLUG = random_value(32), random_value(22), random_value(22), "acme-inc-2"


def token(text: str) -> tuple[str, FieldError | None]:
    value, wrong = check_token_text(text)
    return value.get_secret_value(), wrong.errors[0] if wrong else None


def write_key(text: str) -> tuple[str, FieldError | None]:
    value, wrong = check_write_key_text(text)
    return value.get_secret_value(), wrong.errors[0] if wrong else None


def slug(text: str) -> tuple[str, FieldError | None]:
    value, wrong = check_slug_text(text)
    return value, wrong.errors[0] if wrong else None


def source_id(text: str) -> tuple[str, FieldError | None]:
    wrong = check_source_text(SourceAnswers((), text))
    return "|".join(split_ids(text)), wrong[0] if wrong else None


FIELDS = [
    (token, SGP),
    (token, CONFIG),
    (token, UNPREFIXED),
    (write_key, KEY),
    (write_key, SHORT_KEY),
    (source_id, ID),
    (source_id, "web-app"),
    (slug, SLUG),
]
# Values are made as the tests run; workers must call the cases the same.
NAMES = ["token", "config", "unprefixed", "write_key", "short_key", "id", "source", "slug"]
DRESSINGS = [
    "{}",
    "  {}\n",
    "\u00a0{}\u2003",
    "\ufeff{}\u200b",
    "\u2066{}\u2069",
    "\u3164{}\u2800",
    "\u2028{}\r\n",
    '"{}"',
    "'{}'",
    "“{}”",
    "„{}“",
    "«{}»",
    "»{}«",
    "‘{}’",
    "`{}`",
    "```{}```",
    "```\n{}\n```",
    "<{}>",
    "({})",
    "[{}]",
    "{{{}}}",
    "*{}*",
    "「{}」",
    "{},",
    "{};",
    "| {} |",
    "{}.",
    "“{}.”",
    "{}!",
    "- {}",
    "* {}",
    "• {}",
    "•{}",
    "– {}",
    "1. {}",
    "2) {}",
    "(a) {}",
    "> {}",
    "✅ {}",
    "Value: {}",
    "Value：{}",
    "Value:\n{}",
    "Source ID: {}",
    "Source ID\n{}",
    "Source ID {}",
    "Access token: {}",
    "our access token is {}",
    "- Write key: `{}`",
    "*Workspace slug:* {}",
    "SEGMENT_VALUE={}",
    'export SEGMENT_VALUE="{}"',
    "Bearer {}",
    "bearer\u00a0{}",
    "Authorization: Bearer {}",
    "-H 'Authorization: Bearer {}'",
    '"sourceId": "{}",',
    '{{"value":"{}"}}',
]


@pytest.mark.parametrize(("field", "value"), FIELDS, ids=NAMES)
def test_the_value_comes_out_of_every_dressing(
    field: Callable[[str], tuple[str, FieldError | None]], value: str
) -> None:
    found = {dressing: field(dressing.format(value)) for dressing in DRESSINGS}
    assert found == dict.fromkeys(DRESSINGS, (value, None))


@pytest.mark.parametrize(("field", "value"), FIELDS, ids=NAMES)
def test_nobody_sees_a_character_in_the_middle(
    field: Callable[[str], tuple[str, FieldError | None]], value: str
) -> None:
    for hidden in "\u200b\u00ad\u2060\ufeff\u200d\u034f\ufe0f\x00\U000e0041":
        assert field(value[:9] + hidden + value[9:]) == (value, None)


@pytest.mark.parametrize("hyphen", ["\u2010", "\u2011", "–", "—", "\u2212", "－"])
def test_typographic_hyphens_are_hyphens(hyphen: str) -> None:
    assert slug(f"acme{hyphen}inc") == ("acme-inc", None)
    assert source_id(f"web{hyphen}app") == ("web-app", None)


# --- tokens and keys ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'curl -H "Authorization: Bearer {}" https://api.segmentapis.com/sources',
        "Hi! Our token for you is {} - thanks, Ada 2",
        "Public API\nToken\n{}\nCreated 28 Nov 2026",
        "{}\n{}",
    ],
)
@pytest.mark.parametrize("value", [SGP, CONFIG], ids=["token", "config"])
def test_the_only_token_of_a_text_is_meant(text: str, value: str) -> None:
    assert token(text.replace("{}", value)) == (value, None)


@pytest.mark.parametrize("value", [SGP, CONFIG], ids=["token", "config"])
@pytest.mark.parametrize("wrapped", ["{}\n{}", "{}\r\n  {}", "Token: {}\n{}", "“{}\u2028{}”"])
def test_a_wrapped_token_is_one(value: str, wrapped: str) -> None:
    for at in (20, 44, 60):
        assert token(wrapped.format(value[:at], value[at:])) == (value, None)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        (f"{SGP} or {CONFIG}", " "),
        ("two words", " "),
        (f"{UNPREFIXED[:40]}\n{random_value(24)}", "\n"),
        (f"{UNPREFIXED}é", "é"),
        ("https://app.segment.com/acme?1", "?"),
    ],
    ids=["two", "words", "wrapped", "letter", "address"],
)
def test_what_is_no_single_token_is_told_by_what_stands_around(text: str, sign: str) -> None:
    _, wrong = token(text)
    assert wrong
    assert (wrong.code, wrong.params) == (ErrorCode.NOT_ALONE, {"sign": sign})
    said = error_text(wrong)
    assert ("a blank" if sign.isspace() else f"“{sign}”") in said
    assert "Segment" not in said


@pytest.mark.parametrize("field", [Field.TOKEN, Field.WRITE_KEY, Field.SOURCE_IDS, Field.SLUG])
def test_what_stands_around_has_words_for_each_field(field: Field) -> None:
    text = error_text(FieldError(field, ErrorCode.NOT_ALONE, {"sign": "\u00a0"}))
    assert "a blank" in text
    assert "{" not in text


def test_a_write_key_that_is_none_is_not_blamed_on_segment() -> None:
    assert write_key("my key, please")[1] == FieldError(
        Field.WRITE_KEY, ErrorCode.NOT_ALONE, {"sign": " "}
    )
    _, wrong = write_key("k" * 65)
    assert wrong
    assert wrong.code is ErrorCode.TOO_LONG
    for dressed in (SGP, f"Write key: {SGP}", f"{SGP[:30]}\u200b{SGP[30:]}"):
        _, wrong = write_key(dressed)
        assert wrong
        assert wrong.code is ErrorCode.WRITE_KEY_IS_TOKEN


# --- lists --------------------------------------------------------------------------------------

OTHER = random_value(22)


@pytest.mark.parametrize(
    "text",
    [
        "{}, {}",
        "{};{}",
        "{}|{}",
        "| {} | {} |",
        "{}\u2028{}",
        "{}\u00a0{}",
        "{}\u200b\n{}",
        "Source IDs: {}, {}",
        "Source IDs:\n- {}\n- {}\n",
        "Source ID\n{}\nSource ID\n{}",
        "1. {}\n2. {}",
        "• “{}”\n• “{}”.",
        '["{}", "{}"]',
        "ids = ['{}', '{}']",
        "Web app: {}\niOS app: {}",
        "{} (Web app)\n{} (iOS app)",
        "Web app {}\niOS app {}",
        "https://app.segment.com/acme/sources/{}/overview\n<https://app.segment.com/acme/sources/{}>",
        "{},{},{}",
    ],
)
def test_lists_of_every_form(text: str) -> None:
    filled = text.replace("{}", ID, 1).replace("{}", OTHER, 1).replace("{}", ID)
    assert source_id(filled) == (f"{ID}|{OTHER}", None)


def test_what_no_id_has_is_named_before_anything_is_asked() -> None:
    _, wrong = source_id("https://example.com/web")
    assert wrong
    assert (wrong.code, wrong.params["sign"]) == (ErrorCode.NOT_ALONE, "/")
    _, wrong = source_id(f"{SGP[:20]}\u2060{SGP[20:]}")
    assert wrong
    assert wrong.code is ErrorCode.SOURCE_IS_TOKEN
    _, wrong = source_id("Source ID:")
    assert wrong
    assert wrong.code is ErrorCode.REQUIRED


# --- laws ---------------------------------------------------------------------------------------

ANYTHING = st.text(max_size=120) | st.text(
    alphabet="aZ1-.:=\"'“”[]() \n\u200b\u00a0•,;|", max_size=40
)


CLEANERS = (visible, plain, bare, name, account_name, event_name, ticket_number, written)


@given(ANYTHING)
def test_cleaning_a_second_time_changes_nothing(text: str) -> None:
    def keyed(raw: str) -> str:
        return alone(raw, looks_like_id)

    for clean in (*CLEANERS, keyed):
        assert clean(clean(text)) == clean(text)
    values = listed(text, looks_like_id)
    assert listed("\n".join(values), looks_like_id) == [
        each for value in values for each in listed(value, looks_like_id)
    ]


@given(st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,80}[A-Za-z0-9_-])?", fullmatch=True))
def test_a_bare_value_stays(value: str) -> None:
    assert bare(value) == value
    assert alone(value, looks_like_token) == value
    assert visible(value) == value
    assert listed(value, looks_like_id) == [value]
    assert address_path(value) is None or "segment." in value.lower()


@given(ANYTHING)
def test_what_comes_out_can_be_seen(text: str) -> None:
    hidden = {"\u200b", "\u00a0", "\ufeff", "\x00", "\t", "\r"}
    assert not hidden & set(visible(text))
