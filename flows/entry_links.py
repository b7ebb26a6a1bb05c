"""Links to one-time pages of our own, on which a secret is entered instead of in Slack."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flows.model import Screen


@dataclass(frozen=True, slots=True)
class EntryLink:
    """One person's link for one step of one set-up, as it was at a revision.

    `id` names the window in Slack that waits for it. `slug` is what stood in that window. The
    address itself is kept nowhere; it is found by its hash.
    """

    id: str
    digest: str
    tenant_id: str
    team_id: str
    integration_id: str
    generation: int
    revision: int
    screen: Screen
    user_id: str
    slug: str
    expires_at: datetime
    used_at: datetime | None = None


class EntryLinks(Protocol):
    """The links of one tenant."""

    async def put(self, link: EntryLink) -> None:
        """Replaces an earlier link of the same person for the same step."""
        ...

    async def use(self, link_id: str, at: datetime) -> None:
        """Uses it up. Raises `Repeated` if it was used before, or is there no more."""
        ...


class FoundLinks(Protocol):
    """Finds a link by its address alone, because a visitor names no tenant."""

    async def find(self, digest: str) -> EntryLink | None:
        """Raises `StorageUnavailable`."""
        ...


def digest_of(path: str) -> str:
    """The hash that is stored in place of an address."""
    return hashlib.sha256(path.encode()).hexdigest()
