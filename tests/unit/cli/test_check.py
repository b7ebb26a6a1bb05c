"""`bot check` against services that give every kind of answer."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.cli import check
from bot.cli.database import DatabaseOutdated, bring_up_to_date, opened
from bot.cli.manifest import bot_scopes, optional_bot_scopes
from flows.ports import Unguarded
from playground.server import run_server
from storage.cipher import Cipher, generate_key
from storage.unit_of_work import SqlUnitOfWorkFactory
from tests.contract import samples
from tests.contract.samples import NOON
from tests.support.empty_place import work_in
from tests.support.fake_tables import FakeClock

GOOD, BAD, APP = "xoxb-good", "xoxb-bad", "xapp-good"
ERRORS = {BAD: "invalid_auth"}  # what Slack says of a token


async def slack(request: Request) -> Response:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    method = request.path_params["method"]
    if token in ERRORS:
        return JSONResponse({"ok": False, "error": ERRORS[token]})
    if method == "apps.connections.open" and token == APP:
        return JSONResponse({"ok": True, "url": "wss://example.com"})
    if method == "auth.test" and token == GOOD:
        whose = {"user": "segmentbot", "team": "Acme", "team_id": "T1"}
        return JSONResponse({"ok": True, **whose})
    return JSONResponse({"ok": method == "api.test" or token == "xoxb-anybodys"})


async def segment(request: Request) -> Response:
    headers = {"Location": "/elsewhere"}
    return PlainTextResponse("<html>", request.path_params["status"], headers)


@pytest.fixture
async def services() -> AsyncIterator[str]:
    routes = [
        Route("/api/{method}", slack, methods=["GET", "POST"]),
        Route("/segment/{status:int}", segment),
        Route("/pages/{status:int}/api/{method}", segment, methods=["GET", "POST"]),
    ]
    async with run_server(Starlette(routes=routes)) as url:
        yield url


@pytest.fixture
def given(services: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Sets a complete configuration, with changes."""
    work_in(tmp_path, monkeypatch)

    def set_variables(**changes: str) -> None:
        values = {
            "SLACK_API_URL": f"{services}/api/",
            "SLACK_SIGNING_SECRET": "signs" * 8,
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        for region in ("", "EU_", "CONFIG_"):
            values[f"SEGMENT_{region}API_URL"] = f"{services}/segment/401"
        values["SEGMENT_CDN_URL"] = f"{services}/segment/404"
        for name, value in {**values, **changes}.items():
            monkeypatch.setenv(name, value)

    return set_variables


async def lines() -> list[str]:
    return [str(finding) async for finding in check.findings()]


async def test_keys_that_are_missing_are_named_with_who_has_to_install_again(given) -> None:
    old, kept = generate_key(), generate_key()
    given(SLACK_BOT_TOKEN=GOOD, ENCRYPTION_KEYS=kept.get_secret_value())
    (gone,) = Cipher([old]).key_ids
    async with opened("sqlite:///var/bot.db") as engine:
        await bring_up_to_date(engine)
        assert "ok    ENCRYPTION_KEYS: they open all stored secrets" in await lines()
        for tenant_id, key in (("TLOST", old), ("TKEPT", kept)):
            work = SqlUnitOfWorkFactory(engine, Cipher([key]), FakeClock())
            async with work(tenant_id, unguarded=Unguarded.INSTALLING) as unit:
                await unit.installations.put(samples.installation(tenant_id), SecretStr("token"))
                await unit.commit()
    assert (
        f"FAIL  ENCRYPTION_KEYS: these are missing: {gone} (1 secret): add them, or people enter"
        " their tokens again, and the app is installed again in TLOST"
    ) in await lines()


async def test_permissions_that_were_not_given_are_named(given) -> None:
    given(SLACK_BOT_TOKEN=GOOD, CSM_TEAM_ID="TCSM")
    wanted, own = bot_scopes(), optional_bot_scopes()
    granted = {
        "TALL": wanted,
        "TFEW": wanted[:-1],
        "TCSM": (*wanted, *own[1:]),
        "TGONE": (),
    }
    async with opened("sqlite:///var/bot.db") as engine:
        await bring_up_to_date(engine)
        work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), FakeClock())
        for tenant_id, scopes in granted.items():
            made = replace(
                samples.installation(tenant_id), scopes=scopes, is_enterprise_install=False
            )
            async with work(tenant_id, unguarded=Unguarded.INSTALLING) as unit:
                await unit.installations.put(made, SecretStr("token"))
                if tenant_id == "TGONE":
                    await unit.installations.revoke(NOON)
                await unit.commit()
    assert (
        f"FAIL  permissions: these are not given: TCSM: {own[0]}, TFEW: {wanted[-1]}:"
        " install the app there once more"
    ) in await lines()


