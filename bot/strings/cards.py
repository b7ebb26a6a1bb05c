"""Texts of the status card in the CSM channel, short, for CSMs with many customers."""

from flows.csm.facts import Need
from flows.model import Outcome, Verification, WaitingOn
from flows.setup.blockers import Blocker

TITLE = "*{customer}* · {state}"
STATE = "{step} · {blocker}"
STATE_SPOKEN = "{step}, {blocker}"
FINISHED: dict[Outcome, str] = {
    Outcome.WITH_HISTORY: "finished, with history",
    Outcome.LIVE_ONLY: "finished, with live data only",
}
DISCONNECTED = "disconnected"
UNINSTALLED = "app uninstalled, data deleted"
UNINSTALLED_NEXT = "ask them why; whoever installs the app again starts from the beginning"
UNINSTALLED_LINE = "Uninstalled: everything that was stored of this customer is deleted."

BETWEEN = " · "
OWNER = "*Owner*: {owner}"
NO_OWNER = "nobody yet"
ACCOUNT = "*Toplyne account*: {account}"
SCHEDULED = "*Replay*: scheduled by Segment{details}"
MATTER = "*Open*: {matter}, since {since}"
MATTER_ASKED = "*Open*: {matter}, since {since}: “{asked}”"
MORE_MATTERS = "*Open*: {count} more, in the thread"
WORKSPACE = "*Segment workspace*: {workspace}, {verification}"
REACHED = "*Reached*: {outcome}"
LEFT_OPEN = "*Left open by the customer*: {what}"
LEFT_HISTORY = "history of {sources} not requested"
AND = "; "
REPLAY = "*Replay*: {state}"
BROKEN = "*Not working*: {broken}"
FORGOTTEN = "*Access token*: deleted, so nothing is watched"
PLAN = "*Plan*: {plan}"
PLAN_WITH_REGION = "{plan} ({region})"
WAITING = "*Waiting on*: {who}, since {since}"
SETTLED = "*Waiting on*: nobody, since {since}"
CONTACT = "*Customer’s contact*: {contact}"
LAST_ACTIVE = "*Last activity*: {when}"
TRIES = "*Failed tries*: {count}, last problem: {problem}"
RAN_OUT = "*Stuck*: no more reminders come about this"
RAN_OUT_OF = "*Stuck*: no more reminders come about the set-up ({what})"
UNREACHED = "*Could not be reached*: none of their people gets my reminders in Slack"
QUIET = "*Reminders*: the customer asked for quiet"
SNOOZED = "*Reminders*: snoozed until {until}"
SENT = "*Toplyne’s backend*: {parts}"
SENT_NOW = "{what} is on its way"
SENT_TAKEN = "{what} taken {when}"
SENT_LATER = "{what} not taken yet, tried again ({failure})"
SENT_NEVER = "{what} never taken ({failure}); the thread says what to do"
REPLAY_REQUEST = (
    "*Replay request*: version {number}, {when}; {start} to {end} (UTC), {events}{estimate}"
)
SEE_REQUEST = "See the request"
NEXT = "*Next*: {next}"
# What a CSM reads who came too late.
HAPPENED = "What happened: {line} ({when})"
HAPPENED_LAST = "The last thing that happened: {line} ({when})"
REPLACED = (
    "That was about an earlier set-up: {left} disconnected it ({left_when}), and {began} began"
    " another one ({when})."
)
REINSTALLED = (
    "That was about an earlier set-up, which was deleted when the app was uninstalled. {began}"
    " began the one that is there now ({when})."
)
FORMER = "The earlier lines are in the thread of <{link}|the former card>."
SPOKEN = "{customer}: {state}. Next: {next}."

