"""The house itself: what a newcomer installs and reads, and rules that no linter here knows."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("bot", "flows", "storage", "playground")
LONGEST_FUNCTION = 50
LONGEST_FILE = 350
SUPERSEDED = "Status: superseded"  # such a decision names files as they were then
NAMED_PATH = re.compile(r"`((?:bot|flows|storage|playground|tests|bench|docs)/[\w./-]*\w)/?`")
LINK = re.compile(r"\]\(([^)#\s:]+)[)#]")
# Where this machine's clock is asked, and why that does no harm. All else goes by the database's.
OF_THIS_MACHINE = {
    "bot/clock.py": "ids sort by it, and the demo has one machine",
    "bot/inbound/asgi.py": "whether Slack signed a request lately",
    "bot/outbound/calls.py": "the seconds of one attempt, begun in the same process",
    "bot/outbound/deliver.py": "the same",
    "flows/clients/waits.py": "a gateway names a moment; the wait is bounded",
    "storage/engine.py": "what the database says corrects it",
}
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, str]:
    return dict(PINNED.findall(read(name)))


def modules() -> list[Path]:
    return sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def test_the_example_names_every_setting_once() -> None:
    names = re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_registry(name: str) -> None:
    text = read(name)
    assert "://" not in text
    entries = re.sub(r" \\\n +", " ", text).strip().splitlines()
    assert entries
    assert all(PINNED.match(entry) and " --hash=sha256:" in entry for entry in entries)


def test_requirements_are_those_of_the_project() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    plain, dev = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert plain.items() <= dev.items()
    names = {
        re.split(r"[^\w.-]", wanted)[0].lower()
        for wanted in project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    }
    assert names <= dev.keys()


def test_the_pages_tools_are_pinned_and_name_no_registry() -> None:
    tools = json.loads(read("package.json"))["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in tools.values())
    assert "package-lock=false" in read(".npmrc")


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_help_names_every_command() -> None:
    done = make(ROOT, "help")
    assert done.returncode == 0
    for target in ("setup", "demo", "test", "check", "bench", "help"):
        assert re.search(rf"^  make {target} ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "was not found"),
        ('case "$*" in *version_info*) exit 1;; esac', "older than 3.11"),
        ('case "$*" in *ensurepip*) exit 1;; esac', "python3-venv"),
    ],
)
def test_what_setup_lacks_is_told_in_one_line(
    tmp_path: Path, script: str | None, said: str
) -> None:
    for name in ("Makefile", "requirements-dev.txt"):
        (tmp_path / name).write_text(read(name))
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    done = make(tmp_path, "setup", f"PYTHON={python}")
    assert done.returncode != 0
    assert said in done.stdout
    assert done.stdout.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def test_setup_has_nothing_to_do_the_second_time(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements-dev.txt"):
        (tmp_path / name).write_text(read(name))
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").touch()
    done = make(tmp_path, "setup", "PYTHON=/does/not/exist")
    assert done.returncode == 0


QUIET_IMPORT = """
import importlib, os, socket, sys, threading

def refuse(*arguments, **options):
    raise AssertionError("a connection was opened at import")

socket.socket.connect = refuse
before = set(os.listdir("."))
for name in sys.argv[1:]:
    importlib.import_module(name)
assert threading.active_count() == 1, threading.enumerate()
assert set(os.listdir(".")) == before, "a file was made at import"
"""


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    names = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in modules()
        if "migrations" not in file.parts  # Alembic runs these; nobody imports them
    ]
    done = subprocess.run(
        [sys.executable, "-c", QUIET_IMPORT, *names],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_files_and_functions_stay_readable() -> None:
    long: list[str] = []
    for file in modules() + sorted((ROOT / "tests").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_FILE:
            long.append(str(file.relative_to(ROOT)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > LONGEST_FUNCTION:
                    long.append(f"{file.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert long == []


def test_one_name_means_one_thing() -> None:
    """Of the names that other modules can import. `bot.strings` mirrors the views, name by name."""
    meanings: dict[str, set[str]] = {}
    for file in modules():
        if file.parts[-2] in {"strings", "versions"} or "playground" in file.parts:
            continue
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            for name in _defines(node):
                what = file.name if isinstance(node, ast.ClassDef) else ast.unparse(node)
                meanings.setdefault(name, set()).add(what)
    assert {name: sorted(found) for name, found in meanings.items() if len(found) > 1} == {}


def _defines(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name):
            names = [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            names = [name]
        case _:
            names = []
    return [name for name in names if not name.startswith("_")]


@pytest.mark.parametrize("paper", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")))
def test_papers_name_only_files_that_are_there(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    named = set() if SUPERSEDED in text else {ROOT / name for name in NAMED_PATH.findall(text)}
    linked = {paper.parent / link for link in LINK.findall(text)}
    assert [str(each) for each in named | linked if not each.exists()] == []


def test_the_tree_for_newcomers_has_each_folder() -> None:
    tree = read("CONTRIBUTING.md").split("```")[3]
    drawn: set[str] = set()
    top = ""
    for line in tree.strip().splitlines():
        # Folders with one line in common stand side by side, before their description.
        folders = re.findall(r"(\w+)/(?=\s|$)", re.split(r"(?<=/)\s{3,}", line)[0])
        if line.startswith(" "):
            drawn |= {f"{top}/{folder}" for folder in folders}
        else:
            (top,) = folders
            drawn.add(top)
    folders = {
        "/".join(file.relative_to(ROOT).parts[:2])
        for package in (*PACKAGES, "tests", "bench")
        for file in (ROOT / package).rglob("*.py")
        if len(file.relative_to(ROOT).parts) > 2
    }
    assert folders - drawn == set()
    assert [each for each in drawn if not (ROOT / each).is_dir()] == []


def test_only_what_cannot_differ_between_machines_goes_by_the_clock_of_one() -> None:
    """The playground is a world of its own."""
    ours = [file for file in modules() if file.relative_to(ROOT).parts[0] != "playground"]
    asking = {str(file.relative_to(ROOT)) for file in ours if any(_clocks_asked(file))}
    assert asking == set(OF_THIS_MACHINE)
    made = {str(file.relative_to(ROOT)) for file in ours if "SystemClock" in file.read_text()}
    assert made == {"bot/clock.py", "bot/demo/samples.py"}


def _clocks_asked(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(ast.Name(of) | ast.Attribute(attr=of), name):
                if name in CLOCKS.get(of, ()):
                    yield name
            case ast.ImportFrom("time", names=names):
                yield from {each.name for each in names} & CLOCKS["time"]
