"""News of an incident goes to somebody who is still there."""

from dataclasses import replace

import pytest

from flows.model import Delegation, Screen
from flows.outbox.bodies import IncidentNews
from flows.outbox.messages import Message
from flows.reminders.facts import Role
from flows.reminders.recipients import PassingOn, named
from flows.setup.blockers import Blocked, Blocker
from flows.setup.submission import Ref
from flows.vocabulary import Plan
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
        return await self.passing_on.pass_on(TEAM, INCIDENT, NEWS)

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
        Blocker.TOKEN_REVOKED, role=Role.TOOK_PART, instead_of=BOB.user_id
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
    ],
)
@pytest.mark.parametrize("is_last", [True, False])
def test_whoever_was_asked_is_reminded_of_nothing_else(
    asked_for: Screen, about: Blocker, is_theirs: bool, is_last: bool
) -> None:
    asked = Delegation("U0CYD00001", asked_for, ASKER, is_open=True)
    of = replace(integration(), asked=(asked,), delegation=asked if is_last else None)
    found = [(each.user_id, each.role) for each in named(of, Blocked(about))]
    last = (ASKER.by, Role.DID_LAST)
    assert found == ([("U0CYD00001", Role.ASKED), last] if is_theirs else [last])
