"""The statements behind a search on the board, made once for each shape, as those of its pages."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from flows.csm.board import Stage
from flows.overview import Standing
from storage import tables
from storage.board_pages import (
    IN_STEPS,
    MOST_SHAPES,
    NOW,
    REVOKED,
    SINCE_BEFORE,
    SPOT_BEGIN,
    SPOT_PLACE,
    STANDINGS,
    Condition,
    PageShape,
    aside,
    beyond,
    filters_of,
    ordered,
    rows_of,
)  # fmt: skip
from storage.connections import Values

CANDIDATES = 1_000  # customers that a search looks through at most
LAST = "\U0010ffff"  # sorts after every letter that a word can have

_o, _w = tables.overview, tables.words
_KEY = (_w.c.tenant_id, _w.c.integration_id)
_ORDER = ("half", "place", "since", "tenant_id", "integration_id")
_CANDIDATES = sa.bindparam("candidates", type_=sa.Integer)


def values_of(words: list[str]) -> Values:
    """What both statements are asked with, besides the values of a page."""
    given: dict[str, Any] = {"candidates": CANDIDATES}
    for number, word in enumerate(words):
        given |= {f"word_{number}": word, f"beyond_{number}": word + LAST}
    return given


def _begins(number: int) -> Condition:
    word, last = (sa.bindparam(f"{name}_{number}", type_=sa.Text) for name in ("word", "beyond"))
    return sa.and_(_w.c.word >= word, _w.c.word < last)


@lru_cache(MOST_SHAPES)
def reach(words: int) -> sa.Select[Any]:
    """How many stored words begin with each of these, counted no further than one search looks."""
    one: sa.Label[int] = sa.literal_column("1").label("one")
    found = [sa.select(one).where(_begins(n)).limit(_CANDIDATES).subquery() for n in range(words)]
    total = sa.func.count()
    return sa.select(*(sa.select(total).select_from(each).scalar_subquery() for each in found))


@lru_cache(MOST_SHAPES)
def searched(shape: PageShape, words: int) -> sa.Select[Any]:
    """Those whose names have all these words, in the order of the board. Found by the first, which
    is the rarest.
    """
    some = sa.select(*_KEY).where(_begins(0)).order_by(_w.c.word, *_KEY).limit(_CANDIDATES)
    once = sa.select(some.subquery()).distinct().subquery()
    # An outer join, so that both databases begin with those found; nothing below undoes that.
    found = once.outerjoin(_o, sa.and_(*(_o.c[each.name] == each for each in once.c)))
    here = once.c.tenant_id.not_in(REVOKED)
    stays = sa.and_(aside(_o.c.standing) != int(Standing.LEFT), here)
    needs = sa.and_(aside(_o.c.need_at) <= NOW, here)
    since = sa.case((needs, _o.c.need_at), else_=_o.c.blocked_since)
    rows = sa.select(
        *once.c,
        sa.case((needs, 0), else_=1).label("half"),
        sa.case((needs, _o.c.urgency), else_=_o.c.standing).label("place"),
        since.label("since"),
    ).select_from(found)
    of_all = (
        sa.exists().where(*(_w.c[each.name] == each for each in once.c), _begins(number))
        for number in range(1, words)
    )
    age = [since <= SINCE_BEFORE] if shape.is_aged else []
    stage = _stage(shape.stage, stays, needs)
    matching = rows.where(stage, *filters_of(shape, aside), *age, *of_all).subquery()
    if shape.place:
        own = sa.tuple_(*(matching.c[name] for name in _ORDER))
        matching = (
            sa.select(matching)
            .where(beyond(own, (*SPOT_PLACE, *SPOT_BEGIN), shape.side))
            .subquery()
        )
    return rows_of(ordered(matching, shape))


def _stage(stage: Stage | None, stays: Condition, needs: Condition) -> Condition:
    if stage is Stage.LEFT:
        return sa.not_(stays)
    return sa.or_(stays, needs) if stage is None else sa.and_(stays, *_stands(stage))


def _stands(stage: Stage) -> Iterator[Condition]:
    """Of those who are still there."""
    standing = aside(_o.c.standing)
    yield standing.in_(
        [sa.literal_column(str(int(each))) for each in STANDINGS.get(stage, IN_STEPS)]
    )
    if stage not in STANDINGS:
        yield aside(_o.c.step) == str(stage)
        yield sa.or_(standing != int(Standing.FINISHED), aside(_o.c.blocker) != "")
