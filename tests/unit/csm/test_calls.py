"""If nobody owns a customer, the whole channel is called: once, after a working day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.checks.events import IncidentBegan
from flows.csm.calls import count_as_called
from flows.csm.events import ChannelCalled, Unreached
from flows.csm.facts import ChannelBinding, Matter, Need
from flows.csm.needs import holding, next_call
from flows.csm.refused import Decided
from flows.csm.seen import owner_shown
from flows.csm.working_day import WorkingDays
from flows.model import Screen
from flows.reminders.hours import Calendar
from flows.setup.blockers import Blocker
from flows.setup.events import HelpAsked
from flows.setup.submission import Ref
from flows.vocabulary import Person, Plan, Stamp
from tests.support.fake_directory import HERE
from tests.support.flow_services import ADA, BY_CSM, CSM, INTEGRATION, TEAM, Services
from tests.unit.views.message_cases import NOW, stages

FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 2, 15, 0, tzinfo=UTC), datetime(2026, 3, 3, 15, 0, tzinfo=UTC)),
        (FRIDAY, datetime(2026, 3, 9, 15, 0, tzinfo=UTC)),
        (datetime(2026, 3, 7, 3, 0, tzinfo=UTC), datetime(2026, 3, 10, 10, 0, tzinfo=UTC)),
        (datetime(2026, 12, 23, 12, 0, tzinfo=UTC), datetime(2027, 1, 4, 12, 0, tzinfo=UTC)),
    ],
)
def test_one_working_day_later(at: datetime, expected: datetime) -> None:
    assert WorkingDays(HERE).over_after(at) == expected


def test_the_weekend_is_that_of_whoever_bound_the_channel() -> None:
    riyadh = Person("Asia/Riyadh", "ar-SA", is_active=True)
    thursday = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    assert WorkingDays(riyadh).over_after(thursday) == thursday + 3 * DAY


async def asked_for_help() -> Services:
    services = Services()
    await services.install()
    await services.setup.start(ADA)
    await services.setup.ask_help(ADA, Ref(INTEGRATION, 0), Screen.PLAN, "")
    return services


async def look(services: Services) -> datetime | None:
    await services.calling.call(TEAM, INTEGRATION)
    return services.storage.tables.overviews[(TEAM, INTEGRATION)].next_call_at


def calls(services: Services) -> int:
    kinds = [type(entry.event) for *_, entry in services.storage.tables.history]
    return kinds.count(ChannelCalled)


async def test_it_is_called_once_and_not_before() -> None:
    services = await asked_for_help()
    begun = services.storage.clock.now()
    assert await look(services) == begun + DAY
    assert calls(services) == 0
    services.storage.clock.advance(DAY)
    opening = await look(services)
    assert opening
    assert calls(services) == 0, "it is nine o'clock"
    services.storage.clock.advance(opening - services.storage.clock.now())
    assert await look(services) is None
    assert await look(services) is None
    assert calls(services) == 1


async def test_nobody_is_called_where_somebody_owns_or_has_answered() -> None:
    for is_claimed in (True, False):
        services = await asked_for_help()
        matter = services.integration().csm.questions[0].number
        await (
            services.csm.owning.claim(BY_CSM)
            if is_claimed
            else services.csm.owning.answered(BY_CSM, matter)
        )
        services.storage.clock.advance(4 * DAY)
        assert await look(services) is None
        assert calls(services) == 0


async def test_a_weekend_is_waited_for_and_a_slack_that_is_away_too() -> None:
    services = await asked_for_help()
    services.storage.clock.advance(DAY)
    integration = services.integration()
    assert integration is not None
    matter = replace(integration.csm.matters[0], since=FRIDAY)
    moved = replace(integration, csm=replace(integration.csm, matters=(matter,)))
    services.storage.tables.integrations[(TEAM, INTEGRATION)] = moved
    services.storage.clock.advance(FRIDAY + DAY - services.storage.clock.now())
    assert await look(services) == FRIDAY + 3 * DAY
    assert calls(services) == 0
    services.storage.clock.advance(2 * DAY)
    await look(services)
    assert calls(services) == 1


@pytest.mark.parametrize("zone_name", ["America/Los_Angeles", "Asia/Tokyo", "Europe/Berlin"])
@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=9), 4 * DAY])
async def test_nobody_is_called_at_night_or_on_a_day_off(zone_name: str, late: timedelta) -> None:
    """Whenever it began, and however late a worker comes. What is a day for them is over then."""
    services = await asked_for_help()
    owner = replace(HERE, time_zone=zone_name)
    services.directory.people[CSM.user_id] = owner
    async with services.storage(CSM.tenant_id) as work:
        await work.csm_channel.bind(ChannelBinding("C1", Stamp(CSM.user_id, FRIDAY)))
        await work.commit()
    services.storage.clock.advance(DAY)  # at night in Los Angeles, in the evening in Tokyo
    over = services.integration().csm.matters[0].since + DAY
    while (due := await look(services)) is not None:
        assert calls(services) == 0
        services.storage.clock.advance(due - services.storage.clock.now() + late)
        late = timedelta()
    assert calls(services) == 1
    assert services.storage.clock.now() >= over
    assert Calendar().allows(services.storage.clock.now(), owner)


async def test_what_everybody_was_called_about_is_not_called_again() -> None:
    """The line said it to all, since the owner had left."""
    services = await asked_for_help()
    (told,) = (e.event for *_, e in services.storage.tables.history if type(e.event) is HelpAsked)
    await services.recorder.note(TEAM, INTEGRATION, lambda now: count_as_called(now, told))
    services.storage.clock.advance(4 * DAY)
    assert await look(services) is None
    assert calls(services) == 0


@pytest.mark.parametrize(("later", "is_called"), [(-0.004, False), (0, False), (0.004, True)])
def test_a_refused_token_is_told_a_moment_after_it_was_noticed(
    later: float, is_called: bool
) -> None:
    """What is refused later, after another token was entered, is called about once more."""
    stage = dict(stages())["token refused"]
    token = replace(stage.observed.token, since=NOW + timedelta(seconds=later))
    lost = replace(stage, observed=replace(stage.observed, token=token))
    told = IncidentBegan(Stamp("", NOW), Blocker.TOKEN_REVOKED)
    after = count_as_called(lost, told)
    call = next_call(after, holding(replace(lost, integration=after)))
    assert bool(call and call.need is Need.TOKEN_REVOKED) == is_called


def test_what_the_line_did_not_tell_is_still_called_about() -> None:
    """A question from before is open, and another that came later."""
    stage = dict(stages())["no plan"]
    matters = [Matter(Need.HELP, NOW + hours * HOUR, hours) for hours in (1, 2, 3)]
    asked = replace(stage.integration, csm=replace(stage.integration.csm, matters=tuple(matters)))
    told = HelpAsked(Stamp("U1", NOW + 2 * HOUR), Screen.PLAN, number=2)
    after = count_as_called(replace(stage, integration=asked), told)
    assert [each.number for each in after.csm.calls] == [2]
    unread = Unreached(Stamp("", NOW + 2 * HOUR), "U1", "reminder")
    assert count_as_called(replace(stage, integration=asked), unread) is asked


async def test_whoever_sees_that_the_owner_has_left_claims_the_customer() -> None:
    services = await asked_for_help()
    await services.csm.owning.assign(BY_CSM, "U0TOM")
    (seen, other) = owner_shown(services.integration()), 1
    for is_there, shown in ((True, seen), (False, None), (False, other)):
        services.directory.people["U0TOM"] = replace(HERE, teams=(CSM.team_id,), is_active=is_there)
        with pytest.raises(Decided):
            await services.csm.owning.claim(BY_CSM, shown)
    await services.csm.owning.claim(BY_CSM, seen)
    owner = services.integration().csm.owner
    assert owner
    assert owner.by == CSM.user_id


async def test_a_customer_of_nobody_is_a_need_after_a_working_day_of_the_channels_owner() -> None:
    services = Services()
    services.storage.clock.advance(FRIDAY - services.storage.clock.now())
    await services.install()
    await services.setup.start(ADA)
    await services.setup.choose_plan(ADA, Ref(INTEGRATION, 1), Plan.BUSINESS)
    assert services.integration().plan_chosen.at == FRIDAY
    row = services.storage.tables.overviews[(TEAM, INTEGRATION)]
    assert (row.need, row.next_call_at) == ("unowned", FRIDAY + DAY)
    services.directory.people[CSM.user_id] = replace(HERE, locale="ar-SA", time_zone="Asia/Riyadh")
    async with services.storage(CSM.tenant_id) as work:
        await work.csm_channel.bind(ChannelBinding("C1", Stamp(CSM.user_id, FRIDAY)))
        await work.commit()
    services.storage.clock.advance(DAY)
    assert await look(services) is None
    row = services.storage.tables.overviews[(TEAM, INTEGRATION)]
    sunday = datetime(2026, 3, 8, 7, 0, tzinfo=UTC)  # a working morning in Riyadh
    assert row.need_at == sunday + DAY
    assert calls(services) == 0
