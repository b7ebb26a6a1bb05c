"""People in Slack workspaces: the only place that asks Slack about them and remembers answers.

Slack does not tell an app in time that a person has moved or left. So each caller says how old an
answer may be. To decide whom to write to, it must be new. To name a person on a card, it need not.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from bot.outbound.calls import RETRY_AFTER
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import (
    NO_ANSWER,
    UNREACHABLE,
    ErrorClass,
    class_of,
    class_of_name,
    error_name,
    retry_after,
)
from bot.outbound.names import plain_name
from bot.outbound.removal import Removal
from bot.strings.names import HAS_LEFT
from flows.csm.board import Customer
from flows.errors import DirectoryUnavailable, MissingScope, StorageUnavailable
from flows.kept import Bounded
from flows.ports import PRESSED_AT, RateCost, RateGates
from flows.vocabulary import SEEN, Person
from flows.zones import is_known, zone_at

METHOD = "users.info"
COST = RateCost(0.6, burst=12.0)  # what Slack allows per workspace; a part of it may come at once
ASKED_WITHIN = 1.0  # seconds to wait for a turn
ANSWERED_WITHIN = 1.5  # seconds after somebody pressed
SLACK_WAITS = 3.0  # seconds for an answer to a press
NAMES_WITHIN = 1.0  # seconds for all names on one screen; a trigger lasts three
NAME_AGE = 600.0  # seconds
FAILURE_AGE = 5.0  # seconds until Slack is asked about the same person again
PEOPLE_REMEMBERED = 5000
SLACKBOT = "USLACKBOT"  # Slack does not mark it as a bot

ADMIN_FLAGS = ("is_admin", "is_owner", "is_primary_owner")
NEVER = -math.inf

Key = tuple[str, str]  # tenant and person


@dataclass(slots=True)
class _Remembered:
    """Slack's last answer and any failure since, with their times by the timer."""

    person: Person | None = None
    answered: float = NEVER
    failed: float = NEVER
    failure: str = ""


