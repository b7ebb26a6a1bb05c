"""What one person does: found on their screen, written down by name, done again by name."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from bot.ids import Callback, Command, Shortcut
from playground.slack.elements import Placed, options_of, placed
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from playground.slack.typing_in import NotVisible
from tests.walk.house import CSMS, House
from tests.walk.values import colleagues, values_for, written

MODAL, HOME, DIRECT, CHANNEL = "modal", "home", "message", "#customers"
LOOKED_AT = 12  # messages from the newest on; older ones are there too, but seldom pressed
LINES = (
    *("/segment",) * 4, "/segment status", "/segment status", "/segment replay",
    "/segment disconnect", "/segment help", "/segment frobnicate", "/segment {token acme owner}",
)  # fmt: skip
CSM_LINES = (
    "/segment-csm", "/segment-csm mine", "/segment-csm find Acme", "/segment-csm find",
    "/segment-csm here", "/segment-csm invite Acme", "/segment-csm help", "/segment-csm ???",
)  # fmt: skip


def line_name(line: str) -> str:
    """A line without the value in it."""
    return line.split(" {")[0]


SAID = ("words", "token acme owner", "markup", "write-key acme web-app", "huge")


@dataclass(frozen=True)
class Act:
    """One thing that somebody does. `what` says what kind; the fields that it needs are set.

    `id`: the command, shortcut, action or callback. `place` and `back`: where its button stands,
    in the newest message that has it, or so many before. `nth` of those in one place.
    """

    who: str
    what: str
    id: str = ""
    place: str = ""
    back: int = 0
    nth: int = 0
    value: Any = ""
    fill: dict[str, Any] = field(default_factory=dict)
    times: int = 1
    beside: "Act | None" = None  # at the same moment

    def as_json(self) -> dict[str, Any]:
        """Without what is not set."""
        kept = {key: value for key, value in asdict(self).items() if value not in ("", 0, {}, None)}
        if kept["times"] == 1:
            del kept["times"]
        return kept | ({"beside": self.beside.as_json()} if self.beside else {})

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> "Act":
        beside = found.get("beside")
        return cls(**found | ({"beside": cls.of_json(beside)} if beside else {}))


# --- what stands on a screen ----------------------------------------------------------------------


def on_screen(person: Person, name: str) -> Iterator[Act]:
    """Everything that this person can press now, without what they would type into it."""
    if person.modal:
        yield from _in_blocks(name, MODAL, 0, person.modal.blocks)
        yield Act(name, "close", person.modal.callback_id)
        yield Act(name, "close", person.modal.callback_id, value="all")
        if person.modal.submit_text:
            yield Act(name, "submit", person.modal.callback_id)
    elif person.home and person.home_shown:
        yield from _in_blocks(name, HOME, 0, person.home.blocks)
    for place in (DIRECT, CHANNEL) if name in CSMS else (DIRECT,):
        yield from _in_messages(name, place, _messages(person, place))


def _messages(person: Person, place: str) -> list[VisibleMessage]:
    """Newest first."""
    try:
        found = person.messages(None if place == DIRECT else place)
    except NotVisible:
        return []
    return [message for message in reversed(found) if message.is_app and message.blocks]


def _in_messages(name: str, place: str, messages: list[VisibleMessage]) -> Iterator[Act]:
    """The newest ones, and what stands in a channel itself, such as cards above their threads."""
    seen: dict[str, int] = {}
    for number, message in enumerate(messages):
        here = list(_in_blocks(name, place, 0, message.blocks))
        on_top = place == CHANNEL and message.thread_ts in ("", message.ts)
        for act in here if number < LOOKED_AT or on_top else ():
            yield Act(**{**vars(act), "back": seen.get(act.id, 0)})
        for id_ in {act.id for act in here}:
            seen[id_] = seen.get(id_, 0) + 1


def _in_blocks(name: str, place: str, back: int, blocks: list[Any]) -> Iterator[Act]:
    counted: dict[str, int] = {}
    for item in placed(blocks):
        id_ = str(item.element["action_id"])
        nth = counted[id_] = counted.get(id_, -1) + 1
        if item.dispatches or item.type.endswith("external_select"):
            yield Act(name, "press", id_, place, back, nth)


def doors(name: str) -> Iterator[Act]:
    """What can be done without anything on the screen."""
    lines = (*CSM_LINES, "/segment", "/segment status") if name in CSMS else (*LINES, CSM_LINES[0])
    for line in lines:
        yield Act(name, "type", line.partition(" ")[0], value=line)
    for shortcut in Shortcut:
        yield Act(name, "shortcut", shortcut)
    yield Act(name, "open home", "app_home_opened")
    for words in SAID:
        yield Act(name, "say", "message", value=words)


def completed(house: House, act: Act, chance: Random) -> Act:
    """The same with what they type and pick, and how often they press."""
    person = house.person(act.who)
    times = 2 if chance.random() < 0.06 and act.what in ("press", "type") else 1
    if act.what == "press":
        item = _find(person, act)[1]
        return Act(**{**vars(act), "value": _choice(item, act.who, chance), "times": times})
    if act.what == "submit" and person.modal:
        return Act(**{**vars(act), "fill": _filling(person, act.who, chance)})
    return Act(**{**vars(act), "times": times})


def _choice(item: Placed, who: str, chance: Random) -> Any:
    if item.type == "overflow":
        return str(chance.choice(options_of(item.element))["text"]["text"])
    if item.type.endswith("external_select"):
        return chance.choice(("web", "store", "a", "zzz"))
    if item.element.get("confirm") and chance.random() < 0.3:
        return "no"
    return values_for(item, chance, colleagues(who))


def _filling(person: Person, who: str, chance: Random) -> dict[str, Any]:
    """By action id. What is chosen already is mostly left as it is."""
    found: dict[str, Any] = {}
    assert person.modal is not None
    for item in placed(person.modal.blocks):
        is_set = any(key.startswith("initial_") for key in item.element)
        if item.block["type"] != "input" or chance.random() < (0.8 if is_set else 0.1):
            continue
        optional = bool(item.block.get("optional"))
        value = "" if optional and chance.random() < 0.6 else values_for(
            item, chance, colleagues(who)
        )  # fmt: skip
        found[str(item.element["action_id"])] = value
    return found


# --- doing it -------------------------------------------------------------------------------------


async def do(house: House, act: Act) -> bool:
    """Whether there was something to do. Returns once Slack has the app's answers."""
    if act.beside:
        return any(await asyncio.gather(_once(house, act), do(house, act.beside)))
    if act.times > 1:
        return any(await asyncio.gather(*(_once(house, act) for _ in range(act.times))))
    return await _once(house, act)


