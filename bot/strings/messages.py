"""Texts of direct messages: the state, then the next step, then one button."""

from flows.checks.question import CheckKind
from flows.model import Outcome, Screen
from flows.outbox.bodies import Heard
from flows.replay.steps import Mark
from flows.setup.progress import ScreenState

# Ends the plain text of a message, which is all that a screen reader gets.
BUTTON_BELOW = "The button “{label}” is below this message."
SEGMENT = "Segment"
OF_SLACK_WORKSPACE = "This is about your Slack workspace {team}."
OF_WORKSPACE = "Segment workspace {workspace}, slug {slug}"
WITHHELD = "(withheld: it looks like a secret)"
AND_MORE = "{names} and {count} more"
SOMEBODY = "somebody"
SOURCE_GONE = "a source"

# --- after the installation ---------------------------------------------------------------------

WELCOME_HERE = "this Slack workspace"
WELCOME_WHERE = "the Slack workspace {team}"
WELCOME_STATE = "Toplyne’s set-up for Segment is now in {where}."
WELCOME_AGAIN_STATE = (
    "Toplyne’s set-up for Segment is in {where} again. What it had stored before was"
    " deleted when the app was uninstalled, so you start from the beginning."
)
WELCOME_NEXT = (
    "Next: start it. It takes about ten minutes and a Workspace Owner in Segment. You can also type"
    " /segment in any channel."
)
WELCOME_BUTTON = "Start the set-up"

# --- a check that continued in the background ---------------------------------------------------

CHECK_GOOD: dict[CheckKind, str] = {
    CheckKind.TOKEN: "Segment has accepted the access token of {workspace}.",
    CheckKind.SOURCES: "Segment knows the sources you chose in {workspace}. They are saved.",
    CheckKind.WRITE_KEY: "Segment knows the write key of a source in {workspace}. It is saved.",
    CheckKind.LIVE_SYNC: "I have looked at your sources in {workspace}.",
}
CHECK_BAD: dict[CheckKind, str] = {
    CheckKind.TOKEN: "The access token could not be used.",
    CheckKind.SOURCES: "The sources could not be saved.",
    CheckKind.WRITE_KEY: "The write key could not be used.",
    CheckKind.LIVE_SYNC: "I could not look at your sources in Segment.",
}
# What the check was about, as far as it is known: a reader may have closed its window long ago.
CHECK_WORKSPACE = "Segment workspace: {workspace}."
CHECK_SOURCES = "Sources: {sources}."
CHECK_BAD_NEXT = "Next: open the set-up and correct it. Everything else is kept."
CHECK_UNAVAILABLE_NEXT = "Next: open the set-up and try again. Everything else is kept."
CHECK_BAD_BUTTON = "Correct it"
CHECK_UNAVAILABLE_BUTTON = "Try again"
CHECK_TOKEN_NEXT = "Next: create a new one in Segment and enter it. Everything else is kept."
CHECK_TOKEN_BUTTON = "Enter a new token"

# --- a colleague is asked to do something -------------------------------------------------------

DELEGATED_STATE = "{by} is connecting Segment to Toplyne and asks you to {task}."
DELEGATED_NEXT = "Next: press “{button}”; it takes {duration}. {need}"
DELEGATED_BUTTON = "Show me how"
DELEGATED_NOT_ME = "Not me"
DELEGATED_NOTE = "Their note:"
DELEGATED_OVER_STATE = "You were asked to {task}. That is over."
DELEGATED_OVER_NEXT = "There is nothing left to do: nobody waits for you there any more."
DELEGATED_ANEW_NEXT = "You were asked once more: see the newer message about it."
DELEGATED_ON_STATE = "You were asked to {task}, and have asked {to} to do it in your place."
DELEGATED_ON_NEXT = "Next: wait; you hear here what becomes of it."
DELEGATED_WHERE = "Segment workspace {workspace}, slug {slug}, region {region}"
DELEGATED_SOURCES = "Sources: {sources}"
DELEGATED_HOW = "*What to do in Segment*"

# --- what became of it, for whoever asked -------------------------------------------------------

