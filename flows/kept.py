"""What a process keeps in memory has a bound."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")
Seen = TypeVar("Seen")
Made = TypeVar("Made")


class Bounded(OrderedDict[KeyT, ValueT]):
    """At most so many keys: one more, and the one that was set longest ago goes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: KeyT, value: ValueT) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


class Newest(Generic[Seen, Made]):
    """One made value for each name, for at most so many names.

    What is made from something newer replaces the older, which never comes back and would only fill
    the memory. What was seen is compared, not hashed: mostly it is the same object.
    """

    def __init__(self, most: int, make: Callable[[Seen], Made]) -> None:
        self._make = make
        self._kept = Bounded[Hashable, tuple[Seen, Made]](most)

    def of(self, name: Hashable, seen: Seen) -> Made:
        """What is made from this, or was made from the same under this name before."""
        kept = self._kept.get(name)
        made = kept[1] if kept and kept[0] == seen else self._make(seen)
        self._kept[name] = seen, made  # the newest object, which comes again
        return made
