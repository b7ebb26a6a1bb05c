"""What another process has sealed with a key that this one lacks, as while keys are exchanged:
background work leaves it as it is, and the log names the key.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.app import Bot, running
from bot.settings import Settings
from flows.checks.question import CheckKind, PendingCheck, SourceAnswers, Typed
from flows.errors import RowUnreadable
from flows.model import Verification
from flows.outbox.jobs import JobKind
from flows.outbox.messages import DIRECT_CONVERSATIONS
from flows.ports import Unguarded
from flows.toplyne.model import Delivery, DeliveryKind
from flows.vocabulary import Plan, Stamp
from storage import tables
from storage.cipher import Cipher, generate_key
from storage.engine import read_rows, write_rows
from storage.repositories.installations import installation_owner
from storage.rotation import SEALED
from tests.contract import samples
from tests.contract.samples import A
from tests.support.backend import public_jwk
from tests.support.template import sqlite_url

NOW = datetime.now(UTC)
SECRET = SecretStr("of-somebody")
OLDER, NEWER = (generate_key().get_secret_value() for _ in range(2))
NOWHERE = "http://127.0.0.1:9"
TO_USER = f"{DIRECT_CONVERSATIONS}UANNA"
CHECKS = {
    # What somebody entered on a page is kept under the id of its link.
    "chk_token": (CheckKind.TOKEN, SECRET),
    "page_token": (CheckKind.TOKEN, SECRET),
    "chk_key": (CheckKind.WRITE_KEY, SECRET),
    "chk_sources": (CheckKind.SOURCES, None),
    "chk_live": (CheckKind.LIVE_SYNC, None),
}
# What may change: how often and why in vain, and when again.
WAITING = {"attempts", "due_at", "error", "attempt_started_at", "attempt_until"}

Work = Callable[[Bot], Awaitable[object]]


def job(kind: JobKind, subject: str = "") -> Work:
    return lambda bot: bot.handlers[kind](A, subject)


def of(column: sa.Column[Any], work: Work) -> tuple[sa.Column[Any], Work]:
    return column, work


VAULT, APP = tables.vault.c.sealed_token, tables.installations.c
OF_CHECK = tables.pending_checks.c.sealed_secret
OPENS = {
    "a look at the sources": of(VAULT, job(JobKind.POLL, "one")),
    "the choice of sources": of(VAULT, job(JobKind.CHECK, "chk_sources:0")),
    "check again": of(VAULT, job(JobKind.CHECK, "chk_live:0")),
    "a token for Toplyne": of(VAULT, job(JobKind.SEND_TO_TOPLYNE, "msg_credentials")),
    "a write key for Toplyne": of(
        tables.write_keys.c.sealed_key, job(JobKind.SEND_TO_TOPLYNE, "msg_write_key")
    ),
    "a token under check": of(OF_CHECK, job(JobKind.CHECK, "chk_token:0")),
    "a token from a page": of(OF_CHECK, job(JobKind.CHECK, "page_token:0")),
    "a write key under check": of(OF_CHECK, job(JobKind.CHECK, "chk_key:0")),
    "a message": of(APP.sealed_token, job(JobKind.DELIVER, TO_USER)),
    "whether Slack takes it": of(APP.sealed_token, job(JobKind.CONFIRM_TOKEN)),
    "a token that expires": of(APP.sealed_refresh, lambda bot: bot.installations.find(A)),
}


# What operators read of what waits.
NAMED = {
    "a token for Toplyne": {"secret_lost"},
    "a write key for Toplyne": {"secret_lost"},
    "a message": {"token_lost"},
}


def settings(folder: Path, keys: str) -> Settings:
    return Settings(
        _env_file=None,
        slack_signing_secret="x" * 32,
        slack_client_id="1.2",
        slack_client_secret="x",
        public_url="https://bot.test",
        slack_api_url=f"{NOWHERE}/api/",
        segment_api_url=NOWHERE,
        segment_eu_api_url=NOWHERE,
        toplyne_webhook_url=NOWHERE,
        toplyne_webhook_secret="whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        toplyne_public_key=public_jwk(),
        database_url=sqlite_url(folder),
        encryption_keys=keys,
    )


async def fill(bot: Bot, column: sa.Column[Any]) -> None:
    """All that can be sealed, by somebody who has the newer key."""
    stamp = Stamp("UANNA", NOW - timedelta(hours=1))
    full = samples.full_integration()
    assert full.credentials
    one = replace(
        samples.bare_integration(),
        plan=Plan.BUSINESS,
        credentials=replace(full.credentials, entered=stamp, verification=Verification.VERIFIED),
        sources=full.sources,
        sources_chosen=stamp,
        write_back=replace(full.write_back, entered=stamp),
        started=stamp,
    )
    expires = NOW if column is APP.sealed_refresh else None
    installation = replace(samples.installation(A), expires_at=expires, revoked_at=None)
    async with bot.uow(A, unguarded=Unguarded.INSTALLING) as work:
        await work.installations.put(installation, SECRET, SECRET)
        await work.integrations.add(one)
        await work.vault.put("one", SECRET)
        await work.write_keys.put("one", SECRET)
        for check_id, (kind, secret) in CHECKS.items():
            typed = Typed(sources=SourceAnswers(("srcone",)))
            later = NOW + timedelta(hours=1)
            check = PendingCheck(check_id, "one", kind, "UANNA", 1, typed, later)
            await work.checks.add(check, secret)
        for to in (DeliveryKind.CREDENTIALS, DeliveryKind.WRITE_KEY):
            delivery = Delivery(f"msg_{to}", to, "one", stamp.at.isoformat(), stamp.at)
            await work.deliveries.add(delivery)
        await work.outbox.add(samples.message("key", TO_USER))
        await work.commit()
    if expires:  # else nobody would ask what renews it
        token = Cipher([SecretStr(OLDER)]).seal(installation_owner(A), SECRET)
        await write_rows(bot.engine, sa.update(tables.installations).values(sealed_token=token))


async def stored(bot: Bot) -> dict[str, Sequence[dict[str, Any]]]:
    """All that is known, but for what says that something waits."""
    found = {}
    for table in set(tables.metadata.tables.values()) - {tables.due, tables.rate_gates}:
        rows = await read_rows(bot.engine, sa.select(table))
        found[table.name] = [
            {name: value for name, value in row._mapping.items() if name not in WAITING}
            for row in rows
        ]
    return found


async def why(bot: Bot) -> set[str]:
    """The names of the errors that things wait for."""
    columns = tables.deliveries.c.error, tables.outbox.c.error
    rows = [row for each in columns for row in await read_rows(bot.engine, sa.select(each))]
    return {row[0] for row in rows if row[0]}


def test_nothing_that_is_sealed_is_left_out() -> None:
    assert {column for column, _ in OPENS.values()} == set(SEALED)


@pytest.mark.parametrize("what", OPENS)
async def test_it_waits_for_somebody_who_has_the_key(what: str, tmp_path: Path) -> None:
    column, work = OPENS[what]
    async with running(settings(tmp_path, f"{NEWER},{OLDER}"), worker=False) as bot:
        await fill(bot, column)
    async with running(settings(tmp_path, OLDER), worker=False) as bot:
        before = await stored(bot)
        with capture_logs() as lines, suppress(RowUnreadable):
            await work(bot)
        assert await stored(bot) == before
        assert await why(bot) == NAMED.get(what, set())
    (key,) = Cipher([SecretStr(NEWER)]).key_ids
    lost = [line for line in lines if line["event"] == "secret_lost"]
    assert {line["key_ids"] for line in lost} == {key}
    async with running(settings(tmp_path, f"{OLDER},{NEWER}"), worker=False) as bot:
        with capture_logs() as lines, suppress(RowUnreadable):
            await work(bot)
    assert [line for line in lines if line["event"] == "secret_lost"] == []
