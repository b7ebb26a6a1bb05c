"""The app notices a removal that Slack did not announce when its token is refused."""

from datetime import timedelta
from typing import cast

import pytest
from pydantic import SecretStr

from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.people import People
from bot.outbound.removal import Removal
from flows.errors import DirectoryUnavailable
from flows.reminders.hours import Person
from tests.faults.mortal import OpenGates
from tests.faults.small_slack import SmallSlack
from tests.support.flow_services import ADA, TEAM, Services


class Bot(Services):
    def __init__(self) -> None:
        super().__init__()
        self.slack = SmallSlack(self.storage.clock, lambda _: None)
        self.slack.people = {ADA.user_id: Person("UTC", "en-US", is_active=True)}
        self.installations = InstallationLookup(self.storage)
        self.removal = Removal(self.installations, self.lifecycle)
        clients = cast("SlackClients", self.slack)
        self.people = People(self.installations, clients, OpenGates(), self.removal)

    def token(self) -> SecretStr:
        token = self.storage.tables.installations[TEAM][1]
        assert token is not None
        return token

    def is_installed(self) -> bool:
        return self.storage.is_installed(TEAM)


@pytest.fixture
async def bot() -> Bot:
    made = Bot()
    await made.install()
    made.slack.tokens = {made.token().get_secret_value()}
    return made


async def test_who_asks_about_people_notices_it(bot: Bot) -> None:
    bot.slack.tokens.clear()
    for _ in range(3):
        with pytest.raises(DirectoryUnavailable):
            await bot.people.person(TEAM, ADA.user_id)
    assert not bot.is_installed()
    assert bot.slack.refused.total() == 1, "nothing is asked there any more"
    await bot.erasing.erase(TEAM)
    assert not bot.storage.tables.history
    await bot.install()
    bot.slack.tokens = {bot.token().get_secret_value()}
    assert await bot.people.person(TEAM, ADA.user_id)


async def test_a_new_installation_is_not_undone_by_the_old_token(bot: Bot) -> None:
    await bot.removal.refused(TEAM, SecretStr("an older one"), "token_revoked")
    assert bot.is_installed()


async def test_it_is_noticed_by_a_clock_that_was_put_back_since_the_installation(bot: Bot) -> None:
    bot.storage.clock.advance(-timedelta(hours=1))
    await bot.removal.refused(TEAM, bot.token(), "account_inactive")
    assert not bot.is_installed()


@pytest.mark.parametrize(
    "why", ["invalid_auth", "not_authed", "org_login_required", "token_expired"]
)
async def test_what_can_pass_erases_nothing(bot: Bot, why: str) -> None:
    await bot.removal.refused(TEAM, bot.token(), why)
    assert bot.is_installed()
    await bot.removal.refused(TEAM, bot.token(), "account_inactive")
    assert not bot.is_installed()
