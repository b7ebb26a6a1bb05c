"""The digest: who needs a CSM today, and on Mondays how the week went."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block

from bot.ids import Action
from bot.strings import board
from bot.strings import digest as strings
from bot.views.csm.customer_lines import (
    blocker_words,
    count,
    line_button,
    need_words,
    since_words,
)
from bot.views.csm.labels import CardUrl, Labels
from bot.views.kit.blocks import actions, button, context, section
from bot.views.kit.message import Rendered, spoken
from bot.views.kit.name_list import first_of
from bot.views.kit.text import day, lines, name
from flows.csm.board import Customer
from flows.csm.digest import Digest, Week
from flows.csm.facts import Need
from flows.overview import Milestone

_BROKEN = (Need.TOKEN_REVOKED, Need.BROKEN)


def digest_message(digest: Digest, urls: CardUrl, owners: Mapping[str, str]) -> Rendered:
    """`owners` are names by user id, because a mention would notify the owner each morning."""
    labels = _labels(digest, urls)
    blocks: list[Block] = _needs(digest, labels, owners)
    said = [_needs_aloud(digest, labels)]
    if digest.week:
        blocks.append(section(_week(digest.week, labels)))
        said.append(strings.WEEK_SPOKEN.format(funnel=funnel_words(digest.week.funnel)))
    open_board = button(strings.BUTTON, Action.OPEN_BOARD)
    return Rendered(spoken(said, [open_board]), [*blocks, actions(open_board)])


def former_message(listed: int, digest: Digest, urls: CardUrl) -> Rendered:
    """A digest of an earlier day, which named `listed` customers."""
    words = {"day": day(digest.now.date()), "count": listed, "done": digest.done}
    state = strings.FORMER.format(**words)
    blocks: list[Block] = [section(f"{state}\n{strings.FORMER_NEXT}")]
    if digest.week:
        blocks.append(section(_week(digest.week, _labels(digest, urls))))
    open_board = button(strings.BUTTON, Action.OPEN_BOARD)
    said = [state, strings.FORMER_NEXT]
    return Rendered(spoken(said, [open_board]), [*blocks, actions(open_board)])


def _labels(digest: Digest, urls: CardUrl) -> Labels:
    return Labels([*digest.needing, *(digest.week.finished if digest.week else ())], urls)


def funnel_words(funnel: Mapping[Milestone, int]) -> str:
    """How many customers reached each milestone, in order."""
    return ", ".join(f"{label} {many}" for label, many in funnel_bars(funnel))


def funnel_bars(funnel: Mapping[Milestone, int]) -> list[tuple[str, int]]:
    """Each milestone with the number who reached it, including those who went further."""
    return [
        (strings.FUNNEL[milestone], sum(n for far, n in funnel.items() if far >= milestone))
        for milestone in Milestone
    ]


def _needs(digest: Digest, labels: Labels, owners: Mapping[str, str]) -> list[Block]:
    """A line for each customer, with its button."""
    if not digest.needing:
        return [section(strings.QUIET), *_done(digest)]
    found = [
        section(
            _line(each, digest, labels, owners),
            accessory=line_button(each, digest.now, labels.urls, Action.CSM_CLAIM),
        )
        for each in digest.needing
    ]
    more = _more(strings.MORE_NEED, digest.needing_count, len(found))
    return [section(strings.NEEDS), *found, *map(section, more), *_done(digest)]


def _done(digest: Digest) -> list[Block]:
    """How many lines are gone since the morning, because what they were about is over."""
    if not digest.done:
        return []
    words = strings.DONE_ONE if digest.done == 1 else strings.DONE.format(count=digest.done)
    return [context(words)]


def _line(customer: Customer, digest: Digest, labels: Labels, owners: Mapping[str, str]) -> str:
    overview = customer.overview
    owner = owners.get(overview.owner, "")
    is_broken = overview.need in _BROKEN  # then say what broke
    details = [
        blocker_words(customer) if is_broken else _need(customer, digest),
        since_words(customer, digest.now),
    ]
    if overview.need != Need.UNOWNED:  # that need says it already
        details.append(name(owner) if owner else strings.UNOWNED)
    return strings.LINE.format(customer=labels.linked(customer), details=" · ".join(details))


def _need(customer: Customer, digest: Digest) -> str:
    """What they need, unless only a newer version knows it."""
    return need_words(customer, digest.now) or board.STATE_UNKNOWN


def _needs_aloud(digest: Digest, labels: Labels) -> str:
    if not digest.needing:
        return strings.QUIET
    names = first_of(labels.spoken(each) for each in digest.needing)
    more = _more(strings.MORE_SPOKEN, digest.needing_count, len(digest.needing))
    return strings.NEEDS_SPOKEN.format(customers=names, more="".join(more))


def _week(week: Week, labels: Labels) -> str:
    moved = ", ".join(
        strings.MOVED[kind].format(count=count(week.moved[kind]))
        for kind in strings.MOVED
        if week.moved.get(kind)
    )
    found = [strings.WEEK, strings.MOVES.format(moved=moved or strings.NOBODY)]
    found.append(strings.FINISHED.format(customers=_finished(week.finished, week, labels)))
    if week.funnel:
        found.append(strings.WHERE.format(funnel=funnel_words(week.funnel)))
    return lines(found)


def _finished(customers: Sequence[Customer], week: Week, labels: Labels) -> str:
    if not customers:
        return strings.NOBODY
    more = _more(strings.MORE, week.finished_count, len(customers))
    return ", ".join([*(labels.linked(each) for each in customers), *more])


def _more(words: str, counted: int, shown: int) -> list[str]:
    """How many are not shown, if any."""
    hidden = counted - shown
    return [words.format(count=count(hidden, counted))] if hidden > 0 else []
