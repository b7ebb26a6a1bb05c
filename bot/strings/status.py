"""Texts of `/segment status`, `/segment help` and the app's short answers."""

# --- status -------------------------------------------------------------------------------------

NOT_STARTED = "Nothing is connected yet."
NOT_STARTED_NEXT = "Next: start the set-up. It takes about ten minutes."
START_BUTTON = "Start the set-up"
NOT_WATCHED = "The access token was deleted, so nothing is watched."
WORKSPACE = "Segment workspace {workspace}"

NOTHING_TO_DISCONNECT = "Nothing is connected, so there is nothing to disconnect."
NOTHING_TO_DISCONNECT_NEXT = "Next: start the set-up if you want to connect Segment."

# --- help ---------------------------------------------------------------------------------------

HELP_STATE = "This app connects your Segment workspace to Toplyne, step by step."
HELP_NEXT = "Next: open the set-up; it goes on where you left it."
HELP_COMMANDS = (
    "`/segment` opens the set-up where you left it\n"
    "`/segment status` shows you what is done and what comes next\n"
    "`/segment replay` goes straight to the Replay request, or to what it still needs\n"
    "`/segment disconnect` deletes the access token and stops everything\n"
    "`/segment help` shows this"
)
HELP_BUTTON = "Open the set-up"
ASK_HELP_BUTTON = "Ask for help"
UNKNOWN_STATE = "I do not know that word after /segment."

IN_THE_OPEN_STATE = (
    "That looks like an access token. I have stored nothing of it, and the command was shown to"
    " nobody but you."
)
IN_THE_OPEN_NEXT = (
    "Next: revoke that token in Segment, because commands can leave traces outside Slack’s window."
    " Then create a new one and enter it in the set-up, where it is encrypted at once."
)
IN_THE_OPEN_OUTSIDER_NEXT = (
    "Next: revoke that token in Segment, because commands can leave traces outside Slack’s window."
    " To connect Segment, ask a full member of this Slack workspace."
)
IN_THE_OPEN_BUTTON = "Enter a token safely"

# --- /segment-csm -------------------------------------------------------------------------------

CSM_HELP_STATE = "This command is for Toplyne’s customer success team."
CSM_HELP_NEXT = "Next: type /segment-csm to see all customers, those who need you first."
CSM_HELP_COMMANDS = (
    "`/segment-csm` opens the board with all customers\n"
    "`/segment-csm mine` opens it with yours alone\n"
    "`/segment-csm find Acme` looks for a name\n"
    "`/segment-csm invite Acme` gives a link with which this customer installs the app\n"
    "`/segment-csm here` puts the status cards of all customers into this channel\n"
    "`/segment-csm help` shows this"
)
NOT_FOR_CUSTOMERS_STATE = "/segment-csm is for Toplyne’s own team. The one for you is /segment."
NOT_FOR_CUSTOMERS_NEXT = "Next: type /segment, or open your set-up here."
OWN_WORKSPACE_STATE = (
    "This is Toplyne’s own Slack workspace, so there is nothing to set up: customers connect"
    " Segment in theirs."
)
OWN_WORKSPACE_NEXT = "Next: type `/segment-csm help`, which lists what there is for your team."
CSM_BOUND_STATE = (
    "Status cards of all customers appear in {channel} from now on; there is one channel for all."
)
CSM_BOUND_NEXT = (
    "Next: invite the app to this channel, if it is not in it yet; it cannot write before. Cards"
    " that are missing are posted now. To move all of them, type /segment-csm here elsewhere."
)
CSM_SET_STATE = "Status cards of all customers stay in {channel}: the app’s settings say so."
CSM_SET_NEXT = "Next: change or remove CSM_CHANNEL_ID where the app runs if you want to move them."
CSM_SHARED_STATE = (
    "I do not put the cards into this channel: it is shared with another company, whose people"
    " would read about all customers. Nothing was changed."
)
CSM_SHARED_NEXT = "Next: type /segment-csm here in a channel of Toplyne alone."
CSM_DIRECT_STATE = (
    "This is a conversation between people, not a channel, so I do not put the cards here. Nothing"
    " was changed."
)
CSM_UNSEEN_STATE = (
    "I cannot see this channel, so I cannot tell whether it is shared with another company."
    " Nothing was changed."
)
CSM_UNSEEN_NEXT = "Next: invite the app to this channel, then type /segment-csm here again."
CSM_UNTOLD_STATE = (
    "Slack does not tell me whether this channel is shared with another company: I lack the"
    " permissions channels:read and groups:read. Nothing was changed."
)
CSM_UNTOLD_NEXT = (
    "Next: ask whoever runs the app to install it here once more, then type /segment-csm here"
    " again."
)
DECIDED_STATE = "This was already decided, or has changed, so I changed nothing."
DECIDED_NEXT = "Next: look at the card of this customer; it shows the newest state."

# --- when something went wrong ------------------------------------------------------------------

# They can come behind a press that was saved, or has deleted something: neither says what is kept.
FAILURE_STATE = "Something went wrong on our side. What you did may be saved already."
FAILURE_NEXT = "Next: try once more, or press “{button}” and name the reference {reference}."
TRY_AGAIN_STATE = "I cannot reach my own storage right now, so nothing was changed."
TRY_AGAIN_NEXT = (
    "Next: type /segment again in a minute. If it stays so, name the reference {reference} to"
    " Toplyne."
)
TOO_MANY_STATE = "This is more at once than I can take. Nothing was changed."
TOO_MANY_NEXT = "Next: try again in {wait}."
NOT_TAKEN_TITLE = "Not now"
NOT_TAKEN_STATE = "Nothing was sent."
NOT_TAKEN_NEXT = "Next: wait a little. {why}"
SLACK_BUSY_STATE = "Slack does not answer me right now, so nothing was changed."
SLACK_PASSES_STATE = "Slack did not accept my answer. What you did may be saved already."
# Beside the first input of a form, in plain text.
FAILURE_BESIDE = (
    "Something went wrong on our side. What you typed is still here: press the button once more, or"
    " ask for help and name the reference {reference}."
)
TRY_AGAIN_BESIDE = (
    "I cannot reach my own storage right now. What you typed is still here: press the button again"
    " in a minute. If it stays so, name the reference {reference} to Toplyne."
)
SLACK_BUSY_BESIDE = (
    "Slack does not answer me right now. What you typed is still here: press the button again in a"
    " minute. If it stays so, name the reference {reference} to Toplyne."
)
NOT_INSTALLED_STATE = "This app is not installed in this Slack workspace any more."
NOT_INSTALLED_NEXT = "Next: have an admin install it again, then type /segment."
LEFT_TITLE = "The app has left"
LEFT_STATE = "This is about a Slack workspace that the app has left, so nothing was changed."
LEFT_NEXT = "Next: type /segment to see the set-up of the Slack workspace where you are."
MISSING_SCOPE_TITLE = "Permission missing"
MISSING_SCOPE_STATE = "This app lacks a permission in this Slack workspace, so I cannot go on."
MISSING_SCOPE_NEXT = "Next: have an admin install it again, then try once more."
FOREIGN_STATE = (
    "You are in another company’s Slack here, and the set-up belongs to its own people. Nothing was"
    " changed."
)
FOREIGN_NEXT = "Next: ask one of their people, or type /segment in your own Slack workspace."
EXPIRED_STATE = "That took too long, and Slack no longer lets me open a window for that click."
EXPIRED_NEXT = "Next: press the button again; nothing is lost."
EXPIRED_BUTTON = "Open it again"
