"""What people write to the app in all ways that Slack knows: answered, and warned about tokens."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from playground.slack.person import Person
from tests.scenario.database import all_sent
from tests.scenario.story import choose_plan, token, told
from tests.scenario.test_help_and_delegation import COLLEAGUE, ask, colleague, message_of
from tests.support.world import World

Say = Callable[[Person, str], Awaitable[Any]]


async def plainly(person: Person, text: str) -> None:
    await person.say(None, text)


async def beside_a_file(person: Person, text: str) -> None:
    files = [{"id": "F1", "name": "picture.png"}]
    await person.say(None, text, subtype="file_share", files=files)


async def also_to_the_channel(person: Person, text: str) -> None:
    first = person.messages()[0]
    await person.say(None, text, first.ts, subtype="thread_broadcast")


async def as_me(person: Person, text: str) -> None:
    await person.say(None, text, subtype="me_message")


async def by_an_edit(person: Person, text: str) -> None:
    said = await person.say(None, "a first version")
    await person.edit(said, text)


WAYS: dict[str, tuple[Say, int]] = {
    "plainly": (plainly, 1),
    "beside a file": (beside_a_file, 1),
    "also to the channel": (also_to_the_channel, 1),
    "as /me": (as_me, 1),
    "by an edit": (by_an_edit, 2),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_token_is_warned_about_and_anything_else_is_answered(
    a_world: World, ada: Person, way: str
) -> None:
    say, times = WAYS[way]
    await told(ada, "Toplyne")
    await all_sent(a_world)
    before = len(answers(ada))
    await say(ada, "good morning")
    await ada.wait_for(lambda: len(answers(ada)) == before + times)
    assert "revoke" not in answers(ada)[-1]
    await say(ada, f"it is {token(a_world, 'acme')}")
    await told(ada, "revoke")
    await all_sent(a_world)
    assert len(answers(ada)) == before + 2 * times


def answers(person: Person) -> list[str]:
    return [m.visible_text for m in person.messages() if m.is_app]


async def test_asking_once_more_takes_the_place_of_the_message_before(
    a_world: World, ada: Person, grace: Person
) -> None:
    bob = colleague(a_world)
    await choose_plan(ada, "Business")
    for note in ("Please", "Please today", "Please, before noon"):
        await ask(ada, "grace", note)
        await ada.close()
        newest = await told(grace, f"Their note:\n{note}\n")
    *earlier, last = [m for m in grace.messages() if "to create an access token" in m.visible_text]
    assert last.ts == newest.ts
    for before in earlier:
        assert await grace.wait_for(lambda m=before: not message_of(grace, m).buttons)
        assert "You were asked once more" in message_of(grace, before).visible_text
    assert message_of(grace, newest).buttons == ["Show me how", "Not me"]
    await ask(ada, "grace", "Now!")
    assert "This person got 3 messages about this in the last 24 hours" in str(ada.modal.errors)
    ada.fill(COLLEAGUE, "bob")
    await ada.submit()
    await told(bob, "Now!")
