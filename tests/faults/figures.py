"""What a fault test measured, in one line that is printed at the end of the test run."""

from collections.abc import Callable
from dataclasses import dataclass

PROPERTY = "figures"  # the name of a test's property; each value is one line


@dataclass(frozen=True)
class Figures:
    """Messages and calls as Slack counts them. `seconds` is the time until all was sent."""

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


Show = Callable[[str, object], None]  # takes the name of the measurement, and the figures


def in_words(**figures: object) -> str:
    """Figures about other things than messages. For messages, there is `Figures`."""
    return ", ".join(f"{value} {key.replace('_', ' ')}" for key, value in figures.items())
