"""Choosing sources: what a pasted Source ID really is, and which sources exist."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import SecretStr

from flows.checks.at_once import ask_each
from flows.checks.question import SourceAnswers
from flows.checks.segment import Access, Destination, Segment, SegmentSource
from flows.checks.token import busiest_first
from flows.errors import (
    ErrorCode,
    Field,
    FieldError,
    SegmentError,
    SegmentInvalid,
    SegmentNotFound,
    SegmentUnavailable,
    WarningCode,
)
from flows.model import Catalogue, CatalogueEntry
from flows.pasted import address_path, listed, strange_sign
from flows.secret_shapes import looks_like_id, looks_like_token, looks_secret, may_be_write_key
from flows.vocabulary import Source, Workspace

TOPLYNE_ID = "6408ac6c144a7d5ac55cf414"
TOPLYNE_SLUG = "actions-toplyne-cloud"
MEANS_SOURCE = {
    ErrorCode.SOURCE_IS_WRITE_KEY: WarningCode.KEY_MEANS_SOURCE,
    ErrorCode.SOURCE_IS_SLUG: WarningCode.SLUG_MEANS_SOURCE,
}
MAX_SOURCES = 100
MAX_PASTED = 25
MAX_SOURCE_ID = 64
_IN_IDS = string.ascii_letters + string.digits + "_-"
_DESTINATIONS_LOOKED_THROUGH = 20


def split_ids(text: str) -> list[str]:
    """Pasted IDs in any kind of list, or out of addresses; without what stands around them."""
    return list(dict.fromkeys(filter(None, map(_in_address, listed(text, looks_like_id)))))


def _in_address(pasted: str) -> str:
    """The source that an address in Segment's app leads to; anything else as it is."""
    path = address_path(pasted) or []
    after = path[path.index("sources") + 1 :] if "sources" in path else []
    return after[0] if after else pasted


def check_source_text(answers: SourceAnswers) -> list[FieldError]:
    """What is wrong before Segment is asked."""
    pasted = split_ids(answers.pasted)
    if not answers.chosen and not pasted:
        return [FieldError(Field.SOURCES, ErrorCode.REQUIRED)]
    if looks_like_token(answers.pasted) or any(map(looks_like_token, pasted)):
        return [FieldError(Field.SOURCE_IDS, ErrorCode.SOURCE_IS_TOKEN)]
    if len(pasted) > MAX_PASTED or len(answers.chosen) + len(pasted) > MAX_SOURCES:
        limit = MAX_PASTED if len(pasted) > MAX_PASTED else MAX_SOURCES
        return [FieldError(Field.SOURCE_IDS, ErrorCode.TOO_MANY_SOURCES, {"limit": str(limit)})]
    for part in pasted:
        if sign := strange_sign(part, _IN_IDS):
            return [FieldError(Field.SOURCE_IDS, ErrorCode.NOT_ALONE, {"sign": sign})]
        if len(part) > MAX_SOURCE_ID:
            params = {"limit": str(MAX_SOURCE_ID)}
            return [FieldError(Field.SOURCE_IDS, ErrorCode.TOO_LONG, params)]
    return []


def known_sources(
    answers: SourceAnswers, catalogue: Catalogue | None
) -> tuple[list[Source], dict[str, Field]]:
    """The sources that the stored list knows, and the IDs that Segment must be asked about.

    A source that was off when the list was read may have been switched on, so Segment is asked.
    """
    entries = {entry.source.id: entry for entry in catalogue.entries} if catalogue else {}
    found: dict[str, Source] = {}
    ask: dict[str, Field] = {}
    wanted = [(Field.SOURCES, part) for part in answers.chosen]
    wanted += [(Field.SOURCE_IDS, part) for part in split_ids(answers.pasted)]
    for where, source_id in wanted:
        entry = entries.get(source_id)
        if entry and entry.enabled:
            found[source_id] = entry.source
        else:
            ask.setdefault(source_id, where)
    return list(found.values()), ask


def meant_sources(
    typed: SourceAnswers, errors: Sequence[FieldError], catalogue: Catalogue | None
) -> SourceAnswers | None:
    """The answers that were meant, if all that is wrong is write keys or slugs of sources here.

    A source that the list offers is chosen there, any other one by its ID.
    """
    known, asked = known_sources(replace(typed, chosen=()), catalogue)
    if len(errors) != len(asked) or any(error.code not in MEANS_SOURCE for error in errors):
        return None
    offered = {entry.source.id for entry in catalogue.entries} if catalogue else set()
    meant = [error.params["id"] for error in errors]
    chosen = (*typed.chosen, *(each for each in meant if each in offered))
    pasted = (*(source.id for source in known), *(each for each in meant if each not in offered))
    return SourceAnswers(tuple(dict.fromkeys(chosen)), "\n".join(dict.fromkeys(pasted)))


def _unknown(field: Field, source_id: str, workspace: str) -> FieldError:
    shown = "" if looks_secret(source_id) else source_id
    params = {"id": shown, "workspace": workspace}
    return FieldError(field, ErrorCode.SOURCE_UNKNOWN, params)


