"""The CSM channel: one card a customer, edited in place, with the events in its thread."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.authorize import Installations
from bot.csm_values import customer_value
from bot.people import People
from bot.slack import SlackClients
from bot.slack_errors import UNREACHABLE, error_name
from bot.views.card import card_message, thread_message, uninstalled_card
from bot.views.message import Rendered
from flows.announcements import contact
from flows.model import Situation
from flows.recording import Recorder
from flows.records import Card, MessageKind, StoredEvent, StoredMessage

_GONE = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
)
_NO_CHANNEL = frozenset({"channel_not_found", "not_in_channel", "is_archived"})


class ChannelUnknown(Exception):
    """No channel is bound, or the app cannot write to it yet: the message waits."""


class CsmDesk:
    """Writes to the channel that CSMs watch; the set channel counts before the bound one."""

    def __init__(
        self,
        recorder: Recorder,
        installations: Installations,
        clients: SlackClients,
        people: People,
        team_id: str,
        channel_id: str,
    ) -> None:
        self._recorder = recorder
        self._installations = installations
        self._clients = clients
        self._people = people
        self._team_id = team_id
        self._channel_id = channel_id

    def default_team(self, tenant_id: str) -> None:
        """Where CSMs are when no other workspace was set: the only one there is."""
        self._team_id = self._team_id or tenant_id

    async def channel(self) -> str:
        """Empty while none is set or bound."""
        if self._channel_id or not self._team_id:
            return self._channel_id
        async with self._recorder.uow(self._team_id, write=False) as work:
            binding = await work.csm_channel.get()
        return binding.channel_id if binding else ""

    async def send(self, stored: StoredMessage) -> tuple[str, str]:
        """Posts or edits the card, or posts one line in its thread. Returns channel and ts.

        Raises `ChannelUnknown`, `NotFound`, and what the Slack client raises.
        """
        channel_id = await self.channel()
        found = await self._installations.find(self._team_id)
        if not channel_id or found is None:
            raise ChannelUnknown
        client = self._clients.with_token(found[1])
        try:
            return await self._send(client, channel_id, stored)
        except UNREACHABLE as error:
            if error_name(error) in _NO_CHANNEL:
                raise ChannelUnknown from error
            raise

    async def _send(
        self, client: AsyncWebClient, channel_id: str, stored: StoredMessage
    ) -> tuple[str, str]:
        message = stored.message
        async with self._recorder.uow(stored.tenant_id, write=False) as work:
            situation = await self._recorder.load(work, message.integration_id)
            card = await work.cards.get(message.integration_id)
            event: StoredEvent | None = None
            if message.kind is MessageKind.THREAD:
                sequence = int(message.params["event"])
                event = await work.history.get(message.integration_id, sequence)
        if card is None or card.channel_id != channel_id:
            card = await self._post_card(client, channel_id, stored.tenant_id, situation)
            if event is None:
                return card.channel_id, card.ts
        if event is None:
            return await self._edit_card(client, card, stored.tenant_id, situation)
        try:
            return await self._post_line(client, card, stored.tenant_id, situation, event)
        except UNREACHABLE as error:
            if error_name(error) not in _GONE:
                raise
        card = await self._post_card(client, channel_id, stored.tenant_id, situation)
        return await self._post_line(client, card, stored.tenant_id, situation, event)

    async def _post_line(
        self,
        client: AsyncWebClient,
        card: Card,
        tenant_id: str,
        situation: Situation,
        event: StoredEvent,
    ) -> tuple[str, str]:
        names = await self._names(tenant_id, situation, event)
        rendered = thread_message(event.event, names=names)
        answer = await client.chat_postMessage(
            channel=card.channel_id,
            thread_ts=card.ts,
            text=rendered.text,
            blocks=rendered.blocks,
            unfurl_links=False,
        )
        return str(answer["channel"]), str(answer["ts"])

    async def _post_card(
        self, client: AsyncWebClient, channel_id: str, tenant_id: str, situation: Situation
    ) -> Card:
        rendered = await self._card(tenant_id, situation)
        answer = await client.chat_postMessage(
            channel=channel_id, text=rendered.text, blocks=rendered.blocks, unfurl_links=False
        )
        card = Card(situation.integration.id, str(answer["channel"]), str(answer["ts"]))
        async with self._recorder.uow(tenant_id) as work:
            await work.cards.put(card)
            await work.commit()
        return card

    async def _edit_card(
        self, client: AsyncWebClient, card: Card, tenant_id: str, situation: Situation
    ) -> tuple[str, str]:
        rendered = await self._card(tenant_id, situation)
        try:
            await client.chat_update(
                channel=card.channel_id, ts=card.ts, text=rendered.text, blocks=rendered.blocks
            )
        except UNREACHABLE as error:
            if error_name(error) not in _GONE:
                raise
            card = await self._post_card(client, card.channel_id, tenant_id, situation)
        return card.channel_id, card.ts

    async def _card(self, tenant_id: str, situation: Situation) -> Rendered:
        async with self._recorder.uow(tenant_id, write=False) as work:
            installation = await work.installations.get()
        name = installation.team_name if installation else ""
        if installation is None or installation.revoked_at:
            return uninstalled_card(situation, installation_name=name)
        return card_message(
            situation,
            installation_name=name,
            customer_value=customer_value(tenant_id, situation.integration.id),
            names=await self._names(tenant_id, situation, None),
        )

    async def _names(
        self, tenant_id: str, situation: Situation, event: StoredEvent | None
    ) -> dict[str, str]:
        """Display names of the people that a card or a line speaks of."""
        wanted = [contact(situation.integration)]
        if event:
            wanted += [event.event.by, event.event.params.get("to", "")]
        names: dict[str, str] = {}
        for team in dict.fromkeys((tenant_id, self._team_id)):
            found = await self._installations.find(team)
            missing = [user_id for user_id in wanted if user_id not in names]
            if found and missing:
                client = self._clients.with_token(found[1])
                names |= await self._people.names(client, missing)
        return names
