"""What a law sees: one act, with what was there before and after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.walk.acts import Act
from tests.walk.house import House
from tests.walk.seen import Look


@dataclass(frozen=True)
class Step:
    """An act with what was there before and after. `log` has the lines since."""

    house: House
    act: Act
    done: bool
    before: Look
    after: Look
    log: list[str]
    troubled: bool  # also if a process was killed
    typed: frozenset[str]  # secrets that anybody can have typed
    killed: bool = False
    also: frozenset[str] = frozenset()  # ids of acts whose effects may come now

    @property
    def ids(self) -> set[str]:
        beside = self.act.beside
        return {self.act.id, *([beside.id] if beside else []), *self.also}

    @property
    def new(self) -> dict[tuple[str, ...], str]:
        """What was drawn anew."""
        return {k: text for k, text in self.after.drawn.items() if k not in self.before.drawn}


Law = Callable[[Step], Iterator[str]]
