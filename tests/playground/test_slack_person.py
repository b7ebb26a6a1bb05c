"""What people see and pick: readable text, every kind of input, lookups by name."""

import datetime as dt
from typing import Any

import pytest

from playground.slack.breaches import Breach
from playground.slack.typing_in import NotVisible
from playground.slack.visible import plain_mrkdwn, visible_text
from tests.playground.slack_app import Bench, opens
from tests.playground.slack_blocks import (
    CARD,
    OPTIONS,
    RICH_TEXT,
    TABLE,
    TASK,
    actions,
    button,
    home,
    input_block,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    text_input,
)

Json = dict[str, Any]
ADA = "U0ACMEADA01"


def names(slack_id: str) -> str:
    return {"U1": "Ada", "C1": "data"}.get(slack_id, slack_id)


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("*Acme Inc* is _here_", "Acme Inc is here"),
        ("*_both_* and `code`", "both and code"),
        ("write_key and a*b*c", "write_key and a*b*c"),
        (
            "<https://example.com|Open it> or <https://example.com>",
            "Open it or https://example.com",
        ),
        ("<mailto:a@example.com>", "a@example.com"),
        ("<@U1> in <#C1>", "@Ada in #data"),
        ("<!date^1700000000^{date}|14 November>", "14 November"),
        ("<!channel>", "@channel"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
    ],
)
def test_markup_is_resolved(markup: str, shown: str) -> None:
    assert plain_mrkdwn(markup, names) == shown


def test_text_of_all_blocks() -> None:
    picture = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "Chart"}
    blocks = [
        section("*One*", accessory={"type": "overflow", "action_id": "o", "options": OPTIONS}),
        {"type": "section", "fields": [mrkdwn("Two"), plain("*Three*")]},
        {"type": "context", "elements": [mrkdwn("Four"), picture]},
        text_input("Five", "five", placeholder=plain("not this")),
        actions({"type": "radio_buttons", "action_id": "r", "options": [option("Six")]}),
        {"type": "divider"},
        {"type": "plan", "title": "Seven", "tasks": [TASK]},
    ]
    assert visible_text(blocks, names).splitlines()[:9] == [
        "One",
        "Two",
        "*Three*",
        "Four",
        "Chart",
        "Five",
        "Six",
        "Seven",
        "Look (in_progress)",
    ]
    rich = visible_text([RICH_TEXT], names).splitlines()
    assert rich == ["BoldWrite@Ada#data:tada:@herethen", "code", "quoted", "- item"]
    assert visible_text([TABLE], names).splitlines()[-1] == "b | b"
    assert visible_text([CARD], names).splitlines() == ["Title", "Below", "Body", "A picture", "Go"]


async def test_every_kind_of_input(slack: Bench) -> None:
    kinds: dict[str, tuple[Json, Any, Any]] = {
        "radio": ({"type": "radio_buttons", "options": OPTIONS}, "One", OPTIONS[0]),
        "checks": ({"type": "checkboxes", "options": OPTIONS}, ["One", "two"], OPTIONS),
        "static": ({"type": "static_select", "options": OPTIONS}, "tw", OPTIONS[1]),
        "user": ({"type": "users_select"}, "@grace", "U0ACMEGRACE"),
        "users": ({"type": "multi_users_select"}, ["Ada Okafor"], [ADA]),
        "channel": ({"type": "channels_select"}, "#data", "C0ACMEDATA1"),
        "talk": ({"type": "conversations_select"}, "general", "C0ACMEGENRL"),
        "date": ({"type": "datepicker"}, "2026-01-31", "2026-01-31"),
        "time": ({"type": "timepicker"}, "09:30", "09:30"),
        "moment": ({"type": "datetimepicker"}, "2026-01-31T00:00:00+00:00", 1769817600),
        "number": ({"type": "number_input", "is_decimal_allowed": True}, 1.5, "1.5"),
    }
    view = modal(*[input_block(k, k, e) for k, (e, _, _) in kinds.items()], callback_id="all")
    opens(slack, view)
    values: Json = {}

    @slack.app.view("all")
    async def take(ack: Any, view: Any) -> None:
        values.update(view["state"]["values"])
        await ack()

    await slack.ada.command("/small")
    for name, (_, given, _) in kinds.items():
        slack.ada.fill(name, given)
    await slack.ada.submit()
    for name, (_, _, expected) in kinds.items():
        held = [v for k, v in values[name]["value"].items() if k != "type"]
        assert held == [expected], name
    slack.world.breach_free()


async def test_what_cannot_be_picked(slack: Bench) -> None:
    blocks = [
        input_block("When", "when", {"type": "datepicker"}),
        input_block("Who", "who", {"type": "users_select"}),
        input_block("Moment", "moment", {"type": "datetimepicker"}, optional=True),
    ]
    opens(slack, modal(*blocks))
    await slack.ada.command("/small")
    with pytest.raises(NotVisible, match="datepicker"):
        slack.ada.fill("When", "tomorrow")
    with pytest.raises(
        NotVisible, match=r"no person 'mira'; there are \['ada', 'grace', 'linus'\]"
    ):
        slack.ada.fill("Who", "mira")
    moment = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    slack.ada.fill("Moment", moment)
    slack.ada.fill(("moment", "value"), None)
    assert slack.ada.modal is not None
    assert slack.ada.modal.typed["moment", "value"]["selected_date_time"] is None


