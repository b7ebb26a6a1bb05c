"""The Replay request in words for Segment's team: plain text to copy or to send by mail."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from flows.pasted import one_line
from flows.replay.facts import (
    Deletions,
    DestinationFilter,
    ReplacedRequest,
    ReplayRequest,
    ReplaySource,
    Subset,
)
from flows.vocabulary import CallType

DESTINATION_NAME = "Toplyne Cloud Mode (Actions)"
FILTERS_NAMED = 5  # per destination
# Only what was answered: the letter is in the customer's name and promises nothing for them.
_DELETIONS = {
    Deletions.NONE: "none are pending",
    Deletions.PENDING: "some are pending; please start the Replay when they have finished",
}
# What Segment's filters do, in words.
_ACTIONS = {
    "drop": "keeps events away",
    "sample": "lets a part of the events through",
    "allow_properties": "keeps only some properties",
    "drop_properties": "removes properties",
}
USUAL_RETENTION = 1095  # days, preset in the form: no answer of the customer's
_RETENTION = {1095: "3 years"}


@dataclass(frozen=True, slots=True)
class ReplayText:
    """The request as it goes to Segment: plain text, one block per source."""

    subject: str
    intro: str
    source_blocks: tuple[str, ...]
    closing: str

    def plain(self) -> str:
        return "\n\n".join((self.intro, *self.source_blocks, self.closing))


def request_text(request: ReplayRequest) -> ReplayText:
    """What Segment's team asks for, in their order (segment-facts, Replay)."""
    subject = f"Replay request for workspace {request.workspace.slug} to Toplyne"
    return ReplayText(
        subject=one_line(subject),
        intro=_joined(_intro(request)),
        source_blocks=tuple(_joined(_source(request, entry)) for entry in request.sources),
        closing="Please tell us when it is scheduled and when it has finished. Thank you.",
    )


def _joined(lines: Iterable[str]) -> str:
    """Lines of ours. Anybody who knows a write key names events, and no name adds a line."""
    return "\n".join(map(one_line, lines))


def _replaces(known: ReplacedRequest) -> str:
    """What became of the request that Segment has, as far as we know."""
    ticket = f" (ticket {known.ticket})" if known.ticket else ""
    sent = (
        f"the Replay request that we sent you on {known.sent_at.astimezone(UTC):%Y-%m-%d}{ticket}"
    )
    if known.has_finished:
        return (
            f"You have run {sent}; as far as we know, it has finished. We ask for one more Replay,"
            " as described here."
        )
    return (
        f"It replaces {sent}. Please run this one in its place. If you have begun that one already,"
        " please tell us before you start this one."
    )


def _intro(request: ReplayRequest) -> Iterator[str]:
    workspace, window = request.workspace, request.window
    yield "Hello, please run a Replay for us."
    yield ""
    if request.replaces:
        yield _replaces(request.replaces)
        yield ""
    if request.replayed:
        yield (
            "It comes in addition to an earlier Replay, which has finished. These sources were part"
            " of that one; please do not run them again:"
        )
        yield from (f"- {source.label} (Source ID {source.id})" for source in request.replayed)
        yield ""
    yield f"Workspace: {workspace.label}"
    yield f"Workspace slug: {workspace.slug}"
    yield f"Workspace ID: {workspace.id}"
    yield f"Region: {request.region.value.upper()}"
    yield f"Destination: Toplyne ({DESTINATION_NAME})"
    yield f"Start (UTC): {utc(window.start)}"
    yield f"End (UTC): {utc(window.end)}"
    if request.ends_at_live_sync:
        yield "Why this end: later events have reached Toplyne live; they must not come twice."
    yield from events_lines(request)
    if request.estimate is not None:
        yield f"Expected number: about {rounded(request.estimate):,} events, by the last 30 days"
    if window.retention_days and window.retention_days != USUAL_RETENTION:
        yield f"We keep events for: {retention_words(window.retention_days)}"
    if window.deletions in _DELETIONS:
        yield f"User deletions: {_DELETIONS[window.deletions]}"


def events_lines(request: ReplayRequest) -> Iterator[str]:
    """Which events, in words and as lists. Segment can filter only by what to include."""
    window = request.window
    if window.everything:
        yield "Events: all"
        return
    yield "Events: only some"
    yield f"Call types: {', '.join(kind.value.capitalize() for kind in window.counted_types)}"
    if window.event_names:
        yield "Of the Track calls only these events:"
        yield from (f"- {name}" for name in window.event_names)
    if window.excluded_names:
        yield "Of the Track calls all events except these:"
        yield from (f"- {name}" for name in window.excluded_names)
    if window.subset is Subset.EXCEPT and request.remaining_names:
        yield "If you can only name what to include, these were seen in the last 30 days:"
        yield from (f"- {name}" for name in request.remaining_names)


def _source(request: ReplayRequest, entry: ReplaySource) -> Iterator[str]:
    yield f"Source: {entry.source.label}"
    yield f"Source ID: {entry.source.id}"
    if own := request.own_end(entry):
        yield f"End of this source (UTC): {utc(own)}, since when it is live"
    if entry.calls is not None:
        counts = (f"{kind.value.capitalize()} {entry.calls.get(kind, 0):,}" for kind in CallType)
        yield "Calls in the last 30 days: " + ", ".join(counts)
    if entry.filters:
        shown = [_filter_words(found) for found in entry.filters[:FILTERS_NAMED]]
        hidden = len(entry.filters) - FILTERS_NAMED
        more = [f"and {hidden} more"] if hidden > 0 else []
        yield "Filters on its Toplyne destination: " + "; ".join((*shown, *more))


def _filter_words(found: DestinationFilter) -> str:
    known = (_ACTIONS[action] for action in found.actions if action in _ACTIONS)
    actions = ", ".join(known)
    return f"{found.title} ({actions})" if actions else found.title


def retention_words(days: int) -> str:
    return _RETENTION.get(days, f"{days} days")


def rounded(count: int) -> int:
    """Rounds to two significant figures, because more would only look exact."""
    size = max(0, len(str(count)) - 2)
    return round(count, -size)


def utc(moment: datetime) -> str:
    """The day if it is midnight, else the day and the time."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%d}" if moment.time() == time() else f"{moment:%Y-%m-%d %H:%M}"
