"""Each kind of message × each pair of standings: over, true again, over once more, with late edits.

An edit that comes late may have drawn what was true in between. So each change that makes a message
say something else is a wish of its own to draw it, unless news of their own tell of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations

import pytest

from flows.model import Situation
from flows.outbox.bodies import Personal, Redraw, Welcome
from flows.outbox.messages import Message
from flows.outdated import redraw_outdated
from flows.says import SAYS, is_told_apart, says
from tests.support.fakes import FakeStorage
from tests.unit.outbox.test_says import STANDINGS, every_body
from tests.unit.views.message_cases import ADA

TENANT, MINUTE = "T1", timedelta(minutes=1)


def _turns(one: Situation, other: Situation, *, revised: bool) -> list[Situation]:
    """One standing, the other, the one again and the other again, a minute after each other."""
    return [
        replace(
            each,
            integration=replace(
                each.integration, tenant_id=TENANT, revision=20 + (number if revised else 0)
            ),
            now=one.now + number * MINUTE,
        )
        for number, each in enumerate((one, other, one, other))
    ]


async def _wishes(body: Personal, turns: Sequence[Situation]) -> int:
    """How often it is to be drawn, if nothing of it is drawn meanwhile."""
    storage = FakeStorage()
    storage.install(TENANT)
    async with storage(TENANT) as work:
        await work.outbox.add(Message(body, f"user:{ADA.by}", "said", turns[0].integration.id))
        for before, after in pairwise(turns):
            await redraw_outdated(work, before, after, ())
        await work.commit()
    return sum(isinstance(each.message.body, Redraw) for each in storage.messages)


def _turning(body: Personal) -> list[tuple[Situation, Situation]]:
    """One pair of standings for each two things that it depends on."""
    held = dict[str, Situation]()
    for each in STANDINGS.values():
        held.setdefault(repr(says(body, each)), each)
    return list(permutations(held.values(), 2))[:12]


@pytest.mark.parametrize("revised", [True, False], ids=["by people", "by a look at Segment"])
@pytest.mark.parametrize("kind", SAYS, ids=lambda kind: kind.kind)
async def test_what_changes_to_and_fro_is_drawn_each_time(
    kind: type[Personal], *, revised: bool
) -> None:
    turned = 0
    for body in (each for each in every_body() if isinstance(each, kind)):
        for one, other in _turning(body):
            turns = _turns(one, other, revised=revised)
            changes = [
                (was, now) for was, now in pairwise(turns) if says(body, was) != says(body, now)
            ]
            apart = sum(is_told_apart(body, was, now) for was, now in changes)
            assert await _wishes(body, turns) == len(changes) - apart, body
            turned += len(changes) - apart
    assert turned or kind is Welcome  # what it offers is taken once
