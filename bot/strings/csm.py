"""Texts of the CSMs' modals, of what customers hear from CSMs, and about the CSM channel."""

from flows.csm.facts import Need, Rejectable
from flows.csm.marks import ReplayMark
from flows.csm.steps import Confirmable
from flows.replay.events import News

# --- the CSMs' modals ---------------------------------------------------------------------------

MESSAGE_TITLE = "Message the customer"
MESSAGE = (
    "The app sends this to {contact} as a direct message, in your name. They answer with a"
    " button; the answer comes into the thread of the card."
)
MESSAGE_INSTEAD = (
    "{gone} cannot answer in their Slack any more, so the app sends this to {contact} as a direct"
    " message, in your name, and says why. They answer with a button; the answer comes into the"
    " thread of the card."
)
MESSAGE_NOBODY = (
    "{gone} cannot answer in their Slack any more, and nobody else whom the app knows is there."
    "\nNext: reach them outside of Slack."
)
MESSAGE_ABOUT = "{matter}, {when}: “{asked}”"
MESSAGE_ABOUT_NOTHING = "{matter}, {when}."
MESSAGE_ENDED = "{who} answered this already, {when}."
MESSAGE_LEFT = "This was about an earlier set-up, which ended since."
MESSAGE_LABEL = "Message"
MESSAGE_HINT = "Plain text. Please write no tokens or keys, and ask for none."
MESSAGE_SUBMIT = "Send"

CUSTOMER = "Customer: *{customer}*"
CUSTOMER_ACCOUNT = "Customer: *{customer}*, Toplyne account {account}"
CUSTOMER_WORKSPACE = "Customer: *{customer}*, Segment workspace {slug}"
# After a window that lay on the board, which still shows what was before.
SAVED_TITLE = "Done"
SAVED = "Done. Next: close this and press “{refresh}” on the board to see the newest state."

CONFIRM_TITLE: dict[Confirmable, str] = {
    Confirmable.CREDENTIALS: "Confirm the workspace",
    Confirmable.ARRIVAL: "Is data arriving?",
    Confirmable.HISTORY: "Has it arrived?",
}
CONFIRM: dict[Confirmable, str] = {
    Confirmable.CREDENTIALS: (
        "Is {workspace} their Segment workspace? They are told that Toplyne confirmed it, and go on"
        " to live sync. If it is another one, reject it on their card."
    ),
    Confirmable.ARRIVAL: (
        "Segment cannot be asked on the Free plan, so look in Toplyne’s own data of {customer}"
        " first. They are told that live sync has started."
    ),
    Confirmable.HISTORY: (
        "Look in Toplyne’s own data of {customer} first: has the history arrived that version"
        " {number} of their request asked for? They are told that Toplyne has it."
    ),
}
CONFIRM_SUBMIT: dict[Confirmable, str] = {
    Confirmable.CREDENTIALS: "Confirm",
    Confirmable.ARRIVAL: "Data is arriving",
    Confirmable.HISTORY: "It has arrived",
}

ASSIGN_TITLE = "Assign"
ASSIGN = "Who looks after this customer from now on?"
ASSIGN_LABEL = "CSM"
ASSIGN_PLACEHOLDER = "Choose somebody of Toplyne"
ASSIGN_SUBMIT = "Assign"

ANSWERED_TITLE = "Mark as answered"
ANSWERED = "For what was dealt with outside of this app. The customer is not told."
ANSWERED_LABEL = "What was answered?"
ANSWERED_ITEM = "{matter}: “{asked}”"
ANSWERED_SUBMIT = "Save"
ANSWERED_NAME: dict[Need, str] = {
    Need.STUCK: "They were stuck",
    Need.UNINSTALLED: "They removed the app",
}

ACCOUNT_TITLE = "Toplyne account"
ACCOUNT = "Which Toplyne account is this? It goes along with every Replay request."
ACCOUNT_LABEL = "Account"
ACCOUNT_HINT = "As your colleagues know it, a name or a number. Leave it empty to remove it."
ACCOUNT_SUBMIT = "Save"

SNOOZE_TITLE = "Snooze reminders"
SNOOZE = "For how long should the customer get no reminder? They see that Toplyne asked for it."
SNOOZE_LABEL = "No reminder for"
SNOOZE_DATE = "Until the day below"
SNOOZE_DAY_LABEL = "Day"
SNOOZE_DAY_HINT = "Needed only with “Until the day below”."
SNOOZE_SUBMIT = "Snooze"

