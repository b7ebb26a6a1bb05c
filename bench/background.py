"""What the queue of background work costs: CPU a job, and of a worker that has nothing to do.

`python -m bench.background`. Each job is one HTTP call on this machine, as in a bare loop
that is measured beside it; the server is a process of its own.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.processes import free_port
from bot.cli.database import migrate
from bot.clock import SystemClock
from bot.worker.loop import Worker
from flows.outbox.jobs import Job, JobKind
from storage.cipher import Cipher, generate_key
from storage.engine import SharedClock, close_engine, make_engine
from storage.leases import Leases
from storage.listening import listen
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.support.postgres import new_database, own_server

JOBS, AT_ONCE = 5000, 10
IDLE = 20.0  # seconds
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def _serve(port: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            writer.write(ANSWER)

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def _server() -> Iterator[str]:
    port = free_port()
    process = get_context("spawn").Process(target=_serve, args=(port,), daemon=True)
    process.start()
    address = f"http://127.0.0.1:{port}/"
    while True:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            break
    yield address
    process.terminate()
    process.join()


@asynccontextmanager
async def _working(database_url: str, call: Any) -> AsyncIterator[tuple[Any, dict[str, int]]]:
    engine, clock, news, done = make_engine(database_url), SharedClock(), asyncio.Event(), {"n": 0}

    async def handle(_tenant: str, _subject: str) -> None:
        await call()
        done["n"] += 1

    uow = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), clock, news)
    handlers = {JobKind.REDRAW: handle}
    leases = Leases(engine, clock, handlers)
    worker = Worker(leases, handlers, SystemClock(), clock, news, lambda _kind, _outcome: None)
    hearing = asyncio.create_task(listen(engine, news))
    worker.start()
    yield uow, done
    await worker.rest()
    await worker.stop()
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)
    await close_engine(engine)


async def _measure(database_url: str, address: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:

        async def call() -> None:
            (await http.get(address)).raise_for_status()

        async def some() -> None:
            for _ in range(JOBS // AT_ONCE):
                await call()

        began = time.process_time()
        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        bare = time.process_time() - began
        await migrate(database_url)
        async with _working(database_url, call) as (uow, done):
            began = time.process_time()
            await asyncio.sleep(IDLE)
            idle = (time.process_time() - began) * 1000 / IDLE
            async with uow("T1") as work:
                for number in range(JOBS):
                    await work.enqueue(Job(JobKind.REDRAW, "T1", f"{number}"))
                began, at = time.process_time(), time.monotonic()
                await work.commit()
            stored = time.process_time() - began
            while done["n"] < JOBS:  # noqa: ASYNC110 - waking costs what is measured here
                await asyncio.sleep(0.05)
            used, took = time.process_time() - began - stored, time.monotonic() - at
    return (
        f"{database_url.partition(':')[0]:<12} {(used - bare) * 1000 / JOBS:.2f} ms CPU a job"
        f" beside {bare * 1000 / JOBS:.2f} for the call alone,"
        f" {stored * 1000 / JOBS:.2f} to ask for it; {JOBS / took:.0f} a second;"
        f" idle {idle:.2f} ms CPU a second\n"
    )


def main() -> None:
    with _server() as address, TemporaryDirectory() as folder, own_server() as server:
        sys.stdout.write(asyncio.run(_measure(f"sqlite:///{Path(folder) / 'b.db'}", address)))
        with new_database(server) as database_url:
            sys.stdout.write(asyncio.run(_measure(database_url, address)))


if __name__ == "__main__":
    main()
