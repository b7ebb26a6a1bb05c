"""`python -m bench --help`"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench import report
from bench.contenders import THEIRS, Contender, start_ours, start_theirs, why_no_js
from bench.requests import Figures, measure
from bench.rows import rows
from bench.slack import slack
from bench.world import screen
from flows.model import Screen


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["requests"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=400, help="in a round")
    parser.add_argument("--rows", nargs="*", default=[], help="names, or the beginnings of names")
    parser.add_argument("--against", nargs="*", default=[], help="parts of contenders' names")
    chosen = parser.parse_args()
    asyncio.run(_requests(chosen))


async def _requests(chosen: argparse.Namespace) -> None:
    names = [n for n in THEIRS if not chosen.against or any(part in n for part in chosen.against)]
    if why_not := why_no_js():
        _say(f"bolt-js takes no part: {why_not}.")
        names = [name for name in names if not name.startswith("bolt-js")]
    wanted = rows(screen(Screen.LIVE_SYNC), screen(Screen.CREDENTIALS))
    if chosen.rows:
        wanted = tuple(row for row in wanted if row.name.startswith(tuple(chosen.rows)))
    running: list[Contender] = []
    found: list[Figures] = []
    with slack() as stub, tempfile.TemporaryDirectory() as folder:
        try:
            for name in names:
                running.append(await start_theirs(name, Path(folder), stub.url))
            running.append(await start_ours(Path(folder), stub.url))
            async for figures in measure(running, wanted, stub, chosen.rounds, chosen.requests):
                found.append(figures)
                _say(report.table([figures]))
        finally:
            for contender in running:
                await contender.process.stop()
    report.keep("requests", report.requests_as_json(found))
    _say(report.table(found))
    for row in found:
        for name, why in row.failed.items():
            _say(f"{name} does not do «{row.row}»: {why}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
