"""What became of a token that was good when it was entered: a part of what is observed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TokenState(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # it does not open its workspace any more
    LACKS_CALL = "lacks_call"  # it does, and a call that is needed is refused


@dataclass(frozen=True, slots=True)
class TokenHealth:
    """Whether Segment takes the token, and since when; `call` is the one that it lacks."""

    state: TokenState
    since: datetime
    call: str = ""
