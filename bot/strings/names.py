"""The names of steps, plans, regions and call types as people read them."""

from flows.model import Screen, Step
from flows.setup.progress import StepState
from flows.vocabulary import CallType, Plan, Region

WORKSPACE = "{name}, slug {slug}"
HAS_LEFT = "{name} (has left)"

STEP = {
    Step.PLAN: "Plan",
    Step.CREDENTIALS: "Credentials",
    Step.LIVE_SYNC: "Live sync",
    Step.HISTORIC_SYNC: "History",
}

STEP_STATE = {
    StepState.DONE: "done",
    StepState.BROKEN: "not working now",
    StepState.CURRENT: "now",
    StepState.BLOCKED: "waiting",
    StepState.LATER: "later",
    StepState.NOT_INCLUDED: "not included",
}

STEP_BROKEN_SINCE = "not working since {day}"
STEP_PARTLY_SINCE = "{count} of {all} sources not working since {day}"

STEP_MARK = {
    StepState.DONE: "✓ ",
    StepState.BROKEN: "✗ ",
    StepState.CURRENT: "→ ",
    StepState.BLOCKED: "",
    StepState.LATER: "",
    StepState.NOT_INCLUDED: "",
}

PLAN = {
    Plan.FREE: "Free",
    Plan.TEAM: "Team",
    Plan.BUSINESS: "Business",
}

REGION = {
    Region.US: "US",
    Region.EU: "EU",
}

ANY_SOURCE = "a source"

SCREEN = {
    Screen.PLAN: "the Segment plan",
    Screen.CREDENTIALS: "the access token",
    Screen.SOURCES: "the sources",
    Screen.LIVE_SYNC: "live sync",
    Screen.WRITE_BACK: "scores back to Segment",
    Screen.UPGRADE: "the upgrade to Business",
    Screen.REPLAY: "the Replay request",
    Screen.REPLAY_EVENTS: "the events of the Replay",
    Screen.REPLAY_PREVIEW: "the Replay request",
    Screen.REPLAY_STATUS: "the Replay",
    Screen.RECEIPT: "the receipt",
}

CALL_TYPE = {
    CallType.IDENTIFY: "Identify",
    CallType.TRACK: "Track",
    CallType.PAGE: "Page",
    CallType.GROUP: "Group",
}
