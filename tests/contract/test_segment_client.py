"""The Segment client against the simulated Segment: each call, region, role and trouble."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from flows.clients.segment import SegmentAccess, SegmentClient, SegmentUrls
from flows.errors import (
    SegmentError,
    SegmentInvalid,
    SegmentLimited,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.vocabulary import CallType, Region
from tests.playground.segment_support import NOON, Lab

BASE = "http://segment.test/segment"
URLS = SegmentUrls(
    us=f"{BASE}/us", eu=f"{BASE}/eu/", config=f"{BASE}/config/v1beta", cdn=f"{BASE}/cdn"
)
MONTH = timedelta(days=30)


class Bench:
    """A client, the simulated Segment that it talks to, and that Segment's tokens."""

    def __init__(self, http: httpx.AsyncClient, lab: Lab) -> None:
        self.lab = lab
        self.world = lab.world
        self.client = SegmentClient(lambda: http, URLS)
        self.impatient = SegmentClient(lambda: http, URLS, deadline=0.1)

    def token(self, workspace: str = "acme", label: str = "owner") -> SecretStr:
        return SecretStr(self.world.token(workspace, label).value)

    def access(self, workspace: str = "acme", label: str = "owner") -> SegmentAccess:
        return self.client.access(self.token(workspace, label), Region.US)

    @property
    def now(self) -> datetime:
        return self.world.now()


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr("flows.clients.transport.RETRY_DELAYS", (0.0, 0.0))
    lab = Lab()
    async with httpx.AsyncClient(transport=lab.transport) as http:
        yield Bench(http, lab)


async def test_a_workspace_is_read(bench: Bench) -> None:
    found = await bench.access().workspace()
    expected = bench.world.workspace("acme")
    assert (found.slug, found.id, found.name) == ("acme", expected.id, "Acme Inc")


async def test_each_region_has_its_own_tokens(bench: Bench) -> None:
    token = bench.token("acme-eu")
    with pytest.raises(SegmentRefused) as refused:
        await bench.client.access(token, Region.US).workspace()
    assert (refused.value.call, refused.value.status) == ("workspace", 401)
    assert (await bench.client.access(token, Region.EU).workspace()).slug == "acme-eu"


async def test_sources_are_read_with_their_write_keys(bench: Bench) -> None:
    found = await bench.access().sources()
    labels = [source.source.label for source in found]
    assert labels == ["Web app", "Backend", "iOS app", "billing-events", "Old site"]
    assert [source.source.slug for source in found if not source.enabled] == ["old-site"]
    key = bench.world.source("acme/web-app").write_keys[0]
    assert found[0].write_keys[0].get_secret_value() == key
    assert key not in repr(found)


async def test_every_page_of_sources_is_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.clients.segment._PER_PAGE", 50)
    found = await bench.access("globex").sources()
    expected = bench.world.workspace("globex").sources
    assert [source.source.id for source in found] == [source.id for source in expected]
    assert [call["path"] for call in bench.world.panel()["calls"]] == ["/sources"] * 3


async def test_the_number_of_pages_is_bounded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.clients.segment._PER_PAGE", 10)
    monkeypatch.setattr("flows.clients.segment.MAX_LISTED", 25)
    found = await bench.access("globex").sources()
    assert len(found) == 20
    assert len(bench.world.panel()["calls"]) == 2


async def test_one_source_is_read(bench: Bench) -> None:
    expected = bench.world.source("acme/backend")
    found = await bench.access().source(expected.id)
    assert (found.source.id, found.source.label, found.enabled) == (expected.id, "Backend", True)


@pytest.mark.parametrize("wrong", ["", ".", "..", "unknown", "a/b", "a?b", "ü#", "%2e%2e"])
async def test_what_is_no_source_is_not_found(bench: Bench, wrong: str) -> None:
    with pytest.raises(SegmentNotFound):
        await bench.access().source(wrong)


async def test_a_source_of_another_workspace_is_not_found(bench: Bench) -> None:
    foreign = bench.world.source("beacon/app").id
    with pytest.raises(SegmentNotFound):
        await bench.access().source(foreign)


async def test_destinations_are_read_without_their_settings(bench: Bench) -> None:
    source = bench.world.source("acme/web-app")
    connected = bench.world.connect_destination(source.id)
    other, ours = await bench.access().destinations(source.id)
    assert other.name == "Data lake"
    assert (ours.id, ours.enabled) == (connected.id, False)
    assert ours.catalogue_id == bench.world.state.featured.id
    assert ours.catalogue_slug == bench.world.state.featured.slug
    assert "•" not in repr(ours)


async def delivered(bench: Bench, end: datetime | None = None) -> tuple[int, datetime | None]:
    source = bench.world.source("acme/web-app")
    destination = bench.world.featured_destination(source.id)
    end = end or bench.now
    found = await bench.access().delivered(source.id, destination.id, end - MONTH, end)
    return found.total, found.first_at


