"""What a pasted token or slug is, for every answer that Segment can give."""

import asyncio
import secrets
import string
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flows.checks.question import CheckStage, Found, Refused, TokenAccepted
from flows.checks.segment import SegmentSource
from flows.checks.token import (
    MAX_SLUG,
    MAX_TOKEN,
    check_slug_text,
    check_token_text,
    examine_free,
    examine_token,
)
from flows.errors import ErrorCode, Field, SegmentUnavailable
from flows.model import TokenKind, Verification
from flows.vocabulary import Region, Source, Workspace
from tests.unit.checks.scripted_segment import FAILURES, ScriptedSegment

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACME = Workspace("acme", "ws1", "Acme Inc")
WEB = SegmentSource(Source("src1", "web-app", "Web app"), enabled=True)
GOOD: dict[str, Any] = {
    "workspace": ACME,
    "sources": [WEB],
    "destinations": [],
    "users": True,
    "volumes": {},
}
TOKEN = SecretStr("sgp_" + secrets.token_hex(32))
LETTERS = string.ascii_letters + string.digits


def write_key_shaped() -> SecretStr:
    return SecretStr(secrets.token_hex(16))


async def examined(
    segment: ScriptedSegment,
    token: SecretStr = TOKEN,
    *,
    region: Region = Region.US,
    on_business: bool = True,
    heard: list[Found] | None = None,
) -> TokenAccepted | Refused:
    report = (heard if heard is not None else []).append
    return await examine_token(
        segment, token, region, on_business=on_business, now=NOW, report=report
    )


def code(answer: TokenAccepted | Refused) -> ErrorCode:
    assert isinstance(answer, Refused)
    (error,) = answer.errors
    return error.code


def in_europe(answers: dict[str, Any]) -> dict[str, Any]:
    return {f"{call}_at_eu": answer for call, answer in answers.items()}


# --- tokens -------------------------------------------------------------------------------------


async def test_a_good_token_and_what_is_found_on_the_way() -> None:
    heard: list[Found] = []
    answer = await examined(ScriptedSegment(**GOOD), heard=heard)
    assert isinstance(answer, TokenAccepted)
    assert (answer.workspace, answer.region, answer.maybe_not_owner) == (ACME, Region.US, False)
    assert answer.verification is Verification.VERIFIED
    stages = [
        Found(CheckStage.TOKEN),
        Found(CheckStage.WORKSPACE, "Acme Inc"),
        Found(CheckStage.LISTING),
    ]
    assert heard == stages


@pytest.mark.parametrize("region", list(Region))
async def test_the_other_region_is_tried_whichever_was_chosen(region: Region) -> None:
    answers = GOOD if region is Region.EU else in_europe(GOOD)
    answer = await examined(ScriptedSegment(**answers), region=region)
    assert isinstance(answer, TokenAccepted)
    assert answer.region is region.other


async def test_on_a_plan_without_regions_europe_means_another_plan() -> None:
    answer = await examined(ScriptedSegment(**in_europe(GOOD)), on_business=False)
    assert code(answer) is ErrorCode.TOKEN_OTHER_REGION


@pytest.mark.parametrize("users", FAILURES)
async def test_a_suspected_role_is_never_a_refusal(users: str) -> None:
    answer = await examined(ScriptedSegment(**{**GOOD, "users": users}))
    assert isinstance(answer, TokenAccepted)
    assert answer.maybe_not_owner is (users in ("401", "403"))


@pytest.mark.parametrize("volumes", FAILURES)
async def test_without_figures_sources_are_listed_by_name(volumes: str) -> None:
    listing = [SegmentSource(Source(name, name, name), enabled=True) for name in ("b", "A", "c")]
    answer = await examined(ScriptedSegment(**{**GOOD, "volumes": volumes, "sources": listing}))
    assert isinstance(answer, TokenAccepted)
    assert answer.maybe_not_owner is (volumes in ("401", "403"))
    assert [(entry.source.name, entry.events) for entry in answer.entries] == [
        ("A", None),
        ("b", None),
        ("c", None),
    ]


@pytest.mark.parametrize("status", ["401", "403"])
@pytest.mark.parametrize("call", ["sources", "destinations"])
async def test_a_needed_call_that_is_refused_is_named(call: str, status: str) -> None:
    answer = await examined(ScriptedSegment(**{**GOOD, call: status}))
    assert code(answer) is ErrorCode.TOKEN_LACKS_CALL
    assert isinstance(answer, Refused)
    assert answer.errors[0].params == {"call": call, "role": "Workspace Owner"}


@pytest.mark.parametrize("kind", ["404", "422", "down"])
async def test_a_list_that_cannot_be_had_is_not_the_tokens_fault(kind: str) -> None:
    with pytest.raises(SegmentUnavailable):
        await examined(ScriptedSegment(**{**GOOD, "sources": kind}))