# Open questions, which no other line of the card mentions.
MATTER_NAME: dict[Need, str] = {
    Need.HELP: "{who} asked for help",
    Need.REPLIED: "{who} wrote back",
}
WAITING_NAME: dict[WaitingOn, str] = {
    WaitingOn.CUSTOMER: "the customer",
    WaitingOn.SEGMENT: "Segment",
    WaitingOn.TOPLYNE: "Toplyne",
    WaitingOn.CSM: "you",
}
VERIFICATION: dict[Verification, str] = {
    Verification.VERIFIED: "verified by Segment",
    Verification.UNVERIFIED: "not verified",
    Verification.CONFIRMED: "confirmed by a CSM",
    Verification.REJECTED: "rejected by a CSM",
}

CONNECTED = "{who} says that Toplyne is connected in Segment, since {when}"
NEXT_BY_BLOCKER: dict[Blocker, str] = {
    Blocker.CREDENTIALS_UNVERIFIED: "see whether this is their workspace; confirm or reject it",
    Blocker.ARRIVAL_UNCONFIRMED: "check in Toplyne whether their data arrives, then say so here",
}
NEXT_BY_WAITING: dict[WaitingOn, str] = {
    WaitingOn.CUSTOMER: "wait for the customer, or write to {contact}",
    WaitingOn.SEGMENT: "wait; Segment answers the customer",
    WaitingOn.TOPLYNE: "wait; Toplyne acts",
    WaitingOn.CSM: "look at this customer",
}
NEXT_SCHEDULED = "wait until Segment starts the Replay"
NEXT_RUNS = "wait until Segment has run the Replay"
NEXT_OVERDUE = "ask {contact} how far the Replay is, since it is late"
NEXT_STUCK = "offer help to {contact}: several tries did not succeed"
NEXT_UNREACHED = "reach {contact} outside of Slack: none of their people gets my reminders"
NEXT_RAN_OUT = "write to {contact}: no more reminders come about this"
NEXT_SETTLED = "nothing for you"
NEXT_LEFT = "write to {contact} if what is left open matters; no reminders come about it"
NEXT_HISTORY = "check in Toplyne whether the history has arrived, then say so here"

NEXT_MATTER: dict[Need, str] = {
    Need.HELP: "answer {who}, who asked for help",
    Need.REPLIED: "answer {who}, who wrote back",
}
CLAIM_BUTTON = "Claim"
UNCLAIM_BUTTON = "Give back"
UNCLAIM_TITLE = "Give this customer back?"
UNCLAIM_TEXT = "Nobody looks after {customer} then, until somebody claims it."
ASSIGN_BUTTON = "Assign…"
MESSAGE_BUTTON = "Message the customer"
ANSWER_BUTTON = "Answer"
MORE_ACCOUNT = "Set the Toplyne account…"
MORE_SNOOZE = "Snooze reminders…"
MORE_REPLAY = "Mark the Replay as…"
MORE_REJECT = "Reject…"
MORE_ANSWERED = "Mark as answered…"
ANSWERED_BUTTON = "Mark as answered"
REJECT_BUTTON = "Reject…"
CONFIRM_BUTTON = "Confirm"
ARRIVING_BUTTON = "Data is arriving"
CONFIRM_TITLE = "Confirm this workspace?"
CONFIRM_TEXT = "{customer} is told that Toplyne confirmed {workspace}, and goes on to live sync."
CONFIRM_YES = "Confirm"
ARRIVING_TITLE = "Is data arriving?"
ARRIVING_TEXT = (
    "Segment cannot be asked on the Free plan, so look in Toplyne’s own data of {customer} first."
    " The customer is told that live sync has started."
)
ARRIVING_YES = "Data is arriving"
HISTORY_BUTTON = "Toplyne has the history"
HISTORY_TITLE = "Has the history arrived?"
HISTORY_TEXT = (
    "Look in Toplyne’s own data of {customer} first, for what version {number} of the request asked"
    " for. The customer is told that Toplyne has their history."
)
HISTORY_YES = "It has arrived"
NOT_YET = "Not yet"
