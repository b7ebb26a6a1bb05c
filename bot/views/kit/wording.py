"""Fills the texts of `bot.strings` with their details. Names are clipped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from slack_sdk.models.blocks import ButtonElement

from bot.ids import Action
from bot.strings import errors, names, next_steps, notices, warnings
from bot.strings.blockers import (
    BLOCKERS,
    OPEN,
    OPEN_SEGMENT,
    SILENT_LINE,
    SOURCE_UNNAMED,
    UNHEARD,
    UNHEARD_LINE,
    BlockerText,
)
from bot.strings.messages import SOMEBODY
from bot.strings.setup import CHECK_AGAIN
from bot.views.kit.blocks import plain
from bot.views.kit.links import Page, segment_url
from bot.views.kit.name_list import name_list
from bot.views.kit.text import clip, code, day, escape, every, moment, name, signed, tidy, user
from flows.errors import ErrorCode, FieldError, Warned, WarningCode
from flows.model import Integration, Situation
from flows.replay.events import Left, OpenEnd
from flows.setup.blockers import Blocked
from flows.setup.progress import silent_since, unheard_sources
from flows.setup.results import Notice
from flows.vocabulary import CallType, Region, Source, Stamp, Workspace

_SHOWN = 40  # letters of a name in an error, so that one with two names fits beside a field
_LIST_SHOWN = 100
_DATES = frozenset({"date", "since", "upgraded", "start", "end"})  # parameters of warnings


def error_text(error: FieldError) -> str:
    """Plain text for an error beside a field or in an alert."""
    params = _shown(error.params)
    if error.code is ErrorCode.SOURCE_UNKNOWN and not params.get("id"):
        return errors.SOURCE_UNKNOWN_UNSAID.format(**params)
    if error.code is ErrorCode.TOKEN_LACKS_CALL:
        call = params["call"]
        params["call"] = errors.CALLS.get(call, errors.OTHER_CALL.format(call=call))
    if error.code is ErrorCode.NOT_ALONE:
        sign = error.params["sign"]
        params["sign"] = errors.SIGN.format(sign=sign) if sign.strip() else errors.BLANK
    if (wait := error.params.get("wait", "")).isdecimal():
        params["wait"] = wait_words(int(wait))
    template = errors.BY_FIELD.get((error.field, error.code), errors.ERRORS[error.code])
    return template.format(**params)


def wait_words(seconds: int) -> str:
    """How long somebody must wait, rounded up to what is worth saying."""
    unit = next((each for each in (3600, 60) if seconds >= 2 * each), 1)
    said = every(timedelta(seconds=-(-seconds // unit) * unit))
    return said if said[0].isdigit() else f"1 {said}"


def warning_text(warning: Warned) -> str:
    """mrkdwn for an alert. Its days and moments show in the reader's own form."""
    params = {
        key: _as_date(value) if key in _DATES else name(value, _LIST_SHOWN)
        for key, value in warning.params.items()
    }
    if warning.code is WarningCode.MISSING_CALL_TYPES:
        kinds = [CallType(kind) for kind in warning.params["call_types"].split(", ")]
        params["call_types"] = ", ".join(names.CALL_TYPE[kind] for kind in kinds)
        params["meaning"] = warnings.MEANING[kinds[0]]
    return warnings.WARNINGS[warning.code].format(**params)


def _as_date(text: str) -> str:
    """A day, or a moment in UTC, as `flows` writes it into a warning."""
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return escape(text)
    return day(at.date()) if len(text) == len("2026-05-04") else moment(at)


def notice_text(notice: Notice) -> str:
    """Plain text for the top of a screen."""
    return notices.NOTICES[notice]


def changed_words(changed: Stamp) -> str:
    """Who changed what the person had open; mrkdwn. Empty if it was the app."""
    if not changed.by:
        return ""
    return notices.CHANGED_BY.format(who=signed(changed), when=moment(changed.at))


def missing_history(sources: Sequence[Source]) -> str:
    """Which sources deliver while their history is missing; mrkdwn, without a period."""
    return _one_or_more(next_steps.HISTORY_MISSING, sources)


def ask_for_history(sources: Sequence[Source]) -> str:
    """What to do about it, to follow "Next:"; mrkdwn."""
    return _one_or_more(next_steps.HISTORY_NEXT, sources)


def history_label(sources: Sequence[Source]) -> str:
    """The words on the button that opens the request for it."""
    return next_steps.HISTORY_BUTTON[len(sources) > 1]


def _one_or_more(words: tuple[str, str], sources: Sequence[Source]) -> str:
    return words[len(sources) > 1].format(sources=name_list(s.label for s in sources))


def open_words(end: OpenEnd) -> tuple[str, str]:
    """What is open after the end, and what to do about it; mrkdwn, both without a period."""
    if end.blocked:
        words = blocked_text(end.blocked)
        return words.state.removesuffix("."), words.next
    if end.what is Left.HISTORY:
        return missing_history(end.sources), ask_for_history(end.sources)
    if end.what is Left.QUESTION:
        who = user(end.by) if end.by else SOMEBODY
        said = next_steps.UNANSWERED_REPLY if end.replied else next_steps.UNANSWERED
        return said.format(who=who), next_steps.UNANSWERED_NEXT
    sources = name_list(source.label for source in end.sources)
    return next_steps.UNCONFIRMED.format(sources=sources), next_steps.UNCONFIRMED_NEXT


def unheard_lines(situation: Situation) -> list[str]:
    """What Segment does not say, as mrkdwn.

    That is since when it says nothing at all, and the sources about which the last look learned
    nothing, a line for each reason.
    """
    found = unheard_sources(situation)
    last = silent_since(situation)
    return [
        *([SILENT_LINE.format(when=moment(last))] if last else []),
        *(
            UNHEARD_LINE.format(
                sources=name_list(s.label for s in sources), because=UNHEARD[reason]
            )
            for reason, sources in found.items()
        ),
    ]


def blocked_text(blocked: Blocked, *, markup: bool = True, below: str = CHECK_AGAIN) -> BlockerText:
    """The texts of a blocker, with its source's name. Escaped for mrkdwn unless `markup` is False.

    `below` names the button below the steps.
    """
    text = BLOCKERS[blocked.blocker]
    label = (blocked.source.label if blocked.source else "") or SOURCE_UNNAMED
    source = name(label, _SHOWN) if markup else clip(tidy(label), _SHOWN)
    return BlockerText(
        state=text.state.format(source=source),
        next=text.next.format(source=source),
        csm=text.csm.format(source=source),
        steps=tuple(step.format(source=source, button=below) for step in text.steps),
        page=text.page,
    )


def opener(page: Page, integration: Integration) -> ButtonElement:
    """A button that opens a page of Segment, named after where it leads."""
    in_eu = integration.region is Region.EU
    label = OPEN_SEGMENT if in_eu else OPEN[page]
    return ButtonElement(
        text=plain(label),
        action_id=Action.OPEN_LINK,
        url=segment_url(page, integration),
        value=page,
    )


def workspace_words(workspace: Workspace) -> str:
    """Name and slug in mrkdwn, or only the slug if the name is unknown."""
    slug = code(workspace.slug)
    if workspace.label == workspace.slug:
        return slug
    return names.WORKSPACE.format(name=name(workspace.name), slug=slug)


def _shown(params: Mapping[str, str]) -> dict[str, str]:
    return {key: clip(tidy(value), _SHOWN) for key, value in params.items()}
