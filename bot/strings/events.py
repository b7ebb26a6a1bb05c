"""The history in words: one sentence an event for Home, one line for the CSM channel's thread."""

from flows.csm.facts import Reason
from flows.errors import ErrorCode
from flows.history import EventKind
from flows.toplyne.model import DeliveryKind

APP = "the app"  # when nobody in particular did something
SOMEBODY = "somebody"  # whose name we do not know

# What Home shows to the customer; `{who}` did it.
HOME_LINE: dict[EventKind, str] = {
    EventKind.INSTALLED: "{who} installed the app",
    EventKind.UNINSTALLED: "The app was uninstalled",
    EventKind.STARTED: "{who} started the set-up",
    EventKind.PLAN_CHOSEN: "{who} chose the plan {plan}",
    EventKind.UPGRADED: "{who} said that you upgraded to Business",
    EventKind.CHECK_FAILED: "A check did not succeed: {problem}",
    EventKind.STUCK: "Several checks did not succeed; Toplyne’s team was told",
    EventKind.CREDENTIALS_VERIFIED: "{who} connected the Segment workspace {workspace}",
    EventKind.CREDENTIALS_UNVERIFIED: (
        "{who} entered the Segment workspace {workspace}; Toplyne checks it"
    ),
    EventKind.CREDENTIALS_CONFIRMED: "Toplyne confirmed the Segment workspace",
    EventKind.CREDENTIALS_REJECTED: "Toplyne could not confirm the workspace: “{reason}”",
    EventKind.SOURCES_REJECTED: "Toplyne asks you to choose other sources: “{reason}”",
    EventKind.REPLAY_REJECTED: "Toplyne asks you to correct the Replay request: “{reason}”",
    EventKind.SOURCES_CHOSEN: "{who} chose the sources {sources}",
    EventKind.LIVE_SYNC_STARTED: "Live sync started",
    EventKind.REPLAY_READY: "The history can be requested",
    EventKind.REPLAY_REQUESTED: "{who} prepared the Replay request",
    EventKind.REPLAY_SENT: "{who} sent the Replay request to Segment",
    EventKind.REPLAY_QUESTION: "{who} passed on what Segment asked",
    EventKind.REPLAY_SCHEDULED: "{who} reported that Segment scheduled the Replay{scheduled}",
    EventKind.REPLAY_RUNNING: "{who} reported that the Replay is running",
    EventKind.REPLAY_FINISHED: "{who} reported that the Replay has finished",
    EventKind.REPLAY_CONFIRMED: "Toplyne confirmed that your history has arrived",
    EventKind.COMPLETED: "The set-up is complete, with live data and history",
    EventKind.FINISHED_LIVE_ONLY: "Finished with live data only{by}",
    EventKind.REOPENED: "{who} reopened the set-up",
    EventKind.DELEGATED: "{who} asked {to} to {task}",
    EventKind.REMINDED: "{to} was reminded: {about}",
    EventKind.NOBODY_TO_REMIND: "Nobody here could be reminded; Toplyne’s team was told",
    EventKind.SNOOZED: "{who} snoozed reminders until {until}",
    EventKind.ASKED_FOR_QUIET: "{who} stopped {which}",
    EventKind.REMINDERS_RESUMED: "{who} asked to be reminded again",
    EventKind.HELP_ASKED: "{who} asked Toplyne for help",
    EventKind.TOKEN_FORGOTTEN: "{who} had the access token deleted",
    EventKind.INCIDENT: "Something stopped working: {about}",
    EventKind.INCIDENT_OVER: "Works again; it was: {about}",
    EventKind.WRITE_KEY_ENTERED: "{who} let Toplyne write scores back to Segment",
    EventKind.WRITE_BACK_SKIPPED: "{who} left out scores back to Segment",
    EventKind.HANDED_OVER: "Toplyne received {handed}",
    EventKind.HANDOVER_DELAYED: "Toplyne could not receive {handed} yet; it is tried again",
    EventKind.HANDOVER_FAILED: "Toplyne could not receive {handed}; its team was told",
    EventKind.DISCONNECTED: "{who} disconnected Segment",
    EventKind.CLAIMED: "Somebody at Toplyne looks after you from now on",
    EventKind.UNCLAIMED: "Toplyne’s team looks after you together",
    EventKind.HANDED_TO: "Somebody else at Toplyne looks after you from now on",
    EventKind.ACCOUNT_SET: "Toplyne noted your Toplyne account",
    EventKind.CSM_WROTE: "Toplyne wrote to you",
    EventKind.CUSTOMER_REPLIED: "{who} answered Toplyne",
    EventKind.REPLY_WITHHELD: "An answer of {who} held a secret, so it was not passed on",
    EventKind.ANSWERED: "Toplyne took care of what you asked",
    EventKind.CHANNEL_CALLED: "Toplyne’s whole team was asked to look after you",
}

