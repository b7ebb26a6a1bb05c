"""News of an incident goes to somebody who is still there."""

from dataclasses import replace

import pytest

from flows.csm.facts import Rejectable
from flows.model import Delegation, Integration, Screen
from flows.outbox.bodies import AsksForStep, FirstData, IncidentNews, RecoveryNews, Rejected
from flows.outbox.messages import Message
from flows.reminders.facts import Role
from flows.reminders.readers import PassingOn
from flows.reminders.recipients import named, right_about
from flows.setup.blockers import Blocked, Blocker
from flows.setup.permissions import managing
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Plan
from tests.support.fake_directory import HERE
from tests.support.flow_services import ADA, BOB, INTEGRATION, TEAM, Services
from tests.unit.views.message_cases import ADA as ASKER
from tests.unit.views.message_cases import integration

NEWS = IncidentNews(Blocker.TOKEN_REVOKED)
INCIDENT = Message(NEWS, f"user:{BOB.user_id}", "incident:int_1:9", INTEGRATION)


class Bot(Services):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.passing_on = PassingOn(self.recorder, self.directory)

    async def pass_on(self) -> bool:
        situation = await self.situation()
        assert situation
        return await self.passing_on.pass_on(situation, INCIDENT, NEWS)

    def passed_on(self) -> list[Message]:
        rows = self.storage.tables.outbox.values()
        return [row.message for row in rows if isinstance(row.message.body, IncidentNews)]


@pytest.fixture
async def bot() -> Bot:
    """Ada installed the app, and Bob acted last."""
    made = Bot()
    await made.install()
    await made.setup.start(ADA)
    integration = made.integration()
    assert integration is not None
    ref = Ref(integration.id, integration.revision)
    await made.setup.choose_plan(BOB, ref, Plan.BUSINESS)
    return made


async def test_who_is_there_gets_it(bot: Bot) -> None:
    assert not await bot.pass_on()
    assert bot.passed_on() == []


async def test_who_has_left_is_passed_over_once_and_the_reader_learns_why(bot: Bot) -> None:
    bot.directory.people[BOB.user_id] = None
    for _ in range(2):  # tried again after a doubt
        assert await bot.pass_on()
    (message,) = bot.passed_on()
    assert message.conversation == f"user:{ADA.user_id}"
    assert message.body == IncidentNews(
        Blocker.TOKEN_REVOKED, role=Role.PARTICIPANT, instead_of=BOB.user_id
    )


async def test_where_nobody_is_left_only_the_csm_reads_it(bot: Bot) -> None:
    bot.directory.people |= {BOB.user_id: None, ADA.user_id: None}
    assert await bot.pass_on()
    assert bot.passed_on() == []


async def test_a_slack_that_does_not_say_it_leaves_the_message_where_it_is(bot: Bot) -> None:
    bot.directory.is_away = True
    assert not await bot.pass_on()
    assert bot.passed_on() == []


@pytest.mark.parametrize(
    ("asked_for", "about", "is_theirs"),
    [
        (Screen.LIVE_SYNC, Blocker.NO_EVENTS, True),
        (Screen.LIVE_SYNC, Blocker.SOURCES_REJECTED, False),
        (Screen.LIVE_SYNC, Blocker.SOURCE_DELETED, False),  # another source must be chosen
        (Screen.CREDENTIALS, Blocker.SOURCES_MISSING, True),
        (Screen.CREDENTIALS, Blocker.PLAN_MISSING, False),
        (Screen.REPLAY_PREVIEW, Blocker.REPLAY_NOT_SENT, True),
        (Screen.REPLAY, Blocker.NO_EVENTS, False),
        (Screen.WRITE_BACK, Blocker.NO_EVENTS, False),  # though they may do live sync
    ],
)
@pytest.mark.parametrize("others", [(), (Delegation("U0DAN00001", Screen.PLAN, ASKER),)])
def test_whoever_was_asked_is_reminded_of_nothing_else(
    asked_for: Screen, about: Blocker, is_theirs: bool, others: tuple[Delegation, ...]
) -> None:
    asked = Delegation("U0CYD00001", asked_for, ASKER, is_open=True)
    found = who_is_reminded(replace(integration(), asked=(asked, *others)), about)
    last = (ASKER.by, Role.DID_LAST)
    assert found == ([("U0CYD00001", Role.ASKED), last] if is_theirs else [last])


