"""Compares the stored incidents with what is broken now: what broke, and what works again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.checks.events import IncidentBegan, IncidentOver
from flows.checks.facts import Incident
from flows.checks.poll import goes_on
from flows.history import Event
from flows.model import Situation
from flows.outbox.announce import tell
from flows.outbox.screens import draw_screens
from flows.ports import UnitOfWork
from flows.setup.blockers import Blocked, Blocker, incidents, is_watched
from flows.vocabulary import Source, Stamp


@dataclass(frozen=True, slots=True)
class Difference:
    """Incidents to open and to close, and those closed whose end is worth telling."""

    opened: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()
    mended: tuple[Incident, ...] = ()


def compare(stored: tuple[Incident, ...], situation: Situation) -> Difference:
    """Compares the stored incidents with those of the situation.

    Nothing counts as mended if the same source has another incident, if it is no longer chosen, or
    if nobody watches any more.
    """
    integration = situation.integration
    there = {
        (blocked.blocker.value, _subject(blocked)): blocked for blocked in incidents(situation)
    }
    known = {incident.key for incident in stored}
    chosen = {"", *(source.id for source in integration.sources)}  # "": the token
    whole = chosen - {subject for _, subject in there}
    closed = tuple(incident for incident in stored if incident.key not in there)
    return Difference(
        opened=tuple(Incident(*key, situation.now) for key in there if key not in known),
        closed=closed,
        mended=tuple(
            incident for incident in closed if is_watched(integration) and incident.subject in whole
        ),
    )


async def tell_incidents(
    work: UnitOfWork, _before: Situation, after: Situation, _events: Sequence[Event]
) -> None:
    """A reaction to every change: stores and tells what broke, and what works again.

    A look that has not reached all sources is waited for: what has one cause is one message.
    """
    if after.observed.round_since and goes_on(after):
        return
    integration_id, noticed = after.integration.id, Stamp("", after.now)
    found = compare(tuple(await work.incidents.of(integration_id)), after)
    opened = [each for each in found.opened if await work.incidents.open(integration_id, each)]
    closed = [
        each for each in found.closed if await work.incidents.close(integration_id, each, after.now)
    ]
    if not opened and not closed:
        return
    told: list[Event] = [
        *(IncidentBegan(noticed, *what) for what in _causes(opened, after)),
        *(
            IncidentOver(noticed, *what)
            for what in _causes([each for each in closed if each in found.mended], after)
        ),
    ]
    await tell(work, after.integration, told)
    if told:
        await draw_screens(work, after, after, told)


def _subject(blocked: Blocked) -> str:
    return blocked.source.id if blocked.source else ""


def _causes(
    found: Sequence[Incident], situation: Situation
) -> Iterator[tuple[Blocker, Source | None, tuple[Source, ...]]]:
    """Each kind once, with the sources that it is about."""
    for kind in dict.fromkeys(incident.kind for incident in found):
        subjects = (incident.subject for incident in found if incident.kind == kind)
        sources = [_source(subject, situation) for subject in subjects if subject]
        yield Blocker(kind), next(iter(sources), None), tuple(sources[1:])


def _source(source_id: str, situation: Situation) -> Source:
    """The source, even if it is no longer chosen. Its name is empty if nobody knows it."""
    catalogue = situation.observed.catalogue
    listed = [entry.source for entry in catalogue.entries] if catalogue else []
    known = [*situation.integration.sources, *listed]
    return next((source for source in known if source.id == source_id), Source(source_id, ""))
