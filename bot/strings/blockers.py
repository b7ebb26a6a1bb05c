"""What keeps a set-up from going on, in words: for customers, and briefly for CSMs.

`state` is a whole sentence. `next` follows "Next:", has no period and names no time: how long it
takes depends on the screen (`bot.strings.messages.DURATION`). `steps` are mrkdwn and are
done in Segment. All may contain `{source}`, and steps the `{button}` below them.
"""

from dataclasses import dataclass

from bot.views.kit.links import Page
from flows.model import Unheard
from flows.setup.blockers import Blocker


@dataclass(frozen=True, slots=True)
class BlockerText:
    """One outstanding thing: the state, what to do, the short form for CSMs, steps in Segment."""

    state: str
    next: str
    csm: str
    steps: tuple[str, ...] = ()
    page: Page | None = None


# The words on a button that opens this page of Segment. In the EU it opens Segment's start.
OPEN_SEGMENT = "Open Segment"
OPEN: dict[Page, str] = {
    Page.TOKENS: "Open Tokens",
    Page.SLUG: "Open General settings",
    Page.USAGE: "Open Plans",
    Page.HTTP_API: "Open the catalog",
    Page.DESTINATIONS: "Open Destinations",
    Page.TOPLYNE: "Open the catalog",
    Page.TICKET: "Open the ticket form",
}
SOURCE_UNNAMED = "your source"
_CONNECT = (
    "In Segment, open *Connections → Catalog → Destinations* and search for"
    " *Toplyne Cloud Mode (Actions)*.",
    "Press *Add destination* and choose the source *{source}*.",
    "Paste the API key from the Toplyne dashboard: *Settings → API Settings*.",
    "Keep the mappings that Segment proposes, switch the destination on and save.",
    "Come back and press *{button}*.",
)

