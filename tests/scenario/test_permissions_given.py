"""An installation may get fewer permissions than the app asks for."""

from tests.scenario.oauth import begin, decide, visit
from tests.support.world import APP_URL, World


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
