"""What breaks after it has worked, and what works again."""

from dataclasses import dataclass

from flows.setup.blockers import Blocker
from flows.vocabulary import Happened, Source


@dataclass(frozen=True, slots=True)
class OfIncident(Happened):
    """What both events have. A source has no name if nobody knows it any more.

    `others` are further sources with the same cause at the same moment: one event, one message.
    """

    blocker: Blocker
    source: Source | None = None
    others: tuple[Source, ...] = ()


class IncidentBegan(OfIncident):
    kind = "incident"


@dataclass(frozen=True, slots=True)
class IncidentOver(OfIncident):
    kind = "incident_over"