BLOCKERS: dict[Blocker, BlockerText] = {
    Blocker.PLAN_MISSING: BlockerText(
        state="The Segment plan is not known yet.",
        next="say which Segment plan you have",
        csm="plan not chosen",
    ),
    Blocker.CREDENTIALS_MISSING: BlockerText(
        state="There is no access token yet.",
        next="create an access token in Segment and enter it",
        csm="no access token yet",
        steps=(
            "In Segment, open *Settings → Workspace settings → Access management → Tokens*.",
            "Press *Create token* and write any description.",
            "Under *Assign access*, choose *Workspace Owner*, then press *Create*.",
            "Copy the token.",
        ),
        page=Page.TOKENS,
    ),
    Blocker.WORKSPACE_MISSING: BlockerText(
        state="Your Segment workspace is not known yet.",
        next="enter the slug of your Segment workspace",
        csm="Segment workspace not entered yet",
        steps=(
            "In Segment, open *Settings → Workspace settings → General settings*.",
            "Copy the text under *Slug*.",
        ),
        page=Page.SLUG,
    ),
    Blocker.CREDENTIALS_REJECTED: BlockerText(
        state="Toplyne could not confirm what you entered.",
        next="read why, and correct the workspace slug or the token",
        csm="rejected; the customer must correct it",
        steps=(
            "In Segment, open *Settings → Workspace settings → General settings*.",
            "Copy the text under *Slug*.",
        ),
        page=Page.SLUG,
    ),
    Blocker.CREDENTIALS_UNVERIFIED: BlockerText(
        state="Segment cannot check a Free workspace, so a person at Toplyne confirms it.",
        next="wait; I will message you when Toplyne has confirmed it",
        csm="Free workspace, not verified yet",
    ),
    Blocker.SOURCES_MISSING: BlockerText(
        state="No source has been chosen yet.",
        next="choose the sources that Toplyne may read",
        csm="no source chosen",
    ),
    Blocker.SOURCES_REJECTED: BlockerText(
        state="Toplyne asks you to correct which sources you chose.",
        next="read why, and choose the sources again",
        csm="sources rejected; the customer must correct them",
    ),
    Blocker.NOT_LOOKED_YET: BlockerText(
        state="I have heard nothing from Segment about {source} yet.",
        next="check {source} again",
        csm="nothing heard from Segment about {source} yet",
    ),
    Blocker.SOURCE_UNHEARD: BlockerText(
        state="Segment does not say how far {source} is.",
        next="wait; I ask Segment about {source} again",
        csm="Segment does not say how far {source} is",
    ),
    Blocker.SOURCE_DISABLED: BlockerText(
        state="{source} is switched off in Segment, so it sends nothing.",
        next="switch on {source} in Segment",
        csm="source switched off: {source}",
        steps=(
            "In Segment, open *Connections → Sources* and choose *{source}*.",
            "Open its *Settings* and switch the source on.",
            "Come back and press *{button}*.",
        ),
    ),
    Blocker.DESTINATION_MISSING: BlockerText(
        state="{source} is not connected to a Toplyne destination.",
        next="connect Toplyne as a destination for {source}",
        csm="no Toplyne destination on {source}",
        steps=_CONNECT,
        page=Page.TOPLYNE,
    ),
    Blocker.DESTINATION_DISABLED: BlockerText(
        state="The Toplyne destination of {source} is switched off.",
        next="switch on the Toplyne destination of {source}",
        csm="Toplyne destination switched off on {source}",
        steps=(
            "In Segment, open *Connections → Destinations* and choose the Toplyne destination"
            " of *{source}*.",
            "Open its *Settings* and switch the destination on.",
            "Come back and press *{button}*.",
        ),
        page=Page.DESTINATIONS,
    ),
    Blocker.NO_EVENTS: BlockerText(
        state="{source} is connected, and no event of it has reached Toplyne yet.",
        next="use your product once, so that {source} sends an event",
        csm="connected, no events yet from {source}",
        steps=(
            "Use your product once, so that *{source}* sends an event.",
            "In Segment, open the Toplyne destination of *{source}* and look under *Mappings*:"
            " Identify, Group and Track should be switched on.",
            "Wait about five minutes, then press *{button}*.",
        ),
        page=Page.DESTINATIONS,
    ),
    Blocker.ARRIVAL_UNCONFIRMED: BlockerText(
        state="Segment cannot tell whether data of a Free workspace arrives, so Toplyne checks.",
        next="connect Toplyne in Segment if you have not yet; I will message you when data arrives",
        csm="not known whether data arrives (Free)",
        steps=(
            "In Segment, open *Connections → Catalog → Destinations* and search for"
            " *Toplyne Cloud Mode (Actions)*.",
            "Press *Add destination* and choose a source.",
            "Paste the API key from the Toplyne dashboard: *Settings → API Settings*.",
            "Keep the mappings that Segment proposes, switch the destination on and save.",
        ),
        page=Page.TOPLYNE,
    ),
    Blocker.PLAN_NOT_BUSINESS: BlockerText(
        state="Segment runs a Replay of your history on its Business plan only.",
        next="upgrade to Business, or finish with live data only",
        csm="plan is not Business",
    ),
    Blocker.REPLAY_NOT_REQUESTED: BlockerText(
        state="Live sync has started, so the Replay of your history can be requested now.",
        next="prepare the request for the Replay",
        csm="Replay not requested yet",
    ),
    Blocker.REPLAY_REJECTED: BlockerText(
        state="Toplyne asks you to correct the Replay request.",
        next="read why, and prepare the request again",
        csm="Replay request rejected; the customer must correct it",
    ),
    Blocker.REPLAY_NOT_SENT: BlockerText(
        state="The Replay request is written and has not been sent to Segment yet.",
        next="send the request to Segment, then say so here",
        csm="Replay request written, not sent to Segment",
        steps=(
            "Copy the request.",
            "In Segment, open *Help → Create a ticket*, paste the request and send it.",
            "Come back and press *I’ve sent it to Segment*.",
        ),
        page=Page.TICKET,
    ),
    Blocker.REPLAY_NOT_RUNNING: BlockerText(
        state="The request is with Segment, which starts the Replay by hand.",
        next="wait until Segment says that the Replay runs, then say so here",
        csm="sent to Segment, not running yet",
    ),
    Blocker.REPLAY_NOT_FINISHED: BlockerText(
        state="Segment is running the Replay.",
        next="wait until Segment says that the Replay has finished, then say so here",
        csm="Replay running",
    ),
    Blocker.TOKEN_REVOKED: BlockerText(
        state="Segment does not accept your access token any more, so nothing can be watched.",
        next="create a new access token in the same Segment workspace and enter it",
        csm="access token no longer accepted by Segment",
    ),
    Blocker.ROLE_REDUCED: BlockerText(
        state="Your access token may no longer do what it is needed for: its role was reduced.",
        next="create an access token with the role Workspace Owner and enter it",
        csm="role of the access token reduced",
    ),
    Blocker.SOURCE_DELETED: BlockerText(
        state="Segment does not know {source} any more: it seems to have been deleted.",
        next="choose which sources Toplyne reads from now on",
        csm="source deleted in Segment: {source}",
    ),
    Blocker.DESTINATION_DELETED: BlockerText(
        state="{source} is no longer connected to a Toplyne destination.",
        next="connect Toplyne as a destination for {source} again",
        csm="Toplyne destination removed from {source}",
        steps=_CONNECT,
        page=Page.TOPLYNE,
    ),
    Blocker.EVENTS_STOPPED: BlockerText(
        state="{source} receives events, and none of them has reached Toplyne for three days.",
        next="look in Segment why events of {source} do not reach Toplyne",
        csm="events of {source} no longer reach Toplyne",
        steps=(
            "In Segment, open *Connections → Destinations* and choose the Toplyne destination"
            " of *{source}*.",
            "Look under *Event Delivery* for errors, and under *Mappings* and *Filters* for what"
            " keeps events back.",
            "Compare the API key with the one in the Toplyne dashboard: *Settings → API Settings*.",
            "Come back and press *{button}*.",
        ),
        page=Page.DESTINATIONS,
    ),
}

# What comes next on Free once somebody has said that Toplyne is connected.
ARRIVAL_CHECKED = "wait; a person at Toplyne checks whether data arrives, and I will message you"
# Why Segment did not say how far a source is.
UNHEARD: dict[Unheard, str] = {
    Unheard.NO_FIGURES: "Segment has no figures for it",
    Unheard.REFUSED: "the access token may not read its figures",
    Unheard.UNUSABLE: "Segment gave no answer about it that I can use",
}
SILENT_LINE = (
    "Segment does not answer me; the last time was {when}. What I say of Segment is from then."
)
UNHEARD_LINE = "Not known about {sources}: {because}."

# What is said when something that broke works again.
WORKS_AGAIN: dict[Blocker, str] = {
    Blocker.TOKEN_REVOKED: "Segment accepts your access token, and I watch everything again.",
    Blocker.ROLE_REDUCED: "Your access token may do everything that is needed again.",
    Blocker.SOURCE_DELETED: "{source} is back in Segment.",
    Blocker.SOURCE_DISABLED: "{source} is switched on in Segment again.",
    Blocker.DESTINATION_DELETED: "{source} is connected to a Toplyne destination again.",
    Blocker.DESTINATION_DISABLED: "The Toplyne destination of {source} is switched on again.",
    Blocker.EVENTS_STOPPED: "Events of {source} reach Toplyne again.",
}
