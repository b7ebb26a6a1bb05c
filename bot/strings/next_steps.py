"""What comes next, for messages and screens. `bot.strings.blockers` has the blockers' own texts."""

from flows.csm.facts import Need
from flows.model import Outcome
from flows.setup.blockers import Blocker

WAITING_FOR_YOU = "Waiting for you: {next}"
COLLEAGUE_ASKED = "A colleague was asked: {next}"
STILL_OPEN = "Still open: {next}"  # after the end
NOT_ARRIVING = "*Nothing arrives yet from*: {sources}"
NEXT = "Next: {next}."
QUESTION: dict[Need, str] = {
    Need.HELP: "{who} asked Toplyne for help, {when}; the answer comes to them as a message",
    Need.REPLIED: "{who} wrote to Toplyne, {when}; the answer comes to them as a message",
}

# The words on the main button.
BUTTON: dict[Blocker, str] = {
    Blocker.PLAN_MISSING: "Choose the plan",
    Blocker.CREDENTIALS_MISSING: "Enter the token",
    Blocker.WORKSPACE_MISSING: "Enter the workspace",
    Blocker.CREDENTIALS_REJECTED: "Correct it",
    Blocker.CREDENTIALS_UNVERIFIED: "See where you are",
    Blocker.SOURCES_MISSING: "Choose the sources",
    Blocker.SOURCES_REJECTED: "Correct it",
    Blocker.NOT_LOOKED_YET: "Check now",
    Blocker.SOURCE_UNHEARD: "Check now",
    Blocker.SOURCE_DISABLED: "Show me how",
    Blocker.DESTINATION_MISSING: "Show me how",
    Blocker.DESTINATION_DISABLED: "Show me how",
    Blocker.NO_EVENTS: "Show me how",
    Blocker.ARRIVAL_UNCONFIRMED: "Show me how",
    Blocker.PLAN_NOT_BUSINESS: "Choose how to go on",
    Blocker.REPLAY_NOT_REQUESTED: "Prepare the request",
    Blocker.REPLAY_REJECTED: "Correct it",
    Blocker.REPLAY_NOT_SENT: "Send the request",
    Blocker.REPLAY_NOT_RUNNING: "Report that it runs",
    Blocker.REPLAY_NOT_FINISHED: "Report that it has finished",
    Blocker.TOKEN_REVOKED: "Enter a new token",
    Blocker.ROLE_REDUCED: "Enter a new token",
    Blocker.SOURCE_DELETED: "Choose the sources",
    Blocker.DESTINATION_DELETED: "Show me how",
    Blocker.EVENTS_STOPPED: "Show me how",
}

# The same for a request that is with Segment: no answer yet, and the promised day has come.
ANSWER_BUTTON = "Report their answer"
SAY_WHETHER_BUTTON = "Say whether it runs"

FINISHED: dict[Outcome, str] = {
    Outcome.WITH_HISTORY: "Segment is connected to Toplyne, with history",
    Outcome.LIVE_ONLY: "Segment is connected to Toplyne, with live data only",
}
FINISHED_NEXT: dict[Outcome, str] = {
    Outcome.WITH_HISTORY: "Next: look at what is connected if you like; everything is done.",
    Outcome.LIVE_ONLY: (
        "Next: look at what is connected if you like; on Business your history can come too."
    ),
}
UNWATCHED_NEXT = (
    "Next: check in Segment whether data of {sources} reaches Toplyne; I cannot, without the token."
)
# What is open after the end, to follow "Next:", where nothing is asked of the customer.
UNCONFIRMED = "Toplyne has not confirmed yet that the history of {sources} has arrived"
UNCONFIRMED_NEXT = "wait; Toplyne checks whether your history has arrived, and I message you"
UNANSWERED = "{who} asked Toplyne something, and nobody has answered yet"
UNANSWERED_REPLY = "{who} wrote to Toplyne, and nobody has answered yet"
UNANSWERED_NEXT = "wait; Toplyne answers"
FINISHED_BUTTON = "See what is connected"

# Sources that went live after the Replay: one, and several.
HISTORY_MISSING = (
    "{sources} delivers now; its history is missing",
    "{sources} deliver now; their history is missing",
)
HISTORY_NEXT = ("request the history of {sources}", "request the histories of {sources}")
HISTORY_BUTTON = ("Request its history", "Request their history")

DISCONNECTED = "Segment is disconnected from Toplyne"
DISCONNECTED_NEXT = "Next: connect it again when you want to. It takes about ten minutes."
DISCONNECTED_BUTTON = "Connect again"

# The answer to a button whose set-up is gone.
NOTHING_BEGUN = "No set-up is under way here, so nothing was changed."
ENDED = (
    "This set-up ended: Segment was disconnected by {who}, and everything that was entered was"
    " deleted. Nothing was changed now."
)
# The same where another set-up began since.
REPLACED = (
    "This is about an earlier set-up: Segment was disconnected by {left}, and {began} began the one"
    " that is here now{workspace}. Nothing was changed."
)
# The same where the app was uninstalled between the two.
REPLACED_UNINSTALLED = (
    "This is about an earlier set-up: the app was uninstalled since and everything of it was"
    " deleted. The one that is here now{workspace} was begun by {began}. Nothing was changed."
)
REPLACED_WORKSPACE = ", for *{workspace}*"
REPLACED_BUTTON = "Open the set-up"
# Where a message says what happened, and what comes next may be another thing by tomorrow.
LOOK_NEXT = "Next: open the set-up to see where things stand."
LOOK_BUTTON = "Open the set-up"
ENDED_NEXT = "Next: start again if you want to; it takes about ten minutes."
OPEN_NEXT = "Next: look at the set-up that is here now."
AGAIN = "Start again"
START = "Start the set-up"

ASKED = "{by} asked {to} to {task}."
STEP_DONE = "*{step}*: {mark}done by {who}"
STEP_DONE_ALONE = "*{step}*: {mark}done, {when}"
STEP_DONE_UNKNOWN = "*{step}*: {mark}done"
STEP_OTHER = "*{step}*: {mark}{state}"
STEP_BROKEN = "*{step}*: {mark}not working since {since}. {outstanding} {done}"
STEP_PARTLY = (
    "*{step}*: {mark}{count} of {all} sources not working since {since}. {outstanding} {done}"
)
STEP_BROKEN_NOW = "*{step}*: {mark}not working now. {outstanding} {done}"
STEP_WORKED = "It was done by {who}."
STEP_WORKED_ALONE = "It was done, {when}."
STEP_MORE = "{done}. *More to come*: {outstanding}"
STEP_OUTSTANDING = "*{step}*: {mark}{state}. {outstanding}"
