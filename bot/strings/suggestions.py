"""What a CSM could write to a customer about each blocker. They change it before it is sent.

Plain text, in the CSM's voice. All may contain `{source}`.
"""

from flows.setup.blockers import Blocker

SUGGESTED: dict[Blocker, str] = {
    Blocker.PLAN_MISSING: (
        "Shall we connect Segment to Toplyne? Type /segment to begin; it takes about ten minutes."
        " If something keeps you from it, tell me here."
    ),
    Blocker.CREDENTIALS_MISSING: (
        "The next thing is the access token from Segment. Only a Workspace Owner can create it; if"
        " that is somebody else, press “Somebody else must do this”. Is anything unclear?"
    ),
    Blocker.WORKSPACE_MISSING: (
        "The next thing is the slug of your Segment workspace. You find it in Segment under"
        " Settings → Workspace settings → General settings. Do you find it there?"
    ),
    Blocker.CREDENTIALS_REJECTED: (
        "I could not confirm what you entered, and wrote the reason beside it. Can you correct it,"
        " or shall we look at it together?"
    ),
    Blocker.CREDENTIALS_UNVERIFIED: (
        "Before I confirm your Segment workspace: is the slug that you entered the right one?"
    ),
    Blocker.SOURCES_MISSING: (
        "Your token works. The next thing is to choose which sources Toplyne reads; the busiest"
        " one is a good start. Are you unsure which one it is?"
    ),
    Blocker.SOURCES_REJECTED: (
        "I asked you to correct which sources you chose. Was the reason clear, or shall we choose"
        " them together?"
    ),
    Blocker.NOT_LOOKED_YET: (
        "The app has heard nothing about {source} from Segment yet. Please type /segment and press"
        " “Check again”."
    ),
    Blocker.SOURCE_UNHEARD: (
        "Segment does not tell us at the moment how far {source} is. Do you see in Segment whether"
        " it delivers to Toplyne?"
    ),
    Blocker.SOURCE_DISABLED: (
        "{source} is switched off in Segment, so it sends nothing. Is that on purpose? You switch"
        " it on in its Settings."
    ),
    Blocker.DESTINATION_MISSING: (
        "{source} has no Toplyne destination in Segment yet. Adding it takes about 5 minutes; type"
        " /segment to see the steps. Shall I help?"
    ),
    Blocker.DESTINATION_DISABLED: (
        "The Toplyne destination of {source} is switched off in Segment. Is that on purpose? You"
        " switch it on in its Settings."
    ),
    Blocker.NO_EVENTS: (
        "{source} is connected, but no event of it has reached us yet. Can you use your product"
        " once, so that it sends something?"
    ),
    Blocker.ARRIVAL_UNCONFIRMED: (
        "I see none of your data in Toplyne yet. Have you connected Toplyne as a destination in"
        " Segment?"
    ),
    Blocker.PLAN_NOT_BUSINESS: (
        "Live data arrives. Your history needs Segment’s Business plan. Do you want to upgrade, or"
        " finish with live data only? You can have the history later, too."
    ),
    Blocker.REPLAY_NOT_REQUESTED: (
        "Live data arrives, so you can now ask Segment for your history. Type /segment replay: the"
        " request is ready, you only check it. Shall I help?"
    ),
    Blocker.REPLAY_REJECTED: (
        "I asked you to correct the Replay request. Was the reason clear, or shall we look at it"
        " together?"
    ),
    Blocker.REPLAY_NOT_SENT: (
        "Your Replay request is written. Please send it to Segment and press “I’ve sent it to"
        " Segment”. Is something in your way?"
    ),
    Blocker.REPLAY_NOT_RUNNING: (
        "Has Segment answered your Replay request? If they named a day, please tell me."
    ),
    Blocker.REPLAY_NOT_FINISHED: (
        "Is the Replay still running? If Segment says that it has finished, please tell me."
    ),
    Blocker.TOKEN_REVOKED: (
        "Segment does not accept your access token any more. Please create a new one in the same"
        " workspace; type /segment to enter it. Your data goes on meanwhile."
    ),
    Blocker.ROLE_REDUCED: (
        "The role of your access token was reduced in Segment, so we cannot see how your sources"
        " are. Can you create one as Workspace Owner? Type /segment to enter it."
    ),
    Blocker.SOURCE_DELETED: (
        "{source} seems to be deleted in Segment. Which source should Toplyne read instead? Type"
        " /segment to choose it."
    ),
    Blocker.DESTINATION_DELETED: (
        "The Toplyne destination of {source} was removed in Segment, so no new data arrives. Is"
        " that on purpose? Type /segment to see how to add it again."
    ),
    Blocker.EVENTS_STOPPED: (
        "No events of {source} reach Toplyne any more, although it still sends some. Did anything"
        " change in Segment? Type /segment to see where to look."
    ),
}
