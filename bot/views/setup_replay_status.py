"""The Replay request before it is handed off, and what has become of it since."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement
from slack_sdk.models.views import View

from bot.ids import Action, Callback
from bot.links import REPLAY_ADDRESS, replay_mail_url
from bot.strings import messages
from bot.strings import replay as strings
from bot.views.kit import actions, button, context, section
from bot.views.replay_message import text_blocks
from bot.views.setup_common import foot, screen_view, steps_section, told
from bot.views.setup_history import replay_view
from bot.views.text import link, stamp, utc
from bot.views.wording import blocked_text
from flows.blockers import Blocked, Blocker, historic_sync_blocker
from flows.model import Integration, ReplayRequest, Screen, Stamp
from flows.replay import build_request, proposed_window, request_text
from flows.results import ShowStep

_MARKS: dict[Blocker, tuple[Action, ...]] = {
    Blocker.REPLAY_NOT_SENT: (Action.REPLAY_SENT,),
    Blocker.REPLAY_NOT_RUNNING: (Action.REPLAY_RUNNING, Action.REPLAY_FINISHED),
    Blocker.REPLAY_NOT_FINISHED: (Action.REPLAY_FINISHED,),
}


def replay_preview_view(result: ShowStep) -> View:
    """The very text that goes to Segment, built from the draft as the request will be."""
    situation = result.situation
    unsigned = Stamp(by="", at=situation.now)  # whoever confirms it signs it
    request = build_request(situation, proposed_window(situation), unsigned)
    blocks: list[Block] = [
        section(strings.PREVIEW),
        *text_blocks(request_text(request)),
        context(strings.PREVIEW_NEXT),
        foot(Screen.REPLAY_PREVIEW, back=Screen.REPLAY),
    ]
    return screen_view(
        Callback.REPLAY_PREVIEW,
        situation,
        told(result),
        blocks,
        submit=strings.REQUEST_BUTTON,
        title=strings.TITLE,
    )


def replay_status_view(result: ShowStep) -> View:
    """What was requested, how far it is by whose report, and the next thing."""
    situation = result.situation
    integration = situation.integration
    if integration.replay is None:
        return replay_view(result)
    blocked = historic_sync_blocker(integration)
    blocks: list[Block] = [
        section(_requested_words(integration.replay)),
        section("\n".join(_reports(integration))),
        *_next_blocks(blocked, integration, integration.replay),
        foot(Screen.REPLAY_STATUS, back=Screen.LIVE_SYNC),
    ]
    return screen_view(
        Callback.REPLAY_STATUS, situation, told(result), blocks, title=strings.STATUS_TITLE
    )


def _requested_words(request: ReplayRequest) -> str:
    window = request.window
    return strings.REQUESTED.format(
        who=stamp(request.requested),
        start=utc(window.start),
        end=utc(window.end),
        events=strings.ALL_EVENTS if window.everything else strings.SOME_EVENTS,
    )


def _reports(integration: Integration) -> list[str]:
    reports = (
        (strings.SENT, integration.replay_sent),
        (strings.RUNNING, integration.replay_running),
        (strings.FINISHED, integration.replay_finished),
    )
    return [
        strings.REPORTED.format(what=what, who=stamp(who))
        if who
        else strings.NOT_REPORTED.format(what=what)
        for what, who in reports
    ]


def _next_blocks(
    blocked: Blocked | None, integration: Integration, request: ReplayRequest
) -> list[Block]:
    """What comes next and its buttons; the text to send below them, for it can be long."""
    if blocked is None:
        return []
    words = blocked_text(blocked)
    following = section(f"{words.state}\n{strings.NEXT.format(next=words.next)}")
    marks = _marks(blocked, request)
    row = [actions(*marks)] if marks else []
    if not words.steps:
        return [following, *row]
    text = request_text(request)
    mail = link(replay_mail_url(text), messages.REPLAY_MAIL_LABEL.format(address=REPLAY_ADDRESS))
    return [
        following,
        steps_section(strings.HOW, words.steps, words.page, integration),
        context(strings.MAIL.format(link=mail)),
        *row,
        section(strings.STATUS_TEXT),
        *text_blocks(text),
    ]


def _marks(blocked: Blocked, request: ReplayRequest) -> Sequence[ButtonElement]:
    """The first one is what should be reported next."""
    marks = _MARKS.get(blocked.blocker, ())
    return [
        button(strings.MARKS[mark], mark, str(request.number), style=None if index else "primary")
        for index, mark in enumerate(marks)
    ]
