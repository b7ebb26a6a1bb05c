"""The Replay request: what it still needs, or its form."""

from datetime import UTC

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    DatePickerElement,
    DateTimePickerElement,
    InputBlock,
    PlainTextInputElement,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.ids import EVENTS_INPUT, Action, Callback, input_action, input_block
from bot.strings import names
from bot.strings import replay as strings
from bot.strings.warnings import MEANING
from bot.views.kit import button, field, option, section
from bot.views.setup_common import (
    Told,
    foot,
    more_line,
    screen_view,
    steps_section,
    told,
    workspace_name,
)
from bot.views.text import code, lines, name, utc
from bot.views.wording import blocked_text
from flows.blockers import (
    Blocked,
    delivering_sources,
    due_screen,
    is_live,
    replay_prerequisites,
)
from flows.errors import Field, WarningCode
from flows.model import (
    CallType,
    Integration,
    Observed,
    Plan,
    ReplayWindow,
    Screen,
    Situation,
    Source,
)
from flows.replay import calls_of, proposed_window, sources_left_out, warnings
from flows.results import ShowStep

EVENTS_BLOCK = "field_events"
ALL, SOME = "all", "some"
SOURCES_SHOWN = 40
_BESIDE_SOURCES = (WarningCode.MISSING_CALL_TYPES, WarningCode.SOURCES_LEFT_OUT)
_MAX_TYPED = 3000  # what Slack lets a person type into one input


def replay_view(result: ShowStep, *, picked_some: bool | None = None) -> View:
    """`picked_some`: whether "only some events" is marked; None: as in the draft."""
    situation, said = result.situation, told(result)
    missing = replay_prerequisites(situation.integration, situation.observed)
    if missing:
        return _not_yet_view(situation, said, missing[0])
    return _form_view(situation, said, picked_some)


# --- what it still needs ------------------------------------------------------------------------


def _not_yet_view(situation: Situation, said: Told, first: Blocked) -> View:
    integration, observed = situation.integration, situation.observed
    text = blocked_text(first, below=strings.TAKE_ME)
    needs = (
        (strings.NEEDS_BUSINESS, integration.plan is Plan.BUSINESS),
        (strings.NEEDS_LIVE, is_live(integration, observed)),
    )
    listed = [
        (strings.HOLDS if holds else strings.MISSING).format(what=what) for what, holds in needs
    ]
    there = due_screen(integration, observed)
    blocks: list[Block] = [
        section("\n".join((strings.NOT_YET, *listed))),
        section(f"{text.state}\n{strings.NEXT.format(next=text.next)}"),
    ]
    if text.steps:
        blocks.append(steps_section(strings.HOW, text.steps, text.page, integration))
    more = [button(strings.TAKE_ME, Action.GO_TO, there, style="primary")]
    blocks.append(foot(Screen.REPLAY, more=more))
    return screen_view(Callback.REPLAY, situation, said, blocks, title=strings.TITLE)


# --- the form -----------------------------------------------------------------------------------


def _form_view(situation: Situation, said: Told, picked_some: bool | None) -> View:
    integration = situation.integration
    window = proposed_window(situation)
    # Derived here, so that they stand there after a mistake and after "only some" as well.
    found = tuple(each for each in warnings(situation, window) if each.code not in _BESIDE_SOURCES)
    some = not window.everything if picked_some is None else picked_some
    blocks: list[Block] = [
        section(strings.INTRODUCTION),
        section(_workspace_words(integration)),
        *_source_blocks(integration, situation.observed),
        _start_input(window),
        _end_input(integration, window),
        _events_input(some),
        *(_filter_inputs(window) if some else ()),
        foot(Screen.REPLAY, back=Screen.LIVE_SYNC),
    ]
    return screen_view(
        Callback.REPLAY,
        situation,
        Told(said.notice, said.errors, found),
        blocks,
        submit=strings.PREVIEW_BUTTON,
        title=strings.TITLE,
    )


