"""Which message events are a person's own, by what they mean, and whether a secret is in them."""

from typing import Any

import pytest

from bot.inbound.events import received_event
from bot.inbound.payloads import read_json
from tests.support.fake_segment import made_up_token

Event = dict[str, Any]
BY_ADA: Event = {"type": "message", "user": "U1", "text": "hello", "team": "T1", "channel": "D1"}
BY_APP: Event = {**BY_ADA, "user": "U0APP", "bot_id": "B1"}


def with_text(text: str) -> Event:
    return {**BY_ADA, "text": text}


def with_file(**about: str) -> Event:
    return {**BY_ADA, "subtype": "file_share", "text": "", "files": [{"id": "F1", **about}]}


def edit(before: Event, after: Event) -> Event:
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": "D1",
        "message": {**after, "edited": {"user": after.get("user"), "ts": "2.1"}},
        "previous_message": before,
    }


def spoken(text: str) -> dict[str, Event]:
    """Each way in which a person can say this."""
    return {
        "a message": with_text(text),
        "a file beside a text": {**with_file(name="a.png"), "text": text},
        "a file’s title": with_file(title=text),
        "a file’s name": with_file(name=text),
        "a snippet": with_file(name="a.txt", preview=text),
        "also sent to the channel": {**with_text(text), "subtype": "thread_broadcast"},
        "/me": {**with_text(text), "subtype": "me_message"},
        "a shared message": {**BY_ADA, "attachments": [{"text": text}]},
        "an edit": edit(BY_ADA, with_text(text)),
        "an edit of /me": edit(BY_ADA, {**with_text(text), "subtype": "me_message"}),
        "a file added later": edit(BY_ADA, {**BY_ADA, "files": [{"id": "F1", "title": text}]}),
    }


IGNORED = {
    "the app’s post": BY_APP,
    "the app’s edit": edit(BY_APP, {**BY_APP, "text": "hello again"}),
    "an older app’s post": {**BY_ADA, "subtype": "bot_message", "bot_id": "B1"},
    "a link’s preview": edit(BY_ADA, {**BY_ADA, "reply_count": 1}),
    "a deleted message": {**BY_ADA, "subtype": "message_deleted", "previous_message": BY_ADA},
    "somebody joined": {**BY_ADA, "subtype": "channel_join"},
    "a new topic": {**BY_ADA, "subtype": "channel_topic"},
    "a subtype of tomorrow": {**BY_ADA, "subtype": "hologram"},
    "nobody": {"type": "message", "text": "hello"},
    "an edit of nobody’s": edit({}, {}),
}


def received(event: Event) -> Any:
    return received_event({"event_id": "Ev1", "event": event}, "T1")


@pytest.mark.parametrize("way", spoken(""))
def test_a_secret_is_seen_in_whatever_way_it_is_said(way: str) -> None:
    found = received(spoken(f"it is {made_up_token('open')} here")[way])
    assert (found.user_id, found.holds_secret) == ("U1", True)
    harmless = received(spoken("good morning")[way])
    assert (harmless.user_id, harmless.holds_secret) == ("U1", False)


@pytest.mark.parametrize("name", IGNORED)
def test_what_no_person_said_is_ignored(name: str) -> None:
    assert received(IGNORED[name]) is None


SEEN = {
    "Tom &amp; Ann: a &lt; b": "Tom & Ann: a < b",
    "see <https://acme.example/a|our page>": "see our page",
    "see <https://acme.example/a>": "see https://acme.example/a",
    "ask <@U0ADA00001> in <#C1|general>": "ask @… in general",
    "  two\nlines  ": "two\nlines",
    "x" * 2000: "x" * 2000,
    "x" * 2001: "",
    "": "",
}


@pytest.mark.parametrize("typed", SEEN)
def test_what_is_typed_is_kept_as_its_writer_sees_it(typed: str) -> None:
    assert received(with_text(typed)).text == SEEN[typed]


@pytest.mark.parametrize("way", spoken(""))
def test_nothing_is_kept_of_a_text_with_a_secret(way: str) -> None:
    assert received(spoken(f"it is {made_up_token('open')} here")[way]).text == ""


@pytest.mark.parametrize("half", ["\\ud800", "\\uDC00 x", "\\ude00\\ud83d,"])
def test_half_a_pair_of_surrogates_can_be_stored(half: str) -> None:
    text = read_json(f'{{"text": "{half} and \\ud83d\\ude00"}}')["text"]
    assert text.encode()
    assert text.startswith("?")
    assert text.endswith("and \U0001f600")