REPLAY_TITLE = "Mark the Replay"
REPLAY = "What does Segment say? The customer gets a direct message that Toplyne said so."
REPLAY_LABEL = "The Replay is"
REPLAY_MARK: dict[ReplayMark, str] = {
    ReplayMark.SCHEDULED: "Scheduled",
    ReplayMark.NO_DAY: "Not scheduled: the day reported before is a mistake",
    ReplayMark.RUNNING: "Running",
    ReplayMark.FINISHED: "Finished, as Segment says",
    ReplayMark.CONFIRMED: "Finished, and Toplyne has the history",
    ReplayMark.EARLIER: "Toplyne has the history of the Replay before this request",
    ReplayMark.NOT_EARLIER: "Toplyne does not have that earlier history after all",
    ReplayMark.NOT_FINISHED: "Not finished after all",
    ReplayMark.NOT_CONFIRMED: "Toplyne does not have the history after all",
    ReplayMark.NOT_RUNNING: "Sent to Segment, but not running after all",
    ReplayMark.NOT_SENT: "Not sent to Segment after all",
}
REPLAY_DAY_LABEL = "Promised day"
REPLAY_DAY_HINT = "Only for a Replay that is scheduled, and where Segment named one."
REPLAY_TICKET_LABEL = "Segment’s ticket number"
REPLAY_TICKET_HINT = "Where you have it. If the one that stands here is a mistake, too, empty it."
REPLAY_SUBMIT = "Save"

REJECT_WHAT_LABEL = "What should be corrected?"
REJECT_WHAT: dict[Rejectable, str] = {
    Rejectable.CREDENTIALS: "The credentials",
    Rejectable.SOURCES: "The chosen sources",
    Rejectable.REPLAY: "The Replay request",
    Rejectable.ARRIVAL: "“Data is arriving”, which was a mistake",
}

# --- no longer possible -------------------------------------------------------------------------

OUT_OF_REACH_TITLE = "Not reachable"
OUT_OF_REACH_STATE = (
    "Nothing of this customer is stored here any more: they have uninstalled the app, or their"
    " set-up was erased long after its end. Nothing was changed."
)
OUT_OF_REACH_NEXT = (
    "Next: write to them in another way. If they install the app or type /segment again, they begin"
    " anew."
)
GONE_TITLE = "Not there any more"
UNKNOWN_STATE = "What this belongs to is not there any more. Nothing was changed."
UNKNOWN_NEXT = "Next: look at the newest message about it, or type /segment to see where you are."
UNKNOWN_NEXT_CSM = (
    "Next: look at the customer’s card, or type /segment-csm to see where all customers are."
)

# --- what the customer hears --------------------------------------------------------------------

WRITES_STATE = "{name} from Toplyne writes to you:"
WRITES_INSTEAD = (
    "This was written to {who}, who cannot answer in this Slack any more. You can, for your team."
)
SOMEBODY = "Somebody"
WRITES_NEXT = "Next: press “Reply”, or write here and pass it on. Toplyne’s team reads it."
ANSWERED_NEXT = "You have answered. Next: wait; what they say to it comes here as a message."
REPLY_BUTTON = "Reply"

REPLY_TITLE = "Reply to Toplyne"
REPLY = "Toplyne’s team reads your answer. They never need your access token."
REPLY_LABEL = "Answer"
REPLY_HINT = "Plain text. Please write no tokens or keys here."
REPLY_SUBMIT = "Send"
REPLIED_TITLE = "Sent"
REPLIED = "Your answer is on its way to Toplyne. What they say comes here as a message."

PASS_ON_STATE = "I am an app, so nobody has read this yet. Shall I pass it on to Toplyne?"
PASS_ON_NEXT = "Next: press “{button}”. What they say comes here as a message."
PASS_ON_BUTTON = "Pass it on to Toplyne"
PASS_ON_CANNOT_STATE = (
    "I am an app, so nobody has read this. I can pass on up to 2,000 letters of text, and no files."
)
PASS_ON_CANNOT_NEXT = "Next: press “Reply” and write it there."
PASSED_ON_STATE = "Passed on to Toplyne:"
PASSED_ON_NEXT = "Next: wait for the answer; it comes here as a message."

