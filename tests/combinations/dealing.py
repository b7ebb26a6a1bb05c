"""How much of a table `make test` presses: a sample that covers it. `make faults` presses it all.

The same laws hold in all rows of one kind, for the same reasons. So each press meets one row of
each kind, dealt by chance from a seed that stays the same until somebody changes it.
"""

import zlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from tests.combinations.presses import Press
from tests.faults.size import LONG, chance

Row = TypeVar("Row", bound=Hashable)
Kinds = Mapping[str, Sequence[Row]]  # the rows of a table, by what they are like


def dealt(presses: Iterable[Press], kinds: Kinds[Row], row: Row) -> tuple[Press, ...]:
    """The presses that this row gets."""
    for kind, rows in kinds.items():
        if row in rows:
            every = list(presses)
            if LONG or len(rows) == 1:
                return tuple(every)
            chance(zlib.crc32(kind.encode())).shuffle(every)
            return tuple(every[rows.index(row) :: len(rows)])
    raise LookupError(row)


def assert_covers(presses: Sequence[Press], kinds: Kinds[Row], rows: Iterable[Row]) -> None:
    """Every press meets every kind, and every row is of one kind."""
    assert Counter(each for alike in kinds.values() for each in alike) == Counter(rows)
    for alike in kinds.values():
        met = {press.name for row in alike for press in dealt(presses, kinds, row)}
        assert met == {press.name for press in presses}
