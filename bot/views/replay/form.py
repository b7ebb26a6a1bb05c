"""The form of the Replay request, or what must be done before it."""

from dataclasses import replace
from datetime import UTC

from slack_sdk.models.blocks import (
    Block,
    DatePickerElement,
    DateTimePickerElement,
    InputBlock,
    RadioButtonsElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.ids import ASKS_FOR, Callback, input_action, input_block
from bot.strings import replay as strings
from bot.views.kit.blocks import context, field, option, section
from bot.views.kit.name_list import name_list
from bot.views.kit.text import code, moment, utc
from bot.views.kit.wording import blocked_text
from bot.views.replay.sources import source_blocks
from bot.views.setup.common import foot, screen_view, steps_section, workspace_name
from flows.errors import Field, Warned, WarningCode
from flows.model import Integration, Screen, Situation
from flows.replay.facts import Deletions, ReplayWindow, Subset
from flows.replay.plan import lacking_first, screen_before_request
from flows.replay.request import estimate, uncounted_sources, warnings
from flows.replay.text import rounded
from flows.replay.window import (
    RETENTION_CHOICES,
    RETENTION_OF,
    is_nothing_left,
    last_end,
    live_since,
    past_replays,
    proposed_window,
    replayed_sources,
    sources_to_replay,
    unsure_sources,
)
from flows.setup.blockers import Blocker, is_live, request_screen
from flows.setup.replays import sources_taken_out, stands
from flows.setup.results import ShowStep
from flows.vocabulary import Plan

# The sources show these themselves, each beside its own figures.
_IN_THE_FORM = (  # said beside what they are about
    WarningCode.END_UNSURE,
    WarningCode.MISSING_CALL_TYPES,
    WarningCode.SOURCES_LEFT_OUT,
    WarningCode.FILTERS_STAND,
    WarningCode.PAGE_NOT_MAPPED,
)
_OF_FIGURES = (WarningCode.COVERAGE_UNKNOWN, WarningCode.FILTERS_UNKNOWN)


def replay_view(result: ShowStep) -> View:
    """The form, or what must be done before it."""
    return not_yet_view(result) or _form_view(result)


# --- what it still needs ------------------------------------------------------------------------


def not_yet_view(result: ShowStep) -> View | None:
    """What must be done before the request, if anything."""
    integration = result.situation.integration
    lacking = lacking_first(result.situation)
    if lacking is None:
        return None
    there = screen_before_request(result.situation)
    label = strings.GO_TO[there]
    text = blocked_text(lacking, below=label)
    of_plan = lacking.blocker is Blocker.PLAN_NOT_BUSINESS
    next_step = strings.NEXT_UPGRADE.get(there, text.next) if of_plan else text.next
    needs = (
        (strings.NEEDS_BUSINESS, integration.plan is Plan.BUSINESS),
        (strings.NEEDS_LIVE, is_live(result.situation)),
    )
    listed = [words[holds] for words, holds in needs]
    blocks: list[Block] = [
        section("\n".join((strings.NOT_YET, *listed)), block_id=f"{ASKS_FOR}:{there}"),
        section(f"{text.state}\n{strings.NEXT.format(next=next_step)}"),
    ]
    if text.steps:
        blocks.append(steps_section(strings.HOW, text.steps, text.page, integration))
    blocks.append(foot(Screen.REPLAY))
    return screen_view(Callback.REPLAY_NEEDS, result, blocks, submit=label, title=strings.TITLE)


# --- the form -----------------------------------------------------------------------------------


def _form_view(result: ShowStep) -> View:
    situation, measuring = result.situation, result.measuring
    integration = situation.integration
    window = proposed_window(situation)
    found = warnings_now(situation, window, measuring)
    found = tuple(each for each in found if each.code not in _IN_THE_FORM)
    blocks: list[Block] = [
        section(introduction(situation) or strings.INTRODUCTION),
        section(_workspace_words(integration)),
        *measuring_line(situation, measuring),
        *source_blocks(situation),
        _start_input(window),
        *_end_blocks(situation, window),
        context(*window_words(situation, window, counts=not measuring), strings.WINDOW_CHANGES),
        _events_input(window),
        _retention_input(integration, window),
        _deletions_input(window),
        foot(Screen.REPLAY, back=_before_form(integration)),
    ]
    return screen_view(
        Callback.REPLAY,
        replace(result, warnings=found),
        blocks,
        submit=strings.CONTINUE,
        title=strings.TITLE,
        external_id=measuring,
    )


def _before_form(integration: Integration) -> Screen:
    """What this form changes: what was requested, or the preview; neither where it came first."""
    if integration.replay and stands(integration) and not integration.replay_finished:
        return Screen.REPLAY_STATUS
    shown = request_screen(integration)
    return Screen.LIVE_SYNC if shown is Screen.REPLAY else shown


def warnings_now(situation: Situation, window: ReplayWindow, measuring: str) -> tuple[Warned, ...]:
    """What warns of this window. Derived here, so that it is shown after a mistake, too."""
    found = warnings(situation, window)
    if measuring:  # nobody has been asked yet
        found = [each for each in found if each.code not in _OF_FIGURES]
    return tuple(found)


def measuring_line(situation: Situation, measuring: str) -> list[Block]:
    """While figures are not there yet. Older ones are shown until newer ones come."""
    uncounted = uncounted_sources(situation)
    return [context(strings.MEASURING)] if measuring and uncounted else []


def introduction(situation: Situation) -> str:
    """Which request it takes the place of, or adds to. Empty for a first one."""
    integration = situation.integration
    known, past = integration.replay, past_replays(integration)
    if known is None:
        return ""
    if any(each.number == known.number for each in past):
        wanted = sources_to_replay(situation)
        return strings.ADDITIONAL.format(
            sources=name_list(source.label for source in wanted),
            earlier=name_list(source.label for source in replayed_sources(integration)),
        )
    number = known.number
    template = strings.REVISING_SENT if integration.replay_sent else strings.REVISING
    if integration.replay_finished:
        template = strings.REVISING_FINISHED
    sources = name_list(source.label for source in sources_taken_out(integration))
    outdated = [strings.TAKEN_OUT.format(number=number, sources=sources)] if sources else []
    return " ".join([*outdated, template.format(number=number, next=number + 1)])


def _workspace_words(integration: Integration) -> str:
    credentials = integration.credentials
    workspace = credentials.workspace if credentials else None
    return strings.WORKSPACE.format(
        workspace=workspace_name(integration),
        slug=code(workspace.slug if workspace else ""),
        id=code(workspace.id if workspace else ""),
    )


def window_words(situation: Situation, window: ReplayWindow, *, counts: bool = True) -> list[str]:
    """The window in UTC and in the reader's time zone, and the estimated number of events.

    Without `counts`, an estimate that is not known is not mentioned: it may still come.
    """
    count = estimate(situation, window)
    words = strings.WINDOW.format(
        start=utc(window.start),
        end=utc(window.end),
        local_start=moment(window.start),
        local_end=moment(window.end),
    )
    if count is None:
        return [words, strings.ESTIMATE_UNKNOWN] if counts else [words]
    return [words, strings.ESTIMATE.format(count=f"{rounded(count):,}")]


def _start_input(window: ReplayWindow) -> InputBlock:
    picker = DatePickerElement(
        action_id=input_action(Field.START),
        initial_date=window.start.astimezone(UTC).date().isoformat(),
    )
    block_id = input_block(Field.START)
    return field(strings.START_LABEL, picker, block_id, hint=strings.START_HINT)


def _end_blocks(situation: Situation, window: ReplayWindow) -> list[Block]:
    """The end, and why it is asked for where Segment does not show it."""
    began, unsure = live_since(situation), unsure_sources(situation)
    known = strings.END_NOTHING_LEFT if is_nothing_left(situation) else strings.END_LIVE_HINT
    hint = known.format(utc=utc(began)) if began else strings.END_HINT
    picker = DateTimePickerElement(
        action_id=input_action(Field.END), initial_date_time=int(window.end.timestamp())
    )
    if not unsure:
        return [field(strings.END_LABEL, picker, input_block(Field.END), hint=hint)]
    shown = last_end(situation) or window.end
    asked = strings.END_ASKED.format(
        sources=name_list(source.label for source in unsure), utc=utc(shown)
    )
    if began:
        asked = f"{asked} {strings.END_OF_OTHERS}"
    input_ = field(strings.END_LABEL, picker, input_block(Field.END), hint=strings.END_HINT)
    return [section(asked), input_]


def _events_input(window: ReplayWindow) -> InputBlock:
    options = {choice: option(strings.EVENTS[choice], choice) for choice in Subset}
    radio = RadioButtonsElement(
        action_id=input_action(Field.EVENTS),
        options=list(options.values()),
        initial_option=options[window.subset],
    )
    block_id = input_block(Field.EVENTS)
    return field(strings.EVENTS_LABEL, radio, block_id, hint=strings.EVENTS_HINT)


def _retention_input(integration: Integration, window: ReplayWindow) -> InputBlock:
    days = window.retention_days or RETENTION_OF[integration.plan or Plan.BUSINESS]
    options = {each: option(strings.RETENTION[each], str(each)) for each in RETENTION_CHOICES}
    select = StaticSelectElement(
        action_id=input_action(Field.RETENTION),
        options=list(options.values()),
        initial_option=options.get(days),
    )
    block_id = input_block(Field.RETENTION)
    return field(strings.RETENTION_LABEL, select, block_id, hint=strings.RETENTION_HINT)


def _deletions_input(window: ReplayWindow) -> InputBlock:
    options = {each: option(strings.DELETIONS[each], each) for each in strings.DELETIONS}
    radio = RadioButtonsElement(
        action_id=input_action(Field.DELETIONS),
        options=list(options.values()),
        initial_option=options.get(window.deletions, options[Deletions.UNKNOWN]),
    )
    block_id = input_block(Field.DELETIONS)
    return field(strings.DELETIONS_LABEL, radio, block_id, hint=strings.DELETIONS_HINT)
