"""Texts of the board, a CSM's Home and the digest's lines, short, for CSMs with many customers."""

from flows.csm.board import Stage
from flows.csm.facts import Need

TITLE = "Customers"
REFRESH = "Refresh"
FIGURES = (
    "*{in_progress}* in progress · *{stuck}* stuck or waiting for a CSM"
    " · *{finished}* finished this week"
)

# --- filters ------------------------------------------------------------------------------------

ANY_STAGE = "Any step"
STAGE: dict[Stage, str] = {
    Stage.PLAN: "Plan",
    Stage.CREDENTIALS: "Credentials",
    Stage.LIVE_SYNC: "Live sync",
    Stage.HISTORIC_SYNC: "History",
    Stage.NOT_STARTED: "Not started yet",
    Stage.FINISHED: "Finished",
    Stage.LEFT: "Left",
}
ANY_WAITING = "Waiting on anybody"
ANY_GROUP = "All"
WAITING_GROUP = "Waiting on"
BLOCKER_GROUP = "Because"
ANY_OWNER = "Any owner"
MINE = "Mine"
NOBODY = "Nobody’s"
ANY_AGE = "Any time"
AGE = {1: "A day or longer", 3: "3 days or longer", 7: "A week or longer", 30: "30 days or longer"}
SEARCH = "Search by name"
SEARCH_HINT = "Beginnings of words: Slack workspace, Segment workspace or account. Press Enter."
SHOW_ALL = "Show all customers"

INVITED = "*Invited, not installed yet*"
INVITED_LINE = "{account}: invited by {owner} {since}; the link works until {until}"
INVITED_MORE = "More were invited before these. To see yours alone, choose “{mine}” above."
INVITED_MORE_MINE = "You invited more before these."

# --- lines --------------------------------------------------------------------------------------

LINE = "*{customer}* · {state}\n{details}"
ACCOUNT = "{customer} ({account})"
OF_SEGMENT = "{customer} (Segment workspace {account})"
OF_SLACK = "{customer} (Slack workspace {account})"
STEP = "{step}: {blocker}"
STEP_AFTER_END = "finished, but {step}: {blocker}"
STATE_UNKNOWN = "where they stand cannot be shown right now"
STATE_NOT_STARTED = "installed, nothing typed yet"
STATE_FINISHED = "finished"
STATE_DISCONNECTED = "disconnected"
STATE_UNINSTALLED = "app uninstalled"
SINCE_FIRST, SINCE = "Since {day}", "since {day}"
OWNER = "Owner: {owner}"
UNOWNED = "Owner: nobody yet"
NEED_YOU = "*{need}*"
NEED: dict[Need, str] = {
    Need.HELP: "asked for help",
    Need.REPLIED: "waits for your answer",
    Need.UNCONFIRMED: "waits for your confirmation",
    Need.CONNECTED: "says that Toplyne is connected, check whether data arrives",
    Need.CONFIRM: "waits for your confirmation",
    Need.TOKEN_REVOKED: "something that worked has stopped",
    Need.BROKEN: "something that worked has stopped",
    Need.STUCK: "stuck, reminders or tries did not help or reached nobody",
    Need.REPLAY_OVERDUE: "the Replay is late, ask how far it is",
    Need.UNINSTALLED: "removed the app",
    Need.UNOWNED: "not claimed yet",
}
# The same, if it is known who asked.
NEED_OF: dict[Need, str] = {
    Need.HELP: "{who} asked for help",
    Need.REPLIED: "{who} waits for your answer",
}
OPEN_CARD = "Open card"
CLAIM = "Claim"
ANSWER = "Answer"
CONFIRM = "Confirm…"
MESSAGE = "Message"
PREVIOUS = "Previous"
NEXT = "Next"
SHOWN = "Most urgent first · {first} to {last}"
SHOWN_ONE = "Most urgent first · {first}"
CUT = "more match than were looked through: search for a longer name"
OR_MORE = "{count}+"

# --- nothing to show ----------------------------------------------------------------------------

NO_CUSTOMERS = (
    "*No customers yet.* You see each here as soon as they install the app. Next: send your first"
    " customer the install address of this app."
)
ALL_LEFT = (
    "*Nobody is connecting now.* To see who has disconnected, choose the step “{left}”. Next: send"
    " the install address of this app to another customer."
)
NOTHING_FOUND = "*No customer matches.* Next: choose fewer filters, or search for a shorter name."
NOTHING_MINE = (
    "*Nobody is yours yet.* Next: show all customers and claim one, here or on their card."
)
LAST_PAGE = "*That was the last of them.* Next: go back a page."

# --- Home ---------------------------------------------------------------------------------------

HOME_TITLE = "Customers and their Segment set-up"
HOME_MINE = "Mine"
HOME_NO_MINE = "Nobody yet. Claim a customer below, or on their card."
HOME_NOT_STARTED = "Not started yet"
HOME_NO_WAITING = "Nobody. Everybody who installed the app has begun."
HOME_ALL = "All customers"
MORE = "Use the filters below to see more of them."
OPEN_BOARD = "Open the board"
OPEN_BOARD_ROW = "For Toplyne’s team: all customers at a glance"
