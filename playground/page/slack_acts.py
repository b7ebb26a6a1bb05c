"""What people do in Slack."""

from collections.abc import Mapping
from typing import Any

from playground.page.act import Act, ActRefused, Run
from playground.slack.elements import STATEFUL, Placed, placed
from playground.slack.model import Json, View
from playground.slack.screen import VisibleMessage

_GONE = "This is no longer open."


async def _command(act: Act) -> None:
    await act.person.command(act.text("line"), act.text("channel"))


async def _shortcut(act: Act) -> None:
    await act.person.shortcut(act.text("callback_id"))


async def _open_home(act: Act) -> None:
    await act.person.open_home(act.text("tab"))


async def _say(act: Act) -> None:
    await act.person.say(
        act.text("channel"), act.text("text"), str(act.body.get("thread_ts") or "")
    )


async def _fill(act: Act) -> None:
    """Remember what was typed, before the app is told."""
    view = _front(act)
    # Only the page keeps half-typed text in a message. For a view that has gone, nobody does.
    if view is None or view.id != act.body.get("view_id"):
        return
    item = _find(act, view.blocks)
    if item is None or item.type not in STATEFUL:
        return
    key, _, _ = STATEFUL[item.type]
    view.typed[item.key] = {"type": item.type, key: act.state().get(key)}
    view.errors.pop(item.key[0], None)
    act.world.slack.core.changed()


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
    """The view that the page means, if it is still in front."""
    view = _front(act)
    if view is None or view.id != act.text("view_id"):
        raise ActRefused(_GONE)
    return view


def _front(act: Act) -> View | None:
    modals = act.person.modals
    front = modals[-1] if modals else act.person.home
    return front.view if front else None


def _message(act: Act) -> VisibleMessage:
    for message in reversed(act.person.messages(act.text("channel"))):
        if message.ts == act.text("ts"):
            return message
    raise ActRefused(_GONE)


def _item(act: Act, blocks: list[Json]) -> Placed:
    item = _find(act, blocks)
    if item is None:
        raise ActRefused(_GONE)
    return item


def _find(act: Act, blocks: list[Json]) -> Placed | None:
    """The element that was pressed. An edit gives blocks new ids, so a button that has been drawn
    again in the meantime is known by its action and value.
    """
    block_id, action_id, value = act.text("block_id"), act.text("action_id"), act.body.get("value")
    items = list(placed(blocks))
    if found := next((item for item in items if item.key == (block_id, action_id)), None):
        return found
    buttons = [item for item in items if item.type == "button" and item.key[1] == action_id]
    same = [item for item in buttons if item.element.get("value") == value]
    return same[0] if len(same) == 1 else None


def _given(item: Placed, act: Act) -> Any:
    """The chosen value as `Person` takes it: a text, an option's value, ids, or a list."""
    key = "selected_option" if item.type == "overflow" else STATEFUL[item.type][0]
    chosen = act.state().get(key)
    if isinstance(chosen, list):
        return [one["value"] if isinstance(one, dict) else one for one in chosen]
    return chosen["value"] if isinstance(chosen, dict) else chosen


SLACK_ACTS: Mapping[str, Run] = {
    "slash_command": _command,
    "shortcut": _shortcut,
    "open_home": _open_home,
    "say": _say,
    "fill": _fill,
    "click": _click,
    "search": _search,
    "submit": _submit,
    "close": _close,
}
