"""Guests and strangers at each way in: no name of what is set up, no state, a true sentence.

What can be pressed is in `tests/combinations/test_who_may.py`.
"""

from collections.abc import Awaitable, Callable

import pytest

from bot.ids import Shortcut
from playground.slack.faults import Fault
from playground.slack.person import Person
from tests.scenario.looking import answer, cards, thread
from tests.scenario.passing import settled
from tests.scenario.story import reach_live_sync, see, token, told
from tests.scenario.test_rights import forget_who_they_are
from tests.support.world import World

OUTSIDERS = ("is_guest", "is_single_channel_guest", "is_stranger")  # nothing an app says is kept
FOR_MEMBERS = "The set-up of Segment is for full members of this Slack workspace"
# Names in the set-up, words of its state, and what leads into it.
OF_THE_SET_UP = ("Acme Inc", "acme", "Web app", "destination", "Next: connect", "Show me how")
WAYS_IN: dict[str, Callable[[Person], Awaitable[object]]] = {
    "a message": lambda person: person.say(None, "hello"),
    "Home": lambda person: person.open_home(),
    "the shortcut": lambda person: person.shortcut(Shortcut.CONNECT_SEGMENT),
    **{
        f"/segment {word}": lambda person, word=word: person.command(f"/segment {word}")  # type: ignore[misc]
        for word in ("", "status", "replay", "disconnect", "help", "nonsense")
    },
}


@pytest.fixture
def grace(a_world: World) -> Person:
    return a_world.person("grace")


def shown(person: Person) -> str:
    """All that stands on the person's screen."""
    places = [*person.messages(), *person.messages("#general")]
    said = [each.visible_text for each in places if each.is_app]
    windows = [each.text for each in person.modals]
    return "\n".join([*said, *windows, person.home.text if person.home else ""])


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_no_way_in_shows_anything(
    a_world: World, ada: Person, grace: Person, kind: str
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    setattr(grace.user, kind, True)
    told_nothing = shown(grace)
    for way, go in WAYS_IN.items():
        await go(grace)
        await settled(a_world)
        now = shown(grace)
        said = now.replace(told_nothing, "")
        assert FOR_MEMBERS in said, f"{way}: {said}"
        assert [each for each in OF_THE_SET_UP if each in said] == [], f"{way}: {said}"
        told_nothing = now
    assert [each.buttons for each in grace.messages() if each.is_app and each.buttons] == []

    setattr(grace.user, kind, False)
    forget_who_they_are(a_world)
    await grace.say(None, "hello again")
    asks = await told(grace, "Next: connect Toplyne as a destination for Web app")
    assert asks.buttons == ["Ask them", "Ask for help"]  # she may look, and not go on
    await grace.click("Ask them", message=asks)
    await see(grace, "got a message from me")
    a_world.slack.breach_free()


async def test_a_guest_to_whom_a_csm_wrote_is_offered_nothing(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    grace.user.is_admin = True
    await reach_live_sync(a_world, grace)
    await grace.close(everything=True)
    await settled(a_world)
    await mira.click("Message the customer", message=cards(mira)[0])
    mira.fill("Message", "How is it going?")
    await mira.submit()
    await told(grace, "How is it going?")
    grace.user.is_admin, grace.user.is_guest = False, True
    forget_who_they_are(a_world)
    await grace.say(None, "well")
    refused = await told(grace, FOR_MEMBERS)
    assert not refused.buttons

    grace.user.is_guest = False
    forget_who_they_are(a_world)
    await grace.say(None, "very well")
    offer = await told(grace, "Next: press “Pass it on to Toplyne”")
    await grace.click("Pass it on to Toplyne", message=offer)
    await mira.wait_for(lambda: "very well" in "".join(thread(mira)))
    a_world.slack.breach_free()


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_who_writes_a_token_is_warned_and_led_nowhere(
    a_world: World, ada: Person, grace: Person, kind: str
) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close(everything=True)
    setattr(grace.user, kind, True)
    secret = token(a_world, "acme")
    await grace.say(None, f"it is {secret}")
    assert not (await told(grace, "revoke that token")).buttons
    await grace.command(f"/segment {secret}")
    assert "revoke that token" in answer(grace).visible_text
    assert not answer(grace).buttons

    setattr(grace.user, kind, False)
    forget_who_they_are(a_world)
    await grace.command(f"/segment {secret}")
    assert answer(grace).buttons
    a_world.slack.breach_free()


async def test_while_slack_says_of_nobody_who_they_are_help_is_for_everybody(
    a_world: World, ada: Person
) -> None:
    a_world.slack.faults.next_calls("users.info", Fault.server_error(), 50)
    await ada.command("/segment help")
    assert "This app connects your Segment workspace" in answer(ada).visible_text
    await ada.say(None, "hello")
    a_world.slack.faults.clear()
    await told(ada, "I cannot answer messages here")
    a_world.slack.breach_free()
