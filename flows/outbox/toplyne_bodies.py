"""What the app says in Toplyne's own workspace about all customers, and about those who left."""

from dataclasses import dataclass
from datetime import date

from flows.outbox.content import Content


@dataclass(frozen=True, slots=True)
class ChannelLost(Content):
    """`error` is Slack's name for the reason."""

    kind = "channel_lost"
    channel: str
    error: str


@dataclass(frozen=True, slots=True)
class CardLost(Content):
    kind = "card_lost"
    customer: str
    channel: str


@dataclass(frozen=True, slots=True)
class CustomerLeft(Content):
    """The final state of a customer's card, if there was one. Nothing else of them is kept.

    `former` is the address of an earlier card, in a channel where nothing is written any more.
    """

    kind = "customer_left"
    customer: str
    channel: str
    ts: str
    owner: str = ""
    account: str = ""
    former: str = ""


@dataclass(frozen=True, slots=True)
class MorningDigest(Content):
    """`listed` are the customers with a line in it, by `customer_key`. `with_week`: it is the first
    that goes out in its week, and tells the last one.
    """

    kind = "digest"
    day: date
    listed: tuple[str, ...] = ()
    with_week: bool | None = None  # not noted by earlier versions

    @property
    def tells_week(self) -> bool:
        return self.day.weekday() == 0 if self.with_week is None else self.with_week


@dataclass(frozen=True, slots=True)
class DigestPicture(Content):
    kind = "digest_picture"
    day: date
