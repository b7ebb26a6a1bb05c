"""What was received and delivered, when it shows, and how far back it can be seen."""

from typing import Any

import pytest

from playground.segment.state import Source
from tests.playground.segment_support import Lab

DELIVERED = "/delivery-overview/successful-delivery"


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def source(lab: Lab) -> Source:
    found = lab.world.source("acme/web-app")
    lab.world.connect_destination(found.id, enabled=True)
    return found


async def total(lab: Lab, source: Source, path: str = DELIVERED, **more: Any) -> int:
    destination = lab.world.featured_destination(source.id)
    query = {**lab.days(), "sourceId": source.id, "destinationConfigId": destination.id, **more}
    answer = await lab.get(path, query)
    assert answer.status_code == 200, answer.text
    found: int = answer.json()["data"]["total"]
    return found


async def test_deliveries_show_five_minutes_late(lab: Lab, source: Source) -> None:
    assert lab.world.send_events(source.id, 12) == 12
    lab.clock.advance(minutes=4, seconds=59)
    early = await total(lab, source)
    lab.clock.advance(seconds=2)
    assert (early, await total(lab, source)) == (0, 12)


async def test_deliveries_are_forgotten_after_thirty_days(lab: Lab, source: Source) -> None:
    lab.world.send_events(source.id, 12)
    lab.clock.advance(days=29)
    seen = await total(lab, source, startTime=lab.days(30)["startTime"])
    lab.clock.advance(days=1, seconds=1)
    forgotten = await total(lab, source, startTime=lab.days(30)["startTime"])
    assert (seen, forgotten) == (12, 0)


async def test_a_day_that_had_deliveries_can_be_told(lab: Lab, source: Source) -> None:
    lab.clock.advance(days=1)
    lab.world.send_events(source.id, 7)
    lab.clock.advance(days=2)
    destination = lab.world.featured_destination(source.id)
    query = {**lab.days(), "sourceId": source.id, "destinationConfigId": destination.id}
    (row,) = (await lab.get(DELIVERED, query)).json()["data"]["dataset"]
    counted = {point["time"]: point["count"] for point in row["series"] if point["count"]}
    assert counted == {"2026-03-18T00:00:00Z": 7}
    assert len(row["series"]) == 30


async def test_a_destination_that_is_off_gets_nothing(lab: Lab, source: Source) -> None:
    lab.world.set_destination_enabled(source.id, False)
    assert lab.world.send_events(source.id, 5) == 0
    lab.world.set_destination_enabled(source.id, True)
    assert lab.world.send_events(source.id, 3) == 3
    lab.clock.advance(minutes=6)
    assert await total(lab, source) == 3


async def test_unmapped_and_failed_events_are_counted_apart(lab: Lab, source: Source) -> None:
    lab.world.send_events(source.id, 4, ("page",))
    lab.world.set_destination_failing(source.id, True)
    lab.world.send_events(source.id, 6, ("track",))
    lab.clock.advance(minutes=6)
    found = {
        path: await total(lab, source, f"/delivery-overview/{path}")
        for path in (
            "successful-delivery",
            "failed-delivery",
            "filtered-at-destination",
            "filtered-at-source",
        )
    }
    assert found == {
        "successful-delivery": 0,
        "failed-delivery": 6,
        "filtered-at-destination": 4,
        "filtered-at-source": 0,
    }


async def test_a_source_that_is_off_takes_nothing_in(lab: Lab, source: Source) -> None:
    path = "/delivery-overview/successfully-received"
    lab.world.set_source_enabled(source.id, False)
    lab.clock.advance(minutes=6)
    before = await total(lab, source, path, startTime=lab.days(20)["startTime"])
    delivered = lab.world.send_events(source.id, 5)
    lab.clock.advance(hours=3)
    after = await total(
        lab,
        source,
        path,
        startTime=lab.days(20.125)["startTime"],  # the same moment as before
    )
    lab.world.set_source_enabled(source.id, True)
    assert (delivered, after) == (0, before)
    assert source.enabled


async def test_volumes_by_source_and_type(lab: Lab) -> None:
    lab.world.send_events(lab.world.source("acme/ios-app").id, 9, ("group",))
    lab.clock.advance(minutes=10)
    query = {**lab.days(10), "groupBy": ["eventType", "source"]}
    rows = (await lab.get("/events/volume", query)).json()["data"]["result"]
    found = {(row["source"]["slug"], row["eventType"]): row["total"] for row in rows}
    assert found["ios-app", "group"] == 9
    assert found["web-app", "track"] == pytest.approx(2937 * 10, rel=0.01)
    assert not [key for key in found if key[0] == "old-site"]
    assert all(row["total"] == sum(point["count"] for point in row["series"]) for row in rows)


async def test_volumes_can_be_narrowed_and_named(lab: Lab) -> None:
    wanted = lab.world.source("acme/backend").id
    query = {**lab.days(10), "groupBy": "eventName,eventType", "sourceId": [wanted]}
    rows = (await lab.get("/events/volume", query)).json()["data"]["result"]
    names = {row.get("eventName") for row in rows if row["eventType"] == "track"}
    assert names == set(lab.world.source(wanted).event_names)
    assert all("source" not in row for row in rows)
    (only,) = (
        await lab.get("/events/volume", {**query, "groupBy": "eventType", "eventType": "group"})
    ).json()["data"]["result"]
    assert only["eventType"] == "group"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"granularity": "WEEK"}, "granularity"),
        ({"granularity": "MINUTE"}, "startTime"),
        ({"startTime": ""}, "startTime"),
        ({"startTime": "yesterday"}, "startTime"),
        ({"startTime": "2026-03-01T00:00:00"}, "startTime"),
        ({"startTime": "2020-01-01T00:00:00Z"}, "startTime"),
        ({"endTime": "2026-01-01T00:00:00Z"}, "endTime"),
        ({"sourceId": ""}, "sourceId"),
        ({"destinationConfigId": ""}, "destinationConfigId"),
    ],
)
async def test_bad_questions_name_the_parameter(
    lab: Lab, source: Source, change: dict[str, str], named: str
) -> None:
    destination = lab.world.featured_destination(source.id)
    query = {**lab.days(), "sourceId": source.id, "destinationConfigId": destination.id, **change}
    answer = await lab.get(DELIVERED, query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == named


async def test_a_destination_of_another_source_is_not_found(lab: Lab, source: Source) -> None:
    other = lab.world.connect_destination(lab.world.source("acme/backend").id)
    query = {**lab.days(), "sourceId": source.id, "destinationConfigId": other.id}
    assert (await lab.get(DELIVERED, query)).status_code == 404
