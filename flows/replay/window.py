"""The window of a Replay: what is proposed, what is wrong with an answer, what is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from flows.csm.facts import Rejectable
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Integration, Observed, Situation, SourceStatus
from flows.replay.facts import Deletions, PastReplay, ReplayWindow, Subset
from flows.replay.text import USUAL_RETENTION
from flows.setup.blockers import delivering_sources
from flows.setup.replays import adds_history, is_rejected
from flows.vocabulary import CallType, Plan, Source

SEGMENT_BEGAN = date(2011, 1, 1)  # nobody was its customer before
DEFAULT_MONTHS = 12
RECOMMENDED_MONTHS = 6  # the least that Toplyne's models need
RETENTION_YEARS = 3
# How long a workspace keeps events, in days: as its plan allows, or less by choice.
RETENTION_OF = {Plan.BUSINESS: USUAL_RETENTION, Plan.TEAM: 365, Plan.FREE: 180}
RETENTION_CHOICES = (USUAL_RETENTION, 365, 180, 90, 30)
MAX_EVENT_NAMES = 50
MAX_EVENT_NAME = 200
FORM_LOSES_SECONDS = timedelta(minutes=1)  # Slack's pickers have no seconds


@dataclass(frozen=True, slots=True)
class WindowAnswers:
    """A person's answers: the day to start, the moment to end, and the rest of the form."""

    start: datetime | None
    end: datetime | None
    choice: Subset = Subset.ALL
    retention_days: int | None = None
    deletions: Deletions = Deletions.NOT_ASKED


@dataclass(frozen=True, slots=True)
class EventAnswers:
    """Which events: names to include or to leave out, as the previous form asked."""

    call_types: tuple[CallType, ...] = ()
    names: tuple[str, ...] = ()


