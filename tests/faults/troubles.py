"""What goes wrong while two workers send: Slack's answers, and the workers themselves."""

import asyncio
import random

from playground.slack.faults import Fault
from tests.faults.reminders import Reminders
from tests.faults.workers import Workers

WORKERS = 2
POST = "chat.postMessage"
CUT = 0.05  # of all answers
LATEST = 0.4  # seconds: so long Slack has a message and nobody knows it yet
FAR_APART, CLOSE = 1.8, 0.6  # seconds between two kills


def disturb_answers(reminders: Reminders, chance: random.Random, calls: int) -> None:
    """They come late, and some are cut off after Slack took the message."""
    for _ in range(calls):
        is_cut, late = chance.random() < CUT, chance.uniform(0, LATEST)
        fault = Fault(cut=True) if is_cut else Fault(late=late)
        reminders.world.slack.faults.next_calls(POST, fault)


async def kill(workers: Workers, chance: random.Random, times: int) -> None:
    """One after the other, at any moment of their work."""
    for _ in range(times):
        await asyncio.sleep(chance.uniform(CLOSE, FAR_APART))
        await workers.kill(chance.randrange(WORKERS))
