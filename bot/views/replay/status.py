"""The preview of the Replay request, and its status after it was made."""

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block, ButtonElement
from slack_sdk.models.views import View

from bot.ids import ASKS_FOR, Action, Callback
from bot.strings import messages, names
from bot.strings import replay as strings
from bot.views.kit.blocks import actions, button, context, section
from bot.views.kit.links import REPLAY_ADDRESS, replay_mail_url
from bot.views.kit.name_list import name_list
from bot.views.kit.next_step import next_words
from bot.views.kit.standing import asked_day, standing_words
from bot.views.kit.text import day, escape, lines, link, stamp, utc
from bot.views.kit.wording import blocked_text, history_label, missing_history
from bot.views.replay.form import (
    introduction,
    measuring_line,
    not_yet_view,
    replay_view,
    warnings_now,
    window_words,
)
from bot.views.replay.message import day_label, text_blocks, undo_buttons, undo_words
from bot.views.setup.common import foot, screen_view, steps_section
from flows.errors import WarningCode
from flows.model import Integration, Screen, Situation
from flows.replay.facts import ReplayRequest, Scheduled
from flows.replay.plan import lacks_plan
from flows.replay.request import build_request, preview_name
from flows.replay.steps import still_open
from flows.replay.text import request_text, rounded
from flows.replay.window import missing_sources, proposed_window
from flows.setup.blockers import Blocked, Blocker, historic_sync_blocker
from flows.setup.replays import is_withdrawn
from flows.setup.results import ShowStep
from flows.vocabulary import Plan, Stamp

_MARKS: dict[Blocker, tuple[Action, ...]] = {
    Blocker.REPLAY_NOT_SENT: (Action.REPLAY_SENT,),
    Blocker.REPLAY_NOT_RUNNING: (
        Action.REPLAY_SCHEDULED,
        Action.REPLAY_ASKED,
        Action.REPLAY_RUNNING,
        Action.REPLAY_FINISHED,
    ),
    Blocker.REPLAY_NOT_FINISHED: (Action.REPLAY_FINISHED, Action.REPLAY_ASKED),
}
# The window whose main button reports this.
_REPORTED_BY: dict[Action, Callback] = {
    Action.REPLAY_SENT: Callback.STATUS_SENT,
    Action.REPLAY_SCHEDULED: Callback.STATUS_SCHEDULED,
    Action.REPLAY_RUNNING: Callback.STATUS_RUNNING,
    Action.REPLAY_FINISHED: Callback.STATUS_FINISHED,
}


def replay_preview_view(result: ShowStep) -> View:
    """The exact text that will go to Segment: of the draft, or of what we propose."""
    situation, measuring = result.situation, result.measuring
    if needs := not_yet_view(result):
        return needs
    unsigned = Stamp(by="", at=situation.now)  # the person who confirms it signs it
    window = proposed_window(situation)
    request = build_request(situation, window, unsigned)
    found = warnings_now(situation, window, measuring)
    change = button(strings.CHANGE, Action.REPLAY_REVISE)
    blocks: list[Block] = [
        section(lines((*filter(None, (introduction(situation),)), strings.PREVIEW))),
        *measuring_line(situation, measuring),
        context(
            *window_words(situation, window, counts=not measuring),
            block_id=f"{ASKS_FOR}:{preview_name(situation, window)}",
        ),
        *text_blocks(request_text(request)),
        context(strings.PREVIEW_NEXT),
        foot(Screen.REPLAY_PREVIEW, back=Screen.LIVE_SYNC, more=[change]),
    ]
    return screen_view(
        Callback.REPLAY_PREVIEW,
        replace(result, warnings=found),
        blocks,
        submit=strings.REQUEST_BUTTON,
        title=strings.TITLE,
        external_id=measuring,
    )


