"""Texts of App Home."""

WELCOME_HEADER = "Connect Segment to Toplyne"
WELCOME = (
    "Nothing is connected yet. It takes about ten minutes, a Workspace Owner in Segment, and access"
    " to the Toplyne dashboard. You can stop at any point and come back."
)
WELCOME_BUTTON = "Start the set-up"
# After a disconnect.
LEFT = (
    "The app deleted what was entered here. In Segment, data keeps going to Toplyne until somebody"
    " switches off the Toplyne destination there. To connect again takes about ten minutes."
)
# Of a Slack workspace of an organisation, whose people have one Home for all of them.
GONE_HEADER = "This set-up is gone"
GONE = (
    "It was of a Slack workspace that the app was removed from. What the app had stored of it is"
    " deleted. Next: type `/segment` in another Slack workspace to see the set-up there."
)

MANAGE = "*Manage*"
ENTERED_ROW = "Access token for {workspace}, entered by {who}"
FORGOTTEN_ROW = "Access token: deleted, so nothing is watched"
NONE_ROW = "Access token: none could be created for {workspace}"
REPLACE_BUTTON = "Replace the token"
ENTER_BUTTON = "Enter a token"
SOURCES_ROW = "Sources: {sources}"
SOURCES_NONE = "none chosen yet"
SOURCES_BUTTON = "Change the sources"
HELP_ROW = "A person at Toplyne answers, and sees the step you are at"
HELP_BUTTON = "Ask for help"
DISCONNECT_ROW = "Disconnecting stops everything and deletes any token and key here at once"
DISCONNECT_BUTTON = "Disconnect"

HISTORY = "*What happened*"
HISTORY_LINE = "{when}: {line}"
