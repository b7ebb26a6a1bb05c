"""Names in Segment: blank ones give way to the slug, and the newest ones are kept."""

import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.views.setup.sources import source_options
from flows.checks.question import SourceAnswers
from flows.pasted import visible
from flows.setup.submission import Ref
from flows.vocabulary import SEEN, Plan, Source, Workspace
from tests.support.fake_segment import FakeSource, FakeWorkspace
from tests.support.flow_services import ADA, INTEGRATION, TEAM, Services
from tests.unit.test_house import ROOT, modules

BLANK = ["", " ", "\u00a0", "\u200b", "\ufeff \u2060", "\u3164", "\u2800", "\t\n", "\u00ad"]
SEEN_NAMES = ["Web", " Web ", "\u200bWeb", "–", "🚀", "웹", "0"]


@pytest.mark.parametrize("name", BLANK)
def test_a_name_that_nobody_can_see_gives_way_to_the_slug(name: str) -> None:
    assert Source("src1", "web-app", name).label == "web-app"
    assert Workspace("acme", "ws1", name).label == "acme"


@pytest.mark.parametrize("name", SEEN_NAMES)
def test_any_other_name_stays(name: str) -> None:
    assert Source("src1", "web-app", name).label == name
    assert Workspace("acme", "ws1", name).label == name


def test_what_can_be_seen_is_the_same_here_and_where_pasted_text_is_cleaned() -> None:
    differ = [
        hex(number)
        for number in range(sys.maxunicode + 1)
        if unicodedata.category(chr(number)) != "Cn"  # not assigned yet in this Python
        and bool(SEEN.search(chr(number))) != bool(visible(chr(number)).strip())
    ]
    assert differ == []


def test_no_other_place_chooses_between_name_and_slug() -> None:
    chooses = re.compile(r"\.name or [\w.]*slug")
    found = [
        str(file.relative_to(ROOT))
        for file in modules()
        if "playground" not in file.parts and chooses.search(file.read_text(encoding="utf-8"))
    ]
    assert found == []


# --- the newest names -----------------------------------------------------------------------------


@pytest.fixture
async def acme() -> tuple[Services, FakeWorkspace]:
    return await two_sources()


async def two_sources() -> tuple[Services, FakeWorkspace]:
    bot = Services()
    await bot.install()
    acme = bot.segment.workspace_with("acme", "web", "app")
    await bot.setup.start(ADA)
    await bot.setup.choose_plan(ADA, ref(bot), Plan.BUSINESS)
    await bot.setup.submit_token(ADA, ref(bot), bot.segment.issue("owner", acme))
    ids = tuple(each.source.id for each in acme.sources)
    await bot.setup.choose_sources(ADA, ref(bot), SourceAnswers(ids))
    assert [each.name for each in sources(bot)] == ["Web", "App"]
    return bot, acme


def ref(bot: Services) -> Ref:
    integration = bot.integration()
    assert integration
    return Ref(integration.id, integration.revision)


def sources(bot: Services) -> tuple[Source, ...]:
    integration = bot.integration()
    assert integration
    return integration.sources


def rename(workspace: FakeWorkspace) -> None:
    first = workspace.sources[0]
    first.source = replace(first.source, slug="shop", name="Shop")
    workspace.workspace = replace(workspace.workspace, slug="acme-2", name="Acme 2")


async def by_a_poll(bot: Services) -> None:
    await bot.poller.poll(TEAM, INTEGRATION)


async def by_a_look(bot: Services) -> None:
    await bot.setup.check_live(ADA, ref(bot))


@pytest.mark.parametrize("look", [by_a_poll, by_a_look])
async def test_a_look_brings_the_newest_names_of_the_sources(
    acme: tuple[Services, FakeWorkspace], look: Callable[..., object]
) -> None:
    bot, workspace = acme
    rename(workspace)
    before = len(bot.storage.messages)
    await look(bot)  # type: ignore[misc]
    assert [(each.slug, each.name) for each in sources(bot)] == [
        ("shop", "Shop"),
        ("acme-app", "App"),
    ]
    assert len(bot.storage.messages) > before, "card and Homes are drawn anew"
    revision = ref(bot).revision
    await look(bot)  # type: ignore[misc]
    assert ref(bot).revision == revision, "names that have not changed change nothing"


@pytest.mark.parametrize("look", [by_a_poll, by_a_look])
async def test_the_list_to_choose_from_is_the_newest_that_segment_said(
    acme: tuple[Services, FakeWorkspace], look: Callable[..., object]
) -> None:
    bot, workspace = acme
    rename(workspace)
    new = FakeSource(Source("srcnew".ljust(22, "x"), "acme-new", "New"), enabled=False)
    workspace.sources.append(new)
    await look(bot)  # type: ignore[misc]
    situation = await bot.situation()
    assert situation
    assert situation.observed.catalogue
    entries = situation.observed.catalogue.entries
    assert [(each.source.label, each.enabled) for each in entries] == [
        ("App", True),
        ("New", False),
        ("Shop", True),
    ]
    assert [option.value for option in source_options(situation.observed, "shop")] == [
        workspace.sources[0].source.id
    ]


async def test_the_workspace_is_asked_before_a_request_is_written(
    acme: tuple[Services, FakeWorkspace],
) -> None:
    bot, workspace = acme
    for each in workspace.sources:
        each.destination = each.destination.ENABLED
        bot.segment.send(each, bot.storage.clock.now())
    await by_a_look(bot)
    rename(workspace)
    situation = await bot.situation()
    assert situation
    await bot.replaying._measuring.figures(situation)
    integration = bot.integration()
    assert integration
    assert integration.credentials
    assert integration.credentials.workspace == workspace.workspace


async def test_a_name_of_another_workspace_changes_nothing(
    acme: tuple[Services, FakeWorkspace],
) -> None:
    bot, workspace = acme
    for each in workspace.sources:
        each.destination = each.destination.ENABLED
        bot.segment.send(each, bot.storage.clock.now())
    await by_a_look(bot)
    workspace.workspace = Workspace("other", "ws_other", "Other")
    before, situation = ref(bot).revision, await bot.situation()
    assert situation
    await bot.replaying._measuring.figures(situation)
    assert ref(bot).revision == before
