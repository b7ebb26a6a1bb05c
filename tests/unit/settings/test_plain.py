"""What certainly leads nowhere is refused where it is read: hosts, options, line breaks."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import Purpose, SettingsError, load_settings
from bot.settings.checks import HOW_TO_GET
from tests.support.empty_place import work_in

ADDRESSES = ("SEGMENT_API_URL", "PUBLIC_URL", "TOPLYNE_WEBHOOK_URL")
NO_HOSTS = (
    "https://xn--/", f"https://{'a' * 70}.example.com", "https://a..example.com", "https://-a.com",
    "https://xn--a-.example.com", "https://a b.example.com", "https://a.example.com/x: y",
    "https://a.example.com/\nb", "https://a\tb.example.com", "https://a.example.com/\udcff",
    f"https://{'a.' * 130}com", "https://a!b.example.com", "https://a.example.com:0",
)  # fmt: skip
HOSTS = (
    "https://example.com", "https://slack_stand-in.example.com:8443/x", "http://127.0.0.1:3000",
    "http://[::1]:3000", "http://localhost",
    "https://xn--mnchen-3ya.example.com", "https://10.0.0.7/api:v1",
    "https://my_bot.example.com.", "https://192.0.2.1:8443", "https://[2001:db8::1]",
)  # fmt: skip


@pytest.fixture(autouse=True)
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work_in(tmp_path, monkeypatch)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "signs" * 8)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("TOPLYNE_WEBHOOK_SECRET", "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
    monkeypatch.setenv("TOPLYNE_WEBHOOK_URL", "https://toplyne.example.com/hook")


def assert_refused(variable: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(Purpose.SERVE)
    assert caught.value.variable == variable
    assert str(caught.value).endswith(HOW_TO_GET[variable])
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("variable", [*ADDRESSES, "SLACK_API_URL"])
@pytest.mark.parametrize("value", NO_HOSTS)
def test_what_is_no_host(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    ending = "/api/" if variable == "SLACK_API_URL" else ""
    monkeypatch.setenv(variable, value + ending)
    assert_refused(variable)


@pytest.mark.parametrize("variable", ADDRESSES)
@pytest.mark.parametrize("value", HOSTS)
def test_what_is_one(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(load_settings(Purpose.SERVE), variable.lower()) == value


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://u:hidden@db/app?bogus=1",
        "postgresql://u:hidden@db/app?sslmode=require&bogus=1",
        "postgresql://u:hidden@db/app?",
        "postgresql://u:hidden@db/app\n2",
        "sqlite:///bot.db?foo=bar",
        "sqlite:///bot\n.db",
        "postgresql://u:hidden@db:0/app",
    ],
)
def test_databases_with_odd_options(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    if value.endswith("?"):
        assert load_settings(Purpose.SERVE)
        return
    assert_refused("DATABASE_URL")
    for good in ("postgresql://u:hidden@db/app?sslmode=require&connect_timeout=3", "sqlite:///a b"):
        monkeypatch.setenv("DATABASE_URL", good)
        assert load_settings(Purpose.SERVE).database_url.get_secret_value() == good


@pytest.mark.parametrize(
    "variable", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID"]
)
@pytest.mark.parametrize("sign", ["\n", "\r\n", " ", "\x7f", "é", "\udcff", '"', "'"])
def test_what_slack_gives_is_one_word(
    monkeypatch: pytest.MonkeyPatch, variable: str, sign: str
) -> None:
    monkeypatch.setenv(variable, f"xapp-hidden{sign}hidden" + "x" * 32)
    assert_refused(variable)


@pytest.mark.parametrize("token", ["xoxb-hidden", "xapp-hidden"])
def test_a_token_is_no_signing_secret(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", token + "1" * 32)
    assert_refused("SLACK_SIGNING_SECRET")


@pytest.mark.parametrize("between", [" ", "\n", ";", " ; ", "|", ":", "\t", "", '"'])
def test_keys_are_divided_by_commas_alone(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    """Fernet takes what stands behind a key as part of it, and ignores it."""
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    monkeypatch.setenv("ENCRYPTION_KEYS", between.join(keys))
    assert_refused("ENCRYPTION_KEYS")
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{keys[0]},\n{keys[1]}")
    taken = load_settings(Purpose.SERVE).encryption_keys
    assert [each.get_secret_value() for each in taken] == keys


def test_keys_may_be_written_in_plain_base64(monkeypatch: pytest.MonkeyPatch) -> None:
    """As other tools make random bytes."""
    key = Fernet.generate_key().decode().replace("-", "+").replace("_", "/")
    for written in (key, f"+/{key[2:]}"):
        monkeypatch.setenv("ENCRYPTION_KEYS", written)
        (taken,) = load_settings(Purpose.SERVE).encryption_keys
        assert taken.get_secret_value() == written


@pytest.mark.parametrize("password", ["a/b", "a#b", "a?b"])
def test_a_password_that_must_be_encoded(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:{password}@db/app")
    with pytest.raises(SettingsError, match="in a password, write / as %2F") as caught:
        load_settings(Purpose.SERVE)
    assert password not in str(caught.value)
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:a%2Fb@db/app")
    assert load_settings(Purpose.SERVE)


def test_a_dotenv_file_that_is_not_text(tmp_path: Path) -> None:
    tmp_path.joinpath(".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError) as caught:
        load_settings(Purpose.SERVE)
    assert caught.value.variable == ".env"
