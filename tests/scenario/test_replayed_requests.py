"""The same signed request twice within five minutes has one effect, whatever it is."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import unquote_plus

import pytest

from playground.slack.person import Person
from tests.scenario.database import ask
from tests.scenario.looking import answer, cards, rows
from tests.scenario.posting import EVENTS, FORM, door, post_payload, signature
from tests.scenario.story import PLAN, TOKEN, choose_plan, enter_token, see, token, told
from tests.scenario.test_tenants import last_payload
from tests.support.world import World

TOO_MUCH = "This is more at once than I can take"


class Signed:
    """The body of the last command or interaction, signed once more, as Slack would."""

    def __init__(self, world: World) -> None:
        posted = (
            each for each in reversed(list(world.slack.traffic)) if each.direction == "to_app"
        )
        self._body = next(each.request for each in posted if not each.request.startswith(b"{"))
        at = int(time.time()) - 60  # not the very signature of the first time
        self._headers = {
            "content-type": FORM,
            "x-slack-request-timestamp": str(at),
            "x-slack-signature": signature(world, self._body, at),
        }
        self._world = world

    async def post(self, times: int = 1) -> list[int]:
        """So many times, all at once. Returns the answers' statuses."""
        async with door(self._world) as http:
            sending = (
                http.post(EVENTS, content=self._body, headers=self._headers) for _ in range(times)
            )
            return [each.status_code for each in await asyncio.gather(*sending)]


def facts(world: World) -> Any:
    ((found,),) = ask(world, "SELECT facts FROM integrations WHERE id = 'int_T0ACME00001'")
    return json.loads(found)


async def test_a_wrong_token_that_is_replayed_counts_once_and_alarms_nobody(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme", "revoked"))
    assert ada.modal.errors
    assert await Signed(a_world).post(5) == [200] * 5
    assert facts(a_world)["failed_tries"] == 2, "hers, and the five are one"
    assert ask(a_world, "SELECT count(*) FROM history WHERE kind = 'stuck'") == [(0,)]
    await enter_token(ada, token(a_world, "acme"))
    await see(ada, "Which sources feed Toplyne?")


async def test_a_command_that_began_a_set_up_begins_no_other(a_world: World, ada: Person) -> None:
    await ada.command("/segment status")
    await ada.command("/segment")
    command = Signed(a_world)
    await _choose_and_leave(ada)
    await command.post()
    assert not facts(a_world)["disconnected"], "signed anew, it is a new request"
    await _choose_and_leave(ada)
    assert facts(a_world)["disconnected"]
    assert await command.post(2) == [200, 200]
    a_world.slack.breaches.clear()  # Slack would not send a trigger twice
    assert facts(a_world)["disconnected"]
    await ada.command("/segment")
    await see(ada, PLAN)


async def _choose_and_leave(person: Person) -> None:
    await choose_plan(person, "Business")
    await person.close(everything=True)
    await person.command("/segment disconnect")
    await see(person, "from this app?")
    await person.submit()
    await person.close(everything=True)


async def test_a_claim_that_is_replayed_after_it_was_given_up_is_none(
    a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await told(mira, "Plan Business", "#customers")
    await mira.click("Claim")
    claim = Signed(a_world)
    await told(mira, "Claimed by", "#customers")
    assert await claim.post(3) == [200] * 3
    (card,) = cards(mira)
    await mira.click("Give back", message=card)
    await told(mira, "Given back by", "#customers")
    before = rows(a_world, "history")
    assert await claim.post(3) == [200] * 3
    assert facts(a_world)["csm"]["owner"] is None
    assert rows(a_world, "history") == before


async def test_what_only_looks_writes_nothing_before_its_answer(
    a_world: World, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    await ada.close(everything=True)
    before = rows(a_world, "seen_requests")
    for words in ("/segment", "/segment status", "/segment help"):
        await ada.command(words)
    await see(ada, "Access token")
    await ada.click("Back")
    assert rows(a_world, "seen_requests") == before


async def test_who_presses_far_too_fast_is_told_once(
    a_world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose_plan(ada, "Business")
    press = await last_payload(a_world, "block_actions", ada.user.id)
    for name in ("view", "container"):  # the window is closed
        press.pop(name)
    monkeypatch.setattr("bot.inbound.dispatch.PERSON", (1.0, 0.0))
    for number in range(20):
        press["actions"][0]["action_ts"] = str(number)
        assert (await post_payload(a_world, press)).status_code == 200
    told_of_it = [
        each
        for each in a_world.slack.traffic
        if each.direction == "from_app" and TOO_MUCH in unquote_plus(each.request.decode())
    ]
    assert len(told_of_it) == 1
    await ada.command("/segment status")
    assert TOO_MUCH in answer(ada).visible_text, "what costs no call is always answered"
    monkeypatch.undo()
    await ada.command("/segment")
    await see(ada, TOKEN)
