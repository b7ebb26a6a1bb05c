"""The way back, from Toplyne to Segment: a part of the facts of an integration."""

from dataclasses import dataclass

from flows.vocabulary import Source, Stamp


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What became of the offer; neither skipped nor entered: not answered yet.

    `source` is the one whose write key was entered; None where Segment could not say which.
    """

    skipped: Stamp | None = None
    entered: Stamp | None = None
    source: Source | None = None
    for_toplyne: bool = False  # the screen said that Toplyne is given the key
