"""`python -m bench --help`"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import report, rest, work
from bench.contenders import (
    ON_POSTGRES,
    THEIRS,
    Contender,
    start_ours,
    start_theirs,
    why_no_js,
)
from bench.requests import Figures, measure
from bench.rows import Row, rows
from bench.slack import Slack, slack
from bench.world import screen
from bot.cli.database import migrate
from flows.model import Screen
from tests.support.postgres import new_database, own_server

PARTS = ("requests", "starts", "idle", "memory", "work")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="CPU, side by side.")
    parser.add_argument("parts", nargs="*", default=PARTS[:3], help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=400, help="in a round")
    parser.add_argument("--rows", nargs="*", default=[], help="names, or the beginnings of names")
    parser.add_argument("--against", nargs="*", default=[], help="parts of contenders' names")
    parser.add_argument("--jobs", type=int, default=500, help="reminders and polls that are due")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    names = [kind.name for kind in work.KINDS]
    parser.add_argument("--kinds", nargs="*", default=[], help=f"of work: {', '.join(names)}")
    chosen = parser.parse_args()
    with slack() as stub, tempfile.TemporaryDirectory() as folder:
        for part in chosen.parts:
            asyncio.run(_PARTS[part](chosen, stub, Path(folder)))


async def _requests(chosen: argparse.Namespace, stub: Slack, folder: Path) -> None:
    names = [n for n in THEIRS if not chosen.against or any(part in n for part in chosen.against)]
    if why_not := why_no_js():
        report.say(f"bolt-js takes no part: {why_not}.")
        names = [name for name in names if not name.startswith("bolt-js")]
    running: list[Contender] = []
    servers = ExitStack()
    found: list[Figures] = []
    try:
        server = servers.enter_context(own_server())
        for name in names:
            address = ""
            if name.endswith(ON_POSTGRES):
                address = servers.enter_context(new_database(server))
            running.append(await start_theirs(name, folder, stub.url, address))
        running.append(await start_ours(folder, stub.url))
        address = servers.enter_context(new_database(server))
        await migrate(address)
        running.append(await start_ours(folder, stub.url, address))
        wanted = _rows(chosen.rows)
        async for figures in measure(running, wanted, stub, chosen.rounds, chosen.requests):
            found.append(figures)
            report.keep("requests", report.requests_as_json(found))
            report.say(report.table([figures]).splitlines()[-1])
    finally:
        for contender in running:
            await contender.process.stop()
        servers.close()
    report.say(report.table(found))
    for row in found:
        for name, why in row.failed.items():
            report.say(f"{name} does not do «{row.row}»: {why}")


async def _starts(chosen: argparse.Namespace, stub: Slack, folder: Path) -> None:
    found = await rest.cold_starts(folder, stub, chosen.rounds)
    report.keep("starts", {"ours": found.ours, "empty": found.empty, "ratio": found.ratio})
    report.say(
        f"a start: {found.ratio:.2f} × an empty Bolt app ({sorted(found.ours)[0]:.2f} s CPU)"
    )


async def _idle(_chosen: argparse.Namespace, stub: Slack, folder: Path) -> None:
    without = await rest.idle(folder, stub, worker=False)
    with_one = await rest.idle(folder, stub, worker=True)
    report.keep("idle", {"without a worker": without, "with one": with_one})
    report.say(f"idle: {without:.2f} ms CPU a second, {with_one:.2f} with a worker")


async def _memory(_chosen: argparse.Namespace, stub: Slack, folder: Path) -> None:
    found = await rest.memory(folder, stub, _rows(["/segment", "a button"]))
    report.keep("memory", found)
    report.say(
        "resident MB after so many requests: "
        + ", ".join(f"{n}: {mb:.0f}" for n, mb in found.items())
    )


async def _work(chosen: argparse.Namespace, stub: Slack, folder: Path) -> None:
    kept: dict[str, dict[str, float]] = {}
    with work.databases(folder) as databases:
        for kind in work.KINDS:
            if chosen.kinds and kind.name not in chosen.kinds:
                continue
            bare = await work.by_a_bare_loop(kind, chosen.jobs, stub, folder)
            kept[f"{kind.name}, bare loop"] = {"cpu_ms": bare.cpu, "a_second": bare.rate}
            for database, new in databases.items():
                for workers in chosen.workers:
                    done = await work.by_workers(
                        kind, chosen.jobs, workers, next(new), folder, stub
                    )
                    name, times = f"{kind.name}, {database}, {workers} workers", done.cpu / bare.cpu
                    kept[name] = {
                        "cpu_ms": done.cpu, "server_cpu_ms": done.server, "a_second": done.rate,
                        "times_bare": times,
                    }  # fmt: skip
                    report.say(
                        f"{name}: {done.cpu:.2f} ms CPU each, {times:.1f} × the bare loop,"
                        f" the database's server {done.server:.2f} ms; {done.rate:.0f} a second"
                    )
    report.keep("work", kept)


def _rows(beginnings: Sequence[str]) -> tuple[Row, ...]:
    every = rows(screen(Screen.LIVE_SYNC), screen(Screen.CREDENTIALS))
    return tuple(row for row in every if not beginnings or row.name.startswith(tuple(beginnings)))


_PARTS = {
    "requests": _requests,
    "starts": _starts,
    "idle": _idle,
    "memory": _memory,
    "work": _work,
}

if __name__ == "__main__":
    main()
