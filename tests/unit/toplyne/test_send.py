"""Delivering to Toplyne's backend: retries, what is never sent, and what CSMs are told."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest
from pydantic import SecretStr

from flows.errors import StorageUnavailable
from flows.history import Event
from flows.setup.submission import Ref
from flows.toplyne.events import SentToToplyne, ToplyneDelayed, ToplyneFailed
from flows.toplyne.model import Answered, DeliveryKind, DeliveryState, StoredDelivery
from flows.toplyne.send import TOLD_AFTER, USUAL_RETRY_POLICY, RetryPolicy, ToplyneSender
from flows.toplyne.triggers import ToplyneTriggers
from flows.vocabulary import Plan
from tests.support.flow_services import ADA, BY_CSM, INTEGRATION, TEAM, Services

PATIENCE = RetryPolicy(backoff=(1.0, 100.0), in_all=1000.0, longest=500.0)
DOWN, TAKEN = Answered(0, "ConnectError"), Answered(204)


class FakeSealer:
    def seal(self, plaintext: SecretStr) -> str:
        return "sealed:" + json.loads(plaintext.get_secret_value()).get("access_token", "")


@dataclass
class FakeBackend:
    """Answers as planned, then accepts everything."""

    planned: list[Answered] = field(default_factory=list)
    posted: list[tuple[str, dict]] = field(default_factory=list)

    async def post(self, delivery_id: str, body: str, seconds: float) -> Answered:
        self.posted.append((delivery_id, json.loads(body)))
        return self.planned.pop(0) if self.planned else TAKEN


class Story:
    """Ada on Business, and a webhook."""

    def __init__(self) -> None:
        numbers = count(1)
        self.ids = lambda prefix: f"{prefix}_{next(numbers)}"
        self.services = Services(to_toplyne=ToplyneTriggers(self.ids))
        self.backend, self.counted = FakeBackend(), []
        self.handoffs = self.made()
        self.acme = self.services.segment.workspace_with("acme", "web")
        self.token = self.services.segment.issue("acme owner", self.acme)

    def made(self, **changed: object) -> ToplyneSender:
        parts = {
            "recorder": self.services.recorder,
            "backend": self.backend,
            "sealer": FakeSealer(),
            "clock": self.services.storage.clock,
            "jitter": lambda: 0.0,
            "count": lambda *seen: self.counted.append(seen),
            "policy": PATIENCE,
        }
        return ToplyneSender(**{**parts, **changed})

    @property
    def ref(self) -> Ref:
        integration = self.services.integration()
        assert integration
        return Ref(INTEGRATION, integration.revision)

    async def enter_token(self, *, told: bool = True) -> None:
        setup = self.services.setup
        await setup.start(ADA)
        await setup.choose_plan(ADA, self.ref, Plan.BUSINESS)
        await setup.submit_token(ADA, self.ref, self.token, for_toplyne=told)

    def moves_to_a_process_without_webhook(self) -> None:
        """What people press from here on."""
        shared = (self.services.storage, self.services.segment, self.services.directory)
        self.services = Services(*shared, ToplyneTriggers(self.ids, gives=False))

    def rows(self) -> list[StoredDelivery]:
        return list(self.services.storage.tables.deliveries.values())

    async def deliver(self, row: int = -1) -> StoredDelivery:
        delivery_id = self.rows()[row].delivery.id
        await self.handoffs.deliver(TEAM, delivery_id)
        return self.rows()[row]

    def wait(self, seconds: float) -> None:
        self.services.storage.clock.advance(timedelta(seconds=seconds))

    def told(self) -> list[tuple[type[Event], str]]:
        kinds = (SentToToplyne, ToplyneDelayed, ToplyneFailed)
        events = (entry.event for *_, entry in self.services.storage.tables.history)
        return [(type(e), getattr(e, "error", "")) for e in events if isinstance(e, kinds)]


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


async def test_free_is_given_when_a_csm_has_confirmed(story: Story) -> None:
    await story.services.install()
    setup = story.services.setup
    await setup.start(ADA)
    await setup.choose_plan(ADA, story.ref, Plan.FREE)
    await setup.submit_free(ADA, story.ref, "unknown-shop", "x" * 30, for_toplyne=True)
    assert story.rows() == []
    await story.services.csm.confirm(BY_CSM)
    (row,) = story.rows()
    assert row.delivery.kind is DeliveryKind.CREDENTIALS
    await story.deliver()
    assert story.backend.posted[0][1]["data"]["verification"] == "confirmed"
