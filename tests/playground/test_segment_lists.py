"""Pages of the simulated Segment, and the parameters that it refuses."""

import pytest

from tests.playground.segment_support import Lab


@pytest.fixture
def lab() -> Lab:
    return Lab()


async def test_a_long_list_comes_in_pages(lab: Lab) -> None:
    token = lab.world.token("globex", "owner").value
    seen: list[str] = []
    query: dict[str, str | int | list[str]] = {"pagination[count]": 50}
    sizes = []
    while True:
        data = (await lab.get("/sources", query, token=token)).json()["data"]
        seen += [source["id"] for source in data["sources"]]
        sizes.append(len(data["sources"]))
        if not data["pagination"].get("next"):
            break
        query["pagination[cursor]"] = data["pagination"]["next"]
    assert sizes == [50, 50, 20]
    assert seen == [source.id for source in lab.world.workspace("globex").sources]
    assert data["pagination"]["totalEntries"] == 120


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"pagination[count]": 0},
        {"pagination[count]": 201},
        {"pagination[count]": "many"},
        {"pagination[count]": 10, "pagination[cursor]": "nonsense"},
        {"pagination[count]": 10, "pagination[cursor]": "OTk5"},
    ],
)
async def test_bad_pages_are_invalid(lab: Lab, query: dict[str, str | int | list[str]]) -> None:
    answer = await lab.get("/sources", query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("pagination.")


async def test_a_source_without_a_name_has_only_its_slug(lab: Lab) -> None:
    sources = (await lab.get("/sources", {"pagination[count]": 200})).json()["data"]["sources"]
    nameless = [source["slug"] for source in sources if "name" not in source]
    assert nameless == ["billing-events"]
    assert [source["slug"] for source in sources if not source["enabled"]] == ["old-site"]


async def test_a_connected_destination_is_listed(lab: Lab) -> None:
    source = lab.world.source("acme/backend")
    path = f"/sources/{source.id}/connected-destinations"
    before = (await lab.get(path, {"pagination[count]": 10})).json()["data"]["destinations"]
    connected = lab.world.connect_destination(source.id)
    (found,) = (await lab.get(path, {"pagination[count]": 10})).json()["data"]["destinations"]
    assert before == []
    assert (found["id"], found["enabled"], found["sourceId"]) == (connected.id, False, source.id)
    assert found["metadata"]["id"] == lab.world.state.featured.id
    assert set(found["settings"]["apiKey"]) == {"•"}


async def test_filters_of_a_destination_are_listed(lab: Lab) -> None:
    source = lab.world.source("acme/backend")
    destination = lab.world.connect_destination(source.id)
    lab.world.add_filter(source.id, "No test users", 'type = "identify"')
    answer = await lab.get(f"/destination/{destination.id}/filters", {"pagination[count]": 10})
    (rule,) = answer.json()["data"]["filters"]
    assert (rule["title"], rule["if"]) == ("No test users", 'type = "identify"')
    missing = await lab.get("/destination/nothing/filters", {"pagination[count]": 10})
    assert missing.status_code == 404
