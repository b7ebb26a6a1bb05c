"""The app leaves while somebody still works with it."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.checks.examine import Question
from flows.errors import NotInstalled
from flows.ports import Unguarded
from flows.setup.results import CheckKind
from flows.setup.submission import Ref
from flows.vocabulary import Plan
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


def test_who_writes_without_an_installation_is_written_down() -> None:
    found: dict[str, set[str]] = {}
    for path in (path for name in ("bot", "flows", "storage") for path in Path(name).rglob("*.py")):
        for reason in re.findall(r"Unguarded\.([A-Z]+)", path.read_text()):
            found.setdefault(reason, set()).add(str(path))
    assert found == UNGUARDED
    assert set(UNGUARDED) == {each.name for each in Unguarded}
