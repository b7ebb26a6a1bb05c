"""J11: what breaks later is noticed, said once and fixed in the right place. Nothing is lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from playground.segment.state import Role
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.database import execute
from tests.scenario.looking import card_says, thread
from tests.scenario.polling import a_poll
from tests.scenario.story import (
    choose_sources,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    source_id,
    token,
    told,
)
from tests.support.world import World, soon

DAY = 24 * 60.0
KEPT = "Nothing you have set up is lost."
DONE = "finished, with live data only"

Do = Callable[[World], Awaitable[None]]


@pytest.fixture
def other_settings() -> dict[str, str]:
    """A bot that polls every second, as when trying things out."""
    return {"poll_interval": "1s"}


@pytest.fixture
async def finished(a_world: World, ada: Person, mira: Person) -> World:
    """A set-up that ended with live data only. The token stays, so the app still polls."""
    await reach_live_sync(a_world, ada, plan="Team")
    let_data_arrive(a_world, "beacon", "App")
    await minutes_pass(a_world, 10)
    await ada.click("Check again")
    await see(ada, "App: arriving")
    await ada.submit()
    await ada.click("Finish with live data only")
    await card_says(mira, DONE)
    await ada.close()
    return a_world


def app(world: World) -> str:
    return source_id(world, "beacon", "App")


def said(person: Person, text: str) -> list[VisibleMessage]:
    return [message for message in person.messages() if text in message.visible_text]


def lines(csm: Person, text: str) -> list[str]:
    return [line for line in thread(csm) if text in line]


# --- what can break ------------------------------------------------------------------------------


async def switch_off_source(world: World) -> None:
    world.segment.set_source_enabled(app(world), False)


async def switch_on_source(world: World) -> None:
    world.segment.set_source_enabled(app(world), True)


async def switch_off_destination(world: World) -> None:
    world.segment.set_destination_enabled(app(world), False)


async def switch_on_destination(world: World) -> None:
    world.segment.set_destination_enabled(app(world), True)


async def remove_destination(world: World) -> None:
    world.segment.disconnect_destination(app(world))


async def connect_destination_again(world: World) -> None:
    world.segment.connect_destination(app(world), enabled=True)


async def five_days_without_deliveries(world: World) -> None:
    await minutes_pass(world, 5 * DAY)


async def deliver_again(world: World) -> None:
    world.segment.send_events(app(world), 30)
    await minutes_pass(world, 10)


async def reduce_role(world: World) -> None:
    world.segment.token("beacon", "owner").role = Role.SOURCE_READONLY


async def give_role_back(world: World) -> None:
    world.segment.token("beacon", "owner").role = Role.OWNER


@dataclass(frozen=True)
class Broken:
    """`said` to the customer, `csm` on the card, `screen` after the button, `again` at the end."""

    happens: Do
    mended: Do
    said: str
    csm: str
    screen: str
    again: str


BREAKS = {
    "source disabled": Broken(
        switch_off_source,
        switch_on_source,
        "App is switched off in Segment, so it sends nothing.",
        "source switched off: App",
        "App: switched off in Segment",
        "App is switched on in Segment again.",
    ),
    "destination disabled": Broken(
        switch_off_destination,
        switch_on_destination,
        "The Toplyne destination of App is switched off.",
        "Toplyne destination switched off on App",
        "App: the Toplyne destination is switched off",
        "The Toplyne destination of App is switched on again.",
    ),
    "destination deleted": Broken(
        remove_destination,
        connect_destination_again,
        "App is no longer connected to a Toplyne destination.",
        "Toplyne destination removed from App",
        "App: the Toplyne destination is gone",
        "App is connected to a Toplyne destination again.",
    ),
    "events stop": Broken(
        five_days_without_deliveries,
        deliver_again,
        "App receives events, and none of them has reached Toplyne for three days.",
        "events of App no longer reach Toplyne",
        "App: receives events, and none has reached Toplyne",
        "Events of App reach Toplyne again.",
    ),
    "role reduced": Broken(
        reduce_role,
        give_role_back,
        "its role was reduced",
        "role of the access token reduced",
        "Access token",
        "Your access token may do everything that is needed again.",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_it_is_said_once_and_so_is_that_it_works_again(
    finished: World, ada: Person, mira: Person, name: str
) -> None:
    broken = BREAKS[name]
    await broken.happens(finished)
    message = await told(ada, broken.said)
    assert KEPT in message.visible_text
    await card_says(mira, broken.csm, DONE)  # what was reached stays
    await mira.wait_for(lambda: lines(mira, "Not working any more"))
    await a_poll(finished, times=2)
    assert len(said(ada, broken.said)) == 1
    assert len(lines(mira, "Not working any more")) == 1

    button = next(iter(message.buttons))
    await ada.click(button, message=message)
    await see(ada, broken.screen)
    await ada.close()

    await broken.mended(finished)
    await told(ada, broken.again)
    await ada.wait_for(lambda: not said(ada, broken.said)[0].buttons)
    assert "This is over:" in said(ada, broken.said)[0].visible_text
    card = await card_says(mira, DONE, "Waiting on: nobody")
    assert broken.csm not in card.visible_text
    await a_poll(finished, times=2)
    assert len(said(ada, broken.again)) == 1
    assert len(lines(mira, "Works again")) == 1
    assert len(said(ada, broken.said)) == 1


async def test_status_and_home_show_it_beside_what_was_reached(
    finished: World, ada: Person
) -> None:
    await ada.open_home()
    await switch_off_destination(finished)
    await told(ada, "The Toplyne destination of App is switched off.")
    home = "✗ not working since", "It was done", "The Toplyne destination of App is switched off."
    await ada.wait_for(lambda: all(text in ada.home.text for text in home))
    await ada.command("/segment status")
    await soon(lambda: said_here(ada, "The Toplyne destination of App is switched off."))


def said_here(person: Person, text: str) -> list[VisibleMessage]:
    return [m for m in person.messages("#general") if text in m.visible_text]


# --- the token ----------------------------------------------------------------------------------


async def test_a_revoked_token_is_replaced_by_one_of_the_same_workspace(
    finished: World, ada: Person, mira: Person
) -> None:
    finished.segment.revoke_token(token(finished, "beacon"))
    message = await told(ada, "Segment does not accept your access token any more")
    await card_says(mira, "access token no longer accepted by Segment", DONE)
    await a_poll(finished, times=2)
    assert len(said(ada, "does not accept your access token")) == 1

    await ada.click("Enter a new token", message=message)
    await see(ada, "Segment does not accept your access token any more")
    await enter_token(ada, token(finished, "acme"))
    await see(
        ada, "opens the workspace Acme Inc. This set-up is for Beacon", "Use Acme Inc instead"
    )
    fresh = finished.segment.add_token("beacon", label="fresh").value
    await enter_token(ada, fresh)
    await told(ada, "Segment accepts your access token, and I watch everything again.")
    await card_says(mira, DONE, "nobody")
    await mira.wait_for(lambda: len(lines(mira, "Works again")) == 1)
    finished.segment.send_events(app(finished), 10)
    await a_poll(finished, times=2)
    assert len(said(ada, "I watch everything again")) == 1


async def test_a_token_whose_key_was_lost_is_asked_for_again(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await execute(a_world, "UPDATE vault SET sealed_token = 'of no key that is left'")
    await minutes_pass(a_world, 1.5 * DAY)
    assert said(ada, "Enter a new token") == [], "another process may have the key"
    await ada.command("/segment")
    await ada.click("Check again")
    await see(ada, "This is not your mistake")
    await ada.close()
    await minutes_pass(a_world, DAY)
    await told(ada, "Enter a new token")
    await ada.command("/segment")
    await enter_token(ada, str(a_world.segment.add_token("acme", label="fresh").value))
    await told(ada, "I watch everything again")


async def test_a_token_is_replaced_before_anything_has_arrived(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    a_world.segment.revoke_token(token(a_world, "acme"))
    await told(ada, "Segment does not accept your access token any more")
    await ada.command("/segment")
    await see(ada, "Access token", "Segment does not accept")
    await ada.submit()  # an empty field keeps nothing, because that token no longer works
    assert ada.modal.title
    await enter_token(ada, str(a_world.segment.add_token("acme", label="fresh").value))
    await told(ada, "I watch everything again")


# --- the sources --------------------------------------------------------------------------------


async def test_a_deleted_source_is_replaced_by_another(
    finished: World, ada: Person, mira: Person
) -> None:
    sources = finished.segment.workspace("beacon").sources
    sources.remove(finished.segment.source(app(finished)))
    message = await told(ada, "Segment does not know App any more")
    await card_says(mira, "source deleted in Segment: App", DONE)
    await a_poll(finished, times=2)
    assert len(said(ada, "does not know App any more")) == 1
    await ada.click("Choose the sources", message=message)
    await see(ada, "Which sources feed Toplyne?")
    await choose_sources(ada, "Jobs")
    await card_says(mira, DONE, "nobody")
    await nothing_more_is_said(finished, ada, mira, "App is back in Segment")


async def test_a_source_that_is_no_longer_chosen_does_not_work_again(
    finished: World, ada: Person, mira: Person
) -> None:
    await switch_off_destination(finished)
    await told(ada, "The Toplyne destination of App is switched off.")
    await card_says(mira, "Toplyne destination switched off on App", DONE)
    await ada.command("/segment")
    await ada.click("Change the sources")
    await see(ada, "Which sources feed Toplyne?")
    await choose_sources(ada, "Jobs")
    await card_says(mira, DONE, "nobody")
    await nothing_more_is_said(finished, ada, mira, "is switched on again")


async def nothing_more_is_said(world: World, ada: Person, mira: Person, good: str) -> None:
    """The incident is over, and nobody claims that it was mended."""
    await a_poll(world, times=2)
    assert said(ada, good) == []
    assert lines(mira, "Works again") == []


# --- what is not an incident --------------------------------------------------------------------


async def test_after_the_token_is_forgotten_nothing_is_watched(
    finished: World, ada: Person, mira: Person
) -> None:
    await ada.command("/segment")
    await see(ada, "live data only")
    await ada.click("Delete the token now")
    await see(ada, "Delete the access token here now?")
    await ada.submit()
    await card_says(mira, "deleted, so nothing is watched")
    finished.segment.revoke_token(token(finished, "beacon"))
    await switch_off_destination(finished)
    calls = len(finished.to_segment)
    await minutes_pass(finished, 24 * 60)
    await finished.work_off()
    assert len(finished.to_segment) == calls
    assert not lines(mira, "Not working any more")


async def test_trouble_of_segment_is_no_incident(
    finished: World, ada: Person, mira: Person
) -> None:
    finished.segment.set_weather("down")
    await a_poll(finished, times=2)
    finished.segment.set_weather("fine")
    await switch_off_destination(finished)
    await told(ada, "The Toplyne destination of App is switched off.")
    await mira.wait_for(lambda: len(lines(mira, "Not working any more")) == 1)