def replay_status_view(result: ShowStep) -> View:
    """What was requested, who reported which progress, and what comes next."""
    situation = result.situation
    integration = situation.integration
    if integration.replay is None:
        return replay_view(result)
    blocked = historic_sync_blocker(integration)
    marks, request = _marks(blocked, situation), integration.replay
    is_open = blocked is not None or bool(missing_sources(situation))
    blocks: list[Block] = [
        *_asked_again(result),
        section(
            requested_words(request),
            accessory=_versions(request, blocked),
            block_id=f"{ASKS_FOR}:{request.number}",
        ),
        section("\n".join(_reports(integration))),
        *undo_words(situation),
        *_past_blocks(integration),
        *_missing_blocks(situation),
        *_next_blocks(blocked, situation, marks),
        *_plan_blocks(situation),
        foot(Screen.REPLAY_STATUS, back=Screen.LIVE_SYNC, delegate=is_open),
    ]
    callback = _REPORTED_BY[marks[0]] if marks else Callback.REPLAY_STATUS
    submit = strings.MARKS[marks[0]] if marks else ""
    return screen_view(callback, result, blocks, submit=submit, title=strings.STATUS_TITLE)


def _plan_blocks(situation: Situation) -> list[Block]:
    """Segment has the request, and the plan changed since: it may not run it any more."""
    integration = situation.integration
    if not lacks_plan(situation):
        return []
    plan = names.PLAN[integration.plan or Plan.FREE]
    finish = button(strings.LIVE_ONLY_BUTTON, Action.FINISH_LIVE_ONLY)
    return [section(strings.PLAN_CHANGED.format(plan=plan), accessory=finish)]


def _past_blocks(integration: Integration) -> list[Block]:
    """The Replays that finished before this one."""
    words = (
        strings.PAST.format(
            number=past.number,
            sources=name_list(source.label for source in past.sources),
            start=utc(past.start),
            end=utc(past.end),
            how=strings.PAST_CONFIRMED
            if past.confirmed
            else strings.PAST_REPORTED.format(who=stamp(past.finished)),
        )
        for past in integration.past_replays
    )
    return [section(lines(words))] if integration.past_replays else []


def _missing_blocks(situation: Situation) -> list[Block]:
    """Sources that went live after the Replay, with a button that requests their history."""
    missing = missing_sources(situation)
    if not missing:
        return []
    ask = button(history_label(missing), Action.GO_TO, Screen.REPLAY)
    return [section(f"{missing_history(missing)}.", accessory=ask)]


def requested_words(request: ReplayRequest) -> str:
    """A request in two lines: its version and author, and what it asks for."""
    window = request.window
    known = request.estimate is not None
    count = f"{rounded(request.estimate or 0):,}"
    return strings.REQUESTED.format(
        number=request.number,
        who=stamp(request.requested),
        start=utc(window.start),
        end=utc(window.end),
        events=strings.ALL_EVENTS if window.everything else strings.SOME_EVENTS,
        estimate=strings.ESTIMATED.format(count=count) if known else "",
    )


def _versions(request: ReplayRequest, blocked: Blocked | None) -> ButtonElement | None:
    """Opens the texts. None while the only one stands on the screen itself."""
    if request.number == 1 and blocked and blocked_text(blocked).steps:
        return None
    label = strings.VERSIONS_BUTTON if request.number > 1 else strings.VERSION_BUTTON
    return button(label, Action.REPLAY_VERSION, str(request.number))


def _asked_again(result: ShowStep) -> list[Block]:
    """What is still open when somebody reports that the Replay has finished."""
    if all(warned.code is not WarningCode.STILL_OPEN for warned in result.warnings):
        return []
    return [
        section(lines((strings.STILL_OPEN, *_open_lines(result.situation)))),
        actions(_finish_anyway(result.situation.integration)),
    ]


def _finish_anyway(integration: Integration) -> ButtonElement:
    number = str(integration.replay.number) if integration.replay else ""
    return button(strings.FINISH_ANYWAY, Action.REPLAY_FINISH_ANYWAY, number)


def _open_lines(situation: Situation) -> list[str]:
    """What the reporter may not know, one line each."""
    return [
        strings.STILL_OPEN_LINE.format(state=blocked_text(blocked).state)
        for blocked in still_open(situation)
    ]


