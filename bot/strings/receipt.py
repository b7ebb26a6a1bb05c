"""Texts of the receipt at the end of a set-up."""

from flows.model import Outcome

TITLE = "Connected"
HEADLINE = {
    Outcome.WITH_HISTORY: "*Segment is connected to Toplyne, with live data and history.*",
    Outcome.LIVE_ONLY: "*Segment is connected to Toplyne, with live data only.*",
}
CONNECTED = "*What is connected*"
WORKSPACE = "Segment workspace {workspace}, slug {slug}"
WORKSPACE_ID = "Workspace ID {id}, region {region}"
PLAN = "Plan {plan}"
SOURCE = "Source {source}, {id}"
SOURCE_UNWATCHED = "Source {source}, {id}: no event had arrived when the token was deleted"
SOURCE_SILENT = "Source {source}, {id}: no event of it has arrived yet"
WHO = "*Who did it*"
STORED = "*What is stored here*"
STORED_TOKEN = (
    "The access token, encrypted; entered by {who}. It is used here to read, nothing else."
)
GIVEN = "The token was also given to Toplyne, encrypted so that only Toplyne can open it."
STORED_NO_TOKEN = "No access token."
STORED_FORGOTTEN = "No access token: it was deleted by {who}. Nothing is watched any more."
STORED_FACTS = "The names and IDs above, who did which step, and how many events Segment counted."
STORED_FACTS_FREE = "The names above, and who did which step."
UNDO = (
    "*How to undo it*\n"
    "`/segment disconnect` deletes {stored}. In Segment, {made}switch off the Toplyne destination:"
    " until then data keeps going to Toplyne."
)
UNDO_TOKEN = "the access token here at once"
UNDO_NO_TOKEN = "what you entered here at once; the record of who did what stays"
UNDO_MADE = (
    "delete any token you made under *Settings → Workspace settings → Access management → Tokens*,"
    " and "
)
CHOICE = (
    "*One choice is left*\n"
    "Shall I keep watching, and tell you if data stops? For that I keep the token. Or I delete it"
    " now; data goes on to Toplyne all the same."
)
NOT_WATCHED = (
    "*The token is not needed any more*\n"
    "Segment does not let me watch a Free workspace, so I cannot tell you if data stops. You can"
    " delete the token here; data goes on to Toplyne all the same."
)
WATCHING = "I keep watching and tell you if data stops. Chosen by {who}."
KEEP = "Keep watching"
FORGET = "Delete the token now"
REOPEN = "Get the history after all"
REPLACE_TOKEN = "Replace the token"
ENTER_TOKEN = "Enter a token"
CHANGE_SOURCES = "Change the sources"
