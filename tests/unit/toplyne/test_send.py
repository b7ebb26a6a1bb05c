"""Delivering to Toplyne's backend: retries, what is never sent, and what CSMs are told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.errors import StorageUnavailable
from flows.toplyne.events import SentToToplyne, ToplyneDelayed, ToplyneFailed
from flows.toplyne.model import Answered, DeliveryKind, DeliveryState
from flows.vocabulary import Plan
from tests.support.flow_services import ADA, BY_CSM, INTEGRATION, TEAM
from tests.unit.toplyne.delivery_story import DOWN, PATIENCE, Story


@pytest.fixture
def story() -> Story:
    return Story()


async def test_a_verified_token_is_sealed_and_given_once(story: Story) -> None:
    await story.enter_token()
    (row,) = story.rows()
    assert (row.delivery.kind, row.delivery.data) == (DeliveryKind.CREDENTIALS, "")
    done = await story.deliver()
    assert (done.state, done.attempts) == (DeliveryState.DELIVERED, 1)
    ((delivery_id, body),) = story.backend.posted
    assert delivery_id == row.delivery.id == body["id"]
    assert body["type"] == "credentials.provided"
    assert body["data"]["jwe"] == f"sealed:{story.token}"
    assert story.told() == [(SentToToplyne, "")]
    await story.deliver()
    assert len(story.backend.posted) == 1
    assert story.counted == [("credentials", "delivered")]


async def test_a_token_whose_screen_promised_nothing_stays_here(story: Story) -> None:
    await story.enter_token(told=False)
    assert story.rows() == []
    await story.services.setup.submit_token(ADA, story.ref, story.token, for_toplyne=True)
    assert len(story.rows()) == 1


async def test_backoff_grows_and_one_failure_alone_is_not_told(story: Story) -> None:
    await story.enter_token()
    story.backend.planned = [DOWN, Answered(500, "500"), DOWN]
    first = await story.deliver()
    assert first.due_at - first.created_at == timedelta(seconds=1)
    assert story.told() == []
    await story.deliver()
    assert len(story.backend.posted) == 1, "not before it is due"
    story.wait(1)
    second = await story.deliver()
    assert second.due_at - story.services.storage.clock.now() == timedelta(seconds=100)
    assert story.told() == [(ToplyneDelayed, "500")]
    story.wait(100)
    await story.deliver()
    story.wait(100)
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    assert story.told()[1:] == [(SentToToplyne, "")]
    assert len({delivery_id for delivery_id, _ in story.backend.posted}) == 1


async def test_it_says_when_the_next_try_is_due(story: Story) -> None:
    await story.enter_token()
    story.backend.planned = [DOWN]
    later = await story.deliver()
    again = story.handoffs.deliver(later.tenant_id, later.delivery.id)
    assert await again == later.due_at > story.services.storage.clock.now()
    story.wait(1)
    await story.deliver()
    assert await story.handoffs.deliver(later.tenant_id, later.delivery.id) is None


@pytest.mark.parametrize(("asked", "waits"), [(50.0, 50.0), (0.5, 1.0), (9999.0, 500.0)])
async def test_what_the_receiver_asks_counts_within_reason(
    story: Story, asked: float, waits: float
) -> None:
    await story.enter_token()
    story.backend.planned = [Answered(429, "429", asked)]
    later = await story.deliver()
    assert later.due_at - later.created_at == timedelta(seconds=waits)
    story.wait(waits)
    assert (await story.deliver()).state is DeliveryState.DELIVERED


async def test_it_is_tried_to_the_last_moment_and_then_given_up(story: Story) -> None:
    await story.enter_token()
    story.backend.planned = [DOWN] * 99
    row = await story.deliver()
    while row.state is DeliveryState.PENDING:
        story.wait((row.due_at - story.services.storage.clock.now()).total_seconds())
        row = await story.deliver()
    assert row.state is DeliveryState.DEAD
    assert story.services.storage.clock.now() - row.created_at == timedelta(seconds=1000)
    assert story.told()[-1] == (ToplyneFailed, "ConnectError")
    assert story.counted[-1] == ("credentials", "given up")


async def test_gone_is_the_end_at_once(story: Story) -> None:
    await story.enter_token()
    story.backend.planned = [Answered(410, "410")]
    assert (await story.deliver()).state is DeliveryState.DEAD
    assert story.told() == [(ToplyneFailed, "410")]


async def test_a_replaced_token_is_never_sent_under_the_old_delivery(story: Story) -> None:
    await story.enter_token()
    story.wait(5)
    story.token = story.services.segment.issue("acme member", story.acme)
    await story.services.setup.submit_token(ADA, story.ref, story.token, for_toplyne=True)
    assert (await story.deliver(0)).state is DeliveryState.SUPERSEDED
    assert story.backend.posted == []
    await story.deliver(1)
    ((_, body),) = story.backend.posted
    assert body["data"]["jwe"] == f"sealed:{story.token}"


async def test_facts_that_changed_during_the_claim_stop_it(story: Story) -> None:
    await story.enter_token()
    tables = story.services.storage.tables
    key = (TEAM, INTEGRATION)
    forgotten = replace(
        tables.integrations[key], token_forgotten=story.services.recorder.stamp(ADA)
    )
    tables.integrations[key] = forgotten
    assert (await story.deliver()).state is DeliveryState.SUPERSEDED
    assert story.backend.posted == []
    assert story.told() == []


async def test_a_crash_between_answer_and_commit_repeats_it_under_the_same_id(
    story: Story,
) -> None:
    await story.enter_token()
    storage, post = story.services.storage, story.backend.post

    async def post_then_lose_the_database(*args: object) -> Answered:
        storage.available = False
        return await post(*args)

    story.backend.post = post_then_lose_the_database
    with pytest.raises(StorageUnavailable):
        await story.deliver()
    storage.available, story.backend.post = True, post
    await story.deliver()
    assert len(story.backend.posted) == 1, "the claim still stands"
    story.wait(PATIENCE.attempt + 5)
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    first, second = (delivery_id for delivery_id, _ in story.backend.posted)
    assert first == second


PROCESSES = pytest.mark.parametrize("has_webhook", [True, False], ids=["here", "elsewhere"])


@pytest.mark.parametrize("leave", ["disconnect", "forget_token"])
@pytest.mark.parametrize("tried", [True, False])
@PROCESSES
async def test_toplyne_hears_of_the_end_of_what_it_was_given(
    story: Story, leave: str, tried: bool, has_webhook: bool
) -> None:
    await story.enter_token()
    if tried:
        await story.deliver()
    if not has_webhook:
        story.moves_to_a_process_without_webhook()
    await getattr(story.services.setup, leave)(ADA, story.ref)
    assert story.rows()[0].state is DeliveryState.WITHDRAWN
    assert len(story.rows()) == 1 + tried
    if not tried:
        await story.deliver()
        assert story.backend.posted == []
        return
    story.wait(20)
    assert (await story.deliver()).state is DeliveryState.DELIVERED
    assert story.backend.posted[-1][1]["data"]["withdrawn"] == ["access_token"]


@PROCESSES
async def test_uninstalling_takes_it_back_too(story: Story, has_webhook: bool) -> None:
    await story.services.install()
    await story.enter_token()
    await story.deliver()
    if not has_webhook:
        story.moves_to_a_process_without_webhook()
    story.wait(60)
    await story.services.lifecycle.uninstall(TEAM, story.services.storage.clock.now())
    assert [row.delivery.kind for row in story.rows()][1:] == [DeliveryKind.WITHDRAWN]


async def test_free_is_given_when_a_csm_has_confirmed(story: Story) -> None:
    await story.services.install()
    setup = story.services.setup
    await setup.start(ADA)
    await setup.choose_plan(ADA, story.ref, Plan.FREE)
    await setup.submit_free(ADA, story.ref, "unknown-shop", "x" * 30, for_toplyne=True)
    assert story.rows() == []
    await story.services.csm.judging.confirm(BY_CSM)
    (row,) = story.rows()
    assert row.delivery.kind is DeliveryKind.CREDENTIALS
    await story.deliver()
    assert story.backend.posted[0][1]["data"]["verification"] == "confirmed"
