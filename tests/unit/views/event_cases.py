"""One event of each kind, with names as people write them."""

from datetime import date

from flows.checks import events as checks
from flows.csm import events as csm
from flows.csm.facts import Need
from flows.errors import ErrorCode
from flows.history import Event
from flows.model import Screen
from flows.reminders import events as reminders
from flows.reminders.facts import Role
from flows.replay import events as replay
from flows.setup import events as setup
from flows.setup.blockers import Blocker
from flows.toplyne import events as toplyne
from flows.toplyne.model import DeliveryKind
from flows.vocabulary import Plan, Region, Source
from tests.unit.views.message_cases import ADA, NOW

BOB = "U0BOB00001"


def event(of: type[Event], label: str = "Web app") -> Event:
    """The event of this kind. `label` names the things and people in it."""
    return next(each for each in events(label) if type(each) is of)


def events(label: str = "Web app") -> list[Event]:
    source = Source("src0", "", label)
    return [*_of_setup(label, source), *_of_reminders(source), *_of_replay(label), *_of_csms(label)]


def _of_setup(label: str, source: Source) -> list[Event]:
    return [
        setup.Installed(ADA),
        setup.Uninstalled(ADA),
        setup.Started(ADA),
        setup.PlanChosen(ADA, Plan.BUSINESS),
        setup.Upgraded(ADA, date(2026, 4, 1)),
        setup.CheckFailed(ADA, ErrorCode.TOKEN_REFUSED),
        setup.Stuck(ADA, ErrorCode.TOKEN_REFUSED),
        setup.CredentialsVerified(ADA, label),
        setup.CredentialsUnverified(ADA, label),
        setup.SourcesChosen(ADA, (label,) * 100),
        setup.LiveSyncStarted(ADA, source),
        setup.LiveSyncStarted(ADA, source, (source,) * 99),
        setup.ReplayReady(ADA),
        setup.FinishedLiveOnly(ADA),
        setup.Reopened(ADA),
        setup.Delegated(ADA, BOB, Screen.LIVE_SYNC),
        setup.Declined(ADA, BOB, Screen.LIVE_SYNC),
        setup.ManagersChanged(ADA, (BOB,), (BOB,)),
        setup.HelpAsked(ADA, Screen.LIVE_SYNC, ErrorCode.TOKEN_REFUSED, label),
        setup.SaidConnected(ADA),
        setup.TokenForgotten(ADA),
        setup.WriteKeyEntered(ADA, source),
        setup.WriteBackSkipped(ADA),
        setup.Disconnected(ADA, label, label),
        setup.Disconnected(ADA, runs=True, ticket="4711"),
        checks.IncidentBegan(ADA, Blocker.NO_EVENTS, source),
        checks.IncidentOver(ADA, Blocker.NO_EVENTS, source),
    ]


def _of_reminders(source: Source) -> list[Event]:
    blocker = Blocker.NO_EVENTS
    return [
        reminders.ReminderSent(ADA, blocker, 2, BOB, Role.DID_LAST, source),
        reminders.ReminderNotSent(ADA, blocker, BOB, source),
        reminders.NobodyToRemind(ADA, blocker, 2, source, BOB),
        reminders.RanOut(ADA, blocker, source),
        reminders.Snoozed(ADA, NOW),
        reminders.AskedForQuiet(ADA, blocker),
        reminders.RemindersResumed(ADA),
    ]


def _of_replay(label: str) -> list[Event]:
    credentials, request = DeliveryKind.CREDENTIALS, DeliveryKind.REPLAY
    return [
        replay.ReplayRequested(ADA, 2),
        replay.ReplaySent(ADA),
        replay.ReplaySentUndone(ADA),
        replay.ReplayQuestioned(ADA, label),
        replay.ReplayScheduled(ADA, date(2026, 5, 11), "4711", mistaken=date(2026, 5, 12)),
        replay.ReplayRunning(ADA),
        replay.ReplayRunningUndone(ADA),
        replay.ReplayFinishedUndone(ADA),
        replay.ReplayFinished(ADA),
        replay.ReplayConfirmed(ADA),
        replay.ReplayConfirmedUndone(ADA),
        replay.Completed(
            ADA, label, Region.US, (label,) * 100, NOW, NOW, True, 2, plan=Plan.BUSINESS
        ),
        toplyne.SentToToplyne(ADA, request, "msg_1", 2),
        toplyne.ToplyneDelayed(ADA, credentials, "msg_1", error="500"),
        toplyne.ToplyneFailed(ADA, credentials, "msg_1", error="ConnectError"),
    ]


def _of_csms(label: str) -> list[Event]:
    return [
        csm.CredentialsConfirmed(ADA),
        csm.CredentialsRejected(ADA, label),
        csm.SourcesRejected(ADA, label),
        csm.ArrivalRejected(ADA, label),
        csm.ReplayRejected(ADA, label),
        csm.Claimed(ADA),
        csm.Unclaimed(ADA),
        csm.Assigned(ADA, BOB),
        csm.AccountSet(ADA, label),
        csm.CsmWrote(ADA, BOB, label, "Mira"),
        csm.CustomerReplied(ADA, label),
        csm.ReplyWithheld(ADA),
        csm.Unreached(ADA, BOB, "csm_message"),
        csm.PassedOn(ADA, BOB, BOB),
        csm.MattersAnswered(ADA),
        csm.ChannelCalled(ADA, Need.HELP, NOW),
    ]
