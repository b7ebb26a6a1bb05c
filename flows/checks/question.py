"""The data of a check: what is asked, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flows.setup.results import CheckKind


@dataclass(frozen=True, slots=True)
class PendingCheck:
    """A check that outlived its acknowledgement. Its secret is sealed in the same row.

    `answers` is what else was typed, `expires_at` when it is given up and deleted.
    """

    id: str
    integration_id: str
    kind: CheckKind
    user_id: str
    revision: int
    answers: Mapping[str, str]
    expires_at: datetime
    attempts: int = 0
