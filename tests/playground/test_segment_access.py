"""Which caller may ask the simulated Segment what, and how it refuses."""

import pytest

from tests.playground.segment_support import Lab

ONE = {"pagination[count]": 1}


@pytest.fixture
def lab() -> Lab:
    return Lab()


def error_of(body: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    (error,) = body["errors"]
    return error


async def test_a_token_opens_its_own_workspace(lab: Lab) -> None:
    answer = await lab.get("/")
    workspace = lab.world.workspace("acme")
    assert answer.status_code == 200
    assert answer.json()["data"]["workspace"] == {
        "id": workspace.id,
        "slug": "acme",
        "name": "Acme Inc",
    }


@pytest.mark.parametrize("label", ["revoked", "config-api"])
async def test_a_dead_or_legacy_token_is_unauthorized(lab: Lab, label: str) -> None:
    answer = await lab.get("/", token=lab.world.token("acme", label).value)
    assert answer.status_code == 401
    assert error_of(answer.json())["type"] == "unauthorized"


async def test_an_unknown_token_is_unauthorized(lab: Lab) -> None:
    assert (await lab.get("/", token="x" * 64)).status_code == 401


async def test_a_token_works_in_its_region_only(lab: Lab) -> None:
    european = lab.world.token("acme-eu", "owner").value
    assert (await lab.get("/", token=european)).status_code == 401
    assert (await lab.get("/", token=european, api="eu")).status_code == 200
    assert (await lab.get("/", api="eu")).status_code == 401


async def test_free_workspaces_are_not_served(lab: Lab) -> None:
    answer = await lab.get("/", token=lab.world.token("corner-shop", "owner").value)
    assert answer.status_code == 403
    assert error_of(answer.json())["type"] == "forbidden"


@pytest.mark.parametrize(
    ("label", "refused"),
    [
        ("owner", set()),
        ("member", {"/users"}),
        ("limited", {"/users", "/destinations", "/delivery", "/events/volume"}),
    ],
)
async def test_each_role_may_make_its_calls(lab: Lab, label: str, refused: set[str]) -> None:
    token = lab.world.token("acme", label).value
    source = lab.world.source("acme/web-app")
    destination = lab.world.connect_destination(source.id)
    delivery = {**lab.days(), "sourceId": source.id, "destinationConfigId": destination.id}
    asked = {
        "/": await lab.get("/", token=token),
        "/sources": await lab.get("/sources", ONE, token=token),
        "/source": await lab.get(f"/sources/{source.id}", token=token),
        "/users": await lab.get("/users", ONE, token=token),
        "/destinations": await lab.get(
            f"/sources/{source.id}/connected-destinations", ONE, token=token
        ),
        "/delivery": await lab.get("/delivery-overview/successful-delivery", delivery, token=token),
        "/events/volume": await lab.get("/events/volume", lab.days(), token=token),
    }
    assert {name for name, answer in asked.items() if answer.status_code == 403} == refused
    assert {answer.status_code for answer in asked.values()} <= {200, 403}


async def test_only_a_source_admin_sees_write_keys(lab: Lab) -> None:
    source = lab.world.source("acme/web-app")
    path = f"/sources/{source.id}"
    owner = await lab.get(path)
    member = await lab.get(path, token=lab.world.token("acme", "member").value)
    assert owner.json()["data"]["source"]["writeKeys"] == source.write_keys
    assert member.json()["data"]["source"]["writeKeys"] == []


async def test_a_revoked_token_stops_at_once(lab: Lab) -> None:
    lab.world.revoke_token(lab.world.token("acme", "owner").value)
    assert (await lab.get("/")).status_code == 401


async def test_a_new_token_opens_the_workspace(lab: Lab) -> None:
    token = lab.world.add_token("beacon", "member")
    assert (await lab.get("/", token=token.value)).json()["data"]["workspace"]["slug"] == "beacon"


async def test_json_must_be_accepted(lab: Lab) -> None:
    assert (await lab.get("/", accept="text/html")).status_code == 406


async def test_things_of_another_workspace_do_not_exist(lab: Lab) -> None:
    foreign = lab.world.source("beacon/app").id
    assert (await lab.get(f"/sources/{foreign}")).status_code == 404
    answer = await lab.get(f"/sources/{foreign}/connected-destinations", ONE)
    assert answer.status_code == 404
    assert error_of(answer.json())["type"] == "not-found"


async def test_an_unknown_path_is_not_found(lab: Lab) -> None:
    assert (await lab.get("/warehouses")).status_code == 404


async def test_config_api_serves_its_own_tokens_and_workspace(lab: Lab) -> None:
    token = lab.world.token("corner-shop", "config-api").value
    asked = {
        "own": await lab.get("/workspaces/corner-shop", token=token, api="config/v1beta"),
        "other": await lab.get("/workspaces/acme", token=token, api="config/v1beta"),
        "none": await lab.get("/workspaces/nobody", token=token, api="config/v1beta"),
        "public": await lab.get("/workspaces/acme", api="config/v1beta"),
    }
    statuses = {name: answer.status_code for name, answer in asked.items()}
    assert statuses == {"own": 200, "other": 403, "none": 404, "public": 401}
    assert asked["own"].json()["name"] == "workspaces/corner-shop"
    assert asked["own"].json()["display_name"] == "Corner Shop"
    assert set(asked["none"].json()) == {"error", "code"}


async def test_the_cdn_knows_write_keys_of_every_workspace(lab: Lab) -> None:
    key = lab.world.source("beacon/app").write_keys[0]
    known = await lab.get(f"/v1/projects/{key}/settings", api="cdn")
    unknown = await lab.get(f"/v1/projects/{'a' * 32}/settings", api="cdn")
    assert (known.status_code, unknown.status_code) == (200, 404)
    assert "integrations" in known.json()
