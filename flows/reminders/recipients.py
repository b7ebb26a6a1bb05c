"""Who at the customer gets unasked messages: whoever acted last, if they are still there and may do
what the message asks for; else somebody who may.
"""

import asyncio
from collections.abc import Sequence, Set
from dataclasses import replace

from flows.model import Integration, Screen, Situation
from flows.ports import Directory, UnitOfWork
from flows.reminders.facts import Role
from flows.reminders.steps import Recipient
from flows.replay import events as replay
from flows.setup import events as setup
from flows.setup.blockers import Blocked
from flows.setup.permissions import Member, Right, Wide, contact, managing, still_asked
from flows.vocabulary import Person

MOST_PARTICIPANTS = 10  # of whom Slack is asked for one message
HISTORY_READ = 200  # history entries that are searched for participants

# What people at the customer do. CSMs act on a set-up too.
_PARTICIPATION = (
    setup.Started,
    setup.PlanChosen,
    setup.Upgraded,
    setup.CredentialsVerified,
    setup.CredentialsUnverified,
    setup.SourcesChosen,
    setup.SaidConnected,
    setup.WriteKeyEntered,
    setup.Reopened,
    setup.Delegated,
    replay.ReplayRequested,
    replay.ReplaySent,
    replay.ReplayRunning,
)


async def candidates(work: UnitOfWork, integration: Integration, right: Right) -> list[Recipient]:
    """The candidates in order of preference. Empty if the app is not installed."""
    installation = await work.installations.get()
    if installation is None or installation.revoked_at:
        return []
    events = await work.history.latest(integration.id, HISTORY_READ)
    last = contact(integration)
    took_part = [
        Recipient(stored.event.stamp.by, Role.PARTICIPANT, last)
        for stored in events
        if isinstance(stored.event, _PARTICIPATION)
    ]
    first = _each_once([*named(integration, right), *took_part])[:MOST_PARTICIPANTS]
    manage = [
        Recipient(each, Role.PARTICIPANT, last) for each in managing(integration, Wide.MANAGE)
    ]
    installer = Recipient(installation.installed.by, Role.INSTALLER, last)
    return _each_once([*first, *manage, installer])


def named(integration: Integration, right: Right) -> list[Recipient]:
    """The first of the candidates, whom the facts name. Whoever was asked for one step comes first
    for it, and hears of no other, which they may not do.
    """
    asked = still_asked(integration, right.step) if isinstance(right, Screen) else []
    found = [Recipient(each.user_id, Role.ASKED) for each in asked]
    sent = None if integration.replay_running else integration.replay_sent
    if sent and not sent.of_toplyne:  # Segment answers whoever wrote to it
        found.append(Recipient(sent.by, Role.DID_LAST))
    return _each_once([*found, Recipient(contact(integration), Role.DID_LAST)])


def _each_once(found: Sequence[Recipient]) -> list[Recipient]:
    """By what is said of them first."""
    first: dict[str, Recipient] = {}
    for each in found:
        if each.user_id:
            first.setdefault(each.user_id, each)
    return list(first.values())


def right_about(about: Blocked | None) -> Right:
    """The right that it takes to do something about it."""
    return about.blocker.screen if about else Wide.LOOK


class Choosing:
    """Chooses by one rule for every message. Slack is asked once about each person. `refused` have
    just turned out to be unreachable, besides those of whom it was known.
    """

    def __init__(
        self, directory: Directory, situation: Situation, refused: Set[str] = frozenset()
    ) -> None:
        self._directory = directory
        self._integration = situation.integration
        known = self._integration.reminders
        self._unreachable = refused | (known.unreachable(situation.now) if known.refused else set())
        self._people: dict[str, Person | None] = {}

    async def first(
        self, found: Sequence[Recipient], right: Right
    ) -> tuple[Recipient, Person] | None:
        """The first who can be reached and has this right. Raises `DirectoryUnavailable`."""
        for candidate in found:
            if candidate.user_id in self._unreachable:
                continue
            person = await self._person(candidate.user_id)
            if person and self._may(candidate.user_id, person, right):
                return self._as_said(candidate), person
        return None

    async def choose(
        self, found: Sequence[Recipient], right: Right
    ) -> tuple[Recipient, Person | None]:
        """The first with this right, and what Slack knows of them. If none is left, the first full
        member, who reads whom to ask; else the CSM. Raises `DirectoryUnavailable`.
        """
        somebody = await self.first(found, right) or await self.first(found, Wide.LOOK)
        return somebody or (Recipient("", Role.CSM, found[0].user_id), None)

    async def is_member(self, user_id: str) -> bool:
        """Whether they are one, also if Slack refused what was for them. Raises as `first` does."""
        person = await self._person(user_id)
        return person is not None and person.is_member_of(self._integration.team_id)

    def _may(self, user_id: str, person: Person, right: Right) -> bool:
        team_id = self._integration.team_id
        member = Member(user_id, team_id in person.admin_of)
        return person.is_member_of(team_id) and member.may(self._integration, right)

    async def gone(self) -> Sequence[str]:
        """Those who were asked to do a step, have not done it, and have left or are guests by now.

        Raises `DirectoryUnavailable`.
        """
        asked = {each.user_id for each in still_asked(self._integration)}
        members = zip(asked, await asyncio.gather(*map(self.is_member, asked)), strict=True)
        return [each for each, is_member in members if not is_member]

    async def is_there(self, user_id: str) -> bool:
        """Whether Slack knows the person as active."""
        person = None if user_id in self._unreachable else await self._person(user_id)
        return person is not None and person.is_active

    async def _person(self, user_id: str) -> Person | None:
        if user_id not in self._people:
            tenant_id = self._integration.tenant_id
            self._people[user_id] = await self._directory.person(tenant_id, user_id)
        return self._people[user_id]

    def _as_said(self, candidate: Recipient) -> Recipient:
        """Nobody reads that a person is gone who only may not do it."""
        person = self._people.get(candidate.instead_of)
        if person and person.is_active:
            return replace(candidate, role=Role.DID_LAST, instead_of="")
        return candidate
