"""What a fault test has measured: one line, which also stands at the end of a run of the tests."""

from collections.abc import Callable
from dataclasses import dataclass

PROPERTY = "figures"  # of a test: a line of them


@dataclass(frozen=True)
class Figures:
    """Messages and calls as Slack counts them; `seconds` are those until all was sent."""

    sent: int
    lost: int
    repeated: int
    retries: int
    searches: int
    seconds: float
    kills: int = 0
    in_order: bool = True

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.lost} lost, {self.repeated} repeated, "
            f"{self.retries} retries, {self.searches} searches, {self.kills} kills, "
            f"{self.seconds:.1f} s"
        )

    def are_exact(self, sent: int) -> bool:
        return (self.sent, self.lost, self.repeated, self.in_order) == (sent, 0, 0, True)


Show = Callable[[str, object], None]  # takes what was measured, and the figures


def in_words(**figures: object) -> str:
    """Figures of other things than messages; `Figures` has those."""
    return ", ".join(f"{value} {key.replace('_', ' ')}" for key, value in figures.items())
