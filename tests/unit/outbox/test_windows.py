"""Windows of several set-ups are looked after side by side, and not all at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

from flows.drawn import OpenedWindows
from flows.model import Observed, Situation
from flows.outbox.windows import SET_UPS_AT_ONCE, remember_windows
from flows.recording import Recorder
from tests.unit.views.message_cases import NOW, integration

MANY = 4 * SET_UPS_AT_ONCE


async def test_set_ups_are_looked_at_side_by_side_once_all_windows_are_remembered() -> None:
    remembered: list[str] = []
    looked, at_once = [], asyncio.Barrier(SET_UPS_AT_ONCE)

    async def look(opened: Sequence[OpenedWindows], _at: object) -> None:
        remembered.extend(each.integration_id for each in opened)

    async def glance(tenant_id: str, _team: str) -> None:
        assert len(remembered) == MANY
        await at_once.wait()  # for ever, if fewer came
        assert at_once.n_waiting < SET_UPS_AT_ONCE
        looked.append(tenant_id)

    uow = Mock(looked=AsyncMock(side_effect=look), glance=AsyncMock(side_effect=glance))
    recorder = cast("Recorder", Mock(uow=uow, clock=Mock(now=lambda: NOW)))
    drawn: dict[str, Any] = {
        f"live_{number}": Situation(
            replace(integration(), id=f"int_{number}", tenant_id=f"T{number}"), Observed(), NOW
        )
        for number in range(MANY)
    }
    async with asyncio.timeout(10.0):
        await remember_windows(recorder, drawn)
    assert sorted(looked) == sorted(f"T{number}" for number in range(MANY))
