"""Notices that the CSM channel or one of its cards is gone, and tells a person at Toplyne."""

import asyncio
from collections.abc import Set

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbound.calls import Wrote
from bot.outbound.errors import (
    UNREACHABLE,
    ErrorClass,
    class_of,
    class_of_name,
    error_name,
    needed_scopes,
)
from flows.csm.facts import Card, Place
from flows.errors import DirectoryUnavailable
from flows.outbox.bodies import AboutChannel
from flows.outbox.messages import DIRECT_CONVERSATIONS, Message
from flows.outbox.toplyne_bodies import CardLost, ChannelLost
from flows.ports import UnitOfWork
from flows.recording import Recorder

SHARED = "shared_with_others"  # not Slack's word: it takes messages there, the app writes none

# A channel that several workspaces of one organisation share is no stranger's.
# https://docs.slack.dev/reference/objects/conversation-object
OF_OTHERS = ("is_ext_shared", "is_pending_ext_shared", "pending_shared")
MAY_LOOK = frozenset({"channels:read", "groups:read"})
DIRECT_MESSAGES = "D"  # how their ids begin
LOOKED_EVERY = 3600.0  # seconds
LOOKED_AGAIN = 30.0  # seconds, while it is shared
PLACE_WITHIN = 2.0  # seconds; the command waits for its acknowledgement
SEEN_WITHIN = 10.0  # seconds; nobody waits for a card

_log = structlog.get_logger(__name__)


class ChannelWatch:
    """Tells one person, once: the CSM who bound the channel, else the app's installer."""

    def __init__(self, recorder: Recorder, named: str) -> None:
        """`named` is the channel in the settings, whichever is bound."""
        self._recorder = recorder
        self._named = named
        self._may_be_closed = True  # another process, or an earlier one, may have noticed
        self._looking = asyncio.Lock()
        self._looked: tuple[str, bool, float] = ("", False, 0.0)  # where, what, until when it holds

    async def shared(self, client: AsyncWebClient, csm_tenant_id: str, channel_id: str) -> bool:
        """Whether another company reads it by now, which is told. Raises `DirectoryUnavailable`."""
        async with self._looking:  # so that many messages ask once
            where, is_shared, until = self._looked
            now = asyncio.get_running_loop().time()
            if where == channel_id and now < until:
                return is_shared
            place = await place_of(client, channel_id, SEEN_WITHIN)
            is_shared = place is Place.SHARED
            if is_shared:
                await self.closed(csm_tenant_id, channel_id, SHARED)
            if place is not Place.UNSEEN:  # or else it may be seen and shared in a minute
                lasts = LOOKED_AGAIN if is_shared else LOOKED_EVERY
                self._looked = channel_id, is_shared, now + lasts
            return is_shared

    async def closed(self, csm_tenant_id: str, channel_id: str, error: str) -> None:
        """Stores that Slack does not let the app write there. `error` is Slack's error name.

        What was on its way to a channel that is no longer used tells nothing of the one that is.
        """
        self._may_be_closed = True
        now = self._recorder.clock.now()
        async with self._recorder.uow(csm_tenant_id) as work:
            binding = await work.csm_channel.get()
            used = self._named or (binding.channel_id if binding else channel_id)
            if used != channel_id:
                return
            if not await work.csm_channel.trouble(channel_id, error, now):
                return
            await _tell(work, ChannelLost(channel_id, error), f"{channel_id}:{now.timestamp():.3f}")
            await work.commit()
        _log.warning("csm_channel_closed", tenant_id=csm_tenant_id, error=error)

    async def open(self, csm_tenant_id: str, wrote: Set[Wrote]) -> None:
        """Stores that the app could write this there. Troubles that it does not disprove stay."""
        if not self._may_be_closed:
            return
        async with self._recorder.uow(csm_tenant_id) as work:
            trouble = await work.csm_channel.current_trouble()
            if trouble and not wrote & _disproof(trouble):
                return
            await work.csm_channel.well()
            await work.commit()
        self._may_be_closed = False

    async def card_lost(self, csm_tenant_id: str, customer: str, former: Card) -> None:
        """Tells that somebody has deleted a card and another one has replaced it."""
        lost, occasion = CardLost(customer, former.channel_id), f"{former.channel_id}:{former.ts}"
        async with self._recorder.uow(csm_tenant_id) as work:
            await _tell(work, lost, occasion)
            await work.commit()


async def place_of(client: AsyncWebClient, channel_id: str, seconds: float = PLACE_WITHIN) -> Place:
    """Whether only Toplyne's people read this channel. Raises `DirectoryUnavailable`."""
    if channel_id.startswith(DIRECT_MESSAGES):
        return Place.DIRECT
    try:
        async with asyncio.timeout(seconds):
            answer = await client.conversations_info(channel=channel_id)
    except UNREACHABLE as error:
        # A refused token is found out, and told, by whatever is written next.
        needed = needed_scopes(error)
        if needed and not needed & MAY_LOOK:
            return Place.DIRECT  # one among several people, which needs a permission of its own
        if class_of(error) in (ErrorClass.UNSCOPED, ErrorClass.REVOKED):
            return Place.UNTOLD
        if class_of(error) is ErrorClass.NO_CHANNEL:
            return Place.UNSEEN
        raise DirectoryUnavailable(error_name(error)) from error
    channel = answer.get("channel") or {}
    return Place.SHARED if any(channel.get(flag) for flag in OF_OTHERS) else Place.OWN


def _disproof(error: str) -> Set[Wrote]:
    """Any of these shows that the channel takes messages again. Restricted ones take edits."""
    match error:
        case "restricted_action_thread_only_channel":
            return {Wrote.POST}
        case "restricted_action_non_threadable_channel" | "restricted_action_thread_locked":
            return {Wrote.LINE}
        case _ if error == SHARED or class_of_name(error) is ErrorClass.NO_CHANNEL:
            # Edits are refused there too, so that an edit shows that it is over.
            return {Wrote.EDIT, Wrote.POST, Wrote.LINE}
    return {Wrote.POST, Wrote.LINE}


async def _tell(work: UnitOfWork, what: AboutChannel, occasion: str) -> None:
    """Queues the message, once per `occasion`."""
    binding, installation = await work.csm_channel.get(), await work.installations.get()
    installer = installation.installed.by if installation else ""
    if to := binding.bound.by if binding else installer:
        await work.outbox.add(
            Message(what, f"{DIRECT_CONVERSATIONS}{to}", f"{what.kind}:{occasion}")
        )
