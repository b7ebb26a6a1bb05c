"""A table in front of Bolt's search.

A listener that is registered under one exact id is found by that id, without asking the others.
Bolt still handles all other kinds of requests. Why, and what it gains, is in
docs/adr/0009-a-table-in-front-of-bolt.md.
"""

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.ids import LOOKING
from bot.inbound.authorize import ACTOR, claim_of, identify
from bot.inbound.events import Events
from bot.inbound.failures import handle_failure
from bot.inbound.in_order import InOrder
from bot.inbound.press import PRESS, Press
from bot.inbound.refusals import NoListener
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.places import Places
from flows.errors import LeftWorkspace, Repeated, StorageUnavailable, TooMany
from flows.kept import Bounded
from flows.ports import PRESSED_AT, UnitOfWorkFactory
from flows.setup.permissions import Members, NotAllowed
from flows.vocabulary import Actor

Body = Mapping[str, Any]
Listener = Callable[..., Awaitable[None]]
PlacedAnswer = Callable[[Any], Awaitable[Any]]
GIVEN = frozenset({"ack", ACTOR, PRESS, "view"})
BINDING, INVITING = "here", "invite"  # words after a command that store something
# Requests a second in the long run, and how many may come at once.
PERSON, WORKSPACE = (30.0, 300.0), (150.0, 1500.0)
MOST_PACED = 10_000
TOLD_FOR = 10.0  # seconds in which somebody who is refused need not be told again
_log = structlog.get_logger(__name__)
OF_VIEWS = ("view_submission", "view_closed")


class Table:
    """Registers with Bolt by its own decorators, and notes what can be found by kind and id."""

    def __init__(self, app: AsyncApp) -> None:
        self.app = app
        self._listeners: dict[tuple[str, str], tuple[Listener, frozenset[str]]] = {}
        self._left_to_bolt: set[str] = set()  # kinds of listeners that are not in the table

    @property
    def known(self) -> Collection[tuple[str, str]]:
        return self._listeners.keys()

    def find(self, kind: str, body: Body) -> tuple[Listener, frozenset[str]] | None:
        """The listener and the names of its arguments, or a stand-in if nobody listens.

        None means that Bolt has to look. `kind` is a name that `payloads` gives.
        """
        match kind:  # the id by which Bolt tells such listeners apart
            case "command":
                id_ = body["command"]
            case "block_actions":
                id_ = body["actions"][0]["action_id"]
            case "view_submission" | "view_closed":
                id_ = body["view"]["callback_id"]
            case "block_suggestion":
                id_ = body["action_id"]
            case "shortcut" | "message_action":  # Bolt, too, takes one listener for both
                kind, id_ = "shortcut", body["callback_id"]
            case _:
                return None
        otherwise = None if kind in self._left_to_bolt else _NOBODY
        return self._listeners.get((kind, str(id_)), otherwise)

    def command(self, command: str) -> Callable[[Listener], Listener]:
        return self._noting("command", command, self.app.command(command))

    def action(self, action_id: str) -> Callable[[Listener], Listener]:
        return self._noting("block_actions", action_id, self.app.action(action_id))

    def view(self, callback_id: str) -> Callable[[Listener], Listener]:
        return self._noting("view_submission", callback_id, self.app.view(callback_id))

    def view_closed(self, callback_id: str) -> Callable[[Listener], Listener]:
        return self._noting("view_closed", callback_id, self.app.view_closed(callback_id))

    def options(self, action_id: str) -> Callable[[Listener], Listener]:
        return self._noting("block_suggestion", action_id, self.app.options(action_id))

    def shortcut(self, callback_id: str) -> Callable[[Listener], Listener]:
        return self._noting("shortcut", callback_id, self.app.shortcut(callback_id))

    def _noting(self, kind: str, id_: str, register: Any) -> Callable[[Listener], Listener]:
        def note(listener: Listener) -> Listener:
            names = frozenset(inspect.signature(listener).parameters)
            if names <= GIVEN:
                self._listeners.setdefault((kind, str(id_)), (listener, names))
            else:
                self._left_to_bolt.add(kind)
            register(listener)
            return listener

        return note


