"""What goes wrong while two workers send: Slack's answers, and the workers themselves."""

import asyncio
import random

from playground.slack.faults import Cut, Fault
from tests.faults.reminders import Reminders
from tests.faults.workers import Workers

WORKERS = 2
POST = "chat.postMessage"
CUT = 0.05  # of all answers
LATEST = 0.4  # seconds: so long Slack has a message and nobody knows it yet
TOO_LATE, NEVER_HEARD = 0.02, 4.0  # of all answers; seconds, longer than an attempt has
FAR_APART, CLOSE = 1.8, 0.6  # seconds between two kills


def disturb_answers(reminders: Reminders, chance: random.Random, calls: int) -> None:
    """They come late or too late, and some are cut off after Slack took the message."""
    for _ in range(calls):
        reminders.world.slack.faults.next_calls(POST, _trouble(chance))


def _trouble(chance: random.Random) -> Fault:
    dice = chance.random()
    if dice < CUT:
        return Fault(cut=chance.choice(list(Cut)))
    return Fault(late=NEVER_HEARD if dice < CUT + TOO_LATE else chance.uniform(0, LATEST))


async def kill(workers: Workers, chance: random.Random, times: int) -> None:
    """One after the other, at any moment of their work."""
    for _ in range(times):
        await asyncio.sleep(chance.uniform(CLOSE, FAR_APART))
        await workers.kill(chance.randrange(WORKERS))
