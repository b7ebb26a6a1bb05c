"""Triggers, the stack of modals, and when an app may change them."""

import asyncio
from typing import Any

import pytest

from playground.slack.typing_in import NotVisible
from tests.playground.slack_app import Bench, bench, opens
from tests.playground.slack_blocks import actions, button, modal, section

Json = dict[str, Any]


async def test_stack_of_three_and_back(slack: Bench) -> None:
    step = modal(actions(button("Deeper", "deeper")), notify_on_close=True)
    opens(slack, step)
    closed: list[bool] = []

    @slack.app.action("deeper")
    async def deeper(ack: Any, body: Any, client: Any) -> None:
        answer = await client.api_call(
            "views.push", json={"trigger_id": body["trigger_id"], "view": step}
        )
        assert answer["view"]["previous_view_id"] == body["view"]["id"]
        assert answer["view"]["root_view_id"] == body["view"]["root_view_id"]
        await ack()

    @slack.app.view_closed("")
    async def note(ack: Any, body: Any) -> None:
        closed.append(body["is_cleared"])
        await ack()

    await slack.ada.command("/small")
    await slack.ada.click("Deeper")
    await slack.ada.click("Deeper")
    assert len(slack.ada.modals) == 3
    await slack.ada.close()
    assert len(slack.ada.modals) == 2
    await slack.ada.close(everything=True)
    assert slack.ada.modals == []
    assert closed == [False, True, True]
    slack.world.breach_free()


async def test_push_limit(slack: Bench) -> None:
    stack = [modal(actions(button(f"Level {n}", "deeper"))) for n in range(4)]
    opens(slack, stack[0])
    errors: list[str] = []

    @slack.app.action("deeper")
    async def deeper(ack: Any, body: Any) -> None:
        level = len(slack.ada.modals)
        answer = await slack.call("views.push", trigger_id=body["trigger_id"], view=stack[level])
        errors.append(answer.get("error", ""))
        await ack()

    await slack.ada.command("/small")
    for level in range(3):
        await slack.ada.click(f"Level {level}")
    assert errors == ["", "", "push_limit_reached"]
    assert [each.error for each in slack.world.breaches] == ["push_limit_reached"]


async def test_a_second_press_that_finds_the_stack_full_is_no_breach(slack: Bench) -> None:
    opens(slack, modal(actions(button("Deeper", "deeper"))))
    errors: list[str] = []

    @slack.app.action("deeper")
    async def deeper(ack: Any, body: Any) -> None:
        above = modal(actions(button("Level", "level")))
        answer = await slack.call("views.push", trigger_id=body["trigger_id"], view=above)
        errors.append(answer.get("error", ""))
        await ack()

    await slack.ada.command("/small")
    await asyncio.gather(*(slack.ada.click("Deeper") for _ in range(3)))
    assert sorted(errors) == ["", "", "push_limit_reached"]
    slack.world.breach_free()


async def test_triggers(slack: Bench) -> None:
    triggers: list[str] = []

    @slack.app.command("/small")
    async def keep(ack: Any, body: Any) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    await slack.ada.command("/small")
    view = modal(section("Hi"))
    first = await slack.call("views.open", trigger_id=triggers[0], view=view)
    again = await slack.call("views.open", trigger_id=triggers[0], view=view)
    made_up = await slack.call("views.open", trigger_id="1.2.3", view=view)
    assert first["ok"]
    assert (again["error"], made_up["error"]) == ("exchanged_trigger_id", "invalid_trigger_id")
    pushed = await _fresh_trigger(slack, triggers, "views.push", view)
    assert pushed["error"] == "not_found"


async def _fresh_trigger(slack: Bench, triggers: list[str], method: str, view: Json) -> Json:
    await slack.ada.command("/small")
    return await slack.call(method, trigger_id=triggers[-1], view=view)


async def test_trigger_that_expired() -> None:
    async with bench(trigger_life=0.0) as slack:
        errors: list[str] = []

        @slack.app.command("/small")
        async def late(ack: Any, body: Any) -> None:
            await asyncio.sleep(0.01)
            answer = await slack.call(
                "views.open", trigger_id=body["trigger_id"], view=modal(section("Hi"))
            )
            errors.append(answer["error"])
            await ack()

        await slack.ada.command("/small")
        assert errors == ["expired_trigger_id"]
        slack.world.breach_free()


async def test_update_from_outside(slack: Bench) -> None:
    opens(slack, modal(section("One"), external_id="mine"))
    await slack.ada.command("/small")
    modal_now = slack.ada.modal
    assert modal_now is not None
    view = modal(section("Two"), external_id="mine")
    by_name = await slack.call("views.update", external_id="mine", view=view)
    stale = await slack.call("views.update", view_id=modal_now.id, hash="0.0", view=view)
    nowhere = await slack.call("views.update", view_id="V0NOBODY", view=view)
    both = await slack.call("views.update", view_id=modal_now.id, external_id="mine", view=view)
    assert by_name["ok"]
    assert by_name["view"]["hash"] == modal_now.view.hash
    errors = (stale["error"], nowhere["error"], both["error"])
    assert errors == ("hash_conflict", "not_found", "invalid_arguments")
    await slack.ada.close()
    gone = await slack.call("views.update", external_id="mine", view=view)
    assert gone["error"] == "not_found"


async def test_external_id_is_unique_in_a_team(slack: Bench) -> None:
    opens(slack, modal(section("One"), external_id="mine"))
    await slack.ada.command("/small")
    grace = slack.world.person("grace")
    await grace.command("/small")
    assert "duplicate_external_id" in slack.breaches()
    assert grace.modal is None


async def test_two_clicks_at_once_both_arrive(slack: Bench) -> None:
    opens(slack, modal(section("One"), actions(button("Go", "go")), callback_id="one"))
    clicks: list[str] = []

    @slack.app.action("go")
    async def go(ack: Any, body: Any) -> None:
        clicks.append(body["trigger_id"])
        await ack()

    await slack.ada.command("/small")
    await asyncio.gather(slack.ada.click("Go"), slack.ada.click("Go"))
    assert len(set(clicks)) == 2
    slack.world.breach_free()


async def test_nobody_submits_twice(slack: Bench) -> None:
    opens(slack, modal(section("One"), callback_id="one"))
    busy: list[bool] = []

    @slack.app.view("one")
    async def slow(ack: Any) -> None:
        busy.append(slack.ada.modal is not None and slack.ada.modal.busy)
        with pytest.raises(NotVisible, match="still waiting"):
            await slack.ada.submit()
        await ack()

    await slack.ada.command("/small")
    await slack.ada.submit()
    assert busy == [True]
    assert slack.ada.modal is None


async def test_what_arrives_last_stands(slack: Bench) -> None:
    opens(slack, modal(section("One"), callback_id="one"))

    @slack.app.view("one")
    async def both(ack: Any, view: Any, client: Any) -> None:
        await client.views_update(view_id=view["id"], view=modal(section("By call")))
        await ack(response_action="update", view=modal(section("By answer")))

    await slack.ada.command("/small")
    await slack.ada.submit()
    assert slack.ada.modal is not None
    assert slack.ada.modal.text == "By answer"
    slack.world.breach_free()
