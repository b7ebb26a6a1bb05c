"""What happens to work behind an acknowledgement when the process ends."""

import asyncio

from slack_bolt.request.async_request import AsyncBoltRequest

from bot.inbound.dispatch import Listeners


async def test_listeners_end_by_themselves_or_are_cut() -> None:
    listeners, said = Listeners(), []

    async def listen(name: str, lasts: float) -> None:
        await listeners.handle(AsyncBoltRequest(body=""), None)
        try:
            await asyncio.sleep(lasts)
        except asyncio.CancelledError:
            said.append(f"{name} is cut")
            raise
        said.append(f"{name} has ended")

    tasks = [asyncio.create_task(listen("short", 0.01)), asyncio.create_task(listen("long", 3600))]
    await asyncio.sleep(0)
    await listeners.ended(0.5)
    assert said == ["short has ended", "long is cut"]
    assert all(task.done() for task in tasks)
    await listeners.ended(0.5)  # nobody is left
