"""The Dockerfile and compose.yaml, as far as they can be tested without a container engine."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bot.__main__ import cli
from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
# A name, a tag and a digest, without a registry.
IMAGE = re.compile(r"^[a-z-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}$")
OURS = "connect-segment"
INSTRUCTIONS = {
    "ARG", "FROM", "COPY", "RUN", "WORKDIR", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT",
    "CMD",
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def of_kind(kind: str) -> list[str]:
    return [rest for found, rest in instructions() if found == kind]


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found["services"]


def assert_runs(arguments: list[str]) -> None:
    """Asserts that the command line accepts the arguments. Nothing is run."""
    group = typer.main.get_command(cli)
    name, *rest = arguments
    context = group.make_context("bot", ["--help"], resilient_parsing=True)
    command = group.get_command(context, name)  # type: ignore[attr-defined]
    assert command is not None, name
    command.make_context(name, rest)


def copied_from_here() -> list[str]:
    return [
        source
        for rest in of_kind("COPY")
        if "--from" not in rest
        for source in shlex.split(rest)[:-1]
    ]


def test_every_instruction_is_one_and_every_file_is_there() -> None:
    assert {kind for kind, _ in instructions()} <= INSTRUCTIONS
    assert [source for source in copied_from_here() if not (ROOT / source).exists()] == []
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    assert [s for s in copied_from_here() if f"!{s.rstrip('/')}" not in sent] == []


def test_images_have_names_alone_and_packages_have_hashes() -> None:
    (base,) = of_kind("ARG")
    assert IMAGE.match(base.removeprefix("BASE="))
    assert {rest.split()[0] for rest in of_kind("FROM")} == {"${BASE}"}
    others = {service["image"] for service in services().values()} - {OURS}
    assert [image for image in others if not IMAGE.match(image)] == []
    assert any("--require-hashes" in rest for rest in of_kind("RUN"))


def test_it_runs_as_somebody_without_rights() -> None:
    kinds = [kind for kind, _ in instructions()]
    assert of_kind("USER") == ["10001"]
    assert kinds.index("USER") < kinds.index("ENTRYPOINT")


def test_the_entry_point_and_the_health_check_are_what_the_bot_knows() -> None:
    assert json.loads(of_kind("ENTRYPOINT")[0])[-2:] == ["-m", "bot"]
    assert_runs(json.loads(of_kind("CMD")[0]))
    (check,) = of_kind("HEALTHCHECK")
    _, _, code = json.loads(check[check.index("[") :])
    compile(code, "healthcheck", "exec")
    assert ":3000/healthz" in code
    assert of_kind("EXPOSE") == ["3000"]


@pytest.mark.parametrize("name", ["migrate", "bot", "worker"])
def test_a_service_of_ours_is_locked_down_and_runs_a_command(name: str) -> None:
    service = services()[name]
    assert_runs(service["command"])
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - inside of the container
    assert service["cap_drop"] == ["ALL"]
    assert service["env_file"] == ".env"
    assert (ROOT / ".env.example").exists()
    assert set(service["environment"]) <= {field.upper() for field in Settings.model_fields}
    assert service["stop_grace_period"] == "15s"
    order = {"migrate": ("db", "service_healthy")}
    before, condition = order.get(name, ("migrate", "service_completed_successfully"))
    assert service["depends_on"] == {before: {"condition": condition}}


def test_there_are_two_fronts_and_two_workers() -> None:
    assert [services()[name]["deploy"]["replicas"] for name in ("bot", "worker")] == [2, 2]
    assert "--no-worker" in services()["bot"]["command"]
    assert "3000" in services()["worker"]["command"]


def test_what_is_copied_is_enough(tmp_path: Path) -> None:
    """The image has no playground and no tests."""
    for source in copied_from_here():
        if source == "requirements.txt":
            continue
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source)
        else:
            shutil.copy(ROOT / source, tmp_path / source)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    for command in (["migrate"], ["manifest", "--url", "https://bot.example.org"]):
        done = subprocess.run(
            [sys.executable, "-m", "bot", *command],
            cwd=tmp_path,
            env=environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
