"""Every setting: its default, its form, and the one line that says what is wrong with it."""

import json
import os
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from joserfc.jwk import OKPKey, RSAKey

from bot.settings import (
    LogLevel,
    Purpose,
    Settings,
    SettingsError,
    forget_environment,
    load_settings,
)
from bot.settings.checks import HOW_TO_GET
from tests.support.empty_place import work_in

WEBHOOK = {
    "TOPLYNE_WEBHOOK_URL": "https://toplyne.example.com/hook",
    "TOPLYNE_WEBHOOK_SECRET": "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
}
LOOPBACK = "http://127.0.0.1:3000/api/"


@pytest.fixture(autouse=True)
def in_an_empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work_in(tmp_path, monkeypatch)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    """Sets a complete OAuth configuration, with changes. None leaves a setting out."""

    def set_variables(**changes: str | None) -> None:
        values = {
            "SLACK_SIGNING_SECRET": "signs" * 8,
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": "client",
            "PUBLIC_URL": "https://bot.example.com",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        for name, value in {**values, **changes}.items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return set_variables


def problem(command: Purpose = Purpose.SERVE) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(command)
    assert "\n" not in str(caught.value)
    return caught.value


def test_defaults_are_the_real_hosts_and_a_local_file(given) -> None:
    given()
    settings = load_settings(Purpose.SERVE)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.oauth_authorize_url == "https://slack.com/oauth/v2/authorize"
    assert settings.segment_api_url == "https://api.segmentapis.com"
    assert settings.segment_eu_api_url == "https://eu1.api.segmentapis.com"
    assert settings.segment_config_api_url == "https://platform.segmentapis.com/v1beta"
    assert settings.segment_cdn_url == "https://cdn.segment.com"
    assert settings.database_url.get_secret_value() == "sqlite:///var/bot.db"
    assert settings.poll_interval == timedelta(minutes=15)
    assert settings.keep_finished == timedelta(days=180)
    assert settings.reminder_delays is None
    assert settings.reminder_hours is not None
    assert settings.reminder_hours.start == time(10)
    assert settings.oauth


def test_one_token_means_one_workspace(given) -> None:
    given(SLACK_BOT_TOKEN="xoxb-x", SLACK_CLIENT_ID=None, SLACK_CLIENT_SECRET=None, PUBLIC_URL=None)
    assert not load_settings(Purpose.SERVE).oauth


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (Purpose.SERVE, "SLACK_SIGNING_SECRET"),
        (Purpose.SERVE, "SLACK_CLIENT_ID"),
        (Purpose.SERVE, "SLACK_CLIENT_SECRET"),
        (Purpose.WORKER, "PUBLIC_URL"),
        (Purpose.WORKER, "ENCRYPTION_KEYS"),
        (Purpose.SOCKET_MODE, "SLACK_APP_TOKEN"),
    ],
)
def test_what_is_missing_is_named(given, command: Purpose, missing: str) -> None:
    given(**{missing: None})
    error = problem(command)
    assert error.variable == missing
    assert str(error) == f"{missing} is not set: {HOW_TO_GET[missing]}"


def test_an_empty_variable_is_a_missing_one(given) -> None:
    given(SLACK_SIGNING_SECRET="")
    assert problem().variable == "SLACK_SIGNING_SECRET"


def test_only_serving_over_http_needs_the_signing_secret(given) -> None:
    given(SLACK_SIGNING_SECRET=None)
    assert load_settings(Purpose.WORKER).slack_signing_secret is None


def test_migrating_needs_no_slack() -> None:
    assert load_settings(Purpose.MIGRATE).database_url


def test_neither_mode_is_an_error() -> None:
    assert "nor is SLACK_CLIENT_ID" in str(problem())


def test_both_modes_are_an_error(given) -> None:
    given(SLACK_BOT_TOKEN="xoxb-x")
    assert "exclude each other" in str(problem())


