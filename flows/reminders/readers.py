"""Whether a personal message is still for its reader: one rule, applied when it is sent.

What asks for something, and what a CSM wrote, goes to the next who can answer. What only informs
goes to nobody, if its reader is no full member by then. A guest reads no names of what is set up.
"""

from dataclasses import replace

from flows.csm.events import PassedOn, Unreached
from flows.errors import DirectoryUnavailable
from flows.model import Integration, Situation
from flows.outbox.bodies import (
    AskedToGoOn,
    AsksForStep,
    ColleagueDid,
    CsmMessage,
    DelegationNews,
    Heard,
    IncidentNews,
    RecoveryNews,
    Rejected,
)
from flows.outbox.messages import DIRECT_CONVERSATIONS, PASSED_ON, Message
from flows.ports import Directory, UnitOfWork
from flows.recording import Also, Change, Recorder
from flows.reminders.facts import Role
from flows.reminders.recipients import Choosing, candidates, right_about
from flows.reminders.steps import Recipient
from flows.setup.blockers import due_blocker
from flows.setup.permissions import Right, Wide
from flows.setup.replays import CORRECTED_ON
from flows.vocabulary import Stamp

ForWhoeverCan = AsksForStep | CsmMessage | DelegationNews


def only_informs(message: Message) -> bool:
    """Whether nobody misses it if its reader is gone. Who manages was asked to go on together."""
    match message.body:
        case ColleagueDid() | AskedToGoOn() | DelegationNews(how=Heard.DONE):
            return True
    return False


class PassingOn:
    """Finds whoever a message is for now, if its reader has left or may not do what it asks for,
    and also if Slack refuses it.

    Chooses as reminders do, at the moment when the message is sent.
    """

    def __init__(self, recorder: Recorder, directory: Directory) -> None:
        self._recorder = recorder
        self._directory = directory

    async def is_for_reader(self, situation: Situation, message: Message) -> bool:
        """Whether it goes to its reader. If not, it went to somebody else, or is for nobody."""
        if only_informs(message):
            return await self.may_read(situation, message)
        if isinstance(message.body, ForWhoeverCan):
            return not await self.pass_on(situation, message, message.body)
        return True

    async def may_read(self, situation: Situation, message: Message) -> bool:
        """Whether its reader is a full member, as far as Slack says. True if it does not."""
        choosing = Choosing(self._directory, situation)
        try:
            return await choosing.first(_alone(message.reader), Wide.LOOK) is not None
        except DirectoryUnavailable:
            return True

    async def pass_on(
        self,
        situation: Situation,
        message: Message,
        news: ForWhoeverCan,
        *,
        is_refused: bool = False,
    ) -> bool:
        """Passes news on if it is not for its reader. Returns whether that is so.

        If nobody is there to pass it on to, the CSM hears so. False too if the reader is there and
        nobody else may do more, or if Slack does not say.
        """
        integration, right = situation.integration, _right_for(news, situation)
        reader = message.reader
        choosing = Choosing(self._directory, situation, {reader} if is_refused else frozenset())
        try:
            if await choosing.first(_alone(reader), right):
                return False
            to = await self._instead_of(reader, choosing, integration, right)
        except DirectoryUnavailable:
            return False
        if to is None:
            return False
        if to.role is not Role.CSM:
            await self._readdress(situation, message, news, to)
        elif not isinstance(news, DelegationNews):
            await self.tell_unreached(integration.tenant_id, message, reader)
        return True

    async def tell_unreached(
        self, tenant_id: str, message: Message, reader: str, also: Also | None = None
    ) -> None:
        """Tells the CSM, who must reach this person in another way."""

        def decide(newest: Situation) -> Change:
            event = Unreached(Stamp("", newest.now), reader, message.body.kind)
            return Change(newest.integration, (event,))

        await self._recorder.change(tenant_id, message.integration_id, decide, also=also)

    async def _readdress(
        self, situation: Situation, message: Message, news: ForWhoeverCan, to: Recipient
    ) -> None:
        """Toplyne reads who gets what a CSM wrote."""
        tenant_id, readdressed = situation.integration.tenant_id, _readdressed(message, news, to)

        async def send(work: UnitOfWork) -> None:
            await work.outbox.add(readdressed)

        def decide(newest: Situation) -> Change:
            event = PassedOn(Stamp("", newest.now), message.reader, to.user_id)
            return Change(newest.integration, (event,))

        if isinstance(news, CsmMessage):
            await self._recorder.change(tenant_id, message.integration_id, decide, also=send)
            return
        async with self._recorder.uow(tenant_id) as work:
            await send(work)
            await work.commit()

    async def _instead_of(
        self, reader: str, choosing: Choosing, integration: Integration, right: Right
    ) -> Recipient | None:
        """Somebody who may do it or, if the reader is gone, who is there at all. None: they are
        there, and nobody else may do more.
        """
        async with self._recorder.uow(integration.tenant_id, write=False) as work:
            every = await candidates(work, integration, right)
        found = [each for each in every if each.user_id != reader]
        if await choosing.first(_alone(reader), Wide.LOOK):
            better = await choosing.first(found, right)
            return replace(better[0], role=Role.DID_LAST, instead_of="") if better else None
        if not found:
            return Recipient("", Role.CSM)
        to, _ = await choosing.choose(found, right)
        if to.role is not Role.CSM and await choosing.is_there(reader):  # a guest by now
            return replace(to, role=Role.DID_LAST, instead_of="")
        # This person was asked to do a step, but not about this news.
        role = Role.PARTICIPANT if to.role is Role.ASKED else to.role
        return replace(to, role=role, instead_of=reader)


def _alone(reader: str) -> list[Recipient]:
    return [Recipient(reader, Role.DID_LAST)]


def _right_for(news: ForWhoeverCan, situation: Situation) -> Right:
    """What its reader is asked to do: what it is about, else what comes next."""
    match news:
        case CsmMessage():
            return Wide.LOOK
        case DelegationNews(screen=screen):
            return screen
        case IncidentNews(blocker=blocker) | RecoveryNews(blocker=blocker):
            return blocker.screen
        case Rejected(what=what):
            return CORRECTED_ON[what]
    return right_about(due_blocker(situation))


def _readdressed(message: Message, news: ForWhoeverCan, to: Recipient) -> Message:
    """It says why it comes to somebody else."""
    match news:
        case IncidentNews() | RecoveryNews():
            news = replace(news, role=to.role, instead_of=to.instead_of)
        case CsmMessage():
            news = replace(news, instead_of=news.instead_of or message.reader)
        case DelegationNews():
            news = replace(news, asker=news.asker or message.reader)
    return replace(
        message,
        body=news,
        conversation=f"{DIRECT_CONVERSATIONS}{to.user_id}",
        key=f"{message.key}{PASSED_ON}",
    )
