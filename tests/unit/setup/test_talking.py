"""Whether a CSM talks with somebody who writes to the app."""

from datetime import timedelta

import pytest

from flows.csm.events import PassedOn
from flows.model import Situation
from flows.recording import Change
from flows.setup.talking import talk_of
from flows.vocabulary import Stamp
from tests.support.flow_services import ADA, BOB, BY_CSM, INTEGRATION, TEAM, Services
from tests.unit.reminders.test_recipients import Bot, bot

__all__ = ["bot"]


async def is_talk(bot: Services, user_id: str) -> bool:
    async with bot.storage(TEAM, write=False) as work:
        about, talks = await talk_of(work, user_id, TEAM, bot.storage.clock.now())
    assert about
    return talks


async def passed_on(bot: Services, number: int) -> None:
    """What was written to Bob goes to Ada."""

    def decide(now: Situation) -> Change:
        event = PassedOn(Stamp("", now.now), BOB.user_id, ADA.user_id, number)
        return Change(now.integration, (event,))

    await bot.recorder.change(TEAM, INTEGRATION, decide)


@pytest.mark.parametrize("is_numbered", [True, False])  # the last version stored no number
async def test_whoever_got_it_instead_talks_with_the_csm_for_two_weeks(
    bot: Bot, is_numbered: bool
) -> None:
    await bot.conversing.write(BY_CSM, "Who is your Workspace Owner?")
    assert (await is_talk(bot, BOB.user_id), await is_talk(bot, ADA.user_id)) == (True, False)
    integration = bot.integration()
    assert integration
    await passed_on(bot, integration.csm.numbered if is_numbered else 0)
    assert await is_talk(bot, ADA.user_id)
    bot.storage.clock.advance(timedelta(days=15))
    assert not await is_talk(bot, ADA.user_id)
