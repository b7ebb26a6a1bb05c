"""Everything that a person can press: each button, option and window that the app draws.

The table is built from what the views draw, so new ones are in it automatically.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any

from bot.ids import Action, Beginning, Callback, Command, Shortcut, customer_value
from playground.sample import ACME, TOPLYNE
from playground.slack.elements import Placed, options_of, placed
from playground.slack.model import Json
from playground.slack.normal import filled_in
from playground.slack.person import Person
from playground.slack.tickets import Trigger
from tests.combinations.standings import INTEGRATION
from tests.scenario.looking import CUSTOMERS
from tests.scenario.story import token
from tests.support.world import World
from tests.unit.views.every_view import CUSTOMER, every_home, every_message, every_modal

# Small windows that open on top of another screen.
ON_TOP = (Callback.UPGRADED, Callback.FORGET_TOKEN, Callback.REPLAY_SCHEDULED)
WORDS = ("", "status", "replay", "disconnect", "help", "frobnicate")
CSM_WORDS = ("", "mine", "find acme", "here", "help")
NEED_NO_OPTIONS = ("board_",)  # filters of the board: one choice stands for all
OF_CSMS = ("csm_", "board_", "open_board")
BEHIND = 120.0  # seconds; only something broken takes longer
SAID = "I do not find my slug"


LISTED = customer_value("T1", "int_1")  # as the board and the digest name it
_NAMED = re.compile(r"int_1@0:(\d+)")


@dataclass(frozen=True)
class Drawn:
    """The set-up and the revision that a window, message or Home was drawn from."""

    generation: int
    revision: int

    def named(self, text: str) -> str:
        """A text that names the set-up of the views' own examples, with this one in its place."""
        name = f"{INTEGRATION}@{self.generation}"
        text = text.replace("about:acme-inc", "about:acme")  # the workspace that a question names
        text = text.replace(CUSTOMER, f"{ACME.id}|{name}")
        text = text.replace(f'"{LISTED}"', f'"{ACME.id}|{INTEGRATION}"')
        return _NAMED.sub(rf"{name}:\1", text)


class Place(Enum):
    MESSAGE = "in a message"
    HOME = "on Home"
    MODAL = "in a modal"


@dataclass(frozen=True)
class Press:
    """`drawn` is the view or message. `begins` says which kind of beginning it is a door for."""

    name: str
    id: str
    by_csm: bool = False
    begins: Beginning | None = None
    line: str = ""
    place: Place | None = None
    drawn: str = ""  # JSON
    where: tuple[str, str] = ("", "")
    option: str | None = None

    async def make(
        self,
        world: World,
        drawn: Drawn,
        ready: Callable[[], None],
        who: Person | None = None,
    ) -> None:
        """Does what the person does. Returns when the bot has finished handling it.

        Calls `ready` when the person can see what is to be pressed. `who` does it in place of the
        customer or CSM for whom it was drawn.
        """
        person = who or world.person("mira" if self.by_csm else "ada")
        world.slack.core.views.clear(person.user.id)
        shown_in = CUSTOMERS if self.by_csm and who is None else None
        message = show(world, person, self, drawn, shown_in) if self.place else None
        ready()
        if self.line:
            await person.command(self.line)
        elif self.place is None:
            await person.shortcut(self.id)
        elif self.where == ("", ""):
            await _fill_and_submit(world, person)
        elif self.option == SEARCH:
            await person.search(self.where, "web")
        else:
            where = (drawn.named(self.where[0]), self.where[1])
            await person.click(where, message=message, option=self.option)
        await handled(world)


SEARCH = "search"


@cache
def every_press() -> tuple[Press, ...]:
    found: dict[str, Press] = {}
    for press in (*_typed(), *_buttons(), *_submissions()):
        found.setdefault(press.name, press)
    return tuple(found.values())


@cache
def _modals() -> tuple[Json, ...]:
    """Drawn when first asked for: each process of a run imports this file."""
    return tuple(every_modal())


# --- what can be typed and pressed ----------------------------------------------------------------