@pytest.mark.parametrize(
    ("asked_for", "about"),
    [
        (Screen.REPLAY_STATUS, Blocker.REPLAY_NOT_RUNNING),
        (Screen.LIVE_SYNC, Blocker.EVENTS_STOPPED),
    ],
)
def test_whoever_was_asked_for_a_step_stays_first_for_it(asked_for: Screen, about: Blocker) -> None:
    """Whoever else is asked for something else, and though Segment answers whoever wrote to it."""
    asked = Delegation("U0CYD00001", asked_for, ASKER, is_open=True)
    other = Delegation("U0DAN00001", Screen.WRITE_BACK, ASKER, is_open=True)
    of = replace(integration(), replay_sent=ASKER, asked=(asked, other))
    found = who_is_reminded(of, about)
    assert found == [("U0CYD00001", Role.ASKED), (ASKER.by, Role.DID_LAST)]


def who_is_reminded(of: Integration, about: Blocker) -> list[tuple[str, Role]]:
    found = named(of, right_about(Blocked(about)))
    return [(each.user_id, each.role) for each in found]


# --- whoever may do what is asked for -----------------------------------------------------------

FULL = replace(HERE, teams=(TEAM,))


async def test_whoever_may_not_do_it_is_passed_over_and_not_called_gone(bot: Bot) -> None:
    bot.directory.people[BOB.user_id] = FULL  # no admin any more
    assert await bot.pass_on()
    (message,) = bot.passed_on()
    assert message.conversation == f"user:{ADA.user_id}"
    assert message.body == replace(NEWS, role=Role.DID_LAST)


async def test_where_nobody_may_do_it_whoever_acted_last_is_told_whom_to_ask(bot: Bot) -> None:
    bot.directory.people |= {BOB.user_id: FULL, ADA.user_id: None}
    assert not await bot.pass_on()


async def test_an_admin_whom_no_fact_names_keeps_it(bot: Bot) -> None:
    of = bot.integration()
    assert of
    assert BOB.user_id not in managing(of, NEWS.blocker.screen)
    assert not await bot.pass_on()


async def test_a_guest_keeps_nothing_that_somebody_else_can_do(bot: Bot) -> None:
    bot.directory.people[BOB.user_id] = replace(FULL, is_full_member=False, admin_of=(TEAM,))
    assert await bot.pass_on()
    (message,) = bot.passed_on()
    assert message.conversation == f"user:{ADA.user_id}"


@pytest.mark.parametrize(
    ("news", "reader"),
    [
        (Rejected("Add Backend", Rejectable.SOURCES), ADA),
        (Rejected("Another end", Rejectable.REPLAY), BOB),
        (RecoveryNews(Blocker.TOKEN_REVOKED), ADA),
        (FirstData("src"), ADA),  # the token comes next
    ],
)
async def test_each_goes_to_somebody_who_may_do_what_it_asks_for(
    bot: Bot, news: AsksForStep, reader: Actor
) -> None:
    """Bob was asked for the history alone."""
    bot.directory.people[BOB.user_id] = FULL
    situation = await bot.situation()
    assert situation
    asked = Delegation(BOB.user_id, Screen.REPLAY, ASKER)
    of = replace(situation, integration=replace(situation.integration, asked=(asked,)))
    message = replace(INCIDENT, body=news)
    assert await bot.passing_on.pass_on(of, message, news) == (reader is ADA)