async def test_home_with_inputs_and_a_modal_over_it(slack: Bench) -> None:
    select = {"type": "static_select", "action_id": "pick", "options": OPTIONS}
    view = home(section("Filter", accessory=select), actions(button("Open", "open")))
    await slack.call("views.publish", user_id=ADA, view=view)
    bodies: list[Json] = []

    @slack.app.event("app_home_opened")
    async def look() -> None:
        pass

    @slack.app.action("pick")
    async def note(ack: Any, body: Any) -> None:
        bodies.append(body)
        await ack()

    @slack.app.action("open")
    async def open_modal(ack: Any, body: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(section("Over it")))
        await ack()

    with pytest.raises(NotVisible):
        await slack.ada.click("Open")
    await slack.ada.open_home()
    await slack.ada.click("pick", option="Two")
    await slack.ada.click("Open")
    with pytest.raises(NotVisible):
        await slack.ada.click("pick", option="One")
    await slack.ada.close()
    await slack.ada.fill("pick", "One")
    picked = [b["actions"][0]["selected_option"]["value"] for b in bodies]
    assert picked == ["two", "one"]
    slack.world.breach_free()


async def test_opening_a_modal_from_a_modal_is_a_breach(slack: Bench) -> None:
    opens(slack, modal(actions(button("Another", "another"))))

    @slack.app.action("another")
    async def another(ack: Any, body: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(section("Another")))
        await ack()

    await slack.ada.command("/small")
    await slack.ada.click("Another")
    assert slack.breaches() == ["opened_from_a_modal"]


async def test_answers_come_after_the_person_closed_the_modal(slack: Bench) -> None:
    opens(slack, modal(section("One"), callback_id="one"))

    @slack.app.view("one")
    async def update(ack: Any) -> None:
        await slack.ada.close()
        await ack(response_action="push", view=modal(section("Two")))

    await slack.ada.command("/small")
    await slack.ada.submit()
    assert slack.ada.modal is None
    slack.world.breach_free()


async def test_response_urls_of_a_submission(slack: Bench) -> None:
    element = {"type": "conversations_select", "response_url_enabled": True}
    opens(slack, modal(input_block("Where", "where", element), callback_id="post"))

    @slack.app.view("post")
    async def post(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        await respond("Hello there", response_type="in_channel")

    await slack.ada.command("/small")
    slack.ada.fill("Where", "data")
    await slack.ada.submit()
    await slack.ada.wait_for(lambda: slack.ada.messages("data"))
    assert [m.text for m in slack.world.person("grace").messages("data")] == ["Hello there"]
    slack.world.breach_free()


async def test_options_for_a_select_in_a_message(slack: Bench) -> None:
    select = {"type": "external_select", "action_id": "find", "min_query_length": 0}
    blocks = [actions(select)]
    await slack.call("chat.postMessage", channel=ADA, text="Find", blocks=blocks)
    picked: list[str] = []

    @slack.app.options("find")
    async def offer(ack: Any, body: Any) -> None:
        assert body["container"]["type"] == "message"
        groups = [{"label": plain("Group"), "options": [option("Web")]}]
        await ack(option_groups=groups)

    @slack.app.action("find")
    async def take(ack: Any, action: Any) -> None:
        picked.append(action["selected_option"]["value"])
        await ack()

    assert await slack.ada.search("find", "") == ["Web"]
    await slack.ada.click("find", option="Web")
    assert picked == ["web"]
    slack.world.breach_free()


async def test_waiting_in_vain_shows_the_screen(slack: Bench) -> None:
    await slack.call("chat.postMessage", channel=ADA, text="Only this")
    with pytest.raises(TimeoutError, match="message: Only this"):
        await slack.ada.wait_for(lambda: slack.ada.modal, timeout=0.01)


async def test_subscribers_hear_of_changes_until_they_leave(slack: Bench) -> None:
    heard: list[int] = []
    leave = slack.world.subscribe(lambda: heard.append(1))
    await slack.call("chat.postMessage", channel=ADA, text="One")
    count = len(heard)
    leave()
    await slack.call("chat.postMessage", channel=ADA, text="Two")
    assert count > 0
    assert len(heard) == count


async def test_breaches_and_notices_are_bounded(slack: Bench) -> None:
    for number in range(600):
        slack.world.core.breach("test", "error", str(number))
        slack.world.core.notify(ADA, str(number))
    assert len(slack.world.breaches) == 500
    assert slack.ada.notices[-1] == "599"
    assert len(slack.ada.notices) == 50
    assert isinstance(slack.world.breaches[-1], Breach)
