"""Whoever may only look is told whom to ask, and is sent to nobody who has left."""

from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import answer
from tests.scenario.passing import days_pass, reminders, settled
from tests.scenario.story import (
    SOURCES,
    TOKEN,
    choose_plan,
    enter_token,
    let_data_arrive,
    minutes_pass,
    reach_live_sync,
    see,
    token,
    told,
)
from tests.scenario.test_help_and_delegation import ask, colleague, message_of
from tests.scenario.test_news_of_colleagues import says
from tests.scenario.test_rights import (
    PEOPLE,
    forget_who_they_are,
    grace,
    linus,
    open_manage,
)
from tests.support.world import World

__all__ = ["grace", "linus"]
ADMINS = "ask one of the admins of your Slack workspace"
ASKING = "Ask them"
NOBODY = "None of those who can do this is in your Slack workspace any more"


def demote(world: World, person: Person) -> None:
    user = person.user
    user.is_admin = user.is_owner = user.is_primary_owner = False
    forget_who_they_are(world)


async def leave(world: World, person: Person) -> None:
    if person.modals:
        await person.close(everything=True)
    await settled(world)
    person.user.deleted = True
    forget_who_they_are(world)


async def manage(person: Person, *who: str) -> None:
    """Lets these people manage the set-up, and nobody else."""
    await open_manage(person, "Change who can")
    await see(person, PEOPLE)
    person.fill(PEOPLE, [*who])
    await person.submit()
    await see(person, "Done:")
    await person.close(everything=True)


async def becomes_an_admin_and_goes_on(world: World, person: Person) -> None:
    person.user.is_admin = True
    forget_who_they_are(world)
    await person.command("/segment")
    await enter_token(person, token(world, "acme"))
    await see(person, SOURCES)


async def test_a_refusal_and_home_name_nobody_who_has_left(
    a_world: World, ada: Person, grace: Person, linus: Person
) -> None:
    demote(a_world, ada)
    await choose_plan(grace, "Business")
    await grace.close()
    await manage(grace, "linus")
    await leave(a_world, grace)

    await ada.command("/segment")
    refused = answer(ada)
    assert "Only those who manage this set-up can do that: @Linus Haddad and the admins" in (
        refused.visible_text
    )
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and "@Linus Haddad and the admins" in ada.home.text)

    await leave(a_world, linus)
    await ada.command("/segment")
    refused = answer(ada)
    assert ADMINS in refused.visible_text
    assert refused.buttons == []
    await ada.command("/segment status")
    assert ADMINS in answer(ada).visible_text
    assert answer(ada).buttons == []
    await ada.open_home()
    await ada.wait_for(lambda: ada.home and ADMINS in ada.home.text)
    assert ASKING not in ada.home.buttons

    await becomes_an_admin_and_goes_on(a_world, ada)


async def test_a_reminder_to_somebody_who_may_only_look_says_whom_to_ask(
    a_world: World, ada: Person, grace: Person
) -> None:
    demote(a_world, ada)
    await choose_plan(grace, "Business")
    await leave(a_world, grace)
    await days_pass(a_world, 3)
    reminder = reminders(ada)[-1]
    assert NOBODY in reminder.visible_text
    assert ADMINS in reminder.visible_text
    assert {*reminder.buttons} == {"Ask for help"}

    await becomes_an_admin_and_goes_on(a_world, ada)


async def test_news_of_what_broke_says_whom_to_ask_and_has_its_buttons_for_whoever_may(
    a_world: World, ada: Person, grace: Person
) -> None:
    demote(a_world, ada)
    await reach_live_sync(a_world, grace)
    let_data_arrive(a_world, "acme", "Web app")
    await minutes_pass(a_world, 10)
    await grace.click("Check again")
    await see(grace, "events delivered")
    await leave(a_world, grace)
    a_world.segment.revoke_token(token(a_world, "acme"))
    await days_pass(a_world, 1)
    news = await told(ada, "Segment does not accept your access token any more")
    assert NOBODY in news.visible_text
    assert ADMINS in news.visible_text
    assert news.buttons == ["Ask for help"]

    ada.user.is_admin = True
    forget_who_they_are(a_world)
    await open_manage(ada, "Enter a new token")
    await see(ada, "Access token")
    await enter_token(ada, str(a_world.segment.add_token("acme", label="fresh").value))
    await told(ada, "I watch everything again")


async def linus_asks_bob(world: World, ada: Person, linus: Person) -> VisibleMessage:
    """Ada lets Linus manage, who asks Bob. Bob leaves, and Linus hears of it."""
    bob = colleague(world)
    await choose_plan(ada, "Business")
    await ada.close()
    await manage(ada, "linus")
    await linus.command("/segment")
    await see(linus, TOKEN)
    await ask(linus, "bob")
    await linus.close(everything=True)
    await told(bob, "asks you to")
    await bob.click("Not me", message=await told(bob, "asks you to"))
    news = await told(linus, "Bob Hale")
    assert news.buttons == ["Ask somebody else", "Do it myself"]
    return news


async def test_news_about_a_colleague_loses_the_buttons_its_reader_may_not_use_any_more(
    a_world: World, ada: Person, linus: Person
) -> None:
    news = await linus_asks_bob(a_world, ada, linus)
    await manage(ada)
    now = await says(linus, news, "@Ada Okafor and the admins", "can do this")
    assert now.buttons == [ASKING]
    await manage(ada, "linus")
    await says(linus, news, "ask somebody else")
    assert message_of(linus, news).buttons == ["Ask somebody else", "Do it myself"]
    await linus.click("Do it myself", message=message_of(linus, news))
    await see(linus, TOKEN)
    await enter_token(linus, token(a_world, "acme"))
    await see(linus, SOURCES)
