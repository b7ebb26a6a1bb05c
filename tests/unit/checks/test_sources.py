"""Choosing sources: what is pasted, what it really is, and how far each source delivers."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flows.checks.delivery import observe_sources
from flows.checks.question import SourceAnswers, Typed
from flows.checks.segment import Access, Delivered, Destination, SegmentSource
from flows.checks.sources import (
    MAX_PASTED,
    MAX_SOURCE_ID,
    MAX_SOURCES,
    TOPLYNE_ID,
    TOPLYNE_SLUG,
    check_source_text,
    examine_sources,
    known_sources,
    merge_catalogue,
    split_ids,
    toplyne_destinations,
)
from flows.errors import ErrorCode, Field, FieldError, SegmentRefused, SegmentUnavailable
from flows.model import Catalogue, CatalogueEntry, DestinationState, SourceStatus, Unheard
from flows.vocabulary import Region, Source, Workspace
from storage import documents
from storage.documents import typed_fields
from tests.unit.checks.scripted_segment import FAILURES, ScriptedSegment

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACME = Workspace("acme", "ws1", "Acme Inc")
KEY = secrets.token_hex(16)
WEB = SegmentSource(Source("srcweb", "web-app", "Web app"), True, (SecretStr(KEY),))
OLD = SegmentSource(Source("srcold", "old-site", "Old site"), enabled=False)
LAKE = Destination("dst1", "Data lake", True, "cat1", "data-lake")
TOKEN = SecretStr("sgp_" + secrets.token_hex(32))

IDS = st.text(alphabet="abcdefXYZ0123456789", min_size=1, max_size=22)


def toplyne(destination_id: str = "dst9", *, enabled: bool = True) -> Destination:
    return Destination(destination_id, "Toplyne", enabled, TOPLYNE_ID, TOPLYNE_SLUG)


def segment(**answers: Any) -> ScriptedSegment:
    usual: dict[str, Any] = {
        "sources": [WEB, OLD],
        "source": "404",
        "destinations": [LAKE],
        "write_key": False,
    }
    return ScriptedSegment(**{**usual, **answers})


def access(scripted: ScriptedSegment) -> Access:
    return scripted.access(TOKEN, Region.US)


async def examined(
    scripted: ScriptedSegment, asked: Mapping[str, Field]
) -> tuple[list[SegmentSource], list[FieldError]]:
    return await examine_sources(scripted, access(scripted), ACME, asked)


async def mistake(pasted: str, **answers: Any) -> FieldError:
    asked = {pasted: Field.SOURCE_IDS}
    found, errors = await examined(segment(**answers), asked)
    assert found == []
    (error,) = errors
    assert error.field is Field.SOURCE_IDS
    return error


# --- the text -----------------------------------------------------------------------------------


@given(
    ids=st.lists(IDS, max_size=30),
    joints=st.lists(st.sampled_from([",", ";", "\n", " ", ", ", "\t", ";\r\n"]), min_size=30),
)
def test_pasted_ids_come_out_once_and_in_order(ids: list[str], joints: list[str]) -> None:
    """Plain letters beside an ID are a label, so each of these has a digit."""
    ids = [part + "0" for part in ids]
    text = "".join(joint + part for joint, part in zip(joints, ids, strict=False))
    assert split_ids(text) == list(dict.fromkeys(ids))


@given(chosen=st.lists(IDS, max_size=5), pasted=st.text(max_size=200))
def test_answers_survive_being_stored(chosen: list[str], pasted: str) -> None:
    typed = Typed(sources=SourceAnswers(tuple(chosen), pasted), for_toplyne=True)
    assert documents.TYPED.validate_json(documents.to_text(documents.TYPED, typed)) == typed


def test_answers_of_the_version_before_are_read() -> None:
    before = {"chosen": "srcweb\nsrcapp", "pasted": "web", "for_toplyne": "yes"}
    typed = documents.TYPED.validate_python(typed_fields(before))
    assert typed == Typed("", SourceAnswers(("srcweb", "srcapp"), "web"), for_toplyne=True)


@pytest.mark.parametrize(
    ("answers", "field", "code"),
    [
        (SourceAnswers(()), Field.SOURCES, ErrorCode.REQUIRED),
        (SourceAnswers((), " ,;\n"), Field.SOURCES, ErrorCode.REQUIRED),
        (
            SourceAnswers((), " ".join(f"id{n}" for n in range(MAX_PASTED + 1))),
            Field.SOURCE_IDS,
            ErrorCode.TOO_MANY_SOURCES,
        ),
        (
            SourceAnswers(tuple(f"id{n}" for n in range(MAX_SOURCES)), "one-more"),
            Field.SOURCE_IDS,
            ErrorCode.TOO_MANY_SOURCES,
        ),
        (SourceAnswers((), "x" * (MAX_SOURCE_ID + 1)), Field.SOURCE_IDS, ErrorCode.TOO_LONG),
        (
            SourceAnswers(("a",), TOKEN.get_secret_value()),
            Field.SOURCE_IDS,
            ErrorCode.SOURCE_IS_TOKEN,
        ),
    ],
)
def test_what_is_wrong_before_anything_is_asked(
    answers: SourceAnswers, field: Field, code: ErrorCode
) -> None:
    (error,) = check_source_text(answers)
    assert (error.field, error.code) == (field, code)


@given(st.lists(IDS, min_size=1, max_size=MAX_PASTED, unique=True))
def test_plain_ids_pass(ids: list[str]) -> None:
    assert check_source_text(SourceAnswers((), "\n".join(ids))) == []


def test_the_stored_list_answers_for_what_is_on_and_the_rest_is_asked() -> None:
    entries = (CatalogueEntry(WEB.source, True, 5), CatalogueEntry(OLD.source, False, 0))
    answers = SourceAnswers(("srcweb", "srcold"), "srcweb new srcold")
    found, ask = known_sources(answers, Catalogue(entries, NOW))
    assert found == [WEB.source]
    assert ask == {"srcold": Field.SOURCES, "new": Field.SOURCE_IDS}


def test_without_a_stored_list_everything_is_asked() -> None:
    found, ask = known_sources(SourceAnswers(("a",), "b"), None)
    assert found == []
    assert ask == {"a": Field.SOURCES, "b": Field.SOURCE_IDS}


# --- what it is instead -------------------------------------------------------------------------


async def test_each_mistake_by_what_segment_knows() -> None:
    assert (await mistake(KEY)).params == {"source": "Web app", "id": "srcweb"}
    assert (await mistake(KEY)).code is ErrorCode.SOURCE_IS_WRITE_KEY
    slug = await mistake("WEB-app")
    assert (slug.code, slug.params["id"]) == (ErrorCode.SOURCE_IS_SLUG, "srcweb")
    for pasted in ("dst1", "cat1"):
        destination = await mistake(pasted)
        assert destination.code is ErrorCode.SOURCE_IS_DESTINATION
        assert destination.params == {"destination": "Data lake"}
    foreign = await mistake(secrets.token_hex(16), write_key=True)
    assert foreign.code is ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY
    assert (await mistake("srcold")).code is ErrorCode.SOURCE_DISABLED
    unknown = await mistake("nobody")
    assert unknown.params == {"id": "nobody", "workspace": "Acme Inc"}


async def test_what_may_be_a_key_is_not_repeated_and_not_put_into_an_error() -> None:
    pasted = secrets.token_hex(15) + "Z9"
    error = await mistake(pasted)
    assert error.code is ErrorCode.SOURCE_UNKNOWN
    assert pasted not in str(error)


@pytest.mark.parametrize("kind", FAILURES)
async def test_hints_that_cannot_be_had_do_not_fail_the_check(kind: str) -> None:
    pasted = secrets.token_hex(10)
    error = await mistake(pasted, destinations=kind, write_key=kind)
    assert error.code is ErrorCode.SOURCE_UNKNOWN


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("size", [11, 16])
async def test_what_may_be_a_write_key_stands_in_no_address_while_segment_cannot_say(
    kind: str, size: int
) -> None:
    pasted = secrets.token_hex(size)
    scripted = segment(write_key=kind)
    found, (error,) = await examined(scripted, {pasted: Field.SOURCE_IDS})
    assert (found, error.code) == ([], ErrorCode.SOURCE_MAY_BE_WRITE_KEY)
    assert "source" not in scripted.asked
    assert pasted not in str(error)


async def test_a_slug_in_the_shape_of_a_write_key_is_still_named() -> None:
    slug = "productionsite2025page"
    shop = SegmentSource(Source("srcshop", slug, "Shop"), enabled=True)
    error = await mistake(slug, sources=[shop], write_key="down")
    assert (error.code, error.params["id"]) == (ErrorCode.SOURCE_IS_SLUG, "srcshop")


async def test_a_source_beyond_the_listed_ones_is_found_by_its_id() -> None:
    far = SegmentSource(Source("srcfar", "far", "Far"), enabled=True)
    scripted = segment(source=far)
    found, errors = await examined(scripted, {"srcfar": Field.SOURCE_IDS})
    assert (found, errors) == ([far], [])


@pytest.mark.parametrize("kind", ["down", "401", "403"])
async def test_what_segment_cannot_say_is_no_mistake_of_the_person(kind: str) -> None:
    with pytest.raises((SegmentUnavailable, SegmentRefused)):
        await examined(segment(source=kind), {"x": Field.SOURCE_IDS})


@given(st.dictionaries(IDS, st.sampled_from([Field.SOURCES, Field.SOURCE_IDS]), max_size=6))
def test_every_id_is_either_found_or_named_once(asked: dict[str, Field]) -> None:
    found, errors = asyncio.run(examined(segment(), asked))
    assert len(found) + len(errors) == len(asked)
    assert [error.field for error in errors] == list(asked.values())


# --- how far it is ------------------------------------------------------------------------------


async def observed(before: SourceStatus | None = None, **answers: Any) -> SourceStatus:
    earlier = {"srcweb": before} if before else {}
    scripted = segment(**answers)
    (status,) = await observe_sources(access(scripted), [WEB.source], earlier, NOW)
    return status


async def test_a_source_without_the_destination() -> None:
    status = await observed()
    assert (status.destination, status.delivered) == (DestinationState.MISSING, 0)
    assert status.enabled


async def test_a_source_that_delivers_and_one_that_is_off_at_the_moment() -> None:
    first = NOW - timedelta(hours=3)
    answers: dict[str, Any] = {"destinations": [LAKE, toplyne()], "delivered": Delivered(12, first)}
    status = await observed(**answers)
    assert (status.destination, status.delivered) == (DestinationState.ENABLED, 12)
    assert status.first_delivered_at == first
    answers["destinations"] = [toplyne(enabled=False)]
    assert (await observed(**answers)).destination is DestinationState.DISABLED


async def test_the_first_delivery_is_remembered_when_segment_forgets_it() -> None:
    first = NOW - timedelta(days=200)
    before = SourceStatus("srcweb", True, DestinationState.ENABLED, "dst9", 5, first, first)
    answers: dict[str, Any] = {"destinations": [toplyne()], "delivered": Delivered(0, None)}
    status = await observed(before, **answers)
    assert (status.delivered, status.first_delivered_at) == (0, first)


async def test_a_source_that_is_gone_is_not_connected() -> None:
    status = await observed(sources=[OLD], destinations="404")
    assert (status.enabled, status.destination) == (False, DestinationState.MISSING)


@pytest.mark.parametrize("call", ["sources", "destinations", "delivered"])
async def test_a_look_that_fails_is_no_answer(call: str) -> None:
    answers: dict[str, Any] = {"destinations": [toplyne()], "delivered": Delivered(1, NOW)}
    with pytest.raises(SegmentUnavailable):
        await observed(**{**answers, call: "down"})


@given(st.permutations([LAKE, toplyne("a", enabled=False), toplyne("b"), toplyne("c")]))
def test_all_enabled_destinations_count_and_no_disabled_one(found: list[Destination]) -> None:
    assert {each.id for each in toplyne_destinations(found)} == {"b", "c"}


def test_a_destination_is_known_by_its_id_or_by_its_slug() -> None:
    by_id = Destination("a", "T", True, TOPLYNE_ID, "renamed")
    by_slug = Destination("b", "T", True, "other", TOPLYNE_SLUG)
    assert toplyne_destinations([LAKE, by_id]) == [by_id]
    assert toplyne_destinations([LAKE, by_slug]) == [by_slug]
    assert toplyne_destinations([LAKE]) == []


def test_what_was_learned_joins_the_list_and_keeps_its_figures() -> None:
    catalogue = Catalogue((CatalogueEntry(OLD.source, False, 7),), NOW - timedelta(days=1))
    on_again = SegmentSource(OLD.source, enabled=True)
    merged = merge_catalogue(catalogue, [on_again, WEB], NOW)
    assert merged.entries == (
        CatalogueEntry(OLD.source, True, 7),
        CatalogueEntry(WEB.source, True, None),
    )
    assert merged.observed_at == catalogue.observed_at
    assert merge_catalogue(None, [WEB], NOW).observed_at == NOW


@pytest.mark.parametrize(
    ("looked_before", "heard", "first", "or_earlier"),
    [
        (None, True, 29, True),  # the figures begin there, nothing says that the events do
        (None, True, 24, True),  # a source that sends once a week may have been live before
        (None, True, 20, False),
        (10, True, 9, False),
        (29, True, 28, False),  # Segment was asked just before, and showed nothing for a month
        (29, False, 28, True),  # it was asked, and did not answer
        (50, True, 29, True),  # nobody asked about the days between the two
        (50, True, 3, False),
    ],
)
async def test_whether_events_may_have_come_before_the_first_that_segment_shows(
    looked_before: int | None, heard: bool, first: int, or_earlier: bool
) -> None:
    began = NOW - timedelta(days=first)
    answers: dict[str, Any] = {"destinations": [toplyne()], "delivered": Delivered(5, began)}
    before = None
    if looked_before is not None:
        unheard = None if heard else Unheard.NO_FIGURES
        at = NOW - timedelta(days=looked_before)
        before = SourceStatus(
            "srcweb", True, DestinationState.MISSING, "", 0, None, at, unheard=unheard
        )
    status = await observed(before, **answers)
    assert (status.first_delivered_at, status.or_earlier) == (began, or_earlier)
    later = await observed(status, destinations=[toplyne()], delivered=Delivered(5, NOW))
    assert (later.first_delivered_at, later.or_earlier) == (began, or_earlier), "it stays known"
