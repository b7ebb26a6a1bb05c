"""Choosing sources: what a pasted Source ID really is, and how far each chosen source delivers."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from flows.checks.access import Access
from flows.checks.segment import Destination, SegmentSource
from flows.errors import (
    ErrorCode,
    Field,
    FieldError,
    SegmentError,
    SegmentInvalid,
    SegmentNotFound,
)
from flows.model import Catalogue, CatalogueEntry
from flows.secret_shapes import looks_like_token, looks_secret, may_be_write_key
from flows.vocabulary import Source, Workspace

TOPLYNE_ID = "6408ac6c144a7d5ac55cf414"
TOPLYNE_SLUG = "actions-toplyne-cloud"
MAX_SOURCES = 100
MAX_PASTED = 25
MAX_SOURCE_ID = 64
_AT_ONCE = 5  # calls to Segment for one check: its limits count our address
_DESTINATIONS_LOOKED_THROUGH = 20


@dataclass(frozen=True, slots=True)
class SourceAnswers:
    """What a person chose from the list and what they pasted."""

    chosen: tuple[str, ...]
    pasted: str = ""


def sources_to(answers: SourceAnswers) -> dict[str, str]:
    """Source answers as they are stored with a check."""
    return {"chosen": "\n".join(answers.chosen), "pasted": answers.pasted}


def sources_from(stored: Mapping[str, str]) -> SourceAnswers:
    chosen = tuple(part for part in stored["chosen"].split("\n") if part)
    return SourceAnswers(chosen, stored["pasted"])


def split_ids(text: str) -> list[str]:
    """Pasted IDs, separated by commas, semicolons or white space; without repeats."""
    return list(dict.fromkeys(part for part in re.split(r"[\s,;]+", text) if part))


def check_source_text(answers: SourceAnswers) -> list[FieldError]:
    """What is wrong before anything is asked."""
    pasted = split_ids(answers.pasted)
    if not answers.chosen and not pasted:
        return [FieldError(Field.SOURCES, ErrorCode.REQUIRED)]
    if any(looks_like_token(part) for part in pasted):
        return [FieldError(Field.SOURCE_IDS, ErrorCode.SOURCE_IS_TOKEN)]
    if len(pasted) > MAX_PASTED or len(answers.chosen) + len(pasted) > MAX_SOURCES:
        limit = MAX_PASTED if len(pasted) > MAX_PASTED else MAX_SOURCES
        return [FieldError(Field.SOURCE_IDS, ErrorCode.TOO_MANY_SOURCES, {"limit": str(limit)})]
    for part in pasted:
        if len(part) > MAX_SOURCE_ID:
            params = {"limit": str(MAX_SOURCE_ID)}
            return [FieldError(Field.SOURCE_IDS, ErrorCode.TOO_LONG, params)]
    return []


def known_sources(
    answers: SourceAnswers, catalogue: Catalogue | None
) -> tuple[list[Source], dict[str, Field]]:
    """What the stored list can answer, and the IDs that Segment must be asked about.

    A source that was off when the list was read is asked about: it may have been switched on.
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


def _unknown(field: Field, source_id: str, workspace: str) -> FieldError:
    shown = "" if looks_secret(source_id) else source_id
    params = {"id": shown, "workspace": workspace}
    return FieldError(field, ErrorCode.SOURCE_UNKNOWN, params)


async def examine_sources(
    access: Access, workspace: Workspace, asked: Mapping[str, Field]
) -> tuple[list[SegmentSource], list[FieldError]]:
    """The sources behind these IDs, or what each of them is instead.

    `asked` maps an ID to the input that it came from. Raises `SegmentError`.
    """
    listing = await access.sources()
    results = await asyncio.gather(
        *(
            _examine_one(access, workspace, listing, source_id, field)
            for source_id, field in asked.items()
        )
    )
    sources = [result for result in results if isinstance(result, SegmentSource)]
    errors = [result for result in results if isinstance(result, FieldError)]
    return sources, errors


async def _examine_one(
    access: Access,
    workspace: Workspace,
    listing: Sequence[SegmentSource],
    source_id: str,
    field: Field,
) -> SegmentSource | FieldError:
    listed = next((found for found in listing if found.source.id == source_id), None)
    found = listed or await _ask(access, source_id)
    if found:
        if found.enabled:
            return found
        return FieldError(field, ErrorCode.SOURCE_DISABLED, {"source": found.source.label})
    mistake = _recognise_in_listing(listing, source_id, field)
    if mistake:
        return mistake
    destination, foreign = await asyncio.gather(
        _find_destination(access, listing, source_id),
        _is_foreign_write_key(access, source_id),
    )
    if destination:
        params = {"destination": destination.name}
        return FieldError(field, ErrorCode.SOURCE_IS_DESTINATION, params)
    if foreign:
        return FieldError(field, ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY)
    return _unknown(field, source_id, workspace.label)


async def _ask(access: Access, source_id: str) -> SegmentSource | None:
    try:
        return await access.source(source_id)
    except (SegmentNotFound, SegmentInvalid):
        return None


def _recognise_in_listing(
    listing: Sequence[SegmentSource], pasted: str, field: Field
) -> FieldError | None:
    for found in listing:
        if any(key.get_secret_value() == pasted for key in found.write_keys):
            params = {"source": found.source.label}
            return FieldError(field, ErrorCode.SOURCE_IS_WRITE_KEY, params)
        if found.source.slug.casefold() == pasted.casefold():
            params = {"source": found.source.label, "id": found.source.id}
            return FieldError(field, ErrorCode.SOURCE_IS_SLUG, params)
    return None


async def _find_destination(
    access: Access, listing: Sequence[SegmentSource], pasted: str
) -> Destination | None:
    """The destination that this ID belongs to, among those of the first sources."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(source_id: str) -> list[Destination]:
        async with gate:
            try:
                return await access.destinations(source_id)
            except SegmentError:
                return []  # only a hint for the wording: its absence must not fail the check

    looked = await asyncio.gather(
        *(look(found.source.id) for found in listing[:_DESTINATIONS_LOOKED_THROUGH])
    )
    ids = (found for destinations in looked for found in destinations)
    return next((found for found in ids if pasted in {found.id, found.catalogue_id}), None)


async def _is_foreign_write_key(access: Access, pasted: str) -> bool:
    if not may_be_write_key(pasted):
        return False
    try:
        return await access.is_write_key(SecretStr(pasted))
    except SegmentError:
        return False  # only a hint for the wording


def choose_toplyne(destinations: Sequence[Destination]) -> Destination | None:
    """The Toplyne destination among a source's; an enabled one before a disabled one."""
    ours = [
        found
        for found in destinations
        if found.catalogue_id == TOPLYNE_ID or found.catalogue_slug == TOPLYNE_SLUG
    ]
    return next((found for found in ours if found.enabled), ours[0] if ours else None)


def merge_catalogue(
    catalogue: Catalogue | None, found: Sequence[SegmentSource], now: datetime
) -> Catalogue:
    """The stored list with what a check has just learned about some of its sources."""
    entries = {entry.source.id: entry for entry in catalogue.entries} if catalogue else {}
    for fresh in found:
        old = entries.get(fresh.source.id)
        events = old.events if old else None
        entries[fresh.source.id] = CatalogueEntry(fresh.source, fresh.enabled, events)
    observed_at = catalogue.observed_at if catalogue else now
    return Catalogue(tuple(entries.values()), observed_at)
