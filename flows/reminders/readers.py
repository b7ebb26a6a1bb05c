"""Whether a personal message is still for its reader: one rule, applied when it is sent.

What asks for something, and what a CSM wrote, goes to the next who can answer. All else goes to
nobody, if its reader is no full member by then: a guest reads no names of what is set up. The CSM
hears of what is missed.
"""

from dataclasses import replace

from flows.csm.events import PassedOn, Unreached
from flows.errors import DirectoryUnavailable
from flows.model import Integration, Situation
from flows.outbox.bodies import (
    AskedToGoOn,
    Asking,
    AsksForStep,
    ColleagueDid,
    CsmMessage,
    DelegationNews,
    Heard,
    HelpReceived,
    Hint,
    IncidentNews,
    PassOn,
    RecoveryNews,
    Reminder,
    TokenWarning,
    Welcome,
)
from flows.outbox.messages import DIRECT_CONVERSATIONS, MOST_PASSED_ON, PASSED_ON, Message
from flows.ports import Directory, UnitOfWork
from flows.recording import Also, Change, Recorder
from flows.reminders.facts import Role
from flows.reminders.recipients import Choosing, candidates, right_for
from flows.reminders.steps import Recipient
from flows.setup.permissions import Members, NotMember, Onlooker, Right, Wide, acting_person
from flows.vocabulary import Actor, Person, Stamp

ForWhoeverCan = AsksForStep | CsmMessage | DelegationNews
# They name nothing of what is set up, or ask themselves who reads them.
FOR_ANYBODY = (Welcome, HelpReceived, TokenWarning, Hint, PassOn)


def only_informs(message: Message) -> bool:
    """Whether nobody misses it if its reader is gone. All who manage were asked to go on, so
    `AskedToGoOn` counts, too.
    """
    match message.body:
        case ColleagueDid() | AskedToGoOn() | DelegationNews(how=Heard.DONE | Heard.ASKED_ON):
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
        body = message.body
        if isinstance(body, ForWhoeverCan) and not only_informs(message):
            return not await self.pass_on(situation, message, body)
        if isinstance(body, FOR_ANYBODY) or await self.may_read(situation, message):
            return True
        is_due_again = isinstance(body, Reminder)
        if not (only_informs(message) or is_due_again):
            await self.tell_unreached(situation.integration.tenant_id, message, message.reader)
        return False

    async def onlooker(self, situation: Situation, message: Message) -> Onlooker | None:
        """The reader, if they may only look at what the message asks for, as Slack said lately.

        None also while Slack does not answer.
        """
        if not isinstance(message.body, Asking):
            return None
        of, right = situation.integration, right_for(message.body, situation)
        try:
            members = Members(self._directory)
            reader = await members.require(Actor(of.tenant_id, of.team_id, message.reader))
        except (DirectoryUnavailable, NotMember):
            return None
        return None if reader.may(of, right) else await members.onlooker(situation, right)

    async def may_read(self, situation: Situation, message: Message) -> bool:
        """Whether its reader is a full member, as Slack said within a minute. True if it does not.

        Whoever installed the app for a whole organisation need not be in each of its workspaces to
        hear what was done there.
        """
        of, reader = situation.integration, message.reader
        try:
            person = await acting_person(self._directory, Actor(of.tenant_id, of.team_id, reader))
        except DirectoryUnavailable:
            return True
        if person is None:
            return False
        if person.is_member_of(of.team_id):
            return True
        return isinstance(message.body, ColleagueDid) and await self._installed(of, reader, person)

    async def _installed(self, of: Integration, reader: str, person: Person) -> bool:
        async with self._recorder.uow(of.tenant_id, write=False) as work:
            installation = await work.installations.get()
        is_installer = installation is not None and installation.installed.by == reader
        return is_installer and person.is_member_of(of.tenant_id)

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
        reader, tenant_id = message.reader, situation.integration.tenant_id
        choosing = Choosing(self._directory, situation, {reader} if is_refused else frozenset())
        try:
            if await _is_theirs(reader, news, choosing, right_for(news, situation)):
                return False
            to = await self._instead_of(reader, choosing, situation, *_sought(news, situation))
        except DirectoryUnavailable:
            return False
        if to is None:
            return False
        if to.role is not Role.CSM and not message.key.endswith(PASSED_ON * MOST_PASSED_ON):
            await self._readdress(situation, message, news, to)
        elif not isinstance(news, DelegationNews):
            await self.tell_unreached(tenant_id, message, reader)
        return True

    async def stand_in(self, situation: Situation, reader: str) -> str | None:
        """Who would get what a CSM writes to this person; empty if nobody would. None: they would
        themselves, as far as Slack says.
        """
        choosing = Choosing(self._directory, situation)
        try:
            if await choosing.is_member(reader):
                return None
            to = await self._instead_of(reader, choosing, situation, Wide.LOOK)
        except DirectoryUnavailable:
            return None
        return to.user_id if to else None

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

        if not isinstance(news, CsmMessage):
            async with self._recorder.uow(tenant_id) as work:
                await send(work)
                await work.commit()
            return
        number = news.number

        def decide(newest: Situation) -> Change:
            event = PassedOn(Stamp("", newest.now), message.reader, to.user_id, number)
            return Change(newest.integration, (event,))

        await self._recorder.change(tenant_id, message.integration_id, decide, also=send)

    async def _instead_of(
        self, reader: str, choosing: Choosing, situation: Situation, right: Right, about: str = ""
    ) -> Recipient | None:
        """Somebody who may do it or, if the reader is gone, who is there at all. None: they are
        there, and nobody else may do more.

        Nobody hears what is `about` themselves.
        """
        async with self._recorder.uow(situation.integration.tenant_id, write=False) as work:
            every = await candidates(work, situation.integration, right)
        found = [each for each in every if each.user_id not in (reader, about)]
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


async def _is_theirs(reader: str, news: ForWhoeverCan, choosing: Choosing, right: Right) -> bool:
    """Whether they can do what it asks for. What a CSM wrote to a member is tried in any case, and
    the CSM hears if Slack refuses it; whoever it refused lately gets nothing else.
    """
    if isinstance(news, CsmMessage):
        return await choosing.is_member(reader)
    return await choosing.first(_alone(reader), right) is not None


def _sought(news: ForWhoeverCan, situation: Situation) -> tuple[Right, str]:
    """What somebody must be able to do who gets this instead, and whom it is about.

    What was told to whoever asked a colleague is for those who manage: they can ask others.
    """
    if isinstance(news, DelegationNews):
        return Wide.MANAGE, news.to
    return right_for(news, situation), ""


def _readdressed(message: Message, news: ForWhoeverCan, to: Recipient) -> Message:
    """It says why it comes to somebody else: for whom it was first, unless they are back."""
    match news:
        case IncidentNews() | RecoveryNews():
            first = to.instead_of and (news.instead_of or to.instead_of)
            role = Role.DID_LAST if first == to.user_id else to.role
            news = replace(news, role=role, instead_of=_unless(to, first))
        case CsmMessage():
            news = replace(news, instead_of=_unless(to, news.instead_of or message.reader))
        case DelegationNews():
            news = replace(news, asker=_unless(to, news.asker or message.reader))
    return replace(
        message,
        body=news,
        conversation=f"{DIRECT_CONVERSATIONS}{to.user_id}",
        key=f"{message.key}{PASSED_ON}",
    )


def _unless(to: Recipient, first: str) -> str:
    return "" if first == to.user_id else first
