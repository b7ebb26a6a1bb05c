"""What is stored of what checks found: incidents."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """What broke: a `Blocker` value, and a source id or nothing. At most one of each is open."""

    kind: str
    subject: str
    opened_at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject
