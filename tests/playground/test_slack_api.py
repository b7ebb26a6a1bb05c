"""The Web API: tokens, scopes, arguments, and each method's refusals."""

from typing import Any

import pytest

from playground.slack.ids import new_token
from playground.slack.model import Channel
from tests.playground.slack_app import SCOPES, Bench, bench, manifest
from tests.playground.slack_blocks import button, home, modal, section, text_input

Json = dict[str, Any]
ADA = "U0ACMEADA01"


async def test_tokens(slack: Bench) -> None:
    assert (await slack.call("auth.test", token=""))["error"] == "not_authed"
    assert (await slack.call("auth.test", token=new_token()))["error"] == "invalid_auth"
    me = await slack.call("auth.test")
    installation = slack.world.installations["T0ACME00001"]
    assert me["bot_id"] == installation.bot_id
    assert me["user_id"] == installation.bot_user_id
    token = installation.token
    form = await slack.http.post(f"{slack.address}/api/auth.test", data={"token": token})
    in_json = await slack.http.post(f"{slack.address}/api/auth.test", json={"token": token})
    in_url = await slack.http.get(f"{slack.address}/api/auth.test", params={"token": token})
    assert form.json()["ok"]
    assert (in_json.json()["error"], in_url.json()["error"]) == ("not_authed", "not_authed")


async def test_unknown_method_and_bad_bodies(slack: Bench) -> None:
    url = f"{slack.address}/api/chat.postMessage"
    kinds = {"application/json": b"{", "text/plain": b"a"}
    answers = [
        (await slack.http.post(url, content=b, headers={"content-type": k})).json()["error"]
        for k, b in kinds.items()
    ]
    assert answers == ["invalid_json", "invalid_post_type"]
    assert (await slack.http.post(url, json=[])).json()["error"] == "json_not_object"
    assert (await slack.call("chat.shout"))["error"] == "unknown_method"


async def test_scopes_of_manifest_and_installation(slack: Bench) -> None:
    for method, needed in (("team.info", "team:read"),):
        answer = await slack.call(method)
        assert answer["error"] == "missing_scope"
        assert answer["needed"] == needed
        assert answer["provided"] == ",".join(SCOPES)
    slack.world.installations["T0ACME00001"].scopes.remove("chat:write")
    refused = await slack.call("chat.postMessage", channel=ADA, text="Hi")
    assert refused["error"] == "missing_scope"
    assert slack.breaches() == ["missing_scope", "missing_scope"]


async def test_arguments(slack: Bench) -> None:
    missing = await slack.call("chat.postMessage", text="Hi")
    assert missing["error"] == "invalid_arguments"
    messages = missing["response_metadata"]["messages"]
    assert messages == ["missing required field: channel"]
    await slack.call("chat.postMessage", channel=ADA, text="Hi", colour="red")
    assert slack.breaches() == ["invalid_arguments", "superfluous_argument"]


async def test_form_with_blocks(slack: Bench) -> None:
    url = f"{slack.address}/api/chat.postMessage"
    token = slack.world.installations["T0ACME00001"].token
    form = {"token": token, "channel": ADA, "text": "Hi", "blocks": '[{"type":"divider"}]'}
    assert (await slack.http.post(url, data=form)).json()["ok"]
    broken = (await slack.http.post(url, data=form | {"blocks": "[{"})).json()
    assert broken["error"] == "invalid_blocks_format"


