"""What all bodies of messages are."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is about. `kind` is its name in storage, which never changes."""

    kind: ClassVar[str]