async def test_nothing_delivered_yet(bench: Bench) -> None:
    bench.world.connect_destination(bench.world.source("acme/web-app").id)
    assert await delivered(bench) == (0, None)


async def test_the_first_delivery_is_known_to_the_minute_at_first(bench: Bench) -> None:
    source = bench.world.source("acme/web-app").id
    bench.world.connect_destination(source, enabled=True)
    bench.lab.clock.advance(minutes=34, seconds=20)
    bench.world.send_events(source, 6)
    bench.lab.clock.advance(hours=5)
    bench.world.send_events(source, 3)
    bench.lab.clock.advance(minutes=6)
    assert await delivered(bench) == (9, NOON + timedelta(minutes=34))


async def test_the_first_delivery_is_known_to_the_hour_later(bench: Bench) -> None:
    source = bench.world.source("acme/web-app").id
    bench.world.connect_destination(source, enabled=True)
    bench.lab.clock.advance(minutes=34)
    bench.world.send_events(source, 6)
    bench.lab.clock.advance(days=12)
    assert await delivered(bench) == (6, NOON)


async def test_a_clock_that_is_behind_still_gets_an_answer(bench: Bench) -> None:
    bench.world.connect_destination(bench.world.source("acme/web-app").id)
    assert await delivered(bench, bench.now - timedelta(minutes=9)) == (0, None)


async def test_a_destination_of_another_source_is_not_found(bench: Bench) -> None:
    source = bench.world.source("acme/web-app").id
    other = bench.world.connect_destination(bench.world.source("acme/backend").id).id
    with pytest.raises(SegmentNotFound):
        await bench.access().delivered(source, other, bench.now - MONTH, bench.now)


async def test_volumes_by_source_and_call_type(bench: Bench) -> None:
    bench.world.send_events(bench.world.source("acme/ios-app").id, 9, ("group",))
    bench.lab.clock.advance(minutes=6)
    found = await bench.access().volumes(bench.now - MONTH, bench.now)
    ios = bench.world.source("acme/ios-app")
    web = bench.world.source("acme/web-app")
    assert found[ios.id][CallType.GROUP] == 9
    assert set(found[ios.id]) == {CallType.IDENTIFY, CallType.TRACK, CallType.GROUP}  # no screen
    assert found[web.id][CallType.TRACK] == pytest.approx(web.daily["track"] * 30, rel=0.01)


async def test_volumes_of_many_sources_are_complete(bench: Bench) -> None:
    token = bench.token("globex")
    found = await bench.client.access(token, Region.US).volumes(bench.now - MONTH, bench.now)
    assert set(found) == {source.id for source in bench.world.workspace("globex").sources}


