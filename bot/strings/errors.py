"""One or two plain sentences for each mistake: what it was, what was expected, where to find it."""

from flows.errors import ErrorCode, Field

_TOKENS = "Settings → Workspace settings → Access management → Tokens"
_SOURCE_ID = "Connections → Sources → the source → Settings → API Keys"

ERRORS: dict[ErrorCode, str] = {
    ErrorCode.REQUIRED: "This cannot stay empty.",
    ErrorCode.TOO_LONG: "This is too long: {limit} characters at most.",
    ErrorCode.NOT_ALONE: "There is something else around it: {sign}. Paste it alone.",
    ErrorCode.LOOKS_SECRET: (
        "This looks like a token or a key. I kept nothing of it. If it is one, revoke it: it went"
        " through Slack. Please write without it; tokens go into the access token field only."
    ),
    ErrorCode.TOKEN_REFUSED: (
        f"Segment does not accept this token. Copy it again, or create a new one under {_TOKENS}."
    ),
    ErrorCode.TOKEN_LACKS_CALL: (
        "Segment accepts this token but does not let it {call}. Create one with the role {role}"
        f" under {_TOKENS}."
    ),
    ErrorCode.TOKEN_IS_CONFIG_API: (
        "This is a token of Segment’s older Config API. A Public API token is needed: create one"
        f" under {_TOKENS}."
    ),
    ErrorCode.TOKEN_IS_WRITE_KEY: (
        f"This is the write key of a source, not an access token. Create the token under {_TOKENS}."
    ),
    ErrorCode.TOKEN_IS_OF_SLACK: (
        "This is a token for Slack, not for Segment. I did not store it or send it on. Create"
        f" Segment’s token under {_TOKENS}, and revoke this one in Slack."
    ),
    ErrorCode.TOKEN_SWITCHES: (
        "This token opens the workspace {found}, and the one before opened {expected}. To use"
        " {found} instead, press the button once more: nothing is lost, as no source is chosen yet."
    ),
    ErrorCode.TOKEN_OTHER_WORKSPACE: (
        "This token opens the workspace {found}. This set-up is for {expected}: create the token"
        " there, or use {found} instead and start again."
    ),
    ErrorCode.TOKEN_NOT_HELD: (
        "I keep a token of another workspace for an hour only, and this one is gone. Please enter"
        " it again."
    ),
    ErrorCode.TOKEN_OTHER_REGION: (
        "This token works, but in Segment’s other region, which only Business workspaces have."
        " Press Back and choose Business."
    ),
    ErrorCode.WRITE_KEY_IS_TOKEN: (
        "This is an access token, not a write key. I kept nothing of it. You find the write key"
        f" under {_SOURCE_ID}."
    ),
    ErrorCode.WRITE_KEY_IS_SOURCE_ID: (
        "This is the ID of {source}. Its write key is on the same page: Settings → API Keys."
    ),
    ErrorCode.WRITE_KEY_OF_READ_SOURCE: (
        "This is the write key of {source}, which Toplyne reads: scores would come back to Toplyne."
        " Make a source for them alone."
    ),
    ErrorCode.WRITE_KEY_OTHER_WORKSPACE: (
        "This is the write key of a source in another workspace. Make the source in {workspace}."
    ),
    ErrorCode.WRITE_KEY_UNKNOWN: (
        f"Segment knows no source with this write key. Copy it again, from {_SOURCE_ID}."
    ),
    ErrorCode.SLUG_IS_URL: (
        "This address holds no workspace’s slug. Copy the slug from Settings → Workspace settings →"
        " General settings."
    ),
    ErrorCode.SLUG_MALFORMED: (
        "A slug has letters, digits and hyphens only. You find it under Settings → Workspace"
        " settings → General settings."
    ),
    ErrorCode.SLUG_UNKNOWN: (
        "This token does not open a workspace with that slug. Copy the slug from Settings →"
        " Workspace settings → General settings."
    ),
    ErrorCode.SLUG_OTHER_WORKSPACE: (
        "This token opens the workspace {found}, not {expected}. Correct the slug, or use a token"
        " of {expected}."
    ),
    ErrorCode.SOURCE_IS_WRITE_KEY: (
        "This is the write key of {source}. The Source ID is on the same page: Settings → API"
        " Keys. You can also choose {source} from the list."
    ),
    ErrorCode.SOURCE_IS_FOREIGN_WRITE_KEY: (
        "This is a write key, and of a source in another workspace. You find the Source ID under"
        f" {_SOURCE_ID}."
    ),
    ErrorCode.SOURCE_MAY_BE_WRITE_KEY: (
        "This looks like a write key, and Segment does not answer at the moment. Choose the source"
        " from the list. If it is a Source ID, try again in a few minutes."
    ),
    ErrorCode.SOURCE_IS_SLUG: (
        "This is the slug of {source}. Its Source ID is {id}; enter that, or choose {source} from"
        " the list."
    ),
    ErrorCode.SOURCE_IS_DESTINATION: (
        "This is the ID of the destination {destination}. You find a Source ID under"
        f" {_SOURCE_ID}."
    ),
    ErrorCode.SOURCE_IS_TOKEN: (
        "This looks like an access token. I kept nothing of it. You find a Source ID under"
        f" {_SOURCE_ID}."
    ),
    ErrorCode.SOURCE_UNKNOWN: (
        "There is no source {id} in the workspace {workspace}. Copy the Source ID under"
        f" {_SOURCE_ID}."
    ),
    ErrorCode.SOURCE_DISABLED: (
        "{source} is switched off in Segment. Switch it on under Connections → Sources → {source}"
        " → Settings, or leave it out."
    ),
    ErrorCode.SOURCE_WRITTEN_TO: (
        "Toplyne writes scores to {source}, so they would come back to Toplyne. Leave {source} out,"
        " or first give Toplyne the write key of another source."
    ),
    ErrorCode.TOO_MANY_SOURCES: "These are too many sources: {limit} at most.",
    ErrorCode.DATE_IN_FUTURE: "This day has not come yet. Choose today or an earlier day.",
    ErrorCode.NO_REQUEST: (
        "No Replay is requested any more, so this was passed on to nobody. What you wrote is still"
        " here, to be copied; “Ask for help” reaches Toplyne, too."
    ),
    ErrorCode.DATE_TOO_EARLY: "Segment did not exist on this day. Look at the year once more.",
    ErrorCode.REMINDERS_STOPPED: (
        "The customer stopped all reminders, so none is sent. Only they can start them again."
    ),
    ErrorCode.SNOOZED_LONGER: (
        "Reminders are snoozed for longer than that already. Choose a later day, or leave it so."
    ),
    ErrorCode.DATE_NOT_AHEAD: "Choose a day from tomorrow on, within a year.",
    ErrorCode.START_TOO_EARLY: (
        "Segment keeps at most {years} years. Choose a start that is not older, and before the end."
    ),
    ErrorCode.END_TOO_EARLY: (
        "Segment keeps at most {years} years, so it has nothing from before this end. Choose a"
        " later one."
    ),
    ErrorCode.END_BEFORE_START: "The end must be later than the start.",
    ErrorCode.END_IN_FUTURE: "The end cannot be later than now: a Replay brings only the past.",
    ErrorCode.NO_EVENT_FILTER: (
        "Untick a call type or name an event, but keep at least one; or go back to all events."
    ),
    ErrorCode.NAMES_NEED_TRACK: "Tick Track as well: event names are names of Track calls.",
    ErrorCode.COLLEAGUE_IS_SELF: "This is you. Choose somebody else, or go on yourself.",
    ErrorCode.COLLEAGUE_IS_APP: "This is an app, which cannot do it. Choose a person.",
    ErrorCode.COLLEAGUE_GONE: "This person is no longer active in Slack. Choose somebody else.",
    ErrorCode.COLLEAGUE_ELSEWHERE: (
        "This person belongs to another Slack workspace, where I cannot reach them. Choose somebody"
        " from yours."
    ),
    ErrorCode.COLLEAGUE_IS_GUEST: (
        "This person is a guest in your Slack workspace. Choose a full member."
    ),
    ErrorCode.TOO_MANY_PEOPLE: "These are too many people: {limit} at most.",
    ErrorCode.TOO_MANY_QUESTIONS: (
        "Toplyne has {limit} open questions of yours and reads those first. Please send this one"
        " when they have written to you."
    ),
    ErrorCode.QUESTIONS_FULL: (
        "Toplyne has {limit} open questions from your company and answers those first. Please send"
        " this one later."
    ),
    ErrorCode.TOO_MANY_ASKED: (
        "You wait for {limit} colleagues already. Take one of them out first,"
        " under “People who can manage this”."
    ),
    ErrorCode.ASKED_OFTEN: (
        "This person got {limit} messages about this in the last 24 hours. Choose somebody else, or"
        " ask them again a day after the first."
    ),
    ErrorCode.COLLEAGUE_NO_CSM: (
        "Only a full member of Toplyne’s own Slack workspace can look after a customer. Please"
        " choose somebody else."
    ),
    ErrorCode.TOKEN_GONE: (
        f"The access token was deleted here. Enter it again, or create a new one under {_TOKENS}."
    ),
    ErrorCode.SECRET_LOST: (
        "What was entered can no longer be opened here. This is not your mistake. Please enter it"
        " again."
    ),
    ErrorCode.TOO_MANY_TRIES: (
        "There were too many tries in a short time, so I have not asked Segment about this one."
        " Please try again in {wait}."
    ),
    ErrorCode.CHECK_RUNNING: (
        "I am still checking what was entered before, so I have not asked about this one. Please"
        " try again in {wait} at the latest."
    ),
    ErrorCode.SEGMENT_UNAVAILABLE: (
        "Segment does not answer at the moment. This is not your mistake. Please try again in a"
        " few minutes."
    ),
}

