"""The screen that chooses which events a Replay brings, if not all."""

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    PlainTextInputElement,
    StaticMultiSelectElement,
)
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block
from bot.strings import names
from bot.strings import replay as strings
from bot.views.kit.blocks import button, context, field, option, plain, section
from bot.views.kit.text import lines, size
from bot.views.setup.common import foot, screen_view
from flows.errors import Field
from flows.model import Screen
from flows.replay.facts import ReplayWindow, Subset
from flows.replay.request import known_names
from flows.replay.window import proposed_window
from flows.setup.results import ShowStep
from flows.vocabulary import SEEN, CallType

OFFERED = 60  # busiest names; a select takes 100, but the view must stay small
MAX_VALUE = 75  # of an option; Slack takes 150 at some places, and refuses the window at others
_MAX_TYPED = 3000  # letters that Slack lets a person type into one input


def replay_events_view(result: ShowStep) -> View:
    """Asks for call types, then for event names to include or leave out."""
    situation = result.situation
    window = proposed_window(situation)
    offered = offered_names(known_names(situation.observed))
    blocks: list[Block] = [
        section(strings.EVENTS_INTRODUCTION[window.subset]),
        context(strings.EVENTS_WHY),
        _types_input(window),
        *([_picked_input(window, offered)] if offered else [context(strings.NAMES_UNKNOWN)]),
        _typed_input(window, offered),
        foot(Screen.REPLAY_EVENTS, more=[button(strings.BACK, Action.REPLAY_REVISE)]),
    ]
    return screen_view(
        Callback.REPLAY_EVENTS,
        result,
        blocks,
        submit=strings.PREVIEW_BUTTON,
        title=strings.EVENTS_TITLE,
    )


def offered_names(known: tuple[str, ...]) -> list[str]:
    """The busiest names that fit into a select and that somebody can read there."""
    return [name for name in known if SEEN.search(name) and size(name) <= MAX_VALUE][:OFFERED]


def _types_input(window: ReplayWindow) -> InputBlock:
    options = {kind: option(names.CALL_TYPE[kind], kind) for kind in CallType}
    kinds = CheckboxesElement(
        action_id=input_action(Field.CALL_TYPES),
        options=list(options.values()),
        initial_options=[options[kind] for kind in window.counted_types],
    )
    block_id = input_block(Field.CALL_TYPES)
    return field(
        strings.CALL_TYPES_LABEL, kinds, block_id, hint=strings.CALL_TYPES_HINT, optional=True
    )


def _picked_input(window: ReplayWindow, offered: list[str]) -> InputBlock:
    options = {name: option(name, name) for name in offered}
    chosen = [options[name] for name in _names(window) if name in options]
    select = StaticMultiSelectElement(
        action_id=input_action(Field.PICKED_NAMES),
        options=list(options.values()),
        initial_options=chosen or None,
        placeholder=plain(strings.NAMES_PLACEHOLDER, 150),
    )
    label = strings.NAMES_LABEL[window.subset]
    block_id = input_block(Field.PICKED_NAMES)
    return field(label, select, block_id, hint=strings.NAMES_HINT, optional=True)


def _typed_input(window: ReplayWindow, offered: list[str]) -> InputBlock:
    others = [name for name in _names(window) if name not in offered]
    typed = PlainTextInputElement(
        action_id=input_action(Field.EVENT_NAMES),
        multiline=True,
        initial_value=lines(others, _MAX_TYPED) or None,
    )
    label = strings.OTHER_NAMES_LABEL if offered else strings.NAMES_LABEL[window.subset]
    block_id = input_block(Field.EVENT_NAMES)
    return field(label, typed, block_id, hint=strings.EVENT_NAMES_HINT, optional=True)


def _names(window: ReplayWindow) -> tuple[str, ...]:
    return window.event_names if window.subset is Subset.ONLY else window.excluded_names
