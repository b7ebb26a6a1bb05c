"""What Slack answers to an installation, and should not: the person can always try again."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from playground.sample import ACME
from tests.scenario.database import ask
from tests.scenario.looking import rows
from tests.scenario.oauth import begin, decide, visit
from tests.scenario.story import told
from tests.support.template import sqlite_url
from tests.support.world import World, world

Change = Callable[[dict[str, Any]], bytes]
ACCESS = "/api/oauth.v2.access"


class Changing:
    """Changes the next answer of one method, as something between Slack and us might."""

    def __init__(self) -> None:
        self.change: Change | None = None

    def around(self, app: Any) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            if scope.get("path") != ACCESS or self.change is None:
                await app(scope, receive, send)
                return
            change, self.change = self.change, None
            said: list[Any] = []

            async def keep(message: Any) -> None:
                said.append(message)

            await app(scope, receive, keep)
            body = change(json.loads(b"".join(each.get("body", b"") for each in said)))
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return answer


@pytest.fixture
def slacks() -> Changing:
    return Changing()


@pytest.fixture
async def a_slack(tmp_path: Path, slacks: Changing) -> AsyncIterator[World]:
    async with world(sqlite_url(tmp_path), between=slacks.around) as made:
        await made.start_bot()
        yield made
        await made.stop_bot()


def given(**changed: Any) -> Change:
    return lambda said: json.dumps({**said, **changed}).encode()


UNUSABLE: dict[str, Change] = {
    "a list": lambda _: b"[1]",
    "a number": lambda _: b"1",
    "null": lambda _: b"null",
    "no JSON": lambda _: b"{",
    "nothing": lambda _: b"",
    "another encoding": lambda _: b'{"ok": true, "x": "\xff"}',
    "lists in lists": lambda _: b"[" * 100_000,
    "objects in objects": lambda _: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a team that is a text": given(team="T1"),
    "a team that is a list": given(team=["T1"]),
    "no team": given(team=None),
    "a team id that is a number": given(team={"id": 5, "name": "x"}),
    "a team id that is a list": given(team={"id": ["T1"], "name": "x"}),
    "a team id with NUL": given(team={"id": "T\0", "name": "x"}),
    "half a surrogate in a team id": given(team={"id": "\ud800", "name": "x"}),
    "scopes that are a list": given(scope=["commands"]),
    "a person that is a text": given(authed_user="U1"),
    "a person whose id is an object": given(authed_user={"id": {"x": 1}}),
    "an organisation that is a text": given(enterprise="E1"),
    "an app that is a number": given(app_id=5),
    "a token that is a number": given(access_token=5),
    "a token of a person": given(token_type="user"),
    "a token in two lines": given(access_token="xoxb-1\n2"),
    "an end that is a text": given(expires_in="43200"),
}


@pytest.mark.parametrize("name", UNUSABLE)
async def test_an_answer_that_cannot_be_used_is_said_and_the_next_try_succeeds(
    a_slack: World, slacks: Changing, name: str
) -> None:
    ada = a_slack.person("ada")
    slacks.change = UNUSABLE[name]
    failed = await a_slack.slack.install(ACME.id, ada.user.id)
    assert failed.status == 502
    assert "Slack did not finish" in failed.page
    assert "Start again</a>" in failed.page
    assert rows(a_slack, "installations") == 0
    assert (await a_slack.slack.install(ACME.id, ada.user.id)).ok
    await told(ada, "/segment")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("A\0cm\x1be", "Acme"),
        ("\ud800Acme", "Acme"),
        (5, ACME.id),  # nobody can see it
        ("Açme 👩\u200d🔬", "Açme 👩\u200d🔬"),
    ],
)
async def test_names_lose_what_no_database_takes(
    a_slack: World, slacks: Changing, sent: object, kept: str
) -> None:
    ada = a_slack.person("ada")
    slacks.change = given(team={"id": ACME.id, "name": sent})
    installed = await a_slack.slack.install(ACME.id, ada.user.id)
    assert installed.ok
    assert f"Go back to Slack ({kept}) and type" in installed.page
    await told(ada, "/segment")
    assert ask(a_slack, "SELECT team_name FROM installations") == [(kept,)]


async def test_of_two_tabs_the_first_says_why_it_cannot_be_finished(empty_world: World) -> None:
    ada = empty_world.person("ada")
    first, second = await begin(empty_world), await begin(empty_world)
    page = await visit(empty_world, await decide(empty_world, first, ada.user.id))
    assert page.status_code == 400
    assert "or its link was opened once more since" in page.text
    page = await visit(empty_world, await decide(empty_world, second, ada.user.id))
    assert page.status_code == 200
    assert rows(empty_world, "installations") == 1
