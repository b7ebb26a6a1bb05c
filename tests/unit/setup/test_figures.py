"""Segment's figures for a Replay: asked for once, and part of the request if they can be had."""

from datetime import timedelta

import pytest

from flows.model import Screen, Situation
from tests.support.flow_services import ADA
from tests.unit.setup.test_use_cases import Story


@pytest.fixture
def story() -> Story:
    return Story()


async def test_the_request_opens_although_the_figures_cannot_be_had(story: Story) -> None:
    await story.reach_live()
    story.services.segment.down = True
    shown = await story.services.replaying.open_replay(ADA, story.ref)
    assert shown.screen is Screen.REPLAY_PREVIEW
    filled = await story.services.replaying.filled_in(shown.situation)
    assert filled
    assert filled.observed.coverage is None
    story.services.segment.down = False
    assert (await _figures(story)).observed.coverage is not None


async def _figures(story: Story) -> Situation:
    shown = await story.services.replaying.open_replay(ADA, story.ref)
    filled = await story.services.replaying.filled_in(shown.situation)
    assert filled
    return filled


async def test_a_form_that_was_submitted_is_not_filled_in_any_more(story: Story) -> None:
    await story.reach_live()
    shown = await story.services.replaying.open_replay(ADA, story.ref)
    await story.preview(8)
    assert await story.services.replaying.filled_in(shown.situation) is None


async def test_a_request_that_is_confirmed_at_once_has_its_figures(story: Story) -> None:
    await story.reach_live()
    await story.preview(8)
    done = await story.services.replaying.request_replay(ADA, story.ref)
    request = done.situation.integration.replay
    assert request
    assert request.estimate is not None
    assert all(entry.calls is not None for entry in request.sources)


async def test_figures_are_asked_for_once_in_a_quarter_of_an_hour(story: Story) -> None:
    await story.reach_live()
    first = await _figures(story)
    story.services.storage.clock.advance(timedelta(minutes=14))
    assert (await _figures(story)).observed.coverage == first.observed.coverage
    story.services.storage.clock.advance(timedelta(minutes=1))
    assert (await _figures(story)).observed.coverage != first.observed.coverage
