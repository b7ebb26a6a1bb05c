"""Open windows of live sync: what they show is filled in with what is learned later."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from flows.drawn import OpenedWindows
from flows.errors import NotFound, NotInstalled
from flows.model import Situation
from flows.outbox.intents import draws_window
from flows.outbox.looks import shows
from flows.recording import Recorder

MAX_WINDOWS = 10  # of one set-up that are filled in
SET_UPS_AT_ONCE = 5  # that are looked at side by side, a third of the database's connections
OPEN_FOR = timedelta(hours=12)  # longer than that nobody leaves a window open


NextPoll = Callable[[Situation], datetime | None]  # None: as it is planned


def _as_planned(_shown: Situation) -> None:
    """Where nobody waits, or it is known already."""


async def remember_windows(
    recorder: Recorder, drawn: Mapping[str, Situation], next_poll: NextPoll = _as_planned
) -> None:
    """Has windows filled in with what later looks learn. `drawn`: from what, by name.

    What was learned since they were drawn is filled in at once. It is read after they are
    remembered: whoever learns something later finds them.
    """
    named: dict[str, list[str]] = {}
    newest: dict[str, Situation] = {}
    for window, shown in drawn.items():
        named.setdefault(shown.integration.id, []).append(window)
        newest[shown.integration.id] = shown
    looks = [
        OpenedWindows(shown.integration.tenant_id, id_, named[id_], next_poll(shown))
        for id_, shown in newest.items()
    ]
    now, turns = recorder.clock.now(), asyncio.Semaphore(SET_UPS_AT_ONCE)
    await recorder.uow.looked(looks, now)

    async def catch_up(shown: Situation) -> None:
        its = {window: drawn[window] for window in named[shown.integration.id]}
        async with turns:
            await _catch_up(recorder, shown, its, now)

    await asyncio.gather(*map(catch_up, newest.values()))


async def _catch_up(
    recorder: Recorder, shown: Situation, its: Mapping[str, Situation], now: datetime
) -> None:
    """Fills in the windows of one set-up that was learned about since it was `shown` last."""
    tenant_id, team_id = shown.integration.tenant_id, shown.integration.team_id
    seen = await recorder.uow.glance(tenant_id, team_id)
    if seen is None or seen == (shown.integration, shown.observed):
        return
    says = live_sync_says(Situation(*seen, now))
    old = [window for window, before in its.items() if live_sync_says(before) != says]
    with suppress(NotFound, NotInstalled):  # "Check again" still works
        await _fill_in(recorder, tenant_id, shown.integration.id, old, f"{now.timestamp():.3f}")


async def _fill_in(
    recorder: Recorder, tenant_id: str, integration_id: str, windows: Sequence[str], mark: str
) -> None:
    if windows:
        async with recorder.uow(tenant_id) as work:
            for window in windows:
                await work.outbox.add(draws_window(window, mark, integration_id))
            await work.commit()


def live_sync_says(situation: Situation) -> tuple[object, ...]:
    """What the screen of live sync says, without counts and times."""
    facts, observed = situation.integration, situation.observed
    set_up = (facts.generation, facts.begun, facts.plan, facts.credentials, facts.sources)
    reached = (facts.live_started, facts.says_connected, facts.token_forgotten)
    onwards = (facts.replay is None, facts.past_replays, facts.outcome)
    return (*set_up, *reached, *onwards, *shows(observed))
