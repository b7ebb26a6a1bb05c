"""What an app hears about people of an org, and forged payloads."""

from typing import Any

import pytest

from playground.slack.typing_in import NotVisible
from tests.forging import ABSENT, changed, send, template
from tests.globex import ASIA, ASIA_GENERAL, EUROPE, GLOBEX, INES, JUN
from tests.playground.orgs import BOTH, globex, org, take
from tests.playground.slack_app import Bench
from tests.playground.slack_blocks import actions, button, home, modal, plain, text_input

Json = dict[str, Any]
IN_ORG = {"enterprise_id": GLOBEX.id, "enterprise_name": "Globex"}
ORG = {"id": GLOBEX.id, "name": "Globex"}


def listen(slack: Bench) -> list[Json]:
    """`/small` opens a modal. Everything that comes is noted."""
    bodies: list[Json] = []
    search = {"type": "external_select", "action_id": "search", "placeholder": plain("Find")}

    @slack.app.command("/small")
    async def command(ack: Any, body: Any, client: Any) -> None:
        bodies.append(body)
        view = modal(text_input("Name", "name"), actions(button("More", "more"), search))
        view["callback_id"] = "form"
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    async def note(ack: Any, body: Any) -> None:
        bodies.append(body)
        await ack()

    slack.app.action("more")(note)
    slack.app.view("form")(note)
    slack.app.shortcut("small")(note)
    slack.app.shortcut("about")(note)

    @slack.app.options("search")
    async def found(ack: Any, body: Any) -> None:
        bodies.append(body)
        await ack(options=[])

    return bodies


async def walk(slack: Bench, name: str) -> list[Json]:
    """A command, a search, a press, a submission and both shortcuts, and what came of them."""
    person, bodies = slack.world.person(name), listen(slack)
    await person.command("/small")
    await person.search("search", "thing")
    await person.click("More")
    person.fill("Name", "N")
    await person.submit()
    await person.shortcut("small")
    await person.shortcut("about", await person.say("general", "Look"))
    slack.world.breach_free()
    assert [b.get("type") for b in bodies[1:]] == [
        "block_suggestion",
        "block_actions",
        "view_submission",
        "shortcut",
        "message_action",
    ]
    return bodies


async def test_org_wide_installation() -> None:
    async with globex(*BOTH) as slack:
        command, search, *interactions = await walk(slack, "jun")
        assert (command["team_id"], command["team_domain"]) == (ASIA.id, "globex-asia")
        assert (command["enterprise_id"], command["enterprise_name"]) == (GLOBEX.id, "Globex")
        assert command["is_enterprise_install"] == "true"
        for body in interactions:
            assert (body["team"], body["enterprise"]) == (None, ORG)
            assert body["is_enterprise_install"] is True
            assert body["user"]["team_id"] == ASIA.id
        assert search["team"] == {"id": ASIA.id, "domain": ASIA.domain} | IN_ORG
        assert (search["user"]["team_id"], search["enterprise"]) == (GLOBEX.id, ORG)
        assert search["is_enterprise_install"] is True
        for body in (search, *interactions[:2]):
            assert body["view"]["team_id"] == ASIA.id
            assert body["view"]["app_installed_team_id"] == GLOBEX.id


async def test_installation_in_one_workspace_of_an_org() -> None:
    async with globex(installed=False) as slack:
        slack.world.seed_installation(ASIA.id, JUN)
        command, search, *interactions = await walk(slack, "jun")
        assert (command["team_id"], command["enterprise_id"]) == (ASIA.id, GLOBEX.id)
        assert command["is_enterprise_install"] == "false"
        assert search["user"]["team_id"] == GLOBEX.id
        for body in (search, *interactions):
            assert body["team"] == {"id": ASIA.id, "domain": ASIA.domain} | IN_ORG
            assert (body["enterprise"], body["is_enterprise_install"]) == (ORG, False)
        for body in interactions[:2]:
            assert body["view"]["app_installed_team_id"] == ASIA.id


async def test_workspace_without_an_org_says_nothing_of_one(slack: Bench) -> None:
    command, *interactions = await walk(slack, "ada")
    assert "enterprise_id" not in command
    for body in interactions:
        assert body["enterprise"] is None
        assert body["team"] == {"id": "T0ACME00001", "domain": "acme"}
        assert body["user"]["team_id"] == "T0ACME00001"


async def test_events_of_an_org_wide_installation() -> None:
    async with globex(*BOTH) as slack:
        told = take(slack, "app_home_opened", "message")
        await slack.world.person("jun").open_home()
        await slack.world.person("jun").say(None, "Hello")
        for body in told:
            assert (body["team_id"], body["context_team_id"]) == (ASIA.id, ASIA.id)
            assert (body["enterprise_id"], body["context_enterprise_id"]) == (GLOBEX.id, GLOBEX.id)
            assert body["authorizations"] == [
                {
                    "enterprise_id": GLOBEX.id,
                    "team_id": None,
                    "user_id": org(slack).bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": True,
                }
            ]
        assert [b["event"]["type"] for b in told] == ["app_home_opened", "message"]


