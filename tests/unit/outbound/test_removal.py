"""The app notices a removal that Slack did not announce when its token is refused."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from pydantic import SecretStr
from slack_sdk.models.views import View

from bot.inbound.authorize import Claim, identify
from bot.outbound.calls import COSTS, Later, Outgoing, Revoked
from bot.outbound.clients import InstallationLookup, SlackClients
from bot.outbound.errors import FINAL
from bot.outbound.people import People
from bot.outbound.permalinks import Permalinks
from bot.outbound.removal import LATEST, SOONEST, Removal
from bot.outbound.team_names import TeamNames
from bot.outbound.waiting_modal import SlackWaitingModal
from bot.views.kit.message import Rendered
from flows.errors import DirectoryUnavailable, NotInstalled
from flows.outbox.jobs import JobKind
from flows.vocabulary import Person
from tests.faults.mortal import OpenGates
from tests.faults.small_slack import SmallSlack
from tests.support.flow_services import ADA, TEAM, Services


class Bot(Services):
    def __init__(self) -> None:
        super().__init__()
        self.slack = SmallSlack(self.storage.clock, lambda _: None)
        self.slack.people = {ADA.user_id: Person("UTC", "en-US", is_active=True)}
        self.installations = InstallationLookup(self.storage, self.tenants)
        self.clients = cast("SlackClients", self.slack)
        self.removal = Removal(
            self.installations, self.lifecycle, self.clients, self.storage, self.storage.clock
        )
        self.people = People(self.installations, self.clients, OpenGates(), self.removal)

    def token(self) -> SecretStr:
        token = self.storage.tables.installations[TEAM][1]
        assert token is not None
        return token

    def is_installed(self) -> bool:
        return self.storage.is_installed(TEAM)


@pytest.fixture
async def bot() -> Bot:
    return await installed()


async def installed() -> Bot:
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
    assert bot.slack.calls["users.info"] == 1, "nothing is asked there any more"
    assert bot.slack.calls["auth.test"] == 1, "it was confirmed"
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
    bot.slack.tokens.clear()
    await bot.removal.refused(TEAM, bot.token(), "account_inactive")
    assert not bot.is_installed()


PASSING = ("invalid_auth", "not_authed", "org_login_required", "token_expired")
REFUSALS = (*PASSING, *sorted(FINAL))
# The last one comes after an upload to an address of Slack's.
UNPROMPTED = (*(method for method in COSTS if "completeUpload" not in method), "users.info")


async def unprompted(bot: Bot, method: str) -> None:
    """Makes one call that nobody waits for, and does what `Deliverer` does if it is refused."""
    if method == "users.info":
        with pytest.raises(DirectoryUnavailable):
            await bot.people.person(TEAM, ADA.user_id)
        return
    found = await bot.installations.find(TEAM)
    assert found
    until = datetime.now(UTC) + timedelta(seconds=10)
    out = Outgoing(found, bot.clients, OpenGates(), until)
    says = Rendered("", [])
    view: dict[str, Any] = {}
    calls: Mapping[str, Callable[[], Awaitable[object]]] = {
        "chat.postMessage": lambda: out.post("C1", says),
        "chat.update": lambda: out.edit("C1", "1.0", says),
        "views.publish": lambda: out.publish_home(ADA.user_id, view),
        "views.update": lambda: out.update_view("chk_1", view),
        "conversations.open": lambda: out.open_direct(ADA.user_id),
        "conversations.history": lambda: out.history("C1", oldest="0", limit=1, cursor=""),
        "chat.getPermalink": lambda: out.permalink("C1", "1.0"),
        "files.getUploadURLExternal": lambda: out.share(
            "C1", b"", filename="a", title="a", alt_text="a"
        ),
    }
    with pytest.raises(Revoked) as refused:
        await calls[method]()
    await bot.removal.refused(refused.value.tenant_id, refused.value.token, str(refused.value))


@pytest.mark.parametrize("why", REFUSALS)
@pytest.mark.parametrize("confirmed", ["", *REFUSALS, "internal_error"])
async def test_one_refusal_ends_an_installation_only_if_it_is_final_and_confirmed(
    why: str, confirmed: str
) -> None:
    for method in UNPROMPTED:
        bot = await installed()
        bot.slack.answers = {method: why, **({"auth.test": confirmed} if confirmed else {})}
        await unprompted(bot, method)
        assert bot.is_installed() is not (why in FINAL and confirmed in FINAL), method


@pytest.mark.parametrize("why", REFUSALS)
@pytest.mark.parametrize("call", ["team names", "links", "modal"])
async def test_a_refusal_of_what_somebody_waits_for_deletes_nothing(
    bot: Bot, call: str, why: str
) -> None:
    bot.slack.answers = dict.fromkeys(("auth.test", "auth.teams.list", "views.update"), why)
    match call:
        case "team names":
            with pytest.raises(DirectoryUnavailable):
                await TeamNames(bot.installations, bot.clients)(TEAM)
        case "links":
            await Permalinks(bot.installations, bot.clients).cards(TEAM)
        case "modal":
            modal = SlackWaitingModal(bot.installations, bot.clients)
            await modal.fill(TEAM, "form_1", View(type="modal"))
    assert bot.slack.calls.total() == 1
    assert bot.is_installed()


@pytest.mark.parametrize("why", PASSING)
async def test_while_slack_refuses_the_token_the_app_pauses_and_asks_again_over_hours(
    bot: Bot, why: str
) -> None:
    bot.slack.answers = dict.fromkeys(("users.info", "auth.test"), why)
    await unprompted(bot, "users.info")
    job = bot.storage.tables.jobs[-1]
    assert (job.kind, job.tenant_id) == (JobKind.CONFIRM_TOKEN, TEAM)
    with pytest.raises(DirectoryUnavailable):
        await bot.people.person(TEAM, ADA.user_id)
    found = await bot.installations.find(TEAM)
    assert found
    with pytest.raises(Later):
        Outgoing(found, bot.clients, OpenGates(), datetime.now(UTC))
    assert bot.slack.calls["users.info"] == 1, "nothing else leaves"

    waits = []
    for _ in range(12):
        again = await bot.removal.ask_again(TEAM)
        assert again
        waits.append(again - bot.storage.clock.now())
        bot.storage.clock.advance(waits[-1])
    assert waits[0] == SOONEST
    assert waits[-1] == LATEST
    assert bot.is_installed(), "however long it lasts"

    bot.slack.answers = {}
    assert await bot.removal.ask_again(TEAM) is None
    assert await bot.people.person(TEAM, ADA.user_id)


async def test_a_new_installation_while_slack_is_asked_stays(bot: Bot) -> None:
    found = await bot.installations.find(TEAM)
    assert found
    bot.storage.clock.advance(timedelta(minutes=1))
    await bot.install()
    await bot.lifecycle.uninstall(TEAM, unknown=found[0])
    assert bot.is_installed()


async def test_a_token_that_no_key_opens_pauses_the_app_until_it_is_installed_again(
    bot: Bot,
) -> None:
    installation, _ = bot.storage.tables.installations[TEAM]
    bot.storage.tables.installations[TEAM] = (installation, SecretStr(""))
    found = await bot.installations.find(TEAM)
    assert found
    with pytest.raises(Later):
        Outgoing(found, bot.clients, OpenGates(), datetime.now(UTC))
    with pytest.raises(DirectoryUnavailable):
        await bot.people.person(TEAM, ADA.user_id)
    with pytest.raises(NotInstalled):  # whoever presses something reads that it must be installed
        await identify(bot.installations, Claim(ADA.user_id, TEAM, TEAM, "", "", is_org_wide=False))
    assert await bot.removal.ask_again(TEAM), "it is asked again later: the key may turn up"
    assert bot.slack.calls.total() == 0
    assert bot.is_installed(), "nothing is erased"
    await bot.install()
    bot.installations.forget(TEAM)
    bot.slack.tokens = {bot.token().get_secret_value()}
    assert await bot.people.person(TEAM, ADA.user_id)
