"""The app leaves while somebody still works with it."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from flows.checks.examine import Question
from flows.errors import NotFound, NotInstalled
from flows.outbox.jobs import JobKind
from flows.ports import Unguarded
from flows.setup.results import CheckKind
from flows.setup.submission import Ref
from flows.vocabulary import Plan, ReceivedEvent
from tests.support.fakes import FakeStorage, FakeUnitOfWork
from tests.support.flow_services import ADA, INTEGRATION, TEAM, Services

# Every place that writes where the app need not be installed, and why it may.
UNGUARDED = {
    "INSTALLING": {"bot/demo/samples.py", "flows/setup/installations.py"},
    "LEAVING": {
        "bot/cli/workspace.py",  # that an operator erased what was left
        "bot/outbound/channel.py",
        "bot/outbound/deliver.py",
        "bot/outbound/home.py",  # what a Home shows and who looks at it
        "flows/setup/installations.py",
    },
    "WITHDRAWING": {"flows/toplyne/send.py"},
    "TOKEN": {"bot/outbound/removal.py", "bot/outbound/token_rotation.py"},
}


@pytest.fixture
async def services() -> Services:
    made = Services()
    await made.install()
    await made.setup.start(ADA)
    await made.setup.choose_plan(ADA, Ref(INTEGRATION, 0), Plan.BUSINESS)
    return made


async def test_a_check_that_ends_after_the_app_has_left_keeps_no_token(services: Services) -> None:
    """As in a process that still remembers the installation."""
    acme = services.segment.workspace_with("acme", "Web app")
    token = SecretStr(services.segment.issue("owner", acme))
    situation = await services.situation()
    assert situation
    revision = situation.integration.revision
    question = Question(CheckKind.TOKEN, ADA, INTEGRATION, revision, secret=token)
    await services.lifecycle.uninstall(TEAM)
    with pytest.raises(NotInstalled):
        await services.checking.run(question, situation)
    assert not services.storage.tables.vault
    await services.erasing.erase(TEAM)
    with pytest.raises(NotInstalled):
        await services.setup.start(ADA)
    assert not services.storage.tables.integrations


async def _tell(services: Services, kind: str, age: timedelta = timedelta(minutes=1)) -> None:
    at = (services.storage.clock.now() - age).replace(microsecond=0)
    await services.storage.accept(TEAM, ReceivedEvent(f"Ev{kind}", kind, TEAM, at=at))


async def _work_off(services: Services) -> None:
    """What Slack told, and the erasure, in the order in which a worker may come to it."""
    for _, event_id in [*services.storage.tables.inbox]:
        with suppress(NotFound):
            await services.lifecycle.receive(TEAM, event_id)
    await services.erasing.erase(TEAM)


async def _told(services: Services) -> None:
    await _tell(services, "app_uninstalled")


async def _told_twice(services: Services) -> None:
    await _tell(services, "tokens_revoked")
    await _tell(services, "app_uninstalled")


async def _revoked(services: Services) -> None:
    await services.lifecycle.uninstall(TEAM)


async def _half_told(services: Services) -> None:
    """One event has been worked on, the other one waits."""
    await _tell(services, "tokens_revoked")
    await _revoked(services)


async def _erased(services: Services) -> None:
    await _revoked(services)
    await services.erasing.erase(TEAM)


STATES = (_told, _told_twice, _revoked, _half_told, _erased)


@pytest.mark.parametrize("state", STATES)
async def test_who_installs_while_an_uninstall_is_worked_on_begins_anew(
    services: Services, state: Callable[[Services], Awaitable[None]]
) -> None:
    token = SecretStr(secrets.token_hex(20))
    async with services.storage(TEAM) as work:
        await work.vault.put(INTEGRATION, token)
        await work.commit()
    services.storage.clock.advance(timedelta(hours=1))
    await state(services)
    services.storage.clock.advance(timedelta(seconds=2))
    await services.install()
    assert services.storage.is_installed(TEAM)
    assert not services.storage.tables.vault, "nothing of the earlier installation is left"
    begun = await services.situation()
    assert begun is None or begun.integration.plan is None
    await _work_off(services)
    assert services.storage.is_installed(TEAM)
    await services.setup.start(ADA)


@pytest.mark.parametrize("state", STATES)
async def test_who_installs_in_the_moment_when_the_app_leaves_begins_anew(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    state: Callable[[Services], Awaitable[None]],
) -> None:
    """All before it knew nothing of that: it leaves right before the installation is stored."""
    services.storage.clock.advance(timedelta(hours=1))
    begin, leaves = FakeStorage.__call__, iter((state,))

    @asynccontextmanager
    async def late(*about: Any, **options: Any) -> AsyncIterator[FakeUnitOfWork]:
        if options.get("unguarded") is Unguarded.INSTALLING and (leave := next(leaves, None)):
            await leave(services)
            services.storage.clock.advance(timedelta(seconds=2))
        async with begin(*about, **options) as work:
            yield work

    monkeypatch.setattr(FakeStorage, "__call__", late)
    await services.install()
    await _work_off(services)
    assert services.storage.is_installed(TEAM)
    begun = await services.situation()
    assert begun is None or begun.integration.plan is None
    await services.setup.start(ADA)


async def test_an_uninstall_in_the_second_of_an_installation_is_confirmed_by_slack(
    services: Services,
) -> None:
    """Its events have whole seconds: either may have come first."""
    services.storage.clock.advance(timedelta(hours=1))
    await _tell(services, "app_uninstalled", timedelta(0))
    await services.install()
    await _tell(services, "tokens_revoked", timedelta(0))
    await services.lifecycle.receive(TEAM, "Evtokens_revoked")
    assert services.storage.is_installed(TEAM)
    assert JobKind.CONFIRM_TOKEN in {job.kind for job in services.storage.jobs}


def test_who_writes_without_an_installation_is_written_down() -> None:
    found: dict[str, set[str]] = {}
    for path in (path for name in ("bot", "flows", "storage") for path in Path(name).rglob("*.py")):
        for reason in re.findall(r"Unguarded\.([A-Z]+)", path.read_text()):
            found.setdefault(reason, set()).add(str(path))
    assert found == UNGUARDED
    assert set(UNGUARDED) == {each.name for each in Unguarded}
