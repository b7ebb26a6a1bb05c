"""Links out of Slack: the Segment pages that its documentation names, and the Replay mail."""

from enum import StrEnum
from urllib.parse import quote

from bot.strings.replay import PASTE_REST
from flows.model import Integration
from flows.replay.text import ReplayText
from flows.vocabulary import Region

REPLAY_ADDRESS = "friends@segment.com"

_APP = "https://app.segment.com"
_EU_APP = "https://eu1.app.segment.com"
_OWN_WORKSPACE = "goto-my-workspace"  # Segment replaces it with the reader's own workspace
_MAIL_LIMIT = 2000  # mail programs cut off longer URLs
_BEGINNING_LIMIT = 900  # where the rest must be pasted anyway; a message has little room


class Page(StrEnum):
    """Pages of Segment's app, below the workspace."""

    TOKENS = "settings/access-management/tokens"
    SLUG = "settings/basic"
    USAGE = "settings/usage"
    HTTP_API = "sources/catalog"
    DESTINATIONS = "destinations"
    TOPLYNE = "destinations/catalog/actions-toplyne-cloud"
    TICKET = "home?period=last-24-hours&v2=enabled&help=create-ticket"


def segment_url(page: Page, integration: Integration) -> str:
    """The URL of a page in Segment's app for this customer.

    In the EU only the app's own URL is known for sure, so that is the one returned.
    """
    if integration.region is Region.EU:
        return _EU_APP
    return f"{_APP}/{quote(integration.workspace_slug, safe='') or _OWN_WORKSPACE}/{page}"


def replay_mail_url(text: ReplayText) -> str:
    """A `mailto:` URL to Segment with the whole request, or the beginning of a long one."""
    whole = _mail(text, text.plain())
    if len(whole) <= _MAIL_LIMIT:
        return whole
    return _mail(text, f"{_beginning(text)}\n\n{PASTE_REST}")


def is_whole_mail(text: ReplayText) -> bool:
    """Whether the mail holds the whole request, so that nothing has to be pasted."""
    return len(_mail(text, text.plain())) <= _MAIL_LIMIT


def _mail(text: ReplayText, body: str) -> str:
    subject = quote(text.subject, safe="")
    return f"mailto:{REPLAY_ADDRESS}?subject={subject}&body={quote(body, safe='')}"


def _beginning(text: ReplayText) -> str:
    """As many whole lines of the request as fit into the URL."""
    room = _BEGINNING_LIMIT - len(_mail(text, f"\n\n{PASTE_REST}"))
    kept: list[str] = []
    for line in text.plain().split("\n"):
        room -= len(quote(line + "\n", safe=""))
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept)