async def test_the_one_workspace_whose_installation_is_gone_is_named(given) -> None:
    """Not one in which nobody has started yet, and no more once it is installed again."""
    given(SLACK_BOT_TOKEN=GOOD)
    gone = "FAIL  installation: the app was erased, or removed in Slack: start `serve` anew"
    async with opened("sqlite:///var/bot.db") as engine:
        await bring_up_to_date(engine)
        work = SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), FakeClock())
        for step in ("none yet", "installed", "erased", "installed"):
            async with work("T1", unguarded=Unguarded.INSTALLING) as unit:
                if step == "installed":
                    made = samples.installation("T1")
                    await unit.installations.put(made, SecretStr("token"))
                    await unit.teams.grant("T1", "One", NOON)
                elif step == "erased":
                    await unit.installations.revoke(NOON)
                    await unit.teams.leave("T1", NOON)
                await unit.commit()
            assert any(line.startswith(gone) for line in await lines()) is (step == "erased"), step


async def test_all_is_well_with_one_token(given) -> None:
    given(SLACK_BOT_TOKEN=GOOD)
    assert await lines() == [
        "ok    configuration: one workspace, by its token",
        "ok    database: sqlite, serve will make var/bot.db",
        "ok    slack: the token is that of segmentbot in Acme",
        "ok    segment, SEGMENT_API_URL: answers",
        "ok    segment, SEGMENT_EU_API_URL: answers",
        "ok    segment, SEGMENT_CONFIG_API_URL: answers",
        "ok    segment, SEGMENT_CDN_URL: answers",
    ]


async def test_with_oauth_only_the_way_to_slack_can_be_tried(given) -> None:
    given(SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="c", PUBLIC_URL="https://bot.example.com")
    found = await lines()
    assert found[0] == "ok    configuration: workspaces install it by OAuth"
    assert found[2] == "ok    slack: answers"


async def test_a_token_of_which_slack_does_not_say_whose_it_is(given) -> None:
    given(SLACK_BOT_TOKEN="xoxb-anybodys")
    assert (await lines())[2].startswith(
        f"FAIL  slack: Slack says unreadable_answer: {check.LATER}"
    )
    given(SLACK_BOT_TOKEN=GOOD)
    assert (await lines())[2].startswith("ok    slack")


async def test_a_token_that_slack_refuses(given) -> None:
    given(SLACK_BOT_TOKEN=BAD)
    found = await lines()
    assert found[2].startswith("FAIL  slack: Slack says invalid_auth: copy SLACK_BOT_TOKEN")


