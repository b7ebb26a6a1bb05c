"""Every press of a CSM, when something else is there by now than it showed.

Buttons and windows are drawn by the real views and pressed through the real handlers. Each names
what it is about, or it is of those that mean the same whatever was shown.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot import handlers
from bot.ids import Action, Callback, customer_value, set_up_name
from bot.views.csm import modals
from bot.views.csm.card import card_message
from bot.views.csm.questions import answered_view
from flows.csm.events import CsmWrote
from flows.csm.facts import Matter, Need, Rejectable
from flows.csm.service import Looked
from flows.csm.steps import ReplayMark
from flows.model import Integration, Screen, Situation
from flows.recording import touched
from flows.vocabulary import Stamp
from tests.support.flow_services import ADA, BOB, CSM, INTEGRATION, TEAM, Services
from tests.unit.csm.test_doors import TRIED, Deps, Registry, Slack
from tests.unit.views.every_view import owned
from tests.unit.views.message_cases import stages
from tests.unit.views.message_checks import buttons, check_message

STAGES = dict(stages())
Json = dict[str, Any]
Meanwhile = Callable[[Integration], Integration]
Draw = Callable[[Looked, str], View]

# These do the same whatever was shown: they say for themselves what or whom they are about.
ALIKE = {Action.CSM_CLAIM, Callback.CSM_ASSIGN, Callback.CSM_SNOOZE}
# These open a window, which shows the newest state.
OPENING = {
    Action.CSM_REJECT, Action.CSM_ASSIGN, Action.CSM_MESSAGE, Action.CSM_ANSWER,
    Action.CSM_OPEN_CONFIRM, Action.CSM_MORE, Action.CSM_REQUEST,
}  # fmt: skip


def of_customer(situation: Situation) -> Integration:
    named = {"id": INTEGRATION, "tenant_id": TEAM, "team_id": TEAM}
    return replace(situation.integration, revision=7, **named)  # type: ignore[arg-type]


def entered_anew(now: Integration) -> Integration:
    """Other credentials: another Segment workspace."""
    return touched(now, Screen.CREDENTIALS)


def chosen_anew(now: Integration) -> Integration:
    return touched(now, Screen.SOURCES)


def another_owner(now: Integration) -> Integration:
    since = now.created.at + timedelta(days=9)
    owner = Stamp("U0TOM", since, of_toplyne=True)
    return replace(now, csm=replace(now.csm, owner=owner))


def another_account(now: Integration) -> Integration:
    said = Stamp("U0TOM", now.created.at + timedelta(days=9), of_toplyne=True)
    return replace(now, csm=replace(now.csm, account="Another", account_set=said))


def another_request(now: Integration) -> Integration:
    """A newer version, which has not been sent."""
    assert now.replay
    newer = replace(now.replay, number=now.replay.number + 1)
    return touched(replace(now, replay=newer, replay_sent=None), Screen.REPLAY)


def sent_anew(now: Integration) -> Integration:
    """The customer took "sent" back, and has sent the same request since."""
    assert now.replay_sent
    later = replace(now.replay_sent, at=now.replay_sent.at + timedelta(hours=1))
    return touched(replace(now, replay_sent=later), Screen.REPLAY_STATUS)


def additional(now: Integration) -> Integration:
    """The Replay has finished, and a request for more has been sent since."""
    assert now.replay
    assert now.replay_finished
    past = now.replay.past(now.replay_finished, None)
    newest = replace(now.replay, number=now.replay.number + 1)
    return replace(now, past_replays=(past,), replay=newest, replay_finished=None)


def confirmed_before(now: Integration) -> Integration:
    """A colleague has confirmed the earlier Replay, and another one waits."""
    (past,) = now.past_replays
    confirmed = replace(past, confirmed=Stamp("U0TOM", now.created.at, of_toplyne=True))
    return replace(now, past_replays=(confirmed, replace(past, number=past.number + 9)))


def other_questions(now: Integration) -> Integration:
    """What was asked is answered, and somebody asks something else."""
    assert now.csm.matters
    newer = Matter(Need.HELP, now.created.at, 99, BOB.user_id, "Another question")
    return replace(now, csm=replace(now.csm, matters=(newer,), numbered=99))


@dataclass(frozen=True)
class Press:
    id: Action | Callback
    before: Integration
    meanwhile: Meanwhile
    draw: Draw | None = None  # of a window
    choices: Mapping[str, Any] | None = None


def chosen(value: str) -> Json:
    return {"input_mark": {"selected_option": {"value": value}}}


def sent_back(what: Rejectable) -> Json:
    return {"input_what": {"selected_option": {"value": what}}}


def several(value: str) -> Json:
    return {"input_what": {"selected_options": [{"value": value}]}}


FREE, CONFIRMED = of_customer(STAGES["free unverified"]), of_customer(STAGES["free confirmed"])
SENT, OWNED = of_customer(STAGES["replay sent"]), of_customer(owned())
DONE = of_customer(STAGES["finished with history"])
MARK, CONFIRM = modals.replay_mark_view, modals.confirm_view
TABLE = [
    Press(Action.CSM_CONFIRM, FREE, entered_anew),
    Press(Action.CSM_ARRIVING, CONFIRMED, entered_anew),
    Press(Action.CSM_HISTORY, DONE, another_request),
    Press(Action.CSM_UNCLAIM, OWNED, another_owner),
    Press(Action.CSM_ANSWERED, OWNED, other_questions),
    Press(Callback.CSM_CONFIRM, FREE, entered_anew, CONFIRM),
    Press(Callback.CSM_CONFIRM, CONFIRMED, entered_anew, CONFIRM),
    Press(Callback.CSM_CONFIRM, DONE, another_request, CONFIRM),
    Press(
        Callback.CSM_ACCOUNT, OWNED, another_account, modals.account_view,
        {"input_account": {"value": "Mine"}},
    ),
    *(
        Press(Callback.CSM_REPLAY, SENT, another_request, MARK, chosen(mark))
        for mark in (ReplayMark.RUNNING, ReplayMark.FINISHED, ReplayMark.CONFIRMED)
    ),
    Press(
        Callback.CSM_REPLAY, SENT, another_request, MARK,
        {**chosen(ReplayMark.SCHEDULED), "input_ticket": {"value": "4711"}},
    ),
    Press(
        Callback.CSM_REPLAY, of_customer(STAGES["replay scheduled"]), another_request, MARK,
        chosen(ReplayMark.NO_DAY),
    ),
    Press(
        Callback.CSM_REPLAY, additional(DONE), confirmed_before, MARK, chosen(ReplayMark.EARLIER)
    ),
    Press(Callback.CSM_REPLAY, SENT, sent_anew, MARK, chosen(ReplayMark.NOT_SENT)),
    Press(
        Callback.REJECT, SENT, chosen_anew, modals.reject_view, sent_back(Rejectable.SOURCES)
    ),
    Press(
        Callback.REJECT, SENT, another_request, modals.reject_view, sent_back(Rejectable.REPLAY)
    ),
    Press(
        Callback.REJECT, FREE, entered_anew, modals.reject_view, sent_back(Rejectable.CREDENTIALS)
    ),
    Press(
        Callback.CSM_ANSWERED, OWNED, other_questions,
        lambda looked, value: answered_view(looked, value, {}), several("1"),
    ),
]  # fmt: skip
NAMES = [
    f"{each.id}-{n}-{re.sub('[^a-z]+', ' ', str(each.choices or ''))}"
    for n, each in enumerate(TABLE)
]


def test_every_press_is_in_one_of_the_tables() -> None:
    named = {each.id for each in TABLE} | {Callback.CSM_MESSAGE}  # which has its own test
    assert named | ALIKE | OPENING == set(TRIED)


@pytest.fixture
async def services() -> Services:
    made = Services()
    await made.install()
    await made.setup.start(ADA)
    return made


class Quiet(Slack):
    """Nobody reads its answers."""

    response_url = ""

    async def chat_postMessage(self, **_: object) -> None:  # noqa: N802 - Slack's name
        """Nor this one."""


class Names:
    async def names(self, _tenant_id: str, _wanted: object) -> dict[str, str]:
        return {}


def drawn(press: Press, integration: Integration) -> Json:
    """What Slack sends when the press is made on what shows this state."""
    situation = replace(STAGES["replay sent"], integration=integration)
    value = customer_value(TEAM, set_up_name(integration))
    if press.draw:
        return submission(press.draw(Looked(situation, "Acme"), value), press.choices or {})
    if press.id is Action.CSM_ANSWERED:
        return {"actions": [{"action_id": press.id, "value": f"{value}|1"}]}
    card = card_message(situation, installation_name="Acme", customer_value=value, names={})
    (button,) = [b for b in buttons(check_message(card)) if b["action_id"] == press.id]
    return {"actions": [{"action_id": press.id, "value": button["value"]}]}


def submission(view: View, choices: Mapping[str, Any]) -> Json:
    written = {"input_reason": {"value": "Please correct it"}, **choices}
    found = view.to_dict()
    inputs = [block for block in found["blocks"] if block["type"] == "input"]
    actions = {block["block_id"]: block["element"]["action_id"] for block in inputs}
    values = {
        block_id: {action: written[action]}
        for block_id, action in actions.items()
        if action in written
    }
    return {"view": {**found, "id": "V1", "state": {"values": values}}}


async def send(services: Services, press: Press, body: Json) -> Slack:
    registry, slack, deps = Registry(), Quiet(), Deps(services)
    deps.people = Names()  # type: ignore[attr-defined]
    handlers.register(registry, deps)  # type: ignore[arg-type]
    if isinstance(press.id, Callback):
        await registry.found[f"view:{press.id}"](ack=slack, actor=CSM, view=body["view"])
    else:
        handle = registry.found[f"action:{press.id}"]
        pressed = {**body, "user": {"id": CSM.user_id}}
        await handle(ack=slack, body=pressed, actor=CSM, client=slack, respond=slack)
    return slack


async def after(services: Services, press: Press, now: Integration, body: Json) -> Integration:
    """The customer after a press, who was like `now`."""
    services.storage.tables.integrations[TEAM, INTEGRATION] = now
    await send(services, press, body)
    found = services.integration()
    assert found
    return found


@pytest.mark.parametrize("press", TABLE, ids=NAMES)
async def test_what_was_not_seen_stays(services: Services, press: Press) -> None:
    saved = replace(press.meanwhile(press.before), revision=press.before.revision + 1)
    body = drawn(press, press.before)
    assert await after(services, press, saved, body) == saved


@pytest.mark.parametrize("press", TABLE, ids=NAMES)
async def test_what_was_seen_counts(services: Services, press: Press) -> None:
    body = drawn(press, press.before)
    assert await after(services, press, press.before, body) != press.before


def _as_before(body: Json) -> Json:
    """As the version before drew it: without what it shows."""
    if "actions" in body:
        (action,) = body["actions"]
        return {"actions": [{**action, "value": action["value"].rpartition("|")[0]}]}
    values = body["view"]["state"]["values"]
    bare = {block_id.partition(":")[0]: each for block_id, each in values.items()}
    return {"view": {**body["view"], "state": {"values": bare}}}


_NEW = {Action.CSM_CONFIRM, Action.CSM_ARRIVING, Action.CSM_UNCLAIM} | {
    Callback.CSM_ACCOUNT, Callback.CSM_REPLAY,
}  # fmt: skip


@pytest.mark.parametrize("press", [each for each in TABLE if each.id in _NEW])
async def test_what_the_version_before_drew_counts(services: Services, press: Press) -> None:
    body = _as_before(drawn(press, press.before))
    assert await after(services, press, press.before, body) != press.before


def _recipients(services: Services) -> Iterator[str]:
    for _, _, stored in services.storage.tables.history:
        if isinstance(stored.event, CsmWrote):
            yield stored.event.to


@pytest.mark.parametrize("is_old", [False, True])
async def test_a_message_goes_to_the_person_it_named(services: Services, *, is_old: bool) -> None:
    """Meanwhile a colleague has become the contact."""
    before = replace(SENT, last_active=Stamp(ADA.user_id, SENT.created.at))
    press = Press(
        Callback.CSM_MESSAGE, before, lambda now: now,
        lambda looked, value: modals.message_view(looked, value, {}),
        {"input_text": {"value": "Hello"}},
    )  # fmt: skip
    body = drawn(press, before)
    if is_old:  # of the version before, which names nobody
        body["view"]["blocks"] = []
    now = replace(before, last_active=Stamp(BOB.user_id, SENT.created.at))
    await after(services, press, now, body)
    assert [*_recipients(services)] == [BOB.user_id if is_old else ADA.user_id]
