"""An installation may get fewer permissions than the app asks for."""

import pytest

from playground.sample import ACME
from playground.slack.person import Person
from tests.scenario.database import all_sent, ask
from tests.scenario.looking import thread
from tests.scenario.oauth import begin, decide, visit
from tests.scenario.story import choose_plan, see, told
from tests.support.world import APP_URL, World, soon


async def test_permissions_that_slack_left_out_are_named_with_their_reason(
    empty_world: World,
) -> None:
    back = await decide(empty_world, await begin(empty_world), empty_world.person("ada").user.id)
    for code in empty_world.slack._installs._codes.values():
        code.scopes.remove("im:history")
    page = await visit(empty_world, back)
    assert page.status_code == 200
    assert "Go back to Slack (Acme)" in page.text
    assert "<code>im:history</code>: replies to the app" in page.text
    assert "<code>users:read</code>" not in page.text
    assert f'<a href="{APP_URL}/slack/install">Start again</a>' in page.text
    back = await decide(empty_world, await begin(empty_world), empty_world.person("ada").user.id)
    assert "permissions" not in (await visit(empty_world, back)).text, "asked for once"


@pytest.fixture(autouse=True)
def looks_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.outbound.deliver.CHANNEL_CLOSED", 0.1)
    monkeypatch.setattr("bot.outbound.deliver.MOST_STRETCHED", 1)
    monkeypatch.setattr("bot.outbound.people.FAILURE_AGE", 0.0)


async def test_whoever_cannot_be_looked_up_reads_that_an_admin_must_install_the_app(
    a_world: World, ada: Person
) -> None:
    a_world.slack.installations[ACME.id].scopes.remove("users:read")
    await ada.command("/segment", "#general")
    said = await told(ada, "lacks a permission", "#general")
    assert "have an admin install it again" in said.visible_text
    assert (await a_world.slack.install(ACME.id, ada.user.id)).ok
    await choose_plan(ada, "Business")
    await see(ada, "Create an access token in Segment")
    a_world.slack.breaches.clear()  # of the call without the permission


async def test_a_message_without_the_permission_to_write_waits_for_it(
    a_world: World, ada: Person, grace: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await all_sent(a_world)
    a_world.slack.installations[ACME.id].scopes.remove("chat:write")
    await ada.click("Somebody else must do this")
    await see(ada, "They get a message from me")
    ada.fill("Colleague", "grace")
    await ada.submit()
    waits = "SELECT count(*) FROM outbox WHERE error = 'missing_scope' AND attempts > 2"
    await soon(lambda: ask(a_world, waits) == [(1,)])
    assert not any("takes no message" in line for line in thread(mira))
    assert (await a_world.slack.install(ACME.id, ada.user.id)).ok
    await told(grace, "asks you to create an access token")
    a_world.slack.breaches.clear()  # of the calls without the permission
