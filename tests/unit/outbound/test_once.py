"""Doubt about a direct message: who is asked because of it, and what the answers mean."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from slack_sdk.errors import SlackApiError

from bot.outbound.calls import Later, Outgoing
from bot.outbound.once import METADATA_TYPE, ClaimedMessage, Posting
from bot.views.kit.message import Rendered
from flows.outbox.bodies import Hint
from flows.outbox.messages import Attempt, Message, MessageState, StoredMessage

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = "message_hint:Ev1"
Page = tuple[Sequence[Mapping[str, Any]], str]


class FakeOutgoing:
    """Plays back pages of history, or an error by Slack."""

    tenant_id = "T1"

    def __init__(self, *pages: Page | str) -> None:
        self._pages = list(pages)
        self.asked: list[dict[str, Any]] = []
        self.opened: list[str] = []
        self.posted: list[tuple[str, Mapping[str, Any]]] = []

    async def open_direct(self, user_id: str) -> str:
        self.opened.append(user_id)
        return "D1"

    async def history(self, channel: str, **asked: Any) -> Page:
        self.asked.append(asked)
        page = self._pages.pop(0)
        if isinstance(page, str):
            raise SlackApiError("refused", {"ok": False, "error": page})
        return page

    async def post(
        self, channel: str, _rendered: Rendered, *, metadata: Mapping[str, Any]
    ) -> tuple[str, str]:
        self.posted.append((channel, metadata))
        return "D1", "5.5"


def claimed(doubt: Attempt | None) -> ClaimedMessage:
    message = Message(Hint(), "user:U1", KEY)
    stored = StoredMessage(7, "T1", message, MessageState.PENDING, 1, due_at=NOON, created_at=NOON)
    return ClaimedMessage(stored, doubt)


def doubtful(cursor: str = "") -> Attempt:
    return Attempt(NOON, NOON + timedelta(seconds=10), cursor)


def said(ts: str, key: str, event_type: str = METADATA_TYPE) -> Mapping[str, Any]:
    return {"ts": ts, "metadata": {"event_type": event_type, "event_payload": {"key": key}}}


async def find(outgoing: FakeOutgoing, wanted: ClaimedMessage) -> tuple[str, str] | None:
    return await Posting().find(cast("Outgoing", outgoing), wanted)


async def test_without_doubt_slack_is_not_asked() -> None:
    outgoing = FakeOutgoing()
    assert await find(outgoing, claimed(None)) is None
    assert (outgoing.asked, outgoing.opened) == ([], [])


async def test_the_message_with_the_key_is_the_one() -> None:
    others = [{"ts": "3.0", "text": "typed"}, said("2.0", KEY, "of another app"), said("1.9", "x")]
    outgoing = FakeOutgoing(([*others, said("1.5", KEY)], ""))
    assert await find(outgoing, claimed(doubtful())) == ("D1", "1.5")
    (asked,) = outgoing.asked
    assert asked["limit"] == 15
    assert float(asked["oldest"]) <= NOON.timestamp()


async def test_what_is_not_there_may_be_posted_and_is_no_longer_in_doubt() -> None:
    wanted = claimed(doubtful())
    assert await find(FakeOutgoing(([said("1.9", "x")], "")), wanted) is None
    assert wanted.doubt is None


async def test_the_search_goes_on_page_by_page_with_one_call_a_turn() -> None:
    wanted = claimed(doubtful())
    first = FakeOutgoing(([said("9.0", "x")], "page two"))
    with pytest.raises(Later):
        await find(first, wanted)
    assert wanted.doubt == doubtful("page two")
    second = FakeOutgoing(([said("2.0", KEY)], ""))
    assert await find(second, wanted) == ("D1", "2.0")
    assert [call["cursor"] for call in first.asked + second.asked] == ["", "page two"]


async def test_a_place_that_slack_forgot_makes_the_search_begin_anew() -> None:
    wanted = claimed(doubtful("page two"))
    with pytest.raises(Later):
        await find(FakeOutgoing("invalid_cursor"), wanted)
    assert wanted.doubt == doubtful()


class MayNotOpen(FakeOutgoing):
    async def open_direct(self, user_id: str) -> str:
        raise SlackApiError("refused", {"ok": False, "error": "missing_scope"})


@pytest.mark.parametrize("outgoing", [FakeOutgoing("missing_scope"), MayNotOpen()])
async def test_an_installation_that_may_not_ask_gets_the_message_rather_twice_than_never(
    outgoing: FakeOutgoing,
) -> None:
    wanted = claimed(doubtful())
    assert await find(outgoing, wanted) is None
    assert wanted.doubt is None


async def test_other_refusals_leave_the_doubt() -> None:
    wanted = claimed(doubtful())
    with pytest.raises(SlackApiError):
        await find(FakeOutgoing("internal_error"), wanted)
    assert wanted.doubt == doubtful()


async def test_the_channel_is_asked_for_once() -> None:
    posting, outgoing = Posting(), FakeOutgoing(([], ""), ([], ""))
    for _ in range(2):
        await posting.find(cast("Outgoing", outgoing), claimed(doubtful()))
    assert outgoing.opened == ["U1"]


async def test_a_message_carries_its_key_and_nothing_else() -> None:
    outgoing = FakeOutgoing()
    rendered = Rendered("Hello", [])
    sent = await Posting().post(cast("Outgoing", outgoing), claimed(None), rendered)
    assert sent == ("D1", "5.5")
    metadata = {"event_type": METADATA_TYPE, "event_payload": {"key": KEY}}
    assert outgoing.posted == [("U1", metadata)]
