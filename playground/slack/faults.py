"""Switches with which tests disturb the traffic between Slack and the app."""

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum


class Cut(StrEnum):
    """Where an answer breaks off."""

    BEFORE_HEAD = "before the head"
    IN_HEAD = "in the head"
    IN_BODY = "in the body"
    RESET = "reset"
    HALF_CLOSED = "half closed"  # sends nothing, and leaves the connection to the other side


@dataclass(frozen=True)
class Fault:
    """How one call of the Web API, or of a `response_url`, is disturbed."""

    error: str = ""  # answered as {"ok": false, "error": …}
    status: int = 200
    retry_after: int | str = 0  # odd, if it is a text
    html: bool = False
    hang: float = 0.0  # seconds before the call is handled
    late: float = 0.0  # seconds between its effect and the answer
    cut: Cut | None = None  # the call takes effect, but its answer breaks off
    taken: bool = False  # the call takes effect, even if the answer is an error
    lacks: tuple[str, ...] = ()  # the call takes effect, but its answer lacks these parts

    @classmethod
    def rate_limited(cls, retry_after: int | str = 1) -> "Fault":
        return cls(error="ratelimited", status=429, retry_after=retry_after)

    @classmethod
    def server_error(cls, status: int = 500, *, taken: bool = False) -> "Fault":
        return cls(status=status, html=True, taken=taken)


class Faults:
    """Faults that wait to be used up."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[Fault]] = defaultdict(deque)
        self.duplicate_events = 0  # the next n events are delivered twice
        self.lost_acks = 0  # the next n acknowledgements never arrive
        self.ack_delay = 0.0  # seconds by which every acknowledgement is delayed

    def next_calls(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next `times` calls of this Web API method meet the fault. `*` means any call,
        `response_url` answers to commands and buttons.
        """
        self._calls[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        for key in (method, "*"):
            if self._calls[key]:
                return self._calls[key].popleft()
        return None

    def take_duplicate(self) -> bool:
        self.duplicate_events, taken = max(0, self.duplicate_events - 1), self.duplicate_events
        return taken > 0

    def take_lost_ack(self) -> bool:
        self.lost_acks, taken = max(0, self.lost_acks - 1), self.lost_acks
        return taken > 0

    def clear(self) -> None:
        self._calls.clear()
        self.duplicate_events = self.lost_acks = 0
        self.ack_delay = 0.0
