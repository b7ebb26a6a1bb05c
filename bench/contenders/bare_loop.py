"""The limit of background work: the same calls in a loop, ten at a time, and nothing else."""

import asyncio
import sys
import time

import aiohttp

AT_ONCE = 10
BODY = {"channel": "U1", "text": "A reminder.", "blocks": [{"type": "divider"}] * 8}


async def make(base, count, calls) -> None:
    turns = iter(range(count))

    async def one_after_another(session) -> None:
        for _ in turns:
            for verb, path in calls:
                sent = {"json": BODY} if verb == "POST" else {}
                async with session.request(verb, base + path, **sent) as answer:
                    await answer.json()

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_another(session))


if __name__ == "__main__":
    base, count, *calls = sys.argv[1:]
    began = time.process_time()
    asyncio.run(make(base, int(count), [tuple(call.split()) for call in calls]))
    sys.stdout.write(f"{time.process_time() - began}")
