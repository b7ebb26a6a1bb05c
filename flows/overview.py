"""The stored projection of one integration, for boards and for background work."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from flows.model import Step, WaitingOn


class Standing(IntEnum):
    """Where a customer is on the whole, in the order in which the board lists them."""

    IN_PROGRESS = 0
    NOT_STARTED = 1  # installed, nothing typed
    FINISHED = 2
    LEFT = 3  # disconnected


class Milestone(IntEnum):
    """How far a customer ever came; each includes those before it."""

    INSTALLED = 0
    PLAN = 1
    CREDENTIALS = 2
    LIVE_SYNC = 3
    REPLAY_REQUESTED = 4
    FINISHED = 5


@dataclass(frozen=True, slots=True)
class Overview:
    """The stored projection of what is derived: one row an integration, rebuildable any time.

    `subject` names the source that the blocker is about. `need`, `urgency` and `need_at` say what
    a CSM is needed for and from when on, `need_by` who of the customer's asked for it. `search` is
    what a customer is found by, in lower case. `projection` is the version of the rules that made
    the row.
    """

    integration_id: str
    step: Step
    blocker: str
    waiting_on: WaitingOn | None
    blocked_since: datetime
    next_poll_at: datetime | None
    next_reminder_at: datetime | None
    next_call_at: datetime | None
    last_active_at: datetime
    standing: Standing
    milestone: Milestone
    subject: str
    need: str
    urgency: int
    need_at: datetime | None
    need_by: str
    owner: str
    account: str
    finished_at: datetime | None
    search: str
    projection: int
