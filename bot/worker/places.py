"""How many pieces of work of one kind run at once, and when the next may begin."""

import time

WORK_AT_ONCE = 10
REST = 18.0  # seconds of a kind that found no room; Segment's budget then has nearly a full burst


class Places:
    """Of one kind. Where a piece of work found no room, the kind rests. Then it goes on with what
    was due first, which has kept its place: one at a time, or the calls of those behind would take
    the room that the first one needs. Each that is done makes room for one more.
    """

    def __init__(self) -> None:
        self._most = WORK_AT_ONCE
        self._rests_until = 0.0  # in monotonic seconds

    def found_no_room(self) -> None:
        self._most, self._rests_until = 1, time.monotonic() + REST

    def found_room(self) -> None:
        self._most = min(WORK_AT_ONCE, self._most + 1)

    def ahead(self) -> float:
        """Seconds until another may begin."""
        return self._rests_until - time.monotonic()

    def free(self, running: int) -> int:
        return 0 if self.ahead() > 0 else self._most - running
