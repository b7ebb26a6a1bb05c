"""One odd record among many: the others are read, and what cannot be read is counted by its id."""

import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from flows.checks.sources import toplyne_destinations
from flows.clients.segment import SegmentAccess, SegmentClient
from flows.errors import SegmentLimited, SegmentUnavailable
from flows.vocabulary import Region
from playground.segment.state import Period, Source, new_id
from tests.contract.test_segment_client import URLS
from tests.playground.segment_support import Lab

MONTH = timedelta(days=30)
OTHERS = (0, 1, 100)


@dataclass
class Bench:
    """A client that notes what it could not read, and the Segment that it talks to."""

    http: httpx.AsyncClient
    lab: Lab
    noted: list[tuple[str, Sequence[str]]] = field(default_factory=list)

    @property
    def access(self) -> SegmentAccess:
        client = SegmentClient(
            lambda: self.http, URLS, note=lambda call, ids: self.noted.append((call, list(ids)))
        )
        token = SecretStr(self.lab.world.token("acme", "owner").value)
        return client.access(token, Region.US)

    def sources(self, others: int) -> Source:
        """The odd one stands between so many others."""
        odd = Source(id=new_id(), slug="odd", kind="javascript", write_keys=["k"], name="Odd")
        made = [
            Source(id=new_id(), slug=f"s{number}", kind="javascript", write_keys=["k"])
            for number in range(others)
        ]
        made.insert(others // 2, odd)
        self.lab.world.workspace("acme").sources = made
        return odd


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    lab = Lab()
    async with httpx.AsyncClient(transport=lab.transport) as http:
        yield Bench(http, lab)


ODD_SOURCES: dict[str, dict[str, Any]] = {
    "write keys": {"writeKeys": None},
    "a write key": {"writeKeys": [None, "abc"]},
    "enabled": {"enabled": None},
    "slug": {"slug": None},
    "name": {"name": None},
    "metadata": {"metadata": None},
    "kind": {"metadata": {"slug": None}},
}


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("what", ODD_SOURCES)
async def test_a_null_in_one_source_fails_no_list(bench: Bench, what: str, others: int) -> None:
    odd = bench.sources(others)
    odd.odd.record = ODD_SOURCES[what]
    found = await bench.access.sources()
    assert len(found) == others + 1
    (read,) = [each for each in found if each.source.id == odd.id]
    assert read.source.label
    assert (read.enabled is None) == (what == "enabled")
    assert (await bench.access.source(odd.id)).source == read.source
    assert bench.noted == []


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("record", [{"id": None}, {"id": 7}, {"enabled": "perhaps"}])
async def test_what_cannot_be_read_is_left_out_and_noted(
    bench: Bench, record: dict[str, Any], others: int
) -> None:
    odd = bench.sources(others)
    odd.odd.record = record
    assert len(await bench.access.sources()) == others
    named = "?" if "id" in record else odd.id
    assert bench.noted == [("sources", [named])]
    odd.odd.record = {}
    assert len(await bench.access.sources()) == others + 1


@pytest.mark.parametrize("others", OTHERS)
async def test_a_source_that_is_listed_twice_is_one(bench: Bench, others: int) -> None:
    odd = bench.sources(others)
    odd.odd.times_listed = 2
    found = [each.source.id for each in await bench.access.sources()]
    assert found.count(odd.id) == 1
    assert len(found) == others + 1


ODD_DESTINATIONS: dict[str, dict[str, Any]] = {
    "enabled": {"enabled": None},
    "name": {"name": None},
    "metadata": {"metadata": None},
    "name of its kind": {"metadata": {"name": None}},
    "slug of its kind": {"metadata": {"slug": None}},
}


@pytest.mark.parametrize("what", ODD_DESTINATIONS)
async def test_a_null_in_another_destination_hides_no_other(bench: Bench, what: str) -> None:
    world, source = bench.lab.world, bench.lab.world.source("acme/web-app")
    other = world.add_destination(source.id)
    ours = world.add_destination(source.id, enabled=True)
    other.odd.record, other.odd.times_listed = ODD_DESTINATIONS[what], 2
    found = {each.id: each for each in await bench.access.destinations(source.id)}
    assert found[ours.id].enabled
    assert [each.id for each in await bench.access.destinations(source.id)].count(other.id) == 1


@pytest.mark.parametrize(
    "overview",
    [
        {"dataset": None},
        {"dataset": [None]},
        {"dataset": [{"series": None}]},
        {"dataset": [{"series": [None, {"time": None, "count": 1}]}]},
    ],
)
async def test_null_figures_are_no_figures(bench: Bench, overview: dict[str, Any]) -> None:
    world, source = bench.lab.world, bench.lab.world.source("acme/web-app")
    destination = world.connect_destination(source.id, enabled=True)
    world.send_events(source.id, 3)
    bench.lab.clock.advance(minutes=10)
    source.odd.overview = overview
    now = world.now()
    found = await bench.access.delivered(source.id, destination.id, now - MONTH, now)
    assert (found.total, found.first_at) == (3, None)
    source.odd.overview = {}
    found = await bench.access.delivered(source.id, destination.id, now - MONTH, now)
    assert found.first_at


# --- null in every place ------------------------------------------------------------------------

Path = tuple[str | int, ...]


class Changing(httpx.AsyncBaseTransport):
    """Passes on what the simulated Segment answers, changed in one place: null, or as told."""

    def __init__(self, lab: Lab, change: Callable[[Any], Any] = lambda _value: None) -> None:
        self.behind = lab.transport
        self.change = change
        self.place: Path = ()
        self.answer: Any = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        passed = await self.behind.handle_async_request(request)
        self.answer = json.loads(await passed.aread())
        changed = copy.deepcopy(self.answer)
        if self.place:
            inside = changed
            for step in self.place[:-1]:
                inside = inside[step]
            inside[self.place[-1]] = self.change(inside[self.place[-1]])
        return httpx.Response(passed.status_code, content=json.dumps(changed))


def places(answer: Any, above: Path = ()) -> Iterator[Path]:
    """Each field of each record, and each record, but not what holds them all."""
    if any(isinstance(step, int) for step in above):
        yield above
    steps: list[Any] = list(answer) if isinstance(answer, dict) else []
    steps = [*range(len(answer))][:2] if isinstance(answer, list) else steps
    for step in steps:
        yield from places(answer[step], (*above, step))


def calls_with_records(lab: Lab, access: SegmentAccess) -> dict[str, Callable[[], Awaitable[Any]]]:
    world = lab.world
    web, app = world.source("acme/web-app"), world.source("acme/ios-app")
    ours = world.connect_destination(web.id, enabled=True)
    world.add_destination(web.id)
    world.send_events(web.id, 3)
    lab.clock.advance(minutes=10)
    for title in ("No staff", "No tests"):
        world.add_filter(web.id, title, "x")
    now, both = world.now(), [web.id, app.id]
    return {
        "sources": access.sources,
        "destinations": lambda: access.destinations(web.id),
        "delivered": lambda: access.delivered(web.id, ours.id, now - MONTH, now, closely=False),
        "volumes": lambda: access.volumes(now - MONTH, now),
        "event_names": lambda: access.event_names(both, now - MONTH, now),
        "filters": lambda: access.filters(ours.id),
    }


CALLS = ["sources", "destinations", "delivered", "volumes", "event_names", "filters"]


@pytest.mark.parametrize("name", CALLS)
async def test_null_in_any_place_fails_no_list_and_hides_no_other_record(name: str) -> None:
    lab = Lab()
    nulling = Changing(lab)
    async with httpx.AsyncClient(transport=nulling) as http:
        call = calls_with_records(lab, access_of(lab, http))[name]
        usual = await call()
        walked = list(places(nulling.answer["data"], ("data",)))
        assert len(walked) > 5
        for nulling.place in walked:
            lab.world.limit_calls(None)
            assert_only_one_differs(usual, await call(), nulling.place)


ODD_SIGNS = {"half an emoji": "\ud83d", "NUL": "\0", "a whole emoji": "\ud83d\ude00"}


@pytest.mark.parametrize("sign", ODD_SIGNS)
@pytest.mark.parametrize("name", [*CALLS, "workspace"])
async def test_signs_that_a_database_does_not_take_stand_in_no_name(name: str, sign: str) -> None:
    """JavaScript that cuts a name within an emoji sends half of it, and JSON allows that."""
    lab = Lab()
    odd = Changing(lab, lambda value: f"{value} {ODD_SIGNS[sign]}x")
    async with httpx.AsyncClient(transport=odd) as http:
        access = access_of(lab, http)
        calls = calls_with_records(lab, access) | {"workspace": access.workspace}
        usual, read = await calls[name](), 0
        places_of_names = list(texts(odd.answer["data"], ("data",)))
        for odd.place in places_of_names:
            lab.world.limit_calls(None)
            found = await calls[name]()
            if name != "workspace":
                assert_only_one_differs(usual, found, odd.place)
            assert not any(shown in repr(found) for shown in ("\\x00", "\\ud83d"))
            read += found != usual
    assert (read > 0) is (name not in ("delivered", "volumes")), "which read no names"


def access_of(lab: Lab, http: httpx.AsyncClient) -> SegmentAccess:
    token = SecretStr(lab.world.token("acme", "owner").value)
    return SegmentClient(lambda: http, URLS).access(token, Region.US)


def texts(answer: Any, above: Path) -> Iterator[Path]:
    """Each text that is no moment and no id."""
    named = above[-1] not in ("id", "time", "sourceId", "type", "eventType")
    if isinstance(answer, str) and named:
        yield above
    steps: list[Any] = list(answer) if isinstance(answer, dict) else []
    steps = [*range(len(answer))][:2] if isinstance(answer, list) else steps
    for step in steps:
        yield from texts(answer[step], (*above, step))


def assert_only_one_differs(usual: Any, found: Any, place: Path) -> None:
    if isinstance(usual, list):
        kept = [each for each in usual if each in found]
        assert len(kept) >= len(usual) - 1, place
    elif isinstance(usual, dict):
        assert len([key for key in usual if found.get(key) != usual[key]]) <= 1, place
    else:
        assert found.total == usual.total, place


@pytest.mark.parametrize(
    "odd", [{"title": None}, {"title": "\u200b\u00a0"}, {"actions": None}, {"actions": [None]}]
)
async def test_a_filter_that_cuts_a_replay_is_told_whatever_its_record_lacks(
    odd: dict[str, Any],
) -> None:
    record = {"title": "No staff", "if": "type = 'track'", "actions": [], "enabled": True, **odd}
    reply = httpx.Response(200, json={"data": {"filters": [record]}})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: reply)) as http:
        access = SegmentClient(lambda: http, URLS).access(SecretStr("t"), Region.US)
        (found,) = await access.filters("dst")
    titled = "No staff" if "actions" in odd else "type = 'track'"
    assert (found.title, found.condition, found.actions) == (titled, "type = 'track'", ())


