"""Every press of a CSM, when something else is there by now than it showed.

Buttons and windows are drawn by the real views and pressed through the real handlers. A button
names what it is about, or is of those that mean the same whatever was shown. Every window meets
everything that a colleague or the customer can do while it is open (`meanwhile`, `windows`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot import handlers
from bot.ids import SHOWS, Action, Callback, customer_value, set_up_name
from bot.inbound.press import Press
from bot.strings import dialogs
from bot.views.csm.card import card_message
from flows.csm.deciding import Looked
from flows.csm.events import CsmWrote
from flows.csm.facts import Matter, Need
from flows.csm.marks import ReplayMark
from flows.csm.meanwhile import WORDS_LOOKED_BACK
from flows.csm.steps import reply_withheld
from flows.model import Integration, Screen, Situation
from flows.recording import Change, touched
from flows.vocabulary import Stamp
from tests.support.flow_services import ADA, BOB, CSM, INTEGRATION, TEAM, Services
from tests.unit.csm.meanwhile import HAPPENINGS, Step
from tests.unit.csm.test_doors import TRIED, Deps, Registry, Slack
from tests.unit.csm.windows import CONFIRMED, DONE, FREE, OWNED, SENT, WINDOWS, Json, Window
from tests.unit.views.message_cases import NOW, stages
from tests.unit.views.message_checks import buttons, check_message

STAGE = dict(stages())["replay sent"]
Meanwhile = Callable[[Integration], Integration]

# This does the same whatever was shown: it says for itself whom it is about.
ALIKE = {Action.CSM_CLAIM}
# These open a window, which shows the newest state.
OPENING = {
    Action.CSM_REJECT, Action.CSM_ASSIGN, Action.CSM_MESSAGE, Action.CSM_ANSWER,
    Action.CSM_OPEN_CONFIRM, Action.CSM_MORE, Action.CSM_REQUEST,
}  # fmt: skip


def entered_anew(now: Integration) -> Integration:
    """Other credentials: another Segment workspace."""
    return touched(now, Screen.CREDENTIALS)


def another_owner(now: Integration) -> Integration:
    since = now.created.at + timedelta(days=9)
    owner = Stamp("U0TOM", since, of_toplyne=True)
    return replace(now, csm=replace(now.csm, owner=owner))


def another_request(now: Integration) -> Integration:
    """A newer version, which has not been sent."""
    assert now.replay
    newer = replace(now.replay, number=now.replay.number + 1)
    return touched(replace(now, replay=newer, replay_sent=None), Screen.REPLAY)


def other_questions(now: Integration) -> Integration:
    """What was asked is answered, and somebody asks something else."""
    assert now.csm.matters
    newer = Matter(Need.HELP, now.created.at, 99, BOB.user_id, "Another question")
    return replace(now, csm=replace(now.csm, matters=(newer,), numbered=99))


@dataclass(frozen=True)
class Button:
    id: Action
    before: Integration
    meanwhile: Meanwhile


BUTTONS = [
    Button(Action.CSM_CONFIRM, FREE, entered_anew),
    Button(Action.CSM_ARRIVING, CONFIRMED, entered_anew),
    Button(Action.CSM_HISTORY, DONE, another_request),
    Button(Action.CSM_UNCLAIM, OWNED, another_owner),
    Button(Action.CSM_ANSWERED, OWNED, other_questions),
]


def test_every_press_is_in_one_of_the_tables() -> None:
    assert {each.id for each in (*BUTTONS, *WINDOWS)} | ALIKE | OPENING == set(TRIED)


def _name(each: Button | Window) -> str:
    return each.id if isinstance(each, Button) else f"{each.id}-{each.name}"


@pytest.fixture
async def services() -> Services:
    return await _services()


async def _services() -> Services:
    made = Services()
    await made.install()
    await made.setup.start(ADA)
    made.storage.clock.advance(NOW - made.storage.clock.now())
    return made


class Quiet(Slack):
    """Nobody reads its answers."""

    response_url = ""

    async def chat_postMessage(self, **_: object) -> None:  # noqa: N802 - Slack's name
        """Nor this one."""


class Names:
    async def names(self, _tenant_id: str, _wanted: object) -> dict[str, str]:
        return {"U0TOM": "Tom", BOB.user_id: "Bob", "U0KIM": "Kim"}


def drawn(press: Button | Window, integration: Integration) -> Json:
    """What Slack sends when the press is made on what shows this state."""
    situation = replace(STAGE, integration=integration)
    value = customer_value(TEAM, set_up_name(integration))
    if isinstance(press, Window):
        return _submission(press, situation, value)
    if press.id is Action.CSM_ANSWERED:
        return {"actions": [{"action_id": press.id, "value": f"{value}|1"}]}
    card = card_message(situation, installation_name="Acme", customer_value=value, names={})
    (button,) = [b for b in buttons(check_message(card)) if b["action_id"] == press.id]
    return {"actions": [{"action_id": press.id, "value": button["value"]}]}


def _submission(window: Window, situation: Situation, value: str) -> Json:
    found = window.draw(Looked(situation, "Acme"), value).to_dict()
    inputs = [block for block in found["blocks"] if block["type"] == "input"]
    actions = {block["block_id"]: block["element"]["action_id"] for block in inputs}
    assert window.typed.keys() <= set(actions.values())
    values = {
        block_id: {action: window.typed[action]}
        for block_id, action in actions.items()
        if action in window.typed
    }
    return {"view": {**found, "id": "V1", "state": {"values": values}}}


async def send(services: Services, press: Button | Window, body: Json) -> Slack:
    registry, slack, deps = Registry(), Quiet(), Deps(services)
    deps.people = Names()  # type: ignore[attr-defined]
    handlers.register(registry, deps)  # type: ignore[arg-type]
    if isinstance(press, Window):
        await registry.found[f"view:{press.id}"](ack=slack, actor=CSM, view=body["view"])
    else:
        handle = registry.found[f"action:{press.id}"]
        pressed = {**body, "user": {"id": CSM.user_id}}
        await handle(ack=slack, actor=CSM, press=Press(pressed, slack))
    return slack


async def after(
    services: Services, press: Button | Window, now: Integration, body: Json
) -> Integration:
    """The customer after a press, who was like `now`."""
    services.storage.tables.integrations[TEAM, INTEGRATION] = now
    await send(services, press, body)
    return _stored(services)


def _stored(services: Services) -> Integration:
    found = services.integration()
    assert found
    return found


@pytest.mark.parametrize("press", BUTTONS, ids=_name)
async def test_what_was_not_seen_stays(services: Services, press: Button) -> None:
    saved = replace(press.meanwhile(press.before), revision=press.before.revision + 1)
    body = drawn(press, press.before)
    assert await after(services, press, saved, body) == saved


@pytest.mark.parametrize("press", [*BUTTONS, *WINDOWS], ids=_name)
async def test_what_was_seen_counts(services: Services, press: Button | Window) -> None:
    body = drawn(press, press.before)
    assert await after(services, press, press.before, body) != press.before


# --- windows × what happened meanwhile ------------------------------------------------------------


async def meets(services: Services, window: Window, happening: Step, who: str) -> str:
    """What the CSM reads who is refused; empty if it counts."""
    body = await left_open(services, window, happening, who)
    newest = _stored(services)
    slack = await send(services, window, body)
    return "" if _stored(services) != newest else _words(slack)


async def left_open(services: Services, window: Window, happening: Step, who: str) -> Json:
    """What Slack sends when it is submitted, drawn before this happened."""
    services.storage.tables.integrations[TEAM, INTEGRATION] = window.before
    body = drawn(window, window.before)
    await happens(services, happening, who)
    return body


def _words(slack: Slack) -> str:
    ((_, said),) = slack.said
    return str(said["view"].to_dict() if "view" in said else said["errors"])


async def happens(services: Services, happening: Step, who: str) -> None:
    clock = services.storage.clock
    clock.advance(timedelta(minutes=1))
    by = Stamp(f"U0{who.upper()}", clock.now(), of_toplyne=who == "Tom")
    await services.recorder.change(TEAM, INTEGRATION, lambda now: happening(now, by))
    clock.advance(timedelta(minutes=1))


@pytest.mark.parametrize("window", WINDOWS, ids=_name)
async def test_a_window_meets_all_that_can_happen(window: Window) -> None:
    holding: set[str] = {name for named in window.holds.values() for name in named}
    assert not holding & window.refused.keys()
    for name, happening in HAPPENINGS.items():
        if not can_happen(happening, window):
            continue
        who = name.split()[0]
        said = await meets(await _services(), window, happening, who)
        assert bool(said) == (name in window.refused), (name, said)
        if dialogs.DECIDED_TITLE in said:
            assert who in said, (name, said)
            assert window.text() in said, (name, said)
        elif said:
            assert "The customer stopped all reminders" in said, (name, said)


TOM = Stamp("U0TOM", NOW, of_toplyne=True)


def can_happen(happening: Step, window: Window) -> bool:
    return bool(happening(replace(STAGE, integration=window.before), TOM).events)


def test_everything_can_happen_to_some_window() -> None:
    for name, happening in HAPPENINGS.items():
        assert any(can_happen(happening, each) for each in WINDOWS), name


def unrelated(now: Situation, by: Stamp) -> Change:
    """Something that no window is about."""
    return reply_withheld(now.integration, by)


def refusing() -> Iterator[tuple[Window, str]]:
    """Each window with what is decided before it is submitted."""
    for window in WINDOWS:
        for name in window.refused:
            if can_happen(HAPPENINGS[name], window):
                yield window, name


async def test_who_was_faster_is_named_whatever_happened_since() -> None:
    for window, name in refusing():
        services, who = await _services(), name.split()[0]
        body = await left_open(services, window, HAPPENINGS[name], who)
        alone = _words(await send(services, window, body))
        await happens(services, unrelated, "Kim")
        newest = _stored(services)
        words = _words(await send(services, window, body))
        assert _stored(services) == newest
        assert words == alone, (_name(window), name)
        if "Too late" in words and name != "Bob begins anew":
            assert "What happened: " in words, (_name(window), name, words)


async def test_nothing_is_called_the_cause_that_is_not_known(services: Services) -> None:
    """The word that came first is too long ago to be looked for."""
    window, name = next((w, n) for w, n in refusing() if n == "Tom claims")
    body = await left_open(services, window, HAPPENINGS[name], "Tom")
    for _ in range(WORDS_LOOKED_BACK):
        await happens(services, unrelated, "Kim")
    words = _words(await send(services, window, body))
    assert "What happened" not in words
    assert "The last thing that happened: " in words
    assert "Kim" in words


# --- what the version before drew -----------------------------------------------------------------

NUMBERED = {Callback.CSM_ACCOUNT, Callback.CSM_ASSIGN, Callback.CSM_MESSAGE, Callback.CSM_REPLAY}


def _as_before(body: Json, numbers: int = 0) -> Json:
    """As a version before drew it: without what it shows, but for some of the numbers."""
    if "actions" in body:
        (action,) = body["actions"]
        return {"actions": [{**action, "value": action["value"].rpartition("|")[0]}]}
    view, values = body["view"], body["view"]["state"]["values"]
    bare = {":".join(id_.split(":")[: 1 + numbers]): each for id_, each in values.items()}
    blocks = [b for b in view["blocks"] if not str(b.get("block_id")).startswith(SHOWS)]
    return {"view": {**view, "blocks": blocks, "state": {"values": bare}}}


OLD = [
    *(
        each
        for each in BUTTONS
        if each.id in (Action.CSM_CONFIRM, Action.CSM_ARRIVING, Action.CSM_UNCLAIM)
    ),
    *(each for each in WINDOWS if each.id in NUMBERED),
]


@pytest.mark.parametrize("numbers", [0, 3])
@pytest.mark.parametrize("press", OLD, ids=_name)
async def test_what_the_version_before_drew_counts(
    services: Services, press: Button | Window, numbers: int
) -> None:
    if isinstance(press, Window) and press.name == ReplayMark.EARLIER:
        numbers = 3  # without, it says nowhere which of the earlier Replays is meant
    if isinstance(press, Window) and press.name == ReplayMark.NOT_EARLIER:
        numbers = 5  # likewise; the version before had no such mark
    body = _as_before(drawn(press, press.before), numbers)
    assert await after(services, press, press.before, body) != press.before


def _recipients(services: Services) -> Iterator[str]:
    for _, _, stored in services.storage.tables.history:
        if isinstance(stored.event, CsmWrote):
            yield stored.event.to


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_message_goes_to_the_person_it_named(services: Services, *, is_old: bool) -> None:
    """Meanwhile a colleague has become the contact."""
    (message,) = (each for each in WINDOWS if each.name == "message")
    before = replace(SENT, last_active=Stamp(ADA.user_id, SENT.created.at))
    body = drawn(message, before)
    if is_old:  # of the version before, which names nobody
        body["view"]["blocks"] = []
    now = replace(before, last_active=Stamp(BOB.user_id, SENT.created.at))
    await after(services, message, now, body)
    assert [*_recipients(services)] == [BOB.user_id if is_old else ADA.user_id]
