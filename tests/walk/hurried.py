"""Forks the bot's processes for `tests.walk.processes`: they wait for as little as possible.

All their times move with the pushed clock but that of leases. No rate is limited.
"""

import asyncio
import os
import signal
from datetime import datetime, timedelta
from typing import Any

import bot.app
import bot.clock
import bot.opened
import bot.outbound.people
import bot.worker.loop
import flows.clients.transport
import flows.outbox.messages
from storage.engine import SharedClock
from tests.faults import hurried
from tests.faults.nursery import main
from tests.walk.house import OpenGates

_told: "list[Told]" = []  # the process's one clock
_bots: "list[Known]" = []  # and its bot
_asking: "set[asyncio.Task[None]]" = set()


class Known(bot.app.Bot):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        _bots.append(self)

    @property
    def at_work(self) -> int:
        """What goes on behind acknowledgements."""
        there = [vars(self).get(name) for name in ("checking", "filling", "measuring")]
        behind = [len(vars(each).get("_behind", ())) for each in there if each]
        under_way = [len(vars(each).get("_under_way", ())) for each in there if each]
        return len(self.listeners.running) + sum(behind) + sum(under_way)


class Told(bot.clock.OffsetClock):
    """Asks at once on SIGUSR1, and says who asks and whether they are at work: a test then knows
    who has heard the time, and does not push it while somebody answers.
    """

    def __init__(self, url: str, http: Any, _moved: SharedClock, **named: Any) -> None:
        super().__init__(url, http, bot.clock.SystemClock(), **named)
        self._plain = url
        _told.append(self)

    async def _ask(self) -> None:
        at_work = sum(each.at_work for each in _bots)
        self._url = f"{self._plain}?{os.getpid()}&{at_work}"
        await super()._ask()

    async def start(self) -> None:
        await super().start()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, lambda: _asking.add(loop.create_task(self.ask())))


class Moved(SharedClock):
    def now(self) -> datetime:
        return super().now() + (_told[-1]._offset if _told else timedelta())


def hurry() -> None:
    hurried.hurry()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until a process has its clock
    bot.app.Bot = Known  # type: ignore[misc]
    bot.opened.OffsetClock = Told  # type: ignore[misc]
    bot.opened.SharedClock = Moved  # type: ignore[misc]
    bot.opened.SqlRateGates = OpenGates  # type: ignore[assignment,misc]
    bot.worker.loop.LEASE, bot.worker.loop.RENEW_EVERY = 3.0, 1.0
    flows.outbox.messages.EDIT_PAUSE = timedelta(0)
    flows.clients.transport.RETRY_DELAYS = ()  # type: ignore[assignment]
    bot.outbound.people.FAILURE_AGE = 0.0


if __name__ == "__main__":
    main(hurry)
