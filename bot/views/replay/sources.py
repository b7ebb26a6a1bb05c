"""What a Replay would bring, source by source: coverage, filters, and what is missing."""

from slack_sdk.models.blocks import Block

from bot.strings import names
from bot.strings import replay as strings
from bot.strings.warnings import MEANING
from bot.views.kit.blocks import section
from bot.views.kit.links import Page
from bot.views.kit.text import code, lines, name
from bot.views.setup.common import SOURCES_SHOWN, more_line, steps_section
from flows.model import Integration, Situation
from flows.replay.facts import DestinationFilter, ReplaySource
from flows.replay.request import replay_sources, sources_left_out
from flows.vocabulary import CallType

FILTERS_SHOWN = 3
TITLE_SHOWN = 40


def source_blocks(situation: Situation) -> list[Block]:
    """One paragraph per source, then the sources left out, then what Page calls need."""
    entries = replay_sources(situation)
    blocks: list[Block] = [section(source_words(entry)) for entry in entries[:SOURCES_SHOWN]]
    blocks += more_line(len(entries) - SOURCES_SHOWN)
    left_out = sources_left_out(situation)
    if left_out:
        skipped = (strings.LEFT_OUT.format(source=name(source.label)) for source in left_out)
        blocks.append(section(lines(skipped)))
    if any(entry.calls and entry.calls.get(CallType.PAGE) for entry in entries):
        blocks.append(page_steps(situation.integration))
    return blocks


def page_steps(integration: Integration) -> Block:
    """How to add the mapping that Page calls need."""
    return steps_section(strings.PAGES, strings.PAGE_STEPS, Page.DESTINATIONS, integration)


def source_words(entry: ReplaySource) -> str:
    """A source's name and ID, its calls in 30 days, missing call types, and filters."""
    title = strings.SOURCE.format(source=name(entry.source.label), id=code(entry.source.id))
    return lines((title, *_calls_words(entry), *_filter_words(entry)))


def _calls_words(entry: ReplaySource) -> list[str]:
    if entry.calls is None:
        return []
    counted = " · ".join(f"{names.CALL_TYPE[kind]} {entry.calls[kind]:,}" for kind in CallType)
    missing = (
        strings.CALLS_MISSING.format(call_type=names.CALL_TYPE[kind], meaning=MEANING[kind])
        for kind in entry.missing
    )
    return [strings.CALLS.format(calls=counted), *missing]


def _filter_words(entry: ReplaySource) -> list[str]:
    if not entry.filters:
        return []
    shown = [_one_filter(found) for found in entry.filters[:FILTERS_SHOWN]]
    hidden = len(entry.filters) - FILTERS_SHOWN
    more = [strings.MORE_FILTERS.format(count=hidden)] if hidden > 0 else []
    return [strings.FILTERS, *shown, *more]


def _one_filter(found: DestinationFilter) -> str:
    return strings.FILTER.format(
        title=name(found.title, TITLE_SHOWN), condition=code(found.condition, TITLE_SHOWN)
    )