async def nobody() -> None:
    raise NoListener


_NOBODY = (nobody, frozenset[str]())


def has_one_effect(kind: str, body: Body) -> bool:
    """Whether a signed request that comes again must not act again.

    What only looks is not written down, so that it costs no write. `/segment` and the shortcut are
    remembered by their use case, if they begin something.
    """
    match kind:
        case "view_submission":
            return True
        case "block_actions":
            return body["actions"][0]["action_id"] not in LOOKING
        case "command":
            words = str(body.get("text") or "").casefold().split()
            return words == [BINDING] or words[:1] == [INVITING]
    return False


class Pace:
    """Limits how fast one person, and one workspace, may go.

    The limits are above what anybody needs, and below what would slow down others. Each process
    counts for itself, in memory.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        # When the whole burst is there again. No entry: it is there now.
        self._full_at = Bounded[tuple[str, str], float](MOST_PACED)
        self._told_at = Bounded[tuple[str, str], float](MOST_PACED)

    def require(self, actor: Actor) -> None:
        """Raises `TooMany`."""
        now = self._timer()
        waits, taken = 0.0, {}
        for user_id, (rate, burst) in ((actor.user_id, PERSON), ("", WORKSPACE)):
            key = actor.tenant_id, user_id
            taken[key] = at = max(self._full_at.get(key, now), now) + 1 / rate
            waits = max(waits, at - now - burst / rate)
        if waits > 0:
            raise TooMany(waits, is_known=self._is_known((actor.tenant_id, actor.user_id), now))
        self._full_at.update(taken)

    def _is_known(self, person: tuple[str, str], now: float) -> bool:
        told_at = self._told_at.get(person)
        if told_at is not None and now - told_at < TOLD_FOR:
            return True
        self._told_at[person] = now
        return False


class Listeners(AsyncListenerStartHandler):
    """Keeps track of running listeners, so that the process can wait for them before it ends."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def watch(self, app: AsyncApp) -> None:
        app.listener_runner.listener_start_handler = self

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        task = asyncio.current_task()
        if task is not None:
            self.keep(task)

    def keep(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    @property
    def running(self) -> tuple[asyncio.Task[Any], ...]:
        return tuple(self._running)

    async def ended(self, grace: float) -> None:
        """Gives them `grace` seconds; what runs longer is cut, before the database is closed."""
        if self._running:
            await asyncio.wait(self.running, timeout=grace)
        left = self.running
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


class Dispatch:
    """Answers requests that were found to be Slack's, by the table or by Bolt."""

    def __init__(
        self,
        table: Table,
        events: Events,
        installations: InstallationLookup,
        clients: SlackClients,
        running: Listeners,
        uow: UnitOfWorkFactory,
        places: Places,
        in_order: InOrder,
        members: Members,
    ) -> None:
        self._members = members
        self._places = places
        self._in_order = in_order
        self._uow = uow
        self.pace = Pace()
        self._table = table
        self._events = events
        self._installations = installations
        self._clients = clients
        self._running = running

    async def answer(self, kind: str, body: Body, request: str = "") -> BoltResponse:
        """Returns as soon as the listener has acknowledged.

        `request` is a hash that is the same for the same signed request.
        """
        if kind == "event" and body["type"] == "event_callback":
            return await self._events.take(body)
        PRESSED_AT.set(asyncio.get_running_loop().time())
        found = self._table.find(kind, body)
        if found is None:
            # The mode says that the body is parsed and needs no check of a signature any more.
            by_bolt = AsyncBoltRequest(mode="socket_mode", body=dict(body))
            return await self._table.app.async_dispatch(by_bolt)
        acts = bool(request) and found is not _NOBODY and has_one_effect(kind, body)
        call = _Call(body, request, has_one_effect=acts)
        work = asyncio.create_task(self._run(call, *found))
        self._running.keep(work)
        return await call.answered

    async def _run(self, call: "_Call", listener: Listener, names: frozenset[str]) -> None:
        """Tells the person about a failure, in the acknowledgement if that has not left yet."""
        client: AsyncWebClient = self._clients.base
        try:
            by = "" if call.has_one_effect else call.request  # each is remembered once
            actor, token = await identify(self._installations, claim_of(call.body), by)
            client = self._clients.with_token(token)
            if actor.enterprise_id == actor.tenant_id:  # of several Slack workspaces
                client = self._clients.of_organisation(actor.tenant_id, token)
                call.placed = partial(self._places.placed, actor.tenant_id)
            self.pace.require(actor)
            if call.has_one_effect:
                await self._uow.first(actor.tenant_id, call.request)
            press = Press(call.body, client, self._in_order)
            await listener(**call.arguments(names, actor, press))
        except Repeated:
            _log.info("request_repeated", tenant_id=actor.tenant_id)
            call.end(BoltResponse(status=200, body=""))
        except Exception as error:  # noqa: BLE001 - the edge of interactions, as Bolt has one
            if isinstance(error, LeftWorkspace):
                client = await self._of_organisation(call.body)
            if isinstance(error, NotAllowed):
                await self._leave_out_who_left(error)
            press = Press(call.body, client, self._in_order)
            call.end(await handle_failure(error, call, press))
        finally:
            call.end(None)

    async def _leave_out_who_left(self, refused: NotAllowed) -> None:
        """The refusal names those who can be asked: all, while nobody says who is still there."""
        right = refused.onlooker.right
        with suppress(StorageUnavailable):
            refused.onlooker = await self._members.onlooker(refused.situation, right)

    async def _of_organisation(self, body: Body) -> AsyncWebClient:
        """Its token still reaches whoever pressed, also on Home, where Slack gives no address."""
        with suppress(StorageUnavailable):
            if found := await self._installations.find(claim_of(body).enterprise_id):
                return self._clients.with_token(found[1])
        return self._clients.base


class _Call(AsyncAck):
    """One request and its answer. Listeners get it as `ack`.

    It answers at once when it is called: Bolt by itself looks every 10 ms.
    """

    def __init__(self, body: Body, request: str, *, has_one_effect: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.body = body
        self.request = request
        self.has_one_effect = has_one_effect
        self.placed: PlacedAnswer | None = None
        self.answered: asyncio.Future[BoltResponse] = asyncio.get_running_loop().create_future()

    async def __call__(self, *arguments: Any, **named: Any) -> BoltResponse:
        if self.placed:
            arguments, named = await self._said_where(self.placed, arguments, named)
        response = await super().__call__(*arguments, **named)
        self.end(response)
        return response

    async def _said_where(
        self, placed: PlacedAnswer, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """A window or a message in the answer says which Slack workspace it is about."""
        if named.get("view"):
            return arguments, {**named, "view": await placed(named["view"])}
        if named.get("blocks"):
            return arguments, await placed(named)
        if arguments and "blocks" in arguments[0]:  # an answer that is ready
            return (), dict(await placed(json.loads(arguments[0])))
        return arguments, named

    def arguments(self, names: frozenset[str], actor: Actor, press: Press) -> dict[str, Any]:
        """What Bolt would give under these names."""
        view = self.body["view"] if self.body.get("type") in OF_VIEWS else None
        given = {"ack": self, ACTOR: actor, PRESS: press, "view": view}
        return {name: given[name] for name in names}

    def end(self, response: BoltResponse | None) -> None:
        """Ends the request. A listener that ends without an acknowledgement has failed."""
        if not self.answered.done():
            self.answered.set_result(response or BoltResponse(status=500, body=""))