def months_before(moment: datetime, months: int) -> datetime:
    """Midnight UTC so many months earlier, on the same day or that month's last."""
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    first_of_next = datetime(year + (month == 11), (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last_day = (first_of_next - timedelta(days=1)).day
    return datetime(year, month + 1, min(moment.day, last_day), tzinfo=UTC)


def replayed_sources(integration: Integration) -> tuple[Source, ...]:
    """The sources whose history came with a Replay that has finished and was not rejected."""
    found = [source for past in past_replays(integration) for source in past.sources]
    return tuple({source.id: source for source in found}.values())


def past_replays(integration: Integration) -> tuple[PastReplay, ...]:
    """The Replays that have finished and were not rejected, the last one included."""
    request, finished = integration.replay, integration.replay_finished
    if request is None or finished is None or is_rejected(integration, Rejectable.REPLAY):
        return integration.past_replays
    return (*integration.past_replays, request.past(finished, integration.replay_confirmed))


def unconfirmed_replays(integration: Integration) -> tuple[PastReplay, ...]:
    """Those of which Toplyne's side has not said that it has their history, oldest first."""
    return tuple(past for past in past_replays(integration) if past.confirmed is None)


def sources_to_replay(situation: Situation) -> tuple[Source, ...]:
    """The sources that a request asks for: they deliver, and no Replay brought their history."""
    done = {source.id for source in replayed_sources(situation.integration)}
    return tuple(s for s in delivering_sources(situation) if s.id not in done)


def missing_sources(situation: Situation) -> tuple[Source, ...]:
    """Sources that deliver while the Replay is over and did not bring their history."""
    integration = situation.integration
    if adds_history(integration) or not past_replays(integration):
        return ()
    return sources_to_replay(situation)


def live_since_of(source: Source, observed: Observed) -> datetime | None:
    """When the first event of this source reached Toplyne live, to the minute. None where Segment
    does not show that far back.
    """
    status = observed.statuses.get(source.id)
    return None if status is None or status.or_earlier else _shown_since(status)


def _shown_since(status: SourceStatus) -> datetime | None:
    """Seconds are cut off as in Slack's pickers, so that the two can be compared."""
    first = status.first_delivered_at
    return first.replace(second=0, microsecond=0) if first else None


def live_since(situation: Situation) -> datetime | None:
    """When the last source to replay went live, of those of which it is known. A Replay brings what
    is missing until then.
    """
    return max(_live_moments(situation), default=None)


def _live_moments(situation: Situation) -> list[datetime]:
    observed = situation.observed
    wanted = sources_to_replay(situation)
    found = (live_since_of(source, observed) for source in wanted)
    return [moment for moment in found if moment]


def unsure_sources(situation: Situation) -> tuple[Source, ...]:
    """The sources to replay that may have been live before the first event that Segment shows."""
    wanted = sources_to_replay(situation)
    return tuple(each for each in wanted if situation.observed.statuses[each.id].or_earlier)


def is_end_unsure(situation: Situation) -> bool:
    """Whether nobody has said where the history of some of those must end."""
    draft = situation.integration.replay_draft
    said = draft.end_of if draft else ()
    return any(source.id not in said for source in unsure_sources(situation))


def last_end(situation: Situation) -> datetime | None:
    """The latest end with which no event comes twice, as far as is known.

    Live sync of the last source began then, or had begun by then at the latest.
    """
    statuses = situation.observed.statuses
    shown = (_shown_since(statuses[source.id]) for source in unsure_sources(situation))
    return min((each for each in shown if each), default=live_since(situation))


def default_window(situation: Situation) -> ReplayWindow:
    """Twelve months up to the beginning of live sync, since later events came live; or less, as far
    back as Segment keeps events. Where it has none from before, what it has is all there is to ask.
    """
    now = situation.now
    end = now if is_nothing_left(situation) else last_end(situation) or now
    plan = situation.integration.plan or Plan.BUSINESS
    # A day later than what is refused: the form stays open for a while.
    start = max(months_before(end, DEFAULT_MONTHS), earliest_start(now) + timedelta(days=1))
    return ReplayWindow(start=start, end=end, retention_days=RETENTION_OF[plan])


def is_nothing_left(situation: Situation) -> bool:
    """Whether all that Segment still has reached Toplyne live."""
    end = last_end(situation)
    return end is not None and end <= earliest_start(situation.now) + timedelta(days=1)


def earliest_start(now: datetime) -> datetime:
    """How far back Segment keeps events at most."""
    return months_before(now, RETENTION_YEARS * 12)


def proposed_window(situation: Situation) -> ReplayWindow:
    """What the form shows first: the last draft, as far as Segment still has it, else the default.

    An end at the beginning of live sync follows when another source goes live later. One that was
    said for certain sources stays while these, and no others, need one.
    """
    draft = situation.integration.replay_draft
    if draft is None:
        return default_window(situation)
    if unsure_sources(situation):
        follows = is_end_unsure(situation)
    else:
        follows = bool(draft.end_of) or draft.end in _live_moments(situation)
    if follows:
        draft = replace(draft, end=last_end(situation) or draft.end, end_of=())
    return _still_kept(situation, draft)


def _still_kept(situation: Situation, draft: ReplayWindow) -> ReplayWindow:
    """What Segment still has of an old draft's dates. The default dates if that is nothing."""
    earliest = earliest_start(situation.now)
    # A day later than what is refused: the form stays open for a while.
    start = draft.start if draft.start >= earliest else earliest + timedelta(days=1)
    if start < draft.end:
        return replace(draft, start=start)
    usual = default_window(situation)
    return replace(draft, start=usual.start, end=usual.end, end_of=())


def kept_from(situation: Situation, window: ReplayWindow) -> datetime | None:
    """The start of what Segment still has, or None if nobody said how long it keeps events.

    What the plan before an upgrade had already dropped does not come back.
    """
    bounds = list(_bounds(situation, window))
    return datetime.combine(max(bounds), time(), UTC) if bounds else None


def _bounds(situation: Situation, window: ReplayWindow) -> Iterator[datetime]:
    if window.retention_days:
        yield situation.now - timedelta(days=window.retention_days)
    if bound := kept_at_upgrade(situation.integration):
        yield bound


def kept_at_upgrade(integration: Integration) -> datetime | None:
    """How far back the earlier plan reached on the day of the upgrade, at worst."""
    if integration.upgraded_on is None:
        return None
    days = RETENTION_OF[integration.upgraded_from or Plan.FREE]
    upgraded_on = max(integration.upgraded_on, SEGMENT_BEGAN)
    return datetime.combine(upgraded_on, time(), UTC) - timedelta(days=days)


def check_window(
    answers: WindowAnswers, before: ReplayWindow, now: datetime
) -> tuple[ReplayWindow | None, list[FieldError]]:
    """The window that was meant, or what is wrong with it, field by field.

    Names of the earlier draft stay if the same choice asks for them again.
    """
    errors = _check_dates(answers, now)
    if errors or answers.start is None or answers.end is None:
        return None, errors
    window = ReplayWindow(
        start=answers.start,
        end=answers.end,
        choice=answers.choice,
        retention_days=answers.retention_days,
        deletions=answers.deletions,
    )
    if answers.choice is Subset.ALL or answers.choice is not before.subset:
        return window, []
    kept = replace(window, call_types=before.call_types)
    if answers.choice is Subset.ONLY:
        return replace(kept, event_names=before.event_names), []
    return replace(kept, excluded_names=before.excluded_names), []


def _check_dates(answers: WindowAnswers, now: datetime) -> list[FieldError]:
    start, end = answers.start, answers.end
    earliest, years = earliest_start(now), {"years": str(RETENTION_YEARS)}
    errors: list[FieldError] = []
    if start is None:
        errors.append(FieldError(Field.START, ErrorCode.REQUIRED))
    elif start > now:
        errors.append(FieldError(Field.START, ErrorCode.DATE_IN_FUTURE))
    elif start < earliest:
        errors.append(FieldError(Field.START, ErrorCode.START_TOO_EARLY, years))
    if end is None:
        errors.append(FieldError(Field.END, ErrorCode.REQUIRED))
    elif end > now + FORM_LOSES_SECONDS:
        errors.append(FieldError(Field.END, ErrorCode.END_IN_FUTURE))
    elif end <= earliest:
        errors.append(FieldError(Field.END, ErrorCode.END_TOO_EARLY, years))
    elif start is not None and end <= start:
        errors.append(FieldError(Field.END, ErrorCode.END_BEFORE_START))
    return errors


def check_events(
    answers: EventAnswers, draft: ReplayWindow
) -> tuple[ReplayWindow | None, list[FieldError]]:
    """The draft with the chosen events, or what is wrong with them."""
    kinds = tuple(kind for kind in CallType if kind in answers.call_types)
    if len(answers.names) > MAX_EVENT_NAMES or any(
        len(name) > MAX_EVENT_NAME for name in answers.names
    ):
        params = {"limit": str(MAX_EVENT_NAMES)}
        return None, [FieldError(Field.EVENT_NAMES, ErrorCode.TOO_LONG, params)]
    if not kinds or (not answers.names and len(kinds) == len(CallType)):
        return None, [FieldError(Field.CALL_TYPES, ErrorCode.NO_EVENT_FILTER)]
    if answers.names and CallType.TRACK not in kinds:
        return None, [FieldError(Field.CALL_TYPES, ErrorCode.NAMES_NEED_TRACK)]
    only = draft.subset is Subset.ONLY
    return (
        replace(
            draft,
            call_types=() if len(kinds) == len(CallType) else kinds,
            event_names=answers.names if only else (),
            excluded_names=() if only else answers.names,
        ),
        [],
    )
