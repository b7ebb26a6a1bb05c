"""`bot check`: is everything there that the bot needs? It prints one line per part."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import httpx
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.database import REMEDY, explained, opened, require_there, told
from bot.cli.manifest import bot_scopes, optional_bot_scopes
from bot.outbound.clients import open_session, slack_client
from bot.outbound.errors import ErrorClass, class_of, error_name, names_team
from bot.settings import Purpose, Settings, SettingsError, load_settings
from flows.clients.transport import new_http_client
from flows.errors import StorageUnavailable, Trouble
from storage.cipher import Cipher
from storage.rotation import keys_missing, tenants_lost
from storage.schema import is_current
from storage.tenants import has_left, lacking
from storage.usable import require_usable, require_writable

OWN_FILE, OF_OTHERS = Path(".env"), 0o077  # it holds secrets; the bits of everybody else
CURRENT = "schema current"
KEYS, MOST_NAMED = "ENCRYPTION_KEYS", 10
BAD_STATUS = 400
NO_SUCH_METHOD = 501  # of a receiver that knows POST alone
LATER = "try again later"
_PASSING = {
    ErrorClass.LIMITED: LATER,
    ErrorClass.PASSING: LATER,
    ErrorClass.DOUBTFUL: f"{LATER}; if it stays so, is SLACK_API_URL right?",
}
QUESTION_TIMEOUT = 5  # seconds for each question


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked and what was found. `remedy` is empty when all is well."""

    subject: str
    state: str
    remedy: str = ""

    def __str__(self) -> str:
        if self.remedy:
            return f"FAIL  {self.subject}: {self.state}: {self.remedy}"
        return f"ok    {self.subject}: {self.state}"


async def findings() -> AsyncIterator[Finding]:
    """Yields the configuration first. Without a usable one nothing else can be checked."""
    try:
        settings = load_settings(Purpose.CHECK)
    except SettingsError as error:
        yield Finding("configuration", error.problem, error.remedy)
        return
    mode = "workspaces install it by OAuth" if settings.oauth else "one workspace, by its token"
    yield Finding("configuration", mode)
    if _others_can_read(OWN_FILE):
        yield Finding(str(OWN_FILE), "others on this machine can read it", "chmod 600 .env")
    database = await _database(settings)
    yield database
    if database.state.endswith(CURRENT):
        yield await _keys(settings)
        yield await _scopes(settings)
        if not settings.oauth:
            yield await _installation(settings)
    yield await _slack(settings)
    if settings.slack_app_token:
        yield await _socket_mode(settings.slack_api_url, settings.slack_app_token)
    for finding in await _services(settings):
        yield finding


def _others_can_read(file: Path) -> bool:
    return file.exists() and bool(file.stat().st_mode & OF_OTHERS)


async def _database(settings: Settings) -> Finding:
    address = settings.database_url.get_secret_value()
    name = address.partition(":")[0]
    try:
        require_there(address)
        async with opened(address) as engine:
            current = await is_current(engine)
            if current:
                await require_usable(engine)
                await require_writable(engine)
    except StorageUnavailable as error:
        if error.trouble is Trouble.MISSING:
            return _to_be_made(Path(str(error)))
        return _in_trouble("database", error)
    if current:
        return Finding("database", f"{name}, {CURRENT}")
    if name == "sqlite":
        return Finding("database", f"{name}, serve will bring the schema to the newest")
    return Finding("database", "the schema is older than this program", REMEDY)


def _to_be_made(file: Path) -> Finding:
    folder = next(each for each in file.absolute().parents if each.exists())
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Finding("database", f"sqlite, serve will make {file}")
    return Finding("database", f"{file} cannot be made", "is DATABASE_URL right?")


def _in_trouble(subject: str, error: StorageUnavailable) -> Finding:
    state, remedy = explained(error)
    return Finding(subject, f"the database {state}", remedy)


async def _keys(settings: Settings) -> Finding:
    """Whether each stored secret can be opened, and which Slack workspaces have lost theirs."""
    cipher = Cipher(settings.encryption_keys)
    try:
        async with opened(settings.database_url.get_secret_value()) as engine:
            missing = await keys_missing(engine, cipher)
            tenants = await tenants_lost(engine, cipher) if missing else []
    except StorageUnavailable as error:
        return _in_trouble(KEYS, error)
    if not missing:
        return Finding(KEYS, "they open all stored secrets")
    remedy = "add them, or people enter their tokens again"
    if tenants:
        more = ", …" if len(tenants) > MOST_NAMED else ""
        remedy += f", and the app is installed again in {', '.join(tenants[:MOST_NAMED])}{more}"
    return Finding(KEYS, f"these are missing: {told(missing)}", remedy)


