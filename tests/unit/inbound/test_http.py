"""What operators ask over HTTP."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route, Router

from bot.inbound.http import COUNTED_FOR, UnderName, handle_healthz, metrics_app, readyz
from bot.inbound.serving import Drain, listening
from bot.metrics import Metrics
from flows.errors import StorageUnavailable
from tests.support.fleet import free_port


class Counting:
    """Counts how often the database would be asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.broken = False
        self.now = 100.0

    async def __call__(self) -> None:
        self.asked += 1
        if self.broken:
            raise StorageUnavailable


@pytest.fixture
def count() -> Counting:
    return Counting()


async def test_the_database_is_asked_for_counts_once_in_a_while(count: Counting) -> None:
    app = metrics_app(Metrics(), count, lambda: count.now)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as http:
        for broken in (False, True):
            count.broken = broken
            for _ in range(10):
                assert "bot_slack_request" in (await http.get("/metrics")).text
            count.now += COUNTED_FOR
    assert count.asked == 2


@pytest.mark.parametrize(("kept", "questions"), [(60.0, 1), (0.0, 2)])
async def test_however_many_ask_the_database_is_asked_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch, kept: float, questions: int
) -> None:
    monkeypatch.setattr("bot.inbound.http.READY_FOR", kept)
    asked = []

    async def probe() -> str:
        asked.append(None)
        await asyncio.sleep(0.01)
        return "database busy"

    app = Starlette(routes=[Route("/readyz", readyz(Drain(), [probe]))])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as http:
        for _ in range(2):
            answers = await asyncio.gather(*(http.get("/readyz") for _ in range(20)))
            assert {(one.status_code, one.text) for one in answers} == {(503, "database busy")}
    assert len(asked) == questions


def test_kinds_of_another_version_are_counted_as_long_as_there_are_any() -> None:
    metrics = Metrics()
    for counts in ({"message": 0, "of_another": 2}, {"message": 1}):
        metrics.failed_events(counts)
    (family,) = [one for one in metrics.registry.collect() if one.name == "bot_failed_events"]
    assert {each.labels["kind"]: each.value for each in family.samples} == {"message": 1}


async def test_metrics_have_an_address_of_their_own(count: Counting) -> None:
    port = free_port()
    async with (
        listening(metrics_app(Metrics(), count), "127.0.0.1", port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        assert (await http.get("/metrics")).status_code == 200
        assert (await http.get("/healthz")).status_code == 404
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"http://127.0.0.1:{port}/metrics")


@pytest.mark.parametrize(
    ("url", "ours", "others"),
    [
        (
            "https://bot.example",
            ["bot.example", "BOT.example", "bot.example:443", "bot.example."],
            ["example", "a.bot.example", "bot.example.evil", "botxexample", ""],
        ),
        ("http://[::1]:4111", ["[::1]:4111", "[::1]"], ["[::2]", "[::1", "[", "::1"]),
        ("http://127.0.0.1:4111", ["127.0.0.1:4111"], ["127.0.0.2", "127x0x0x1"]),
        ("https://xn--bcher-kva.example", ["xn--bcher-kva.example"], ["bcher.example"]),
        ("https://{x}.example", [], ["evil.example"]),
    ],
)
async def test_pages_are_under_one_name(url: str, ours: list[str], others: list[str]) -> None:
    app = Starlette(routes=[UnderName(url, Router([Route("/", handle_healthz)]))])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.test") as http:
        for hosts, status in ((ours, 200), (others, 404)):
            for host in hosts:
                answer = await http.get("/", headers={"host": host})
                assert answer.status_code == status, host
