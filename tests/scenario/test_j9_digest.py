"""J9, the digest: at nine, who needs a CSM today, and on Mondays the last week as a picture."""

from datetime import UTC, datetime

from flows import vocabulary
from flows.csm.digest import following
from flows.csm.working_day import WorkingDays
from playground.sample import TOPLYNE
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import as_it_was, card_says, is_digest, rows
from tests.scenario.story import choose_plan, enter_token, see, token, told
from tests.support.world import World, soon

CHANNEL = "#customers"
# The time zone of Mira, who installed the app.
LA = WorkingDays(vocabulary.Person("America/Los_Angeles", "en-US", is_active=True))


def next_morning(world: World, weekday: int | None = None) -> None:
    """Moves the clock to shortly after nine on the next weekday, or on a given one after today."""
    now = datetime.fromtimestamp(world.playground.clock.now(), UTC)
    morning = following(now, LA)
    while weekday is not None and (morning.weekday() != weekday or morning.date() == now.date()):
        morning = following(morning, LA)
    world.playground.clock.advance((morning - now).total_seconds() + 60)


def digests(csm: Person) -> list[VisibleMessage]:
    return [m for m in csm.messages(CHANNEL) if is_digest(m)]


async def a_stuck_customer(world: World, ada: Person, mira: Person) -> None:
    await choose_plan(ada, "Business")
    for _ in range(3):
        await enter_token(ada, token(world, "acme", "revoked"))
    await told(mira, "Stuck after several tries", CHANNEL)


async def the_digest_is_planned(world: World) -> None:
    await soon(lambda: rows(world, "digests"))


async def test_on_a_weekday_morning_the_channel_reads_who_needs_somebody(
    a_world: World, ada: Person, mira: Person
) -> None:
    await a_stuck_customer(a_world, ada, mira)
    await the_digest_is_planned(a_world)
    next_morning(a_world, weekday=2)
    digest = await mira.wait_for(lambda: digests(mira))
    assert (
        "Acme: stuck, reminders or tries did not help or reached nobody" in digest[0].visible_text
    )
    assert "Last week" not in digest[0].visible_text
    assert "Needs you today: Acme." in digest[0].text
    await mira.click("Open the board", message=digest[0])
    await mira.wait_for(lambda: mira.modal and "1 stuck" in mira.modal.text)


async def a_question_in_the_digest(world: World, ada: Person, mira: Person) -> VisibleMessage:
    await choose_plan(ada, "Business")
    await ada.click("Ask for help")
    await see(ada, "What is the difficulty?")
    ada.fill("What is the difficulty?", "Which role do I need?")
    await ada.submit()
    await ada.close(everything=True)
    await card_says(mira, "Open: ada asked for help")
    await mira.click("Claim")
    await card_says(mira, "Owner")
    await the_digest_is_planned(world)
    next_morning(world, weekday=2)
    (digest,) = await mira.wait_for(lambda: digests(mira))
    assert "Answer" in digest.buttons
    return digest


async def answered_by(csm: Person, digest: VisibleMessage) -> None:
    await csm.click("Answer", message=digest)
    await see(csm, "Which role do I need?")
    csm.fill("Message", "Workspace Owner.")
    await csm.submit()


async def test_a_line_goes_when_its_matter_is_over(
    a_world: World, ada: Person, mira: Person
) -> None:
    digest = await a_question_in_the_digest(a_world, ada, mira)
    await answered_by(mira, digest)
    await told(ada, "Workspace Owner.")
    redrawn = await says(mira, digest, "✓ 1 customer of this morning needs nobody any more")
    assert redrawn.buttons == ["Open the board"]


async def test_a_line_pressed_when_over_says_so_where_it_was_pressed(
    a_world: World, ada: Person, mira: Person
) -> None:
    digest = await a_question_in_the_digest(a_world, ada, mira)
    tom = a_world.person("tom")
    old = as_it_was(next(iter(digests(tom))))
    await answered_by(mira, digest)
    await told(ada, "Workspace Owner.")
    await says(mira, digest, "needs nobody any more")
    await tom.click("Answer", message=old)
    over = await says(tom, digest, "✓ Over.")
    assert "mira wrote to ada" in over.visible_text
    assert over.buttons == ["Open the board"]


async def test_the_lines_of_a_morning_go_when_the_next_one_comes(
    a_world: World, ada: Person, mira: Person
) -> None:
    monday = await a_question_in_the_digest(a_world, ada, mira)
    next_morning(a_world)
    await mira.wait_for(lambda: len(digests(mira)) == 2)
    over = await says(mira, monday, "Customers in it: 1. Need nobody any more: 0.")
    assert over.buttons == ["Open the board"]
    assert "Answer" in digests(mira)[-1].buttons


async def test_they_go_also_on_a_morning_with_nothing_to_say(
    a_world: World, ada: Person, mira: Person
) -> None:
    digest = await a_question_in_the_digest(a_world, ada, mira)
    await answered_by(mira, digest)
    await says(mira, digest, "needs nobody any more")
    next_morning(a_world)
    over = await says(mira, digest, "Customers in it: 1. Need nobody any more: 1.")
    assert over.buttons == ["Open the board"]
    assert len(digests(mira)) == 1


async def says(csm: Person, digest: VisibleMessage, text: str) -> VisibleMessage:
    """Waits until this digest, wherever it stands, says so."""

    def found() -> VisibleMessage | None:
        same = (each for each in digests(csm) if each.message.ts == digest.message.ts)
        return next((each for each in same if text in each.visible_text), None)

    message: VisibleMessage = await csm.wait_for(found)
    return message


async def test_on_mondays_the_week_comes_too_and_its_picture(
    a_world: World, ada: Person, mira: Person
) -> None:
    assert "files:write" in a_world.slack.installations[TOPLYNE.id].scopes
    await a_stuck_customer(a_world, ada, mira)
    await the_digest_is_planned(a_world)
    next_morning(a_world, weekday=0)
    (digest,) = await mira.wait_for(lambda: digests(mira))
    assert "Moved: 1 installed the app, 1 chose a plan" in digest.visible_text
    assert "App installed 1, Plan chosen 1, Credentials good 0" in digest.visible_text
    shared = await mira.wait_for(
        lambda: next((m for m in mira.messages(CHANNEL) if m.message.files), None)
    )
    file = a_world.slack.core.state.files[shared.message.files[0]]
    assert file.content.startswith(b"\x89PNG")
    assert "App installed 1, Plan chosen 1" in file.alt_text


async def test_customers_are_not_asked_for_more_than_they_need(a_world: World) -> None:
    scopes = {team: each.scopes for team, each in a_world.slack.installations.items()}
    assert {team for team, each in scopes.items() if "files:write" in each} == {TOPLYNE.id}
