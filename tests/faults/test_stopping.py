"""SIGTERM while somebody waits. Requests are answered, and others take over running work."""

import asyncio

import httpx
import pytest

from tests.faults.test_processes import hear
from tests.scenario.story import choose_plan, enter_token, token
from tests.support.fleet import ENDED_WELL, Fleet, Member
from tests.support.world import World, soon


async def readiness(member: Member, said: list[str]) -> None:
    """Notes what `/readyz` says until nobody listens any more."""
    while True:
        try:
            answer = await member.get("/readyz")
        except httpx.TransportError:
            return
        said.append(f"{answer.status_code} {answer.text}")
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_request_under_way_ends_and_its_check_is_taken_over(
    outside: World, bots: Fleet
) -> None:
    (front,) = await bots.start("serve --no-worker")
    await outside.install()
    ada = outside.person("ada")
    await choose_plan(ada, "Business")
    outside.segment.set_weather("slow", 20)
    asked = len(outside.to_segment)
    submitting = asyncio.create_task(enter_token(ada, token(outside, "acme")))
    await soon(lambda: len(outside.to_segment) > asked)  # the request is under way
    said: list[str] = []
    saying = asyncio.create_task(readiness(front, said))
    await soon(lambda: said)
    assert await front.terminate() in ENDED_WELL
    await submitting
    assert ada.modal
    assert ada.modal.title == "Checking"
    await saying
    assert "503 draining" in said

    outside.segment.set_weather("fine")
    await bots.start("serve --no-worker")  # first: Slack tells of what the worker posts
    await ada.close()  # or the result would be shown in the window that is open
    await bots.start("worker")
    await hear(ada, "Segment has accepted the access token")
    assert set(await bots.stop()) <= ENDED_WELL
