"""Who may send, what is stored about an attempt, and when a message is given up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from slack_sdk.errors import SlackApiError, SlackObjectFormationError

from bot.clock import SystemClock
from bot.metrics import Metrics
from bot.outbound.calls import Later
from bot.outbound.channel import ChannelUnknown
from bot.outbound.deliver import (
    CHANNEL_CLOSED,
    MESSAGE_BACKOFF,
    MOST_STRETCHED,
    SPREAD,
    Deliverer,
)
from bot.outbound.errors import error_name
from bot.outbound.once import ClaimedMessage
from bot.outbound.removal import Removal
from bot.outbound.render import Sender
from flows.errors import DirectoryUnavailable, StorageUnavailable
from flows.outbox.bodies import Hint
from flows.outbox.intents import draws_message
from flows.outbox.messages import Message, MessageState, StoredMessage
from flows.ports import Clock
from tests.support.fake_tables import FakeClock
from tests.support.fakes import FakeStorage

T, PERSON, CARD = "T1", "user:U1", "csm:int_1"
Behave = Callable[[ClaimedMessage], Any]


class StubSender:
    """Does what a test wants, and keeps the claimed messages that it was given."""

    def __init__(self, behave: Behave = lambda _errand: None) -> None:
        self.behave = behave
        self.claimed: list[ClaimedMessage] = []

    async def send(self, claimed: ClaimedMessage, until: datetime) -> tuple[str, str]:
        self.claimed.append(claimed)
        await asyncio.sleep(0)
        waiting = self.behave(claimed)
        if waiting is not None:
            await waiting
        return "D1", "1.1"

    @property
    def keys(self) -> list[str]:
        return [claimed.stored.message.key for claimed in self.claimed]


@pytest.fixture
def storage() -> FakeStorage:
    made = FakeStorage(FakeClock(datetime.now(UTC) - timedelta(seconds=1)))
    made.install(T)
    return made


def delivery(storage: FakeStorage, sender: StubSender, real: Clock | None = None) -> Deliverer:
    return Deliverer(
        storage,
        storage.clock,
        real or SystemClock(),
        cast("Sender", sender),
        cast("Removal", None),
        Metrics(),
    )


async def put(storage: FakeStorage, *keys: str, conversation: str = PERSON) -> None:
    async with storage(T) as work:
        for key in keys:
            await work.outbox.add(Message(Hint(), conversation, key))
        await work.commit()


def only(storage: FakeStorage) -> StoredMessage:
    (message,) = storage.messages
    return message


def raises(error: Exception) -> Behave:
    def behave(_errand: ClaimedMessage) -> None:
        raise error

    return behave


def slack_says(name: str) -> SlackApiError:
    return SlackApiError("refused", {"ok": False, "error": name})


async def test_workers_that_drain_one_conversation_at_once_send_each_message_once(
    storage: FakeStorage,
) -> None:
    await put(storage, *"abcde")
    sender = StubSender()
    workers = [delivery(storage, sender) for _ in range(4)]
    for _ in range(5):
        await asyncio.gather(*(worker.drain(T, PERSON) for worker in workers))
    assert sender.keys == [*"abcde"]
    assert {message.state for message in storage.messages} == {MessageState.SENT}


async def test_what_is_said_while_much_is_drawn_anew_goes_before_the_rest_of_it(
    storage: FakeStorage,
) -> None:
    said = Message(Hint(), PERSON, "said")
    async with storage(T) as work:
        for number in range(30):
            await work.outbox.add(draws_message(said, f"edit {number}"))
        await work.commit()

    def write(claimed: ClaimedMessage) -> Awaitable[None] | None:
        is_third = claimed.stored.message.key == "edit 2:said"
        return put(storage, "news") if is_third else None

    sender = StubSender(write)
    await delivery(storage, sender).drain(T, PERSON)
    assert sender.keys[:4] == ["edit 0:said", "edit 1:said", "edit 2:said", "news"]
    assert len(sender.keys) == 31


async def test_while_an_attempt_lasts_nobody_else_begins_one(storage: FakeStorage) -> None:
    await put(storage, "a", "b")
    go_on = asyncio.Event()
    sender = StubSender(lambda _errand: go_on.wait())
    first = asyncio.create_task(delivery(storage, sender).drain(T, PERSON))
    await asyncio.sleep(0.01)
    await delivery(storage, sender).drain(T, PERSON)
    assert sender.keys == ["a"]
    go_on.set()
    await first
    assert sender.keys == ["a", "b"]


async def test_an_attempt_is_stored_before_it_begins(storage: FakeStorage) -> None:
    await put(storage, "a")
    seen: list[StoredMessage] = []
    sender = StubSender(lambda _errand: seen.append(only(storage)))
    await delivery(storage, sender).drain(T, PERSON)
    (during,) = seen
    assert during.attempt is not None
    assert during.attempts == 1
    assert during.due_at > during.attempt.until
    assert sender.claimed[0].doubt is None
    assert only(storage).attempt is None


async def test_a_worker_that_dies_leaves_doubt_to_the_next_one(
    storage: FakeStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbound.deliver.CLOCK_SKEW", timedelta(seconds=-10))  # at once
    await put(storage, "a")
    with pytest.raises(StorageUnavailable):  # nothing more can be stored, as if it had died
        await delivery(storage, StubSender(raises(StorageUnavailable("x")))).drain(T, PERSON)
    left = only(storage).attempt
    sender = StubSender(raises(Later(5.0)))
    await delivery(storage, sender).drain(T, PERSON)
    assert sender.claimed[0].doubt == left
    assert only(storage).attempt == left  # nothing was found out


@pytest.mark.parametrize(
    ("conversation", "waits"), [(PERSON, True), (CARD, False)], ids=["person", "channel"]
)
async def test_only_a_direct_message_waits_for_the_deadline_of_a_doubtful_attempt(
    storage: FakeStorage, conversation: str, waits: bool
) -> None:
    await put(storage, "a", conversation=conversation)
    sender = StubSender(raises(slack_says("internal_error")))
    await delivery(storage, sender).drain(T, conversation)
    left = only(storage)
    assert left.attempt is not None
    assert (left.due_at >= left.attempt.until - timedelta(seconds=0.1)) is waits


@pytest.mark.parametrize(
    "error",
    [
        *map(slack_says, ("user_disabled", "invalid_blocks", "channel_not_found")),
        SlackObjectFormationError("beyond Slack's limits"),
    ],
    ids=error_name,
)
async def test_what_slack_refuses_for_good_is_dead_and_the_next_one_goes(
    storage: FakeStorage, error: Exception
) -> None:
    await put(storage, "a", "b")
    sender = StubSender()
    sender.behave = lambda claimed: (
        raises(error)(claimed) if claimed.stored.message.key == "a" else None
    )
    await delivery(storage, sender).drain(T, PERSON)
    first, second = storage.messages
    assert (first.state, first.error, first.attempt) == (MessageState.DEAD, error_name(error), None)
    assert second.state is MessageState.SENT


@pytest.mark.parametrize(
    "error",
    [slack_says("no_permission"), slack_says("ekm_access_denied"), DirectoryUnavailable("x")],
)
async def test_what_may_pass_is_later_and_never_in_doubt(
    storage: FakeStorage, error: Exception
) -> None:
    await put(storage, "a")
    again_at = await delivery(storage, StubSender(raises(error))).drain(T, PERSON)
    left = only(storage)
    assert (left.state, left.attempt) == (MessageState.PENDING, None)
    assert again_at == left.due_at > datetime.now(UTC)


@pytest.mark.parametrize(
    ("days", "attempts", "state"),
    [
        (2, 11, MessageState.DEAD),
        (2, 3, MessageState.PENDING),  # few tries in a long time, perhaps for want of a worker
        (0, 50, MessageState.PENDING),  # many tries in a short time
    ],
)
async def test_what_cannot_be_reached_is_given_up_after_long_and_many_tries(
    storage: FakeStorage, days: int, attempts: int, state: MessageState
) -> None:
    storage.clock.advance(-timedelta(days=days))
    await put(storage, "a")
    stored = only(storage)
    storage.tables.outbox[stored.sequence] = replace(stored, attempts=attempts)
    sender = StubSender(raises(slack_says("service_unavailable")))
    await delivery(storage, sender).drain(T, PERSON)
    assert (only(storage).state, only(storage).error) == (state, "service_unavailable")


async def test_it_says_when_the_next_turn_of_a_conversation_comes(storage: FakeStorage) -> None:
    await put(storage, "a", "b")
    sender = StubSender(raises(Later(0.7)))
    again_at = await delivery(storage, sender).drain(T, PERSON)
    assert again_at == storage.messages[0].due_at > datetime.now(UTC)
    assert storage.messages[0].attempt is None
    assert await delivery(storage, sender).drain(T, PERSON) == again_at  # woken too early
    assert sender.keys == ["a"]
    storage.tables.outbox[1] = replace(storage.messages[0], due_at=storage.clock.now())
    assert await delivery(storage, StubSender()).drain(T, PERSON) is None
    assert {message.state for message in storage.messages} == {MessageState.SENT}


@pytest.mark.parametrize("days", [0, 1], ids=["new", "old"])
@pytest.mark.parametrize(
    "behind", [ChannelUnknown("not_in_channel"), slack_says("missing_scope")], ids=error_name
)
async def test_who_waits_at_a_closed_door_comes_ever_more_rarely(
    storage: FakeStorage, behind: Exception, days: int
) -> None:
    """For as long as it has been refused already, however old it is, whatever it was tried for."""
    await put(storage, "a")
    clock, waits = FakeClock(only(storage).created_at + timedelta(days=days)), list[float]()
    deliverer = delivery(storage, StubSender(raises(behind)), clock)
    for _ in range(9):
        stored = only(storage)
        clock.advance(max(timedelta(), stored.due_at - clock.now()))
        storage.tables.outbox[stored.sequence] = replace(stored, attempts=stored.attempts + 3)
        await deliverer.drain(T, PERSON)
        waits.append((only(storage).due_at - clock.now()).total_seconds())
    assert waits == sorted(waits)
    assert waits[0] < 2 * CHANNEL_CLOSED
    assert waits[-1] == MOST_STRETCHED * waits[0]


async def test_what_failed_for_all_at_one_moment_is_not_tried_again_at_one_moment(
    storage: FakeStorage,
) -> None:
    people = [f"user:U{number}" for number in range(SPREAD)]
    for person in people:
        await put(storage, person, conversation=person)
    now = FakeClock(datetime.now(UTC))
    sender = StubSender(raises(slack_says("service_unavailable")))
    broken = delivery(storage, sender, now)
    turns = [await broken.drain(T, person) for person in people]
    waits = sorted((at - now.now()).total_seconds() for at in turns if at)
    assert len(set(waits)) == SPREAD
    assert (waits[0], waits[-1]) == (MESSAGE_BACKOFF[0], MESSAGE_BACKOFF[0] * (2 - 1 / SPREAD))