@pytest.mark.parametrize("record", [{"id": None}, {"enabled": "perhaps"}, {"metadata": None}])
async def test_a_destination_that_cannot_be_read_may_be_toplynes(
    bench: Bench, record: dict[str, Any]
) -> None:
    """Who has connected Toplyne is not told that it is missing."""
    world, source = bench.lab.world, bench.lab.world.source("acme/web-app")
    odd = world.connect_destination(source.id, enabled=True)
    odd.odd.record = record
    with pytest.raises(SegmentUnavailable):
        toplyne_destinations(await bench.access.destinations(source.id))
    odd.odd.record = {}
    (ours,) = toplyne_destinations(await bench.access.destinations(source.id))
    assert ours.id == odd.id


async def test_figures_of_some_sources_cost_no_page_for_hundreds_of_others(bench: Bench) -> None:
    odd, since = bench.sources(300), Period(bench.lab.world.now())
    for source in bench.lab.world.workspace("acme").sources:
        source.daily, source.active = {"track": 30}, [since]
    bench.lab.clock.advance(minutes=3000)
    now = bench.lab.world.now()
    bench.lab.world.limit_calls(1)
    found = await bench.access.volumes(now - MONTH, now, [odd.id])
    assert list(found) == [odd.id]
    bench.lab.world.limit_calls(1)
    with pytest.raises(SegmentLimited):
        await bench.access.volumes(now - MONTH, now)
