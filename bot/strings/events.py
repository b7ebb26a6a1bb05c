"""The history in words: per event, one sentence for Home and one line for the card's thread."""

from flows.checks import events as checks
from flows.csm import events as csm
from flows.csm.facts import Need
from flows.errors import ErrorCode
from flows.history import Event
from flows.outbox import bodies
from flows.reminders import events as reminders
from flows.replay import events as replay
from flows.setup import events as setup
from flows.toplyne import events as toplyne
from flows.toplyne.model import DeliveryKind

ADDED, REMOVED = "; now also {who}", "; no longer {who}"
ABOUT_ALSO = "{about}, and the same of {sources}"
APP = "the app"  # when no person did it

# What Home shows to the customer; `{who}` did it.
HOME_LINE: dict[type[Event], str] = {
    setup.Installed: "{who} installed the app",
    setup.Uninstalled: "The app was uninstalled",
    setup.Started: "{who} started the set-up",
    setup.PlanChosen: "{who} chose the plan {plan}",
    setup.Upgraded: "{who} said that you upgraded to Business",
    setup.CheckFailed: "A check did not succeed: {problem}",
    setup.Stuck: "Several checks did not succeed; Toplyne’s team was told",
    reminders.RanOut: "No more reminders come about this; Toplyne’s team was told: {about}",
    setup.CredentialsVerified: "{who} connected the Segment workspace {workspace}",
    setup.CredentialsUnverified: (
        "{who} entered the Segment workspace {workspace}; Toplyne checks it"
    ),
    csm.CredentialsConfirmed: "Toplyne confirmed the Segment workspace",
    csm.CredentialsRejected: "Toplyne could not confirm the workspace: “{reason}”",
    csm.ArrivalRejected: "Toplyne took back that your data arrives: “{reason}”",
    csm.SourcesRejected: "Toplyne asks you to choose other sources: “{reason}”",
    csm.ReplayRejected: "Toplyne asks you to correct the Replay request: “{reason}”",
    setup.SourcesChosen: "{who} chose the sources {sources}",
    setup.SaidConnected: "{who} connected Toplyne in Segment; Toplyne checks whether data arrives",
    setup.LiveSyncStarted: "Live sync started{began_with}",
    setup.ReplayReady: "The history can be requested",
    replay.ReplayRequested: "{who} prepared the Replay request",
    replay.ReplaySent: "{who} sent the Replay request to Segment",
    replay.ReplaySentUndone: "{who} took back that the Replay request was sent",
    replay.ReplayQuestioned: "{who} passed on what Segment asked",
    replay.ReplayScheduled: "{who} reported that Segment scheduled the Replay{scheduled}",
    replay.ReplayRunning: "{who} reported that the Replay is running",
    replay.ReplayRunningUndone: "{who} took back that the Replay is running",
    replay.ReplayFinished: "{who} reported that the Replay has finished",
    replay.ReplayFinishedUndone: "{who} took back that the Replay has finished",
    replay.ReplayConfirmed: "Toplyne confirmed that your history has arrived",
    replay.ReplayConfirmedUndone: "Toplyne took back that your history has arrived",
    replay.Completed: "The set-up is complete, with live data and history",
    setup.FinishedLiveOnly: "Finished with live data only{by}",
    setup.Reopened: "{who} reopened the set-up",
    setup.Delegated: "{who} asked {to} to {task}",
    setup.Declined: "{who} was asked by {to} to {task}, and says that this is not for them",
    setup.ManagersChanged: "{who} changed who can manage this{added}{removed}",
    reminders.ReminderSent: "{to} was reminded: {about}",
    reminders.ReminderNotSent: "{to} was not reminded after all: {about}",
    reminders.NobodyToRemind: "Nobody here could be reminded; Toplyne’s team was told",
    reminders.Snoozed: "{who} snoozed reminders until {until}",
    reminders.AskedForQuiet: "{who} stopped {which}",
    reminders.RemindersResumed: "{who} asked to be reminded again",
    setup.HelpAsked: "{who} asked Toplyne for help",
    setup.TokenForgotten: "{who} had the access token deleted",
    checks.IncidentBegan: "Something stopped working: {about}",
    checks.IncidentOver: "Works again; it was: {about}",
    setup.WriteKeyEntered: "{who} let Toplyne write scores back to Segment",
    setup.WriteBackSkipped: "{who} left out scores back to Segment",
    toplyne.SentToToplyne: "Toplyne received {handed}",
    toplyne.ToplyneDelayed: "Toplyne could not receive {handed} yet; it is tried again",
    toplyne.ToplyneFailed: "Toplyne could not receive {handed}; its team was told",
    setup.Disconnected: "{who} disconnected Segment{instead}",
    csm.Claimed: "Somebody at Toplyne looks after you from now on",
    csm.Unclaimed: "Toplyne’s team looks after you together",
    csm.Assigned: "Somebody else at Toplyne looks after you from now on",
    csm.AccountSet: "Toplyne noted your Toplyne account",
    csm.CsmWrote: "Toplyne wrote to you",
    csm.CustomerReplied: "{who} answered Toplyne",
    csm.ReplyWithheld: "An answer of {who} held a secret, so it was not passed on",
    csm.Unreached: "Slack took no message for {to}; Toplyne’s team was told ({what})",
    csm.PassedOn: "What Toplyne wrote to {instead_of} went to {to}",
    csm.MattersAnswered: "Toplyne took care of what you asked",
    csm.ChannelCalled: "Toplyne’s whole team was asked to look after you",
}

