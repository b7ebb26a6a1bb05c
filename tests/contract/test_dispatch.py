"""The table in front of Bolt: both ways find every listener, and the answers are the same."""

import uuid
from contextlib import AsyncExitStack
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.app import Bot
from bot.inbound.dispatch import Table
from bot.outbound.clients import SlackClient
from bot.settings import Settings
from storage.cipher import generate_key
from tests.support.fake_segment import FakeSegment
from tests.support.fakes import FakeStorage
from tests.support.flow_services import ADA, CSM_TEAM, TEAM, Services

Json = dict[str, Any]
KINDS = {
    "command", "block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut"
}  # fmt: skip


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Records the calls to Slack, which answers all at once. All references are the same."""
    made: list[Json] = []

    async def answer(client: AsyncWebClient, method: str, **arguments: Any) -> AsyncSlackResponse:
        made.append({"method": method, "token": client.token, **arguments})
        user = {"id": "U1"}
        data = {"ok": True, "view": {"id": "V2"}, "channel": "D1", "ts": "1.1", "user": user}
        return AsyncSlackResponse(
            client=client, http_verb="POST", api_url="", req_args={}, data=data,
            headers={}, status_code=200,
        )  # fmt: skip

    monkeypatch.setattr(SlackClient, "api_call", answer)
    monkeypatch.setattr(AsyncWebClient, "api_call", answer)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=1))
    return made


async def a_bot(stack: AsyncExitStack) -> Bot:
    """A bot with its own storage. Ada is at the beginning."""
    services = Services(FakeStorage(), FakeSegment())
    settings = Settings(
        _env_file=None,
        slack_client_id="1.1",
        slack_client_secret="secret",
        public_url="https://bot.example.com",
        csm_team_id=CSM_TEAM,
        encryption_keys=generate_key().get_secret_value(),
    )
    bot = Bot(settings, stack)
    bot.uow, bot.clock, bot.segment = services.storage, services.storage.clock, services.segment
    await services.install()
    await services.setup.start(ADA)
    return bot


def body_of(kind: str, id_: str) -> Json:
    """The request that Slack posts, as far as this test needs it."""
    team, user = {"id": TEAM, "domain": "acme"}, {"id": ADA.user_id, "team_id": TEAM}
    view = {
        "id": "V1", "type": "modal", "callback_id": id_, "hash": "1.abcdefgh", "blocks": [],
        "private_metadata": "", "state": {"values": {}},
    }  # fmt: skip
    around = {"type": kind, "team": team, "user": user, "trigger_id": "1.2.abc"}
    match kind:
        case "command":
            where = {"team_id": TEAM, "user_id": ADA.user_id, "channel_id": "C1"}
            return {
                "command": id_,
                "text": "",
                "trigger_id": "1.2.abc",
                "response_url": "",
                **where,
            }
        case "block_actions":
            action = {"type": "button", "action_id": id_, "block_id": "b", "value": "plan"}
            return {**around, "actions": [action], "view": view}
        case "block_suggestion":
            return {**around, "action_id": id_, "block_id": "b", "value": "", "view": view}
        case "shortcut":
            return {**around, "callback_id": id_}
    return {**around, "view": view}


async def answered(kind: str, id_: str, calls: list[Json], *, by_table: bool) -> Json:
    calls.clear()
    async with AsyncExitStack() as stack:
        bot = await a_bot(stack)
        bot.listeners.watch(bot.bolt)
        body = body_of(kind, id_)
        if by_table:
            response = await bot.dispatch.answer(kind, body)
        else:
            response = await bot.bolt.async_dispatch(
                AsyncBoltRequest(mode="socket_mode", body=body)
            )
        await bot.listeners.ended(5.0)
        return {"status": response.status, "body": response.body, "calls": list(calls)}


def of_each_shape(table: Table) -> list[tuple[str, str]]:
    """One listener of each kind for each set of arguments. Beyond these, neither way tells two
    listeners apart.
    """
    found: dict[tuple[str, frozenset[str]], tuple[str, str]] = {}
    for kind, id_ in sorted(table.known):
        entry = table.find(kind, body_of(kind, id_))
        assert entry is not None
        found.setdefault((kind, entry[1]), (kind, id_))
    return list(found.values())


async def test_a_listener_of_each_shape_answers_the_same_by_the_table_and_by_bolt(
    calls: list[Json],
) -> None:
    async with AsyncExitStack() as stack:
        shapes = of_each_shape((await a_bot(stack)).table)
    assert {kind for kind, _ in shapes} == KINDS
    assert len(shapes) > len(KINDS), "some of one kind take other arguments"
    for key in shapes:
        by_table = await answered(*key, calls, by_table=True)
        assert await answered(*key, calls, by_table=False) == by_table, key


async def test_the_table_knows_every_listener_that_bolt_has() -> None:
    async with AsyncExitStack() as stack:
        bot = await a_bot(stack)
        listeners = bot.bolt._async_listeners
        assert len(bot.table.known) > 60
        assert len(bot.table.known) == len(listeners)
        for key in bot.table.known:
            request = AsyncBoltRequest(mode="socket_mode", body=body_of(*key))
            matching = [
                each for each in listeners if await each.async_matches(req=request, resp=None)
            ]  # type: ignore[arg-type]
            entry = bot.table.find(key[0], body_of(*key))
            assert entry is not None
            assert [each.ack_function for each in matching] == [entry[0]], key


async def test_what_nobody_listens_to_is_answered_as_by_bolt(calls: list[Json]) -> None:
    for kind in sorted(KINDS):
        by_table = await answered(kind, "unknown", calls, by_table=True)
        assert by_table == await answered(kind, "unknown", calls, by_table=False), kind


async def test_what_nobody_listens_to_is_refused_by_one_look_into_the_table(
    calls: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt would ask each listener, and nothing has happened that must be remembered."""
    async with AsyncExitStack() as stack:
        bot = await a_bot(stack)
        assert {kind for kind, _ in bot.table.known} == KINDS

        async def search(*_arguments: Any) -> None:
            raise AssertionError("Bolt searches")

        def begin(*_arguments: Any, **_options: Any) -> None:
            raise AssertionError("something is written")

        monkeypatch.setattr(bot.bolt, "async_dispatch", search)
        monkeypatch.setattr(bot.dispatch, "_uow", begin)
        for kind in KINDS:
            answer = await bot.dispatch.answer(kind, body_of(kind, "unknown"), "a request")
            assert answer.status == 200, kind
        unknown = await bot.dispatch.answer("command", body_of("command", "/other"))
        assert "Something went wrong" in unknown.body


async def test_listeners_that_name_other_arguments_are_left_to_bolt(calls: list[Json]) -> None:
    async with AsyncExitStack() as stack:
        table = (await a_bot(stack)).table

        async def listen(ack: Any, payload: Any) -> None: ...

        table.command("/other")(listen)
        assert table.find("command", body_of("command", "/other")) is None
        assert table.find("command", body_of("command", "/segment"))
        message_shortcut = {**body_of("shortcut", "connect_segment"), "type": "message_action"}
        by_message = table.find("message_action", message_shortcut)
        assert by_message == table.find("shortcut", body_of("shortcut", "connect_segment"))
