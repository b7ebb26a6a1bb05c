"""What a look at Segment can change of what people see, without counts and times."""

from flows.model import Observed, Situation
from flows.setup.progress import silent_since


def learned_nothing(before: Situation, after: Situation) -> bool:
    """Whether nothing but counts and times was learned, and no fact is another."""
    return before.integration is after.integration and (
        before.observed is after.observed or shows(before.observed) == shows(after.observed)
    )


def is_same_day(before: Situation, after: Situation) -> bool:
    """Whether what only time changes was drawn this day."""
    looked_at = before.observed.looked_at
    if looked_at is None or looked_at.date() != after.now.date():
        return False
    silent = (silent_since(each) for each in (before, after))
    return len({*silent}) == 1


def shows(observed: Observed) -> tuple[object, ...]:
    """What people are shown of the token and the sources."""
    sources = {
        source_id: (
            status.enabled,
            status.destination,
            status.first_delivered_at,
            status.since,
            status.stopped_at,
            status.deleted,
            status.unheard,
        )
        for source_id, status in observed.statuses.items()
    }
    return observed.token, sources