# What the CSM channel reads; `{who}` did it.
THREAD_LINE: dict[EventKind, str] = {
    EventKind.INSTALLED: "Installed by {who}.",
    EventKind.UNINSTALLED: "Uninstalled; its access is deleted and nothing is checked any more.",
    EventKind.PLAN_CHOSEN: "Plan {plan}, chosen by {who}.",
    EventKind.UPGRADED: "{who} reports an upgrade to Business on {date}.",
    EventKind.STUCK: "Stuck after several tries. Last problem: {problem}.",
    EventKind.CREDENTIALS_VERIFIED: "Credentials verified by Segment: workspace {workspace}.",
    EventKind.CREDENTIALS_UNVERIFIED: (
        "Credentials entered by {who} for workspace {workspace}; Segment cannot check them."
        " Confirm or reject them on the card."
    ),
    EventKind.CREDENTIALS_CONFIRMED: "Credentials confirmed by {who}.",
    EventKind.CREDENTIALS_REJECTED: "Credentials rejected by {who}: “{reason}”.",
    EventKind.SOURCES_REJECTED: "Sources rejected by {who}: “{reason}”.",
    EventKind.REPLAY_REJECTED: "Replay request rejected by {who}: “{reason}”.",
    EventKind.SOURCES_CHOSEN: "Sources chosen by {who}: {sources}.",
    EventKind.LIVE_SYNC_STARTED: "Live sync started{source}.",
    EventKind.REPLAY_READY: "Replay ready to be requested.",
    EventKind.REPLAY_REQUESTED: "Replay request {number} prepared by {who}.",
    EventKind.REPLAY_SENT: "Replay request sent to Segment, reported by {who}.",
    EventKind.REPLAY_QUESTION: "Segment asked {who} about the Replay request.{note}",
    EventKind.REPLAY_SCHEDULED: "Replay scheduled{scheduled}, reported by {who}.",
    EventKind.REPLAY_RUNNING: "Replay running, reported by {who}.",
    EventKind.REPLAY_FINISHED: "Replay finished, reported by {who}.",
    EventKind.REPLAY_CONFIRMED: "Replay confirmed by {who}: Toplyne has the history.",
    EventKind.COMPLETED: (
        "Complete: workspace {workspace}, plan {plan} ({region}), sources {sources}; history from"
        " {start} to {end} (UTC), {events}; {open}."
    ),
    EventKind.FINISHED_LIVE_ONLY: "Finished with live data only{by}.",
    EventKind.REOPENED: "Set-up reopened by {who}.",
    EventKind.DELEGATED: "{who} asked {to} to {task}.",
    EventKind.NOBODY_TO_REMIND: "Nobody of theirs is left to be reminded: {about}.",
    EventKind.SNOOZED: "Reminders snoozed until {until} by {who}.",
    EventKind.ASKED_FOR_QUIET: "{who} asked for quiet: {which} stopped.",
    EventKind.REMINDERS_RESUMED: "Reminders resumed by {who}.",
    EventKind.HELP_ASKED: "{who} asks for help at {place}.{problem}{note}",
    EventKind.TOKEN_FORGOTTEN: "Access token deleted by {who}; nothing is watched from now on.",
    EventKind.INCIDENT: "Not working any more: {about}.",
    EventKind.INCIDENT_OVER: "Works again; it was: {about}.",
    EventKind.WRITE_KEY_ENTERED: "Write key for scores back to Segment entered by {who}.",
    EventKind.WRITE_BACK_SKIPPED: "Scores back to Segment left out by {who}.",
    EventKind.HANDED_OVER: "Toplyne’s backend has taken {handed}.",
    EventKind.HANDOVER_DELAYED: (
        "Toplyne’s backend has not taken {handed} yet: {failure}. It is tried again for three"
        " days; nothing for you."
    ),
    EventKind.HANDOVER_FAILED: (
        "Toplyne’s backend never took {handed}: {failure}. When that is mended, have it sent again:"
        " whoever runs this bot can, as {delivery}."
    ),
    EventKind.DISCONNECTED: "Disconnected by {who}; credentials deleted.",
    EventKind.CLAIMED: "Claimed by {who}.",
    EventKind.UNCLAIMED: "Given back by {who}; nobody looks after this customer now.",
    EventKind.HANDED_TO: "Handed over to {to} by {who}.",
    EventKind.ACCOUNT_SET: "Toplyne account set by {who}: {account}.",
    EventKind.CSM_WROTE: "{who} wrote to {to}:",
    EventKind.CUSTOMER_REPLIED: "{who} answers:",
    EventKind.REPLY_WITHHELD: (
        "{who} tried to answer, and the text held something like a token. It was withheld and"
        " nothing of it kept; they were told to write it without the secret."
    ),
    EventKind.ANSWERED: "Marked as answered by {who}.",
    EventKind.CHANNEL_CALLED: (
        "{channel} Nobody looks after this customer, and {matter} since {since}. Please claim it"
        " or answer."
    ),
}
# Where it was not failed tries that got somebody stuck.
HOME_RAN_OUT = "The last reminder was sent; Toplyne’s team was told: {about}"
THREAD_RAN_OUT = "Stuck after the last reminder: {about}."
# What Toplyne's backend is given, and why it was not taken.
HANDED: dict[DeliveryKind, str] = {
    DeliveryKind.REPLAY: "Replay request {number}",
    DeliveryKind.CREDENTIALS: "the access token",
    DeliveryKind.WRITE_KEY: "the write key",
    DeliveryKind.WITHDRAWN: "the word that its access was taken back",
}
FAILURE_ANSWERED = "it answered {status}"
FAILURE_SLOW = "it did not answer in time"
FAILURE_UNREACHABLE = "it cannot be reached"
FAILURE_SETTINGS = "this bot’s settings for it are incomplete"
QUIET_ALL = "all reminders"
QUIET_ONE = "reminders about one thing ({about})"
MATTER: dict[Reason, str] = {
    Reason.STUCK: "they have been stuck",
    Reason.UNCONFIRMED: "their credentials have waited to be confirmed",
    Reason.HELP: "their call for help has stood unanswered",
    Reason.TOKEN_REVOKED: "their access token has not been accepted",
    Reason.UNINSTALLED: "the app has been uninstalled",
    Reason.REPLIED: "their answer has stood unanswered",
}
ACCOUNT_NONE = "none"
OWNER_CALLED = "{owner} {line}"
SEE_CARD = "<{link}|See the card>"
OF_SOURCE = " with {source}"
SEEN_BY = ", seen by {who}"
BY = " by {who}"
LAST_PROBLEM = " Last problem: {problem}."
NOTE = " Note: “{note}”."

