"""Texts of reminders: what is outstanding, why it matters, how long it takes."""

from flows.reminders.facts import Role
from flows.setup.blockers import Blocker

# Follows the blocker's own sentence.
WHY: dict[Blocker, str] = {
    Blocker.PLAN_MISSING: "It decides what Toplyne can get from Segment.",
    Blocker.CREDENTIALS_MISSING: "Without it, I cannot tell whether your data reaches Toplyne.",
    Blocker.WORKSPACE_MISSING: "Until then, the set-up cannot go on.",
    Blocker.CREDENTIALS_REJECTED: "Until it is corrected, the set-up cannot go on.",
    Blocker.TOKEN_REVOKED: "Without one, I cannot tell whether your data reaches Toplyne.",
    Blocker.ROLE_REDUCED: "Without one, I cannot tell whether your data reaches Toplyne.",
    Blocker.SOURCES_MISSING: "Until then, I cannot tell whether your data reaches Toplyne.",
    Blocker.SOURCES_REJECTED: "Until it is corrected, the set-up cannot go on.",
    Blocker.NOT_LOOKED_YET: "Until then, nobody knows whether your data arrives.",
    Blocker.SOURCE_DISABLED: "Until it is on, no event of it reaches Toplyne.",
    Blocker.SOURCE_DELETED: "Until then, Toplyne gets nothing from it.",
    Blocker.DESTINATION_MISSING: "Until it is, no event of it reaches Toplyne.",
    Blocker.DESTINATION_DISABLED: "Until it is on, no event of that source reaches Toplyne.",
    Blocker.NO_EVENTS: "Toplyne can begin with the first one.",
    Blocker.PLAN_NOT_BUSINESS: "Without it, Toplyne learns only from what happens from now on.",
    Blocker.REPLAY_NOT_REQUESTED: "With your history, Toplyne does not have to wait for months.",
    Blocker.REPLAY_REJECTED: "Until it is corrected, your history cannot come.",
    Blocker.REPLAY_NOT_SENT: "Segment starts nothing before it has the request.",
    Blocker.REPLAY_NOT_RUNNING: "If Segment has not answered yet, it is worth asking there.",
    Blocker.REPLAY_NOT_FINISHED: "Once you say that it has finished, the set-up is complete.",
}
# What to do where the screen says to wait: that takes no two minutes.
LOOK: dict[Blocker, str] = {
    Blocker.REPLAY_NOT_RUNNING: (
        "look into the ticket or your mails from Segment, and say here if the Replay runs"
    ),
    Blocker.REPLAY_NOT_FINISHED: (
        "look into the ticket or your mails from Segment, and say here if it has finished"
    ),
}
NEXT_TAKES = "Next: {next}; it takes {duration}."
# On the day that Segment named.
STARTED_ASKED = "Segment named {day} for the Replay of {workspace}. Did Segment start it?"
STARTED_NEXT = "Next: look into the ticket or your mails from Segment, and answer here."
# Where Segment named none.
NO_DAY_WHY = "No day is known, so it may run already."
# Why this person gets it, if somebody else did the last step.
ROLE: dict[Role, str] = {
    Role.ASKED: "You get this because a colleague asked you to do it.",
    Role.PARTICIPANT: "{who} did the last step and cannot be reached any more; you take part.",
    Role.INSTALLER: "{who} started this; you installed the app.",
}
LAST = "This was my last reminder about it. Toplyne’s team knows, and helps if you ask."

CHECK_BUTTON = "Check again"
SENT_BUTTON = "I’ve sent it already"
NOT_YET_BUTTON = "Not yet"
DELEGATE_BUTTON = "Somebody else must do this"
HELP_BUTTON = "Ask for help"
RESUME_BUTTON = "Remind me again"
SNOOZE = "Snooze"
SNOOZES = {1: "1 day", 3: "3 days", 7: "1 week"}
SNOOZE_DATE = "Pick a date…"
STOP = "Stop this reminder"
STOP_ALL = "Stop all reminders"

# --- the later states of a reminder -------------------------------------------------------------

# Older ones are not drawn again, so they say what stays true.
NOT_NEXT = "This reminder is over: something else came first."
DONE = "Done: {what}."
DISCONNECTED = "No longer needed: Segment was disconnected."
OLDER = "I have reminded you of this again since: {what}."
OLDER_NEXT = "Next: use my newer reminder, which has the buttons."
# It has a reader, or a matter, of its own.
OLDER_TO = "I reminded you of this: {what}. {who} has had a newer reminder since."
SNOOZED = "Snoozed by {who}: no reminder before {until}."
STOPPED = "{who} stopped this reminder."
STOPPED_ALL = "{who} stopped all reminders."

# --- the small modal ----------------------------------------------------------------------------

DATE_TITLE = "Snooze reminders"
DATE = (
    "Until which day should I be quiet? I remind you on that day or soon after, in working hours."
)
DATE_LABEL = "Remind me on"
DATE_SUBMIT = "Snooze"
DATED_TITLE = "Snoozed"
DATED = "No reminder before {day}. You can go on with the set-up whenever you like."

UNCHANGED_TITLE = "Reminders"
UNCHANGED = "Nothing was changed. {state}"
UNCHANGED_ON = "Nobody has put off the reminders about what is outstanding now."

# --- on Home ------------------------------------------------------------------------------------

HOME_NEXT = "Reminders: the next one not before {day}, in working hours"
HOME_NONE = "Reminders: none is planned"
HOME_SNOOZED = "Reminders: snoozed by {who} until {until}"
HOME_STOPPED = "Reminders: {who} stopped those about what is outstanding now"
HOME_STOPPED_ALL = "Reminders: {who} stopped all of them"
HOME_CHANGE = "Change"
HOME_SNOOZE = "Snooze for {how_long}"
HOME_SNOOZE_DATE = "Snooze until a date…"
HOME_STOP = "Stop these"
HOME_STOP_ALL = "Stop all"