async def test_events_of_an_installation_in_one_workspace_of_an_org() -> None:
    async with globex(installed=False) as slack:
        slack.world.seed_installation(ASIA.id, JUN)
        told = take(slack, "app_home_opened")
        await slack.world.person("jun").open_home()
        (body,) = told
        assert (body["team_id"], body["enterprise_id"]) == (ASIA.id, GLOBEX.id)
        (authorization,) = body["authorizations"]
        assert (authorization["team_id"], authorization["enterprise_id"]) == (ASIA.id, GLOBEX.id)
        assert authorization["is_enterprise_install"] is False


async def test_somebody_in_each_of_their_workspaces() -> None:
    async with globex(*BOTH) as slack:
        bodies, told = listen(slack), take(slack, "app_home_opened", "message")
        at_home, abroad = slack.world.person("ines"), slack.world.person("ines", ASIA.id)
        for person in (at_home, abroad):
            await person.command("/small", "general")
            await person.close()
            await person.open_home()
            await person.say(None, "Hello")
        assert [b["team_id"] for b in bodies] == [EUROPE.id, ASIA.id]
        assert bodies[1]["channel_id"] == ASIA_GENERAL
        assert [b["team_id"] for b in told] == [EUROPE.id, EUROPE.id, ASIA.id, ASIA.id]
        assert {b["user_id"] for b in bodies} == {INES}
        # One org has one conversation with its app, in all workspaces.
        for person in (at_home, abroad):
            assert [m.text for m in person.messages()] == ["Hello", "Hello"]
        assert slack.world.users[INES].team_id == EUROPE.id
        with pytest.raises(NotVisible, match="no member"):
            slack.world.person("jun", EUROPE.id)


async def test_home_of_an_org_wide_app_is_the_same_everywhere() -> None:
    async with globex(*BOTH) as slack:
        bodies = listen(slack)
        view = home(actions(button("More", "more")))
        await slack.call("views.publish", token=org(slack).token, user_id=INES, view=view)
        abroad = slack.world.person("ines", ASIA.id)
        abroad.home_shown = True
        await abroad.click("More")
        (body,) = bodies
        assert body["user"]["team_id"] == ASIA.id
        assert body["view"]["team_id"] == EUROPE.id
        assert body["view"]["app_installed_team_id"] == GLOBEX.id


async def test_two_installations_in_two_workspaces_are_two_apps() -> None:
    async with globex(installed=False) as slack:
        view = home(actions(button("More", "more")))
        for team_id in BOTH:
            admin = JUN if team_id == ASIA.id else "U0GLOBEXHNK"
            token = slack.world.seed_installation(team_id, admin).token
            await slack.call("chat.postMessage", token=token, channel=INES, text=team_id)
        await slack.call("views.publish", token=token, user_id=INES, view=view)
        at_home, abroad = slack.world.person("ines"), slack.world.person("ines", ASIA.id)
        assert [m.text for m in at_home.messages()] == [EUROPE.id]
        assert [m.text for m in abroad.messages()] == [ASIA.id]
        assert (at_home.home, abroad.home is None) == (None, False)
        slack.world.breach_free()


async def test_payloads_that_contradict_themselves() -> None:
    async with globex(*BOTH) as slack:
        bodies = await walk(slack, "jun")
        told = take(slack, "app_home_opened")
        await slack.world.person("jun").open_home()
        submission = template(slack.world, "view_submission")
        assert submission["trigger_id"] != bodies[3]["trigger_id"]
        stranger = {"id": "E0INITECH01", "name": "Initech"}
        foreign = changed(submission, {"enterprise": stranger, "view.team_id": EUROPE.id})
        foreign |= {"is_enterprise_install": False, "team": {"id": EUROPE.id, "domain": "x"}}
        foreign["view"]["app_installed_team_id"] = EUROPE.id
        slack.world.seed_installation(EUROPE.id, "U0GLOBEXHNK")
        assert (await send(slack.world, foreign)).ok
        assert bodies[-1] == foreign
        command = changed(template(slack.world, "/small"), {"team_id": EUROPE.id})
        assert (await send(slack.world, command)).ok
        assert bodies[-1]["team_id"] == EUROPE.id
        event = template(slack.world, "app_home_opened")
        assert event["event_id"] != told[0]["event_id"]
        event = changed(event, {"team_id": ABSENT, "authorizations.0.enterprise_id": "E0NOBODY"})
        event["authorizations"][0]["is_enterprise_install"] = False
        event["authorizations"][0]["team_id"] = EUROPE.id
        assert (await send(slack.world, event)).ok
        assert "team_id" not in told[-1]