# What the CSM channel reads; `{who}` did it.
THREAD_LINE: dict[type[Event], str] = {
    setup.Installed: "Installed by {who}.",
    setup.Uninstalled: "Uninstalled; its access is deleted and nothing is checked any more.",
    setup.PlanChosen: "Plan {plan}, chosen by {who}.",
    setup.Upgraded: "{who} reports an upgrade to Business on {date}.",
    setup.Stuck: "Stuck after several tries. Last problem: {problem}.",
    reminders.RanOut: "Stuck, and no more reminders come about it: {about}.",
    setup.CredentialsVerified: "Credentials verified by Segment: workspace {workspace}.",
    setup.CredentialsUnverified: (
        "Credentials entered by {who} for workspace {workspace}; Segment cannot check them."
        " Confirm or reject them on the card."
    ),
    csm.CredentialsConfirmed: "Credentials confirmed by {who}.",
    csm.CredentialsRejected: "Credentials rejected by {who}: “{reason}”.",
    csm.ArrivalRejected: "No data arrives after all: {who} took that back. “{reason}”",
    csm.SourcesRejected: "Sources rejected by {who}: “{reason}”.",
    csm.ReplayRejected: "Replay request rejected by {who}: “{reason}”.",
    setup.SourcesChosen: "Sources chosen by {who}: {sources}.",
    setup.SaidConnected: (
        "Connected in Segment, says {who}. Look in Toplyne whether data arrives, then say so on the"
        " card."
    ),
    setup.LiveSyncStarted: "Live sync started{source}.",
    setup.ReplayReady: "Replay ready to be requested.",
    replay.ReplayRequested: "Replay request {number} prepared by {who}.",
    replay.ReplaySent: "Replay request sent to Segment, reported by {who}.",
    replay.ReplaySentUndone: "Replay request not sent after all: {who} took that back.",
    replay.ReplayQuestioned: "Segment asked {who} about the Replay request.{note}",
    replay.ReplayScheduled: "Replay scheduled{scheduled}, reported by {who}.",
    replay.ReplayRunning: "Replay running, reported by {who}.",
    replay.ReplayRunningUndone: "Replay not running after all: {who} took that back.",
    replay.ReplayFinished: "Replay finished, reported by {who}.",
    replay.ReplayFinishedUndone: "Replay not finished after all: {who} took that back.",
    replay.ReplayConfirmed: "Replay confirmed by {who}: Toplyne has the history.",
    replay.ReplayConfirmedUndone: "History not there after all: {who} took that back.",
    replay.Completed: (
        "Complete: workspace {workspace}, plan {plan} ({region}), sources {sources}; history from"
        " {start} to {end} (UTC), {events}; {open}."
    ),
    setup.FinishedLiveOnly: "Finished with live data only{by}.",
    setup.Reopened: "Set-up reopened by {who}.",
    setup.Delegated: "{who} asked {to} to {task}.",
    setup.Declined: "{who} was asked by {to} to {task}, and says that this is not for them.",
    setup.ManagersChanged: "{who} changed who can manage the set-up{added}{removed}.",
    reminders.NobodyToRemind: (
        "Could not be reached: none of their people gets my reminders ({about})."
    ),
    reminders.Snoozed: "Reminders snoozed until {until} by {who}.",
    reminders.AskedForQuiet: "{who} asked for quiet: {which} stopped.",
    reminders.RemindersResumed: "Reminders resumed by {who}.",
    setup.HelpAsked: "{who} asks for help at {place}.{problem}{note}",
    setup.TokenForgotten: "Access token deleted by {who}; nothing is watched from now on.",
    checks.IncidentBegan: "Not working any more: {about}.",
    checks.IncidentOver: "Works again; it was: {about}.",
    setup.WriteKeyEntered: "Write key for scores back to Segment entered by {who}.",
    setup.WriteBackSkipped: "Scores back to Segment left out by {who}.",
    toplyne.SentToToplyne: "Toplyne’s backend has taken {handed}.",
    toplyne.ToplyneDelayed: (
        "Toplyne’s backend has not taken {handed} yet: {failure}. It is tried again for three"
        " days; nothing for you."
    ),
    toplyne.ToplyneFailed: (
        "Toplyne’s backend never took {handed}: {failure}. When that is mended, ask whoever runs"
        " this bot to send it again, as {delivery}."
    ),
    setup.Disconnected: "Disconnected by {who}; credentials deleted{instead}.{runs}",
    csm.Claimed: "Claimed by {who}.",
    csm.Unclaimed: "Given back by {who}; nobody looks after this customer now.",
    csm.Assigned: "Assigned to {to} by {who}.",
    csm.AccountSet: "Toplyne account set by {who}: {account}.",
    csm.CsmWrote: "{who} wrote to {to}:",
    csm.CustomerReplied: "{who} answers:",
    csm.ReplyWithheld: (
        "{who} tried to answer, and the text held something like a token. It was withheld and"
        " nothing of it kept; they were told to write it without the secret."
    ),
    csm.Unreached: (
        "Could not be reached: Slack takes no message for {to}. Not delivered: {what}. Next: reach"
        " them outside of Slack."
    ),
    csm.PassedOn: "{instead_of} cannot answer any more, so this went to {to}.",
    csm.MattersAnswered: "Marked as answered by {who}.",
    csm.ChannelCalled: (
        "{channel} Nobody looks after this customer, and {matter} since {since}. Please claim it"
        " or answer."
    ),
}
# What Toplyne's backend is sent, and why it did not take it.
HANDED: dict[DeliveryKind, str] = {
    DeliveryKind.REPLAY: "Replay request {number}",
    DeliveryKind.CREDENTIALS: "the access token",
    DeliveryKind.WRITE_KEY: "the write key",
    DeliveryKind.WITHDRAWN: "the notice that its access was withdrawn",
}
# What could not be delivered, by the kind of the message.
UNDELIVERED: dict[str, str] = {
    bodies.Welcome.kind: "the welcome",
    bodies.CheckDone.kind: "how a check ended",
    bodies.ColleagueAsked.kind: "what a colleague asked them to do",
    bodies.DelegationNews.kind: "what became of what they asked a colleague",
    bodies.AskedToGoOn.kind: "that a colleague asks them to go on",
    bodies.ColleagueDid.kind: "what a colleague changed",
    bodies.Confirmed.kind: "that Toplyne confirmed their workspace",
    bodies.Rejected.kind: "what Toplyne sent back",
    bodies.FirstData.kind: "that their first data has arrived",
    bodies.ArrivalConfirmed.kind: "that Toplyne sees their data",
    bodies.ReplayInstructions.kind: "the text of their Replay request",
    bodies.Summary.kind: "the summary at the end",
    bodies.ReplayNews.kind: "what Toplyne heard about the Replay",
    bodies.CsmMessage.kind: "the message of a CSM",
    bodies.Reminder.kind: "a reminder",
    bodies.IncidentNews.kind: "what stopped working",
    bodies.RecoveryNews.kind: "what works again",
    bodies.HelpReceived.kind: "that their question has arrived",
    bodies.Farewell.kind: "that Segment is disconnected",
    bodies.TokenWarning.kind: "the warning about a token that they wrote",
    bodies.Hint.kind: "the answer to what they wrote to the app",
    bodies.PassOn.kind: "the question whether to pass on what they wrote",
}
UNDELIVERED_OTHER = "a message"
FAILURE_ANSWERED = "it answered {status}"
FAILURE_SLOW = "it did not answer in time"
FAILURE_UNREACHABLE = "it cannot be reached"
FAILURE_KEY = "this bot lacks the encryption key that opens it"
FAILURE_SETTINGS = "this bot’s settings for it are incomplete"
QUIET_ALL = "all reminders"
QUIET_ONE = "reminders about one thing ({about})"
MATTER: dict[Need, str] = {
    Need.STUCK: "they have been stuck",
    Need.UNCONFIRMED: "their credentials have waited to be confirmed",
    Need.CONNECTED: "they have said that Toplyne is connected, and nobody has looked",
    Need.HELP: "their call for help has stood unanswered",
    Need.TOKEN_REVOKED: "their access token has not been accepted",
    Need.UNINSTALLED: "the app has been uninstalled",
    Need.REPLIED: "their answer has stood unanswered",
}
# The same, if it is known who asked.
MATTER_OF: dict[Need, str] = {
    Need.HELP: "{who}’s call for help has stood unanswered",
    Need.REPLIED: "{who}’s answer has stood unanswered",
}
ACCOUNT_NONE = "none"
OWNER_CALLED = "{owner} {line}"
SEE_CARD = "<{link}|See the card>"
OF_SOURCES = " with {sources}"
SEEN_BY = ", seen by {who}"
BY = " by {who}"
LAST_PROBLEM = " Last problem: {problem}."
NOTE = " Note: “{note}”."

