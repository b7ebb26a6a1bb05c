"""What the demo prepares before it starts anything."""

import fcntl
import json
import socket
import stat
from pathlib import Path

import pytest

from bot.demo.process import DemoError, DemoSecrets, bot_environment, bot_process
from bot.demo.run import run_demo
from bot.settings import Purpose, load_settings
from tests.support.empty_place import work_in

PLAYGROUND = "http://127.0.0.1:3000"
BOT = "http://127.0.0.1:3001"


def kept(folder: Path) -> DemoSecrets:
    return DemoSecrets.kept_in(folder / "secrets.json")


def test_secrets_are_made_once_and_for_our_eyes_only(tmp_path: Path) -> None:
    made = kept(tmp_path)
    file = tmp_path / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept(tmp_path) == made
    file.unlink()
    assert kept(tmp_path) != made


def test_the_bot_gets_settings_that_it_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-a-real-workspace")
    monkeypatch.setenv("TOPLYNE_WEBHOOK_URL", "https://toplyne.example.com")
    monkeypatch.setenv("https_proxy", "http://proxy.example.com")
    environment = bot_environment(kept(tmp_path), PLAYGROUND, BOT)
    assert "https_proxy" not in environment
    work_in(tmp_path, monkeypatch)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(Purpose.SERVE)
    assert settings.oauth
    assert settings.public_url == BOT
    assert settings.oauth_authorize_url == f"{PLAYGROUND}/oauth/v2/authorize"
    assert settings.clock_url == f"{PLAYGROUND}/clock"
    assert settings.toplyne_webhook_url is None
    ours = [settings.slack_api_url, settings.segment_api_url, settings.segment_eu_api_url]
    ours += [settings.segment_config_api_url, settings.segment_cdn_url]
    assert all(url.startswith(f"{PLAYGROUND}/") for url in ours)


async def test_a_taken_port_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(DemoError, match=r"Port \d+ is taken") as caught:
            await run_demo(taken.getsockname()[1], reset=False)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "var" / "demo").exists()


async def test_a_second_demo_leaves_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var" / "demo").mkdir(parents=True)
    with (tmp_path / "var" / "demo.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DemoError, match="stop it first"):
            await run_demo(1024, reset=True)
    assert (tmp_path / "var" / "demo").exists()


async def assert_it_dies(folder: Path, **changes: str) -> None:
    environment = bot_environment(kept(folder), PLAYGROUND, BOT) | changes
    async with bot_process(environment, 1, folder) as bot:
        with pytest.raises(DemoError, match=r"stopped by itself \(status \d+\).*bot\.log"):
            await bot.answers("http://127.0.0.1:1")


async def test_a_bot_that_dies_is_told_with_its_log(tmp_path: Path) -> None:
    await assert_it_dies(tmp_path, POLL_INTERVAL="often")
    assert (tmp_path / "bot.log").read_text().startswith("POLL_INTERVAL is not a duration")


async def test_a_dotenv_file_of_a_real_bot_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath(".env").write_text("POLL_INTERVAL=often\n")
    folder = tmp_path / "var"
    folder.mkdir()
    await assert_it_dies(folder, LOG_FORMAT="xml")
    assert (folder / "bot.log").read_text().startswith("LOG_FORMAT")
    assert json.loads((folder / "secrets.json").read_text())
