"""Texts of the modals about history: upgrade, Replay request, preview, status."""

from bot.ids import Action
from bot.strings import messages
from bot.strings.receipt import REOPEN
from flows.model import Screen
from flows.replay.facts import Deletions, Subset

TITLE = "Replay request"

# --- a plan without a Replay --------------------------------------------------------------------

UPGRADE = (
    "*History needs the Business plan*\n"
    "Segment sends older data with a Replay, and runs one for Business workspaces only. You are on"
    " {plan}. Live data works as it is."
)
UPGRADE_CHOICES = (
    "*What you can do*\n"
    "• upgrade in Segment, then press *We upgraded to Business*\n"
    "• talk to Toplyne about it: *Ask for help*\n"
    "• finish with live data only; you can take this up again at any time"
)
UPGRADED_BUTTON = "We upgraded to Business"
LIVE_ONLY_BUTTON = "Finish with live data only"
UPGRADED_TITLE = "Upgraded to Business"
UPGRADED_LABEL = "When did you upgrade?"
UPGRADED_HINT = (
    "An approximate date is fine. If you were on Business all along, choose the day on which that"
    " began."
)
UPGRADED_WHY = (
    "Segment keeps events of the Team plan for 365 days and of the Free plan for 180 days. What"
    " was older on the day of the upgrade may be gone, and the Replay request says so."
)
UPGRADED_DELETES = (
    "With *Continue*, I delete what was entered for Free, its access token too. Next, you create a"
    " token that I can check."
)

# --- prerequisites ------------------------------------------------------------------------------

NOT_YET = "*The Replay cannot be requested yet.* It needs both of these:"
# Before and after it holds.
NEEDS_BUSINESS = ("… The Segment plan must be Business.", "✓ The Segment plan is Business.")
NEEDS_LIVE = ("… Live sync must have started.", "✓ Live sync has started.")
NEXT = "Next: {next}."
# Where it is the plan that lacks, and not on the screen that asks how to go on.
NEXT_UPGRADE: dict[Screen, str] = {
    Screen.PLAN: "upgrade to Business in Segment, then say here that you did",
    Screen.RECEIPT: f"upgrade to Business in Segment, then press *{REOPEN}* in the receipt",
}
HOW = "*How to do it*"
# The button that leads to what is outstanding.
GO_TO: dict[Screen, str] = {
    Screen.PLAN: "Choose the plan",
    Screen.CREDENTIALS: "Enter the token",
    Screen.SOURCES: "Choose the sources",
    Screen.LIVE_SYNC: "Go to live sync",
    Screen.WRITE_BACK: "Go to the scores",
    Screen.UPGRADE: "Choose how to go on",
    Screen.REPLAY: "Go to the request",
    Screen.REPLAY_EVENTS: "Go to the events",
    Screen.REPLAY_PREVIEW: "Go to the request",
    Screen.REPLAY_STATUS: "Go to the Replay",
    Screen.RECEIPT: "See what is connected",
}

# --- form ---------------------------------------------------------------------------------------