REPLAY_RUNS = " Segment still has their Replay request{ticket}."
INSTEAD = ": {instead} takes the place of {workspace}"
SCHEDULED_ON = " for {date}"
SCHEDULED_TICKET = ", ticket {ticket}"
SCHEDULED_MISSED = "; it had not started on {date}"
SCHEDULED_MISTAKEN = "; {date}, reported before, was a mistake"
ALL_EVENTS = "all events"
SOME_EVENTS = "some events"
NOTHING_OPEN = "nothing is left open"
LEFT_OPEN = "still open: {ends}"
OPEN_END: dict[replay.Left, str] = {
    replay.Left.SOURCE: "a source does not deliver",
    replay.Left.HISTORY: "history missing of {sources}",
    replay.Left.QUESTION: "{who} waits for an answer",
    replay.Left.UNCONFIRMED: (
        "whether the history of {sources} has arrived; look in Toplyne and say so on the card"
    ),
}

# Every problem in a few words, for a reader who was not there.
PROBLEM: dict[ErrorCode, str] = {
    ErrorCode.TOO_MANY_TRIES: "too many tries in a short time",
    ErrorCode.CHECK_RUNNING: "an earlier check was still running",
    ErrorCode.COLLEAGUE_IS_GUEST: "a guest was chosen in place of a full member",
    ErrorCode.TOO_MANY_PEOPLE: "too many people were chosen",
    ErrorCode.TOO_MANY_ASKED: "many colleagues had been asked and had not done it yet",
    ErrorCode.ASKED_OFTEN: "a colleague had been asked often that day",
    ErrorCode.TOO_MANY_QUESTIONS: "many questions of one person were open",
    ErrorCode.QUESTIONS_FULL: "many questions were open",
    ErrorCode.REQUIRED: "a field was left empty",
    ErrorCode.TOO_LONG: "a text was too long",
    ErrorCode.NOT_ALONE: "more than the value was pasted",
    ErrorCode.LOOKS_SECRET: "a secret was typed into a field that is passed on",
    ErrorCode.TOKEN_REFUSED: "Segment refuses the access token",
    ErrorCode.TOKEN_LACKS_CALL: "the access token lacks a permission",
    ErrorCode.TOKEN_IS_CONFIG_API: "a Config API token in place of a Public API token",
    ErrorCode.TOKEN_IS_WRITE_KEY: "a write key in place of the access token",
    ErrorCode.TOKEN_IS_OF_SLACK: "a token for Slack in place of the access token",
    ErrorCode.TOKEN_NOT_HELD: "the access token of another workspace was kept for an hour only",
    ErrorCode.TOKEN_SWITCHES: "the access token belongs to another Segment workspace",
    ErrorCode.TOKEN_OTHER_WORKSPACE: "the access token belongs to another Segment workspace",
    ErrorCode.TOKEN_OTHER_REGION: "the access token works in the other region",
    ErrorCode.WRITE_KEY_IS_TOKEN: "an access token in place of a write key",
    ErrorCode.WRITE_KEY_IS_SOURCE_ID: "a Source ID in place of a write key",
    ErrorCode.WRITE_KEY_OF_READ_SOURCE: "the write key of a source that Toplyne reads",
    ErrorCode.WRITE_KEY_OTHER_WORKSPACE: "a write key of another Segment workspace",
    ErrorCode.WRITE_KEY_UNKNOWN: "Segment knows no source with that write key",
    ErrorCode.SLUG_IS_URL: "an address without the workspace slug",
    ErrorCode.SLUG_MALFORMED: "the workspace slug is not one",
    ErrorCode.SLUG_UNKNOWN: "Segment knows no workspace with that slug",
    ErrorCode.SLUG_OTHER_WORKSPACE: "the slug belongs to another Segment workspace",
    ErrorCode.SOURCE_IS_WRITE_KEY: "a write key in place of a Source ID",
    ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY: "another workspace’s write key in place of a Source ID",
    ErrorCode.SOURCE_MAY_BE_WRITE_KEY: "perhaps a write key in place of a Source ID",
    ErrorCode.SOURCE_IS_SLUG: "a source’s slug in place of its Source ID",
    ErrorCode.SOURCE_IS_DESTINATION: "a destination’s ID in place of a Source ID",
    ErrorCode.SOURCE_IS_TOKEN: "an access token in place of a Source ID",
    ErrorCode.SOURCE_UNKNOWN: "a Source ID that is not in the connected workspace",
    ErrorCode.SOURCE_DISABLED: "a chosen source is disabled in Segment",
    ErrorCode.SOURCE_WRITTEN_TO: "a source that Toplyne writes to was chosen to be read",
    ErrorCode.TOO_MANY_SOURCES: "more sources than can be chosen",
    ErrorCode.DATE_IN_FUTURE: "a date in the future",
    ErrorCode.NO_REQUEST: "a question about a Replay that is not requested",
    ErrorCode.DATE_TOO_EARLY: "a date before Segment existed",
    ErrorCode.DATE_NOT_AHEAD: "a date that is not in the year ahead",
    ErrorCode.REMINDERS_STOPPED: "a snooze where the customer stopped all reminders",
    ErrorCode.SNOOZED_LONGER: "a snooze shorter than the one there is",
    ErrorCode.START_TOO_EARLY: "a start before Segment’s retention",
    ErrorCode.END_TOO_EARLY: "an end before Segment’s retention",
    ErrorCode.END_BEFORE_START: "an end before the start",
    ErrorCode.END_IN_FUTURE: "an end in the future",
    ErrorCode.NO_EVENT_FILTER: "“only some events” without saying which",
    ErrorCode.NAMES_NEED_TRACK: "event names without Track calls",
    ErrorCode.COLLEAGUE_IS_SELF: "somebody chose themselves as the colleague",
    ErrorCode.COLLEAGUE_IS_APP: "somebody chose an app as the colleague",
    ErrorCode.COLLEAGUE_GONE: "somebody chose a colleague who has left",
    ErrorCode.COLLEAGUE_ELSEWHERE: "somebody chose a colleague of another Slack workspace",
    ErrorCode.COLLEAGUE_NO_CSM: "somebody was chosen who is no full member of Toplyne",
    ErrorCode.TOKEN_GONE: "the access token was deleted and must be entered again",
    ErrorCode.SECRET_LOST: "what was entered can no longer be opened and must be entered again",
    ErrorCode.SEGMENT_UNAVAILABLE: "Segment could not be reached",
}
PROBLEM_UNKNOWN = "a problem without a name"
