"""What stays drawn in Slack, and where: cards, the CSM channel, Homes and windows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from flows.csm.facts import Card, ChannelBinding
from flows.model import Integration, Observed


class Cards(Protocol):
    async def get(self, integration_id: str) -> Card | None: ...

    async def put(self, card: Card) -> None: ...

    async def keep_drawn(self, card: Card, fingerprint: str) -> None:
        """Unless it is another card by now, or is to be drawn again whatever it shows."""


class CsmChannel(Protocol):
    """The channel that CSMs watch, stored under the tenant of Toplyne's own Slack workspace."""

    async def get(self) -> ChannelBinding | None: ...

    async def bind(self, binding: ChannelBinding) -> None: ...

    async def next_digest(self) -> datetime | None: ...

    async def plan_digest(self, at: datetime | None) -> None:
        """Stores when the next digest is due. None plans it afresh, for the channel's new owner."""
        ...

    async def trouble(self, channel_id: str, error: str, at: datetime) -> bool:
        """Notes that the channel takes no messages. False if that was known already."""
        ...

    async def current_trouble(self) -> str:
        """Slack's error name for why the channel takes no messages. Empty if it does."""
        ...

    async def well(self) -> None:
        """Notes that the channel takes messages, perhaps again."""
        ...


class SeenHome(NamedTuple):
    """What one person's Home is drawn from, and the fingerprint of what it shows; None: no viewer.

    `beside` changes with the history, and with the time of the next reminder.
    """

    situation: tuple[Integration, Observed] | None
    beside: tuple[str | None, ...]
    drawn: str | None


class OpenedWindows(NamedTuple):
    """Windows of live sync that were opened in one set-up, oldest first.

    `poll_at`: when Segment is asked next because somebody waits; None: as planned.
    """

    tenant_id: str
    integration_id: str
    windows: Sequence[str]
    poll_at: datetime | None = None


class HomeViewers(Protocol):
    """Who has opened App Home. Their Home is redrawn when something changes."""

    async def seen(self, user_id: str, team_id: str, at: datetime) -> None:
        """They have it open now, so it is drawn again whatever it shows."""
        ...

    async def drawn(self, user_id: str) -> str | None:
        """The fingerprint of their Home; empty if it was opened since. None: no viewer."""
        ...

    async def keep_drawn(self, user_id: str, fingerprint: str) -> None: ...

    async def forget(self, user_id: str) -> None:
        """They have left."""
        ...

    async def recent(self, team_id: str, limit: int) -> Sequence[str]:
        """The viewers of one Slack workspace, latest first."""
        ...
