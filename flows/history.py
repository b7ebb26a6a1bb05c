"""The domain events: an append-only record that the CSM's thread, Home and the audit trail read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SIDE, TOPLYNE = "side", "toplyne"  # a parameter that events have which a CSM brought about


class EventKind(StrEnum):
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"
    STARTED = "started"
    PLAN_CHOSEN = "plan_chosen"  # params: plan
    UPGRADED = "upgraded"  # params: date
    CHECK_FAILED = "check_failed"  # params: code
    STUCK = "stuck"  # params: code; or blocker and source, after the last reminder
    CREDENTIALS_VERIFIED = "credentials_verified"  # params: workspace
    CREDENTIALS_UNVERIFIED = "credentials_unverified"  # params: workspace
    CREDENTIALS_CONFIRMED = "credentials_confirmed"
    CREDENTIALS_REJECTED = "credentials_rejected"  # params: reason
    SOURCES_REJECTED = "sources_rejected"  # params: reason
    REPLAY_REJECTED = "replay_rejected"  # params: reason
    SOURCES_CHOSEN = "sources_chosen"  # params: sources
    LIVE_SYNC_STARTED = "live_sync_started"  # params: source
    REPLAY_READY = "replay_ready"
    REPLAY_REQUESTED = "replay_requested"  # params: number
    REPLAY_SENT = "replay_sent"
    REPLAY_QUESTION = "replay_question"  # params: note
    REPLAY_SCHEDULED = "replay_scheduled"  # params: on, ticket; either may be empty
    REPLAY_RUNNING = "replay_running"
    REPLAY_FINISHED = "replay_finished"
    REPLAY_CONFIRMED = "replay_confirmed"  # Toplyne sees the history
    COMPLETED = "completed"  # params: workspace, plan, region, sources, start, end, events, open
    FINISHED_LIVE_ONLY = "finished_live_only"
    REOPENED = "reopened"
    DELEGATED = "delegated"  # params: to, screen
    REMINDED = "reminded"  # params: to, role, instead_of, and more
    NOBODY_TO_REMIND = "nobody_to_remind"  # params: the same
    SNOOZED = "snoozed"  # params: until
    ASKED_FOR_QUIET = "asked_for_quiet"  # params: blocker, empty for all
    REMINDERS_RESUMED = "reminders_resumed"
    HELP_ASKED = "help_asked"  # params: screen, code, note
    TOKEN_FORGOTTEN = "token_forgotten"  # noqa: S105
    INCIDENT = "incident"  # params: blocker, subject, source, since
    INCIDENT_OVER = "incident_over"  # params: the same
    WRITE_KEY_ENTERED = "write_key_entered"  # params: source
    WRITE_BACK_SKIPPED = "write_back_skipped"
    HANDED_OVER = "handed_over"  # to Toplyne's backend; params: what, number, delivery
    HANDOVER_DELAYED = "handover_delayed"  # params: the same, error
    HANDOVER_FAILED = "handover_failed"  # params: the same
    DISCONNECTED = "disconnected"
    CLAIMED = "claimed"
    UNCLAIMED = "unclaimed"
    HANDED_TO = "handed_to"  # params: to
    ACCOUNT_SET = "account_set"  # params: account
    CSM_WROTE = "csm_wrote"  # params: to, text, name
    CUSTOMER_REPLIED = "customer_replied"  # params: text
    REPLY_WITHHELD = "reply_withheld"  # it held a secret; nothing of it is kept
    ANSWERED = "answered"  # what asked for a CSM was dealt with elsewhere
    CHANNEL_CALLED = "channel_called"  # params: matter, since


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `by` is a Slack user id, or empty when the app noticed it."""

    kind: EventKind
    at: datetime
    by: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def of_toplyne(self) -> bool:
        """Whether `by` is somebody of Toplyne's, whom the customer's Slack does not know."""
        return self.params.get(SIDE) == TOPLYNE


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A history entry with its place in the history."""

    sequence: int
    event: Event
