"""A token of another workspace, once sources are chosen: it says what is lost, and one press
switches. The token is kept for that, so that nobody enters it again.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.checks.run import CheckPolicy
from playground.slack.person import Person
from tests.scenario.database import ask, execute
from tests.scenario.hurried import hurried_world, restarted
from tests.scenario.looking import rows, thread
from tests.scenario.story import (
    SOURCES,
    choose_sources,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    reach_replay,
    see,
    source_id,
    token,
    told,
)
from tests.support.world import World, soon

NEW_TOKEN = "New access token, only to replace the one in use"
USE = "Use Beacon instead"
AT_ONCE = "UPDATE due SET due_at = '2020-01-01 00:00:00.000000' WHERE kind = 'check'"
HELD = "SELECT count(*) FROM pending_checks WHERE id LIKE 'held_%'"


@pytest.fixture
async def a_world(tmp_path: Path) -> AsyncIterator[World]:
    async with hurried_world(tmp_path) as made:
        yield made


async def back_to_the_token(person: Person) -> None:
    while person.modal and NEW_TOKEN not in person.modal.text:
        shown = person.modal.text
        await person.click("Back")
        await person.wait_for(lambda was=shown: person.modal and person.modal.text != was)


async def enters_another(world: World, person: Person) -> None:
    person.fill(NEW_TOKEN, token(world, "beacon"))
    await person.submit()


async def at_live_sync(world: World, person: Person) -> None:
    await reach_live_sync(world, person)
    await see(person, "Web app: no Toplyne destination")
    await back_to_the_token(person)


async def test_one_press_switches_and_says_before_what_is_lost(
    a_world: World, ada: Person, mira: Person
) -> None:
    await reach_replay(a_world, ada)
    await ada.submit()
    await told(ada, "Workspace slug: acme")
    await ada.command("/segment")
    await see(ada, "I’ve sent it to Segment")
    await back_to_the_token(ada)
    await enters_another(a_world, ada)
    web = source_id(a_world, "acme", "Web app")
    await see(
        ada,
        "opens the workspace Beacon",
        "Use Beacon instead of Acme Inc?",
        "the access token of Acme Inc",
        f"the sources Web app (ID {web})",
        "the Replay request (version 1), which is not sent",
        "The plan stays Business",
        "until you switch off the Toplyne destination of Acme Inc",
    )
    await ada.click(USE)
    await see(ada, "Beacon is connected", SOURCES, "App")
    await choose_sources(ada, "App")
    await see(ada, "App: no Toplyne destination")  # the token was kept
    goodbye = await told(ada, "You use Beacon instead of Acme Inc now.")
    assert "open Acme Inc: switch off the Toplyne destination" in goodbye.visible_text
    gone = await told(ada, "This Replay request is of a set-up that was disconnected")
    assert gone.buttons == []
    await soon(lambda: any("Beacon takes the place of Acme Inc" in e for e in thread(mira)))
    assert rows(a_world, "pending_checks") == 0
    assert rows(a_world, "replay_requests") == 0


async def test_who_does_not_press_keeps_everything_and_the_token_goes(
    a_world: World, ada: Person
) -> None:
    await at_live_sync(a_world, ada)
    await enters_another(a_world, ada)
    await see(ada, "Use Beacon instead of Acme Inc?")
    await ada.close()
    await ada.command("/segment")  # nothing is being checked
    await see(ada, "Web app: no Toplyne destination")
    assert ask(a_world, HELD) == [(1,)]
    await execute(a_world, AT_ONCE)
    await soon(lambda: ask(a_world, HELD) == [(0,)])


async def test_too_late_it_says_so_and_nothing_is_lost(a_world: World, ada: Person) -> None:
    await at_live_sync(a_world, ada)
    await enters_another(a_world, ada)
    await see(ada, "Use Beacon instead of Acme Inc?")
    await minutes_pass(a_world, 61)
    await ada.click(USE)
    await see(ada, "for an hour only", "Acme Inc is connected")


async def test_one_revoked_meanwhile_changes_nothing(a_world: World, ada: Person) -> None:
    await at_live_sync(a_world, ada)
    await enters_another(a_world, ada)
    await see(ada, "Use Beacon instead of Acme Inc?")
    a_world.segment.revoke_token(token(a_world, "beacon"))
    await ada.click(USE)
    await see(ada, "Segment does not accept this token", "Acme Inc is connected")
    await ada.close()
    await ada.command("/segment")
    await see(ada, "Web app: no Toplyne destination")


async def test_the_starter_hears_that_an_admin_switched(
    a_world: World, ada: Person, grace: Person
) -> None:
    await at_live_sync(a_world, ada)
    await ada.close()
    await grace.command("/segment")
    await see(grace, "Web app: no Toplyne destination")
    await back_to_the_token(grace)
    await enters_another(a_world, grace)
    await see(grace, "Use Beacon instead of Acme Inc?")
    await grace.click(USE)
    await see(grace, "Beacon is connected", SOURCES)
    heard = await told(ada, "uses the Segment workspace Beacon instead of Acme Inc")
    assert "Grace" in heard.visible_text


async def test_who_may_not_disconnect_may_not_switch(a_world: World, ada: Person) -> None:
    linus = a_world.person("linus")  # no admin
    await at_live_sync(a_world, ada)
    await ada.click("Somebody else must do this")
    await see(ada, "Colleague")
    ada.fill("Colleague", "linus")
    await ada.submit()
    asked = await told(linus, "asks you")
    await linus.click(asked.buttons[0], message=asked)
    await see(linus, NEW_TOKEN)
    await enters_another(a_world, linus)
    await see(linus, "Use Beacon instead of Acme Inc?")
    await linus.click(USE)
    await see(linus, "Only those who manage this set-up can do that")
    await ada.close(everything=True)
    await ada.command("/segment")
    await see(ada, "Web app: no Toplyne destination")


async def test_a_window_left_open_switches_nothing_that_came_after_it(
    a_world: World, ada: Person, grace: Person
) -> None:
    await at_live_sync(a_world, ada)
    await enters_another(a_world, ada)
    await see(ada, "Use Beacon instead of Acme Inc?")
    await grace.command("/segment")
    await see(grace, "Web app: no Toplyne destination")
    await back_to_the_token(grace)
    grace.fill(NEW_TOKEN, a_world.segment.add_token("acme").value)
    await grace.submit()
    await see(grace, "Web app: no Toplyne destination")
    await ada.click(USE)
    await see(ada, "Web app: no Toplyne destination", "Grace")
    await grace.close(everything=True)
    await grace.command("/segment disconnect")
    await see(grace, "from this app?")
    await grace.submit()
    await soon(lambda: ask(a_world, HELD) == [(0,)])


async def test_after_a_slow_check_the_message_offers_it_too(a_world: World, ada: Person) -> None:
    await at_live_sync(a_world, ada)
    await restarted(a_world, CheckPolicy(deadline=0.4, grace=10.0))
    a_world.segment.set_weather("slow", 2.0)
    await enters_another(a_world, ada)
    await ada.close(everything=True)
    offered = await told(ada, "Use Beacon instead of Acme Inc?")
    assert "the sources Web app" in offered.visible_text
    a_world.segment.set_weather("fine")
    await ada.click(USE, message=offered)
    await see(ada, "Beacon is connected", SOURCES)


async def test_data_of_the_workspace_given_up_is_not_spoken_of(a_world: World, ada: Person) -> None:
    await at_live_sync(a_world, ada)
    await enters_another(a_world, ada)
    await see(ada, "Use Beacon instead of Acme Inc?")
    await ada.click(USE)
    await see(ada, SOURCES, "App")
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 30)
    await choose_sources(ada, "App")
    await see(ada, "App: no Toplyne destination")
    assert "Web app have reached" not in " ".join(each.visible_text for each in ada.messages())
