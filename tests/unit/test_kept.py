"""What is kept for a name is made from the newest source, and nothing older stays."""

import gc
import weakref

from flows.kept import Bounded, Newest


class Made:
    """Something whose end can be seen."""

    def __init__(self, source: int) -> None:
        self.source = source


def test_it_is_made_once_for_as_long_as_its_source_is_the_same() -> None:
    newest = Newest[tuple[int, ...], list[int]](2, list)
    first = newest.of("T1", (1, 2))
    assert newest.of("T1", (*range(1, 3),)) is first
    assert newest.of("T1", (1, 3)) == [1, 3]


def test_what_a_newer_source_has_replaced_is_gone() -> None:
    newest = Newest[int, Made](1000, Made)
    seen = [weakref.ref(newest.of("T1", minute)) for minute in range(50)]
    gc.collect()
    assert [ref() is not None for ref in seen] == [False] * 49 + [True]


def test_names_that_were_not_asked_for_longest_make_room() -> None:
    newest = Newest[int, Made](2, Made)
    first, second = newest.of("T1", 1), weakref.ref(newest.of("T2", 2))
    assert newest.of("T1", 1) is first
    newest.of("T3", 3)
    gc.collect()
    assert second() is None
    assert newest.of("T1", 1) is first


def test_one_key_more_than_there_is_room_for_displaces_the_one_set_longest_ago() -> None:
    kept = Bounded[str, int](2)
    kept["a"], kept["b"], kept["a"] = 1, 2, 3
    kept.update({"c": 4})
    assert dict(kept) == {"a": 3, "c": 4}
