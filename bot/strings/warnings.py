"""What people should know although it does not stop them. mrkdwn."""

from flows.errors import WarningCode
from flows.vocabulary import CallType

WARNINGS: dict[WarningCode, str] = {
    WarningCode.MAYBE_NOT_OWNER: (
        "This token seems to have a smaller role than Workspace Owner. It works for what I check"
        " today; if a check fails later, a token of a Workspace Owner helps."
    ),
    WarningCode.OTHER_REGION: (
        "Your workspace is in Segment’s other region. I have set the region for you."
    ),
    WarningCode.KEY_MEANS_SOURCE: (
        "You pasted the write key of {source} in place of its Source ID. I chose {source} for you:"
        " press Continue if that is right."
    ),
    WarningCode.SLUG_MEANS_SOURCE: (
        "You pasted the slug of {source} in place of its Source ID. I chose {source} for you:"
        " press Continue if that is right."
    ),
    WarningCode.SOURCE_NOT_HTTP_API: (
        "{source} is not of the type HTTP API. It works, but what Toplyne writes then is mixed"
        " with the events of that source."
    ),
    WarningCode.MISSING_CALL_TYPES: (
        "{source} sent none of these in 30 days: {call_types}. {meaning}"
    ),
    WarningCode.COVERAGE_UNKNOWN: (
        "I could not measure which calls these sources send: {sources}. The request says so by"
        " leaving the numbers out."
    ),
    WarningCode.FILTERS_UNKNOWN: (
        "I could not read whether filters stand on the Toplyne destination of these sources:"
        " {sources}. A filter cuts the Replay, too, so look in Segment first."
    ),
    WarningCode.PAGE_NOT_MAPPED: (
        "Toplyne’s destination in Segment passes on Identify, Group and Track by default. Page"
        " calls come along only if you add a mapping for them first; “Change period or events”"
        " shows how."
    ),
    WarningCode.WINDOW_SHORT: (
        "This covers {days} days. Toplyne’s models need at least 6 months and are better with 12."
    ),
    WarningCode.SOURCES_LEFT_OUT: (
        "Left out, because no event of it has reached Toplyne yet: {sources}. You can make another"
        " request for it later."
    ),
    WarningCode.RECENTLY_UPGRADED: (
        "You have been on Business since {upgraded}. Your earlier plan kept events for a shorter"
        " time: what is older than {date} may be gone."
    ),
    WarningCode.RETENTION_SHORT: (
        "Your workspace keeps events for {retention}, so what is older than {date} is gone. Choose"
        " that as the start, or leave it: the Replay brings what there is."
    ),
    WarningCode.NAMES_UNKNOWN: (
        "Segment did not count these among the event names of the last 30 days: {names}. If one is"
        " misspelled, press Back and correct it; Segment goes by the exact name."
    ),
    WarningCode.DELETIONS_PENDING: (
        "Segment starts a Replay only when the pending deletions of users have finished. The"
        " request says so; please start no new ones."
    ),
    WarningCode.FILTERS_STAND: (
        "The Toplyne destination of {source} has filters: {filters}. They cut the Replay too."
        " Switch them off in Segment first if Toplyne should get these events."
    ),
    WarningCode.END_AFTER_LIVE: (
        "Events have reached Toplyne live since {since}. Those before this end come twice."
    ),
    WarningCode.END_UNSURE: (
        "Segment shows only 30 days, so {sources} may have been live before {since}. If Toplyne was"
        " connected earlier, press “Change period or events” and choose that day as the end."
        " Otherwise what came since then comes twice."
    ),
    WarningCode.SEGMENT_MAY_RUN_IT: (
        "Segment has version {number} and may have begun it. Events that it sends before it reads"
        " another version come twice, so ask Segment first whether it has begun."
    ),
    WarningCode.SEGMENT_RUNS_IT: (
        "Segment runs version {number} already, as was reported. Events that it sends before it"
        " reads another version come twice, so ask Segment first whether it can stop."
    ),
    WarningCode.SEGMENT_RAN_IT: (
        "The Replay of version {number} has finished, as was reported. Whatever of it reached"
        " Toplyne comes once more with another one."
    ),
    WarningCode.REPLAYED_BEFORE: (
        "An earlier set-up here asked Segment for a Replay of {sources} from {start} to {end}. This"
        " request brings that once more: choose another period, or ask Toplyne’s team first."
    ),
    WarningCode.STILL_OPEN: (
        "Something is not in order yet, as listed below. Set it right first, or finish all the"
        " same; the summary names it then."
    ),
}

# What is lost without a call type. A warning names only the first missing one.
MEANING: dict[CallType, str] = {
    CallType.IDENTIFY: "Without Identify, events cannot be matched to people.",
    CallType.TRACK: "Without Track, Toplyne cannot see what people do.",
    CallType.GROUP: "Without Group, accounts cannot be built from this source alone.",
    CallType.PAGE: "Without Page, visits to pages are missing; most set-ups do well without them.",
}
