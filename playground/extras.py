"""Buttons that the program which runs a playground adds to its control panel."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playground.world import PlaygroundWorld


@dataclass(frozen=True)
class Extra:
    """`run` answers what to tell the person who pressed it; `hint` stands below the button."""

    id: str
    label: str
    hint: str
    run: Callable[[PlaygroundWorld], Awaitable[str]]
