"""One person at one Slack client."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

from playground.slack.core import Core
from playground.slack.elements import STATEFUL, Placed, carried_over, chosen_options, placed
from playground.slack.events import Events
from playground.slack.interactions import Interactions
from playground.slack.messages import Messages
from playground.slack.model import Json, Message, Typed, TypedKey, User, View
from playground.slack.screen import VisibleMessage, Where, find_input
from playground.slack.typing_in import NotVisible, Typing, complaints, pick_option
from playground.slack.viewer import Source, Viewer

REMEMBERED = 500  # messages in which the person picked something, links that they opened
RECHECK = 0.25  # seconds; for predicates about things outside this Slack
PATIENCE = 120.0  # seconds; an app that takes longer, even on a busy machine, is broken


Found = TypeVar("Found")


class Person(Viewer):
    """Each method does what a click does, and returns once the app's answer has been applied."""

    def __init__(
        self,
        user: User,
        team_id: str,
        core: Core,
        messages: Messages,
        interactions: Interactions,
        events: Events,
    ) -> None:
        super().__init__(user, team_id, core)
        self.opened_links: list[str] = []
        self._messages = messages
        self._interactions = interactions
        self._events = events
        self._typing = Typing(core.state, team_id)
        self._typed_in_messages: dict[tuple[str, str], Typed] = {}
        self._found: dict[TypedKey, list[Json]] = {}
        self._dispatches: set[asyncio.Task[None]] = set()

    async def command(self, line: str, channel: str | None = None) -> None:
        """Type a slash command like `/segment status`, by default in the team's first channel."""
        await self.settle()
        command, _, text = line.partition(" ")
        where = self.channel(channel) if channel else self._first_channel()
        if where is None:
            raise NotVisible(f"no channel in which {self.user.name} could type {line!r}")
        await self._interactions.command(self.user, command, text.strip(), where)

    async def shortcut(self, callback_id: str, message: VisibleMessage | None = None) -> None:
        """Run a global shortcut, or a message shortcut on a message."""
        await self.settle()
        await self._interactions.shortcut(
            self.user, callback_id, message.message if message else None
        )

    async def open_home(self, tab: str = "home") -> None:
        """Look at the app: at its Home, or at `messages`. Returns once it has taken the event."""
        installation = self._core.installation_for(self.user)
        if installation is None or not self._core.manifest.home_enabled:
            raise NotVisible("this app has no Home here")
        self.home_shown = tab == "home"
        channel = self._core.state.direct_messages(self.user, installation)
        event: Json = {
            "type": "app_home_opened",
            "user": self.user.id,
            "channel": channel.id,
            "tab": tab,
        }
        view = self._core.state.home_of(self.user)
        if view is not None and self.home_shown:
            event["view"] = self._core.views.as_json(view, installation)
        self._events.emit(installation, "app_home_opened", event, self.user.team_id)
        await self._events.first_answers()

    async def say(
        self, channel: str | None, text: str, thread_ts: str = "", **way: Any
    ) -> VisibleMessage:
        """Type a message, or a reply in a thread, by default to the app itself.

        `way`: what its event says beside, such as `subtype="me_message"` or files.
        """
        where = self.channel(channel) if channel else self._direct_messages()
        if where is None:
            raise NotVisible(f"no channel {channel!r}")
        if where.kind == "im" and not self._core.manifest.people_can_write:
            raise NotVisible("the app's manifest does not let people write to it")
        said = self._messages.said(self.user, where, text, thread_ts, **way)
        await self._events.first_answers()
        return self._shown(said)

    async def edit(self, message: VisibleMessage, text: str) -> None:
        """Change what one has said to the app."""
        where = self._direct_messages()
        if where is None or message.message.user != self.user.id:
            raise NotVisible("not a message of one's own to the app")
        self._messages.said_anew(self.user, where, message.message, text)
        await self._events.first_answers()

    def fill(self, where: Where, value: Any) -> Awaitable[None]:
        """Type or pick a value in the top modal, or in Home if there is no modal.

        `where` is a label, a block_id, an action_id or both ids. Await the result to wait until
        the app has acknowledged an element that reports its changes.
        """
        if self.patience and not self._is_there(lambda: find_input(self._front().blocks, where)):
            return self._keep(asyncio.create_task(self._fill_once_there(where, value)))
        view = self._front()
        item = find_input(view.blocks, where)
        typed = self._typing.value(item, value, self._offered(item, view.typed))
        view.typed[item.key] = typed
        view.errors.pop(item.key[0], None)
        self._core.changed()
        if not item.dispatches:
            return _Done()
        return self._dispatch(view, item, typed)

    async def search(
        self, where: Where, query: str, *, message: VisibleMessage | None = None
    ) -> list[str]:
        """Type into an external select. Returns the texts of the options that the app offers."""
        options = await self.search_options(where, query, message=message)
        return [str(o["text"]["text"]) for o in options]

    async def search_options(
        self, where: Where, query: str, *, message: VisibleMessage | None = None
    ) -> list[Json]:
        """Like `search`, but returns the whole options."""
        source, item = self._find(where, message)
        if not item.type.endswith("external_select"):
            raise NotVisible(f"{where!r} is a {item.type} and asks the app nothing")
        if len(query) < item.element.get("min_query_length", 3):
            return []
        found = await self._interactions.suggest(self.user, source, item, query)
        self._found[item.key] = found
        while len(self._found) > REMEMBERED:
            self._found.pop(next(iter(self._found)))
        return found

    async def submit(self) -> None:
        """Press the top modal's submit button. The client sends nothing if it finds mistakes."""
        await self.settle()
        view = await self._once_there(self._submittable)
        view.errors = complaints(view, placed(view.blocks))
        if view.errors:
            self._core.changed()
            return
        await self._interactions.submit(view)

    async def close(self, *, everything: bool = False) -> None:
        """Press the top modal's close button, or the cross that closes the whole stack."""
        await self.settle()
        view = await self._once_there(lambda: self._top("close"))
        stack = list(self._core.views.stack(self.user.id))
        cleared = everything or bool(view.payload.get("clear_on_close"))
        closing = list(reversed(stack)) if cleared else [view]
        for gone in closing:
            self._core.views.close(gone)
        self._core.changed()
        for gone in closing:
            await self._interactions.closed(gone, is_cleared=cleared)

    async def click(
        self,
        what: Where,
        *,
        message: VisibleMessage | None = None,
        option: str | None = None,
        confirm: bool = True,
    ) -> None:
        """Use a button, menu or select, or the button in the foot of the top modal.

        `confirm=False` answers a confirmation with no.
        """
        await self.settle()
        found = await self._once_there(lambda: self._pressable(what, message))
        if found is None:
            await self.submit()
            return
        source, item = found
        if item.element.get("confirm") and not confirm:
            return
        if item.type not in STATEFUL:
            await self._send(source, item, self._press(item, option))
            return
        if option is None:
            raise NotVisible(f"{what!r} is a {item.type}: say which option")
        typed = source.typed if isinstance(source, View) else self._typed_in(source)
        given = self._typing.value(item, option, self._offered(item, typed))
        typed[item.key] = given
        self._core.changed()
        await self._send(source, item, given)

    async def settle(self) -> None:
        """Wait for earlier `fill` calls: for what they type into, and for acknowledgements."""
        while self._dispatches:
            await asyncio.gather(*self._dispatches)

    async def wait_for(self, predicate: Callable[[], Any], timeout: float = PATIENCE) -> Any:  # noqa: ASYNC109
        """Check the predicate on every change until it is true. Returns its result."""
        changed = asyncio.Event()
        unsubscribe = self._core.subscribe(changed.set)
        try:
            async with asyncio.timeout(timeout):
                while not (found := predicate()):
                    changed.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(RECHECK):
                            await changed.wait()
                return found
        except TimeoutError:
            seen = self.screen()
            raise TimeoutError(f"{self.user.name} waited {timeout} s\n{seen}") from None
        finally:
            unsubscribe()

    async def _once_there(self, look: Callable[[], Found]) -> Found:
        """What `look` finds, once it stands on the screen. Raises `NotVisible`."""
        if self.patience and not self._is_there(look):
            with contextlib.suppress(TimeoutError):
                await self.wait_for(lambda: self._is_there(look), self.patience)
        return look()

    async def _fill_once_there(self, where: Where, value: Any) -> None:
        await self._once_there(lambda: find_input(self._front().blocks, where))
        await self.fill(where, value)

    def _offered(self, item: Placed, typed: Typed) -> list[Json]:
        """Options of an external select: found by the last search, or already chosen."""
        return [*self._found.get(item.key, []), *chosen_options(typed.get(item.key))]

    def _press(self, item: Placed, option: str | None) -> Json:
        chosen: Json = {}
        target = item.element
        if item.type == "overflow":
            if option is None:
                raise NotVisible(f"an overflow menu needs an option: {item.element['options']}")
            target = pick_option(item, option, item.element["options"])
            chosen = {"selected_option": target}
        if target.get("url"):
            self.opened_links.append(target["url"])
            del self.opened_links[:-REMEMBERED]
        return chosen

    async def _send(self, source: Source, item: Placed, values: Json) -> None:
        if isinstance(source, View):
            await self._interactions.view_action(self.user, source, item, values)
        else:
            typed = self._typed_in(source)
            await self._interactions.message_action(self.user, source, item, values, typed)

    def _typed_in(self, message: Message) -> Typed:
        """Values picked in a message. They stay while its blocks keep their ids."""
        place = (message.channel, message.ts)
        typed = carried_over(self._typed_in_messages.get(place, {}), message.blocks)
        self._typed_in_messages[place] = typed
        while len(self._typed_in_messages) > REMEMBERED:
            self._typed_in_messages.pop(next(iter(self._typed_in_messages)))
        return typed

    def _dispatch(self, view: View, item: Placed, typed: Json) -> Awaitable[None]:
        return self._keep(
            asyncio.create_task(self._interactions.view_action(self.user, view, item, typed))
        )

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._dispatches.add(task)
        task.add_done_callback(self._dispatches.discard)
        return task


class _Done:
    """An awaitable that has already ended."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()