SCHEDULED_ON = " for {date}"
SCHEDULED_TICKET = ", ticket {ticket}"
ALL_EVENTS = "all events"
SOME_EVENTS = "some events"
NOTHING_OPEN = "nothing is left open"
LEFT_OPEN = "still open: {count}"

PLACE_UNKNOWN = "the set-up"

# Every problem in a few words for somebody who was not there.
PROBLEM: dict[ErrorCode, str] = {
    ErrorCode.REQUIRED: "a field was left empty",
    ErrorCode.TOO_LONG: "a text was too long",
    ErrorCode.LOOKS_SECRET: "a secret was typed into a field that is passed on",
    ErrorCode.TOKEN_REFUSED: "Segment refuses the access token",
    ErrorCode.TOKEN_LACKS_CALL: "the access token lacks a permission",
    ErrorCode.TOKEN_IS_CONFIG_API: "a Config API token in place of a Public API token",
    ErrorCode.TOKEN_IS_WRITE_KEY: "a write key in place of the access token",
    ErrorCode.TOKEN_OTHER_WORKSPACE: "the access token belongs to another Segment workspace",
    ErrorCode.TOKEN_OTHER_REGION: "the access token works in the other region",
    ErrorCode.WRITE_KEY_IS_TOKEN: "an access token in place of a write key",
    ErrorCode.WRITE_KEY_IS_SOURCE_ID: "a Source ID in place of a write key",
    ErrorCode.WRITE_KEY_OF_READ_SOURCE: "the write key of a source that Toplyne reads",
    ErrorCode.WRITE_KEY_OTHER_WORKSPACE: "a write key of another Segment workspace",
    ErrorCode.WRITE_KEY_UNKNOWN: "Segment knows no source with that write key",
    ErrorCode.SLUG_IS_URL: "an address in place of the workspace slug",
    ErrorCode.SLUG_MALFORMED: "the workspace slug is not one",
    ErrorCode.SLUG_UNKNOWN: "Segment knows no workspace with that slug",
    ErrorCode.SLUG_OTHER_WORKSPACE: "the slug belongs to another Segment workspace",
    ErrorCode.SOURCE_IS_WRITE_KEY: "a write key in place of a Source ID",
    ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY: "another workspace’s write key in place of a Source ID",
    ErrorCode.SOURCE_IS_SLUG: "a source’s slug in place of its Source ID",
    ErrorCode.SOURCE_IS_DESTINATION: "a destination’s ID in place of a Source ID",
    ErrorCode.SOURCE_IS_TOKEN: "an access token in place of a Source ID",
    ErrorCode.SOURCE_UNKNOWN: "a Source ID that is not in the connected workspace",
    ErrorCode.SOURCE_DISABLED: "a chosen source is disabled in Segment",
    ErrorCode.TOO_MANY_SOURCES: "more sources than can be chosen",
    ErrorCode.DATE_IN_FUTURE: "a date in the future",
    ErrorCode.DATE_NOT_AHEAD: "a date that is not in the year ahead",
    ErrorCode.START_TOO_EARLY: "a start before Segment’s retention",
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
    ErrorCode.SEGMENT_UNAVAILABLE: "Segment could not be reached",
}
PROBLEM_UNKNOWN = "a problem without a name"
