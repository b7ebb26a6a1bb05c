"""Sends the digest to the CSM channel, with a picture if the app may share files."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.outbound.calls import Outgoing
from bot.outbound.channel import ChannelSender
from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.strings import digest as strings
from bot.views.csm.digest import digest_message, funnel_bars, funnel_words
from bot.views.csm.funnel import draw_funnel
from flows.csm.board import Customer
from flows.csm.digest import Digest, Digesting
from flows.outbox.bodies import DigestPicture, MorningDigest

MAY_SHARE = "files:write"


class DigestSender:
    """Renders the digest when it is sent, so that it says what is true then."""

    def __init__(
        self,
        channel_sender: ChannelSender,
        digesting: Digesting,
        permalinks: Permalinks,
        people: People,
    ) -> None:
        self._channel_sender = channel_sender
        self._digesting = digesting
        self._permalinks = permalinks
        self._people = people

    async def send(
        self, tenant_id: str, body: MorningDigest | DigestPicture, until: datetime
    ) -> tuple[str, str]:
        """Returns channel and ts, both empty if it is no longer worth sending.

        Raises `ChannelUnknown`, `DirectoryUnavailable`, and what `Outgoing` raises.
        """
        digest = await self._digesting.of_day(tenant_id, body.day)
        if digest is None:
            return "", ""
        async with self._channel_sender.channel_open(until) as (outgoing, channel_id):
            if isinstance(body, DigestPicture):
                return await self._send_picture(outgoing, channel_id, tenant_id, digest)
            urls = await self._permalinks.cards(tenant_id)
            names = await self._people.names(tenant_id, _owners(digest.needing))
            needing = await self._people.with_askers(digest.needing)
            rendered = digest_message(replace(digest, needing=needing), urls, names)
            return await outgoing.post(channel_id, rendered)

    async def _send_picture(
        self, outgoing: Outgoing, channel_id: str, tenant_id: str, digest: Digest
    ) -> tuple[str, str]:
        """Sends the picture, if allowed. The digest itself has the figures, too."""
        if digest.week is None or MAY_SHARE not in await self._channel_sender.scopes():
            return "", ""
        bars = funnel_bars(digest.week.funnel)
        picture = await asyncio.to_thread(draw_funnel, strings.PICTURE_TITLE, bars)
        await outgoing.share(
            channel_id,
            picture,
            filename=strings.PICTURE_FILE,
            title=strings.PICTURE_NAME,
            alt_text=strings.PICTURE_ALT.format(funnel=funnel_words(digest.week.funnel)),
        )
        return channel_id, ""


def _owners(customers: Iterable[Customer]) -> list[str]:
    return [each.overview.owner for each in customers if each.overview.owner]
