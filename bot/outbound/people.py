"""Names of people of one Slack workspace, for readers in another one."""

import time
from collections import OrderedDict
from collections.abc import Iterable

from slack_sdk.web.async_client import AsyncWebClient

from bot.outbound.errors import UNREACHABLE

REMEMBERED = 600.0  # seconds
MOST_REMEMBERED = 5000


class People:
    """Looks display names up and remembers them; somebody unknown stays without a name."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def names(self, client: AsyncWebClient, user_ids: Iterable[str]) -> dict[str, str]:
        """User id → display name, of those that Slack knows."""
        found: dict[str, str] = {}
        for user_id in dict.fromkeys(user_ids):
            name = await self._name(client, user_id) if user_id else ""
            if name:
                found[user_id] = name
        return found

    async def _name(self, client: AsyncWebClient, user_id: str) -> str:
        known = self._known.get(user_id)
        if known and time.monotonic() - known[0] < REMEMBERED:
            return known[1]
        try:
            answer = await client.users_info(user=user_id)
        except UNREACHABLE:
            return ""  # a card without a name is better than no card
        user = answer.get("user") or {}
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name") or ""
        self._known[user_id] = (time.monotonic(), name)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return str(name)