async def _scopes(settings: Settings) -> Finding:
    """Whether each Slack workspace has given the permissions that the app asks for by now."""
    wanted, own, home = bot_scopes(), optional_bot_scopes(), settings.csm_team_id or ""
    try:
        async with opened(settings.database_url.get_secret_value()) as engine:
            found = await lacking(engine, wanted, own, home)
    except StorageUnavailable as error:
        return _in_trouble("permissions", error)
    if not found:
        return Finding("permissions", "all are given where the app is installed")
    each = [f"{tenant}: {' '.join(missing)}" for tenant, missing in found.items()][:MOST_NAMED]
    more = ", …" if len(found) > MOST_NAMED else ""
    state = f"these are not given: {', '.join(each)}{more}"
    return Finding("permissions", state, "install the app there once more")


async def _installation(settings: Settings) -> Finding:
    """Whether the one workspace was erased or has removed the app, which a start does not know."""
    try:
        async with opened(settings.database_url.get_secret_value()) as engine:
            is_gone = await has_left(engine)
    except StorageUnavailable as error:
        return _in_trouble("installation", error)
    if not is_gone:
        return Finding("installation", "each start makes sure of it")
    remedy = "start `serve` anew to install the app again, or take SLACK_BOT_TOKEN out"
    return Finding("installation", "the app was erased, or removed in Slack", remedy)


async def _slack(settings: Settings) -> Finding:
    async with open_session(settings.slack_api_url) as session:
        return await _slack_with(settings, slack_client(settings.slack_api_url, session))


async def _slack_with(settings: Settings, client: AsyncWebClient) -> Finding:
    token = settings.slack_bot_token
    if token is None:  # each workspace brings its own token, so only the connection can be tried
        return await _asked("slack", client.api_test, "answers", "is SLACK_API_URL right?")

    async def ask() -> str:
        answer = await client.auth_test(token=token.get_secret_value())
        if not names_team(answer.data):
            raise SlackApiError("it names no team", answer)  # type: ignore[no-untyped-call]
        return f"the token is that of {answer['user']} in {answer['team']}"

    return await _asked("slack", ask, "", "copy SLACK_BOT_TOKEN again from OAuth & Permissions")


async def _socket_mode(api_url: str, token: SecretStr) -> Finding:
    async def ask() -> None:
        async with open_session(api_url) as session:
            client = slack_client(api_url, session)
            await client.apps_connections_open(app_token=token.get_secret_value())

    remedy = "is Socket Mode switched on, and does SLACK_APP_TOKEN have connections:write?"
    return await _asked("socket mode", ask, "the token opens a connection", remedy)


async def _asked(
    subject: str, ask: Callable[[], Awaitable[object]], state: str, remedy: str
) -> Finding:
    try:
        answer = await ask()
    except SlackApiError as error:
        passing = _PASSING.get(class_of(error))
        return Finding(subject, f"Slack says {_slack_error(error)}", passing or remedy)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return Finding(subject, "cannot be reached", "is there a way out to SLACK_API_URL?")
    return Finding(subject, state or str(answer))


def _slack_error(error: SlackApiError) -> str:
    """Slack's name for it; the status of what is not Slack's answer, such as a page."""
    name, answer = error_name(error), error.response
    data = getattr(answer, "data", answer)
    if isinstance(data, dict) and data.get("error"):
        return name
    status = getattr(answer, "status_code", None) or getattr(answer, "status", None) or 0
    return str(status) if status >= BAD_STATUS else name


async def _services(settings: Settings) -> list[Finding]:
    """Not PUBLIC_URL, at which the bot itself answers once it runs, and perhaps only to others."""
    addresses = {
        "segment, SEGMENT_API_URL": settings.segment_api_url,
        "segment, SEGMENT_EU_API_URL": settings.segment_eu_api_url,
        "segment, SEGMENT_CONFIG_API_URL": settings.segment_config_api_url,
        "segment, SEGMENT_CDN_URL": settings.segment_cdn_url,
        "toplyne, TOPLYNE_WEBHOOK_URL": settings.toplyne_webhook_url,
    }
    async with new_http_client(QUESTION_TIMEOUT) as http:
        return await asyncio.gather(
            *(_reachable(http, subject, url) for subject, url in addresses.items() if url)
        )


async def _reachable(http: httpx.AsyncClient, subject: str, url: str) -> Finding:
    """Any answer counts, even a refusal: there is no token to send, and nothing to deliver."""
    try:
        answer = await http.get(url)
    except httpx.HTTPError as error:
        state = f"cannot be reached ({type(error).__name__})"
        return Finding(subject, state, f"is there a way out to {url}?")
    if answer.is_server_error and answer.status_code != NO_SUCH_METHOD:
        return Finding(subject, f"answers {answer.status_code}", LATER)
    return Finding(subject, "answers")
