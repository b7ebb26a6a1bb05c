"""The page alone, in a real browser, on a made-up world."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.contrast import least_contrast
from tests.browser.fixture_app import FixtureBackend

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def open_setup(page: Page) -> Any:
    await page.locator("#composer").fill("/segment")
    await page.locator("#composer").press("Enter")
    dialog = page.get_by_role("dialog", name="Connect Segment")
    await expect(dialog).to_be_visible()
    return dialog


async def test_messages_show_text_blocks_and_marks(kitchen_sink: Page) -> None:
    messages = kitchen_sink.get_by_role("region", name="Messages")
    await expect(messages.locator("strong", has_text="Acme Inc")).to_be_visible()
    await expect(messages.get_by_text("Only visible to you")).to_be_visible()
    await expect(messages.get_by_text("(edited)")).to_be_visible()
    await expect(messages.get_by_role("button", name="Claim")).to_be_visible()
    await messages.get_by_role("button", name="2 replies").click()
    thread = kitchen_sink.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("12:01 installed by")).to_be_visible()


async def test_threads_take_no_commands(kitchen_sink: Page, backend: FixtureBackend) -> None:
    await kitchen_sink.get_by_role("button", name="2 replies").click()
    thread = kitchen_sink.get_by_role("complementary", name="Thread")
    await thread.get_by_label("Reply in the thread").fill("/segment status")
    await thread.get_by_role("button", name="Send").click()
    await expect(kitchen_sink.get_by_text("no commands in threads: /segment")).to_be_visible()
    await expect(thread.get_by_label("Reply in the thread")).to_have_value("/segment status")
    assert backend.acts == []


async def test_every_kind_of_block_is_drawn(kitchen_sink: Page) -> None:
    await kitchen_sink.get_by_role("button", name="Connect Segment 1 unread").click()
    await expect(kitchen_sink.locator("pre")).to_contain_text("Workspace: Acme Inc (acme)")
    await expect(kitchen_sink.get_by_role("cell", name="88,120")).to_be_visible()
    await expect(kitchen_sink.get_by_role("article")).to_contain_text("Replay · ready to send")
    await open_setup(kitchen_sink)
    await expect(kitchen_sink.locator(".unknown")).to_have_count(0)
    await expect(kitchen_sink.get_by_label("From")).to_have_value("2025-11-01")
    await expect(kitchen_sink.get_by_label("To (optional)")).to_have_value("2026-09-21T15:13")
    await expect(kitchen_sink.get_by_label("Region")).to_have_value("United States")


async def test_whatever_is_written_can_be_read(kitchen_sink: Page) -> None:
    await kitchen_sink.get_by_role("button", name="Connect Segment 1 unread").click()
    assert await least_contrast(kitchen_sink) >= 4.5
    await open_setup(kitchen_sink)
    assert await least_contrast(kitchen_sink) >= 4.5


async def test_home_has_its_own_tab(kitchen_sink: Page, backend: FixtureBackend) -> None:
    await kitchen_sink.get_by_role("button", name="Home").click()
    panel = kitchen_sink.get_by_role("tabpanel", name="Home")
    await expect(panel.get_by_role("heading", name="Waiting for you")).to_be_visible()
    assert (await backend.asked("open_home"))["tab"] == "home"
    assert await least_contrast(kitchen_sink) >= 4.5


async def test_markup_in_texts_stays_text(kitchen_sink: Page) -> None:
    messages = kitchen_sink.get_by_role("region", name="Messages")
    await expect(messages.get_by_text("<b>not bold</b>")).to_be_visible()
    assert await kitchen_sink.evaluate("window.hacked") is None
    assert await messages.locator("img").count() == 0
    assert await kitchen_sink.locator("a[href^='javascript']").count() == 0


async def test_typing_survives_a_live_update(kitchen_sink: Page, backend: FixtureBackend) -> None:
    dialog = await open_setup(kitchen_sink)
    token = dialog.get_by_label("Access token")
    await token.press_sequentially("abcdef")
    await token.evaluate("field => field.setSelectionRange(2, 2)")
    blocks = backend.data["modals"][-1]["blocks"]
    blocks.insert(0, {"type": "header", "block_id": "new", "text": {"text": "Now slower"}})
    backend.changes.changed()
    await expect(dialog.get_by_text("Now slower")).to_be_visible()
    await kitchen_sink.keyboard.type("XY")
    await expect(token).to_have_value("abXYcdef")
    await expect(token).to_be_focused()


async def test_a_half_written_message_survives_too(
    kitchen_sink: Page, backend: FixtureBackend
) -> None:
    composer = kitchen_sink.locator("#composer")
    await composer.press_sequentially("Hello")
    backend.say("UGRACE", "I am *new*")
    await expect(kitchen_sink.get_by_text("I am new").first).to_be_attached()
    await kitchen_sink.keyboard.type(" there")
    await expect(composer).to_have_value("Hello there")


HEAR_ADDITIONS = """announcer => {
  const each = change => change.addedNodes.forEach(node => hear(node.textContent));
  const watch = new MutationObserver(changes => changes.forEach(each));
  watch.observe(announcer, {childList: true, subtree: true});
}"""


async def test_every_new_message_is_read_out(kitchen_sink: Page, backend: FixtureBackend) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    await kitchen_sink.expose_function("hear", heard.put_nowait)
    await kitchen_sink.locator("#announcer").evaluate(HEAR_ADDITIONS)
    backend.say("UADA", "My own")
    for texts in (["One", "Two", "Two"], ["Two"]):
        backend.say("UGRACE", *texts)
        async with asyncio.timeout(120):
            assert [await heard.get() for _ in texts] == [f"UGRACE: {text}" for text in texts]
    assert heard.empty()


async def test_modal_by_keyboard_alone(kitchen_sink: Page, backend: FixtureBackend) -> None:
    composer = kitchen_sink.locator("#composer")
    await composer.focus()
    keys = kitchen_sink.keyboard
    await keys.type("/seg")
    await expect(kitchen_sink.get_by_role("option")).to_have_count(2)
    await keys.press("Enter")
    await expect(composer).to_have_value("/segment ")
    await keys.press("Enter")
    dialog = kitchen_sink.get_by_role("dialog", name="Connect Segment")
    await expect(dialog.get_by_role("radio", name="Team")).to_be_focused()
    await keys.press("ArrowDown")
    await expect(dialog.get_by_role("radio", name="Business")).to_be_checked()
    await keys.press("Tab")
    await keys.type("my token")
    await keys.press("Enter")
    assert (await backend.asked("submit"))["view_id"] == "VSETUP"
    assert backend.typed("token")["value"] == "my token"
    assert backend.typed("plan")["selected_option"]["value"] == "business"
    await keys.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(composer).to_be_focused()


async def test_focus_stays_in_the_modal(kitchen_sink: Page) -> None:
    dialog = await open_setup(kitchen_sink)
    await dialog.get_by_role("button", name="Check").focus()
    await kitchen_sink.keyboard.press("Tab")
    await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    await kitchen_sink.keyboard.press("Shift+Tab")
    await expect(dialog.get_by_role("button", name="Check")).to_be_focused()
    await kitchen_sink.keyboard.press("F6")
    await expect(kitchen_sink.get_by_role("button", name="Try this")).to_be_focused()
    await kitchen_sink.keyboard.press("F6")
    await expect(dialog.get_by_role("button", name="Check")).to_be_focused()


async def test_error_stands_beside_its_field(kitchen_sink: Page, backend: FixtureBackend) -> None:
    dialog = await open_setup(kitchen_sink)
    await dialog.get_by_label("Access token").fill("wrong")
    backend.errors = {"token": "This is a write key."}
    await dialog.get_by_role("button", name="Check").click()
    token = dialog.get_by_label("Access token")
    await expect(token).to_have_attribute("aria-invalid", "true")
    await expect(token).to_be_focused()
    await expect(token).to_have_value("wrong")
    await expect(token).to_have_accessible_description(
        "Stored encrypted, never shown again, deleted when you disconnect. This is a write key."
    )


async def test_select_searches_what_it_has(kitchen_sink: Page, backend: FixtureBackend) -> None:
    dialog = await open_setup(kitchen_sink)
    region = dialog.get_by_label("Region")
    await region.click()
    await kitchen_sink.keyboard.type("euro")
    await expect(kitchen_sink.get_by_role("option")).to_have_text(["European Union"])
    await kitchen_sink.keyboard.press("Enter")
    await expect(region).to_have_value("European Union")
    await dialog.get_by_role("button", name="Check").click()
    await backend.asked("submit")
    assert backend.typed("region")["selected_option"]["value"] == "eu"


async def test_select_asks_the_app(kitchen_sink: Page, backend: FixtureBackend) -> None:
    dialog = await open_setup(kitchen_sink)
    sources = dialog.get_by_label("Sources")
    await sources.click()
    await expect(kitchen_sink.get_by_role("option")).to_have_count(20)
    await kitchen_sink.keyboard.type("store 00")
    await expect(kitchen_sink.get_by_role("option")).to_have_count(10)
    await kitchen_sink.keyboard.press("ArrowDown")
    await kitchen_sink.keyboard.press("Enter")
    await kitchen_sink.keyboard.press("Escape")
    await expect(dialog.get_by_role("button", name="Remove Store 001")).to_be_visible()
    await expect(dialog).to_be_visible()
    searched = [act["query"] for act in backend.acts if act["type"] == "search"]
    assert searched[-1] == "store 00"


async def test_select_of_people(kitchen_sink: Page, backend: FixtureBackend) -> None:
    dialog = await open_setup(kitchen_sink)
    await dialog.get_by_label("Colleague").click()
    await kitchen_sink.get_by_role("option", name="Grace Hopper").click()
    await expect(dialog.get_by_label("Colleague")).to_have_value("Grace Hopper")
    await dialog.get_by_role("button", name="Check").click()
    await backend.asked("submit")
    assert backend.typed("colleague") == {"type": "users_select", "selected_user": "UGRACE"}


async def test_waiting_is_shown(kitchen_sink: Page, backend: FixtureBackend) -> None:
    dialog = await open_setup(kitchen_sink)
    backend.pause = asyncio.Event()
    check = dialog.get_by_role("button", name="Check")
    await check.click()
    await expect(check).to_have_attribute("aria-busy", "true")
    await expect(dialog.get_by_role("button", name="Back")).to_be_disabled()
    await check.click(force=True)
    backend.pause.set()
    await expect(check).not_to_have_attribute("aria-busy", "true")
    assert [act["type"] for act in backend.acts].count("submit") == 1


async def test_confirmation_comes_before_the_click(
    kitchen_sink: Page, backend: FixtureBackend
) -> None:
    await kitchen_sink.get_by_role("button", name="Disconnect").click()
    question = kitchen_sink.get_by_role("alertdialog", name="Disconnect Segment?")
    await question.get_by_role("button", name="Keep").click()
    await expect(question).to_have_count(0)
    assert backend.acts == []
    await kitchen_sink.get_by_role("button", name="Disconnect").click()
    await question.get_by_role("button", name="Disconnect").click()
    await expect(question).to_have_count(0)
    assert (await backend.asked("click"))["action_id"] == "drop"


async def test_overflow_menu_by_keyboard(kitchen_sink: Page, backend: FixtureBackend) -> None:
    await kitchen_sink.get_by_role("button", name="More actions").focus()
    await kitchen_sink.keyboard.press("Enter")
    await expect(kitchen_sink.get_by_role("menuitem", name="Mark as running")).to_be_focused()
    await kitchen_sink.keyboard.press("ArrowDown")
    await kitchen_sink.keyboard.press("Enter")
    assert (await backend.asked("click"))["state"]["selected_option"]["value"] == "reject"


async def test_slack_tells_when_the_app_was_silent(
    kitchen_sink: Page, backend: FixtureBackend
) -> None:
    backend.data["notices"].append("operation_timeout")
    backend.changes.changed()
    notice = kitchen_sink.get_by_role("status").get_by_text("did not respond in time")
    await expect(notice).to_be_visible()


async def test_breaches_are_listed(kitchen_sink: Page, backend: FixtureBackend) -> None:
    await expect(kitchen_sink.get_by_text("the app has respected every rule")).to_be_visible()
    breach = {"at": 1, "where": "chat.postMessage", "error": "no_text", "detail": "at /text"}
    backend.data["breaches"].append(breach)
    backend.changes.changed()
    await expect(kitchen_sink.locator(".breaches")).to_contain_text("no_text")


async def test_a_phone_shows_it_too(kitchen_sink: Page) -> None:
    await kitchen_sink.set_viewport_size({"width": 390, "height": 800})
    await kitchen_sink.reload()
    await open_setup(kitchen_sink)
    width = await kitchen_sink.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    steps = await kitchen_sink.get_by_text("Assign access:").bounding_box()
    opener = await kitchen_sink.get_by_role("button", name="Open Segment").bounding_box()
    assert steps
    assert opener
    assert opener["y"] >= steps["y"] + steps["height"], "the link stands below the steps"


@pytest.mark.parametrize(("before", "after"), [("0", "3152024"), ("Backspace", "03152024")])
async def test_half_typed_date_survives_a_live_update(
    kitchen_sink: Page, backend: FixtureBackend, before: str, after: str
) -> None:
    dialog = await open_setup(kitchen_sink)
    await dialog.get_by_label("From").focus()
    await kitchen_sink.keyboard.press(before)
    backend.data["app"]["name"] = "Renamed"
    backend.changes.changed()
    await expect(kitchen_sink.get_by_text("Renamed in a Slack on this machine")).to_be_visible()
    await kitchen_sink.keyboard.type(after)
    await expect(dialog.get_by_label("From")).to_have_value("2024-03-15")


async def test_modals_stack_and_come_back(kitchen_sink: Page, backend: FixtureBackend) -> None:
    first = await open_setup(kitchen_sink)
    await first.get_by_label("Access token").fill("kept")
    second = {**backend.views["setup"], "id": "VSECOND", "title": {"text": "Somebody else"}}
    backend.data["modals"].append(second)
    backend.changes.changed()
    above = kitchen_sink.get_by_role("dialog", name="Somebody else")
    await expect(above.get_by_role("radio", name="Team")).to_be_focused()
    await expect(first).to_have_count(0)  # covered: hidden from assistive tools
    await kitchen_sink.keyboard.press("Escape")
    await expect(above).to_have_count(0)
    await expect(first.get_by_label("Access token")).to_have_value("kept")


async def test_breaches_are_one_click_away(kitchen_sink: Page) -> None:
    await kitchen_sink.get_by_role("button", name="Hide panel").click()
    await kitchen_sink.get_by_role("button", name="No breaches").click()
    await expect(kitchen_sink.get_by_role("button", name="Breaches 0")).to_be_focused()


async def test_hostile_texts_are_inert_everywhere(
    kitchen_sink: Page, backend: FixtureBackend
) -> None:
    backend.data = _poisoned(backend.data)
    backend.views = _poisoned(backend.views)
    backend.open("setup")
    await expect(kitchen_sink.get_by_role("dialog")).to_contain_text("onerror")
    await kitchen_sink.keyboard.press("Escape")
    await kitchen_sink.get_by_role("button", name="Home").click()
    await expect(kitchen_sink.get_by_role("tabpanel")).to_contain_text("onerror")
    assert await kitchen_sink.locator("img, iframe, b[title]").count() == 0
    assert await kitchen_sink.evaluate("window.hacked") is None


def _poisoned(node: Any) -> Any:
    """Replaces every text and name by markup that a test would notice if it ran."""
    if isinstance(node, list):
        return [_poisoned(one) for one in node]
    if not isinstance(node, dict):
        return node
    poison = "<img src=x onerror=window.hacked=1><b title=x>x</b>"
    shown = {"text", "real_name", "description", "usage_hint"}
    return {
        key: poison if key in shown and isinstance(value, str) else _poisoned(value)
        for key, value in node.items()
    }


async def test_choice_that_the_app_wants_to_hear_of(
    kitchen_sink: Page, backend: FixtureBackend
) -> None:
    plan = next(b for b in backend.views["setup"]["blocks"] if b["block_id"] == "plan")
    plan["dispatch_action"] = True
    dialog = await open_setup(kitchen_sink)
    await dialog.get_by_role("radio", name="Business").check()
    click = await backend.asked("click")
    assert click["state"]["selected_option"]["value"] == "business"
    await expect(dialog.get_by_role("radio", name="Business")).to_be_checked()
