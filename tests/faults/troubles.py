"""What goes wrong while two workers send: with Slack's answers, and with the workers."""

import asyncio
import random

from playground.slack.faults import Cut, Fault
from tests.faults.reminders import Reminders
from tests.faults.workers import Workers

WORKERS = 2
POST = "chat.postMessage"
CUT = 0.05  # share of all answers
LATEST = 0.4  # seconds for which Slack has a message and the bot does not know
TOO_LATE, NEVER_HEARD = 0.02, 4.0  # share of all answers; seconds, longer than an attempt has
FAR_APART, CLOSE = 1.8, 0.6  # seconds between two kills


def disturb_answers(reminders: Reminders, chance: random.Random, calls: int) -> None:
    """Answers come late or too late, and some are cut off after Slack took the message."""
    for _ in range(calls):
        reminders.world.slack.faults.next_calls(POST, _trouble(chance))


def _trouble(chance: random.Random) -> Fault:
    dice = chance.random()
    if dice < CUT:
        return Fault(cut=chance.choice(list(Cut)))
    return Fault(late=NEVER_HEARD if dice < CUT + TOO_LATE else chance.uniform(0, LATEST))


async def kill(workers: Workers, chance: random.Random, times: int) -> None:
    """Kills workers one after the other, at any moment of their work."""
    for _ in range(times):
        await asyncio.sleep(chance.uniform(CLOSE, FAR_APART))
        await workers.kill(chance.randrange(WORKERS))
