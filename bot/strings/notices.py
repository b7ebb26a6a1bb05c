"""The sentence above a screen that says why a person sees it. Plain text."""

from flows.setup.results import Notice

# In place of the first one where somebody can be named (mrkdwn).
CHANGED_BY = (
    "⚠ {who} changed this while you had it open ({when}), so nothing was changed now. Nothing is"
    " lost; this is the newest state."
)
NOTICES: dict[Notice, str] = {
    Notice.CHANGED_MEANWHILE: (
        "This changed while you had it open, so nothing was changed now. Nothing is lost; this is"
        " the newest state."
    ),
    Notice.ALREADY_DONE: (
        "You have answered this already, so nothing was changed now. Here is where you are."
    ),
    Notice.OTHER_PLAN: (
        "The plan was changed while I checked what was entered for Free. It does not serve the new"
        " plan, so I deleted it."
    ),
    Notice.DISCONNECTED: "The set-up was disconnected meanwhile, so this check changes nothing.",
    Notice.UNVERIFIED: ("Thank you. Segment cannot check this, which is no mistake of yours."),
    Notice.SEGMENT_UNAVAILABLE: (
        "Segment does not answer at the moment. This is not your mistake, and I ask again by"
        " myself."
    ),
    Notice.TOKEN_REFUSED: (
        "Segment no longer accepts the access token. Please enter a new one of the same workspace."
    ),
    Notice.ALREADY_RUNNING: "The Replay was reported as running or finished, so no day is needed.",
    Notice.NOTHING_TO_REQUEST: (
        "There is nothing left to request: the history of every chosen source that delivers has"
        " come."
    ),
    Notice.REQUEST_GREW: (
        "The request has changed since you opened this: data of another source arrives, or Segment"
        " no longer has its first days. Nothing was sent: please look at it once more."
    ),
    Notice.REJECTED: (
        "Toplyne has sent the Replay request back, so nothing was reported of it. Here is what to"
        " do first."
    ),
    Notice.TOO_LATE_TO_UNDO: (
        "A report can be taken back for ten minutes, and only the newest one. If this one is not"
        " true, tell Toplyne’s team with “Ask for help”."
    ),
    Notice.NOT_YET: "This is not possible yet. Here is what to do first.",
}
