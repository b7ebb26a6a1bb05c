"""Asking Slack about a person, within its limits."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_sdk.errors import SlackApiError

from bot.outbound.directory import METHOD, PATIENCE, SlackDirectory
from flows.errors import DirectoryUnavailable
from flows.ports import Toll
from tests.unit.outbound.test_errors import answered

GUEST = {"id": "U1", "tz": "Europe/Berlin", "team_id": "T1", "is_restricted": True}


class FakeGates:
    def __init__(self, wait: float = 0.0) -> None:
        self.wait = wait
        self.taken: list[str] = []
        self.closed: list[tuple[str, str, float]] = []

    async def take(self, tenant_id: str, tolls: Mapping[str, Toll], patience: float) -> float:
        self.taken += tolls
        return self.wait

    async def close(self, tenant_id: str, subject: str, seconds: float) -> None:
        self.closed.append((tenant_id, subject, seconds))


class FakeSlack:
    """Installed in every workspace; each client gives the one answer."""

    def __init__(self, answer: Mapping[str, Any] | SlackApiError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def find(self, tenant_id: str) -> tuple[str, str]:
        return tenant_id, "token"

    def with_token(self, token: str) -> Any:
        return SimpleNamespace(users_info=self.users_info)

    async def users_info(self, *, user: str, include_locale: bool) -> Mapping[str, Any]:
        self.asked.append(user)
        if isinstance(self.answer, SlackApiError):
            raise self.answer
        return {"user": self.answer}


def directory(slack: FakeSlack, gates: FakeGates) -> SlackDirectory:
    return SlackDirectory(cast("Any", slack), cast("Any", slack), gates, cast("Any", None))


async def test_who_somebody_is() -> None:
    gates = FakeGates()
    person = await directory(FakeSlack(GUEST), gates).person("T1", "U1")
    assert person is not None
    assert (person.time_zone, person.teams) == ("Europe/Berlin", ("T1",))
    assert (person.is_active, person.is_full_member, person.is_bot) == (True, False, False)
    assert gates.taken == [METHOD]


@pytest.mark.parametrize("user", [{"id": "U1", "is_bot": True}, {"id": "USLACKBOT"}])
async def test_apps_are_known_as_such(user: Mapping[str, Any]) -> None:
    person = await directory(FakeSlack(user), FakeGates()).person("T1", "U1")
    assert person is not None
    assert person.is_bot


async def test_a_turn_that_is_far_is_not_waited_for() -> None:
    slack = FakeSlack(GUEST)
    with pytest.raises(DirectoryUnavailable):
        await directory(slack, FakeGates(PATIENCE + 1)).person("T1", "U1")
    assert slack.asked == []


async def test_a_limit_holds_for_all_processes() -> None:
    gates = FakeGates()
    slack = FakeSlack(answered({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "7"}))
    asking = directory(slack, gates)
    with pytest.raises(DirectoryUnavailable):
        await asking.person("T1", "U1")
    assert gates.closed == [("T1", METHOD, 7.0)]
    slack.answer = GUEST
    assert await asking.person("T1", "U1") is not None


async def test_somebody_whom_slack_does_not_know_is_nobody() -> None:
    gone = answered({"ok": False, "error": "user_not_found"})
    assert await directory(FakeSlack(gone), FakeGates()).person("T1", "U1") is None
