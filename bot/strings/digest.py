"""Texts of the digest that CSMs read on weekday mornings."""

from flows.history import Event
from flows.overview import Milestone
from flows.replay.events import ReplayRequested
from flows.setup.events import CredentialsVerified, Installed, LiveSyncStarted, PlanChosen

NEEDS = "*Needs you today*"
LINE = "{customer}: {details}"
UNOWNED = "nobody’s yet"
MORE = "and {count} more"
MORE_NEED = (
    "and {count} more. Customers whom nobody has claimed count here; “stuck or waiting for a CSM”"
    " on the board leaves them out."
)
DONE_ONE = "✓ 1 customer of this morning needs nobody any more."
DONE = "✓ {count} customers of this morning need nobody any more."
OVER = "✓ Over. {why}"
MORE_SPOKEN = " and {count} more"
BUTTON = "Open the board"
NEEDS_SPOKEN = "Needs you today: {customers}{more}."
FORMER = "*The digest of {day} is over.* Customers in it: {count}. Need nobody any more: {done}."
FORMER_NEXT = "Next: open the board, which shows who needs you now."
QUIET = "Nobody needs you today."

WEEK = "*Last week*"
MOVES = "Moved: {moved}"
FINISHED = "Finished: {customers}"
WHERE = "How far everybody came: {funnel}"
WEEK_SPOKEN = "How far everybody came: {funnel}."
NOBODY = "nobody"
MOVED: dict[type[Event], str] = {
    Installed: "{count} installed the app",
    PlanChosen: "{count} chose a plan",
    CredentialsVerified: "{count} had their token verified",
    LiveSyncStarted: "{count} sent their first data",
    ReplayRequested: "{count} requested a Replay",
}

FUNNEL: dict[Milestone, str] = {
    Milestone.INSTALLED: "App installed",
    Milestone.PLAN: "Plan chosen",
    Milestone.CREDENTIALS: "Credentials good",
    Milestone.LIVE_SYNC: "Data arriving",
    Milestone.REPLAY_REQUESTED: "Replay requested or skipped",
    Milestone.FINISHED: "Finished",
}
PICTURE_TITLE = "How far customers came"
PICTURE_NAME = "All customers"
PICTURE_FILE = "customers.png"
PICTURE_ALT = "Bar chart of how many customers came how far: {funnel}."
