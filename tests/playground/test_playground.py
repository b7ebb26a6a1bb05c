"""The whole playground: composition, clock, saved state, traffic log."""

import asyncio
import json
import secrets
import socket
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.__main__ import main
from playground.app import Playground, create_playground
from playground.clock import Clock
from playground.config import PlaygroundConfig
from playground.sample import TRY_THIS
from playground.server import bind, run_server
from playground.slack.traffic import Exchange, Traffic
from playground.snapshot import UnreadableSnapshot, load, save
from tests.playground.slack_app import manifest
from tests.playground.slack_blocks import home, input_block, section

ADA = "U0ACMEADA01"


def playground(state_file: Path | None = None) -> Playground:
    return create_playground(
        PlaygroundConfig(
            base_url="http://playground.example",
            app_url="http://app.example",
            manifest=manifest(),
            client_id="1.2",
            client_secret=secrets.token_hex(8),
            signing_secret=secrets.token_hex(8),
            state_file=state_file,
        )
    )


async def call(asgi: Any, method: str, token: str, **args: Any) -> Any:
    transport = httpx.ASGITransport(asgi)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://playground.example") as http:
        return (await http.post(f"/api/{method}", json=args, headers=headers)).json()


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "var" / "state.json"
    first = playground(path)
    await first.start()
    token = first.slack.seed_installation("T0ACME00001", ADA).token
    first.clock.advance(3600)
    await call(first.asgi, "chat.postMessage", token, channel=ADA, text="Hi")
    view = home(section("Hello"), input_block("A", "a", {"type": "plain_text_input"}))
    await call(first.asgi, "views.publish", token, user_id=ADA, view=view)
    await call(first.asgi, "chat.shout", token)
    await first.stop()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    second = playground(path)
    await second.start()
    ada = second.slack.person("ada")
    assert second.clock.offset_seconds == 3600
    assert [m.text for m in ada.messages()] == ["Hi"]
    assert ada.home is not None
    assert ada.home.text == "Hello\nA"
    assert ada.home.typed["a", "value"]["value"] is None
    assert [b.error for b in second.slack.breaches] == ["unknown_method"]
    assert (await call(second.asgi, "auth.test", token))["ok"]
    assert second.snapshot()["slack"] == first.snapshot()["slack"]
    await second.stop()


def test_damaged_state(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert load(path) is None
    path.write_text("{")
    with pytest.raises(UnreadableSnapshot, match="not JSON"):
        load(path)
    path.write_text(json.dumps({"format": 0}))
    with pytest.raises(UnreadableSnapshot, match="another version"):
        load(path)
    save(path, {"a": 1})
    assert load(path) == {"a": 1}


async def test_routes_of_all_parts() -> None:
    world = playground()
    world.clock.advance(86_400)
    async with run_server(world.asgi) as address, httpx.AsyncClient(timeout=5) as http:
        clock = await http.get(f"{address}/clock")
        api = await http.post(f"{address}/api/api.test")
    await world.stop()
    assert clock.json() == {"offset_seconds": 86_400}
    assert api.json() == {"ok": True}
    assert len(TRY_THIS) == 3


async def test_the_app_hears_of_the_new_time_first() -> None:
    world = playground()
    async with run_server(world.asgi) as address, httpx.AsyncClient(timeout=5) as http:
        assert (await http.get(f"{address}/clock")).json() == {"offset_seconds": 0}
        telling = asyncio.create_task(world.clock.advance_after_telling(60))
        await asyncio.sleep(0)
        before = world.clock.offset_seconds
        heard = (await http.get(f"{address}/clock")).json()
        await telling
    await world.stop()
    assert before == 0
    assert heard == {"offset_seconds": 60}
    assert world.clock.offset_seconds == 60


async def test_port_that_is_taken() -> None:
    world = playground()
    async with run_server(world.asgi) as address:
        with pytest.raises(OSError, match="in use"):
            async with run_server(world.asgi, port=int(address.rsplit(":", 1)[1])):
                pass


def test_clock_goes_only_forward() -> None:
    clock = Clock(real=lambda: 100.0)
    clock.advance(5)
    assert clock.now() == 105
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


def test_traffic_forgets_the_oldest() -> None:
    traffic = Traffic(limit=100)
    for number in range(10):
        traffic.add(Exchange("to_app", "x", f"{number}".encode() * 20, 200, b""))
    assert len(list(traffic)) == 4
    assert traffic.containing("0" * 20) == []
    assert len(traffic.containing("9" * 20)) == 1
    traffic.clear()
    assert list(traffic) == []


def test_command_line_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["--manifest", str(tmp_path / "none.yml"), "--app-url", "http://app.example"]
    names = ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert main(arguments) == 2
    assert all(name in capsys.readouterr().err for name in names[:1])
    for name in names:
        monkeypatch.setenv(name, secrets.token_hex(4))
    assert main(arguments) == 2
    assert "cannot read the manifest" in capsys.readouterr().err


def test_what_the_server_writes_leaves_at_once() -> None:
    """Otherwise each answer waits some 40 ms: its body is written after its head."""
    with bind("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