@pytest.mark.parametrize("config", [ACME, "403", "404"])
async def test_whatever_the_config_api_knows_is_its_token(config: Workspace | str) -> None:
    answer = await examined(ScriptedSegment(config=config))
    assert code(answer) is ErrorCode.TOKEN_IS_CONFIG_API


def config_api_shaped() -> SecretStr:
    halves = ["".join(secrets.choice(LETTERS) for _ in range(43)) for _ in range(2)]
    return SecretStr(".".join(halves))


async def test_a_dead_config_api_token_is_known_by_its_shape() -> None:
    answer = await examined(ScriptedSegment(), config_api_shaped())
    assert code(answer) is ErrorCode.TOKEN_IS_CONFIG_API


async def test_a_write_key_is_named_and_only_its_shape_is_asked_about() -> None:
    segment = ScriptedSegment(write_key=True)
    assert code(await examined(segment, write_key_shaped())) is ErrorCode.TOKEN_IS_WRITE_KEY
    assert code(await examined(segment)) is ErrorCode.TOKEN_REFUSED
    assert segment.asked.count("write_key") == 1


async def test_a_decisive_answer_wins_over_a_host_that_is_down() -> None:
    answer = await examined(ScriptedSegment(**GOOD, workspace_at_eu="down"))
    assert isinstance(answer, TokenAccepted)
    answer = await examined(ScriptedSegment(workspace="down", workspace_at_eu="down", config="404"))
    assert code(answer) is ErrorCode.TOKEN_IS_CONFIG_API


OUTCOMES = st.sampled_from(FAILURES)


@given(
    here=OUTCOMES,
    there=OUTCOMES,
    config=OUTCOMES,
    write_key=st.one_of(OUTCOMES, st.booleans()),
)
def test_a_refusal_needs_segments_no_in_both_regions(
    here: str, there: str, config: str, write_key: str | bool
) -> None:
    """Whichever call fails, the customer is blamed only if Segment itself said no."""
    segment = ScriptedSegment(
        workspace=here, workspace_at_eu=there, config=config, write_key=write_key
    )
    both_said_no = {here, there} <= {"401", "403"}
    recognised = config in ("403", "404") or (write_key is True and both_said_no)
    try:
        found = code(asyncio.run(examined(segment, write_key_shaped())))
    except SegmentUnavailable:
        assert not both_said_no
        assert not recognised
        return
    assert recognised or both_said_no
    assert (found is ErrorCode.TOKEN_REFUSED) is not recognised
    assert both_said_no or "write_key" not in segment.asked


@pytest.mark.parametrize("length", [15, 16, 21, 23, 31, 33, 40])
async def test_a_token_is_never_put_into_an_address_for_its_length(length: int) -> None:
    """Older tokens have no prefix; one of 40 characters opened workspaces."""
    segment = ScriptedSegment(write_key=True)
    value = SecretStr("".join(secrets.choice(LETTERS) for _ in range(length)))
    assert code(await examined(segment, value)) is ErrorCode.TOKEN_REFUSED
    await examine_free(segment, value, "acme")
    assert "write_key" not in segment.asked


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), OUTCOMES))
def test_accepted_only_if_every_needed_call_was_not_refused(broken: dict[str, str]) -> None:
    segment = ScriptedSegment(**{**GOOD, **broken})
    try:
        answer = asyncio.run(examined(segment))
    except SegmentUnavailable:
        assert {"workspace", "sources"} & {c for c in broken if broken[c] in ("404", "422", "down")}
        return
    refused = {call for call, kind in broken.items() if kind in ("401", "403")}
    needed = {"workspace", "sources", "destinations"} & refused
    assert isinstance(answer, Refused) is bool(needed)


# --- Free ---------------------------------------------------------------------------------------


async def test_free_without_a_token_asks_nothing() -> None:
    segment = ScriptedSegment()
    answer = await examine_free(segment, None, "acme")
    assert isinstance(answer, TokenAccepted)
    assert (answer.kind, answer.verification) == (TokenKind.NONE, Verification.UNVERIFIED)
    assert segment.asked == []


@pytest.mark.parametrize("spelled", ["acme", "ACME"])
async def test_free_verifies_where_an_api_knows_the_workspace(spelled: str) -> None:
    for answers, kind in (
        ({"config": ACME}, TokenKind.CONFIG_API),
        ({"workspace": ACME}, TokenKind.PUBLIC_API),
    ):
        answer = await examine_free(ScriptedSegment(**answers), TOKEN, spelled)
        assert isinstance(answer, TokenAccepted)
        assert (answer.kind, answer.verification) == (kind, Verification.VERIFIED)


