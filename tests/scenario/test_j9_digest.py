"""J9, the digest: at nine, who needs a CSM today, and on Mondays the last week as a picture."""

from datetime import UTC, datetime

from flows.csm.digest import following
from flows.csm.working_day import WorkingDays
from flows.reminders import hours
from playground.sample import TOPLYNE
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from tests.scenario.looking import is_digest, rows
from tests.scenario.story import choose_plan, enter_token, token, told
from tests.support.world import World, soon

CHANNEL = "#customers"
# The time zone of Mira, who installed the app.
LA = WorkingDays(hours.Person("America/Los_Angeles", "en-US", is_active=True))


def next_morning(world: World, weekday: int | None = None) -> None:
    """Moves the clock to shortly after nine on the next weekday, or on a given one."""
    now = datetime.fromtimestamp(world.playground.clock.now(), UTC)
    morning = following(now, LA)
    while weekday is not None and morning.weekday() != weekday:
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
    assert "Acme: stuck, reminders or tries did not help" in digest[0].visible_text
    assert "Last week" not in digest[0].visible_text
    assert "Needs you today: Acme." in digest[0].text
    await mira.click("Open the board", message=digest[0])
    await mira.wait_for(lambda: mira.modal and "1 stuck" in mira.modal.text)


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