HEARD_STATE: dict[Heard, str] = {
    Heard.DONE: "{asker} asked {to} to {task}. It is done{by}.",
    Heard.NOT_THEM: "{asker} asked {to} to {task}. They say that this is not for them.",
    Heard.LEFT: (
        "{asker} asked {to} to {task}. They are no longer a full member of this Slack, so they"
        " cannot do it."
    ),
    Heard.NOTHING: "{asker} asked {to} to {task}. It is not done yet, and I have reminded them.",
    Heard.QUIET: "{asker} asked {to} to {task}. It is not done yet, and they want no reminders.",
    Heard.ASKED_ON: "{asker} asked {to} to {task}. They have asked {by} to do it in their place.",
}
HEARD_DONE_NO_MORE = "{asker} asked {to} to {task}. It was done{by}, and is open again."
HEARD_SINCE: dict[ScreenState, str] = {
    ScreenState.DONE: "{asker} asked {to} to {task}. It is done now.",
    ScreenState.NOT_NEEDED: "{asker} asked {to} to {task}. Your plan does not include it.",
    ScreenState.ENDED: "{asker} asked {to} to {task}. That set-up has ended.",
}
HEARD_YOU = "You"
HEARD_BY = ", by {by}"
HEARD_NEXT = "Next: ask somebody else, or do it yourself."
HEARD_ASK_BUTTON = "Ask somebody else"
HEARD_DO_BUTTON = "Do it myself"

TASK: dict[Screen, str] = {
    Screen.PLAN: "say which Segment plan your company has",
    Screen.CREDENTIALS: "create an access token in Segment and enter it",
    Screen.SOURCES: "choose the Segment sources that Toplyne may read",
    Screen.LIVE_SYNC: "connect Toplyne to the chosen sources in Segment",
    Screen.WRITE_BACK: "let Toplyne write scores back to Segment",
    Screen.UPGRADE: "decide whether Toplyne also gets the history",
    Screen.REPLAY: "prepare the request for the history",
    Screen.REPLAY_EVENTS: "choose which events of the history Toplyne gets",
    Screen.REPLAY_PREVIEW: "look through the request for the history",
    Screen.REPLAY_STATUS: "send the request for the history to Segment",
    Screen.RECEIPT: "look at what is connected",
}
DURATION: dict[Screen, str] = {
    Screen.PLAN: "about 1 minute",
    Screen.CREDENTIALS: "about 3 minutes",
    Screen.SOURCES: "about 2 minutes",
    Screen.LIVE_SYNC: "about 5 minutes",
    Screen.WRITE_BACK: "about 3 minutes",
    Screen.UPGRADE: "about 1 minute",
    Screen.REPLAY: "about 3 minutes",
    Screen.REPLAY_EVENTS: "about 2 minutes",
    Screen.REPLAY_PREVIEW: "about 1 minute",
    Screen.REPLAY_STATUS: "about 2 minutes",
    Screen.RECEIPT: "about 1 minute",
}
NEED: dict[Screen, str] = {
    Screen.PLAN: "You find it in Segment under Settings → Usage &amp; billing.",
    Screen.CREDENTIALS: "Only a Workspace Owner in Segment can create one.",
    Screen.SOURCES: "The list comes from Segment; you only choose.",
    Screen.LIVE_SYNC: "You need the right to add destinations in Segment.",
    Screen.WRITE_BACK: "You need the right to add sources in Segment.",
    Screen.UPGRADE: "Your company’s Segment plan decides.",
    Screen.REPLAY: "Everything is filled in; you only check it.",
    Screen.REPLAY_EVENTS: "The names are listed; you only choose.",
    Screen.REPLAY_PREVIEW: "The text is ready; you only check it.",
    Screen.REPLAY_STATUS: "The text is ready; you only send it.",
    Screen.RECEIPT: "There is nothing to do there.",
}

# --- what Toplyne decided -----------------------------------------------------------------------

CONFIRMED_STATE = "Toplyne has confirmed {workspace}."
REJECTED_STATE = "Toplyne could not confirm {workspace}."
REVIEWED = "your Segment workspace {workspace}"
REVIEWED_UNNAMED = "your Segment workspace"  # whose name is not known, or no longer
REJECTED_REASON = "The reason given: “{reason}”"
REJECTED_NEXT = "Next: correct what you entered. Your plan is kept."
REJECTED_BUTTON = "Correct it"

# --- data ---------------------------------------------------------------------------------------

FIRST_DATA_STATE = "The first events of {sources} have reached Toplyne: live sync has started."
EVENTS_ARRIVE_STATE = "Events of {sources} reach Toplyne: live sync has started."
FIRST_DATA_NEXT = (
    "Next: prepare the request for the Replay, which brings your history too. It takes {duration}."
)

