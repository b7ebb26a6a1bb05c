"""The Replay request as a message: the text to copy, where to send it, and what to report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ids import Action
from bot.strings import messages as strings
from bot.strings import replay as replay_strings
from bot.strings.next_steps import LOOK_NEXT
from bot.strings.reminders import NOT_YET_BUTTON
from bot.views.kit.blocks import button, context, preformatted, section
from bot.views.kit.links import REPLAY_ADDRESS, Page, is_whole_mail, replay_mail_url
from bot.views.kit.message import Rendered, compose, label_of
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import look_button, own_step
from bot.views.kit.standing import asked_day, standing_words
from bot.views.kit.text import clip, link, moment, name, signed, size
from bot.views.kit.wording import opener
from flows.csm.facts import Rejectable
from flows.model import Integration, Outcome, Screen, Situation
from flows.replay.facts import ReplayRequest, ReplaySource, Scheduled
from flows.replay.steps import Mark, reports
from flows.replay.text import ReplayText, request_text
from flows.replay.undoing import UNDO, undoable
from flows.replay.window import past_replays
from flows.setup.blockers import Blocked, Blocker, historic_sync_blocker
from flows.setup.replays import is_rejected, is_withdrawn, sources_taken_out
from flows.vocabulary import Plan, Region, Source, Stamp

MAX_TEXT_BLOCKS = 36  # of Slack's 50 per message; the others surround the text
MAX_PART = 3000  # letters in one block of text to copy
TEXT_ROOM = 9_300  # of the 13,200 letters that Slack allows in all blocks of a message
SHORT_NAME = 40
_STARTS = Blocked(Blocker.REPLAY_NOT_RUNNING)
_UNDOING = {
    Mark.SENT: Action.REPLAY_UNSEND,
    Mark.RUNNING: Action.REPLAY_NOT_RUNNING,
    Mark.FINISHED: Action.REPLAY_NOT_FINISHED,
}


def replay_request(number: int, situation: Situation) -> Rendered:
    """Draws the request with this number at the stage it has reached by now."""
    integration = situation.integration
    request = integration.replay
    if integration.disconnected:
        return compose(strings.REPLAY_GONE_STATE, strings.OVER_NEXT)
    if request is None:
        return _of_before()
    if request.number != number:
        return _earlier(number, request, situation)
    if held_up := _held_up(request, situation):
        return held_up
    workspace = name(request.workspace.label)
    if integration.replay_finished:
        state = _reported(strings.REPLAY_FINISHED_STATE, workspace, integration.replay_finished)
        buttons = [look_button(), *undo_buttons(situation), _text(number)]
        return compose(state, LOOK_NEXT, buttons, between=undo_words(situation))
    if integration.replay_running:
        return _to_report(
            _reported(strings.REPLAY_RUNNING_STATE, workspace, integration.replay_running),
            strings.REPLAY_RUNNING_NEXT,
            [
                button(strings.REPLAY_FINISHED_BUTTON, Action.REPLAY_FINISHED, str(number)),
                *undo_buttons(situation),
                _text(number),
            ],
            between=undo_words(situation),
        )
    if integration.replay_scheduled:
        return _scheduled(number, integration.replay_scheduled, situation)
    if integration.replay_sent:
        return _to_report(
            _reported(strings.REPLAY_SENT_STATE, workspace, integration.replay_sent),
            strings.REPLAY_SENT_NEXT,
            [
                button(strings.REPLAY_SCHEDULED_BUTTON, Action.REPLAY_SCHEDULED, str(number)),
                button(strings.REPLAY_RUNNING_BUTTON, Action.REPLAY_RUNNING, str(number)),
                _asked(number),
                *undo_buttons(situation),
                _text(number),
            ],
            between=undo_words(situation),
        )
    return _to_send(request, integration)


def _held_up(request: ReplayRequest, situation: Situation) -> Rendered | None:
    """A request that is not to be sent as it is, with what comes first; None: nothing does."""
    integration = situation.integration
    blocked = historic_sync_blocker(integration)
    following, main = own_step(blocked, situation) if blocked else (LOOK_NEXT, look_button())
    if is_withdrawn(integration):
        state = strings.REPLAY_WITHDRAWN_STATE.format(number=request.number)
        return compose(state, following, [main])
    if is_rejected(integration, Rejectable.REPLAY):
        return compose(strings.REPLAY_REJECTED, following, [main])
    if not integration.replay_sent and _needs_none(integration):
        state = strings.REPLAY_NOT_NOW_STATE.format(workspace=name(request.workspace.label))
        return compose(state, following, [main, _text(request.number)])
    left = sources_taken_out(integration)
    return _outdated(request, left, following, main) if left else None


def _scheduled(number: int, scheduled: Scheduled, situation: Situation) -> Rendered:
    is_running = strings.REPLAY_RUNNING_BUTTON
    on = button(day_label(scheduled, situation), Action.REPLAY_SCHEDULED, str(number))
    reports = [_asked(number), on]
    if asked_day(situation):  # it is the other answer then
        reports.reverse()
    state, following = standing_words(_STARTS, situation, is_running)
    running = button(is_running, Action.REPLAY_RUNNING, str(number))
    return compose(state, following, [running, *reports, _text(number), _help()])


def undo_words(situation: Situation) -> list[Block]:
    """For whoever pressed too early, while it can be taken back."""
    mark = undoable(situation)
    if mark is None:
        return []
    until = moment(reports(situation.integration)[mark].at + UNDO)
    words = strings.REPLAY_UNDO[mark]
    return [context(words.format(button=strings.REPLAY_UNDO_BUTTON, until=until))]


def undo_buttons(situation: Situation) -> list[ButtonElement]:
    replay, mark = situation.integration.replay, undoable(situation)
    if replay is None or mark is None:
        return []
    return [button(strings.REPLAY_UNDO_BUTTON, _UNDOING[mark], str(replay.number))]


def _text(number: int) -> ButtonElement:
    """The text that was sent. Slack cannot fold it, and whole it would bury what comes next."""
    return button(replay_strings.VERSION_BUTTON, Action.REPLAY_VERSION, str(number))


def _asked(number: int) -> ButtonElement:
    return button(strings.REPLAY_ASKED_BUTTON, Action.REPLAY_ASKED, str(number))


def day_label(scheduled: Scheduled, situation: Situation) -> str:
    """The button that says that the day has passed, changes what was reported of it, or adds it."""
    if asked_day(situation):
        return NOT_YET_BUTTON
    return replay_strings.CHANGE_DAY_BUTTON if scheduled.on else replay_strings.NAME_DAY_BUTTON


def text_blocks(text: ReplayText) -> list[Block]:
    """The text to copy: one block, or as few as hold it, cut between sources."""
    room = max(MAX_PART, -(-2 * len(text.plain()) // MAX_TEXT_BLOCKS))
    return [preformatted(part) for part in packed(text, room)]


def packed(text: ReplayText, room: int = MAX_PART) -> Iterator[str]:
    """The text in as few parts of at most `room` letters as its paragraphs allow."""
    part = ""
    for paragraph in (text.intro, *text.source_blocks, text.closing):
        for piece in split(paragraph, room):
            if part and len(part) + 2 + len(piece) > room:
                yield part
                part = ""
            part = f"{part}\n\n{piece}" if part else piece
    yield part


def split(text: str, limit: int = MAX_PART) -> Iterable[str]:
    """Cuts a long text between words. Joining the parts by spaces gives the text back."""
    rest = text
    while len(rest) > limit:
        cut = rest.rfind(" ", 1, limit)
        cut = cut if cut > 0 else limit
        yield rest[:cut]
        rest = rest[cut:].removeprefix(" ")
    yield rest


def _to_send(request: ReplayRequest, integration: Integration) -> Rendered:
    whole = request_text(request)
    sent = button(
        strings.REPLAY_SENT_BUTTON, Action.REPLAY_SENT, str(request.number), style="primary"
    )
    revise = button(strings.REPLAY_REVISE_BUTTON, Action.REPLAY_REVISE)
    form = opener(Page.TICKET, integration)
    return compose(
        strings.REPLAY_TO_SEND_STATE.format(workspace=name(request.workspace.label)),
        strings.REPLAY_TO_SEND_NEXT.format(button=strings.REPLAY_SENT_BUTTON),
        [form, sent, revise, _help()],
        between=[
            *_replaces(request),
            *_text_to_copy(request, whole),
            *_left_out(request),
            context(*_where_to_send(integration, whole)),
        ],
    )


def _where_to_send(integration: Integration, whole: ReplayText) -> list[str]:
    """What the button that opens the form does not say: the way to it in the EU, and the mail."""
    mail = link(replay_mail_url(whole), strings.REPLAY_MAIL_LABEL.format(address=REPLAY_ADDRESS))
    words = strings.REPLAY_MAIL if is_whole_mail(whole) else strings.REPLAY_MAIL_SHORT
    # No link to the form is known for the EU.
    steps = [strings.REPLAY_FORM_STEPS] if integration.region is Region.EU else []
    return [*steps, words.format(link=mail)]


def _text_to_copy(request: ReplayRequest, whole: ReplayText) -> list[Block]:
    if _fits(whole):
        return text_blocks(whole)
    short = request_text(_shortened(request))
    open_whole = button(strings.REPLAY_WHOLE_BUTTON, Action.OPEN_SCREEN, Screen.REPLAY_STATUS)
    if not _fits(short):
        return [section(strings.REPLAY_TOO_LONG, accessory=open_whole)]
    remark = section(strings.REPLAY_SHORTENED, accessory=open_whole)
    return [*text_blocks(short), remark]


def _fits(text: ReplayText) -> bool:
    return size(text.plain()) <= TEXT_ROOM


def _shortened(request: ReplayRequest) -> ReplayRequest:
    """The request with short names, without counts and filters. Segment goes by the Source
    IDs. The end of each source stays, so that nothing comes twice.
    """
    shortened = tuple(
        ReplaySource(
            replace(entry.source, name=clip(entry.source.label, SHORT_NAME)),
            calls=None,
            live_since=entry.live_since,
        )
        for entry in request.sources
    )
    return replace(request, sources=shortened)


def _to_report(
    state: str,
    next_step: str,
    reports: Sequence[ButtonElement],
    between: Sequence[Block] = (),
) -> Rendered:
    following = next_step.format(button=label_of(reports[0]))
    return compose(state, following, [*reports, _help()], between=between)


def _outdated(
    request: ReplayRequest, left: Sequence[Source], following: str, main: ButtonElement
) -> Rendered:
    """An unsent request that asks for sources which are not chosen any more."""
    state = strings.REPLAY_OUTDATED_STATE.format(
        workspace=name(request.workspace.label),
        sources=name_list(source.label for source in left),
    )
    number = str(request.number)
    sent = button(strings.REPLAY_SENT_BUTTON, Action.REPLAY_SENT, number)
    buttons = [main, sent, _text(request.number), _help()]
    remark = context(strings.REPLAY_OUTDATED_SENT.format(button=strings.REPLAY_SENT_BUTTON))
    return compose(state, following, buttons, between=[remark])


def _earlier(number: int, newest: ReplayRequest, situation: Situation) -> Rendered:
    """A request that is not the newest: it has run, or another took its place."""
    for past in past_replays(situation.integration):
        if past.number == number:
            workspace = name(newest.workspace.label)
            state = _reported(strings.REPLAY_FINISHED_STATE, workspace, past.finished)
            return compose(state, LOOK_NEXT, [look_button()])
    return compose(
        strings.REPLAY_REPLACED_STATE.format(number=number),
        strings.REPLAY_REPLACED_NEXT,
        [button(strings.REPLAY_REPLACED_BUTTON, Action.OPEN_SCREEN, Screen.REPLAY_STATUS)],
    )


def _needs_none(integration: Integration) -> bool:
    """Whether the plan has no Replay, or the customer has finished without one."""
    return integration.plan is not Plan.BUSINESS or integration.outcome is Outcome.LIVE_ONLY


def _of_before() -> Rendered:
    return compose(
        strings.REPLAY_OLD_STATE,
        strings.REPLAY_OLD_NEXT,
        [button(strings.REPLAY_OLD_BUTTON, Action.OPEN_SETUP)],
    )


def _replaces(request: ReplayRequest) -> list[Block]:
    if request.replaces is None:
        return []
    when = moment(request.replaces.sent_at)
    words = strings.REPLAY_VERSION.format(
        number=request.number, old=request.replaces.number, when=when
    )
    return [context(words)]


def _reported(template: str, workspace: str, who: Stamp) -> str:
    return template.format(workspace=workspace, by=signed(who))


def _left_out(request: ReplayRequest) -> list[Block]:
    if not request.left_out:
        return []
    sources = name_list(source.label for source in request.left_out)
    return [context(strings.REPLAY_LEFT_OUT.format(sources=sources))]


def _help() -> ButtonElement:
    return button(strings.ASK_HELP_BUTTON, Action.ASK_HELP, Screen.REPLAY_STATUS)
