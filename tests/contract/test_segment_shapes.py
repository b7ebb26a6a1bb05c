"""The simulated Segment's answers and errors match Segment's published shapes."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.contract.segment_shapes import Asked, described_calls, fits, values_at
from tests.playground.segment_support import Lab

CALLS = described_calls()
SHAPES = Path(__file__).parents[3] / "shared" / "segment" / "openapi.mock.yaml"
DELIVERY = [
    f"/delivery-overview/{name}"
    for name in (
        "failed-delivery",
        "filtered-at-destination",
        "filtered-at-source",
        "successful-delivery",
        "successfully-received",
    )
]
FILTERS = "/destination/{destinationId}/filters"
PATHS = sorted({call["path"] for call in CALLS.values()} | {*DELIVERY, FILTERS})


@pytest.fixture(scope="module")
def shapes() -> OpenAPI:
    if not SHAPES.exists():
        pytest.skip("Segment's published shapes are not beside this checkout")
    return OpenAPI.from_file_path(str(SHAPES))


@pytest.fixture
def asked() -> Asked:
    return Asked(Lab())


@pytest.mark.parametrize("name", sorted(CALLS))
async def test_answers_hold_what_we_rely_on(asked: Asked, name: str) -> None:
    call = CALLS[name]
    answer = await asked.lab.get(asked.path(call["path"]), asked.query(call["path"]))
    assert answer.status_code == 200, answer.text
    found = 0
    for path, kind in call["answers"].items():
        for value in values_at(answer.json()["data"], path):
            assert fits(value, kind), (path, value)
            found += 1
    assert found >= len([path for path in call["answers"] if "?" not in path])


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, parameter) for name, call in CALLS.items() for parameter in call["needs"]],
)
async def test_what_a_call_needs_is_demanded(asked: Asked, name: str, parameter: str) -> None:
    path = CALLS[name]["path"]
    query = asked.query(path)
    del query[parameter]
    answer = await asked.lab.get(asked.path(path), query)
    assert answer.status_code == 422
    field = answer.json()["errors"][0]["field"]
    assert field == parameter.replace("[", ".").replace("]", "")


def check(shapes: OpenAPI, path: str, query: dict[str, Any], answer: httpx.Response) -> None:
    """Raises if the request or the answer does not have the published shape."""
    request = MockRequest(
        "https://api.segmentapis.com",
        "get",
        path,
        args={name: str(value) for name, value in query.items() if not isinstance(value, list)},
        headers={"Authorization": "Bearer x"},
    )
    shapes.validate_request(request)
    check_answer(shapes, path, answer)


@pytest.mark.parametrize("pattern", PATHS)
async def test_answers_have_the_published_shape(
    asked: Asked, shapes: OpenAPI, pattern: str
) -> None:
    path = asked.path(pattern)
    query = asked.query(pattern)
    answer = await asked.lab.get(path, query)
    assert answer.status_code == 200, answer.text
    check(shapes, path, query, answer)


@pytest.mark.parametrize(
    ("status", "path", "workspace", "label"),
    [
        (401, "/sources", "acme", "revoked"),
        (401, "/events/volume", "acme", "config-api"),
        (403, "/", "corner-shop", "owner"),
        (403, "/users", "acme", "member"),
        (404, "/sources/unknown", "acme", "owner"),
        (404, "/sources/unknown/connected-destinations?pagination[count]=1", "acme", "owner"),
        (422, "/sources", "acme", "owner"),
        (422, "/events/volume", "acme", "owner"),
    ],
)
async def test_refusals_have_the_published_shape(
    asked: Asked, shapes: OpenAPI, status: int, path: str, workspace: str, label: str
) -> None:
    answer = await asked.lab.get(path, token=asked.lab.world.token(workspace, label).value)
    assert answer.status_code == status
    check_answer(shapes, path.partition("?")[0], answer)


@pytest.mark.parametrize("path", ["/", "/sources", "/events/volume", "/users"])
async def test_limits_have_the_published_shape(asked: Asked, shapes: OpenAPI, path: str) -> None:
    asked.lab.world.set_weather("limiting")
    answer = await asked.lab.get(path)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    check_answer(shapes, path, answer)


def check_answer(shapes: OpenAPI, path: str, answer: httpx.Response) -> None:
    """A refused request need not have the right shape."""
    request = MockRequest("https://api.segmentapis.com", "get", path)
    shapes.validate_response(
        request,
        MockResponse(
            answer.content, status_code=answer.status_code, content_type="application/json"
        ),
    )


def test_the_short_description_agrees_with_the_published_one(shapes: OpenAPI) -> None:
    published = shapes.spec.read_value()["paths"]
    for name, call in CALLS.items():
        operation = published[call["path"]]["get"]
        known = {parameter["name"] for parameter in operation["parameters"]}
        needed = {parameter.partition("[")[0] for parameter in call["needs"]}
        assert needed <= known, name
