"""The third screen: which sources of the workspace feed Toplyne."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ExternalDataMultiSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
)
from slack_sdk.models.views import View

from bot.ids import Action, Callback, input_action, input_block
from bot.strings import names
from bot.strings import setup as strings
from bot.views.kit.blocks import button, field, option, plain, section
from bot.views.kit.text import clip, tidy
from bot.views.setup.common import connected_blocks, foot, screen_view
from flows.checks.sources import split_ids
from flows.errors import Field, WarningCode
from flows.model import CatalogueEntry, Observed, Screen
from flows.pasted import name
from flows.setup.results import ShowStep
from flows.vocabulary import Source

CHECKBOXES_UP_TO = 10  # Slack's limit for checkboxes
MAX_OPTIONS = 100
_MAX_VALUE = 75
_MEANT = (WarningCode.KEY_MEANS_SOURCE, WarningCode.SLUG_MEANS_SOURCE)
_NAME_SHOWN = 70


def sources_view(result: ShowStep, nonce: str = "", *, unlisted: bool = False) -> View:
    """Checkboxes for a short list, a searchable select for a long one.

    IDs are pasted only where a source is `unlisted`. Where we chose for the person, `nonce` makes
    Slack forget what they had typed.
    """
    meant = any(each.code in _MEANT for each in result.warnings)
    anew = nonce if meant else ""
    situation = result.situation
    integration = situation.integration
    entries = _listed(situation.observed)
    pasted = _pasted(result, entries)
    pasting = unlisted or bool(pasted) or not entries
    more = [] if pasting else [button(strings.SOURCE_NOT_LISTED, Action.NOT_LISTED)]
    blocks: list[Block] = [
        *connected_blocks(integration),
        _choice(entries, _chosen(result), anew, optional=pasting),
        *([_pasted_input(pasted, anew)] if pasting else []),
        foot(Screen.SOURCES, back=Screen.CREDENTIALS, more=more),
    ]
    return screen_view(Callback.SOURCES, result, blocks, submit=strings.CONTINUE)


def _chosen(result: ShowStep) -> set[str]:
    """IDs of the ticked sources: as just entered, else as saved."""
    if typed := result.typed.sources:
        return set(typed.chosen)
    return {source.id for source in result.situation.integration.sources}


def _pasted(result: ShowStep, entries: Sequence[CatalogueEntry]) -> str:
    """The text of the field for IDs: as just entered, else saved sources that are not listed."""
    if typed := result.typed.sources:
        return typed.pasted
    listed = {entry.source.id for entry in entries}
    saved = (source.id for source in result.situation.integration.sources)
    unlisted = (source_id for source_id in saved if source_id not in listed)
    observed = result.situation.observed
    return "\n".join(each for each in unlisted if not _is_deleted(each, observed))


def source_options(observed: Observed, query: str) -> list[Option]:
    """At most 100 sources whose name, slug or ID contains the query, in the list's order."""
    ids = split_ids(query)
    wanted = [each.casefold() for each in (name(query), *(ids if len(ids) == 1 else ()))]
    found = (entry for entry in _listed(observed) if _matches(entry.source, wanted))
    return [_option(entry) for entry, _ in zip(found, range(MAX_OPTIONS), strict=False)]


def _listed(observed: Observed) -> tuple[CatalogueEntry, ...]:
    """Entries that can be options.

    An ID beyond Slack's limit for values cannot, nor can a source that was deleted in Segment after
    the list was read.
    """
    entries = observed.catalogue.entries if observed.catalogue else ()
    once = {entry.source.id: entry for entry in entries}  # two options of one value are refused
    return tuple(
        entry
        for entry in once.values()
        if 0 < len(entry.source.id) <= _MAX_VALUE and not _is_deleted(entry.source.id, observed)
    )


def _is_deleted(source_id: str, observed: Observed) -> bool:
    status = observed.statuses.get(source_id)
    return status is not None and status.deleted


def _matches(source: Source, wanted: Sequence[str]) -> bool:
    known = [text.casefold() for text in (source.name, source.slug, source.id)]
    return any(each in text for each in wanted for text in known)


def _option(entry: CatalogueEntry) -> Option:
    label = clip(tidy(entry.source.label), _NAME_SHOWN) or entry.source.id
    return option(label, entry.source.id, _description(entry))


def _description(entry: CatalogueEntry) -> str:
    if not entry.enabled:
        return strings.SOURCE_OFF.format(id=entry.source.id)
    if entry.events is None:
        return strings.SOURCE_UNMEASURED.format(id=entry.source.id)
    if not entry.sends:
        return strings.SOURCE_QUIET.format(id=entry.source.id)
    sends = ", ".join(names.CALL_TYPE[kind] for kind in entry.sends)
    return strings.SOURCE_SENDS.format(sends=sends, events=f"{entry.events:,}")


def _choice(
    entries: Sequence[CatalogueEntry], ids: set[str], nonce: str, *, optional: bool
) -> Block:
    if not entries:
        return section(strings.SOURCES_NONE)
    is_measured = entries[0].events is not None  # Segment counts all or none
    hint = strings.SOURCES_HINT if is_measured else strings.SOURCES_HINT_UNMEASURED
    picked = [_option(entry) for entry in entries if entry.source.id in ids][:MAX_OPTIONS]
    element = _checkboxes(entries, picked) if len(entries) <= CHECKBOXES_UP_TO else _search(picked)
    return field(
        strings.SOURCES_LABEL,
        element,
        input_block(Field.SOURCES, nonce),
        hint=hint,
        optional=optional,
    )


def _checkboxes(entries: Sequence[CatalogueEntry], picked: list[Option]) -> CheckboxesElement:
    return CheckboxesElement(
        action_id=input_action(Field.SOURCES),
        options=[_option(entry) for entry in entries],
        initial_options=picked or None,
    )


def _search(picked: list[Option]) -> ExternalDataMultiSelectElement:
    return ExternalDataMultiSelectElement(
        action_id=Action.SEARCH_SOURCES,
        placeholder=plain(strings.SOURCES_SEARCH),
        min_query_length=0,
        initial_options=picked or None,
        max_selected_items=MAX_OPTIONS,
    )


def _pasted_input(pasted: str, nonce: str) -> InputBlock:
    element = PlainTextInputElement(
        action_id=input_action(Field.SOURCE_IDS),
        multiline=True,
        initial_value=pasted or None,
    )
    return field(
        strings.SOURCE_IDS_LABEL,
        element,
        input_block(Field.SOURCE_IDS, nonce),
        hint=strings.SOURCE_IDS_HINT,
        optional=True,
    )
