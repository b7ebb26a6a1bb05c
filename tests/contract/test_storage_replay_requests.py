"""Every version of a Replay request is kept, for one set-up only."""

from dataclasses import replace

from tests.contract.conftest import Storage
from tests.contract.samples import A, B, replay

FIRST, SECOND = replace(replay(), number=1), replay()


async def test_versions_come_newest_first_and_whole(stored: Storage) -> None:
    async with stored.work(A) as work:
        await work.replay_requests.add("one", FIRST)
        await work.replay_requests.add("one", SECOND)
        await work.commit()
    async with stored.work(A) as work:
        assert list(await work.replay_requests.of("one", 9)) == [SECOND, FIRST]
        assert list(await work.replay_requests.of("one", 1)) == [SECOND]


async def test_one_of_the_same_number_takes_its_place(stored: Storage) -> None:
    async with stored.work(A) as work:
        await work.replay_requests.add("one", FIRST)
        await work.replay_requests.add("one", replace(FIRST, estimate=7))
        assert [each.estimate for each in await work.replay_requests.of("one", 9)] == [7]


async def test_nobody_else_sees_or_deletes_them(stored: Storage) -> None:
    async with stored.work(A) as work:
        await work.replay_requests.add("one", FIRST)
        await work.commit()
    async with stored.work(B) as work:
        assert list(await work.replay_requests.of("one", 9)) == []
        await work.replay_requests.delete_of("one")
        await work.commit()
    async with stored.work(A) as work:
        assert list(await work.replay_requests.of("one", 9)) == [FIRST]
        await work.replay_requests.delete_of("one")
        assert list(await work.replay_requests.of("one", 9)) == []
