"""What CSMs did and still have to do about one customer: a part of the facts of an integration."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.vocabulary import Stamp


class Reason(StrEnum):
    """Why a CSM should look at a customer; of each there is at most one open matter."""

    STUCK = "stuck"
    UNCONFIRMED = "unconfirmed"  # credentials that only a CSM can confirm
    HELP = "help"
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - not a token
    UNINSTALLED = "uninstalled"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Attention:
    """An open matter. `look_at` is when it is seen next whether somebody owns it (None: one day
    after it began); `mentioned` is when the whole channel was called, at most once."""

    reason: Reason
    since: datetime
    look_at: datetime | None = None
    mentioned: datetime | None = None


class Rejectable(StrEnum):
    """What a CSM can send back to the customer."""

    CREDENTIALS = "credentials"
    SOURCES = "sources"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Rejection:
    """What must be corrected before the set-up goes on; rejected credentials say it themselves."""

    what: Rejectable
    reason: str
    rejected: Stamp


@dataclass(frozen=True, slots=True)
class CsmFacts:
    """Stays when a customer disconnects. `matters` are in the order in which they began."""

    owner: Stamp | None = None  # whose customer it is, since when
    account: str = ""  # the Toplyne account, as CSMs name it
    account_set: Stamp | None = None
    matters: tuple[Attention, ...] = ()
    rejection: Rejection | None = None

    @property
    def attention(self) -> Attention | None:
        """The oldest open matter."""
        return self.matters[0] if self.matters else None
