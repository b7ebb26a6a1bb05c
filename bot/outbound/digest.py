"""Sends the digest to the CSM channel, with a picture if the app may share files."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.outbound.calls import Outgoing
from bot.outbound.channel import ChannelSender
from bot.outbound.errors import ErrorClass, tolerated
from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.strings import digest as strings
from bot.views.csm.digest import digest_message, former_message, funnel_bars, funnel_words
from bot.views.csm.funnel import draw_funnel
from bot.views.kit.message import Rendered
from flows.csm.board import Customer
from flows.csm.digest import Digest, Digesting
from flows.outbox.messages import Placed
from flows.outbox.toplyne_bodies import DigestPicture, MorningDigest

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
        self._drawn = "", ""  # the digest that was drawn again last, and how it looks

    async def send(
        self, tenant_id: str, body: MorningDigest | DigestPicture, until: datetime
    ) -> tuple[str, str]:
        """Returns channel and ts, both empty if it is no longer worth sending.

        Raises `ChannelUnknown`, `DirectoryUnavailable`, and what `Outgoing` raises.
        """
        with_week = isinstance(body, DigestPicture) or body.tells_week
        digest = await self._digesting.of_day(tenant_id, body.day, with_week=with_week)
        if digest is None:
            return "", ""
        async with self._channel_sender.channel_open(until) as (outgoing, channel_id):
            if isinstance(body, DigestPicture):
                return await self._send_picture(outgoing, channel_id, tenant_id, digest)
            return await outgoing.post(channel_id, await self._rendered(tenant_id, digest))

    async def follow(self, tenant_id: str, integration_id: str, until: datetime) -> None:
        """Draws today's digest again, without a line whose matter is over, after the card of a
        customer of whom it speaks was drawn. Raises what `send` raises.
        """
        csm_tenant_id = await self._channel_sender.csm_tenant_id()
        posted = await self._digesting.posted(csm_tenant_id)
        if posted is None or not isinstance(body := posted.message.body, MorningDigest):
            return
        if f"{tenant_id}|{integration_id}" not in body.listed:
            return
        digest = await self._digesting.again(csm_tenant_id, body)
        if digest is None:
            return
        rendered = await self._rendered(csm_tenant_id, digest)
        if self._drawn == (posted.ts, rendered.fingerprint):
            return
        await self._edit(posted, rendered, until)
        self._drawn = posted.ts, rendered.fingerprint

    async def end(self, tenant_id: str, key: str, until: datetime) -> tuple[str, str]:
        """Draws the digest of an earlier day without its lines. Raises what `send` raises."""
        if former := await self._digesting.former(tenant_id, key):
            placed, listed, digest = former
            urls = await self._permalinks.cards(tenant_id)
            await self._edit(placed, former_message(listed, digest, urls), until)
        return "", ""

    async def _edit(self, posted: Placed, rendered: Rendered, until: datetime) -> None:
        """Draws a digest anew, unless it is gone or stands in a channel of earlier days."""
        async with self._channel_sender.channel_open(until) as (outgoing, channel_id):
            if posted.channel_id != channel_id:
                return
            with tolerated(ErrorClass.STALE):
                await outgoing.edit(channel_id, posted.ts, rendered)

    async def _rendered(self, tenant_id: str, digest: Digest) -> Rendered:
        urls = await self._permalinks.cards(tenant_id)
        names = await self._people.names(tenant_id, _owners(digest.needing))
        needing = await self._people.with_askers(digest.needing)
        return digest_message(replace(digest, needing=needing), urls, names)

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