@pytest.mark.parametrize("error", ["ratelimited", "internal_error", "service_unavailable"])
async def test_what_passes_by_itself_is_no_fault_of_the_token(
    given, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    with monkeypatch.context() as meanwhile:
        meanwhile.setitem(ERRORS, GOOD, error)
        given(SLACK_BOT_TOKEN=GOOD, SLACK_APP_TOKEN=APP)
        told = [line for line in await lines() if line.startswith("FAIL  slack")]
        assert len(told) == 1
        assert told[0].startswith(f"FAIL  slack: Slack says {error}: {check.LATER}")
    assert (await lines())[2].startswith("ok    slack")


async def test_toplynes_backend_is_tried_if_there_is_one(given, services: str) -> None:
    webhook = {"TOPLYNE_WEBHOOK_SECRET": "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
    given(SLACK_BOT_TOKEN=GOOD, **webhook, TOPLYNE_WEBHOOK_URL="http://127.0.0.1:1/hook")
    assert (await lines())[-1].startswith("FAIL  toplyne, TOPLYNE_WEBHOOK_URL: cannot be reached")
    given(SLACK_BOT_TOKEN=GOOD, **webhook, TOPLYNE_WEBHOOK_URL=f"{services}/segment/405")
    assert (await lines())[-1] == "ok    toplyne, TOPLYNE_WEBHOOK_URL: answers"


async def test_socket_mode_needs_no_signing_secret_and_tries_its_token(given) -> None:
    given(SLACK_BOT_TOKEN=GOOD, SLACK_APP_TOKEN=APP, SLACK_SIGNING_SECRET="")
    assert "ok    socket mode: the token opens a connection" in await lines()
    given(SLACK_BOT_TOKEN=GOOD, SLACK_APP_TOKEN="xapp-other", SLACK_SIGNING_SECRET="")
    assert any(line.startswith("FAIL  socket mode: ") for line in await lines())


async def test_segment_in_trouble(given, services: str) -> None:
    given(SLACK_BOT_TOKEN=GOOD, SEGMENT_API_URL=f"{services}/segment/503")
    found = await lines()
    assert found[3] == "FAIL  segment, SEGMENT_API_URL: answers 503: try again later"
    assert found[4].startswith("ok")


async def test_a_slack_that_answers_html(given, services: str) -> None:
    given(SLACK_BOT_TOKEN=GOOD, SLACK_API_URL=f"{services}/segment/api/")
    assert (await lines())[2].startswith("FAIL  slack: Slack says 404")


async def test_a_slack_that_leads_elsewhere_or_is_none(given, services: str) -> None:
    given(SLACK_BOT_TOKEN=GOOD, SLACK_API_URL=f"{services}/pages/307/api/")
    assert (await lines())[2].startswith("FAIL  slack: Slack says unreadable_answer")
    given(SLACK_BOT_TOKEN=GOOD, SLACK_API_URL=f"{services}/pages/502/api/")
    assert (await lines())[2].startswith(f"FAIL  slack: Slack says 502: {check.LATER}")
    given(SLACK_BOT_TOKEN=GOOD)
    assert (await lines())[2].startswith("ok    slack")


async def test_sqlite_is_brought_up_to_date_and_then_current(given, tmp_path: Path) -> None:
    given(SLACK_BOT_TOKEN=GOOD)
    async with opened(f"sqlite:///{tmp_path / 'var' / 'bot.db'}") as engine:
        await bring_up_to_date(engine)
        await bring_up_to_date(engine)
    assert "ok    database: sqlite, schema current" in await lines()


async def test_a_database_that_others_have_locked_is_named(
    given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.LOCK_TIMEOUT", 0.05)
    given(SLACK_BOT_TOKEN=GOOD)
    async with opened("sqlite:///var/bot.db") as engine:
        await bring_up_to_date(engine)
        async with engine.begin() as connection:
            await connection.execute(sa.text("SELECT 1"))  # which takes the turn to write
            assert (await lines())[1].startswith("FAIL  database: the database is locked by")
        assert (await lines())[1] == "ok    database: sqlite, schema current"


async def test_a_place_where_no_file_can_be_made_is_named(given, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    given(SLACK_BOT_TOKEN=GOOD, DATABASE_URL=f"sqlite:///{tmp_path / 'file' / 'bot.db'}")
    found = await lines()
    assert found[1] == (
        f"FAIL  database: {tmp_path}/file/bot.db cannot be made: is DATABASE_URL right?"
    )
    assert (tmp_path / "file").read_bytes() == b""
    assert found[2].startswith("ok    slack"), "the rest is checked all the same"
    given(SLACK_BOT_TOKEN=GOOD, DATABASE_URL=f"sqlite:///{tmp_path / 'bot.db'}")
    assert (await lines())[1].startswith("ok    database")


def test_an_outdated_database_says_what_to_do() -> None:
    assert "python -m bot migrate" in str(DatabaseOutdated())


@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o640, True), (0o604, True)])
async def test_a_file_of_secrets_that_others_can_read_is_named(
    given, tmp_path: Path, mode: int, is_told: bool
) -> None:
    given(SLACK_BOT_TOKEN=GOOD)
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)
    told = [line for line in await lines() if line.startswith("FAIL  .env: ")]
    assert bool(told) is is_told
