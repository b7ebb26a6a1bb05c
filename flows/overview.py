"""The stored projection of one integration, for boards and background work."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from flows.model import Step, WaitingOn


class Standing(IntEnum):
    """Where a customer stands overall, in the order of the board."""

    IN_PROGRESS = 0
    NOT_STARTED = 1  # installed, and nobody has begun
    FINISHED = 2
    LEFT = 3  # disconnected


class Milestone(IntEnum):
    """How far a customer has ever come. Each milestone includes those before it."""

    INSTALLED = 0
    PLAN = 1
    CREDENTIALS = 2
    LIVE_SYNC = 3
    REPLAY_REQUESTED = 4
    FINISHED = 5


@dataclass(frozen=True, slots=True)
class Overview:
    """The stored row of what is derived from a situation. It can be rebuilt at any time.

    `subject` names the source that the blocker is about. `need`, `urgency` and `need_at` say what
    a CSM is needed for and from when on. `need_by` is the person at the customer who asked for it.
    `search` has the names by which the set-up is searched, each on a line. `projection` is the
    version of the rules that made the row. Without a `step`, a newer version says where they are.
    """

    integration_id: str
    step: Step | None
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