async def examine_sources(
    segment: Segment, access: Access, workspace: Workspace, asked: Mapping[str, Field]
) -> tuple[list[SegmentSource], list[FieldError]]:
    """The sources with these IDs, or errors that say what each ID is instead.

    `asked` maps an ID to the input it came from. Raises `SegmentError`.
    """
    listing = await access.sources()

    async def examine(source_id: str) -> SegmentSource | FieldError:
        field = asked[source_id]
        found = next((found for found in listing if found.source.id == source_id), None)
        may_be_key = False
        if found is None:
            if key := _recognise_key(listing, source_id, field):
                return key
            # First, so that no write key stands in the address of a source.
            is_key = await _is_foreign_write_key(segment, source_id)
            if is_key:
                return FieldError(field, ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY)
            may_be_key = is_key is None
            found = None if may_be_key else await find_source(access, source_id)
        if found and found.enabled is not False:
            return found
        if found:
            return FieldError(field, ErrorCode.SOURCE_DISABLED, {"source": found.source.label})
        mistake = _recognise_slug(listing, source_id, field)
        mistake = mistake or await _recognise_destination(access, listing, source_id, field)
        if may_be_key and not mistake:
            return FieldError(field, ErrorCode.SOURCE_MAY_BE_WRITE_KEY)
        return mistake or _unknown(field, source_id, workspace.label)

    results = await ask_each(asked, examine)
    sources = [result for result in results if isinstance(result, SegmentSource)]
    errors = [result for result in results if isinstance(result, FieldError)]
    return sources, errors


async def find_source(access: Access, source_id: str) -> SegmentSource | None:
    """Finds a source that is not in the listing, which may be cut off."""
    try:
        return await access.source(source_id)
    except (SegmentNotFound, SegmentInvalid):
        return None


def _recognise_key(
    listing: Sequence[SegmentSource], pasted: str, field: Field
) -> FieldError | None:
    for found in listing:
        if any(key.get_secret_value() == pasted for key in found.write_keys):
            params = {"source": found.source.label, "id": found.source.id}
            return FieldError(field, ErrorCode.SOURCE_IS_WRITE_KEY, params)
    return None


def _recognise_slug(
    listing: Sequence[SegmentSource], pasted: str, field: Field
) -> FieldError | None:
    for found in listing:
        if found.source.slug.casefold() == pasted.casefold():
            params = {"source": found.source.label, "id": found.source.id}
            return FieldError(field, ErrorCode.SOURCE_IS_SLUG, params)
    return None


async def _recognise_destination(
    access: Access, listing: Sequence[SegmentSource], pasted: str, field: Field
) -> FieldError | None:
    destination = await _find_destination(access, listing, pasted)
    if destination is None:
        return None
    return FieldError(field, ErrorCode.SOURCE_IS_DESTINATION, {"destination": destination.name})


async def _find_destination(
    access: Access, listing: Sequence[SegmentSource], pasted: str
) -> Destination | None:
    """The destination with this ID, if it is connected to one of the first sources."""

    async def look(found: SegmentSource) -> list[Destination]:
        try:
            return await access.destinations(found.source.id)
        except SegmentError:
            return []  # only a hint for the wording; without it the check must still succeed

    looked = await ask_each(listing[:_DESTINATIONS_LOOKED_THROUGH], look)
    ids = (found for destinations in looked for found in destinations)
    return next((found for found in ids if pasted in {found.id, found.catalogue_id}), None)


async def _is_foreign_write_key(segment: Segment, pasted: str) -> bool | None:
    """None if it has the shape of one and Segment cannot say."""
    if not may_be_write_key(pasted):
        return False
    try:
        return await segment.is_write_key(SecretStr(pasted))
    except SegmentError:
        return None


def toplyne_destinations(destinations: Sequence[Destination]) -> list[Destination]:
    """The Toplyne destinations that count: all enabled ones, else all there are.

    Raises `SegmentUnavailable` where there are none but some of which Segment does not say what
    they are.
    """
    ours = [
        found
        for found in destinations
        if found.catalogue_id == TOPLYNE_ID or found.catalogue_slug == TOPLYNE_SLUG
    ]
    if not ours and any(not (each.catalogue_id or each.catalogue_slug) for each in destinations):
        raise SegmentUnavailable("destinations", "unexpected answer")
    return [found for found in ours if found.enabled] or ours


def renewed_catalogue(catalogue: Catalogue, listed: Sequence[SegmentSource]) -> Catalogue:
    """The stored list, in its order, with the newest names and with sources that are new in
    Segment.
    """
    entries = {entry.source.id: entry for entry in catalogue.entries}
    for found in listed:
        known = entries.get(found.source.id) or CatalogueEntry(found.source, enabled=True)
        is_on = known.enabled if found.enabled is None else found.enabled
        entries[found.source.id] = replace(known, source=found.source, enabled=is_on)
    return replace(catalogue, entries=tuple(sorted(entries.values(), key=busiest_first)))


def merge_catalogue(
    catalogue: Catalogue | None, found: Sequence[SegmentSource], now: datetime
) -> Catalogue:
    """The stored list, updated with what a check learned about some of its sources."""
    entries = {entry.source.id: entry for entry in catalogue.entries} if catalogue else {}
    for fresh in found:
        old = entries.get(fresh.source.id)
        entries[fresh.source.id] = replace(
            old or CatalogueEntry(fresh.source, enabled=True),
            source=fresh.source,
            enabled=fresh.enabled is not False,
        )
    observed_at = catalogue.observed_at if catalogue else now
    return Catalogue(tuple(entries.values()), observed_at)