def _typed() -> Iterator[Press]:
    begins = {"": Beginning.AGAIN, "replay": Beginning.FIRST}
    for word in WORDS:
        line = f"{Command.SEGMENT} {word}".strip()
        yield Press(line, Command.SEGMENT, line=line, begins=begins.get(word))
    for word in CSM_WORDS:
        line = f"{Command.SEGMENT_CSM} {word}".strip()
        yield Press(line, Command.SEGMENT_CSM, by_csm=True, line=line)
    for shortcut in Shortcut:
        yield Press(f"shortcut {shortcut}", shortcut, begins=Beginning.AGAIN)


def _drawn() -> Iterator[tuple[Place, Json]]:
    """Takes modals once that cannot be told apart in a stack."""
    for modal in _modals():
        yield Place.MODAL, modal
    for home in every_home():
        yield Place.HOME, home
    for blocks in every_message():
        yield Place.MESSAGE, {"blocks": blocks}


def _buttons() -> Iterator[Press]:
    """The first of each name. Most are drawn again and again."""
    named = set[str]()
    for place, payload in _drawn():
        filled: Json = {}
        for number, drawn in enumerate(placed(payload["blocks"])):
            if not drawn.dispatches and not drawn.type.endswith("external_select"):
                continue
            for option, says in _choices(drawn):
                action = str(drawn.element["action_id"])
                which = f"={says}" if says and not _asks_the_same(action) else ""
                name = f"{action}{which} {place.value}"
                if name in named:
                    continue
                named.add(name)
                filled = filled or filled_in(payload)
                item = list(placed(filled["blocks"]))[number]
                yield Press(
                    name,
                    action,
                    by_csm=_is_for_csms(action, str(payload.get("callback_id", ""))),
                    begins=Beginning(says) if action == Action.START else None,
                    place=place,
                    drawn=json.dumps(filled),
                    where=item.key,
                    option=option,
                )


def _choices(item: Placed) -> Iterator[tuple[str | None, str]]:
    """The option to pick, if any, and the part of its value that names more than a customer."""
    if item.type.endswith("external_select"):
        yield SEARCH, ""
    elif item.type == "plain_text_input":
        yield "acme", ""
    elif options := options_of(item.element):
        alike = str(item.element["action_id"]).startswith(NEED_NO_OPTIONS)
        for option in options[:1] if alike else options:
            yield option["text"]["text"], "" if alike else _says(option["value"])
    else:
        yield None, _says(item.element.get("value", ""))


def _says(value: str) -> str:
    """The value without the customer, source and page that it is about."""
    first = value.partition(":")[0].partition("|")[0]
    return first if first.isidentifier() and first != "T1" else ""


def _asks_the_same(action: str) -> bool:
    """Whether this action asks the same on every screen."""
    return action in (Action.ASK_HELP, Action.DELEGATE)


def _submissions() -> Iterator[Press]:
    first: dict[str, Json] = {}
    for modal in _modals():
        if "submit" in modal:
            inputs = {item.element["action_id"] for item in placed(modal["blocks"])
                      if item.block["type"] == "input"}  # fmt: skip
            first.setdefault(" ".join(["submit", modal["callback_id"], *sorted(inputs)]), modal)
    for name, modal in first.items():
        callback = str(modal["callback_id"])
        yield Press(
            name,
            callback,
            by_csm=_is_for_csms("", callback),
            place=Place.MODAL,
            drawn=json.dumps(filled_in(modal)),
        )


def _is_for_csms(action: str, callback: str) -> bool:
    return action.startswith(OF_CSMS) or callback.startswith("csm_")


async def handled(world: World) -> None:
    """Waits until every handler has ended, including work after its acknowledgement."""
    await world.asgi.state.bot.bolt.listener_runner.listener_start_handler.ended(BEHIND)


# --- pressing -------------------------------------------------------------------------------------