BAD = [
    ("SLACK_BOT_TOKEN", "xoxp-person"),
    ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-x"),
    ("SLACK_APP_TOKEN", "xoxb-bot"),
    ("SLACK_API_URL", "https://slack.com/"),
    ("SLACK_API_URL", "slack.com/api/"),
    ("PUBLIC_URL", "ftp://bot.example.com"),
    ("PUBLIC_URL", "https://bücher.example"),
    ("PUBLIC_URL", "https://{x}.example"),
    ("PUBLIC_URL", "https://*.example"),
    ("PUBLIC_URL", "https://a b.example"),
    ("PUBLIC_URL", "https://a..example"),
    ("PUBLIC_URL", "https://bot.example.com/?a=b"),
    ("PUBLIC_URL", "https://bot.example.com:port"),
    ("DATABASE_URL", "mysql://somebody:hidden@db/app"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "postgresql://somebody:hidden@db"),
    ("DATABASE_URL", "postgresql://somebody:hidden@db:port/app"),
    ("ENCRYPTION_KEYS", "hidden"),
    ("ENCRYPTION_KEYS", "A" * 43 + "="),  # 32 zeros
    ("SLACK_SIGNING_SECRET", "hidden"),
    ("ENCRYPTION_KEYS", ","),
    ("SEGMENT_API_URL", "api.segmentapis.com"),
    ("CSM_TEAM_ID", "toplyne"),
    ("CSM_CHANNEL_ID", "#customers"),
    ("TOPLYNE_WEBHOOK_URL", "somewhere"),
    ("TOPLYNE_WEBHOOK_SECRET", "hidden"),
    ("TOPLYNE_WEBHOOK_SECRET", "whsec_c2hvcnQ="),
    ("TOPLYNE_PUBLIC_KEY", "hidden"),
    ("TOPLYNE_PUBLIC_KEY", '{"kty": "EC", "d": "hidden"}'),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
    ("REMINDER_DELAYS", "1 day"),
    ("REMINDER_DELAYS", "3d,1d"),
    ("REMINDER_DELAYS", "1d,1d"),
    ("REMINDER_DELAYS", ",".join(f"{n}s" for n in range(1, 30))),
    ("REMINDER_HOURS", "mornings"),
    ("REMINDER_HOURS", "16:00-10:00"),
    ("REMINDER_HOURS", "10:00"),
    ("REMINDER_HOURS", "10:00Z-16:00"),
    ("REMINDER_HOURS", "10:00Z-16:00Z"),
    ("REMINDER_HOURS", "10:00+02:00-16:00+02:00"),
    ("REMINDER_HOURS", "10:00:00.5-16:00"),
    ("REMINDER_HOURS", "10-16"),
    ("REMINDER_HOURS", "1000-1600"),
    ("REMINDER_HOURS", "10:00-24:00"),
    ("QUIET_DATES", "13-01"),
    ("QUIET_DATES", "12-24/"),
    ("POLL_INTERVAL", "0s"),
    ("POLL_INTERVAL", "15"),
    ("POLL_INTERVAL", "-5m"),
    ("KEEP_FINISHED", "0d"),
    ("KEEP_FINISHED", "half a year"),
    ("CLOCK_URL", "localhost"),
]


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_a_bad_value_is_named_and_never_repeated(given, variable: str, value: str) -> None:
    given(**{variable: value})
    error = problem()
    assert error.variable == variable
    assert HOW_TO_GET[variable] in str(error)
    assert "hidden" not in str(error)


def test_every_setting_says_how_to_get_it() -> None:
    assert set(HOW_TO_GET) == {name.upper() for name in Settings.model_fields}


def test_times(given) -> None:
    given(
        REMINDER_DELAYS="90s, 15m,2h,1d",
        REMINDER_HOURS="always",
        QUIET_DATES="12-24/01-01, 05-01",
        POLL_INTERVAL="5s",
    )
    settings = load_settings(Purpose.SERVE)
    assert settings.reminder_delays == (
        timedelta(seconds=90),
        timedelta(minutes=15),
        timedelta(hours=2),
        timedelta(days=1),
    )
    assert settings.reminder_hours is None
    assert settings.poll_interval == timedelta(seconds=5)
    winter, may_day = settings.quiet_dates
    assert date(2026, 12, 31) in winter
    assert date(2027, 1, 1) in winter
    assert date(2027, 1, 2) not in winter
    assert date(2027, 5, 1) in may_day
    assert date(2027, 5, 2) not in may_day


@pytest.mark.parametrize(
    ("variable", "longest", "too_long"),
    [
        ("POLL_INTERVAL", "30d", "721h"),
        ("REMINDER_DELAYS", "1d,365d", "1d,366d"),
        ("KEEP_FINISHED", "36500d", "36501d"),
        ("KEEP_FINISHED", "36500d", "999999d"),
    ],
)
def test_no_duration_leaves_the_calendar(given, variable: str, longest: str, too_long: str) -> None:
    given(**{variable: too_long})
    error = problem()
    assert error.variable == variable
    assert f"is longer than {longest.rpartition(',')[2]}" in str(error)
    given(**{variable: longest})
    assert load_settings(Purpose.SERVE)


def test_no_quiet_dates(given) -> None:
    given(QUIET_DATES="none")
    assert load_settings(Purpose.SERVE).quiet_dates == ()


def test_addresses_lose_the_slash_at_their_end_except_slacks(given) -> None:
    given(PUBLIC_URL="https://bot.example.com/", SLACK_API_URL="http://127.0.0.1:3000/api")
    settings = load_settings(Purpose.SERVE)
    assert settings.public_url == "https://bot.example.com"
    assert settings.slack_api_url == LOOPBACK
    assert settings.oauth_authorize_url == "http://127.0.0.1:3000/oauth/v2/authorize"


