"""J6: a token typed in the open is not kept or passed on, and the app says what to do."""

import io
from collections.abc import Iterator

import pytest

from playground.segment.state import random_text
from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.beside import said_beside
from tests.scenario.logged import logged
from tests.scenario.story import (
    change_request,
    choose_plan,
    enter_token,
    reach_replay,
    see,
    token,
    told,
)
from tests.support.leaks import find_leaks
from tests.support.world import World

WITHHELD = "This looks like a token or a key. I kept nothing of it."
OTHER_NAMES = "Other event names"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


async def nothing_remains(world: World, secret: str, log: io.StringIO) -> None:
    """The token is nowhere, and Segment was not asked about it."""
    await world.stop_bot()
    assert find_leaks(world, [secret], log.getvalue()) == []
    assert secret not in {heard.bearer for heard in world.to_segment}


async def begin_when_told(person: Person, place: str | None = None) -> None:
    """A warning's button begins nothing. It leads to the button that does."""

    answer = await told(person, "No set-up is under way", place)
    await person.click("Start the set-up", message=answer)
    await see(person, "Which Segment plan do you have?")


@pytest.mark.parametrize(
    "words",
    [
        "{}",
        "connect with {} please",
        "  {}",
        "token={}",
        "status {}",
        "`{}`",
        "<{}>",
        "*{}*",
        '"{}"',
    ],
)
async def test_after_the_command(log: io.StringIO, a_world: World, ada: Person, words: str) -> None:
    secret = token(a_world, "acme")
    await ada.command("/segment " + words.format(secret))
    assert ada.modal is None
    answer = ada.messages("#general")[-1]
    assert answer.is_ephemeral
    assert "I have stored nothing of it" in answer.visible_text
    assert "revoke" in answer.visible_text
    await ada.click("Enter a token safely", message=answer)
    await begin_when_told(ada, "#general")
    await nothing_remains(a_world, secret, log)


@pytest.mark.parametrize("label", ["owner", "member", "config-api", "revoked"])
async def test_whatever_kind_of_token(
    log: io.StringIO, a_world: World, ada: Person, label: str
) -> None:
    secret = token(a_world, "acme", label)
    await ada.command(f"/segment {secret}")
    assert "revoke" in ada.messages("#general")[-1].visible_text
    await nothing_remains(a_world, secret, log)


async def test_after_the_csm_command(log: io.StringIO, a_world: World, mira: Person) -> None:
    secret = token(a_world, "acme")
    await mira.command(f"/segment-csm here {secret}")
    assert "revoke" in mira.messages("#general")[-1].visible_text
    await nothing_remains(a_world, secret, log)


@pytest.mark.parametrize("command", ["/segment", "/segment-csm"])
@pytest.mark.parametrize("who", ["customer", "guest", "csm", "while Slack is away"])
async def test_everybody_is_warned(
    log: io.StringIO, a_world: World, ada: Person, mira: Person, command: str, who: str
) -> None:
    person, secret = mira if who == "csm" else ada, token(a_world, "acme")
    person.user.is_guest = who == "guest"
    if who == "while Slack is away":
        a_world.slack.faults.next_calls("users.info", Fault(error="internal_error"), times=9)
    await person.command(f"{command} {secret}", "#general")
    assert "revoke that token" in person.messages("#general")[-1].visible_text
    await nothing_remains(a_world, secret, log)


async def test_in_the_note_for_help(log: io.StringIO, a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Business")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    secret = token(a_world, "acme")
    ada.fill("What is the difficulty?", f"It says no to {secret}, why?")
    await ada.submit()
    assert said_beside(ada, "field_note").startswith(WITHHELD)
    ada.fill("What is the difficulty?", "It says no to my token, why?")
    await ada.submit()
    assert ada.modal
    assert "on its way to Toplyne" in ada.modal.text
    await nothing_remains(a_world, secret, log)


async def test_in_the_slug(log: io.StringIO, a_world: World, ada: Person) -> None:
    await choose_plan(ada, "Free")
    secret = token(a_world, "acme")
    ada.fill("Workspace slug", secret)
    await ada.submit()
    assert said_beside(ada, "field_slug").startswith(WITHHELD)
    await ada.click("I cannot create a token")
    await see(ada, WITHHELD)
    assert ada.modal
    ada.fill("Workspace slug", "corner-shop")
    await ada.submit()
    assert ada.modal.callback_id == "setup_live_connected"
    await nothing_remains(a_world, secret, log)


async def test_in_the_names_of_events(log: io.StringIO, a_world: World, ada: Person) -> None:
    await reach_replay(a_world, ada)
    await change_request(ada)
    ada.fill("Which events?", "Only some")
    await ada.submit()
    await see(ada, OTHER_NAMES)
    secret = a_world.segment.add_token("acme").value
    ada.fill(OTHER_NAMES, f"Signed Up\n{secret}")
    await ada.submit()
    assert said_beside(ada, "field_event_names").startswith(WITHHELD)
    ada.fill(OTHER_NAMES, "Signed Up for a trial")
    await ada.submit()
    await see(ada, "word for word", "- Signed Up for a trial")
    await nothing_remains(a_world, secret, log)


async def test_in_the_reason_of_a_rejection(
    log: io.StringIO, a_world: World, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Free")
    ada.fill("Workspace slug", "corner-shop")
    await ada.submit()
    card = await mira.wait_for(
        lambda: next((m for m in mira.messages("#customers") if "Reject" in str(m.buttons)), None)
    )
    await mira.click("Reject", message=card)
    await see(mira, "Reason")
    secret = token(a_world, "corner-shop", "config-api")
    mira.fill("Reason", f"{secret} is not a token of yours")
    await mira.submit()
    assert said_beside(mira, "field_reason").startswith(WITHHELD)
    mira.fill("Reason", "That slug is of another company")
    await mira.submit()
    await told(ada, "That slug is of another company")
    await nothing_remains(a_world, secret, log)


@pytest.mark.parametrize("words", ["{}", "here is our token: {} thanks"])
async def test_in_a_message_to_the_app(
    log: io.StringIO, a_world: World, ada: Person, words: str
) -> None:
    secret = token(a_world, "acme")
    await ada.say(None, words.format(secret))
    warned = await told(ada, "seems to hold an access token. I have not kept it")
    assert "revoke that token" in warned.visible_text
    await ada.click("Open the set-up", message=warned)
    await begin_when_told(ada)
    await nothing_remains(a_world, secret, log)


async def test_a_write_key_is_not_passed_on_either(
    log: io.StringIO, a_world: World, ada: Person
) -> None:
    key = random_text(31) + "7"
    await choose_plan(ada, "Business")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    ada.fill("What is the difficulty?", f"Is {key} right?")
    await ada.submit()
    assert said_beside(ada, "field_note").startswith(WITHHELD)
    await nothing_remains(a_world, key, log)


async def test_the_right_place_still_works_afterwards(a_world: World, ada: Person) -> None:
    await ada.command(f"/segment {token(a_world, 'acme', 'revoked')}")
    await choose_plan(ada, "Business")
    await enter_token(ada, token(a_world, "acme"))
    assert ada.modal
    assert "Acme Inc is connected" in ada.modal.text
