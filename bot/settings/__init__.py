"""Every setting, read once from the environment and a `.env` file and then passed in."""

import os
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.settings.checks import (
    HOW_TO_GET,
    parse_app_token,
    parse_bot_token,
    parse_channel_id,
    parse_encryption_keys,
    parse_public_key,
    parse_signing_secret,
    parse_team_id,
    parse_webhook_secret,
    parse_word,
)
from bot.settings.types import (
    is_loopback,
    parse_api_url,
    parse_database_url,
    parse_delays,
    parse_hours,
    parse_interval,
    parse_kept,
    parse_public_url,
    parse_quiet_dates,
    parse_url,
)
from flows.reminders.hours import DayRange, Hours

Url = Annotated[str, AfterValidator(parse_url)]
SlackSecret = Annotated[SecretStr | None, AfterValidator(parse_word)]


class SettingsError(Exception):
    """A setting is missing or bad. The message is one line: its name and how to get a value."""

    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        self.problem = f"{variable} {problem}"
        self.remedy = HOW_TO_GET.get(variable, "make it one, or remove it.")
        super().__init__(f"{self.problem}: {self.remedy}")


class Purpose(StrEnum):
    """What the settings are read for. Each purpose needs different ones."""

    SERVE = "serve"
    SOCKET_MODE = "serve --socket-mode"
    WORKER = "worker"
    CHECK = "check"
    MIGRATE = "migrate"
    ROTATE_KEYS = "rotate-keys"


class LogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Settings(BaseSettings):
    """One field per variable, in lower case. Secrets are `SecretStr`, durations `timedelta`."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",  # a .env file may hold other programs' settings
        frozen=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        validate_default=False,  # defaults are written as parsed values
    )

    slack_signing_secret: Annotated[SlackSecret, AfterValidator(parse_signing_secret)] = None
    slack_bot_token: Annotated[SlackSecret, AfterValidator(parse_bot_token)] = None
    slack_client_id: Annotated[str | None, AfterValidator(parse_word)] = None
    slack_client_secret: SlackSecret = None
    slack_app_token: Annotated[SlackSecret, AfterValidator(parse_app_token)] = None
    slack_api_url: Annotated[str, AfterValidator(parse_api_url)] = "https://slack.com/api/"
    public_url: Annotated[str, AfterValidator(parse_public_url)] | None = None

    database_url: Annotated[SecretStr, BeforeValidator(parse_database_url)] = SecretStr(
        "sqlite:///var/bot.db"
    )
    encryption_keys: Annotated[
        tuple[SecretStr, ...], NoDecode, BeforeValidator(parse_encryption_keys)
    ] = ()

    segment_api_url: Url = "https://api.segmentapis.com"
    segment_eu_api_url: Url = "https://eu1.api.segmentapis.com"
    segment_config_api_url: Url = "https://platform.segmentapis.com/v1beta"
    segment_cdn_url: Url = "https://cdn.segment.com"
    # Segment does not document how many calls its Public API allows per address. It only says when
    # there were too many. This is enough to look at a set-up with a hundred sources in one go.
    segment_calls_per_minute: Annotated[int, Field(ge=10, le=100_000)] = 600

    csm_team_id: Annotated[str | None, AfterValidator(parse_team_id)] = None
    csm_channel_id: Annotated[str | None, AfterValidator(parse_channel_id)] = None

    toplyne_webhook_url: Url | None = None
    toplyne_webhook_secret: Annotated[SecretStr | None, AfterValidator(parse_webhook_secret)] = None
    toplyne_public_key: Annotated[str | None, AfterValidator(parse_public_key)] = None

    credentials_entry: Literal["modal", "page", "both"] = "both"

    metrics_port: Annotated[int | None, Field(ge=1, le=65535)] = None
    metrics_host: str = "127.0.0.1"

    log_level: Annotated[LogLevel, BeforeValidator(str.upper)] = LogLevel.INFO
    log_format: Literal["json", "console"] | None = None  # None: json unless it is a terminal

    reminder_delays: Annotated[
        tuple[timedelta, ...] | None, NoDecode, BeforeValidator(parse_delays)
    ] = None
    reminder_hours: Annotated[Hours | None, NoDecode, BeforeValidator(parse_hours)] = parse_hours(
        "10:00-16:00"
    )
    quiet_dates: Annotated[tuple[DayRange, ...], NoDecode, BeforeValidator(parse_quiet_dates)] = (
        parse_quiet_dates("12-24/01-01")
    )
    poll_interval: Annotated[timedelta, BeforeValidator(parse_interval)] = timedelta(minutes=15)
    keep_finished: Annotated[timedelta, BeforeValidator(parse_kept)] = timedelta(days=180)
    clock_url: Url | None = None

    @property
    def oauth(self) -> bool:
        """Whether workspaces install the app by OAuth. If not, `slack_bot_token` is for the one."""
        return self.slack_bot_token is None

    @property
    def has_pages(self) -> bool:
        """Whether secrets can be entered on pages of our own."""
        return self.credentials_entry != "modal" and bool(self.public_url)

    @property
    def toplyne_takes_secrets(self) -> bool:
        """Whether tokens and write keys go to Toplyne, encrypted for its key."""
        return bool(self.toplyne_public_key)

    @property
    def oauth_authorize_url(self) -> str:
        """Where people go to install the app: on the Web API's host."""
        parts = urlsplit(self.slack_api_url)
        return f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize"