@pytest.mark.parametrize(
    ("slack", "allowed"),
    [
        (LOOPBACK, True),
        ("http://localhost:3000/api/", True),
        ("http://[::1]:3000/api/", True),
        ("https://slack.com/api/", False),
        ("https://127.0.0.1.example.com/api/", False),
    ],
)
def test_the_clock_can_only_be_moved_where_slack_is_this_machine(
    given, slack: str, allowed: bool
) -> None:
    given(SLACK_API_URL=slack, CLOCK_URL="http://127.0.0.1:3000/clock")
    if allowed:
        assert load_settings(Purpose.SERVE).clock_url == "http://127.0.0.1:3000/clock"
    else:
        assert problem().variable == "CLOCK_URL"


ADDRESSES = [name for name, field in Settings.model_fields.items() if name.endswith("_url")]


@pytest.mark.parametrize("name", [each for each in ADDRESSES if each != "database_url"])
def test_plain_http_is_for_this_machine_only(given, name: str) -> None:
    ending = "/api/" if name == "slack_api_url" else ""
    here, elsewhere = f"http://127.0.0.1:9{ending}", f"http://bot.example.com{ending}"
    given(**WEBHOOK, SLACK_API_URL=LOOPBACK)
    given(**{name.upper(): elsewhere})
    assert problem().variable == name.upper()
    given(**{name.upper(): here})
    assert getattr(load_settings(Purpose.SERVE), name) == here


def test_several_keys_keep_their_order(given) -> None:
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    given(ENCRYPTION_KEYS=f"{keys[0]}, {keys[1]}")
    assert [key.get_secret_value() for key in load_settings(Purpose.SERVE).encryption_keys] == keys


def test_a_channel_needs_its_workspace(given) -> None:
    given(CSM_CHANNEL_ID="C123")
    assert problem().variable == "CSM_TEAM_ID"


@pytest.mark.parametrize("alone", ["TOPLYNE_WEBHOOK_URL", "TOPLYNE_WEBHOOK_SECRET"])
def test_the_webhook_is_all_or_nothing(given, alone: str) -> None:
    given(**{alone: WEBHOOK[alone]})
    assert problem().variable in WEBHOOK.keys() - {alone}


def test_a_public_key_needs_the_webhook(given) -> None:
    given(TOPLYNE_PUBLIC_KEY=json.dumps(RSAKey.generate_key(2048, private=False).as_dict()))
    assert problem().variable == "TOPLYNE_WEBHOOK_URL"
    assert "\n" not in str(problem())


def test_a_webhook_on_this_machine_needs_no_https(given) -> None:
    given(**{**WEBHOOK, "TOPLYNE_WEBHOOK_URL": "http://127.0.0.1:9/hook"})
    assert load_settings(Purpose.SERVE).toplyne_webhook_url == "http://127.0.0.1:9/hook"
    given(**{**WEBHOOK, "TOPLYNE_WEBHOOK_URL": "http://toplyne.example.com/hook"})
    assert problem().variable == "TOPLYNE_WEBHOOK_URL"


def test_a_public_key_is_kept_as_it_is(given) -> None:
    key = json.dumps(OKPKey.generate_key("X25519", private=False).as_dict())
    given(TOPLYNE_PUBLIC_KEY=key, **WEBHOOK)
    assert load_settings(Purpose.SERVE).toplyne_public_key == key


def test_the_level_may_be_written_small(given) -> None:
    given(LOG_LEVEL="debug")
    assert load_settings(Purpose.SERVE).log_level is LogLevel.DEBUG


def test_a_dotenv_file_counts_less_than_the_environment(given, tmp_path: Path) -> None:
    given(POLL_INTERVAL="1m")
    tmp_path.joinpath(".env").write_text("POLL_INTERVAL=2m\nLOG_FORMAT=console\nOTHER=1\n")
    settings = load_settings(Purpose.SERVE)
    assert settings.poll_interval == timedelta(minutes=1)
    assert settings.log_format == "console"


def test_secrets_do_not_show(given) -> None:
    given(SLACK_SIGNING_SECRET="hidden" * 6, DATABASE_URL="postgresql://a:hidden@db/app")
    assert "hidden" not in repr(load_settings(Purpose.SERVE))


def test_once_read_nobody_else_finds_them(given, monkeypatch: pytest.MonkeyPatch) -> None:
    given()
    monkeypatch.setenv("SOMETHING_ELSE", "stays")
    load_settings(Purpose.SERVE)
    forget_environment()
    assert not {name.upper() for name in Settings.model_fields} & os.environ.keys()
    assert os.environ["SOMETHING_ELSE"] == "stays"
