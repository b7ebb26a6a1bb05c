"""The token in the settings becomes the installation, whoever is away meanwhile."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.inbound import seeding
from bot.outbound.errors import LONGEST_RETRY_AFTER
from flows.errors import StorageUnavailable, Trouble
from tests.unit.outbound.test_errors import answered


class Slack:
    """Gives these answers one after the other, then a good one."""

    def __init__(self, *answers: Exception | dict[str, Any]) -> None:
        self._answers = iter(answers)

    async def auth_test(self) -> Any:
        answer = next(self._answers, {"ok": True, "team_id": "T1"})
        if isinstance(answer, Exception):
            raise answer
        return type("Answer", (dict,), {"headers": {}, "data": answer})(answer)


class Installing:
    """Stores nothing as long as it has troubles."""

    def __init__(self, *troubles: Exception) -> None:
        self._troubles = iter(troubles)
        self.tenants: list[str] = []
        self.stored = asyncio.Event()

    async def seed(self, installation: Any, _token: SecretStr) -> None:
        if trouble := next(self._troubles, None):
            raise trouble
        self.tenants.append(installation.tenant_id)
        self.stored.set()


def seeding_of(slack: Slack, installing: Installing) -> seeding.Seeding:
    parts: Any = SimpleNamespace(
        slack_bot_token=SecretStr("x"), forget=id, default=id, now=lambda: datetime.now(UTC)
    )
    made = seeding.Seeding(parts, parts, cast("Any", installing), parts, parts, parts)
    made._clients = cast("Any", SimpleNamespace(with_token=lambda _: slack))
    return made


def not_waiting(pauses: list[float]) -> Any:
    """`asyncio`, but pauses are only noted."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    return SimpleNamespace(**{**vars(asyncio), "sleep": sleep})


async def stored_in_the_end(made: seeding.Seeding, installing: Installing) -> None:
    await made.start()
    async with asyncio.timeout(10):
        await installing.stored.wait()
    await made.stop()


async def test_a_database_that_is_away_for_a_moment_ends_no_asking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Slack was away at the start; when it is back, the database is away."""
    monkeypatch.setattr(seeding, "AGAIN_AFTER", 0.001)
    installing = Installing(StorageUnavailable("away"))
    await stored_in_the_end(seeding_of(Slack(TimeoutError()), installing), installing)
    assert installing.tenants == ["T1"]


async def test_a_database_that_is_away_at_the_start_ends_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As SQLite is that another process keeps locked for longer than we wait."""
    monkeypatch.setattr(seeding, "AGAIN_AFTER", 0.001)
    installing = Installing(StorageUnavailable("SQLITE_BUSY", Trouble.LOCKED))
    with capture_logs() as lines:
        await stored_in_the_end(seeding_of(Slack(), installing), installing)
    assert installing.tenants == ["T1"]
    assert [(line["event"], line["problem"]) for line in lines] == [
        ("bot_token_not_stored", "locked")
    ]


async def test_a_token_that_slack_refuses_is_called_that_and_asked_for_ever_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(seeding, "asyncio", not_waiting(pauses))
    refusals = [answered({"ok": False, "error": "invalid_auth"}) for _ in range(8)]
    installing = Installing()
    made = seeding_of(Slack(*refusals), installing)
    with capture_logs() as lines:
        await made.start()
        assert made.is_refused
        async with asyncio.timeout(10):
            await installing.stored.wait()
        assert not made.is_refused
        await made.stop()
    assert {(line["event"], line["log_level"], line["error"]) for line in lines} == {
        ("bot_token_refused", "error", "invalid_auth")
    }
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True},
        {"ok": True, "team_id": None},
        {"ok": True, "team_id": ""},
        {"ok": True, "team_id": 1},
        {"ok": True, "team_id": "E1", "is_enterprise_install": True},
    ],
)
async def test_an_answer_that_names_no_team_is_none(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    monkeypatch.setattr(seeding, "AGAIN_AFTER", 0.001)
    installing = Installing()
    await stored_in_the_end(seeding_of(Slack(answer), installing), installing)
    assert installing.tenants == ["T1"]


async def test_an_organisations_token_is_stored_for_the_organisation() -> None:
    installing = Installing()
    answer = {"team_id": "E1", "enterprise_id": "E1", "is_enterprise_install": True}
    await stored_in_the_end(seeding_of(Slack(answer), installing), installing)
    assert installing.tenants == ["E1"]


@pytest.mark.parametrize(
    ("said", "waited"),
    [("7", 7.0), ("1", seeding.AGAIN_AFTER), ("1000000", LONGEST_RETRY_AFTER)],
)
async def test_slack_is_asked_again_when_it_said(
    monkeypatch: pytest.MonkeyPatch, said: str, waited: float
) -> None:
    """Within bounds: the app can do nothing until it knows whose token it has."""
    pauses: list[float] = []
    limited = answered({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": said})
    installing = Installing()
    made = seeding_of(Slack(limited), installing)
    monkeypatch.setattr(seeding, "asyncio", not_waiting(pauses))
    await stored_in_the_end(made, installing)
    assert pauses == [waited]
