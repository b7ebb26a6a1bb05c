"""What the demo adds to the control panel works against the real bot."""

from datetime import timedelta

from pydantic import SecretStr

from bot.demo.panel import GUEST, DemoPanel, add_guest
from bot.demo.samples import SampleCustomers
from playground.sample import TOPLYNE
from playground.slack.person import Person
from tests.scenario.looking import rows
from tests.scenario.story import choose_plan, reach_live_sync, see, told
from tests.support.world import World


async def test_next_reminder_is_one_press_away(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    await a_world.work_off()
    panel = DemoPanel(a_world.database_url)
    assert "There it is" in await panel.next_reminder(a_world.playground)
    assert a_world.playground.clock.offset_seconds > 0
    await told(ada, "Web app is not connected to a Toplyne destination.")


async def test_among_sample_customers_it_is_acmes(a_world: World, ada: Person) -> None:
    keys = [SecretStr(each) for each in a_world.settings["encryption_keys"].split(",")]
    samples = SampleCustomers(a_world.database_url, keys, TOPLYNE.id, timedelta(minutes=15), 20)
    await samples.fill(a_world.playground)
    await reach_live_sync(a_world, ada)
    await ada.close()
    await a_world.work_off()
    said = await DemoPanel(a_world.database_url).next_reminder(a_world.playground)
    assert said.startswith("There it is: Acme gets it")
    await told(ada, "Web app is not connected to a Toplyne destination.")


async def test_start_over_is_a_first_time_again(a_world: World, ada: Person) -> None:
    await reach_live_sync(a_world, ada)
    await ada.close()
    before = a_world.segment.token("acme", "owner").value
    panel = DemoPanel(a_world.database_url)
    assert await panel.start_over(a_world.playground) == "Acme begins anew. Type /segment."
    assert rows(a_world, "vault") == 0
    assert a_world.segment.token("acme", "owner").value != before
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")


async def test_the_demo_has_a_guest_who_sees_no_set_up(a_world: World) -> None:
    add_guest(a_world.playground)
    add_guest(a_world.playground)
    guest = a_world.person(GUEST.id)
    await guest.command("/segment")
    await told(guest, "for full members", "#general")
    assert guest.modal is None
