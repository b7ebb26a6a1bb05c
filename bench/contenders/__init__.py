"""Who is measured: each starts as its own process from its own small file."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.processes import UNDER_TEST, Process, free_port, python, start
from bench.rows import SECRET
from bench.world import fill_ours, fill_their_postgres, fill_their_sqlite, settings_of_ours

HERE = Path(__file__).parent
JS = HERE / "bolt_js"
OURS, BARE = "this product", "bare ASGI"
ON_POSTGRES = ", PostgreSQL"  # the end of the names of those that keep their data there
THEIRS = {
    BARE: "bare.py",
    BARE + ON_POSTGRES: "bare.py",
    "bolt-python tuned": "bolt_tuned.py",
    "bolt-python as documented": "bolt_documented.py",
    "bolt-js tuned": "bolt_js/tuned.js",
    "bolt-js as documented": "bolt_js/documented.js",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A process that answers on a port."""

    name: str
    process: Process
    port: int


def bare_of(name: str) -> str:
    """Bare ASGI on the same database as this contender."""
    return BARE + ON_POSTGRES if name.endswith(ON_POSTGRES) else BARE


async def start_ours(folder: Path, slack_url: str, postgres_url: str = "") -> Contender:
    """`serve` without a worker, on a database with the customers in it."""
    name = OURS + ON_POSTGRES if postgres_url else OURS
    stem = _stem(name)
    environment = settings_of_ours(postgres_url or f"sqlite:///{folder / f'{stem}.db'}", slack_url)
    await fill_ours(environment)
    port = free_port()
    command = python("-m", "bot", "serve", "--port", str(port), "--no-worker")
    process = await start(command, environment, folder / f"{stem}.log", UNDER_TEST)
    await process.until_listening(port)
    return Contender(name, process, port)


async def start_theirs(
    name: str, folder: Path, slack_url: str, postgres_url: str = ""
) -> Contender:
    file, stem = THEIRS[name], _stem(name)
    database = folder / f"{stem}.db"
    if postgres_url:
        fill_their_postgres(postgres_url)
    else:
        fill_their_sqlite(database, shared=not file.endswith(".js"))
    port = free_port()
    environment = {
        "PORT": str(port),
        "DATABASE": postgres_url or str(database),
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack_url,
    }
    command = ("node", str(HERE / file)) if file.endswith(".js") else python(str(HERE / file))
    process = await start(command, environment, folder / f"{stem}.log", UNDER_TEST)
    await process.until_listening(port)
    return Contender(name, process, port)


def _stem(name: str) -> str:
    """For the names of its files."""
    return name.replace(", ", "-").replace(" ", "-")


def why_no_js() -> str:
    """Why bolt-js cannot take part; empty when it can."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "there is no Node.js here"
    command = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent")
    if not (JS / "node_modules" / "@slack" / "bolt").is_dir():
        done = subprocess.run(command, cwd=JS, check=False, capture_output=True)
        if done.returncode:
            return "npm cannot install @slack/bolt here"
    return ""
