"""Limits, weather, the panel, and a state that survives a restart."""

import json

import pytest

from playground.segment import SegmentWorld
from playground.segment.errors import ApiError
from playground.segment.limiter import Limiter
from playground.segment.weather import Limiting, Weather, endure
from tests.playground.segment_support import Lab


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.mark.parametrize(("weather", "status"), [("down", 503), ("limiting", 429), ("html", 200)])
@pytest.mark.parametrize(
    ("api", "path"),
    [
        ("us", "/"),
        ("eu", "/"),
        ("config/v1beta", "/workspaces/acme"),
        ("cdn", "/v1/projects/abc/settings"),
    ],
)
async def test_weather_is_everywhere(
    lab: Lab, weather: str, status: int, api: str, path: str
) -> None:
    lab.world.set_weather(weather)
    answer = await lab.get(path, api=api)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html") is (weather == "html")


async def test_slow_weather_answers_in_the_end(lab: Lab) -> None:
    lab.world.set_weather("slow", slow_seconds=0.01)
    assert (await lab.get("/")).status_code == 200
    assert lab.world.panel()["weather"] == "slow"


async def test_nobody_is_kept_waiting_who_has_gone() -> None:
    asked: list[int] = []

    async def gone() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(ApiError) as ended:
        await endure(Weather.TIMEOUT, 0.0, Limiting(), gone)
    assert (ended.value.status, len(asked)) == (503, 2)


async def test_unknown_weather_is_refused(lab: Lab) -> None:
    with pytest.raises(ValueError, match="hail"):
        lab.world.set_weather("hail")
    assert lab.world.weather is Weather.FINE


async def test_a_strict_limit_says_how_long_to_wait(lab: Lab) -> None:
    lab.world.limit_calls(2)
    first = await lab.get("/")
    await lab.get("/")
    third = await lab.get("/")
    assert first.headers["X-RateLimit-Remaining"] == "1"
    assert third.status_code == 429
    assert 0 < third.json()["errors"][0]["data"]["msBeforeNext"] <= 60_000
    assert "Retry-After" not in third.headers
    lab.world.limit_calls(None)
    assert (await lab.get("/")).status_code == 200


async def test_volumes_have_a_limit_of_their_own(lab: Lab) -> None:
    statuses = [(await lab.get("/events/volume", lab.days(1))).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert (await lab.get("/")).status_code == 200


def test_a_limit_counts_each_sender_and_ends_after_a_minute() -> None:
    now = [100.0]
    limiter = Limiter(1, monotonic=lambda: now[0])
    limiter.count("a")
    limiter.count("b")
    with pytest.raises(ApiError) as refused:
        limiter.count("a")
    assert (refused.value.status, refused.value.wait) == (429, None)
    assert refused.value.data is not None
    assert refused.value.data["msBeforeNext"] == 60_000
    now[0] += 60
    assert limiter.count("a")["X-RateLimit-Consumed"] == "1"


async def test_the_state_survives_as_json(lab: Lab) -> None:
    source = lab.world.source("acme/web-app")
    lab.world.connect_destination(source.id, enabled=True)
    lab.world.send_events(source.id, 10)
    saved = json.loads(json.dumps(lab.world.snapshot()))
    again = SegmentWorld(lab.clock)
    again.restore(saved)
    assert again.snapshot() == lab.world.snapshot()
    assert again.featured_destination(source.id).enabled


async def test_everybody_is_told_of_changes(lab: Lab) -> None:
    told: list[int] = []
    lab.world.subscribe(lambda: told.append(1))
    source = lab.world.source("acme/web-app").id
    lab.world.connect_destination(source)
    lab.world.set_destination_enabled(source, True)
    lab.world.set_weather("down")
    await lab.get("/")
    assert len(told) == 4


async def test_the_panel_shows_what_a_person_needs(lab: Lab) -> None:
    source = lab.world.source("acme/web-app")
    lab.world.connect_destination(source.id, enabled=True)
    lab.world.send_events(source.id, 10)
    await lab.get("/sources", {"pagination[count]": 1})
    shown = lab.world.panel()
    acme = next(found for found in shown["workspaces"] if found["slug"] == "acme")
    web = next(found for found in acme["sources"] if found["id"] == source.id)
    assert {token["label"] for token in acme["tokens"]} >= {"owner", "member", "limited", "revoked"}
    assert web["destination"] == {"state": "enabled", "delivered": 10}
    assert shown["calls"][0] == {
        "at": "2026-03-17T12:00:00Z",
        "api": "us",
        "path": "/sources",
        "status": 200,
        "token": "owner",
    }
    assert json.dumps(shown["calls"]).count(lab.world.token("acme", "owner").value) == 0


async def test_disconnecting_takes_the_destination_away(lab: Lab) -> None:
    source = lab.world.source("acme/web-app").id
    first = lab.world.connect_destination(source)
    assert lab.world.connect_destination(source) is first
    lab.world.disconnect_destination(source)
    with pytest.raises(LookupError):
        lab.world.featured_destination(source)


@pytest.mark.parametrize(
    "ask",
    [
        lambda world: world.workspace("nobody"),
        lambda world: world.source("nothing"),
        lambda world: world.token("acme", "nobody"),
        lambda world: world.revoke_token("nothing"),
    ],
)
def test_unknown_things_are_said_to_be_unknown(lab: Lab, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(LookupError):
        ask(lab.world)


@pytest.mark.parametrize(("count", "call_types"), [(0, ("track",)), (-1, ("track",)), (5, ())])
def test_events_that_cannot_be_are_refused(
    lab: Lab, count: int, call_types: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="events"):
        lab.world.send_events(lab.world.source("acme/backend").id, count, call_types)


def test_lists_that_people_can_grow_are_bounded(lab: Lab) -> None:
    source = lab.world.source("acme/backend")
    lab.world.connect_destination(source.id, enabled=True)
    for number in range(120):
        lab.world.add_token("acme")
        lab.world.add_filter(source.id, f"Rule {number}", 'type = "page"')
        lab.world.set_source_enabled(source.id, False)
        lab.world.set_source_enabled(source.id, True)
    assert len(lab.world.workspace("acme").tokens) == 50
    assert len(lab.world.featured_destination(source.id).filters) == 50
    assert len(source.active) == 100
