"""The history: an append-only record, read by the CSM's thread, Home and the audit trail.

Each chapter defines its events in its own `events` module.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from flows.checks import events as checks
from flows.csm import events as csm
from flows.reminders import events as reminders
from flows.replay import events as replay
from flows.setup import events as setup
from flows.toplyne import events as toplyne

Event = (
    setup.Installed
    | setup.Uninstalled
    | setup.Started
    | setup.PlanChosen
    | setup.Upgraded
    | setup.CheckFailed
    | setup.Stuck
    | setup.CredentialsVerified
    | setup.CredentialsUnverified
    | setup.SourcesChosen
    | setup.LiveSyncStarted
    | setup.SaidConnected
    | setup.ReplayReady
    | setup.FinishedLiveOnly
    | setup.Reopened
    | setup.Delegated
    | setup.Declined
    | setup.ManagersChanged
    | setup.HelpAsked
    | setup.TokenForgotten
    | setup.WriteKeyEntered
    | setup.WriteBackSkipped
    | setup.Disconnected
    | checks.IncidentBegan
    | checks.IncidentOver
    | replay.ReplayRequested
    | replay.ReplaySent
    | replay.ReplaySentUndone
    | replay.ReplayQuestioned
    | replay.ReplayScheduled
    | replay.ReplayRunning
    | replay.ReplayRunningUndone
    | replay.ReplayFinished
    | replay.ReplayFinishedUndone
    | replay.ReplayConfirmed
    | replay.ReplayConfirmedUndone
    | replay.Completed
    | reminders.ReminderSent
    | reminders.ReminderNotSent
    | reminders.NobodyToRemind
    | reminders.RanOut
    | reminders.Snoozed
    | reminders.AskedForQuiet
    | reminders.RemindersResumed
    | csm.CredentialsConfirmed
    | csm.CredentialsRejected
    | csm.SourcesRejected
    | csm.ArrivalRejected
    | csm.ReplayRejected
    | csm.Claimed
    | csm.Unclaimed
    | csm.Assigned
    | csm.AccountSet
    | csm.CsmWrote
    | csm.CustomerReplied
    | csm.ReplyWithheld
    | csm.Unreached
    | csm.PassedOn
    | csm.MattersAnswered
    | csm.ChannelCalled
    | toplyne.SentToToplyne
    | toplyne.ToplyneDelayed
    | toplyne.ToplyneFailed
)
EVENTS: tuple[type[Event], ...] = get_args(Event)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event and its place in the history."""

    sequence: int
    event: Event


FromCsm = csm.CsmWrote | csm.PassedOn  # both say to whom, and which of what was written


def written_to(latest: Iterable[StoredEvent], user_id: str, since: datetime) -> bool:
    """Whether this person got something from a CSM since then."""
    written = (each.event for each in latest if isinstance(each.event, FromCsm))
    return any(each.to == user_id and each.stamp.at > since for each in written)
