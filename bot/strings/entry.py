"""Texts of the one-time page on which a secret is entered instead of in Slack."""

from flows.errors import ErrorCode, Field
from flows.model import Screen
from flows.setup.entering import Why

# --- in Slack -------------------------------------------------------------------------------------

OFFER = "Enter it on a web page instead"
OPEN = "Enter it on a web page"
ONLY_PAGE = {
    Screen.CREDENTIALS: "The access token is entered on a page of our own, never in Slack.",
    Screen.WRITE_BACK: "The write key is entered on a page of our own, never in Slack.",
}
ONLY_PAGE_FREE = "Without one, press *Continue*."
LINK_TITLE = "*Enter it on a web page*"
LINK = {
    Screen.CREDENTIALS: (
        "Press the button and enter the access token on the page that opens. That way the"
        " token never enters Slack."
    ),
    Screen.WRITE_BACK: (
        "Press the button and enter the write key on the page that opens. That way the key"
        " never enters Slack."
    ),
}
LINK_TERMS = (
    "The page is for you alone: do not pass its address on. It works once, and for 15 minutes."
)
LINK_OPEN = "Open the page"
LINK_WAITS = (
    "This window goes on by itself as soon as it is accepted. If you close it, I will message you."
)

# --- the page -------------------------------------------------------------------------------------

TITLE = {
    Screen.CREDENTIALS: "Enter your Segment access token",
    Screen.WRITE_BACK: "Enter the Segment write key",
}
HOW = {
    Screen.CREDENTIALS: "Create an access token in Segment",
    Screen.WRITE_BACK: "Make the source in Segment",
}
OPEN_SEGMENT = "Open Segment in a new tab"
WRONG = "Please correct this"
SHOW = "Show what I typed"
CHECK = "Check"
YOURS = (
    "This page was made for one person in Slack. If you did not ask for it there, close it. It"
    " works once, and for 15 minutes."
)
# Where the words of the window in Slack do not fit a page.
ERRORS: dict[tuple[Field, ErrorCode], str] = {
    (Field.TOKEN, ErrorCode.TOKEN_OTHER_REGION): (
        "This token works, but in Segment’s other region, which only Business workspaces have. Go"
        " back to Slack, press Back and choose Business."
    ),
}
AGAIN = "Nothing was checked. The page had been open for too long, or cookies are off. Try again."

# --- how it ended ---------------------------------------------------------------------------------

DONE_TITLE = "Done"
DONE = {
    Screen.CREDENTIALS: "Segment has accepted the access token of {workspace}.",
    Screen.WRITE_BACK: "Segment knows the write key, and it is saved.",
}
BACK_TO_SLACK = (
    "Go back to Slack. The window there goes on by itself; if you closed it, you get a message."
)
RUNNING_TITLE = "Still checking"
RUNNING = "I am still checking what was entered before, so I have not looked at what came after it."
RUNNING_NEXT = (
    "Go back to Slack. The window there goes on by itself if it is accepted; if it is not, open"
    " this page again in {wait}."
)
LATER_TITLE = "Segment takes its time"
LATER = (
    "What you entered is kept, encrypted, and I go on checking it by myself. You need not enter it"
    " again."
)
NEWER_TITLE = "Nothing was changed"
NEWER = "Go back to Slack and type /segment in any channel to see the newest state."
GONE_TITLE = {
    Why.UNKNOWN: "This link does not work",
    Why.USED: "This link has been used",
    Why.EXPIRED: "This link has expired",
    Why.OUTDATED: "This link is out of date",
}
GONE = {
    Why.UNKNOWN: "It is incomplete, or a newer one has taken its place.",
    Why.USED: "Each link works once, and what was entered on its page has arrived.",
    Why.EXPIRED: "Each link works for 15 minutes. Nothing was entered, and nothing is lost.",
    Why.OUTDATED: "The set-up that it belongs to has been disconnected meanwhile.",
}
GONE_NEXT = (
    "If something is left to do, type /segment in Slack in any channel: there you get a new link."
)
NOT_ALLOWED_TITLE = "You cannot enter this here"
NOT_ALLOWED = (
    "Only those who manage the set-up in Slack may, or who were asked to do this step. Nothing was"
    " checked or changed. Type /segment in Slack to see who can."
)
BUSY_TITLE = "Please try again in a minute"
BUSY = "Nothing was checked, nothing is lost, and this link still works. Reference: {reference}"
TOO_MANY = "Those were too many tries in a short time. Nothing is lost; try again in {wait}."
FAILED_TITLE = "Something went wrong"
FAILED = (
    "That is our mistake, not yours. Try again; if it ends here twice, tell your contact at Toplyne"
    " this reference: {reference}"
)
UNREADABLE_TITLE = "This could not be read"
UNREADABLE = "Go back, reload the page and paste only the value itself."