INTRODUCTION = "A Replay brings your history to Toplyne, once. Change what it should bring."
REVISING = (
    "Version {number} of your request was not sent to Segment yet, as far as I know. What you"
    " confirm here becomes version {next} and takes its place."
)
TAKEN_OUT = (
    "Version {number} asks for the history of sources that are not chosen any more: {sources}."
)
REVISING_SENT = (
    "Segment has version {number} of your request already. What you confirm here becomes version"
    " {next}; its text asks Segment to run this one in its place."
)
REVISING_FINISHED = (
    "The Replay of version {number} has finished. What you confirm here becomes version {next}; its"
    " text asks Segment for one more Replay."
)
ADDITIONAL = (
    "This asks for the history of {sources}. That of {earlier} has come already and is left out, so"
    " that nothing comes twice."
)
WORKSPACE = "*Workspace:* {workspace}, slug {slug}, ID {id}\n*Destination:* Toplyne"
MEASURING = (
    "Measuring: I ask Segment which calls your sources send. It is filled in here in a moment; you"
    " can go on meanwhile."
)
SOURCE = "*{source}* · Source ID {id}"
CALLS = "In 30 days: {calls}"
CALLS_MISSING = "⚠ No {call_type} in 30 days. {meaning}"
FILTERS = "⚠ Filters on its Toplyne destination, which cut a Replay too:"
FILTER = "• {title} {condition}"
MORE_FILTERS = "• and {count} more"
LEFT_OUT = "⚠ *{source}*: left out, because no event of it has reached Toplyne yet"
PAGES = (
    "*Page calls do not reach Toplyne yet*\n"
    "The Toplyne destination passes on Identify, Group and Track by default. If you want Page"
    " calls too, add a mapping before you send the request:"
)
PAGE_STEPS = (
    "In Segment, open *Connections → Destinations → Toplyne Cloud Mode (Actions)*.",
    "Open *Mappings* and press *New mapping*.",
    "Choose the action that sends events (*Track*).",
    "As the trigger choose *Event type is Page*, save, and switch the mapping on.",
)
START_LABEL = "From"
START_HINT = "Midnight UTC. Toplyne’s models need at least 6 months; 12 are better."
END_LABEL = "To"
END_LIVE_HINT = (
    "Live sync began at {utc} UTC. Later events reach Toplyne by themselves; a later end would"
    " bring them twice."
)
END_NOTHING_LEFT = (
    "Live sync began at {utc} UTC, and Segment keeps at most 3 years. So all that it still has"
    " reached Toplyne live; a Replay brings it twice."
)
END_ASKED = (
    "*Since when has Toplyne been connected to {sources}?* Segment shows only 30 days, and the"
    " first event in them came at {utc} UTC. If Toplyne was connected before, choose that day as"
    " the end; of several days, the first. What came since then reached Toplyne live, and would"
    " come twice. If a Replay was run before, ask Toplyne’s team first: what it brought would come"
    " twice, too."
)
END_OF_OTHERS = "The other sources end where their own live sync began, as the request says."
END_HINT = "In your own time zone. The request says it in UTC."
WINDOW = "From {start} to {end} UTC is {local_start} to {local_end} in your time zone."
WINDOW_CHANGES = "If you change the dates, the preview shows what they come to."
ESTIMATE = (
    "That is about {count} events, if every day was like the last 30. The real number can be quite"
    " different."
)
ESTIMATE_UNKNOWN = "How many events that is cannot be estimated."
EVENTS_LABEL = "Which events?"
EVENTS: dict[Subset, str] = {
    Subset.ALL: "All events (recommended)",
    Subset.ONLY: "Only some",
    Subset.EXCEPT: "All but some",
}
EVENTS_HINT = "Toplyne’s models pick what matters by themselves, so more is better."
RETENTION_LABEL = "For how long does your Segment workspace keep events?"
RETENTION: dict[int, str] = {
    1095: "3 years (Business, unless you chose less)",
    365: "365 days",
    180: "180 days",
    90: "90 days",
    30: "30 days",
}
RETENTION_HINT = "A Replay cannot bring what Segment has deleted."
DELETIONS_LABEL = "Are deletions of users under way in Segment?"
DELETIONS: dict[Deletions, str] = {
    Deletions.NONE: "No",
    Deletions.PENDING: "Yes, some are pending",
    Deletions.UNKNOWN: "I don’t know",
}
DELETIONS_HINT = "They must finish before a Replay starts, and none may begin while it runs."
CONTINUE = "See the request"

# --- which events -------------------------------------------------------------------------------

EVENTS_TITLE = "Which events?"
EVENTS_INTRODUCTION: dict[Subset, str] = {
    Subset.ALL: "*All events come along.* Go back to choose some.",
    Subset.ONLY: "*Only some events come along.* Untick call types, name events, or both.",
    Subset.EXCEPT: "*Some events are left out.* Untick call types, name events, or both.",
}
EVENTS_WHY = (
    "All events are better: Toplyne cannot learn from what you leave out. Segment takes only a list"
    " of what to include, so the request names the call types and the events that come along."
)
CALL_TYPES_LABEL = "Call types that come along"
CALL_TYPES_HINT = "Event names below are names of Track calls."
NAMES_LABEL: dict[Subset, str] = {
    Subset.ALL: "Event names",
    Subset.ONLY: "Of the Track calls only these events",
    Subset.EXCEPT: "All Track events except these",
}
NAMES_PLACEHOLDER = "Busiest first, as counted in the last 30 days"
NAMES_HINT = "Leave it empty to take all Track events."
NAMES_UNKNOWN = "Segment could not tell me the names of your events, so please type them."
OTHER_NAMES_LABEL = "Other event names"
EVENT_NAMES_HINT = "One a line, exactly as they are written in Segment."
PREVIEW_BUTTON = "See the request"
BACK = "Back"

# --- preview ------------------------------------------------------------------------------------