async def test_volumes_are_never_cut_off_silently(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.clients.segment._MAX_VOLUME_PAGES", 1)
    with pytest.raises(SegmentUnavailable, match="too many rows"):
        await bench.access("globex").volumes(bench.now - MONTH, bench.now)


async def test_event_names_are_counted_for_some_sources(bench: Bench) -> None:
    web = bench.world.source("acme/web-app")
    since = bench.now - MONTH
    names = await bench.access().event_names([web.id], since, bench.now)
    assert set(names) == set(web.event_names)
    assert sum(names.values()) == pytest.approx(web.daily["track"] * 30, rel=0.01)
    none = await bench.access().event_names(["else"], since, bench.now)
    assert none == {}


async def test_filters_that_are_switched_on_are_read(bench: Bench) -> None:
    web = bench.world.source("acme/web-app").id
    destination = bench.world.connect_destination(web)
    bench.world.add_filter(web, "No staff", 'traits.email contains "@acme"')
    bench.world.add_filter(web, "Off", "all").enabled = False
    (found,) = await bench.access().filters(destination.id)
    assert (found.title, found.actions) == ("No staff", ("drop",))
    assert found.condition == 'traits.email contains "@acme"'
    with pytest.raises(SegmentNotFound):
        await bench.access().filters("nowhere")


async def test_a_window_that_segment_refuses_is_invalid(bench: Bench) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(SegmentInvalid):
        await bench.access().volumes(long_ago, long_ago + timedelta(days=1))


async def test_only_owners_may_list_users(bench: Bench) -> None:
    await bench.access("acme", "owner").list_users()
    with pytest.raises(SegmentRefused) as refused:
        await bench.access("acme", "member").list_users()
    assert (refused.value.call, refused.value.status) == ("list_users", 403)
    assert [call["status"] for call in bench.world.panel()["calls"]] == [403, 200]


async def test_a_limited_token_is_told_which_call_it_lacks(bench: Bench) -> None:
    token = bench.token("acme", "limited")
    source = bench.world.source("acme/web-app").id
    assert len(await bench.client.access(token, Region.US).sources()) == 5
    with pytest.raises(SegmentRefused) as refused:
        await bench.client.access(token, Region.US).destinations(source)
    assert (refused.value.call, refused.value.status) == ("destinations", 403)


@pytest.mark.parametrize(
    ("workspace", "label", "status"),
    [("acme", "revoked", 401), ("acme", "config-api", 401), ("corner-shop", "owner", 403)],
)
async def test_other_tokens_are_refused(
    bench: Bench, workspace: str, label: str, status: int
) -> None:
    with pytest.raises(SegmentRefused) as refused:
        await bench.access(workspace, label).workspace()
    assert refused.value.status == status


@pytest.mark.parametrize("text", ["", "two words", "tab\t", "nul\x00", "naïve", "line\nfeed"])
async def test_what_cannot_be_sent_is_refused_unasked(bench: Bench, text: str) -> None:
    with pytest.raises(SegmentRefused):
        await bench.client.access(SecretStr(text), Region.US).workspace()
    assert bench.world.panel()["calls"] == []


async def test_the_config_api_knows_a_workspace_by_its_slug(bench: Bench) -> None:
    token = bench.token("corner-shop", "config-api")
    found = await bench.client.access(token, Region.US).config_workspace("corner-shop")
    assert (found.slug, found.name) == ("corner-shop", "Corner Shop")
    with pytest.raises(SegmentRefused) as refused:
        await bench.client.access(token, Region.US).config_workspace("acme")
    assert refused.value.status == 403
    with pytest.raises(SegmentNotFound):
        await bench.client.access(token, Region.US).config_workspace("nobody")
    with pytest.raises(SegmentRefused) as refused:
        await bench.access().config_workspace("acme")
    assert refused.value.status == 401


async def test_write_keys_are_told_from_other_text(bench: Bench) -> None:
    key = bench.world.source("beacon/app").write_keys[0]
    assert await bench.client.is_write_key(SecretStr(key)) is True
    assert await bench.client.is_write_key(SecretStr("b" * 32)) is False
    assert await bench.client.is_write_key(SecretStr("..")) is False


async def every_call(bench: Bench, client: SegmentClient) -> list[SegmentError]:
    """The error of each call of the port, when none can succeed."""
    token, source = bench.token(), bench.world.source("acme/web-app").id
    start, end = bench.now - MONTH, bench.now
    calls = [
        client.access(token, Region.US).workspace(),
        client.access(token, Region.US).sources(),
        client.access(token, Region.US).source(source),
        client.access(token, Region.US).destinations(source),
        client.access(token, Region.US).delivered(source, "destination", start, end),
        client.access(token, Region.US).volumes(start, end),
        client.access(token, Region.US).event_names([source], start, end),
        client.access(token, Region.US).filters("destination"),
        client.access(token, Region.US).list_users(),
        client.access(token, Region.US).config_workspace("acme"),
        client.is_write_key(SecretStr("b" * 32)),
    ]
    errors = []
    for call in calls:
        with pytest.raises(SegmentError) as caught:
            await call
        errors.append(caught.value)
    return errors


@pytest.mark.parametrize("weather", ["down", "html", "limiting"])
async def test_segments_trouble_is_never_the_customers(bench: Bench, weather: str) -> None:
    bench.world.set_weather(weather)
    errors = await every_call(bench, bench.client)
    expected = SegmentLimited if weather == "limiting" else SegmentUnavailable
    assert {type(error) for error in errors} == {expected}
    waits = {error.retry_after for error in errors if isinstance(error, SegmentUnavailable)}
    assert waits == ({58.0} if weather == "limiting" else {None})
    assert len({error.call for error in errors}) == 11
    assert all(bench.token().get_secret_value() not in str(error) for error in errors)


async def test_who_never_answers_is_unavailable(bench: Bench) -> None:
    bench.world.set_weather("timeout")
    for error in await every_call(bench, bench.impatient):
        assert isinstance(error, SegmentUnavailable)
        assert str(error).endswith("too slow")


async def test_slow_is_not_down(bench: Bench) -> None:
    bench.world.set_weather("slow", slow_seconds=0.01)
    assert (await bench.access().workspace()).slug == "acme"


async def test_a_limit_without_a_header_says_when_to_come_back(bench: Bench) -> None:
    bench.world.limit_calls(1)
    await bench.access().workspace()
    with pytest.raises(SegmentUnavailable) as limited:
        await bench.access().workspace()
    assert limited.value.retry_after is not None
    assert 0 < limited.value.retry_after <= 60


async def test_what_was_down_is_up_again(bench: Bench) -> None:
    bench.world.set_weather("down")
    with pytest.raises(SegmentUnavailable):
        await bench.access().workspace()
    bench.world.set_weather("fine")
    assert (await bench.access().workspace()).slug == "acme"
