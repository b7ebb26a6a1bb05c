"""The house against its own rules: manifest, codes, imports, files."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
import yaml
from grimp import build_graph
from importlinter.cli import lint_imports
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.manifest import bot_scopes, optional_bot_scopes, render_manifest
from bot.inbound.asgi import EVENTS_PATH
from bot.inbound.events import KEPT_EVENTS
from bot.inbound.oauth import INSTALL_PATH, REDIRECT_PATH
from bot.settings import Settings
from bot.strings.oauth import SCOPE_REASONS
from flows.checks.question import CheckKind
from flows.errors import ErrorCode, Field, WarningCode
from flows.history import EVENTS
from flows.outbox.bodies import BODIES
from flows.outbox.jobs import JobKind
from flows.setup.blockers import Blocker
from flows.setup.results import Notice
from playground.slack.api.server import ApiServer
from playground.slack.manifest import EVENT_SCOPES

ROOT = Path(__file__).parent.parent.parent
ADDRESS = "https://bot.example.org"
CODES = (
    Blocker, CheckKind, ErrorCode, Field, JobKind, Notice, WarningCode
)  # fmt: skip
# What the manifest's events are called when they arrive.
# Needed by some of the places that are asked about.
SCOPES_BY_PLACE = {"conversations.info": ("channels:read", "groups:read")}
ARRIVES_AS = {"message.im": "message"}


def code(*packages: str) -> Iterator[tuple[Path, str]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, path.read_text(encoding="utf-8")


def manifest() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(render_manifest(ADDRESS))
    return made


def addresses(node: Any) -> Iterator[str]:
    if isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from addresses(each)
    elif isinstance(node, str) and node.startswith(ADDRESS):
        yield urlsplit(node).path


# --- manifest and code --------------------------------------------------------------------------


def test_each_address_of_the_manifest_is_a_route() -> None:
    assert set(addresses(manifest())) == {EVENTS_PATH, REDIRECT_PATH}
    assert INSTALL_PATH not in addresses(manifest()), "people open it, Slack does not"


def test_the_events_that_slack_sends_are_those_that_are_kept() -> None:
    declared = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert {ARRIVES_AS.get(name, name) for name in declared} == KEPT_EVENTS


def called_methods() -> set[str]:
    """Web API methods that the bot's code calls, by Slack's names."""
    trees = (ast.parse(text) for _, text in code("bot"))
    used = {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    return {name.replace("_", ".") for name in used & set(dir(AsyncWebClient))}


def test_scopes_are_those_that_the_called_methods_need() -> None:
    server = ApiServer(Mock(), Mock(), Mock(), Mock())
    table = server._methods  # the strict Slack knows which scope each method needs
    called = {name for name in called_methods() if name in table}
    assert {"chat.postMessage", "views.open", "users.info"} <= called
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    needed = {table[name].scope for name in called} - {""}
    needed |= {scope for name in called for scope in SCOPES_BY_PLACE.get(name, ())}
    heard = {EVENT_SCOPES[name] for name in events if name in EVENT_SCOPES}
    scopes = manifest()["oauth_config"]["scopes"]
    declared = [*scopes["bot"], *scopes["bot_optional"]]
    assert set(declared) == {"commands"} | needed | heard


# --- codes and what raises them -----------------------------------------------------------------


@pytest.mark.parametrize("codes", CODES, ids=lambda codes: codes.__name__)
def test_no_code_is_without_a_place_that_says_it(codes: type[StrEnum]) -> None:
    texts = [
        text
        for path, text in code("bot", "flows")
        if path.parent.name != "strings"  # a text alone does not use a code
    ]
    name = re.compile(rf"\b{codes.__name__}\.([A-Z_]+)")
    said = {found for text in texts for found in name.findall(text)}
    assert {member.name for member in codes} == said


def test_no_event_or_message_is_without_a_place_that_makes_it() -> None:
    """A type that only a text or a view mentions would never be told."""
    made = set()
    for path, text in code("flows", "bot/outbound"):
        if path.name not in ("events.py", "bodies.py", "history.py"):
            made.update(re.findall(r"\b([A-Z]\w+)\b", text))
    assert {each.__name__ for each in (*EVENTS, *BODIES)} <= made


# --- imports ------------------------------------------------------------------------------------

NO_SETTINGS_READ = """
import importlib, os, sys

