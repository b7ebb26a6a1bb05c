"""What whoever runs this playground adds to its control panel: buttons of their own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.app import Playground


@dataclass(frozen=True)
class Extra:
    """`run` answers what to tell whoever pressed the button; `hint` stands below it."""

    id: str
    label: str
    hint: str
    run: "Callable[[Playground], Awaitable[str]]"
