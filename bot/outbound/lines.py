"""Where messages stand that were turned away at a crowded gate. Each process knows its own."""

from collections.abc import Mapping

from flows.ports import RateCost

_Named = tuple[str, str]  # tenant and subject


class Lines:
    """Gives each message the first place in the line that nobody has.

    So a gate never stands idle while somebody waits, and few come in vain. A message that does not
    come leaves its place empty for one turn.
    """

    def __init__(self) -> None:
        self._places: dict[_Named, dict[int, float]] = {}  # by message, in seconds since 1970

    def place(
        self, message: int, tenant_id: str, costs: Mapping[str, RateCost], first: float
    ) -> float:
        """The earliest moment from `first` on that is free in the lines of all these gates. A place
        that the message had before is given up.
        """
        at = first
        for subject, cost in sorted(costs.items(), key=lambda each: -each[1].interval):
            gate = tenant_id, subject
            line = {
                other: taken
                for other, taken in self._places.get(gate, {}).items()
                if other != message and taken >= first
            }
            at = line[message] = _free(line, at, cost.interval)
            self._places[gate] = line
        self._forget(first)
        return at

    def _forget(self, before: float) -> None:
        """Without this, each person's gate would be kept for ever."""
        for gate, line in tuple(self._places.items()):
            if max(line.values()) < before:
                del self._places[gate]


def _free(line: Mapping[int, float], at: float, interval: float) -> float:
    for taken in sorted(line.values()):
        if at + interval <= taken:
            break
        at = max(at, taken + interval)
    return at
