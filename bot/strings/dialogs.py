"""Texts of the small modals: progress, asking a colleague, asking for help, leaving."""

from flows.checks.question import CheckStage

CANCEL = "Cancel"
CLOSE = "Close"

# --- progress -----------------------------------------------------------------------------------

PROGRESS_TITLE = "Checking"
PROGRESS_DONE = "Done: {what}"
PROGRESS_NOW = "*Now:* {what}"
PROGRESS_THEN = "Then: {what}"
# What a check asks at each stage, and what is known after it (mrkdwn; `detail` is a name).
PROGRESS_DOING = {
    CheckStage.TOKEN: "asking Segment whether it accepts the token",
    CheckStage.WORKSPACE: "asking which workspace the token opens",
    CheckStage.LISTING: "reading the list of sources",
    CheckStage.CHOICE: "asking Segment about the sources you chose",
    CheckStage.WRITE_KEY: "asking Segment which source this write key belongs to",
    CheckStage.DELIVERY: "looking whether each source is connected to Toplyne and delivers",
}
PROGRESS_FOUND = {
    CheckStage.TOKEN: "token accepted",
    CheckStage.WORKSPACE: "workspace {detail}",
    CheckStage.LISTING: "list of sources read",
    CheckStage.CHOICE: "sources found: {detail}",
    CheckStage.WRITE_KEY: "write key found",
    CheckStage.DELIVERY: "looked at each source",
}
PROGRESS_CLOSE = "You can close this, I will message you."
RETRYING = (
    "I have no answer of Segment’s yet. This is not your mistake. What you entered is kept, and I"
    " try again by myself."
)

# --- somebody else ------------------------------------------------------------------------------

DELEGATE_TITLE = "Ask a colleague"
DELEGATE = (
    "Who should take care of {screen}? They get a message from me with a button that opens the"
    " right place."
)
DELEGATE_LABEL = "Colleague"
DELEGATE_NOTE_LABEL = "A note for them"
DELEGATE_NOTE_HINT = "Only they read it. Please write no tokens or keys here."
DELEGATE_PLACEHOLDER = "Choose somebody"
DELEGATE_SUBMIT = "Ask them"
DELEGATED_TITLE = "Asked"
DELEGATED = (
    "{who} gets a message from me now, and I tell you what became of it. You can go on yourself"
    " whenever you like."
)

# --- help ---------------------------------------------------------------------------------------

HELP_TITLE = "Ask for help"
HELP = (
    "A person at Toplyne gets your question about {screen}, with the step you are at and the last"
    " error. They do not see your access token."
)
HELP_LABEL = "What is the difficulty?"
HELP_HINT = "A few words help. Please write no tokens or keys here."
HELP_SUBMIT = "Send"
HELPED_TITLE = "Sent"
HELPED = "Your question is on its way to Toplyne."
HELPED_GO_ON = "You can go on with the set-up meanwhile."

# --- leaving ------------------------------------------------------------------------------------

DISCONNECT_TITLE = "Disconnect Segment"
DISCONNECT = (
    "*Disconnect {workspace} from this app?*\n"
    "I delete the access token, any write key and what I know about your sources at once, and stop"
    " all checks and messages. The record of who did what stays, and the Source IDs and dates of"
    " Replays, so that none is run twice unnoticed."
)
TAKEN_BACK = (
    "Toplyne was given a copy, encrypted. It is told at once that it must not use it any more."
)
DISCONNECT_REMAINS = (
    "*What stays in Segment until you change it there*\n"
    "• the access token, if you made one: delete it under *Settings → Workspace settings → Access"
    " management → Tokens*\n"
    "• the Toplyne destination: switch it off, or data keeps going to Toplyne"
)
DISCONNECT_RUNS = (
    "• your Replay request{ticket}: Segment goes on with it. Tell them if you do not want it any"
    " more"
)
DISCONNECT_SUBMIT = "Disconnect"
DISCONNECTED_TITLE = "Disconnected"
DISCONNECTED = (
    "Done: no access token of yours is here any more, and I have stopped all checks. To connect"
    " again, type `/segment`."
)
NO_WORKSPACE = "Segment"

FORGET_TITLE = "Delete the token"
FORGET = (
    "*Delete the access token here now?*\n"
    "Data goes on to Toplyne. I can no longer see whether it arrives, so I watch nothing and tell"
    " you nothing. You can enter a token again at any time."
)
FORGET_UNWATCHED = (
    "*Delete the access token here now?*\n"
    "Data goes on to Toplyne, and nothing else changes. You can enter a token again at any time."
)
FORGET_SUBMIT = "Delete the token"

ENDED_TITLE = "No set-up here"
REPLACED_TITLE = "An earlier set-up"
TYPED = "What you typed, to copy:"

# --- for a CSM ----------------------------------------------------------------------------------

REJECT_TITLE = "Reject"
REJECT = "What should the customer correct? They read your words."
REJECT_LABEL = "Reason"
REJECT_HINT = "For example: the slug acme belongs to another company; please look it up again."
REJECT_SUBMIT = "Reject"

DECIDED_TITLE = "Too late"
DECIDED = (
    "This was already decided, or has changed, so I changed nothing and told the customer nothing."
    " The card in the channel shows the newest state."
)

# --- trouble ------------------------------------------------------------------------------------

FAILED_TITLE = "Something went wrong"
FAILED = (
    "Something went wrong on our side. What you did may be saved already: please close this and"
    " open it again to see. If it happens again, name the reference {reference} to Toplyne."
)
BUSY_TITLE = "Please try again"
BUSY = (
    "I cannot reach my own storage right now, so nothing was changed. Please try again in a"
    " minute. If it stays so, name the reference {reference} to Toplyne."
)
SLACK_BUSY = (
    "Slack does not answer me right now, so nothing was changed. Please try again in a minute. If"
    " it stays so, name the reference {reference} to Toplyne."
)
SLACK_PASSES = (
    "Slack did not accept my answer. What you did may be saved already: please close this and"
    " open it again in a minute to see. If it stays so, name the reference {reference} to Toplyne."
)
OWN_WORKSPACE_TITLE = "Connect Segment"
NOT_CSM = "This is for Toplyne’s own team. Nothing was changed. To set up Segment, type /segment."

DONE_TITLE = "Done"
DONE = "Nothing is left to do here. Type `/segment` to see where the set-up is."
