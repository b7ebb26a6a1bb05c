"""What was sent is kept for as long as it may be drawn anew."""

import re
from datetime import date
from typing import get_args

import pytest

from bot.clock import SystemClock
from bot.worker.upkeep import Housekeeping
from flows.outbox.bodies import (
    BODIES,
    CheckDone,
    CsmMessage,
    DrawCard,
    Farewell,
    FirstData,
    Hint,
    MessageBody,
    PassOn,
    Personal,
    Redraw,
    TokenWarning,
)
from flows.outbox.messages import Message
from flows.outbox.toplyne_bodies import DigestPicture, MorningDigest
from flows.outdated import MOST_REDRAWN
from storage import tables
from storage.cipher import Cipher
from storage.connections import Engine
from storage.housekeeping import KEPT_PLACES, SqlHousekeeping
from storage.placed import PASSING
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract.samples import A
from tests.contract.test_upkeep import LONG_AGO, _keys
from tests.support.fake_tables import FakeClock


def test_of_each_kind_of_message_it_is_known_whether_it_may_be_drawn_anew() -> None:
    passing = set(re.findall(r"'(\w+)'", PASSING)) - {"pending", "dead"}
    never = {CheckDone, CsmMessage, TokenWarning, Hint, PassOn}
    kept = {body.kind for body in (*(set(get_args(Personal)) - never), MorningDigest)}
    assert passing == {body.kind for body in BODIES} - kept


def test_all_that_is_kept_of_a_set_up_is_looked_at() -> None:
    assert MOST_REDRAWN == KEPT_PLACES


async def test_what_may_be_drawn_anew_stays_and_only_the_newest_of_very_many(
    engine: Engine, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.housekeeping.KEPT_PLACES", 2)
    sent: dict[str, tuple[MessageBody, ...]] = {
        "many": (FirstData("srcone"),) * 4,
        "one": (Farewell(), CsmMessage("Mira", "Hello"), PassOn("Hello"), Redraw("x"), DrawCard()),
        "": (
            *(MorningDigest(date(2026, 3, day)) for day in (2, 3)),
            DigestPicture(date(2026, 3, 3)),
        ),
    }
    async with SqlUnitOfWorkFactory(engine, cipher, FakeClock(LONG_AGO))(A) as unit:
        for integration_id, bodies in sent.items():
            for number, body in enumerate(bodies):
                key = f"{integration_id or 'csm'} {number}"
                await unit.outbox.add(Message(body, f"user:{key}", key, integration_id))
                (stored,) = await unit.outbox.waiting(f"user:{key}", 1)
                await unit.outbox.mark_sent(stored.sequence, "C1", "1.2")
        await unit.commit()
    await Housekeeping(SqlHousekeeping(engine), SystemClock()).tidy()
    left = ["csm 1", "many 2", "many 3", "one 0"]
    assert await _keys(engine, tables.outbox.c.key) == left
    await SqlHousekeeping(engine).remove_places(LONG_AGO)
    assert await _keys(engine, tables.outbox.c.key) == left
