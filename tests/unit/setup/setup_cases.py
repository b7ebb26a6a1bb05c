"""Results of the use cases at every screen, with the worst names that people write."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.strings.notices import NOTICES
from bot.views.setup.entry import Entry
from flows.errors import ErrorCode, Field, FieldError, Warned, WarningCode
from flows.model import (
    Catalogue,
    CatalogueEntry,
    Credentials,
    DestinationState,
    Integration,
    Observed,
    Screen,
    Situation,
    SourceStatus,
    TokenKind,
    Verification,
    WriteBack,
)
from flows.replay.facts import Coverage, DestinationFilter, ReplayWindow, Subset
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import CallType, Plan, Region, Stamp, Workspace
from tests.unit.views.message_cases import ADA, NOW, integration, stages

TAKEN = Entry(takes_secrets=True)  # by Toplyne, too
FIRST = NOW - timedelta(days=2)
LONGEST = max(Notice, key=lambda notice: len(NOTICES[notice]))
PARAMS = {
    "sign": "|",
    "names": "signed-up, Sign Up",
    "limit": "100",
    "call": "sources",
    "role": "Workspace Owner",
    "found": "Acme",
    "expected": "Beta",
    "region": "EU",
    "slug": "acme-inc",
    "source": "Web app",
    "id": "src0000000000000000000",
    "destination": "Warehouse",
    "workspace": "Acme",
    "years": "3",
    "call_types": "page, group",
    "days": "90",
    "sources": "Web app, Backend",
    "date": "2026-04-01",
    "upgraded": "2026-04-01",
    "retention": "365 days",
    "number": "2",
    "filters": "No staff, No bots",
    "since": "2026-04-01 12:00",
    "start": "2025-04-01",
    "end": "2026-04-01",
    "wait": "86000",
}


def observed(of: Integration, *, delivering: bool = True) -> Observed:
    """A catalogue of the chosen sources, all of them delivering or none."""
    entries = tuple(CatalogueEntry(s, n % 7 > 0, n * 12_345) for n, s in enumerate(of.sources))
    statuses = {
        source.id: SourceStatus(
            source.id,
            enabled=True,
            destination=DestinationState.ENABLED,
            destination_id="d1",
            delivered=5960 if delivering else 0,
            first_delivered_at=FIRST if delivering else None,
            observed_at=NOW,
        )
        for source in of.sources
    }
    calls = {source.id: {CallType.TRACK: 88_120} for source in of.sources[::2]}
    names = {f"{source.label} {n}": n + 1 for n, source in enumerate(of.sources)}
    rules = (
        DestinationFilter(
            f"No {of.sources[0].label[:60] if of.sources else 0}", 'type = "page"', ("drop",)
        ),
    ) * 7
    filters = {source.id: rules if n % 2 else None for n, source in enumerate(of.sources)}
    coverage = Coverage(calls, NOW, names, filters)
    return Observed(Catalogue(entries, NOW), statuses, coverage, looked_at=NOW)


def ready(label: str = "Web app", count: int = 1) -> Situation:
    """A situation with everything that a Replay request needs."""
    live = replace(integration(label, count), live_started=Stamp("", FIRST))
    return Situation(live, observed(live), NOW)


def with_draft(situation: Situation, label: str) -> Situation:
    """Adds a draft that asks for some events only."""
    names = tuple(f"{label} {n}" for n in range(10))
    window = ReplayWindow(
        FIRST - timedelta(days=90), FIRST, (CallType.TRACK,), names, choice=Subset.ONLY
    )
    return replace(situation, integration=replace(situation.integration, replay_draft=window))


def every_error() -> tuple[FieldError, ...]:
    return tuple(FieldError(Field.TOKEN, code, PARAMS) for code in ErrorCode)


def every_warning() -> tuple[Warned, ...]:
    return tuple(Warned(code, PARAMS) for code in WarningCode)


def every_result(label: str, count: int) -> Iterator[ShowStep]:
    """Each screen at each stage at which it can be drawn."""
    situations = [situation for _, situation in stages(label, count)]
    full = ready(label, count)
    situations += [full, with_draft(full, label), _not_delivering(full), _as_plan(full, Plan.TEAM)]
    for situation in situations:
        for screen in Screen:
            if screen is not Screen.REPLAY_PREVIEW:
                yield ShowStep(screen, situation)
    for previewed in (full, with_draft(full, label)):
        yield ShowStep(Screen.REPLAY_PREVIEW, previewed)
    yield ShowStep(Screen.CREDENTIALS, full, every_error(), every_warning(), LONGEST)
    for notice in Notice:
        yield ShowStep(Screen.CREDENTIALS, full, notice=notice)
    yield ShowStep(Screen.RECEIPT, _watching(full))
    for screen in (Screen.WRITE_BACK, Screen.RECEIPT, Screen.LIVE_SYNC):
        yield ShowStep(screen, _written_back(full))


def _written_back(situation: Situation) -> Situation:
    facts = WriteBack(entered=ADA, source=situation.integration.sources[0], for_toplyne=True)
    return replace(situation, integration=replace(situation.integration, write_back=facts))


def _not_delivering(situation: Situation) -> Situation:
    of = replace(situation.integration, live_started=None)
    return Situation(of, observed(of, delivering=False), NOW)


def _as_plan(situation: Situation, plan: Plan) -> Situation:
    return replace(situation, integration=replace(situation.integration, plan=plan))


def _watching(situation: Situation) -> Situation:
    return replace(situation, integration=replace(situation.integration, keeps_watching=ADA))


def free(verification: Verification, reason: str = "") -> Situation:
    found = Credentials(
        TokenKind.NONE, verification, Workspace("acme-inc"), Region.US, ADA, reason=reason
    )
    base = replace(integration(), plan=Plan.FREE, credentials=found, sources=())
    return replace(ready(), integration=base)