NEWS_STATE: dict[News, str] = {
    News.SCHEDULED: (
        "Toplyne heard from Segment: your Replay for {workspace} is scheduled{promised}."
    ),
    News.NO_DAY: (
        "Toplyne noted that Segment has named no day for your Replay for {workspace}."
        " Forget what was said of a day."
    ),
    News.RUNNING: "Toplyne heard from Segment: your Replay for {workspace} is running.",
    News.NOT_FINISHED: "Toplyne noted that your Replay for {workspace} has not finished after all.",
    News.NOT_RUNNING: (
        "Toplyne noted that your Replay for {workspace} is not running after all. Segment has your"
        " request."
    ),
    News.NOT_SENT: (
        "Toplyne noted that your Replay request for {workspace} has not been sent to Segment after"
        " all."
    ),
    News.CONFIRMED: "Toplyne has the history of {workspace}: the Replay has finished.",
    News.NOT_CONFIRMED: (
        "Toplyne noted that it does not have the history of {workspace} yet. That your Replay has"
        " finished stays reported."
    ),
}

TO_CORRECT: dict[Rejectable, str] = {
    Rejectable.SOURCES: "Toplyne asks you to correct which sources you chose.",
    Rejectable.REPLAY: "Toplyne asks you to correct your Replay request.",
    Rejectable.ARRIVAL: "Toplyne looked again: no data of {workspace} arrives there yet.",
}
TO_CORRECT_NEXT = "Next: open it and correct it. Everything else is kept."

# --- for the person at Toplyne who looks after the channel --------------------------------------

CHANNEL_LOST_STATE: dict[str, str] = {
    "is_archived": "The channel of the status cards, {channel}, is archived: I cannot write there.",
    "not_in_channel": "I am not a member of the channel of the status cards, {channel}.",
    "channel_not_found": "I cannot find the channel of the status cards, {channel}.",
    "shared_with_others": (
        "The channel of the status cards, {channel}, is now shared with another company, so I write"
        " nothing there any more."
    ),
    "is_inactive": "The channel of the status cards, {channel}, is no longer active.",
    "restricted_action_read_only_channel": (
        "The channel of the status cards, {channel}, is read-only: I cannot write there."
    ),
    "restricted_action_thread_only_channel": (
        "The channel of the status cards, {channel}, allows only answers in threads, so that I"
        " cannot post new cards."
    ),
    "restricted_action_non_threadable_channel": (
        "The channel of the status cards, {channel}, allows no answers in threads, where I write"
        " what happens to each customer."
    ),
    "restricted_action_thread_locked": (
        "A thread in the channel of the status cards, {channel}, is locked: I cannot write in it."
    ),
    "channel_is_limited_access": (
        "Access to the channel of the status cards, {channel}, is limited: I cannot write there."
    ),
    "team_access_not_granted": (
        "Your organization has not given me the Slack workspace of the status cards’ channel,"
        " {channel}."
    ),
}
CHANNEL_LOST_OTHERWISE = (
    "Slack’s settings do not let me write in the channel of the status cards, {channel} ({error})."
)
CHANNEL_LOST_NEXT = (
    "Next: invite me to it, or type /segment-csm here in another channel. All cards are posted"
    " there again, and nothing is lost meanwhile."
)
CHANNEL_SHARED_NEXT = (
    "Next: type /segment-csm here in a channel that only your people read, or end the sharing."
    " Nothing is lost meanwhile: what happens is written down in order, as soon as I may."
)
CHANNEL_CLOSED_NEXT = (
    "Next: have a Slack admin allow me to write there, or type /segment-csm here in another"
    " channel. Nothing is lost meanwhile: what happens is written down in order, as soon as I may."
)
CHANNEL_NEXT: dict[str, str] = {
    "is_archived": CHANNEL_LOST_NEXT,
    "not_in_channel": CHANNEL_LOST_NEXT,
    "channel_not_found": CHANNEL_LOST_NEXT,
    "shared_with_others": CHANNEL_SHARED_NEXT,
}
CARD_LOST_STATE = "The status card of {customer} in {channel} was deleted, so I posted a new one."
CARD_LOST_NEXT = "Next: look there from now on; new events come into the thread of the new card."

# --- invitations --------------------------------------------------------------------------------

INVITED_STATE = (
    "Here is the link for {account}. Whoever installs the app with it is yours, as this account."
)
INVITED_NEXT = (
    "Next: send it to an admin of their Slack workspace. It works until {until}. The board lists"
    " them as invited until they have installed the app."
)
NOT_INVITED_STATE = "I made no link. {why}"
NOT_INVITED_NEXT = "Next: type /segment-csm invite again, with the name of the account."
NO_INVITATION_STATE = (
    "There is no link: this app works in one Slack workspace alone, where it is installed already."
)
NO_INVITATION_NEXT = "Next: ask your customer to type /segment here."
