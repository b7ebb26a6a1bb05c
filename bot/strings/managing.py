"""Texts of who can manage the set-up: refusals that name who can, and how to change it."""

from flows.audit import Audited, Secret
from flows.outbox.bodies import Deed

# --- somebody may look, and not do this ---------------------------------------------------------

REFUSED_STATE = "Only those who manage this set-up can do that: {who}. Nothing was changed."
REFUSED_NEXT = "Next: press “{button}”, and they get a message from me."
ADMINS = "the admins of your Slack workspace"
AND = " and "
ASK_BUTTON = "Ask them"
TITLE = "Connect Segment"
ONLOOKER = "You can follow the progress here. {who} can change the set-up."

ASKED_TITLE = "Asked"
ASKED = "{who} got a message from me that you ask them to go on."
NOBODY_LEFT = (
    "None of those who manage this set-up is in your Slack workspace any more. Please ask one of"
    " its admins: they can go on, and can name others who can."
)

GO_ON_STATE = "{by} asks you to go on with connecting Segment to Toplyne."
GO_ON_OVER_STATE = (
    "{by} asked you to go on with connecting Segment to Toplyne. That is no longer needed."
)
GO_ON_NEXT = "{next} Or let them manage it too."
GO_ON_PEOPLE_BUTTON = "Let them manage it"

# --- who can ------------------------------------------------------------------------------------

PEOPLE_TITLE = "Who can manage this"
PEOPLE_ALWAYS = (
    "*{starter}* started this set-up and can manage it, as can {admins}: enter and delete"
    " credentials, change the sources, request the Replay, stop reminders and disconnect. All other"
    " full members can look."
)
PEOPLE_LABEL = "People who can manage this"
PEOPLE_HINT = "Full members of this Slack workspace. Guests and apps cannot."
PEOPLE_PLACEHOLDER = "Choose people"
ASKED_LABEL = "Asked for one step"
ASKED_HINT = "Untick somebody to take it back."
ASKED_ONE = "{number}. {who}: {screen}"
PEOPLE_SUBMIT = "Save"
PEOPLE_ROW = "People who can manage this: {who}"
PEOPLE_BUTTON = "Change who can"
PEOPLE_SET_TITLE = "Saved"
PEOPLE_SET = "Done: {who} can manage this set-up."

# --- guests and others --------------------------------------------------------------------------

NOT_MEMBER_STATE = (
    "The set-up of Segment is for full members of this Slack workspace, so I showed and changed"
    " nothing."
)
NOT_MEMBER_HOME = (
    "The set-up of Segment is for full members of this Slack workspace, so you see nothing of it"
    " here."
)
KEPT_STATE = (
    "This is over: what stood here is about the set-up of Segment, which is for full members of"
    " this Slack workspace."
)
NOT_MEMBER_NEXT = "Next: ask the colleague who invited you here; full members can look and ask."
NOT_MEMBER_HEADER = "Connect Segment to Toplyne"

# --- a colleague did something ------------------------------------------------------------------

DID: dict[Deed, str] = {
    Deed.TOKEN_REPLACED: "{by} replaced the access token of {what}.",
    Deed.WORKSPACE_ENTERED: "{by} entered the Segment workspace anew: {what}.",
    Deed.TOKEN_FORGOTTEN: "{by} had the access token deleted, so nothing is watched any more.",
    Deed.SOURCES_CHANGED: "{by} changed the sources that feed Toplyne. They are now: {what}.",
    Deed.WORKSPACE_REPLACED: (
        "{by} uses the Segment workspace {what} instead of {before}. The token, sources and"
        " requests of {before} are deleted here; the set-up of {what} has begun."
    ),
    Deed.DISCONNECTED: "{by} disconnected Segment from Toplyne. What was entered is deleted.",
}
DID_NEXT = (
    "Next: ask them if you did not know of it, or press “{help}” to reach a person at Toplyne."
)

# --- who did what -------------------------------------------------------------------------------

TRAIL_TITLE = "Who did what"
TRAIL_ROW = "Who saw, entered, replaced and deleted credentials"
TRAIL_BUTTON = "Who did what"
TRAIL_NONE = "Nobody has entered credentials yet."
TRAIL_LINE = "{when}: {who} {did} {secret}"
TRAIL_APP = "the app"
TRAIL_DID: dict[Audited, str] = {
    Audited.SAW: "saw what is stored about",
    Audited.ENTERED: "entered",
    Audited.REPLACED: "replaced",
    Audited.DELETED: "deleted",
    Audited.CONFIRMED: "confirmed",
    Audited.REJECTED: "rejected",
    Audited.GIVEN: "gave Toplyne, encrypted,",
    Audited.EXPORTED: "exported, without secrets,",
    Audited.ERASED: "erased",
}
TRAIL_SECRET: dict[Secret, str] = {
    Secret.TOKEN: "the access token",
    Secret.WRITE_KEY: "the write key",
    Secret.ALL: "everything that is stored",
}
