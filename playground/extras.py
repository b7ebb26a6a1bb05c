"""Buttons that a program adds to the control panel of the playground that it runs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playground.world import PlaygroundWorld


@dataclass(frozen=True)
class Extra:
    """`run` returns what to tell the person who pressed the button. `hint` appears below it.

    `card` is where the button stands: "extras", a card of its own, or "clock". `asks`: the question
    before it runs, if it takes something away.
    """

    id: str
    label: str
    hint: str
    run: Callable[[PlaygroundWorld], Awaitable[str]]
    card: str = "extras"
    asks: str = ""