async def test_post_message(slack: Bench) -> None:
    sent = await slack.call("chat.postMessage", channel=ADA, text="Hi", blocks=[section("Hello")])
    assert sent["channel"].startswith("D")
    assert sent["message"]["blocks"][0]["block_id"]
    replied = await slack.call(
        "chat.postMessage", channel=sent["channel"], text="More", thread_ts=sent["ts"]
    )
    assert replied["message"]["thread_ts"] == sent["ts"]
    assert [m.visible_text for m in slack.ada.messages()] == ["Hello", "More"]
    assert slack.world.person("grace").messages() == []
    slack.world.breach_free()


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "C0NOWHERE00", "text": "Hi"}, "channel_not_found"),
        ({"channel": "C0TOPLCUSTS", "text": "Hi"}, "channel_not_found"),
        ({"channel": "U0TOPLMIRA1", "text": "Hi"}, "channel_not_found"),
        ({"channel": "C0ACMEGENRL", "text": "Hi"}, "not_in_channel"),
        ({"channel": ADA}, "no_text"),
        ({"channel": ADA, "text": "  "}, "no_text"),
        ({"channel": ADA, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": ADA, "text": "Hi", "blocks": [{"type": "divide"}]}, "invalid_blocks"),
        ({"channel": ADA, "text": "Hi", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": ADA, "text": "Hi", "attachments": [{}]}, "invalid_attachments"),
        ({"channel": ADA, "text": "Hi", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ({"channel": ADA, "text": "Hi", "thread_ts": "1.2"}, "thread_not_found"),
        ({"channel": ADA, "text": "Hi", "username": "Boss"}, "missing_scope"),
        ({"channel": ADA, "text": 7}, "invalid_arguments"),
    ],
)
async def test_refused_messages(slack: Bench, args: Json, error: str) -> None:
    assert (await slack.call("chat.postMessage", **args))["error"] == error
    assert slack.ada.messages() == []


async def test_channels_that_the_app_cannot_write_to(slack: Bench) -> None:
    general = slack.world.channels["C0ACMEGENRL"]
    slack.world.invite_app(general.id)
    assert (await slack.call("chat.postMessage", channel=general.id, text="Hi"))["ok"]
    general.is_archived = True
    archived = await slack.call("chat.postMessage", channel=general.id, text="Hi")
    assert archived["error"] == "is_archived"
    slack.world.add(Channel("G0SECRET", "T0ACME00001", "secret", is_private=True))
    hidden = await slack.call("chat.postMessage", channel="G0SECRET", text="Hi")
    assert hidden["error"] == "channel_not_found"
    slack.world.breach_free()


async def test_people_who_take_nothing_take_nothing_in_their_channel_either(slack: Bench) -> None:
    sent = await slack.call("chat.postMessage", channel=ADA, text="Hi")
    ada, where = slack.world.users[ADA], {"channel": sent["channel"], "text": "Hi"}
    for refusal in ("messages_tab_disabled", "is_inactive"):
        ada.refusal = refusal
        assert (await slack.call("chat.postMessage", **where))["error"] == refusal
    shut = await slack.call("chat.update", **where, ts=sent["ts"])
    assert shut["error"] == "is_inactive"
    ada.refusal, ada.deleted = "", True
    assert (await slack.call("chat.postMessage", **where))["error"] == "user_disabled"
    slack.world.breach_free()


async def test_text_that_is_missing_or_not_escaped_is_a_breach(slack: Bench) -> None:
    assert (await slack.call("chat.postMessage", channel=ADA, blocks=[section("Hi")]))["ok"]
    assert (await slack.call("chat.postMessage", channel=ADA, text="a <b", blocks=[]))["ok"]
    assert slack.breaches() == ["missing_text", "unescaped_text"]
    with pytest.raises(AssertionError, match="2 breaches"):
        slack.world.breach_free()


async def test_update_and_delete(slack: Bench) -> None:
    sent = await slack.call("chat.postMessage", channel=ADA, text="Hi", blocks=[section("Old")])
    where = {"channel": sent["channel"], "ts": sent["ts"]}
    await slack.call("chat.update", **where, text="New", blocks=[section("New")])
    (message,) = slack.ada.messages()
    assert (message.visible_text, message.is_edited) == ("New", True)
    await slack.call("chat.update", **where, text="Plain")
    too_long = await slack.call("chat.update", **where, text="ü" * 2_001)
    assert too_long["error"] == "msg_too_long"
    assert message.visible_text == "Plain"
    nowhere = await slack.call("chat.update", channel=sent["channel"], ts="1.2", text="x")
    by_user = await slack.call("chat.update", channel=ADA, ts=sent["ts"], text="x")
    assert (nowhere["error"], by_user["error"]) == ("message_not_found", "channel_not_found")
    said = await slack.ada.say(None, "mine")
    not_mine = await slack.call("chat.update", channel=said.channel, ts=said.ts, text="x")
    assert not_mine["error"] == "cant_update_message"
    assert (await slack.call("chat.delete", **where))["ok"]
    assert [m.text for m in slack.ada.messages()] == ["mine"]
    kept = await slack.call("chat.delete", channel=said.channel, ts=said.ts)
    assert kept["error"] == "cant_delete_message"


async def test_ephemeral(slack: Bench) -> None:
    slack.world.invite_app("C0ACMEGENRL")
    sent = await slack.call("chat.postEphemeral", channel="C0ACMEGENRL", user=ADA, text="Psst")
    assert [m.ts for m in slack.ada.messages("general")] == [sent["message_ts"]]
    assert slack.world.person("grace").messages("general") == []
    slack.world.channels["C0ACMEGENRL"].refusal = "restricted_action"
    shut = await slack.call("chat.postEphemeral", channel="C0ACMEGENRL", user=ADA, text="Psst")
    assert shut["error"] == "restricted_action"
    slack.world.channels["C0ACMEGENRL"].members.remove(ADA)
    outside = await slack.call("chat.postEphemeral", channel="C0ACMEGENRL", user=ADA, text="Psst")
    assert outside["error"] == "user_not_in_channel"
    update = await slack.call(
        "chat.update", channel="C0ACMEGENRL", ts=sent["message_ts"], text="Loud"
    )
    assert update["error"] == "message_not_found"


async def test_people_and_conversations(slack: Bench) -> None:
    plain = (await slack.call("users.info", user=ADA))["user"]
    with_locale = (await slack.call("users.info", user=ADA, include_locale=True))["user"]
    assert plain["tz"] == "America/New_York"
    assert plain["tz_offset"] in (-14400, -18000)
    assert (plain["is_bot"], plain["deleted"]) == (False, False)
    assert "locale" not in plain
    assert "email" not in plain["profile"]
    assert with_locale["locale"] == "en-US"
    foreign = await slack.call("users.info", user="U0TOPLMIRA1")
    assert foreign["error"] == "user_not_found"
    opened = await slack.call("conversations.open", users=ADA)
    again = await slack.call("conversations.open", users=ADA)
    assert opened == again
    bot = slack.world.installations["T0ACME00001"].bot_user_id
    assert (await slack.call("conversations.open", users=bot))["error"] == "cannot_dm_bot"
    info = await slack.call("conversations.info", channel="C0ACMEGENRL")
    assert (info["error"], info["needed"]) == ("missing_scope", "channels:read")


async def test_people_of_whom_slack_says_less(slack: Bench) -> None:
    unnamed = (await slack.call("users.info", user="U0ACMELINUS"))["user"]
    assert (unnamed["tz"], unnamed["tz_offset"]) == (None, 19800)
    slack.world.users[ADA].deleted = True
    left = (await slack.call("users.info", user=ADA))["user"]
    assert left["deleted"]
    assert left["profile"]["real_name"] == "Ada Okafor"
    assert not {"tz", "tz_offset", "is_admin", "is_restricted", "real_name"} & set(left)


async def test_history_of_a_direct_message_finds_metadata(slack: Bench) -> None:
    metadata = {"event_type": "sent", "event_payload": {"key": "k1"}}
    sent = await slack.call("chat.postMessage", channel=ADA, text="Hi", metadata=metadata)
    await slack.call("chat.postMessage", channel=ADA, text="Later")
    dm = sent["channel"]
    full = await slack.call("conversations.history", channel=dm, include_all_metadata=True)
    bare = await slack.call("conversations.history", channel=dm, limit=1)
    since = await slack.call("conversations.history", channel=dm, oldest=sent["ts"])
    assert [m.get("metadata") for m in full["messages"]] == [None, metadata]
    assert [m["text"] for m in bare["messages"]] == ["Later"]
    assert bare["has_more"] is True
    assert [m["text"] for m in since["messages"]] == ["Later"]


async def test_history_comes_in_pages(slack: Bench) -> None:
    sent = [await slack.call("chat.postMessage", channel=ADA, text=f"{n}") for n in range(5)]
    dm, texts, cursor, pages = sent[0]["channel"], [], "", 0
    while pages == 0 or cursor:
        page = await slack.call("conversations.history", channel=dm, limit=2, cursor=cursor)
        texts += [message["text"] for message in page["messages"]]
        cursor, pages = page.get("response_metadata", {}).get("next_cursor", ""), pages + 1
        assert page["has_more"] is bool(cursor)
    assert (texts, pages) == (["4", "3", "2", "1", "0"], 3)
    window = {"oldest": sent[1]["ts"], "latest": sent[3]["ts"]}
    between = await slack.call("conversations.history", channel=dm, **window)
    around = await slack.call("conversations.history", channel=dm, inclusive=True, **window)
    assert [m["text"] for m in between["messages"]] == ["2"]
    assert [m["text"] for m in around["messages"]] == ["3", "2", "1"]
    for wrong in ("three", "bmV4dA==", "bmV4dF90czp0d28="):
        refused = await slack.call("conversations.history", channel=dm, cursor=wrong)
        assert refused["error"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"event_type": "sent"}, "invalid_metadata_format"),
        ({"event_type": "sent", "event_payload": "k1"}, "invalid_metadata_format"),
        ({"event_type": "", "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "sent, twice", "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "sent", "event_payload": {"key": "k" * 8000}}, "metadata_too_large"),
    ],
)
async def test_refused_metadata(slack: Bench, metadata: Json, error: str) -> None:
    answer = await slack.call("chat.postMessage", channel=ADA, text="Hi", metadata=metadata)
    assert answer["error"] == error


async def test_permalinks(slack: Bench) -> None:
    sent = await slack.call("chat.postMessage", channel=ADA, text="Hi")
    where = {"channel": sent["channel"], "message_ts": sent["ts"]}
    link = (await slack.call("chat.getPermalink", **where))["permalink"]
    assert link.endswith(f"/archives/{sent['channel']}/p{sent['ts'].replace('.', '')}")
    where["message_ts"] = "1.2"
    assert (await slack.call("chat.getPermalink", **where))["error"] == "message_not_found"
    where["channel"] = "C0TOPLCUSTS"
    assert (await slack.call("chat.getPermalink", **where))["error"] == "channel_not_found"


async def test_home(slack: Bench) -> None:
    view = home(section("Hello", accessory=button("Go", "go")))
    published = await slack.call("views.publish", user_id=ADA, view=view)
    stale = await slack.call("views.publish", user_id=ADA, view=view, hash="0.0")
    nobody = await slack.call("views.publish", user_id="U0TOPLMIRA1", view=view)
    wrong = await slack.call("views.publish", user_id=ADA, view=modal(text_input("A", "a")))
    assert published["view"]["type"] == "home"
    assert stale["error"] == "hash_conflict"
    assert nobody["error"] == wrong["error"] == "invalid_arguments"
    assert slack.ada.home is not None
    assert (slack.ada.home.text, slack.ada.home.buttons) == ("Hello\nGo", ["Go"])


async def test_home_that_the_manifest_does_not_enable() -> None:
    declared = manifest()
    declared["features"]["app_home"]["home_tab_enabled"] = False
    declared["settings"]["event_subscriptions"]["bot_events"] = []
    async with bench(declared) as slack:
        refused = await slack.call("views.publish", user_id=ADA, view=home(section("Hi")))
        assert refused["error"] == "not_enabled"


async def test_view_too_large(slack: Bench) -> None:
    blocks = [section("é" * 1500, block_id=str(n)) for n in range(90)]
    refused = await slack.call("views.publish", user_id=ADA, view=home(*blocks))
    assert refused["error"] == "view_too_large"


async def test_strict_posting_rate() -> None:
    async with bench(strict_rate_limits=True) as slack:
        url = f"{slack.address}/api/chat.postMessage"
        headers = {"authorization": f"Bearer {slack.world.installations['T0ACME00001'].token}"}
        body = {"channel": ADA, "text": "Hi"}
        first = await slack.http.post(url, json=body, headers=headers)
        second = await slack.http.post(url, json=body, headers=headers)
        assert (first.status_code, second.status_code) == (200, 429)
        assert second.headers["retry-after"] == "1"


async def test_strict_rate_of_a_method() -> None:
    async with bench(strict_rate_limits=True) as slack:
        dm = (await slack.call("conversations.open", users=ADA))["channel"]["id"]
        assert (await slack.call("conversations.history", channel=dm))["ok"]
        assert (await slack.call("conversations.history", channel=dm))["error"] == "ratelimited"
        assert (await slack.call("auth.test"))["ok"]


async def test_strict_rates_differ_by_method() -> None:
    async with bench(strict_rate_limits=True) as slack:
        for method, user, most in (
            ("conversations.open", "users", 50),
            ("users.info", "user", 100),
        ):
            answers = [await slack.call(method, **{user: ADA}) for _ in range(most + 1)]
            assert [answer.get("error") for answer in answers] == [None] * most + ["ratelimited"]


async def test_history_arguments(slack: Bench) -> None:
    dm = (await slack.call("conversations.open", users=ADA))["channel"]["id"]
    for wrong in ({"limit": "many"}, {"oldest": []}, {"latest": "now"}):
        answer = await slack.call("conversations.history", channel=dm, **wrong)
        assert answer["error"] == "invalid_arguments"
    assert (await slack.call("conversations.history", channel=dm, limit=0))[
        "error"
    ] == "invalid_limit"


def test_manifest_problems() -> None:
    from playground.slack.manifest import Manifest

    declared = manifest()
    assert Manifest(declared, "http://app.example").problems() == []
    declared["oauth_config"]["scopes"]["bot"] = ["chat:write"]
    declared["features"]["slash_commands"][0]["command"] = "small"
    problems = Manifest(declared, "http://app.example").problems()
    assert "message.im needs the scope im:history" in problems
    assert "commands and shortcuts need the scope commands" in problems
    assert "small must start with /" in problems
