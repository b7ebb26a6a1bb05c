"""What people do at the page, as calls on the playground."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground.page.refusal import ActRefused
from playground.slack.breaches import SlackError
from playground.slack.elements import STATEFUL, Placed, placed
from playground.slack.model import Json, User, View
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage

if TYPE_CHECKING:
    from playground.app import Playground

_LONGEST_JUMP = 366 * 24 * 3600.0
_MOST_EVENTS = 1_000_000
_GONE = "This is no longer open."


@dataclass(frozen=True)
class Act:
    """One request of the page: who does it, and its details."""

    playground: "Playground"
    person: Person
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required text; raises `ActRefused` when it is missing."""
        value = self.body.get(name)
        if not isinstance(value, str):
            raise ActRefused(f"{name} is missing")
        return value

    def number(self, name: str, most: float) -> float:
        value = self.body.get(name)
        if not isinstance(value, int | float) or not 0 <= value <= most:
            raise ActRefused(f"{name} must be between 0 and {most:g}")
        return value

    def state(self) -> Json:
        """A control's value as Slack's view state writes it."""
        value = self.body.get("state", self.body.get("value"))
        if not isinstance(value, dict):
            raise ActRefused("state is missing")
        return value


async def act(playground: "Playground", body: Mapping[str, Any]) -> Json:
    """Run one act and answer its details. Raises `ActRefused` or `LookupError`."""
    run = _ACTS.get(str(body.get("type")))
    if run is None:
        raise ActRefused(f"unknown act {body.get('type')!r}")
    person = playground.slack.person(str(body.get("user", "")))
    try:
        return await run(Act(playground, person, body)) or {}
    except SlackError as error:
        raise ActRefused(error.error) from error
    except ValueError as error:
        raise ActRefused(str(error)) from error


# --- in Slack ---


async def _command(act: Act) -> None:
    await act.person.command(act.text("line"), act.text("channel"))


async def _shortcut(act: Act) -> None:
    await act.person.shortcut(act.text("callback_id"))


async def _open_home(act: Act) -> None:
    await act.person.open_home()


async def _say(act: Act) -> None:
    await act.person.say(
        act.text("channel"), act.text("text"), str(act.body.get("thread_ts") or "")
    )


async def _fill(act: Act) -> None:
    """Typed, not yet told to the app."""
    if "view_id" not in act.body:
        return  # what is half typed in a message lives in the page alone
    view = _view(act)
    item = _item(act, view.blocks)
    key, _, _ = STATEFUL[item.type]
    view.typed[item.key] = {"type": item.type, key: act.state().get(key)}
    view.errors.pop(item.key[0], None)
    act.playground.slack.core.changed()


async def _click(act: Act) -> None:
    if "view_id" in act.body:
        await _click_in_view(act, _view(act))
        return
    message = _message(act)
    item = _item(act, message.blocks)
    given = _given(item, act) if item.type in STATEFUL or item.type == "overflow" else None
    await act.person.click(item.key, message=message, option=given)


async def _click_in_view(act: Act, view: View) -> None:
    item = _item(act, view.blocks)
    act.person.home_shown = view.payload["type"] == "home"
    if item.type in STATEFUL:
        await act.person.fill(item.key, _given(item, act))
    else:
        option = _given(item, act) if item.type == "overflow" else None
        await act.person.click(item.key, option=option)


async def _search(act: Act) -> Json:
    query = act.text("query")
    if "view_id" in act.body:
        view = _view(act)
        act.person.home_shown = view.payload["type"] == "home"
        options = await act.person.search_options(_item(act, view.blocks).key, query)
    else:
        message = _message(act)
        key = _item(act, message.blocks).key
        options = await act.person.search_options(key, query, message=message)
    return {"options": options}


async def _submit(act: Act) -> None:
    _view(act)
    await act.person.submit()


async def _close(act: Act) -> None:
    _view(act)
    await act.person.close(everything=act.body.get("everything") is True)


def _view(act: Act) -> View:
    """The view that the page means, if it is still the one in front."""
    modals = act.person.modals
    front = modals[-1] if modals else act.person.home
    if front is None or front.view.id != act.text("view_id"):
        raise ActRefused(_GONE)
    return front.view


def _message(act: Act) -> VisibleMessage:
    for message in reversed(act.person.messages(act.text("channel"))):
        if message.ts == act.text("ts"):
            return message
    raise ActRefused(_GONE)


def _item(act: Act, blocks: list[Json]) -> Placed:
    wanted = act.text("block_id"), act.text("action_id")
    for item in placed(blocks):
        if item.key == wanted:
            return item
    raise ActRefused(_GONE)


def _given(item: Placed, act: Act) -> Any:
    """The chosen value as `Person` takes it: a text, an option's value, ids, or a list."""
    key = "selected_option" if item.type == "overflow" else STATEFUL[item.type][0]
    chosen = act.state().get(key)
    if isinstance(chosen, list):
        return [one["value"] if isinstance(one, dict) else one for one in chosen]
    return chosen["value"] if isinstance(chosen, dict) else chosen


# --- outside Slack ---


async def _install(act: Act) -> None:
    slack, team = act.playground.slack, act.text("team_id")
    people = slack.core.state.people(team)
    admins: list[User] = [user for user in people if user.is_admin]
    admins.sort(key=lambda user: user.id != act.person.user.id)
    if not admins:
        raise ActRefused("Nobody there may install apps.")
    result = await slack.install(team, admins[0].id)
    if not result.ok:
        raise ActRefused(f"The app did not install itself: it answered {result.status}.")


async def _uninstall(act: Act) -> None:
    await act.playground.slack.uninstall(act.text("team_id"))


async def _advance(act: Act) -> None:
    act.playground.clock.advance(act.number("seconds", _LONGEST_JUMP))


async def _connect(act: Act) -> None:
    act.playground.segment.connect_destination(act.text("source_id"))


async def _enable(act: Act) -> None:
    enabled = bool(act.body.get("enabled"))
    act.playground.segment.set_destination_enabled(act.text("source_id"), enabled)


async def _switch_source(act: Act) -> None:
    enabled = bool(act.body.get("enabled"))
    act.playground.segment.set_source_enabled(act.text("source_id"), enabled)


async def _send_events(act: Act) -> Json:
    count = int(act.number("count", _MOST_EVENTS))
    return {"delivered": act.playground.segment.send_events(act.text("source_id"), count)}


async def _revoke(act: Act) -> None:
    act.playground.segment.revoke_token(act.text("value"))


async def _weather(act: Act) -> None:
    act.playground.segment.set_weather(act.text("weather"))


_ACTS: dict[str, Callable[[Act], Awaitable[Json | None]]] = {
    "slash_command": _command,
    "shortcut": _shortcut,
    "open_home": _open_home,
    "say": _say,
    "fill": _fill,
    "click": _click,
    "search": _search,
    "submit": _submit,
    "close": _close,
    "install": _install,
    "uninstall": _uninstall,
    "clock_advance": _advance,
    "segment_connect": _connect,
    "segment_enable": _enable,
    "segment_source": _switch_source,
    "segment_send_events": _send_events,
    "segment_revoke_token": _revoke,
    "segment_weather": _weather,
}