class Watched(dict):
    def __getitem__(self, name):
        note(name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        note(name)
        return super().get(name, default)
    def __contains__(self, name):
        note(name)
        return super().__contains__(name)

def note(name):
    assert name not in ours, f"{name} was read at import"

names, ours = sys.argv[1].split(","), set(sys.argv[2].split(","))
os.environ = Watched(os.environ)
for name in names:
    importlib.import_module(name)
"""


def test_no_setting_is_read_at_import() -> None:
    packages = ("bot", "flows", "storage")
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path, _ in code(*packages)
        if "migrations" not in path.parts
    ]
    settings = ",".join(name.upper() for name in Settings.model_fields)
    command = [sys.executable, "-c", NO_SETTINGS_READ, ",".join(names), settings]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_import_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    result = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert result == 0, capsys.readouterr().out


@pytest.mark.parametrize("package", ["bot", "flows"])
def test_every_module_stands_in_the_layers_of_its_package(package: str) -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = {
        name
        for contract in config["tool"]["importlinter"]["contracts"]
        for layer in contract.get("layers", ())
        for name in re.split(r"[ |:]+", layer)
        if name.startswith(f"{package}.")
    }
    modules = build_graph(package, cache_dir=None).modules - {package}
    below = {name for name in modules if any(f"{name}.".startswith(f"{each}.") for each in listed)}
    above = {name for name in modules if any(each.startswith(f"{name}.") for each in listed)}
    assert modules == below | above


def test_no_modules_import_each_other() -> None:
    """No two modules import each other, even indirectly or for types only."""
    graph = build_graph("bot", "flows", "storage", "playground", cache_dir=None)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the circle


# --- files --------------------------------------------------------------------------------------

FOREIGN = re.compile(
    "|".join(
        (
            r"(?<![\w.:/-])/(?:home|Users|root|work)/\w",  # a folder on somebody's machine
            r"[a-z.]+pythonhosted\.org",
            r"https?://(?:[\w.-]+\.)?pypi\.org",
            r"--(?:extra-)?index-url",
            r"(?:registry|artifactory|nexus)\.[\w.-]+/",
        )
    )
)


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


OFTEN = (
    "repositories/*",
    "accepting",
    "customers",
    "leases",
    "looking",
    "rate_gates",
    "replanning",
    "transaction",
)
MAKING = ("select", "insert", "update", "delete", "text", "exists", "union_all")
CHANGING = ("where", "returning", "limit", "order_by")


def test_statements_that_run_often_are_made_once() -> None:
    """To make one from parts takes longer than to run it, and what `storage.prepared` has prepared
    it keeps. So methods make none: they are constants, or what cached functions keep.
    """
    for path in (each for some in OFTEN for each in (ROOT / "storage").glob(f"{some}.py")):
        for method in methods_of(ast.parse(path.read_text(encoding="utf-8"))):
            called = [each.func for each in ast.walk(method) if isinstance(each, ast.Call)]
            made = [each for each in called if isinstance(each, ast.Attribute) and _makes(each)]
            assert not [ast.unparse(each) for each in made], (path, method.name)


def _makes(called: ast.Attribute) -> bool:
    is_ours = isinstance(called.value, ast.Name) and called.value.id == "sa"
    return called.attr in (MAKING if is_ours else CHANGING)


def methods_of(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield from (
                each
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            )


def test_no_file_knows_the_machine_that_it_was_written_on() -> None:
    found = []
    for path in tracked():
        if path == Path(__file__) or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in FOREIGN.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "text",
    ["open('/home/" + "ada/x')", "https://files.python" + "hosted.org/", "--index" + "-url x"],
)
def test_what_the_search_for_foreign_places_is_looking_for(text: str) -> None:
    assert FOREIGN.search(text)


# --- papers -------------------------------------------------------------------------------------


def test_each_threat_has_a_test_that_exists() -> None:
    paper = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = paper.partition("## Threats")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    tests = [row[-1].strip(" `") for row in rows[2:]]
    assert len(tests) > 10
    assert [
        name for name in tests if not re.search(r"^(async )?def test_", _read(name), re.M)
    ] == []


def test_each_scope_has_its_reason_in_the_paper() -> None:
    paper = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    scopes = manifest()["oauth_config"]["scopes"]
    declared = [*scopes["bot"], *scopes["bot_optional"]]
    table = paper.partition("## Permissions in Slack")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([a-z:_]+)`", table)) == set(declared)
    assert set(SCOPE_REASONS) == set(declared)
    assert [*bot_scopes(), *optional_bot_scopes()] == declared, "and OAuth asks for them"
    for line in (line for line in table.splitlines() if line.startswith("| `")):
        named, reason = line.strip("| ").split(" | ")
        for scope in re.findall(r"`([a-z:_]+)`", named):
            assert SCOPE_REASONS[scope] == reason


def _read(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
