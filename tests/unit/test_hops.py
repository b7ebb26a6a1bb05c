"""How far it is from a use case to Segment: counted, so that it cannot grow unnoticed."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, cast

import httpx

from flows.clients.segment import SegmentClient, SegmentUrls
from flows.model import Plan
from flows.setup.submission import Ref
from tests.support.fake_segment import made_up_token
from tests.support.flow_services import ADA, Services

ROOT = Path(__file__).parent.parent.parent
PACKAGES = tuple(str(ROOT / package) for package in ("bot", "flows", "storage"))
URLS = SegmentUrls(*(f"https://segment.test/{host}" for host in ("us", "eu", "config", "cdn")))
# These may shrink. If a change makes one grow, put its work where something does it already.
FRAMES = 8  # of our own, between the use case and the HTTP client
# Entered on the way; nine are for who may, and how often. The eighth says who is a full member: one
# rule for whoever acts and for whoever is told what to do. The ninth asks Slack once more about
# somebody who seems gone and acts, whether customer or CSM.
FILES, FUNCTIONS = 18, 42


@dataclass
class Walk:
    """Which of our own code is entered, and the frames that lead to the end of the walk."""

    entered: set[CodeType] = field(default_factory=set)
    frames: list[str] = field(default_factory=list)
    _behind: dict[asyncio.Task[Any], list[str]] = field(default_factory=dict)

    @contextmanager
    def going(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(self._start)
        sys.setprofile(self._enter)
        try:
            yield
        finally:
            sys.setprofile(None)
            loop.set_task_factory(None)

    def end(self, request: httpx.Request) -> httpx.Response:
        """Ends at the first request. Others, which run in parallel, get the same answer."""
        if not self.frames:
            sys.setprofile(None)
            self.frames = self._way_here()
        return httpx.Response(401, json={"errors": []})

    @property
    def files(self) -> set[str]:
        return {code.co_filename for code in self.entered}

    def _enter(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGES):
            self.entered.add(frame.f_code)

    def _start(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **options)
        self._behind[task] = self._way_here()
        return task

    def _way_here(self) -> list[str]:
        """The names of our own frames, outermost first, through the tasks that led here."""
        task = asyncio.current_task()
        before = self._behind.get(task, []) if task else []
        return [*before, *reversed(list(_own(sys._getframe())))]


def _own(frame: FrameType | None) -> Iterator[str]:
    while frame:
        if frame.f_code.co_filename.startswith(PACKAGES):
            yield frame.f_code.co_qualname
        frame = frame.f_back


async def test_a_pasted_token_is_on_its_way_to_segment_after_few_hops() -> None:
    walk = Walk()
    async with httpx.AsyncClient(transport=httpx.MockTransport(walk.end)) as http:
        services = Services(segment=cast("Any", SegmentClient(lambda: http, URLS)))
        started = await services.setup.start(ADA)
        ref = Ref(started.situation.integration.id, started.situation.integration.revision)
        shown = await services.setup.choose_plan(ADA, ref, Plan.BUSINESS)
        ref = Ref(ref.integration_id, shown.situation.integration.revision)
        with walk.going():
            await services.setup.submit_token(ADA, ref, made_up_token("ada"))
    use_case, *between = walk.frames
    assert use_case == "SetUp.submit_token"
    assert len(between) <= FRAMES, between
    assert len(walk.files) <= FILES, sorted(walk.files)
    assert len(walk.entered) <= FUNCTIONS