PREVIEW = (
    "*This is the request for your history, word for word.* Segment’s team runs the Replay by hand"
    " once you have sent it to them. Nothing has been sent yet."
)
PREVIEW_NEXT = (
    "*Give me the text to send* brings it as a message with a link to Segment’s ticket form, and"
    " tells Toplyne. Segment hears of it only when you send it."
)
CHANGE = "Change period or events"
REQUEST_BUTTON = "Give me the text to send"

# --- status -------------------------------------------------------------------------------------

STATUS_TITLE = "Replay"
REQUESTED = "*Request, version {number}*, by {who}\nFrom {start} to {end} (UTC), {events}{estimate}"
ALL_EVENTS = "all events"
SOME_EVENTS = "only some events"
ESTIMATED = ", about {count} events"
REPORTED = "✓ *{what}*: reported by {who}"
NOT_REPORTED = "*{what}*: not reported yet"
SENT = "Sent to Segment"
SCHEDULED = "Scheduled{when}{ticket}{missed}"
SCHEDULED_ON = " for {day}"
SCHEDULED_TICKET = ", ticket {ticket}"
SCHEDULED_MISSED = "; it had not started on {day}"
RUNNING = "Running"
FINISHED = "Finished"
PASTE_REST = (
    "(Please paste the rest of the request here: it stands below the link that you followed.)"
)
STATUS_TEXT = "*The text for Segment*"
MAIL = "Or {link}. Paste the text if the mail does not hold all of it."
MARKS = {
    Action.REPLAY_SENT: messages.REPLAY_SENT_BUTTON,
    Action.REPLAY_SCHEDULED: messages.REPLAY_SCHEDULED_BUTTON,
    Action.REPLAY_ASKED: messages.REPLAY_ASKED_BUTTON,
    Action.REPLAY_RUNNING: messages.REPLAY_RUNNING_BUTTON,
    Action.REPLAY_FINISHED: messages.REPLAY_FINISHED_BUTTON,
}
CHANGE_DAY_BUTTON = "Change the day"
NAME_DAY_BUTTON = "Name the day"
REVISE_BUTTON = "Change the request"
PAST = "✓ *Version {number}*, the history of {sources} from {start} to {end} (UTC): {how}"
PAST_REPORTED = "finished, reported by {who}"
PAST_CONFIRMED = "Toplyne has it"
PLAN_CHANGED = (
    "You are on {plan} now, and Segment runs Replays for Business workspaces only. If they do not"
    " run this one, you can finish with live data only; what is reported here later still counts."
)
STILL_OPEN = "*Still open*"
STILL_OPEN_LINE = "• {state}"
FINISH_ANYWAY = "Finish all the same"
VERSION_BUTTON = "Show the text"
VERSIONS_BUTTON = "All versions"

# --- what Segment answered ----------------------------------------------------------------------

SCHEDULE_TITLE = "Replay scheduled"
SCHEDULE = "What did Segment say? One of the two is enough."
SCHEDULE_LATE = (
    "Segment named {day} for the Replay, and it has not started. Which day is it now? Leave the day"
    " empty if Segment has not named a new one."
)
SCHEDULE_DAY_LABEL = "The day on which they run it"
SCHEDULE_NO_DAY_LABEL = "Was the day a mistake?"
SCHEDULE_NO_DAY = "Segment has named no day"
SCHEDULE_TICKET_LABEL = "Their ticket number"
SCHEDULE_TICKET_HINT = "You find it in the subject of Segment’s mails."
SAVE = "Save"
ASKED_TITLE = "Segment asked something"
ASKED = "Copy what Segment asks. Toplyne’s team reads it and helps you with the answer."
ASKED_LABEL = "What did they ask?"
ASKED_HINT = "No tokens or passwords: Toplyne’s team reads this in Slack."
ASKED_SUBMIT = "Pass it on"

# --- one version, for the customer and for CSMs -------------------------------------------------

VERSION_TITLE = "Replay request {number}"
VERSION_HEAD = "*Version {number}* for {workspace}, {requested}"
VERSION_BY = "requested by {who}"
VERSION_WHEN = "requested {when}"
VERSION_CURRENT = ". It is the current one."
VERSION_REPLACED = ". A newer one took its place."
VERSION_PAST = ". It has run: finished, as {by} reported."
VERSIONS = "*The other versions*"
VERSION_OTHER = "Version {number}"
VERSION_REPLACES = "It replaces version {number} (sent to Segment: {when})."
