"""Texts of the set-up's modals up to live sync. Steps and paragraphs are mrkdwn."""

from bot.strings.blockers import ARRIVAL_CHECKED
from flows.model import Verification
from flows.setup.blockers import Blocker
from flows.vocabulary import Plan

TITLE = "Connect Segment"
CONTINUE = "Continue"
CHECK = "Check"
BACK = "Back"
DELEGATE = "Somebody else must do this"
HELP = "Ask for help"
CHECK_AGAIN = "Check again"
AND_MORE = "and {count} more"
TO_CORRECT = "Toplyne asks you to correct this: {reason}"
REJECTED = "Toplyne could not confirm this: {reason}"

# --- plan ---------------------------------------------------------------------------------------

INTRODUCTION = (
    "This connects your Segment workspace to Toplyne. It takes about ten minutes. You can close"
    " this window at any point; nothing is lost."
)
NEEDED = (
    "*What it takes*\n"
    "• somebody who is a Workspace Owner in Segment\n"
    "• access to the Toplyne dashboard"
)
PLAN_QUESTION = "*Which Segment plan do you have?*"
PLAN_ROW = "*{plan}*\n{unlocks}"
PLAN_CHOSEN = "*{plan}* (chosen)\n{unlocks}"
PLAN_HINT = "Segment shows your plan under Settings → Usage &amp; billing → Plans."
PLAN_UNLOCKS = {
    Plan.FREE: "Live data only; a person at Toplyne confirms the set-up",
    Plan.TEAM: "Live data only; history needs Business",
    Plan.BUSINESS: "Live data, and your history of up to 12 months",
}
PLAN_TITLE = "Change to {plan}?"
PLAN_DELETES = (
    "I delete what was entered for Free, its access token too. Next, you create a token that I can"
    " check."
)
WRITE_KEY_STAYS = (
    "The write key for scores stays if that token is of the same workspace; otherwise I delete it,"
    " too."
)
PLAN_YES = "Change to {plan}"
PLAN_NO = "Stay on Free"

# --- credentials --------------------------------------------------------------------------------

CONNECTED = "*{workspace}* is connected."
SET_UP_FOR = "This set-up is for *{workspace}*."
CONNECTED_BY = "Entered by {who}"  # unless whoever started the set-up did
CONNECTED_IDS = "Slug {slug} · Workspace ID {id} · Region {region}"
CONNECTED_SLUG = "Slug {slug}"
OTHER_BUTTON = "Use {found} instead"
OTHER = "*Use {found} instead of {expected}?*\n{lost}\n{kept}\n{remains}"
OTHER_LOST = "This app then deletes: {things}. It keeps the record of who did what."
OTHER_KEPT = (
    "Within the hour you need not enter the token of {found} again. The plan stays {plan} until you"
    " change it."
)
OTHER_REMAINS = (
    "In Segment nothing changes: until you switch off the Toplyne destination of {expected}, its"
    " data keeps going to Toplyne."
)
OTHER_TOKEN = "the access token of {expected}"
OTHER_SOURCES = "the sources {sources}"
OTHER_SOURCE = "{source} (ID {id})"
OTHER_LIVE = "what I know of their live sync"
OTHER_UNSENT = "the Replay request (version {number}), which is not sent"
OTHER_SENT = "the Replay request (version {number}), which Segment may still run"
OTHER_FINISHED = "that the set-up was finished"
OTHER_WRITE_KEY = "the write key"
OTHER_PEOPLE = "who was asked and who can manage this"
KEEP_TOKEN = "To keep the token in use, leave the field empty and press *Continue*."
TOKEN_GONE = "The access token is no longer here. Enter a new one of the same workspace to go on."
TOKEN_UNNEEDED = (
    "Is it gone on purpose? Then delete it here too: nothing is watched any more, and nobody is"
    " asked for a token."
)
TOKEN_LOST = "Enter a new one of the same workspace to go on."
TOKEN_HOW = "*Create an access token in Segment*"
TOKEN_HOW_AGAIN = "*To replace it, create a new access token in Segment*"
TOKEN_EU = "Is your Segment workspace in the EU? Then open eu1.app.segment.com."
TOKEN_LABEL = "Access token"
TOKEN_LABEL_AGAIN = "New access token, only to replace the one in use"
TOKEN_PLACEHOLDER = "Paste the token"
TOKEN_RIGHTS = (
    "This token could change the whole Segment workspace; I only read the workspace, its sources"
    " and destinations, how many events arrive, and whether the token may list users (I keep"
    " nothing of them)."
)
TOKEN_NOBODY = (
    "It is stored encrypted, given to nobody, never shown again, and deleted here by"
    " `/segment disconnect`."
)
TOKEN_TOPLYNE = (
    "It is stored encrypted, given once to Toplyne, encrypted so that only Toplyne can open it,"
    " never shown again, and deleted here by `/segment disconnect`."
)

FREE_HOW = (
    "*Tell me which workspace it is*\n"
    "Segment’s API does not serve Free workspaces, so most likely I cannot check what you enter."
    " Then a person at Toplyne confirms it, and I will message you."
)
FREE_KEEP = "To keep it, change nothing and press *Continue*."
FREE_HOW_AGAIN = (
    "*To name another workspace, enter its slug, and its access token below*\n"
    "Segment’s API does not serve Free workspaces, so most likely I cannot check them. Then a"
    " person at Toplyne confirms the workspace, and I will message you."
)
FREE_STEPS = (
    "In Segment, open *Settings → Workspace settings → General settings*.",
    "Copy the text under *Slug*.",
)
SLUG_LABEL = "Workspace slug"
SLUG_HINT = "Only the slug, such as acme-inc, not the whole address."
FREE_TOKEN_HOW = "*Add an access token, if you can create one*"
FREE_TOKEN_HOW_AGAIN = "*To replace the access token that is here, create a new one in Segment*"
FREE_TOKEN_LABEL = "Access token"
FREE_TOKEN_HINT = (
    "Leave it empty if you cannot create one. A token that you have already is checked as far as"
    " Segment allows."
)
NO_TOKEN = "I cannot create a token"