def show(world: World, person: Person, press: Press, drawn: Drawn, channel: str | None) -> Any:
    """Shows the person the view or message, as drawn for the customer at Acme."""
    payload = _addressed(press.drawn, drawn)
    core, user = world.slack.core, person.user
    installation = core.state.installations[user.team_id]
    match press.place:
        case Place.MODAL:
            trigger = Trigger(user.id, user.team_id, "", 0.0)
            if payload["callback_id"] in ON_TOP:
                below = _addressed(json.dumps(_below()), drawn)
                core.views.open(trigger, below, installation.id)
                core.views.push_on(user.id, payload)
            else:
                core.views.open(trigger, payload, installation.id)
            return None
        case Place.HOME:
            core.views.publish(installation, user, payload)
            person.home_shown = True
            return None
    return post(world, person, payload["blocks"], channel)


@cache
def _below() -> Json:
    return next(m for m in _modals() if m["callback_id"] == Callback.LIVE_SYNC)


def post(world: World, person: Person, blocks: list[Json], channel: str | None) -> Any:
    """Posts a message by the app, old or new."""
    core, user = world.slack.core, person.user
    installation = core.state.installations[user.team_id]
    place = person.channel(channel) or core.state.direct_messages(user, installation)
    sent = {"text": "An earlier message.", "blocks": blocks}
    world.slack._messages.post(installation, place, sent, where="table")
    return person.messages(channel)[-1]


def _addressed(text: str, drawn: Drawn) -> Json:
    """As it is drawn for Acme: whoever presses says what it was drawn from."""
    payload: Json = json.loads(drawn.named(text))
    if "private_metadata" in payload and payload["private_metadata"].startswith("{"):
        shown = {"i": INTEGRATION, "g": drawn.generation, "r": drawn.revision}
        payload["private_metadata"] = json.dumps(shown)
    return payload


async def _fill_and_submit(world: World, person: Person) -> None:
    assert person.modal is not None
    for item in placed(person.modal.blocks):
        if item.block["type"] == "input" and (value := _value(world, person, item)):
            await person.fill(item.key, value)
    await handled(world)
    if not person.modal.submit_text:
        return  # a choice that reports itself was told that there is nothing to choose
    await person.submit()
    assert person.modal is None or not set(person.modal.errors.values()) & COMPLAINTS


WRITTEN_ANEW = ("input_text",)  # what is suggested there, people put into their own words
COMPLAINTS = {"Please complete this required field."}


def _value(world: World, person: Person, item: Placed) -> Any:
    """A value that fits the input, unless one is chosen already."""
    action = str(item.element["action_id"])
    if any(key.startswith("initial_") for key in item.element) and action not in WRITTEN_ANEW:
        return _DATES[action](world) if action in _DATES else None
    match item.type:
        case "plain_text_input":
            if action == "input_token":  # each of their own Segment workspace
                here = person.user.team_id == ACME.id
                return token(world, "acme" if here else "beacon")
            return _TEXTS.get(action, lambda _: SAID)(world)
        case "users_select":
            return COLLEAGUE[person.user.team_id]
        case "multi_users_select":
            return [COLLEAGUE[person.user.team_id]]
        case "datepicker":
            return _ahead(world)
        case "static_select" | "radio_buttons":
            return options_of(item.element)[0]["value"]
        case "multi_static_select" | "checkboxes":
            return [options_of(item.element)[0]["value"]]
    return None


def _ahead(world: World, days: int = 3) -> str:
    now = datetime.fromtimestamp(world.playground.clock.now(), UTC)
    return (now + timedelta(days=days)).date().isoformat()


COLLEAGUE = {ACME.id: "grace", TOPLYNE.id: "tom", "T0INITECH01": "peter"}
_DATES: dict[str, Callable[[World], str]] = {
    "input_until": _ahead,
    "input_scheduled_on": _ahead,
    "input_upgraded_on": lambda world: _ahead(world, 0),
}
_TEXTS: dict[str, Callable[[World], str]] = {
    "input_slug": lambda _: "acme",
    "input_source_ids": lambda _: "",
    "input_event_names": lambda _: "",
    "input_ticket": lambda _: "4711",
}


def ids_pressed(presses: Iterable[Press]) -> set[str]:
    return {press.id for press in presses}


def all_ids() -> set[str]:
    """The ids of everything that can be pressed. A window without a submit button only closes."""
    submitted = {modal["callback_id"] for modal in _modals() if "submit" in modal}
    return {*Action, *Command, *Shortcut, *(each for each in Callback if each in submitted)}
