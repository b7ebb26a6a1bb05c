"""Whoever comes too late reads who was faster, whatever others have pressed since."""

from dataclasses import replace

import pytest

from bot.views.setup.screen import step_view
from flows.checks.question import SourceAnswers
from flows.csm.facts import Rejectable
from flows.model import Screen
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import Actor, Plan, Stamp
from tests.support.flow_services import ADA, BOB, BY_CSM, CSM, Services
from tests.unit.setup.test_use_cases import Story

NEWER = "changed this while you had it open"


@pytest.fixture
def story() -> Story:
    return Story()


async def at_sources(story: Story) -> None:
    await story.choose(Plan.BUSINESS)
    await story.services.setup.submit_token(ADA, story.ref, story.token)


async def pressed_meanwhile(services: Services, by: Actor, story: Story) -> None:
    """What changes no answer."""
    await services.setup.ask_help(by, story.ref, Screen.SOURCES, "Which ones?")


def words(shown: object) -> str:
    assert isinstance(shown, ShowStep)
    return str(step_view(shown).to_dict())


@pytest.mark.parametrize("asking", [ADA, BOB])
async def test_it_is_who_changed_this_screen_not_who_pressed_last(
    story: Story, asking: Actor
) -> None:
    await at_sources(story)
    old, setup = story.ref, story.services.setup
    web, backend = (SourceAnswers((each.source.id,)) for each in story.acme.sources)
    await setup.choose_sources(BOB, old, backend)
    await pressed_meanwhile(story.services, asking, story)
    late = await setup.choose_sources(ADA, old, web)
    assert isinstance(late, ShowStep)
    assert (late.notice, late.changed and late.changed.by) == (Notice.CHANGED_MEANWHILE, "U0BOB")
    assert f"<@U0BOB> {NEWER}" in words(late)
    await setup.choose_sources(ADA, story.ref, web)
    integration = story.services.integration()
    assert integration is not None
    assert [each.id for each in integration.sources] == list(web.chosen)


async def test_own_choices_in_another_window_are_ones_own(story: Story) -> None:
    await at_sources(story)
    old, setup = story.ref, story.services.setup
    web, backend = (SourceAnswers((each.source.id,)) for each in story.acme.sources)
    await setup.choose_sources(ADA, old, backend)
    await pressed_meanwhile(story.services, BOB, story)
    late = await setup.choose_sources(ADA, old, web)
    assert isinstance(late, ShowStep)
    assert late.notice is Notice.ALREADY_DONE
    assert "You have answered this already" in words(late)


async def test_a_csm_is_called_toplyne(story: Story) -> None:
    await story.choose(Plan.FREE)
    setup = story.services.setup
    await setup.submit_free(ADA, story.ref, "corner-shop", None)
    old = story.ref
    await story.services.csm.judging.reject(BY_CSM, "Of another company", Rejectable.CREDENTIALS)
    late = await setup.submit_free(ADA, old, "other-shop", None)
    assert f"Toplyne {NEWER}" in words(late)
    assert CSM.user_id not in words(late)
    await setup.submit_free(ADA, story.ref, "other-shop", None)
    integration = story.services.integration()
    assert integration is not None
    assert integration.credentials is not None
    assert integration.credentials.workspace.slug == "other-shop"


@pytest.mark.parametrize("noted", [{}, {Screen.SOURCES: Stamp("", Services().storage.clock.now())}])
async def test_nobody_is_named_where_nobody_is_known(
    story: Story, noted: dict[Screen, Stamp]
) -> None:
    """Rows of earlier versions name nobody, and some things the app has noticed by itself."""
    await at_sources(story)
    old = story.ref
    await story.choose_sources(0)
    tables = story.services.storage.tables
    for key, stored in tables.integrations.items():
        tables.integrations[key] = replace(stored, changed_by=noted)
    other = SourceAnswers((story.acme.sources[1].source.id,))
    late = await story.services.setup.choose_sources(ADA, old, other)
    assert f"This {NEWER.replace('this ', '')}" in words(late)
    assert "<@" not in words(late).partition("Nothing is lost")[0]