def _reports(integration: Integration) -> list[str]:
    scheduled = integration.replay_scheduled
    planned = [_reported(_planned(scheduled), scheduled.reported)] if scheduled else []
    ended = integration.replay_finished
    was_implied = ended is not None and ended == integration.replay_running  # nobody said so
    return [
        _reported(strings.SENT, integration.replay_sent),
        *planned,
        *([] if was_implied else [_reported(strings.RUNNING, integration.replay_running)]),
        _reported(strings.FINISHED, integration.replay_finished),
    ]


def _reported(what: str, who: Stamp | None) -> str:
    if who is None:
        return strings.NOT_REPORTED.format(what=what)
    return strings.REPORTED.format(what=what, who=stamp(who))


def _planned(scheduled: Scheduled) -> str:
    return strings.SCHEDULED.format(
        when=strings.SCHEDULED_ON.format(day=day(scheduled.on)) if scheduled.on else "",
        ticket=strings.SCHEDULED_TICKET.format(ticket=escape(scheduled.ticket))
        if scheduled.ticket
        else "",
        missed=strings.SCHEDULED_MISSED.format(day=day(scheduled.missed))
        if scheduled.missed
        else "",
    )


def _next_blocks(
    blocked: Blocked | None, situation: Situation, marks: Sequence[Action]
) -> list[Block]:
    """What comes next, and what else can be reported than what the main button says.

    The text to send stands before the steps that begin with copying it.
    """
    integration = situation.integration
    request = integration.replay
    if request and is_withdrawn(integration):
        withdrawn = section(messages.REPLAY_WITHDRAWN_STATE.format(number=request.number))
        return [withdrawn, *_row(undo_buttons(situation))]
    if blocked is None or request is None:
        return _after_the_end(situation)
    words, main = blocked_text(blocked), strings.MARKS[marks[0]] if marks else ""
    following = section("\n".join(standing_words(blocked, situation, main)))
    row = actions(
        *(button(_report_label(mark, situation), mark, str(request.number)) for mark in marks[1:]),
        *undo_buttons(situation),
        button(strings.REVISE_BUTTON, Action.REPLAY_REVISE),
    )
    if not words.steps:
        return [following, row]
    text = request_text(request)
    mail = link(replay_mail_url(text), messages.REPLAY_MAIL_LABEL.format(address=REPLAY_ADDRESS))
    return [
        following,
        section(strings.STATUS_TEXT),
        *text_blocks(text),
        steps_section(strings.HOW, words.steps, words.page, integration),
        context(strings.MAIL.format(link=mail)),
        row,
    ]


def _row(buttons: Sequence[ButtonElement]) -> list[Block]:
    return [actions(*buttons)] if buttons else []


def _after_the_end(situation: Situation) -> list[Block]:
    """What comes next once nothing is to be reported, and the way to what is connected."""
    receipt = button(messages.COMPLETED_BUTTON, Action.GO_TO, Screen.RECEIPT)
    ways = [receipt] if situation.integration.outcome else []
    return [section(next_words(situation)), *_row([*ways, *undo_buttons(situation)])]


def _marks(blocked: Blocked | None, situation: Situation) -> Sequence[Action]:
    """What can be reported. The expected report comes first, and has the main button. Once its day
    has come, the other answer follows.
    """
    integration = situation.integration
    marks = _MARKS.get(blocked.blocker, ()) if blocked else ()
    if not integration.replay_scheduled or Action.REPLAY_SCHEDULED not in marks:
        return marks
    if asked_day(situation):
        return (Action.REPLAY_RUNNING, *(each for each in marks if each != Action.REPLAY_RUNNING))
    known = (Action.REPLAY_ASKED, Action.REPLAY_SCHEDULED)
    return tuple(sorted(marks, key=lambda mark: known.index(mark) if mark in known else -1))


def _report_label(mark: Action, situation: Situation) -> str:
    """The words on the button of a report. A day that is known can be changed."""
    scheduled = situation.integration.replay_scheduled
    known = mark is Action.REPLAY_SCHEDULED and scheduled is not None
    return day_label(scheduled, situation) if known and scheduled else strings.MARKS[mark]
