"""The first `/segment`, later ones, and the one after a disconnect."""

import pytest

from flows.checks.question import SourceAnswers
from flows.history import Event
from flows.model import Screen
from flows.setup.events import Disconnected, Installed, PlanChosen, Started
from flows.setup.permissions import still_asked
from flows.setup.results import NoSetUp
from flows.setup.submission import Ref
from flows.vocabulary import Plan
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
    await services.setup.choose_plan(ADA, ref, Plan.TEAM)
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


async def test_nothing_but_a_door_begins_one_before_or_after() -> None:
    services = Services()
    await services.install()
    ref = Ref(INTEGRATION, 0)
    await services.setup.delegate(ADA, ref, Screen.PLAN, BOB.user_id)
    await services.setup.ask_help(ADA, ref, Screen.PLAN, "May somebody else do it?")
    with pytest.raises(NoSetUp):
        await services.setup.resume(ADA, ref)
    integration = services.integration()
    assert integration is not None
    assert still_asked(integration)
    assert not integration.begun
    shown = await services.setup.start(ADA, again=False)
    await services.setup.disconnect(ADA, Ref(INTEGRATION, shown.situation.integration.revision))
    with pytest.raises(NoSetUp):
        await services.setup.start(ADA, again=False)


async def test_what_was_seen_of_a_source_goes_when_it_is_chosen_no_more() -> None:
    services = Services()
    acme = services.segment.workspace_with("acme", "web", "backend")
    token = services.segment.issue("owner", acme)
    shown = await services.setup.start(ADA)
    ref = Ref(INTEGRATION, shown.situation.integration.revision)
    await services.setup.choose_plan(ADA, ref, Plan.BUSINESS)
    await services.setup.submit_token(ADA, Ref(INTEGRATION, 99), token)
    for chosen in (acme.sources[:2], acme.sources[1:2]):
        ids = tuple(place.source.id for place in chosen)
        await services.setup.choose_sources(ADA, Ref(INTEGRATION, 99), SourceAnswers(ids, ""))
        situation = await services.situation()
        assert situation is not None
        assert set(situation.observed.statuses) == set(ids)