# It arrived after the Replay, which did not bring its history.
FIRST_DATA_MISSING = "The Replay that has run did not bring its history. Next:"

ARRIVAL_STATE = "Toplyne sees your data arrive: live sync has started."

# --- what is over ------------------------------------------------------------------------------

OVER_STATE = "This is over: {state}"
BEFORE_STATE = "Before the disconnect: {state}"
OVER_NEXT = "There is nothing left to do here; /segment status shows where you are."

# --- incidents and their end --------------------------------------------------------------------

INCIDENT_NEXT = "Next: {next}. Nothing you have set up is lost."
INCIDENT_ALSO = "The same is true of {sources}."

# --- the Replay request -------------------------------------------------------------------------

REPLAY_TO_SEND_STATE = "Your Replay request for {workspace} is ready to be sent to Segment."
REPLAY_TO_SEND_NEXT = (
    "Next: copy the text below into Segment’s ticket form and send it, then press “{button}”."
)
REPLAY_SENT_STATE = "Your Replay request for {workspace} was sent to Segment, as {by} reported."
REPLAY_SENT_NEXT = "Next: wait for Segment’s answer. When they name a day, press “{button}”."
REPLAY_UNDO: dict[Mark, str] = {
    Mark.SENT: "Not sent yet? *{button}* takes it back, until {until}.",
    Mark.FINISHED: "Not finished yet? *{button}* takes it back, until {until}.",
    Mark.RUNNING: "Not running yet? *{button}* takes it back, until {until}.",
}
REPLAY_UNDO_BUTTON = "Undo"
REPLAY_SCHEDULED_STATE = (
    "Segment has scheduled the Replay for {workspace}{when}{ticket}, as {by} reported."
)
REPLAY_MISSED_STATE = (
    "The Replay for {workspace}{ticket} had not started on {missed}, the day that Segment named, as"
    " {by} reported.{when}"
)
REPLAY_MISSED_ON = " The new day is {day}."
REPLAY_SCHEDULED_ON = " for {day}"
REPLAY_SCHEDULED_TICKET = " (ticket {ticket})"
REPLAY_SCHEDULED_NEXT = (
    "Next: wait until Segment starts it. When they tell you so, press “{button}”."
)
REPLAY_RUNNING_STATE = "The Replay for {workspace} is running, as {by} reported."
REPLAY_RUNNING_NEXT = "Next: wait until Segment tells you that it has ended, then press “{button}”."
REPLAY_FINISHED_STATE = "The Replay for {workspace} has finished, as {by} reported."
REPLAY_REJECTED = "Toplyne asks you to correct this Replay request."
REPLAY_WITHDRAWN_STATE = (
    "Version {number} of the Replay request is withdrawn: none of its sources is chosen any more."
)
REPLAY_NOT_NOW_STATE = "Your Replay request for {workspace} was not sent and is not needed now."
REPLAY_OUTDATED_STATE = (
    "Your Replay request for {workspace} is out of date. It asks for the history of sources that"
    " are not chosen any more: {sources}."
)
REPLAY_OUTDATED_SENT = "Have you sent it as it was? Then press *{button}*."
REPLAY_REPLACED_STATE = (
    "Version {number} of the Replay request is out of date: a newer one took its place."
)
REPLAY_REPLACED_NEXT = (
    "Next: use the newer one, which has a message of its own and is in the set-up."
)
REPLAY_OLD_STATE = "This Replay request is no longer the current one."
REPLAY_OLD_NEXT = "Next: open the set-up, which shows where you are."
REPLAY_GONE_STATE = "This Replay request is of a set-up that was disconnected."
REPLAY_REPLACED_BUTTON = "Open the newer request"
REPLAY_OLD_BUTTON = "Open the set-up"
REPLAY_VERSION = "Version {number}. It replaces version {old} (sent to Segment: {when})."
REPLAY_REVISE_BUTTON = "Change the request"

REPLAY_SENT_BUTTON = "I’ve sent it to Segment"
REPLAY_SCHEDULED_BUTTON = "It’s scheduled"
REPLAY_ASKED_BUTTON = "They asked me something"
REPLAY_RUNNING_BUTTON = "It’s running"
REPLAY_FINISHED_BUTTON = "It’s finished"
REPLAY_FORM_STEPS = "You find the form in Segment under Help → Create a ticket."
REPLAY_MAIL = "Or {link}."
REPLAY_MAIL_LABEL = "email {address}"
REPLAY_SHORTENED = (
    "Shortened to fit into a message: names are cut and counts left out. The whole text is in the"
    " set-up."
)
REPLAY_TOO_LONG = "The text is too long for a message. Open it in the set-up and copy it there."
REPLAY_WHOLE_BUTTON = "Open the whole text"
REPLAY_MAIL_SHORT = "Or {link} and paste the text into it: the link holds only its beginning."
REPLAY_LEFT_OUT = "Left out, because no event has reached Toplyne yet: {sources}."