BY_FIELD: dict[tuple[Field, ErrorCode], str] = {
    (Field.TOKEN, ErrorCode.REQUIRED): f"Paste the access token. It is created under {_TOKENS}.",
    (Field.TOKEN, ErrorCode.TOO_LONG): (
        "This is longer than any access token. Copy only the token, from the page where it was"
        " created."
    ),
    (Field.TOKEN, ErrorCode.NOT_ALONE): (
        "I find {sign} in this, which no access token has. Paste the token alone, in one line."
    ),
    (Field.WRITE_KEY, ErrorCode.NOT_ALONE): (
        "I find {sign} in this, which no write key has. Paste the write key alone, in one line."
    ),
    (Field.SOURCE_IDS, ErrorCode.NOT_ALONE): (
        "I find {sign} in one of these, which no Source ID has. Paste the IDs alone, one a line."
    ),
    (Field.WRITE_KEY, ErrorCode.TOO_LONG): (
        f"This is longer than any write key. Copy only the key, from {_SOURCE_ID}."
    ),
    (Field.WRITE_KEY, ErrorCode.REQUIRED): (
        f"Paste the write key. You find it under {_SOURCE_ID}. Or press Not now."
    ),
    (Field.WRITE_KEY, ErrorCode.SOURCE_DISABLED): (
        "This is the write key of {source}, which is switched off in Segment. Switch it on under"
        " Connections → Sources → {source} → Settings, then check again."
    ),
    (Field.SLUG, ErrorCode.REQUIRED): (
        "Enter the slug. You find it under Settings → Workspace settings → General settings."
    ),
    (Field.SOURCES, ErrorCode.REQUIRED): (
        "Choose at least one source. If yours is not listed, paste its Source ID."
    ),
    (Field.SOURCE_IDS, ErrorCode.TOO_LONG): (
        "One of these is too long for a Source ID. Put a comma or a new line between two IDs."
    ),
    (Field.UPGRADED_ON, ErrorCode.REQUIRED): "Choose the day; about when is good enough.",
    (Field.START, ErrorCode.REQUIRED): "Choose the day on which the history should begin.",
    (Field.END, ErrorCode.REQUIRED): "Choose the day and time at which the history should end.",
    (Field.EVENT_NAMES, ErrorCode.TOO_LONG): (
        "These are too many or too long names. Write at most {limit}, one a line."
    ),
    (Field.SCHEDULED_ON, ErrorCode.REQUIRED): "Enter the day, the ticket number, or both.",
    (Field.SCHEDULED_ON, ErrorCode.DATE_NOT_AHEAD): "Choose today or a later day, within a year.",
    (Field.TICKET, ErrorCode.TOO_LONG): "A ticket number is shorter: {limit} letters at most.",
    (Field.COLLEAGUE, ErrorCode.REQUIRED): "Choose the colleague who should do this.",
    (Field.REASON, ErrorCode.REQUIRED): "Say why, so that the customer can correct it.",
}

SOURCE_UNKNOWN_UNSAID = (
    "One of these is no source of the workspace {workspace} and looks like a key. Copy the Source"
    f" ID under {_SOURCE_ID}."
)

BLANK = "a blank"
SIGN = "“{sign}”"

CALLS: dict[str, str] = {
    "workspace": "read the workspace",
    "sources": "list the sources",
    "source": "read a source",
    "destinations": "list the destinations of a source",
    "delivered": "read how many events were delivered",
    "volumes": "read how many events there are",
    "event_names": "read the names of events",
    "filters": "read the filters of destinations",
}
OTHER_CALL = "read what is needed ({call})"
