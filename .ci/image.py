"""Builds the image and runs the services of compose.yaml once for real, then removes them again.

Any container engine does, also one without a bridge: everything runs in the machine's own network,
on free ports. Where the base cannot be had from a registry, debootstrap makes one, and Debian's
PostgreSQL stands in for the database's image. BASE names another base. Without an engine, or
without a base, one line says so and nothing fails.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
NAME = f"trial-{secrets.token_hex(4)}"
OWN_BASE, OWN_DATABASE = "connect-segment-base:trial", "connect-segment-database:trial"
DEBIAN = "trixie"  # whose Python is the Dockerfile's
PACKAGES = "python3,python3-venv,ca-certificates"
PATIENCE = 120.0  # seconds for a service to become healthy

DATABASE = f"""
FROM {OWN_BASE}
RUN apt-get update -qq && apt-get install -qq --no-install-recommends postgresql >/dev/null
ENV PGHOST=/tmp
USER postgres
CMD set -e; bin=$(echo /usr/lib/postgresql/*/bin); data=/var/lib/postgresql/trial; \\
    echo "$POSTGRES_PASSWORD" >/tmp/password; \\
    $bin/initdb -D $data -U $POSTGRES_USER --pwfile=/tmp/password -A scram-sha-256 -E UTF8 \\
        >/dev/null; \\
    echo "CREATE DATABASE $POSTGRES_DB" | $bin/postgres --single -D $data postgres >/dev/null; \\
    exec $bin/postgres -D $data -k /tmp
"""
# What must hold inside: nobody special, nothing to write to, nothing that installs.
INSIDE = """
import importlib.util, os, pathlib
assert os.getuid() == 10001, os.getuid()
try:
    pathlib.Path("/app/written").touch()
except OSError:
    pass
else:
    raise AssertionError("the root file system can be written to")
held = pathlib.Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0]
assert int(held, 16) == 0, held
assert not [each for each in ("pip", "ensurepip") if importlib.util.find_spec(each)]
"""


def docker(*arguments: str, given: str | None = None, quiet: bool = True) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        input=given,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        env={**os.environ, "DOCKER_BUILDKIT": os.environ.get("DOCKER_BUILDKIT", "0")},
    )
    return done.stdout.strip()


def said_by(container: str) -> str:
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True)
    return (done.stdout + done.stderr)[-2000:]


def works(*arguments: str, seconds: float = 60.0) -> bool:
    try:
        subprocess.run(["docker", *arguments], check=True, capture_output=True, timeout=seconds)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def to_be_had(image: str) -> bool:
    return works("image", "inspect", image) or works("pull", "--quiet", image, seconds=300.0)


def make_base() -> bool:
    """A Debian with Python, and this machine's certificates and settings of pip."""
    if not (shutil.which("debootstrap") and os.getuid() == 0):
        return False
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(root)]
        if subprocess.run([*command, *_mirror()], stdout=subprocess.DEVNULL).returncode != 0:
            return False  # most likely offline
        (root / "usr/bin/python").symlink_to("python3")
        for file in ("etc/ssl/certs/ca-certificates.crt", "etc/pip.conf"):
            if Path("/", file).exists():
                shutil.copyfile(Path("/", file), root / file)
        packed = f"tar -C {root} -c . | docker import - {OWN_BASE}"
        subprocess.run(packed, shell=True, check=True, stdout=subprocess.DEVNULL)
    return True


def _mirror() -> list[str]:
    """The mirror of Debian that apt uses here, if it says so in the usual places."""
    lists = [*Path("/etc/apt").glob("**/*.list"), *Path("/etc/apt").glob("**/*.sources")]
    text = "\n".join(each.read_text() for each in lists)
    return re.findall(r"^(?:URIs:|deb)\s+(http\S+/debian/?)(?:\s|$)", text, re.M)[:1]


def free_port() -> str:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return str(each.getsockname()[1])


class Trial:
    """The services of compose.yaml, in their order, as `docker compose` would start them."""

    def __init__(self) -> None:
        password = secrets.token_hex(12)
        self.port = free_port()  # of the database
        text = (ROOT / "compose.yaml").read_text()
        text = re.sub(r"\$\{POSTGRES_PASSWORD[^}]*\}", password, text)
        self.services = yaml.safe_load(text.replace("@db/", f"@db:{self.port}/"))["services"]
        self.env = {
            "POSTGRES_PASSWORD": password,
            "PGPORT": self.port,
            "SLACK_SIGNING_SECRET": secrets.token_hex(16),
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": secrets.token_hex(16),
            "PUBLIC_URL": "https://bot.example.com",
            "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        self.running: dict[str, str] = {}  # containers and the ports on which they answer

    def run(self, database: str) -> None:
        for name in self._in_order():
            service = self.services[name]
            image = database if name == "db" else service["image"]
            for number in range(service.get("deploy", {}).get("replicas", 1)):
                self._start(f"{NAME}-{name}-{number}", name, {**service, "image": image})
        for container, port in self.running.items():
            self._inspect(container, port)
        for container in reversed(self.running):
            docker("stop", "--time", "15", container)
            code = docker("inspect", "--format", "{{.State.ExitCode}}", container)
            assert code == "0", f"{container} ended with {code}"

    def _in_order(self) -> list[str]:
        order: list[str] = []

        def add(name: str) -> None:
            for before in self.services[name].get("depends_on", {}):
                add(before)
            if name not in order:
                order.append(name)

        for name in self.services:
            add(name)
        return order

    def _start(self, container: str, name: str, service: dict[str, Any]) -> None:
        port, command = self.port, list(service.get("command", []))
        options = ["--network", "host", "--add-host", "db:127.0.0.1"]
        if name in ("bot", "worker"):
            port = free_port()
            options += ["--health-cmd", _health(service["image"], port)]
            command = [port if each == "3000" else each for each in command]
            command += ["--port", port] if name == "bot" else []
        options += _options(service, {**self.env, **service.get("environment", {})}, container)
        docker("run", "--detach", "--name", container, *options, service["image"], *command)
        if name == "migrate":
            assert docker("wait", container) == "0", said_by(container)
            return
        self.running[container] = port
        end = time.monotonic() + PATIENCE
        while (state := docker("inspect", "--format", "{{.State.Health.Status}}", container)) != (
            "healthy"
        ):
            assert time.monotonic() < end, f"{container} is {state}: {said_by(container)}"
            time.sleep(1.0)

    def _inspect(self, container: str, port: str) -> None:
        if port == self.port:
            return
        for path in ("healthz", "readyz"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
                assert answer.status == 200, (container, path)
        docker("exec", container, "python", "-c", INSIDE, quiet=False)

    def remove(self) -> None:
        left = docker("ps", "--all", "--quiet", "--filter", f"name={NAME}").split()
        if left:
            docker("rm", "--force", "--volumes", *left)


def _health(image: str, port: str) -> str:
    """The image's own question, at another port."""
    test = json.loads(docker("inspect", "--format", "{{json .Config.Healthcheck.Test}}", image))
    return " ".join(f"'{each}'" if " " in each else each for each in _quoted(test[1:], port))


def _quoted(command: list[str], port: str) -> list[str]:
    return [each.replace(":3000", f":{port}").replace("'", '"') for each in command]


def _options(service: dict[str, Any], env: dict[str, str], container: str) -> list[str]:
    options = [f"--env={name}={value}" for name, value in env.items()]
    options += ["--read-only"] if service.get("read_only") else []
    options += [f"--tmpfs={each}" for each in service.get("tmpfs", [])]
    options += [f"--cap-drop={each}" for each in service.get("cap_drop", [])]
    options += [f"--security-opt={each}" for each in service.get("security_opt", [])]
    options += [f"--volume={each.split(':')[1]}" for each in service.get("volumes", [])]
    check = service.get("healthcheck", {})
    if "test" in check:
        options += ["--health-cmd", " ".join(check["test"][1:]), "--health-interval=2s"]
    return options


def main() -> int:
    if not works("info"):
        print("The image is not built: no container engine answers here.")
        return 0
    default = re.findall(r"^ARG BASE=(\S+)", (ROOT / "Dockerfile").read_text(), re.M)[0]
    base = os.environ.get("BASE") or (default if to_be_had(default) else OWN_BASE)
    if base == OWN_BASE and not (works("image", "inspect", OWN_BASE) or make_base()):
        print("The image is not built: neither a registry nor debootstrap gives a base here.")
        return 0
    trial = Trial()
    image = trial.services["bot"]["image"]
    docker("build", "--quiet", "--network=host", f"--build-arg=BASE={base}", f"--tag={image}", ".")
    database = trial.services["db"]["image"]
    if not to_be_had(database):
        docker("tag", base, OWN_BASE)
        docker("build", "--quiet", "--network=host", f"--tag={OWN_DATABASE}", "-", given=DATABASE)
        database = OWN_DATABASE
    try:
        trial.run(database)
    finally:
        trial.remove()
    services = ", ".join(each.removeprefix(f"{NAME}-") for each in trial.running)
    print(f"The image is built, and its services have started, answered and stopped: {services}.")
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