# --- the end ------------------------------------------------------------------------------------

COMPLETED_STATE: dict[Outcome, str] = {
    Outcome.WITH_HISTORY: "Segment is connected to Toplyne, with live data and history.",
    Outcome.LIVE_ONLY: "Segment is connected to Toplyne, with live data only.",
}
COMPLETED_LEFT = "This set-up was complete, and has been disconnected since."
COMPLETED_REJECTED = (
    "This set-up counted as finished. Toplyne has sent the Replay request back since."
)
COMPLETED_REOPENED = "This set-up was finished, and has been opened again since."
COMPLETED_NEXT = "Next: look at the receipt if you like; it shows everything, and how to undo it."
COMPLETED_NEXT_OPEN = "{next} All that is still open is listed below."
COMPLETED_BUTTON = "Open the receipt"
COMPLETED_WORKSPACE = (
    "*Segment workspace*: {workspace}, slug {slug}, ID {id}, {region}, plan {plan}"
)
COMPLETED_LIVE = "*Live data*: {sources}"
COMPLETED_SILENT = "*Not arriving*: {sources}"
COMPLETED_HISTORY = "*History*: {sources}, {start} to {end} (UTC), {events}"
COMPLETED_WHO = "*Who did it*"

# --- help, leaving, and what people write -------------------------------------------------------

HELP_STATE = "Toplyne’s team gets your question, with the step you are at."
HELP_NEXT = "Next: go on with the set-up meanwhile; somebody answers you here."
HELP_BUTTON = "Go on with the set-up"
HELP_ALONE_STATE = "Toplyne’s team gets your question."
HELP_ALONE_NEXT = "Next: wait for the answer; it comes here as a message."

DISCONNECTED_STATE = (
    "Segment is disconnected. Deleted here: any access token or write key, your sources and your"
    " answers. Nothing is watched any more."
)
DISCONNECTED_NEXT = (
    "Next, in Segment: switch off the Toplyne destination; until you do, data keeps going to"
    " Toplyne. If you made a token, remove it under Settings → Workspace settings → Access"
    " management → Tokens."
)
FAREWELL_RUNS = (
    "Segment goes on with your Replay request{ticket}: tell them if you do not want it any more."
)
FAREWELL_NOT_TWICE = (
    "If you connect again, ask for this history only if it has not come, so that nothing comes"
    " twice."
)
REPLACED_STATE = (
    "You use {instead} instead of {workspace} now. The token, sources and requests of {workspace}"
    " are deleted here, and I no longer watch it."
)
REPLACED_NEXT = (
    "Next, in Segment, open {workspace}: switch off the Toplyne destination; until you do, data"
    " keeps going to Toplyne. If you made a token there, remove it under Settings → Workspace"
    " settings → Access management → Tokens."
)
DISCONNECTED_AGAIN_BUTTON = "Connect again"

IN_THE_OPEN_STATE = "Your message seems to hold an access token. I have not kept it."
IN_THE_OPEN_NEXT = (
    "Next: delete your message and revoke that token in Segment, because others may have seen it."
    " Then create a new one and enter it in the set-up, where it is encrypted at once."
)
IN_THE_OPEN_BUTTON = "Open the set-up"
# Where nothing is set up, and in Toplyne's own Slack workspace.
IN_THE_OPEN_NOWHERE = (
    "Next: delete your message and revoke that token in Segment, because others may have seen it."
    " To connect Segment, type `/segment` in your own Slack workspace: a token that you enter there"
    " is encrypted at once."
)

HINT_STATE = "I cannot answer messages here, and nobody reads them."
HINT_NEXT = (
    "{next} To reach a person at Toplyne, press “{help}”; /segment help lists what else there is."
)
HINT_NOWHERE = (
    "Next: type `/segment` in the Slack workspace that connects Segment. For Toplyne’s own team"
    " there is `/segment-csm`."
)
ASK_HELP_BUTTON = "Ask for help"
