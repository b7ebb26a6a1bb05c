"""A message that nobody asked for finds somebody who is still there to read it."""

from dataclasses import replace

from flows.errors import DirectoryUnavailable
from flows.outbox.bodies import UnaskedNews
from flows.outbox.messages import DIRECT_CONVERSATIONS, Message
from flows.ports import Directory
from flows.recording import Recorder
from flows.reminders import recipients
from flows.reminders.facts import Role
from flows.reminders.steps import Recipient


class PassingOn:
    """Chooses as reminders do, at the moment when a message is sent."""

    def __init__(self, recorder: Recorder, directory: Directory) -> None:
        self._recorder = recorder
        self._directory = directory

    async def pass_on(self, tenant_id: str, message: Message, news: UnaskedNews) -> bool:
        """Whether its reader has left, so that somebody else gets this news if anybody is there.

        The CSM reads in the thread what broke, whoever is left. False, too, where Slack does not
        say whether its reader has left.
        """
        reader = message.conversation.removeprefix(DIRECT_CONVERSATIONS)
        try:
            person = await self._directory.person(tenant_id, reader)
            if person and person.is_active:
                return False
            to = await self._instead_of(tenant_id, message, reader)
        except DirectoryUnavailable:
            return False
        if to.user_id:
            async with self._recorder.uow(tenant_id) as work:
                await work.outbox.add(_readdressed(message, news, to, reader))
                await work.commit()
        return True

    async def _instead_of(self, tenant_id: str, message: Message, reader: str) -> Recipient:
        async with self._recorder.uow(tenant_id, write=False) as work:
            integration = await work.integrations.get(message.integration_id)
            found = await recipients.candidates(work, integration)
        others = [each for each in found if each.user_id != reader]
        if not others:
            return Recipient("", Role.CSM, reader)
        to, _ = await recipients.choose(self._directory, tenant_id, others)
        # Whoever was asked to do a step was not asked about this.
        return replace(to, role=Role.TOOK_PART) if to.role is Role.ASKED else to


def _readdressed(message: Message, news: UnaskedNews, to: Recipient, reader: str) -> Message:
    return replace(
        message,
        body=replace(news, role=to.role, instead_of=reader),
        conversation=f"{DIRECT_CONVERSATIONS}{to.user_id}",
        key=f"{message.key}:to:{to.user_id}",
    )