def load_settings(command: Purpose, env_file: Path = Path(".env")) -> Settings:
    """Reads and checks what a command needs. Raises `SettingsError`."""
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        raise _first_problem(error) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(str(env_file), "cannot be read as a text file") from None
    if command is Purpose.ROTATE_KEYS:
        _require(settings, "ENCRYPTION_KEYS")
    elif command is not Purpose.MIGRATE:
        _check_slack(settings, command)
        _check_the_rest(settings)
    return settings


def forget_environment() -> None:
    """Takes our variables out of the environment once they are read.

    Bolt reads it too and would set up file-based stores. Child processes would inherit secrets.
    """
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)


def _first_problem(error: ValidationError) -> SettingsError:
    first = error.errors(include_url=False, include_input=False)[0]
    cause = first.get("ctx", {}).get("error")
    problem = str(cause) if isinstance(cause, ValueError) else "has a value that is not possible"
    return SettingsError(str(first["loc"][0]).upper(), problem)


def _require(settings: Settings, *variables: str) -> None:
    for variable in variables:
        if not getattr(settings, variable.lower()):
            raise SettingsError(variable, "is not set")


def _check_slack(settings: Settings, command: Purpose) -> None:
    if settings.slack_bot_token and (settings.slack_client_id or settings.slack_client_secret):
        raise SettingsError("SLACK_BOT_TOKEN", "and SLACK_CLIENT_ID exclude each other")
    if not (settings.slack_bot_token or settings.slack_client_id or settings.slack_client_secret):
        raise SettingsError("SLACK_BOT_TOKEN", "is not set, nor is SLACK_CLIENT_ID")
    if settings.oauth:
        _require(settings, "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "PUBLIC_URL")
    over_a_socket = command is Purpose.CHECK and settings.slack_app_token
    if command in (Purpose.SERVE, Purpose.CHECK) and not over_a_socket:
        _require(settings, "SLACK_SIGNING_SECRET")
    if command is Purpose.SOCKET_MODE:
        _require(settings, "SLACK_APP_TOKEN")


def _check_the_rest(settings: Settings) -> None:
    _require(settings, "ENCRYPTION_KEYS")
    if settings.credentials_entry == "page":
        _require(settings, "PUBLIC_URL")
    if settings.clock_url and not is_loopback(settings.slack_api_url):
        raise SettingsError("CLOCK_URL", "is for tests, where SLACK_API_URL is this machine")
    if settings.oauth and settings.csm_channel_id and not settings.csm_team_id:
        raise SettingsError("CSM_TEAM_ID", "is not set, but CSM_CHANNEL_ID is")
    if settings.toplyne_webhook_url:
        _require(settings, "TOPLYNE_WEBHOOK_SECRET")
    if settings.toplyne_webhook_secret or settings.toplyne_public_key:
        _require(settings, "TOPLYNE_WEBHOOK_URL")