# --- sources ------------------------------------------------------------------------------------

SOURCES_LABEL = "Which sources feed Toplyne?"
SOURCES_HINT = (
    "Busiest first. You decide which sources Toplyne reads, and you can change it at any time."
)
SOURCES_HINT_UNMEASURED = (
    "By name, since Segment gave no figures. You decide which sources Toplyne reads, and you can"
    " change it at any time."
)
SOURCES_SEARCH = "Type a name, or choose from the list"
SOURCES_NONE = (
    "Segment lists no sources in this workspace. Create one in Segment under *Connections →"
    " Sources* and come back, or paste a Source ID below."
)
SOURCE_SENDS = "{sends}: {events} events in 30 days"
SOURCE_QUIET = "Nothing in 30 days · Source ID {id}"
SOURCE_UNMEASURED = "Source ID {id}"
SOURCE_OFF = "Switched off in Segment · Source ID {id}"
SOURCE_NOT_LISTED = "My source is not listed"
SOURCE_IDS_LABEL = "Paste Source IDs"
SOURCE_IDS_HINT = (
    "One a line, or with commas. You find each in Segment under Connections → Sources → the source"
    " → Settings → API Keys."
)

# --- live sync ----------------------------------------------------------------------------------

LIVE_TITLE = "*Is your data arriving?*"
LIVE_STARTED = (
    "*Live sync has started.* Data reaches Toplyne from each source that says “arriving”."
)
LIVE_STOPPED = (
    "*No data reaches Toplyne any more, since {since}.* It did before. Fix what is listed below,"
    " then press *Check again*."
)
LIVE_NEXT_HISTORY = "Next: prepare the request for the Replay, which brings your history too."
LIVE_NEXT_TEAM = "Next: choose whether Toplyne also gets your history."
LIVE_NEXT = "Next: {next}."
LIVE_LINE = "{mark}*{source}*: {state}\nSource ID {id}"
LIVE_OF = (
    "Segment workspace {workspace}, slug {slug}, region {region}. Sources chosen by {who},"
    " {when}; each needs the Toplyne destination."
)
LIVE_DOING = "✓ "
LIVE_NOT = "⚠ "
LIVE_WAITING = "… "
LIVE_STATE = {
    Blocker.NOT_LOOKED_YET: "nothing heard from Segment yet",
    Blocker.SOURCE_UNHEARD: "not known",
    Blocker.SOURCE_DISABLED: "switched off in Segment",
    Blocker.DESTINATION_MISSING: "no Toplyne destination",
    Blocker.DESTINATION_DISABLED: "the Toplyne destination is switched off",
    Blocker.NO_EVENTS: "connected, waiting for the first events",
    Blocker.SOURCE_DELETED: "not in Segment any more",
    Blocker.DESTINATION_DELETED: "the Toplyne destination is gone",
    Blocker.EVENTS_STOPPED: "receives events, and none has reached Toplyne for three days",
}
LIVE_ARRIVING = "arriving, {events} events delivered since {since}"
LIVE_ARRIVED_BEFORE = "arriving, {events} events delivered in 30 days, perhaps others before"
LIVE_UNHEARD = "{state}; {because}"
LIVE_BEFORE = "{state}, so far as I knew {when}; now {because}"
LIVE_STEPS = "*What to do for {source}*"
LIVE_LOOKED = "Segment reports about 5 minutes late; last looked {when}."
LIVE_UNANSWERED = "When I looked last, {when}, Segment did not answer."
LIVE_NOT_LOOKED = "I have heard nothing from Segment yet. Press *Check again*."
LIVE_WATCHED = "I look every {interval} and message you if something breaks."
LIVE_POLLS = "I look every {interval} and message you when data arrives."
LIVE_UNWATCHED = "The access token was deleted here, so I do not look."
LIVE_LOST = "I look again once there is a new token."
LIVE_REPLAY = "Prepare the request"

FREE_CONNECT = "*Connect Toplyne in Segment*"
FREE_NOW = "*What happens now*"
FREE_STATE = {
    Verification.UNVERIFIED: (
        "Your workspace {workspace} is not verified yet. A person at Toplyne confirms it, and I"
        " will message you. {next}"
    ),
    Verification.REJECTED: (
        "Toplyne could not confirm your workspace {workspace}. Go *Back* to see why."
    ),
    Verification.CONFIRMED: "Your workspace {workspace} is confirmed. {next}",
    Verification.VERIFIED: "Segment knows your workspace {workspace}. {next}",
}
FREE_NEXT = {
    Verification.UNVERIFIED: "Meanwhile you can connect Toplyne in Segment.",
    Verification.REJECTED: "",
    Verification.CONFIRMED: "Next: connect Toplyne in Segment.",
    Verification.VERIFIED: "Next: connect Toplyne in Segment.",
}
FREE_NO_WORKSPACE = "I do not know your workspace yet. Go *Back* to enter it."
FREE_SAY_CONNECTED = "I’ve connected it"
FREE_SAID_CONNECTED = f"Toplyne is connected in Segment, says {{who}}.\nNext: {ARRIVAL_CHECKED}."
FREE_ARRIVING = "Toplyne sees your data arrive: live sync has started."
FREE_LOOKS = (
    "Segment cannot tell me whether data of a Free workspace arrives. A person at Toplyne checks,"
    " and I will message you when it does."
)
