"""Files are announced, uploaded once and completed once. Only then can people see them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from playground.slack.model import Channel
from tests.playground.slack_app import Bench, bench, manifest

PNG = b"\x89PNG and more"
TEAM, CHANNEL, ADA = "T0ACME00001", "C0ACMEGENRL", "U0ACMEADA01"


@pytest.fixture
async def slack() -> AsyncIterator[Bench]:
    """An app in #general that may share files if an admin has allowed it."""
    declared = manifest()
    declared["oauth_config"]["scopes"]["bot_optional"] = ["files:write"]
    async with bench(declared) as made:
        made.world.invite_app(CHANNEL)
        yield made


async def announce(slack: Bench, length: int = len(PNG)) -> Any:
    return await slack.call(
        "files.getUploadURLExternal", filename="a.png", length=length, alt_txt="What it shows"
    )


async def complete(slack: Bench, file_id: str, **more: Any) -> Any:
    files = json.dumps([{"id": file_id, "title": "A picture"}])
    return await slack.call("files.completeUploadExternal", files=files, **more)


def errors(slack: Bench) -> list[str]:
    return [breach.error for breach in slack.world.breaches]


async def test_a_picture_is_shared_with_its_words(slack: Bench) -> None:
    announced = await announce(slack)
    assert (await slack.http.post(announced["upload_url"], content=PNG)).status_code == 200
    done = await complete(slack, announced["file_id"], channel_id=CHANNEL, initial_comment="Look")
    assert done["files"] == [{"id": announced["file_id"], "title": "A picture"}]
    (message,) = [m for m in slack.world.core.state.messages if m.files]
    file = slack.world.core.state.files[message.files[0]]
    assert (message.channel, message.text) == (CHANNEL, "Look")
    assert (file.content, file.alt_text, file.title) == (PNG, "What it shows", "A picture")
    slack.world.breach_free()
    again = await complete(slack, announced["file_id"], channel_id=CHANNEL)
    assert again["error"] == "invalid_arguments"


async def test_without_the_permission_there_is_no_address(slack: Bench) -> None:
    slack.world.installations[TEAM].scopes.remove("files:write")
    refused = await announce(slack)
    assert (refused["error"], refused["needed"]) == ("missing_scope", "files:write")


async def test_what_was_announced_comes_once_and_whole(slack: Bench) -> None:
    announced = await announce(slack)
    assert (await complete(slack, announced["file_id"]))["error"] == "file_not_found"
    short = await slack.http.post(announced["upload_url"], content=PNG[:3])
    assert short.status_code == 400
    assert (await slack.http.post(announced["upload_url"], content=PNG)).status_code == 200
    assert (await slack.http.post(announced["upload_url"], content=PNG)).status_code == 400
    nowhere = await slack.http.post(f"{slack.address}/upload/v1/none", content=PNG)
    assert nowhere.status_code == 404
    assert errors(slack) == ["file_not_found", "wrong_length", "uploaded_twice", "not_found"]
    assert (await complete(slack, announced["file_id"]))["ok"]


async def test_where_the_app_is_not_it_shares_nothing(slack: Bench) -> None:
    slack.world.add(Channel("C0ELSEWHERE", TEAM, "elsewhere", members=[ADA]))
    announced = await announce(slack)
    await slack.http.post(announced["upload_url"], content=PNG)
    refused = await complete(slack, announced["file_id"], channel_id="C0ELSEWHERE")
    assert refused["error"] == "not_in_channel"
    assert not [m for m in slack.world.core.state.messages if m.files]
    assert (await complete(slack, announced["file_id"], channel_id=CHANNEL))["ok"]


@pytest.mark.parametrize("files", ["no json", "[]", '[{"title": "x"}]', '"F1"'])
async def test_which_files_must_be_said(slack: Bench, files: str) -> None:
    answer = await slack.call("files.completeUploadExternal", files=files)
    assert answer["error"] == "invalid_arguments"
    assert (await announce(slack, 0))["error"] == "invalid_arguments"
    assert (await announce(slack))["ok"]


async def test_what_was_completed_is_kept(slack: Bench) -> None:
    announced = await announce(slack)
    await slack.http.post(announced["upload_url"], content=PNG)
    await complete(slack, announced["file_id"], channel_id=CHANNEL)
    saved = json.loads(json.dumps(slack.world.snapshot()))
    slack.world.restore(saved)
    assert slack.world.core.state.files[announced["file_id"]].content == PNG
