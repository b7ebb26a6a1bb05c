"""The clock jumps forward and back. Nothing is said twice, early or in vain; polls go on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from flows.checks.question import SourceAnswers
from flows.model import DestinationState
from flows.reminders.schedule import GAP, MOST_REMINDERS
from flows.setup.submission import Ref
from flows.vocabulary import Plan
from tests.faults.chance_laws import Laws, outstanding
from tests.faults.figures import Show, in_words
from tests.support.flow_services import ADA, CSM, CSM_TEAM, INTEGRATION, TEAM

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [60 * DAY, -HOUR, -DAY, -400 * DAY]
TUESDAY_NOON = datetime(2024, 3, 5, 17, 0, tzinfo=UTC)  # at Ada's


@pytest.fixture
async def laws() -> AsyncIterator[Laws]:
    """Ada has chosen a plan on a Monday. Every message is checked when it is sent."""
    made = Laws()
    await made.bot.install_in(CSM_TEAM, CSM.user_id)
    await made.bot.install_in(TEAM, ADA.user_id)
    await made.bot.setup.start(ADA)
    await made.bot.setup.choose_plan(ADA, ref(made), Plan.BUSINESS)
    await made.bot.work(made.look)
    yield made
    made.check_all_said()


def ref(laws: Laws) -> Ref:
    return Ref(INTEGRATION, laws.integration.revision)


async def days_pass(laws: Laws, days: float, step: timedelta = 2 * HOUR) -> None:
    for _ in range(int(days * DAY / step)):
        laws.bot.clock.advance(step)
        await laws.bot.work(laws.look)


async def until(laws: Laws, moment: datetime) -> None:
    laws.bot.clock.advance(moment - laws.bot.clock.now())
    await laws.bot.work(laws.look)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_reminders(laws: Laws, show: Show, jump: timedelta) -> None:
    await until(laws, TUESDAY_NOON)
    assert len(laws.reminded) == 1
    laws.bot.clock.advance(jump)
    await laws.bot.work(laws.look)
    at_once = len(laws.reminded) - 1
    await days_pass(laws, 3)
    laws.bot.clock.advance(max(-jump, timedelta()))
    await days_pass(laws, 40)
    assert at_once <= 1, "what has become due meanwhile is said once, not once for each day"
    assert len(laws.reminded) == 4
    assert laws.reminded == sorted(laws.reminded)
    figures = in_words(sent=len(laws.reminded), lost=0, repeated=0, at_once=at_once)
    show(f"reminders, the clock jumps by {jump}", figures)


@pytest.mark.parametrize("jump", [-HOUR, -DAY], ids=str)
async def test_one_that_waits_for_slack_when_the_clock_is_put_back_comes_in_hours(
    laws: Laws, jump: timedelta
) -> None:
    bot = laws.bot
    bot.is_silent = True
    await until(laws, TUESDAY_NOON - HOUR - HOUR)  # ten o'clock
    assert [row.message.body.kind for row in bot.pending() if row.is_direct] == ["reminder"]
    bot.clock.advance(jump)
    bot.is_silent = False
    await bot.work(laws.look)
    assert laws.reminded == []
    await days_pass(laws, 2)
    assert len(laws.reminded) == 1


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_what_was_solved_before_the_jump_is_not_brought_up(
    laws: Laws, jump: timedelta
) -> None:
    await until(laws, TUESDAY_NOON)
    await watch(laws)
    said = len(laws.reminded)
    laws.bot.clock.advance(jump)
    await days_pass(laws, 3)
    laws.bot.clock.advance(max(-jump, timedelta()))
    await days_pass(laws, 4)
    later = [p.key for p in laws.bot.slack.posts if p.key.startswith("reminder:")][said:]
    assert all("replay_not_requested" in key for key in later)


async def watch(laws: Laws, *, data: bool = True) -> None:
    """Goes up to live sync, with data or without."""
    bot = laws.bot
    acme = bot.segment.workspace_with("acme", "web")
    token = bot.segment.issue("owner", acme)
    (source,) = acme.sources
    if data:
        arrive(laws)
    await bot.setup.submit_token(ADA, ref(laws), token)
    laws.look()
    await bot.setup.choose_sources(ADA, ref(laws), SourceAnswers((source.source.id,), ""))
    laws.look()
    await bot.work(laws.look)


def arrive(laws: Laws) -> None:
    (source,) = next(iter(laws.bot.segment.tokens.values())).workspace.sources
    source.destination = DestinationState.ENABLED
    laws.bot.segment.send(source, laws.bot.clock.now())


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_looks_at_segment_go_on(laws: Laws, show: Show, jump: timedelta) -> None:
    await watch(laws)
    bot = laws.bot
    bot.clock.advance(jump)
    (source,) = next(iter(bot.segment.tokens.values())).workspace.sources
    source.enabled = False
    asked = bot.clock.now()
    while laws.incidents.total() == 0:
        assert bot.clock.now() - asked < 3 * DAY, "nobody looks any more"
        bot.clock.advance(HOUR)
        await bot.work(laws.look)
    figures = in_words(hours_until_it_was_noticed=(bot.clock.now() - asked) / HOUR)
    show(f"looks at Segment, the clock jumps by {jump}", figures)
    source.enabled = True
    await days_pass(laws, 1)
    assert laws.recoveries.total() == 1


async def test_never_more_than_eight_in_the_life_of_a_set_up(laws: Laws, show: Show) -> None:
    """Four for the token, four for the destination. None is left for the Replay."""
    await days_pass(laws, 20)
    assert len(laws.reminded) == 4
    await watch(laws, data=False)
    await days_pass(laws, 20)
    assert len(laws.reminded) == MOST_REMINDERS
    arrive(laws)
    await days_pass(laws, 30)
    assert outstanding(laws.integration, laws.seen, laws.heard) == "replay_not_requested"
    assert len(laws.reminded) == MOST_REMINDERS
    pairs = zip(laws.reminded, laws.reminded[1:], strict=False)
    assert all(later - earlier >= GAP for earlier, later in pairs)
    show("the life of a set-up", in_words(sent=len(laws.reminded), lost=0, repeated=0))


async def test_who_leaves_and_begins_anew_is_not_reminded_again_within_two_days(
    laws: Laws,
) -> None:
    await until(laws, TUESDAY_NOON)
    await laws.bot.setup.disconnect(ADA, ref(laws))
    laws.look()
    await laws.bot.setup.start(ADA)
    laws.look()
    await days_pass(laws, 6)
    assert len(laws.reminded) >= 2
    assert laws.reminded[1] - laws.reminded[0] >= GAP
