"""Who may do what in a customer's set-up, who can be asked to, and whom to write to.

Looking is for all full members of the Slack workspace. Everything else is for those who manage the
set-up: whoever started it, admins and owners, and people whom one of these added. Whoever was asked
to do a step may do that step.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import compress

from flows.errors import DirectoryUnavailable, ErrorCode, FlowError
from flows.model import Delegation, Integration, Screen, Situation, Step
from flows.ports import Directory
from flows.recording import Change
from flows.setup.blockers import current_screen
from flows.vocabulary import Actor, Person

MEMBER_AGE = 60.0  # seconds of real time for which we rely on what Slack said of a person
STILL_THERE = 600.0  # seconds for which we rely on it about others
ANSWER_WITHIN = 1.5  # seconds: somebody pressed a button and is waiting


class Wide(Enum):
    """Rights that belong to no single screen."""

    LOOK = auto()  # see the progress, ask and write to Toplyne: for every full member
    MANAGE = auto()  # everything, such as disconnecting
    UPGRADED = auto()  # say when the plan became Business: a part of two steps' answers


_OF_UPGRADE: tuple[Step, ...] = (Step.PLAN, Step.HISTORIC_SYNC)
Right = Screen | Wide  # a screen: to change what belongs to it


class NotMember(FlowError):
    """A guest, an app, somebody who has left, or somebody of another company."""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody who may only look at what takes this right. `able` have it and can be asked.

    Admins have it too, whom Slack does not name to apps.
    """

    right: Right
    able: tuple[str, ...]


class NotAllowed(FlowError):
    """A full member who may look and not do this. The set-up says who can."""

    def __init__(self, situation: Situation, right: Right) -> None:
        super().__init__(situation.integration.id)
        self.situation = situation
        self.onlooker = onlooker(situation, right)


@dataclass(frozen=True, slots=True)
class Member:
    """A full member of the Slack workspace, as Slack said a moment ago."""

    user_id: str
    is_admin: bool
    time_zone: str = ""
    locale: str = ""

    def may(self, integration: Integration, right: Right) -> bool:
        if right is Wide.LOOK or self.is_admin:
            return True
        return self.user_id in managing(integration, right)

    def may_do_next(self, situation: Situation) -> bool:
        """Whether they may do what comes next in the set-up."""
        screen = current_screen(situation)
        return self.may(situation.integration, screen)

    def may_go_on(self, situation: Situation) -> bool:
        """Whether they may do what comes next. Anybody may begin a set-up if none is under way."""
        return not situation.integration.begun or self.may_do_next(situation)

    def manages(self, situation: Situation) -> bool:
        """Whether they may do everything, if there is a set-up to manage."""
        return not situation.integration.begun or self.may(situation.integration, Wide.MANAGE)

    def require(self, situation: Situation, right: Right) -> Situation:
        """The situation, for somebody who has the right to it, in their time zone.

        Raises `NotAllowed`.
        """
        if not self.may(situation.integration, right):
            raise NotAllowed(situation, right)
        return replace(situation, time_zone=self.time_zone)

    def sees(self, situation: Situation) -> Situation:
        """The situation in their time zone."""
        return replace(situation, time_zone=self.time_zone)


def said_by(member: Member, now: Situation, change: Change) -> Change:
    """What anybody may say to Toplyne makes nobody the contact who may not do what comes next."""
    return replace(change, is_progress=member.may_do_next(now))


async def acting_person(directory: Directory, actor: Actor) -> Person | None:
    """Whoever acts, as Slack describes them. Slack may have called them gone: they came back."""
    who = actor.tenant_id, actor.user_id
    person = await directory.person(*who, max_age=MEMBER_AGE)
    return person if person and person.is_active else await directory.person(*who)


class Members:
    """Asks Slack who somebody is. An answer is relied on for a minute."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def require(self, actor: Actor) -> Member:
        """Raises `NotMember`, and `DirectoryUnavailable` if Slack does not say."""
        person = await acting_person(self._directory, actor)
        if person is None or not person.is_member_of(actor.team_id):
            raise NotMember(actor.user_id)
        is_admin = actor.team_id in person.admin_of
        return Member(actor.user_id, is_admin, person.time_zone, person.locale)

    async def onlooker(self, situation: Situation, right: Right) -> Onlooker:
        """For somebody who may only look: those of whom Slack does not say that they have left."""
        able = onlooker(situation, right).able
        return Onlooker(right, await still_there(self._directory, situation.integration, able))

    async def unless_able(self, member: Member, situation: Situation) -> Onlooker | None:
        """Whom they can ask who may not do what comes next; None if they may."""
        if member.may_go_on(situation):
            return None
        return await self.onlooker(situation, current_screen(situation))


def starter(integration: Integration) -> str:
    """Who started the set-up; before anybody did, and for what earlier versions stored, who came
    first.
    """
    first = integration.started or integration.plan_chosen or integration.created
    return first.by


def contact(integration: Integration) -> str:
    """Whom to write to: the person who acted last, else the installer."""
    return (integration.last_active or integration.created).by


def managing(integration: Integration, right: Right) -> tuple[str, ...]:
    """The people who may do this because of what was done in the set-up; admins may too."""
    found = [starter(integration), *(each.user_id for each in integration.added)]
    steps = _OF_UPGRADE if right is Wide.UPGRADED else ()
    if isinstance(right, Screen):
        steps = (right.step,)
    found += [each.user_id for each in integration.asked if each.screen.step in steps]
    return tuple(dict.fromkeys(found))


def onlooker(situation: Situation, right: Right) -> Onlooker:
    """For somebody who may only look, as far as the facts say who can do it."""
    return Onlooker(right, managing(situation.integration, right))


async def still_there(
    directory: Directory, integration: Integration, people: Sequence[str]
) -> tuple[str, ...]:
    """Those of them who are full members. Whoever Slack says nothing of counts as there: a message
    to somebody who has left does no harm.
    """

    async def is_there(user_id: str) -> bool:
        try:
            person = await directory.person(integration.tenant_id, user_id, max_age=STILL_THERE)
        except DirectoryUnavailable:
            return True
        return person is not None and person.is_member_of(integration.team_id)

    return tuple(compress(people, await asyncio.gather(*map(is_there, people))))


def still_asked(integration: Integration, step: Step | None = None) -> list[Delegation]:
    """Who was asked, for `step` if it is given, and has not done it yet. The last one comes first.

    Whoever was asked for a write key may do live sync, but nobody asked them to.
    """
    waiting = [each for each in reversed(integration.asked) if each.is_open]
    if step is None:
        return waiting
    of_steps = (each for each in waiting if each.screen is not Screen.WRITE_BACK)
    return [each for each in of_steps if each.screen.step is step]


async def why_not(directory: Directory, actor: Actor, user_id: str) -> ErrorCode | None:
    """Why this colleague cannot be asked. Raises `DirectoryUnavailable` if Slack does not answer in
    time: a guest would read what is set up.
    """
    if not user_id:
        return ErrorCode.REQUIRED
    if user_id == actor.user_id:
        return ErrorCode.COLLEAGUE_IS_SELF
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            person = await directory.person(actor.tenant_id, user_id)
    except TimeoutError:
        raise DirectoryUnavailable(user_id) from None
    if person is None or not person.is_active:
        return ErrorCode.COLLEAGUE_GONE
    if person.is_bot:
        return ErrorCode.COLLEAGUE_IS_APP
    if actor.team_id not in person.teams:
        return ErrorCode.COLLEAGUE_ELSEWHERE
    return None if person.is_full_member else ErrorCode.COLLEAGUE_IS_GUEST
