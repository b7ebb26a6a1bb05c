"""`python -m bot rotate-keys`: which keys can go, and when."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from flows.invitations import Invitation
from flows.ports import UnitOfWork
from storage.cipher import generate_key
from tests.contract.samples import NOON
from tests.unit.cli.conftest import Fill

NEVER = NOON.replace(year=9000)


@pytest.mark.parametrize("expires_at", [NOON.replace(year=2001), NEVER])
@pytest.mark.parametrize("number", [1, 2])
def test_old_keys_stay_as_long_as_links_may_need_them(
    filled: Callable[[Fill], str], monkeypatch: pytest.MonkeyPatch, expires_at, number: int
) -> None:
    async def fill(work: UnitOfWork) -> None:
        invited_at = expires_at - timedelta(days=30)
        await work.invitations.put(Invitation("T1", "Acme", "U1", invited_at, expires_at))

    first, *old = (generate_key() for _ in range(number))
    monkeypatch.setattr("tests.unit.cli.conftest.generate_key", lambda: (old or [first])[0])
    monkeypatch.setenv("DATABASE_URL", filled(fill))
    keys = ",".join(key.get_secret_value() for key in (first, *old))
    monkeypatch.setenv("ENCRYPTION_KEYS", keys)
    said = CliRunner().invoke(cli, ["rotate-keys"]).stdout
    assert "all with the first key now." in said
    assert ("The others can go." in said) is (number == 2 and expires_at is not NEVER)
    assert ("Keep the others until 9000-" in said) is (number == 2 and expires_at is NEVER)