class People:
    """Implements `flows.ports.Directory`, and names people for readers in another workspace."""

    def __init__(
        self,
        installations: InstallationLookup,
        clients: SlackClients,
        gates: RateGates,
        removal: Removal,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installations = installations
        self._clients = clients
        self._gates = gates
        self._removal = removal
        self._timer = timer
        self._remembered = Bounded[Key, _Remembered](PEOPLE_REMEMBERED)
        self._asking: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        self._behind: set[asyncio.Task[Person | None]] = set()

    async def stop(self) -> None:
        """Drops the questions for whose answers nobody waits any more."""
        left = tuple(self._behind)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def names(
        self, tenant_id: str, user_ids: Iterable[str], within: float = NAMES_WITHIN
    ) -> dict[str, str]:
        """Returns display names by user id, as far as Slack tells them within so many seconds.

        Never raises: a card without a name is better than no card.
        """
        keys = [(tenant_id, user_id) for user_id in dict.fromkeys(user_ids) if user_id]
        found = await self._named(keys, within)
        return {user_id: name for (_, user_id), name in found.items()}

    def has_left(self, tenant_id: str, user_id: str) -> bool:
        """Whether Slack said so when it was asked last."""
        known = self._remembered.get((tenant_id, user_id))
        if known is None or known.answered == NEVER:
            return False
        return known.person is None or not known.person.is_active

    async def with_askers(self, customers: Sequence[Customer]) -> list[Customer]:
        """Adds to each customer the name of the person who asked, if it arrives in time."""
        askers = [(each.tenant_id, each.overview.need_by) for each in customers]
        found = await self._named([key for key in dict.fromkeys(askers) if key[1]], NAMES_WITHIN)
        return [
            replace(each, asked_by=found.get(key, ""))
            for each, key in zip(customers, askers, strict=True)
        ]

    async def _named(self, keys: Sequence[Key], within: float) -> dict[Key, str]:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.gather(*(self._look_up(*key) for key in keys))
        known = [(key, self._remembered.get(key)) for key in keys]
        people = [(key, each.person) for key, each in known if each and each.person]
        return {key: _called(person) for key, person in people if person.name}

    async def _look_up(self, tenant_id: str, user_id: str) -> None:
        with suppress(DirectoryUnavailable, StorageUnavailable):
            await self.person(tenant_id, user_id, max_age=NAME_AGE)

    async def person(self, tenant_id: str, user_id: str, *, max_age: float = 0.0) -> Person | None:
        """Returns the person, or None if Slack does not know them. Raises `DirectoryUnavailable`.

        An answer that arrives while several callers wait is new enough for all of them. Whoever
        pressed hears soon that Slack is slow. The question goes on: they may press again.
        """
        key, young = (tenant_id, user_id), self._timer() - max_age
        known = self._remembered.get(key)
        if known and known.answered >= young:
            return known.person
        pressed_at, now = PRESSED_AT.get(), asyncio.get_running_loop().time()
        if pressed_at is None or now - pressed_at > SLACK_WAITS:  # or what goes on behind
            return await self._answer(key, young)
        asking = asyncio.create_task(self._answer(key, young))
        self._behind.add(asking)
        asking.add_done_callback(self._ended)
        try:
            async with asyncio.timeout_at(pressed_at + ANSWERED_WITHIN):
                return await asyncio.shield(asking)
        except TimeoutError:
            raise DirectoryUnavailable("slow") from None

    def _ended(self, asking: "asyncio.Task[Person | None]") -> None:
        self._behind.discard(asking)
        if not asking.cancelled():
            asking.exception()  # whoever still waits hears of it

    async def _answer(self, key: Key, young: float) -> Person | None:
        """Asks, unless others have got a new enough answer meanwhile."""
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = self._kept(key)
            if known.answered >= young:
                return known.person
            if self._timer() - known.failed < FAILURE_AGE:
                raise _unavailable(known.failure)
            known.person = await self._ask(*key, known)
            known.answered, known.failed = self._timer(), NEVER
        return known.person

    def _kept(self, key: Key) -> _Remembered:
        """Returns what is remembered, and keeps the most recently used entries."""
        known = self._remembered[key] = self._remembered.get(key) or _Remembered()
        return known

    async def _ask(self, tenant_id: str, user_id: str, known: _Remembered) -> Person | None:
        """Asks Slack when our turn comes among all processes, if it comes soon."""
        found = await self._installations.find(tenant_id)
        if found is None:
            raise DirectoryUnavailable(tenant_id)
        if found[0].refused_at:
            raise DirectoryUnavailable("token_refused")
        wait = await self._gates.take(tenant_id, {METHOD: COST}, ASKED_WITHIN)
        if wait > ASKED_WITHIN:
            raise DirectoryUnavailable("rate_gate")
        await asyncio.sleep(wait)
        try:
            client = self._clients.with_token(found[1])
            answer = await client.users_info(user=user_id, include_locale=True)
        except UNREACHABLE as error:
            kind, name = class_of(error), error_name(error)
            if kind is ErrorClass.GONE:
                return None
            if kind is ErrorClass.REVOKED:
                await self._removal.refused(tenant_id, found[1], name)
            else:
                known.failed, known.failure = self._timer(), name
            if kind is ErrorClass.LIMITED:
                await self._gates.close(tenant_id, METHOD, retry_after(error) or RETRY_AFTER)
            raise _unavailable(name) from error
        user = answer.get("user")
        if not isinstance(user, dict) or not user.get("id"):  # it says nothing of anybody
            known.failed, known.failure = self._timer(), NO_ANSWER
            raise DirectoryUnavailable(NO_ANSWER)
        return _person(user, tenant_id)


def _unavailable(name: str) -> DirectoryUnavailable:
    """`name` is Slack's name for the error, or ours."""
    lacks = class_of_name(name) is ErrorClass.UNSCOPED
    return MissingScope(name) if lacks else DirectoryUnavailable(name)


def _called(person: Person) -> str:
    return person.name if person.is_active else HAS_LEFT.format(name=person.name)


def _time_zone(user: Mapping[str, Any]) -> str:
    """Slack may leave the name out, or know a newer one than this machine, and still say how far
    it is from UTC.
    """
    named = str(user.get("tz") or "")
    return named if is_known(named) else zone_at(user.get("tz_offset"))


def _person(user: Mapping[str, Any], asked: str) -> Person:
    """https://docs.slack.dev/reference/objects/user-object

    An answer that names no workspace is about a person of the one that was `asked`.
    """
    profile = user.get("profile") or {}
    limited = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")
    enterprise = user.get("enterprise_user") or {}
    in_enterprise = enterprise.get("teams") or ()  # possibly several
    home = str(user.get("team_id") or asked)
    names = (profile.get("display_name"), user.get("real_name"), user.get("name"))
    called = [plain_name(each) for each in names]
    teams = tuple(str(team) for team in (home, *in_enterprise))
    is_org_admin, is_admin = (
        any(each.get(flag) for flag in ADMIN_FLAGS) for each in (enterprise, user)
    )
    return Person(
        time_zone=_time_zone(user),
        locale=str(user.get("locale") or ""),
        is_active=not user.get("deleted"),
        # A display name of nothing but invisible signs is a name that nobody can read.
        name=next((each for each in called if SEEN.search(each)), ""),
        teams=teams,
        is_full_member=not any(user.get(flag) for flag in limited),
        is_bot=bool(user.get("is_bot")) or user.get("id") == SLACKBOT,
        # What the user object says of admins is about the home workspace.
        admin_of=teams if is_org_admin else (home,) if is_admin else (),
        enterprise_id=str(enterprise.get("enterprise_id") or ""),
    )
