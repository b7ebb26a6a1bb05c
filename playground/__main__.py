"""`python -m playground`: a Slack and a Segment for any app, in a browser page."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

import yaml

from playground.app import create_playground
from playground.config import PlaygroundConfig
from playground.server import run_server
from playground.snapshot import UnreadableSnapshot

SECRETS = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET")


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C and return the exit code."""
    options = _parser().parse_args(arguments)
    missing = [name for name in SECRETS if not os.environ.get(name)]
    if missing:
        return _fail(f"set {', '.join(missing)} to the values that the app under test uses")
    try:
        manifest = yaml.safe_load(options.manifest.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        return _fail(f"cannot read the manifest {options.manifest}: {error}")
    try:
        asyncio.run(_serve(_config(options, manifest)))
    except (OSError, UnreadableSnapshot) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m playground", description=__doc__)
    parser.add_argument("--manifest", type=Path, required=True, help="the app's manifest (YAML)")
    parser.add_argument("--app-url", required=True, help="where the app under test listens")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--state", type=Path, help="file that keeps the state; default: none")
    return parser


def _config(options: argparse.Namespace, manifest: dict[str, object]) -> PlaygroundConfig:
    return PlaygroundConfig(
        base_url=f"http://{options.host}:{options.port}",
        app_url=options.app_url,
        manifest=manifest,
        client_id=os.environ["SLACK_CLIENT_ID"],
        client_secret=os.environ["SLACK_CLIENT_SECRET"],
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        state_file=options.state,
    )


async def _serve(config: PlaygroundConfig) -> None:
    playground = create_playground(config)
    host, _, port = config.base_url.removeprefix("http://").partition(":")
    await playground.start()
    try:
        async with run_server(playground.asgi, host, int(port)) as address:
            sys.stdout.write(f"Playground on {address}, the app is expected on {config.app_url}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
    finally:
        await playground.stop()


def _fail(message: str) -> int:
    sys.stderr.write(f"playground: {message}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
