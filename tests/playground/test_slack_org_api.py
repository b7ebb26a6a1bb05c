"""The Web API with an org's token: what it reaches, and which calls must name a workspace."""

from typing import Any

import pytest

from playground.slack.model import Channel
from tests.globex import ASIA, ASIA_GENERAL, EUROPE, EUROPE_GENERAL, GLOBEX, INES, JUN
from tests.playground.orgs import BOTH, globex, org
from tests.playground.slack_app import Bench
from tests.playground.slack_blocks import home, modal, section, text_input

Json = dict[str, Any]
ACME, ADA = "T0ACME00001", "U0ACMEADA01"


async def call(slack: Bench, method: str, /, **args: Any) -> Json:
    return await slack.call(method, token=org(slack).token, **args)


@pytest.mark.parametrize("method", ["users.list", "conversations.list", "team.info"])
async def test_methods_that_need_a_workspace(method: str) -> None:
    name = "team" if method == "team.info" else "team_id"
    async with globex(EUROPE.id) as slack:
        missing = await call(slack, method)
        assert missing["error"] == "missing_argument"
        refused = [await call(slack, method, **{name: team}) for team in (ASIA.id, ACME, GLOBEX.id)]
        errors = [answer["error"] for answer in refused]
        assert errors == ["team_access_not_granted", "team_not_found", "team_not_found"]
        assert slack.breaches() == ["missing_argument", *errors]
        assert (await call(slack, method, **{name: EUROPE.id}))["ok"]


async def test_a_workspace_token_ignores_team_id(slack: Bench) -> None:
    everybody = await slack.call("users.list")
    assert everybody["members"] == (await slack.call("users.list", team_id=ASIA.id))["members"]
    names = [m["name"] for m in everybody["members"]]
    assert names == ["ada", "grace", "linus", "small"]
    refused = await slack.call("conversations.list")
    assert (refused["error"], refused["needed"]) == ("missing_scope", "channels:read")
    assert (await slack.call("auth.teams.list"))["teams"] == [{"id": ACME, "name": "Acme"}]


async def test_lists_of_one_workspace() -> None:
    async with globex(*BOTH) as slack:
        people = await call(slack, "users.list", team_id=ASIA.id)
        assert [m["name"] for m in people["members"]] == ["hank", "ines", "jun"]
        channels = await call(slack, "conversations.list", team_id=ASIA.id)
        assert [c["id"] for c in channels["channels"]] == [ASIA_GENERAL]
        slack.world.channels[ASIA_GENERAL].is_archived = True
        slack.world.add(Channel("G0SECRET", ASIA.id, "secret", is_private=True))
        only_open = await call(slack, "conversations.list", team_id=ASIA.id, exclude_archived=True)
        assert only_open["channels"] == []
        strange = await call(slack, "conversations.list", team_id=ASIA.id, types="mpim")
        hidden = await call(slack, "conversations.list", team_id=ASIA.id, types="im")
        assert (strange["error"], hidden["needed"]) == ("invalid_types", "im:read")


async def test_teams_of_a_token_come_in_pages() -> None:
    async with globex(*BOTH) as slack:
        first = await call(slack, "auth.teams.list", limit=1)
        cursor = first["response_metadata"]["next_cursor"]
        second = await call(slack, "auth.teams.list", limit=1, cursor=cursor)
        assert [t["id"] for t in first["teams"] + second["teams"]] == [*BOTH]
        assert second["response_metadata"]["next_cursor"] == ""
        for wrong in ({"limit": 0}, {"cursor": "bm9uZQ=="}):
            assert (await call(slack, "auth.teams.list", **wrong))["error"].startswith("invalid_")


async def test_channels_and_people_need_no_team_id() -> None:
    async with globex(EUROPE.id) as slack:
        for where in (EUROPE_GENERAL, INES):
            assert (await call(slack, "chat.postMessage", channel=where, text="Hi"))["ok"]
        assert (await call(slack, "conversations.open", users=INES))["ok"]
        info = (await call(slack, "conversations.info", channel=EUROPE_GENERAL))["channel"]
        assert info["context_team_id"] == EUROPE.id
        assert (await call(slack, "views.publish", user_id=INES, view=home(section("Hi"))))["ok"]
        slack.world.breach_free()
        bot = org(slack).bot_user_id
        assert (await call(slack, "conversations.open", users=bot))["error"] == "cannot_dm_bot"


async def test_workspace_that_was_not_granted() -> None:
    async with globex(EUROPE.id) as slack:
        answers = [
            await call(slack, "chat.postMessage", channel=ASIA_GENERAL, text="Hi"),
            await call(slack, "chat.postMessage", channel=JUN, text="Hi"),
            await call(slack, "conversations.open", users=JUN),
            await call(slack, "conversations.info", channel=ASIA_GENERAL),
            await call(slack, "users.info", user=JUN),
            await call(slack, "views.publish", user_id=JUN, view=home(section("Hi"))),
        ]
        errors = [answer["error"] for answer in answers]
        assert errors == ["team_access_not_granted"] * 6
        assert slack.breaches() == errors


async def test_what_belongs_to_somebody_else_is_a_breach() -> None:
    async with globex(*BOTH) as slack:
        answers = [
            await call(slack, "chat.postMessage", channel="C0ACMEGENRL", text="Hi"),
            await call(slack, "chat.postMessage", channel=ADA, text="Hi"),
            await call(slack, "users.info", user=ADA),
        ]
        errors = [answer["error"] for answer in answers]
        assert errors == ["channel_not_found", "channel_not_found", "user_not_found"]
        assert slack.breaches() == errors
        nobody = await call(slack, "users.info", user="U0NOBODY000")
        assert nobody["error"] == "user_not_found"
        assert slack.breaches() == errors


async def test_people_of_an_org() -> None:
    async with globex(*BOTH) as slack:
        user = (await call(slack, "users.info", user=INES))["user"]
        assert user["team_id"] == EUROPE.id
        assert user["enterprise_user"] == {
            "id": INES,
            "enterprise_id": GLOBEX.id,
            "enterprise_name": "Globex",
            "is_admin": False,
            "is_owner": False,
            "teams": [EUROPE.id, ASIA.id],
        }
        acme = await slack.call("users.info", user=ADA)
        assert "enterprise_user" not in acme["user"]


async def test_trigger_of_somebody_else() -> None:
    async with globex(EUROPE.id) as slack:
        triggers: list[str] = []

        @slack.app.command("/small")
        async def keep(ack: Any, body: Any) -> None:
            triggers.append(body["trigger_id"])
            await ack()

        await slack.ada.command("/small")
        await slack.world.person("ines").command("/small")
        view = modal(text_input("Name", "name"))
        foreign = await call(slack, "views.open", trigger_id=triggers[0], view=view)
        assert foreign["error"] == "invalid_trigger_id"
        opened = await call(slack, "views.open", trigger_id=triggers[1], view=view)
        assert opened["view"]["app_installed_team_id"] == GLOBEX.id
        other = await slack.call("views.update", view_id=opened["view"]["id"], view=view)
        assert other["error"] == "not_found"
