"""Asking Slack about people: within its limits, and no more often than needed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientConnectionError
from slack_sdk.errors import SlackApiError

from bot.outbound import people as module
from bot.outbound.people import ASKED_WITHIN, FAILURE_AGE, METHOD, NAME_AGE, People
from flows.csm.members import Csms, CsmTeam, NotCsm
from flows.errors import DirectoryUnavailable
from flows.ports import RateCost
from flows.setup.permissions import MEMBER_AGE, Members, NotMember
from flows.vocabulary import Actor
from tests.support.fakes import FakeStorage, FakeTenants
from tests.unit.outbound.test_errors import answered

GUEST = {"id": "U1", "tz": "Europe/Berlin", "team_id": "T1", "is_restricted": True}
ADA = {"id": "U1", "team_id": "T1", "profile": {"display_name": "Ada"}}
NOBODY: tuple[Any, ...] = ({}, {"user": None}, {"user": {}}, {"user": "U1"}, {"user": {"id": ""}})
GONE = answered({"ok": False, "error": "user_not_found"})
LIMITED = answered({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "7"})


class FakeGates:
    """Once closed, a gate gives no turn for a long time."""

    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.taken: list[str] = []
        self.closed: list[tuple[str, str, float]] = []

    async def take(self, tenant_id: str, costs: Mapping[str, RateCost], longest: float) -> float:
        self.taken += costs
        return self.wait

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        self.closed.append((tenant_id, subject, seconds))
        self.wait = seconds


@dataclass
class FakeSlack:
    """Is installed in every workspace. Gives its one answer once it is `answering`."""

    answer: Mapping[str, Any] | Exception
    asked: list[str] = field(default_factory=list)
    now: float = 1000.0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answering.set()

    async def find(self, _tenant_id: str) -> tuple[Any, str]:
        return SimpleNamespace(refused_at=None), "token"

    def with_token(self, token: str) -> Any:
        return SimpleNamespace(users_info=self.users_info)

    async def users_info(self, *, user: str, include_locale: bool) -> Mapping[str, Any]:
        self.asked.append(user)
        self.reached.set()
        await self.answering.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer in NOBODY:
            return self.answer
        return {"user": {"id": user, **self.answer}}


@dataclass(frozen=True)
class Asked:
    """The fields of a customer that are read to name the person who asked."""

    tenant_id: str
    overview: Any
    asked_by: str = ""


def people(slack: FakeSlack, gates: FakeGates | None = None) -> People:
    fake, unused = cast("Any", slack), cast("Any", None)
    return People(fake, fake, gates or FakeGates(), unused, lambda: slack.now)


# --- answers --------------------------------------------------------------------------------------


async def test_who_somebody_is() -> None:
    gates = FakeGates()
    person = await people(FakeSlack(GUEST), gates).person("T1", "U1")
    assert person is not None
    assert (person.time_zone, person.teams) == ("Europe/Berlin", ("T1",))
    assert (person.is_active, person.is_full_member, person.is_bot) == (True, False, False)
    assert gates.taken == [METHOD]


@pytest.mark.parametrize("user", [{"id": "U1", "is_bot": True}, {"id": "USLACKBOT"}])
async def test_apps_are_known_as_such(user: Mapping[str, Any]) -> None:
    person = await people(FakeSlack(user)).person("T1", "U1")
    assert person is not None
    assert person.is_bot


async def test_somebody_whom_slack_does_not_know_is_nobody() -> None:
    assert await people(FakeSlack(GONE)).person("T1", "U1") is None


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (ADA, "Ada"),
        ({"real_name": "Ada Lovelace", "profile": {"display_name": ""}}, "Ada Lovelace"),
        ({"real_name": "Ada Lovelace", "profile": {"display_name": "\u3164"}}, "Ada Lovelace"),
        ({"real_name": " \u200b", "name": "ada", "profile": {"display_name": "\u2800"}}, "ada"),
        ({"name": "ada"}, "ada"),
    ],
)
async def test_what_somebody_is_called(user: Mapping[str, Any], name: str) -> None:
    assert await people(FakeSlack(user)).names("T1", ["U1", "", "U1"]) == {"U1": name}


# --- how often Slack is asked -------------------------------------------------------------------


async def test_who_is_written_to_is_asked_about_each_time_and_named_from_then_on() -> None:
    slack = FakeSlack(ADA)
    known = people(slack)
    for _ in range(2):
        await known.person("T1", "U1")
        slack.now += 1
    for _ in range(3):
        assert await known.names("T1", ["U1"]) == {"U1": "Ada"}
    assert len(slack.asked) == 2
    slack.now += NAME_AGE + 1
    await known.names("T1", ["U1"])
    assert len(slack.asked) == 3
    await known.names("T2", ["U1"])
    assert len(slack.asked) == 4, "another workspace may know somebody else by this id"


async def test_a_csm_is_asked_about_once_a_minute() -> None:
    slack = FakeSlack({**ADA, "team_id": "T1"})
    csms = Csms(people(slack), CsmTeam(FakeTenants(FakeStorage()), "T1"))
    for _ in range(3):
        await csms.require(Actor("T1", "T1", "U1"))
    assert len(slack.asked) == 1
    slack.now += MEMBER_AGE + 1
    await csms.require(Actor("T1", "T1", "U1"))
    assert len(slack.asked) == 2


@pytest.mark.parametrize("of_csms", [True, False])
async def test_who_came_back_and_acts_is_asked_about_at_once(*, of_csms: bool) -> None:
    """Within the minute for which an answer is relied on."""
    slack = FakeSlack({**ADA, "deleted": True})
    directory, ada = people(slack), Actor("T1", "T1", "U1")
    csms = Csms(directory, CsmTeam(FakeTenants(FakeStorage()), "T1"))
    require = csms.require if of_csms else Members(directory).require
    await directory.person("T1", "U1")
    slack.now += 1
    with pytest.raises((NotCsm, NotMember)):
        await require(ada)
    slack.answer = ADA
    slack.now += 1
    assert await require(ada)
    assert len(slack.asked) == 3
    assert await require(ada)
    assert len(slack.asked) == 3


async def test_somebody_unknown_is_not_asked_about_for_each_card() -> None:
    slack = FakeSlack(GONE)
    known = people(slack)
    for _ in range(3):
        assert await known.names("T1", ["U1"]) == {}
    assert len(slack.asked) == 1


async def test_all_who_ask_at_once_wait_for_one_answer() -> None:
    slack = FakeSlack(ADA)
    slack.answering.clear()
    known = people(slack)
    asking = [asyncio.create_task(known.person("T1", "U1")) for _ in range(5)]
    naming = asyncio.create_task(known.names("T1", ["U1"]))
    await slack.reached.wait()
    slack.answering.set()
    assert len({await each for each in asking}) == 1
    assert await naming == {"U1": "Ada"}
    assert slack.asked == ["U1"]


async def test_who_gives_up_waiting_leaves_the_question_to_the_others() -> None:
    slack = FakeSlack(ADA)
    slack.answering.clear()
    known = people(slack)
    first, second = (asyncio.create_task(known.person("T1", "U1")) for _ in range(2))
    await slack.reached.wait()
    first.cancel()
    slack.answering.set()
    found = await second
    assert found is not None
    assert found.name == "Ada"
    assert first.cancelled()


async def test_the_longest_unused_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PEOPLE_REMEMBERED", 2)
    slack = FakeSlack(ADA)
    known = people(slack)
    for user_id in ("U1", "U2", "U3", "U2", "U3", "U1"):
        await known.names("T1", [user_id])
    assert slack.asked == ["U1", "U2", "U3", "U1"]


async def test_askers_of_several_customers_are_named_where_their_own_slack_knows_them() -> None:
    slack = FakeSlack(ADA)
    overview = SimpleNamespace(need_by="U1")
    asked = [Asked(tenant_id, overview) for tenant_id in ("T1", "T2", "T1")]
    asked.append(Asked("T3", SimpleNamespace(need_by="")))
    named = await people(slack).with_askers(cast("Any", asked))
    assert [each.asked_by for each in named] == ["Ada", "Ada", "Ada", ""]
    assert slack.asked == ["U1", "U1"]


# --- trouble --------------------------------------------------------------------------------------


async def test_a_turn_that_is_far_is_not_waited_for() -> None:
    slack = FakeSlack(GUEST)
    gates = FakeGates(ASKED_WITHIN + 1)
    known = people(slack, gates)
    with pytest.raises(DirectoryUnavailable):
        await known.person("T1", "U1")
    assert await known.names("T1", ["U1"]) == {}
    assert slack.asked == []
    gates.wait = 0.0
    assert await known.person("T1", "U1") is not None


async def test_a_limit_holds_for_everybody_and_for_all_processes() -> None:
    gates, slack = FakeGates(), FakeSlack(LIMITED)
    known = people(slack, gates)
    for user_id in ("U1", "U2", "U1"):
        with pytest.raises(DirectoryUnavailable):
            await known.person("T1", user_id)
    assert gates.closed == [("T1", METHOD, 7.0)]
    assert slack.asked == ["U1"]
    gates.wait, slack.answer = 0.0, GUEST
    slack.now += FAILURE_AGE
    assert await known.person("T1", "U1") is not None


@pytest.mark.parametrize(
    "trouble",
    [
        ClientConnectionError(),
        TimeoutError(),
        answered({"ok": False, "error": "internal_error"}),
        SlackApiError("a page", {}),
    ],
)
async def test_a_failure_is_remembered_for_a_moment_and_then_slack_is_asked_again(
    trouble: Exception,
) -> None:
    slack = FakeSlack(ADA)
    known = people(slack)
    await known.names("T1", ["U1"])
    slack.answer = trouble
    slack.now += NAME_AGE + 1
    for _ in range(3):
        with pytest.raises(DirectoryUnavailable):
            await known.person("T1", "U1")
        assert await known.names("T1", ["U1"]) == {"U1": "Ada"}, "as they were called before"
    assert len(slack.asked) == 2
    slack.answer, slack.now = GUEST, slack.now + FAILURE_AGE
    person = await known.person("T1", "U1")
    assert person is not None
    assert person.time_zone == "Europe/Berlin"


@pytest.mark.parametrize("answer", NOBODY)
async def test_an_answer_about_nobody_makes_nobody_a_full_member(answer: Mapping[str, Any]) -> None:
    slack = FakeSlack(answer)
    directory, ada = people(slack), Actor("T1", "T1", "U1")
    for _ in range(2):
        with pytest.raises(DirectoryUnavailable, match="unreadable_answer"):
            await Members(directory).require(ada)
    slack.answer, slack.now = ADA, slack.now + FAILURE_AGE
    assert await Members(directory).require(ada)
    assert slack.asked == ["U1", "U1"]


async def test_names_that_do_not_come_in_time_are_left_out() -> None:
    slack = FakeSlack(ADA)
    slack.answering.clear()
    known = people(slack)
    assert await known.names("T1", ["U1", "U2"], within=0.01) == {}
    slack.answering.set()
    assert await known.names("T1", ["U1", "U2"]) == {"U1": "Ada", "U2": "Ada"}
