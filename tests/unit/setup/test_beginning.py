"""The first `/segment`, the next ones, and the one after a disconnect."""

from flows.history import Event
from flows.model import Screen
from flows.setup.events import Disconnected, Installed, PlanChosen, Started
from flows.setup.submission import Ref
from flows.vocabulary import Plan, Region
from tests.support.flow_services import ADA, BOB, INTEGRATION, Services


def kinds(services: Services) -> list[type[Event]]:
    return [type(entry.event) for *_, entry in services.storage.tables.history]


async def test_a_set_up_begins_with_the_first_command_and_not_with_the_installation() -> None:
    services = Services()
    await services.install()
    assert kinds(services) == [Installed]
    assert (await services.setup.start(BOB)).screen is Screen.PLAN
    await services.setup.start(ADA)
    assert kinds(services) == [Installed, Started]
    integration = services.integration()
    assert integration is not None
    assert integration.last_active is not None
    assert integration.last_active.by == BOB.user_id


async def test_it_begins_anew_after_a_disconnect() -> None:
    services = Services()
    shown = await services.setup.start(ADA)
    ref = Ref(INTEGRATION, shown.situation.integration.revision)
    await services.setup.choose_plan(ADA, ref, Plan.TEAM, Region.US)
    await services.setup.disconnect(ADA, ref)
    again = await services.setup.start(BOB)
    assert again.screen is Screen.PLAN
    assert again.situation.integration.disconnected is None
    assert kinds(services) == [
        Started,
        PlanChosen,
        Disconnected,
        Started,
    ]