async def test_free_refuses_a_config_api_token_that_the_config_api_refuses() -> None:
    answer = await examine_free(ScriptedSegment(config="401"), config_api_shaped(), "acme")
    assert isinstance(answer, Refused)
    (error,) = answer.errors
    assert (error.field, error.code) == (Field.TOKEN, ErrorCode.TOKEN_REFUSED)
    other = await examine_free(ScriptedSegment(config="401"), TOKEN, "acme")
    assert isinstance(other, TokenAccepted), "of another token it says nothing"


async def test_free_names_the_workspace_that_the_token_opens() -> None:
    answer = await examine_free(ScriptedSegment(workspace=ACME), TOKEN, "globex")
    assert code(answer) is ErrorCode.SLUG_OTHER_WORKSPACE


@given(
    config=OUTCOMES,
    public=OUTCOMES,
    elsewhere=OUTCOMES,
    write_key=st.one_of(OUTCOMES, st.booleans()),
)
def test_free_accepts_as_unverified_what_nobody_can_check(
    config: str, public: str, elsewhere: str, write_key: str | bool
) -> None:
    segment = ScriptedSegment(
        config=config, workspace=public, workspace_at_eu=elsewhere, write_key=write_key
    )
    refused_everywhere = {public, elsewhere} <= {"401", "403"}
    try:
        answer = asyncio.run(examine_free(segment, write_key_shaped(), "acme"))
    except SegmentUnavailable:
        assert "down" in (config, public)
        return
    assert refused_everywhere or "write_key" not in segment.asked
    if isinstance(answer, TokenAccepted):
        assert answer.verification is Verification.UNVERIFIED
    elif write_key is True and refused_everywhere:
        assert code(answer) is ErrorCode.TOKEN_IS_WRITE_KEY
    else:
        assert code(answer) is ErrorCode.SLUG_UNKNOWN
        assert config in ("403", "404")


# --- texts --------------------------------------------------------------------------------------


@given(
    core=st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,400}[A-Za-z0-9_-])?", fullmatch=True),
    around=st.text(alphabet=" \t\n\r\u00a0\u2003", max_size=5),
)
def test_white_space_around_a_token_does_not_matter(core: str, around: str) -> None:
    token, mistake = check_token_text(around + core + around[::-1])
    assert token.get_secret_value() == core
    assert mistake is None


@given(st.text(max_size=MAX_TOKEN + 5))
def test_what_passes_as_a_token_can_stand_in_a_header(raw: str) -> None:
    token, mistake = check_token_text(raw)
    if mistake is None:
        text = token.get_secret_value()
        assert text.isascii()
        assert not any(character.isspace() for character in text)
        assert 0 < len(text) <= MAX_TOKEN
    else:
        assert mistake.errors[0].field is Field.TOKEN
        assert mistake.errors[0].params.keys() <= {"limit", "sign"}


SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,28}[a-z]", fullmatch=True)


@given(slug=SLUGS, around=st.text(alphabet=" \t\n", max_size=3))
def test_a_slug_is_a_slug(slug: str, around: str) -> None:
    assert check_slug_text(around + slug + around) == (slug, None)


@given(
    slug=SLUGS,
    host=st.sampled_from(["app.segment.com", "eu1.app.segment.com", "segment.com"]),
    scheme=st.sampled_from(["https://", "http://", ""]),
    rest=st.sampled_from(["", "/", "/overview", "/sources/web/overview?x=1#y"]),
)
def test_the_slug_is_found_in_an_address(slug: str, host: str, scheme: str, rest: str) -> None:
    assert check_slug_text(f"{scheme}{host}/{slug}{rest}") == (slug, None)


@pytest.mark.parametrize("path", ["", "/", "/goto-my-workspace/settings/basic", "/%20/overview"])
def test_an_address_without_a_slug_is_named_as_that(path: str) -> None:
    _, mistake = check_slug_text(f"https://app.segment.com{path}")
    assert mistake is not None
    assert mistake.errors[0].code is ErrorCode.SLUG_IS_URL


@pytest.mark.parametrize("letter", ["\u212a", "\u017f", "é"])  # two of them fold to k and s
def test_letters_beyond_ascii_are_no_slug(letter: str) -> None:
    _, mistake = check_slug_text(f"acme{letter}")
    assert mistake is not None
    assert mistake.errors[0].code is ErrorCode.SLUG_MALFORMED


@given(st.text(max_size=MAX_SLUG + 20))
def test_what_passes_as_a_slug_can_stand_in_a_path(raw: str) -> None:
    slug, mistake = check_slug_text(raw)
    if mistake is None:
        assert slug.isascii()
        assert not set("/.?#% ") & set(slug)
        assert 0 < len(slug) <= MAX_SLUG
