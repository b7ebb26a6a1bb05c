"""The token in the settings becomes the installation, whoever is away meanwhile."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.inbound import seeding
from flows.errors import StorageUnavailable


async def test_a_database_that_is_away_for_a_moment_ends_no_asking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Slack was away at the start; when it is back, the database is away."""
    monkeypatch.setattr(seeding, "AGAIN_AFTER", 0.0)
    stored = asyncio.Event()
    troubles = iter([TimeoutError(), None, StorageUnavailable("away"), None])

    class Slack:
        async def auth_test(self) -> Any:
            if trouble := next(troubles):
                raise trouble
            return type("Answer", (dict,), {"headers": {}})(team_id="T1")

    class Installing:
        async def seed(self, *_: object) -> None:
            if trouble := next(troubles, None):
                raise trouble
            stored.set()

    parts = SimpleNamespace(
        slack_bot_token=SecretStr("x"), forget=id, default=id, now=lambda: datetime.now(UTC)
    )
    made = seeding.Seeding(parts, parts, Installing(), parts, parts, parts)  # type: ignore[arg-type]
    made._clients = cast("Any", SimpleNamespace(with_token=lambda _: Slack()))
    await made.start()
    async with asyncio.timeout(10):
        await stored.wait()
    await made.stop()
