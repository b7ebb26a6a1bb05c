"""Deliveries of processes that lack a setting: left to others, and not for long."""

from datetime import timedelta

import pytest

from flows.toplyne.events import SentToToplyne, ToplyneDelayed, ToplyneFailed
from flows.toplyne.model import DeliveryKind, DeliveryState
from flows.toplyne.send import TOLD_AFTER, USUAL_RETRY_POLICY
from tests.support.flow_services import ADA, TEAM
from tests.unit.toplyne.delivery_story import DOWN, PATIENCE, Story


@pytest.fixture
def story() -> Story:
    return Story()


LACKING = pytest.mark.parametrize("missing", ["backend", "sealer"])


@LACKING
async def test_what_one_process_lacks_the_settings_for_is_left_to_others(
    story: Story, missing: str
) -> None:
    await story.enter_token()
    row = await story.made(**{missing: None}).deliver(TEAM, story.rows()[-1].delivery.id)
    assert row == story.rows()[-1].due_at
    assert story.rows()[-1].error[:3] == "no_"
    story.wait(PATIENCE.backoff[0])
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    assert [kind for kind, _ in story.told()] == [SentToToplyne]


@LACKING
async def test_settings_that_went_away_are_told_as_such(story: Story, missing: str) -> None:
    await story.enter_token()
    story.handoffs = story.made(**{missing: None})
    while (row := await story.deliver()).state is DeliveryState.PENDING:
        story.wait((row.due_at - story.services.storage.clock.now()).total_seconds())
    assert row.state is DeliveryState.DEAD
    assert story.services.storage.clock.now() - row.created_at == timedelta(seconds=1000)
    assert {error[:3] for _, error in story.told()} == {"no_"}
    assert [kind for kind, _ in story.told()] == [ToplyneDelayed, ToplyneFailed]


@LACKING
async def test_a_setting_that_is_back_helps_within_minutes_and_the_backoff_is_unused(
    story: Story, missing: str
) -> None:
    await story.enter_token()
    story.handoffs = story.made(**{missing: None}, policy=USUAL_RETRY_POLICY)
    now = story.services.storage.clock.now
    begun = now()
    while now() - begun < timedelta(hours=27):
        row = await story.deliver()
        assert row.due_at - now() <= timedelta(minutes=5)
        story.wait((row.due_at - now()).total_seconds())
    story.handoffs, story.backend.planned = story.made(policy=USUAL_RETRY_POLICY), [DOWN]
    row = await story.deliver()
    assert row.due_at - now() == timedelta(seconds=USUAL_RETRY_POLICY.backoff[TOLD_AFTER])
    story.wait(USUAL_RETRY_POLICY.backoff[TOLD_AFTER])
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    assert [kind for kind, _ in story.told()] == [ToplyneDelayed, SentToToplyne]


@LACKING
async def test_what_was_replaced_meanwhile_is_no_failure(story: Story, missing: str) -> None:
    await story.enter_token()
    story.wait(5)
    story.token = story.services.segment.issue("acme member", story.acme)
    await story.services.setup.submit_token(ADA, story.ref, story.token, for_toplyne=True)
    story.handoffs = story.made(**{missing: None})
    assert (await story.deliver(0)).state is DeliveryState.SUPERSEDED
    assert story.told() == []


async def test_a_process_without_webhook_gives_nothing_new_and_takes_the_old_back(
    story: Story,
) -> None:
    given_by = story.services
    story.moves_to_a_process_without_webhook()
    await story.enter_token()
    assert story.rows() == []
    story.services = given_by
    for has_webhook in (True, False):
        story.wait(5)
        await story.services.setup.submit_token(ADA, story.ref, story.token, for_toplyne=True)
        if has_webhook:
            await story.deliver()
            story.moves_to_a_process_without_webhook()
    first, last = story.rows()
    assert first.state is DeliveryState.WITHDRAWN
    assert last.delivery.kind is DeliveryKind.WITHDRAWN
    story.wait(20)
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    story.services = given_by
    await story.services.setup.submit_token(ADA, story.ref, story.token, for_toplyne=True)
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    assert story.backend.posted[-1][1]["type"] == "credentials.provided"
