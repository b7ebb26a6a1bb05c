"""Texts of the pages that end an installation."""

DONE_TITLE = "Connect Segment is installed"
SLACK, SLACK_OF = "Slack", "Slack ({team})"
DONE = "Go back to {slack} and type /segment in any channel. You can close this page."
DONE_ORGANISATION = (
    "Add the app to those Slack workspaces of {team} that should use it: in your organisation’s"
    " settings, under Integrations. Each gets a set-up of its own. Those that have it already are"
    " told within a minute."
)
UNNAMED_ORGANISATION = "your organisation"
# docs/security.md gives the same reasons.
SCOPE_REASONS = {
    "commands": "the slash commands and the shortcut",
    "chat:write": "messages to people and to the CSMs’ channel",
    "users:read": "names, time zones, who is a guest or an admin",
    "im:write": "opening a direct message",
    "im:history": "replies to the app; whether a doubtful message arrived",
    "channels:read": "whether the CSMs’ channel is shared with another company",
    "groups:read": "whether the CSMs’ channel is shared with another company",
    "files:write": "the picture in the weekly digest",
}
LACKING = "Slack left out permissions that the app asked for. Install it once more to give them:"
CANCELLED_TITLE = "Nothing was installed"
CANCELLED = (
    "You pressed Cancel in Slack, so nothing has changed. To install the app after all, start"
    " again."
)
EXPIRED_TITLE = "This link has been used up"
EXPIRED = (
    "An installation link works once and for ten minutes. Open the installation link again to get"
    " a new one."
)
ELSEWHERE_TITLE = "Please begin the installation here"
ELSEWHERE = (
    "This installation was not begun in this browser, or too long ago, or its link was opened once"
    " more since. So I did not finish it, and nothing was installed."
)
UNINVITED_TITLE = "This invitation does not work any more"
UNINVITED = (
    "An invitation works for 30 days, and only whole. Ask your contact at Toplyne for a new one."
    " You can also install the app without one."
)
AGAIN_TITLE = "Connect Segment is installed already"
LOADED_AGAIN = (
    "This page was loaded again; the installation is complete. Go back to"
    " Slack and type /segment in any channel. You can close this page."
)
AGAIN = '<a href="{address}">Start again</a>'
REFUSED_TITLE = "Slack did not finish the installation"
REFUSED = (
    "Nothing was installed. Open the installation link again; if it ends here twice, tell your"
    " contact at Toplyne."
)
BUSY_TITLE = "Please try again in a minute"
BUSY = "We cannot save the installation right now. Nothing was installed and nothing is lost."