def _workspace_words(integration: Integration) -> str:
    credentials = integration.credentials
    workspace = credentials.workspace if credentials else None
    return strings.WORKSPACE.format(
        workspace=workspace_name(integration),
        slug=code(workspace.slug if workspace else ""),
        id=code(workspace.id if workspace else ""),
    )


def _source_blocks(integration: Integration, observed: Observed) -> list[Block]:
    delivering = delivering_sources(integration, observed)
    left_out = sources_left_out(integration, observed)
    shown = [section(_source_words(each, observed)) for each in delivering[:SOURCES_SHOWN]]
    blocks: list[Block] = [*shown, *more_line(len(delivering) - SOURCES_SHOWN)]
    if left_out:
        skipped = (strings.LEFT_OUT.format(source=name(source.label)) for source in left_out)
        blocks.append(section(lines(skipped)))
    return blocks


def _source_words(source: Source, observed: Observed) -> str:
    title = strings.SOURCE.format(source=name(source.label), id=code(source.id))
    return "\n".join((title, *_calls_words(calls_of(source, observed))))


def _calls_words(calls: dict[CallType, int] | None) -> list[str]:
    """Calls by type and what is missing among them, or that they were not measured."""
    if calls is None:
        return [strings.CALLS_UNMEASURED]
    counted = " · ".join(f"{names.CALL_TYPE[kind]} {count:,}" for kind, count in calls.items())
    missing = [kind for kind, count in calls.items() if not count]
    words = [strings.CALLS.format(calls=counted)]
    if missing:
        kinds = ", ".join(names.CALL_TYPE[kind] for kind in missing)
        meaning = MEANING[missing[0]]
        words.append(strings.CALLS_MISSING.format(call_types=kinds, meaning=meaning))
    return words


def _start_input(window: ReplayWindow) -> InputBlock:
    picker = DatePickerElement(
        action_id=input_action(Field.START),
        initial_date=window.start.astimezone(UTC).date().isoformat(),
    )
    block_id = input_block(Field.START)
    return field(strings.START_LABEL, picker, block_id, hint=strings.START_HINT)


def _end_input(integration: Integration, window: ReplayWindow) -> InputBlock:
    began = integration.live_started.at if integration.live_started else None
    template = strings.END_LIVE_HINT if began == window.end else strings.END_HINT
    picker = DateTimePickerElement(
        action_id=input_action(Field.END), initial_date_time=int(window.end.timestamp())
    )
    hint = template.format(utc=utc(window.end))
    return field(strings.END_LABEL, picker, input_block(Field.END), hint=hint)


def _events_input(some: bool) -> InputBlock:
    options = [option(strings.EVENTS_ALL, ALL), option(strings.EVENTS_SOME, SOME)]
    radio = RadioButtonsElement(
        action_id=EVENTS_INPUT, options=options, initial_option=options[some]
    )
    return field(strings.EVENTS_LABEL, radio, EVENTS_BLOCK, dispatch=True)


def _filter_inputs(window: ReplayWindow) -> list[InputBlock]:
    options = {kind: option(names.CALL_TYPE[kind], kind) for kind in CallType}
    kinds = CheckboxesElement(
        action_id=input_action(Field.CALL_TYPES),
        options=list(options.values()),
        initial_options=[options[kind] for kind in window.call_types] or None,
    )
    typed = PlainTextInputElement(
        action_id=input_action(Field.EVENT_NAMES),
        multiline=True,
        initial_value=lines(window.event_names, _MAX_TYPED) or None,
    )
    return [
        field(strings.CALL_TYPES_LABEL, kinds, input_block(Field.CALL_TYPES), optional=True),
        field(
            strings.EVENT_NAMES_LABEL,
            typed,
            input_block(Field.EVENT_NAMES),
            hint=strings.EVENT_NAMES_HINT,
            optional=True,
        ),
    ]
