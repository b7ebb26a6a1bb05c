"""The texts of the modals about history: upgrade, Replay request, preview, status."""

from bot.ids import Action
from bot.strings import messages

TITLE = "Request the Replay"

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
UPGRADED_HINT = "A rough day is fine."
UPGRADED_WHY = (
    "Segment keeps events of the Team plan for 365 days and of the Free plan for 180 days. What"
    " was older on the day of the upgrade may be gone, and the Replay request says so."
)

# --- prerequisites ------------------------------------------------------------------------------

NOT_YET = "*The Replay cannot be requested yet.* It needs both of these:"
NEEDS_BUSINESS = "Segment plan: Business"
NEEDS_LIVE = "Live sync: started"
HOLDS = "✓ {what} (done)"
MISSING = "… {what} (not yet)"
NEXT = "*Next:* {next}."
HOW = "*How to do it*"
TAKE_ME = "Take me there"

# --- form ---------------------------------------------------------------------------------------

INTRODUCTION = (
    "A Replay brings your history to Toplyne, once. Segment’s team runs the Replay by hand. I"
    " write the request for you; you look it through and send it."
)
WORKSPACE = "*Workspace:* {workspace}, slug {slug}, ID {id}\n*Destination:* Toplyne"
SOURCE = "*{source}* · Source ID {id}"
CALLS = "In 30 days: {calls}"
CALLS_UNMEASURED = "Calls of the last 30 days: not measured"
CALLS_MISSING = "⚠ Missing: {call_types}. {meaning}"
LEFT_OUT = "⚠ *{source}*: left out, because no event of it has reached Toplyne yet"
START_LABEL = "From"
START_HINT = "Toplyne needs at least 6 months; 12 are better."
END_LABEL = "To"
END_LIVE_HINT = (
    "Live sync began at {utc} UTC. Later events reach Toplyne by themselves; a later end would"
    " bring them twice."
)
END_HINT = "In UTC this is {utc}."
EVENTS_LABEL = "Which events?"
EVENTS_ALL = "All events (recommended)"
EVENTS_SOME = "Only some"
CALL_TYPES_LABEL = "Call types"
EVENT_NAMES_LABEL = "Event names"
EVENT_NAMES_HINT = "One a line, exactly as they are written in Segment."
PREVIEW_BUTTON = "Preview"

# --- preview ------------------------------------------------------------------------------------

PREVIEW = "*This is the request, word for word.* Nothing has been sent yet."
PREVIEW_NEXT = (
    "When you press *Request the Replay*, I send you this text as a message with a link to"
    " Segment’s ticket form, and tell Toplyne."
)
REQUEST_BUTTON = "Request the Replay"

# --- status -------------------------------------------------------------------------------------

STATUS_TITLE = "Replay"
REQUESTED = "*Requested* by {who}\nFrom {start} to {end} (UTC), {events}"
ALL_EVENTS = "all events"
SOME_EVENTS = "only some events"
REPORTED = "✓ *{what}*: reported by {who}"
NOT_REPORTED = "*{what}*: not reported yet"
SENT = "Sent to Segment"
RUNNING = "Running"
FINISHED = "Finished"
STATUS_TEXT = "*The text for Segment*"
MAIL = "Or, as the second choice, {link}. Paste the text if the mail comes up empty."
MARKS = {
    Action.REPLAY_SENT: messages.REPLAY_SENT_BUTTON,
    Action.REPLAY_RUNNING: messages.REPLAY_RUNNING_BUTTON,
    Action.REPLAY_FINISHED: messages.REPLAY_FINISHED_BUTTON,
}
