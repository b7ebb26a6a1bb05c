"""Secrets never have to enter Slack: a one-time page of our own, beside each secret's input."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flows.checks.run import CheckPolicy
from playground.segment.state import random_text
from playground.slack.person import Person
from tests.scenario.entry import OFFER, Browser, asks_for_page, browser, visible
from tests.scenario.hurried import restarted
from tests.scenario.logged import logged
from tests.scenario.looking import rows
from tests.scenario.story import SOURCES, TOKEN, choose_plan, minutes_pass, see, token, told
from tests.scenario.test_write_back import a_minute_passes, reach_offer, write_key
from tests.support.installed_world import installed_world
from tests.support.leaks import find_leaks
from tests.support.world import World


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


@pytest.fixture
def web(a_world: World) -> Browser:
    return browser(a_world)


async def test_the_token_never_enters_slack_and_the_window_goes_on_by_itself(
    log: io.StringIO, a_world: World, web: Browser, ada: Person, mira: Person
) -> None:
    await choose_plan(ada, "Business")
    await see(ada, TOKEN, OFFER)
    path = await asks_for_page(ada)
    good, wrong = token(a_world, "acme"), "sgp_" + random_text(64)
    for method in ("HEAD", "GET", "GET"):  # Slack looks at links by itself
        preview = await browser(a_world).opens(path, method)
        assert preview.status_code == 200
    page = await web.opens(path)
    assert "Enter your Segment access token" in visible(page)
    assert "Workspace Owner" in visible(page)
    assert "Is your Segment workspace in the EU? Then open eu1.app.segment.com." in visible(page)
    assert "given to nobody, never shown again" in visible(page)
    again = await web.types(page, wrong)
    assert "Segment does not accept this token" in visible(again)
    assert wrong not in again.text
    done = await web.types(again, f"  Bearer {good} ")
    assert done.status_code == 200
    assert "Segment has accepted the access token of Acme Inc" in visible(done)
    await see(ada, "Acme Inc", SOURCES)
    await told(mira, "Credentials verified", "#customers")
    later = await web.opens(path)
    assert later.status_code == 410
    assert "This link has been used" in visible(later)
    assert find_leaks(a_world, [good, wrong], log.getvalue()) == []
    sent_to_slack = "".join(f"{each.request!r}{each.answer!r}" for each in a_world.slack.traffic)
    assert good not in sent_to_slack
    assert path.removeprefix("/enter/") not in log.getvalue()
    assert rows_hold_nothing_of(a_world, path)


def rows_hold_nothing_of(world: World, path: str) -> bool:
    """The address is a secret too: it is stored as a hash."""
    secret = path.removeprefix("/enter/").encode()
    file = Path(world.database_url.removeprefix("sqlite:///"))
    return all(secret not in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


async def test_who_closed_the_window_gets_a_message(
    a_world: World, web: Browser, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    await ada.close(everything=True)
    await web.enters(path, token(a_world, "acme"))
    message = await told(ada, "Segment has accepted the access token of Acme Inc")
    await ada.click("Choose the sources", message=message)
    await see(ada, SOURCES)


async def test_segment_is_slow_and_the_window_shows_it(a_world: World, ada: Person) -> None:
    quick = CheckPolicy(deadline=0.3, longest=10.0, backoff=(0.3, 0.3, 0.3, 0.3))
    await restarted(a_world, quick)
    web = browser(a_world)
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    a_world.segment.set_weather("html")
    answer = await web.enters(path, token(a_world, "acme"))
    assert "What you entered is kept" in visible(answer)
    assert (await web.opens(path)).status_code == 410
    a_world.segment.set_weather("fine")
    await see(ada, SOURCES)


async def test_a_link_expires_and_says_so(a_world: World, web: Browser, ada: Person) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    page = await web.opens(path)
    await minutes_pass(a_world, 16)
    answer = await web.types(page, token(a_world, "acme"))
    assert answer.status_code == 410
    assert "This link has expired" in visible(answer)
    assert rows(a_world, "vault") == 0
    await ada.click("Back")
    await see(ada, TOKEN)


async def test_a_newer_link_takes_the_place_of_an_older_one(
    a_world: World, web: Browser, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    first = await asks_for_page(ada)
    await ada.click("Back")
    await see(ada, TOKEN)
    second = await asks_for_page(ada)
    old = await web.opens(first)
    assert old.status_code == 404
    assert "This link does not work" in visible(old)
    assert (await web.opens(second)).status_code == 200
    made_up = await web.opens(f"/enter/{random_text(43)}")
    assert made_up.status_code == 404


async def test_a_link_of_a_set_up_that_was_left_is_out_of_date(
    a_world: World, web: Browser, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    page = await web.opens(path)
    await ada.close(everything=True)
    await ada.command("/segment disconnect")
    await ada.submit()
    assert "out of date" in visible(await web.opens(path))
    await choose_plan(ada, "Business")  # a new set-up, which the link does not name
    answer = await web.types(page, token(a_world, "acme"))
    assert answer.status_code == 410
    assert rows(a_world, "vault") == 0


async def test_a_colleague_was_faster(
    a_world: World, web: Browser, ada: Person, grace: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    await grace.command("/segment")
    await see(grace, TOKEN)
    grace.fill(TOKEN, token(a_world, "acme"))
    await grace.submit()
    await see(grace, SOURCES)
    answer = await web.enters(path, token(a_world, "acme", "member"))
    assert answer.status_code == 409
    assert "This changed while you had it open" in visible(answer)


async def test_rights_are_asked_again_when_it_is_entered(
    a_world: World, web: Browser, ada: Person
) -> None:
    """Somebody who has become a guest meanwhile enters nothing."""
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    page = await web.opens(path)
    ada.user.is_guest = True
    await restarted(a_world, a_world.check_policy)  # forgets what Slack said a moment ago
    answer = await web.types(page, token(a_world, "acme"))
    assert answer.status_code == 403
    assert "You cannot enter this here" in visible(answer)
    assert rows(a_world, "vault") == 0
    ada.user.is_guest = False


async def test_tries_count_as_they_do_in_the_window(
    a_world: World, web: Browser, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    page = await web.opens(await asks_for_page(ada))
    for _ in range(5):
        page = await web.types(page, "sgp_" + random_text(64))
        assert "does not accept this token" in visible(page)
    asked = len(a_world.to_segment)
    page = await web.types(page, token(a_world, "acme"))
    assert "try again in" in visible(page).casefold()
    assert len(a_world.to_segment) == asked
    await a_minute_passes(a_world)
    assert "accepted" in visible(await web.types(page, token(a_world, "acme")))


async def test_two_at_once_store_it_once(a_world: World, web: Browser, ada: Person) -> None:
    await choose_plan(ada, "Business")
    page = await web.opens(await asks_for_page(ada))
    value = token(a_world, "acme")
    answers = await asyncio.gather(*(web.types(page, value) for _ in range(5)))
    assert sum("has accepted" in visible(each) for each in answers) == 1
    assert any("Still checking" in visible(each) for each in answers), "a form sent twice"
    assert not any("correct this" in visible(each) for each in answers)
    await see(ada, SOURCES)


async def test_only_the_form_of_this_browser_is_taken(
    a_world: World, web: Browser, ada: Person
) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    page = await web.opens(path)
    stranger = browser(a_world)
    calls, value = len(a_world.to_segment), token(a_world, "acme")
    for answer in (
        await stranger.types(page, value),  # without the cookie
        await web.http.post(path, data={"secret": value}),  # without the token
        await web.http.post(path, data={"secret": value, "check": "0" * 64}),
        await web.http.post(path, data={"secret": value, "check": "é"}),
    ):
        assert answer.status_code == 403
        assert value not in answer.text
    for answer in (
        await web.http.post(path, json={"secret": value}),
        await web.http.post(path, data={"secret": "x" * 20_000}),
        await web.http.post(path, data={f"f{number}": "" for number in range(50)}),
        await web.http.post(
            path,
            content=b"secret=\xff\xfe",
            headers={"content-type": "application/x-www-form-urlencoded"},
        ),
    ):
        assert answer.status_code == 400
    assert (await web.http.put(path, data={})).status_code == 405
    assert len(a_world.to_segment) == calls
    assert "accepted" in visible(await web.types(page, value))


async def test_the_page_keeps_itself_to_itself(a_world: World, web: Browser, ada: Person) -> None:
    await choose_plan(ada, "Business")
    path = await asks_for_page(ada)
    used = await web.opens(path)
    for page in (used, await web.types(used, ""), await web.opens("/enter/unknown")):
        headers = page.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"]
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        for part in ("base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
            assert part in policy
    cookie = used.headers["set-cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/enter/"):
        assert part in cookie
    assert 'type="password"' in used.text
    elsewhere = await web.http.get(path, headers={"host": "evil.example"})
    assert elsewhere.status_code == 404
    assert "password" not in elsewhere.text


async def test_on_free_the_slug_comes_along(a_world: World, web: Browser, ada: Person) -> None:
    await choose_plan(ada, "Free")
    await see(ada, "Workspace slug", OFFER)
    ada.fill("Workspace slug", "corner-shop")
    path = await asks_for_page(ada)
    page = await web.opens(path)
    assert 'value="corner-shop"' in page.text
    wrong = await web.types(page, token(a_world, "corner-shop", "config-api"), slug="a b")
    assert "A slug has letters, digits and hyphens only" in visible(wrong)
    done = await web.types(wrong, token(a_world, "corner-shop", "config-api"), slug="corner-shop")
    assert done.status_code == 200
    await see(ada, "Segment knows your workspace")


async def test_a_write_key_too(a_world: World, ada: Person) -> None:
    await reach_offer(a_world, ada)
    web = browser(a_world)
    await ada.click("Show me how")
    path = await asks_for_page(ada)
    page = await web.opens(path)
    assert "Enter the Segment write key" in visible(page)
    assert "It is given to Toplyne, once" in visible(page)
    key = write_key(a_world, "acme", "billing-events")
    wrong = await web.types(page, token(a_world, "acme"))
    assert "an access token, not a write key" in visible(wrong)
    done = await web.types(wrong, key)
    assert "Segment knows the write key" in visible(done)
    await see(ada, "Toplyne can write to billing-events")
    assert find_leaks(a_world, [key]) == []


@pytest.fixture
async def page_world(tmp_path: Path) -> AsyncIterator[World]:
    """Secrets are entered on the page alone."""
    async with installed_world(tmp_path, credentials_entry="page") as made:
        yield made


async def test_with_the_page_alone_no_window_has_an_input(page_world: World) -> None:
    ada = page_world.person("ada")
    await choose_plan(ada, "Business")
    await see(ada, "entered on a page of our own, never in Slack")
    assert ada.modal
    assert not [block for block in ada.modal.blocks if block["type"] == "input"]
    path = await asks_for_page(ada, "Enter it on a web page")
    await browser(page_world).enters(path, token(page_world, "acme"))
    await see(ada, SOURCES)


async def test_with_the_window_alone_nothing_offers_a_page(a_world: World, ada: Person) -> None:
    await a_world.stop_bot()
    await a_world.start_bot(credentials_entry="modal")
    await choose_plan(ada, "Business")
    await see(ada, TOKEN)
    assert ada.modal
    assert OFFER not in ada.modal.text
    assert (await browser(a_world).opens("/enter/x")).status_code == 404


async def test_a_form_of_a_strangers_own_finds_no_page(a_world: World, web: Browser) -> None:
    path = "/enter/made-up"
    named = f"enter_{hashlib.sha256(b'made-up').hexdigest()[:16]}"
    for check in ("é", "x", "\0", "\N{PILE OF POO}"):
        answer = await browser(a_world).http.post(
            path, data={"check": check, "secret": "x"}, headers={"cookie": f"{named}=abc"}
        )
        assert answer.status_code == 404
        assert visible(answer) == visible(await web.opens(path))