async def _once(house: House, act: Act) -> bool:
    try:
        await _DOING[act.what](house, house.person(act.who), act)
    except NotVisible:
        return False
    return True


async def _type(house: House, person: Person, act: Act) -> None:
    before, brace, rest = str(act.value).partition("{")
    await person.command(before + (written(house, rest.rstrip("}")) if brace else ""))


async def _shortcut(house: House, person: Person, act: Act) -> None:
    await person.shortcut(act.id)


async def _open_home(house: House, person: Person, act: Act) -> None:
    await person.open_home()


async def _say(house: House, person: Person, act: Act) -> None:
    await person.say(None, written(house, str(act.value)))


async def _close(house: House, person: Person, act: Act) -> None:
    _expect(person.modal is not None and person.modal.callback_id == act.id)
    await person.close(everything=act.value == "all")


async def _submit(house: House, person: Person, act: Act) -> None:
    _expect(person.modal is not None and person.modal.callback_id == act.id)
    assert person.modal is not None
    for item in list(placed(person.modal.blocks)):
        action = str(item.element["action_id"])
        if item.block["type"] == "input" and action in act.fill:
            given = act.fill[action]
            value = written(house, given) if isinstance(given, str) else given
            await person.fill(item.key, value)
            if item.dispatches:
                return  # the screen changes; the next act submits it
    await person.submit()


async def _press(house: House, person: Person, act: Act) -> None:
    message, item = _find(person, act)
    if item.type.endswith("external_select"):
        found = await person.search(item.key, str(act.value), message=message)
        if found and act.place == MODAL:
            many = item.type.startswith("multi_")
            await person.fill(item.key, found[:2] if many else found[0])
    elif item.block["type"] == "input" or item.type == "plain_text_input":
        value = written(house, act.value) if isinstance(act.value, str) else act.value
        await person.fill(item.key, value)
    else:
        option = None if act.value in ("", "no") or item.type == "button" else act.value
        option = written(house, option) if isinstance(option, str) else option
        await person.click(item.key, message=message, option=option, confirm=act.value != "no")


def _find(person: Person, act: Act) -> tuple[VisibleMessage | None, Placed]:
    """Raises `NotVisible`."""
    if act.place == MODAL:
        _expect(person.modal is not None)
        return None, _nth(person.modal.blocks if person.modal else [], act)
    if act.place == HOME:
        _expect(person.home is not None and person.home_shown and person.modal is None)
        return None, _nth(person.home.blocks if person.home else [], act)
    with_it = [
        message
        for message in _messages(person, act.place)
        if any(item.element["action_id"] == act.id for item in placed(message.blocks))
    ]
    _expect(len(with_it) > act.back)
    return with_it[act.back], _nth(with_it[act.back].blocks, act)


def _nth(blocks: list[Any], act: Act) -> Placed:
    found = [item for item in placed(blocks) if item.element["action_id"] == act.id]
    _expect(len(found) > act.nth)
    return found[act.nth]


def _expect(there: bool) -> None:
    if not there:
        raise NotVisible("not on the screen")


_DOING = {
    "type": _type,
    "shortcut": _shortcut,
    "open home": _open_home,
    "say": _say,
    "close": _close,
    "submit": _submit,
    "press": _press,
}
KNOWN = frozenset({*Command, *Shortcut, *Callback})
