"""What is done every so often: by each worker, and by processes that have none."""

from collections.abc import Sequence

from bot.container import Container
from bot.worker.kinds import first_digest, hurrying
from bot.worker.upkeep import Housekeeping, PeriodicTask
from flows.checks.poll import farthest_poll
from flows.projection import PROJECTION, Rebuilding
from storage.backlog import Backlog
from storage.housekeeping import SqlHousekeeping
from storage.leftovers import take_over_events
from storage.replanning import Replanning

HOURLY, EVERY_MINUTE = 3600.0, 60.0  # seconds
QUICKLY = 1.0  # seconds, for tasks that are soon done for good


def tasks_of_workers(parts: Container) -> Sequence[PeriodicTask]:
    """Without the time: a worker hears it from the database with each look at what is due."""
    engine, real, uow = parts.engine, parts.real, parts.uow
    replanning, farthest = Replanning(engine), farthest_poll(parts.settings.poll_interval)
    housekeeping = Housekeeping(SqlHousekeeping(engine), real, parts.settings.keep_finished)
    rebuilding = Rebuilding(parts.recorder, parts.customers)
    sender = parts.channel_sender

    async def hasten() -> None:
        now = parts.clock.now()
        await replanning.hasten_polls(now, now + farthest)

    async def take_over() -> bool:
        """Takes over what the previous version still leaves while this one is rolled out."""
        await replanning.find_missing(real.now())
        return await take_over_events(engine, real.now())

    return (
        PeriodicTask("tidy", HOURLY, housekeeping.tidy),
        # What a process of the previous version has written since the start.
        PeriodicTask("rebuild", HOURLY, lambda: rebuilding.rebuild(PROJECTION)),
        PeriodicTask("replan", HOURLY, lambda: replanning.replan(real.now())),
        PeriodicTask("hasten polls", EVERY_MINUTE, hasten),
        PeriodicTask("take over", EVERY_MINUTE, take_over),
        PeriodicTask(
            "hurry", EVERY_MINUTE, hurrying(uow, sender, Backlog(engine).for_a_channel, real)
        ),
        PeriodicTask("catch up", QUICKLY, rebuilding.catch_up),
        PeriodicTask("first digest", QUICKLY, first_digest(uow, sender, parts.csm_team)),
    )


def tasks_of_others(parts: Container) -> Sequence[PeriodicTask]:
    """Their machine's clock may have been put right since the start."""
    return (PeriodicTask("ask the time", EVERY_MINUTE, lambda: parts.real.ask(parts.engine)),)
