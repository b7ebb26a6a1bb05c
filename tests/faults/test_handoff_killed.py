"""A worker dies between the receiver's answer and our commit. The same id comes again."""

from pathlib import Path

from bot.cli.database import migrate
from tests.faults.workers import workers_in
from tests.scenario.test_handoff_webhook import CREDENTIALS, connect, of_deliveries
from tests.support.backend import toplyne_backend
from tests.support.template import sqlite_url
from tests.support.world import soon, world

HOLD = 8  # seconds for which the receiver has the request and does not answer


async def test_killed_while_the_receiver_has_it(tmp_path: Path) -> None:
    address = sqlite_url(tmp_path)
    await migrate(address)
    async with toplyne_backend(tmp_path) as backend, world(address, **backend.settings) as made:
        await made.start_bot(worker=False)
        await made.install()
        secret = await connect(made, made.person("ada"))
        await backend.plan({"hold": HOLD})
        async with workers_in(made, tmp_path) as workers:
            await workers.start(1)
            await backend.given(CREDENTIALS)
            await workers.kill(0)
            tries = await backend.given(CREDENTIALS, 2)
            await soon(lambda: of_deliveries(made, "state") == ["delivered"])
        assert len({one["id"] for one in tries}) == 1
        assert {one["opened"]["access_token"] for one in tries} == {secret}
        assert of_deliveries(made, "attempts") == [2]
        made.slack.breach_free()
