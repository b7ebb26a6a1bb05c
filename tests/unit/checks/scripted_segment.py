"""A Segment that answers each call as it is told to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.errors import (
    SegmentError,
    SegmentInvalid,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.replay.facts import DestinationFilter
from flows.vocabulary import CallType, Region, Workspace

FAILURES = ("401", "403", "404", "422", "down")


def failure(kind: str, call: str) -> SegmentError:
    """What a call ends with: one of `FAILURES`."""
    match kind:
        case "401" | "403":
            return SegmentRefused(call, int(kind))
        case "404":
            return SegmentNotFound(call, kind)
        case "422":
            return SegmentInvalid(call, kind)
    return SegmentUnavailable(call, kind)


class ScriptedSegment:
    """Fills `flows.segment.Segment`.

    `answers` holds the answer or the kind of failure by call; in Europe the key is `call@eu`.
    A call that is not there is refused with 401. `asked` lists what was called.
    """

    def __init__(self, **answers: Any) -> None:
        self.answers = {key.replace("_at_eu", "@eu"): value for key, value in answers.items()}
        self.asked: list[str] = []

    def _answer(self, call: str, region: Region = Region.US) -> Any:
        key = f"{call}@eu" if region is Region.EU else call
        self.asked.append(key)
        found = self.answers.get(key, "401")
        if isinstance(found, str):
            raise failure(found, call)
        return found

    async def workspace(self, token: SecretStr, region: Region) -> Workspace:
        found: Workspace = self._answer("workspace", region)
        return found

    async def sources(self, token: SecretStr, region: Region) -> list[SegmentSource]:
        found: list[SegmentSource] = self._answer("sources", region)
        return found

    async def source(self, token: SecretStr, region: Region, source_id: str) -> SegmentSource:
        found: SegmentSource = self._answer("source", region)
        return found

    async def destinations(
        self, token: SecretStr, region: Region, source_id: str
    ) -> list[Destination]:
        found: list[Destination] = self._answer("destinations", region)
        return found

    async def delivered(
        self,
        token: SecretStr,
        region: Region,
        source_id: str,
        destination_id: str,
        start: datetime,
        end: datetime,
        *,
        closely: bool = True,
    ) -> Delivered:
        found: Delivered = self._answer("delivered", region)
        return found

    async def received(
        self, token: SecretStr, region: Region, source_id: str, start: datetime, end: datetime
    ) -> int:
        found: int = self._answer("received", region)
        return found

    async def volumes(
        self, token: SecretStr, region: Region, start: datetime, end: datetime
    ) -> Mapping[str, Mapping[CallType, int]]:
        found: Mapping[str, Mapping[CallType, int]] = self._answer("volumes", region)
        return found

    async def event_names(
        self,
        token: SecretStr,
        region: Region,
        source_ids: Sequence[str],
        start: datetime,
        end: datetime,
    ) -> Mapping[str, int]:
        found: Mapping[str, int] = self._answer("event_names", region)
        return found

    async def filters(
        self, token: SecretStr, region: Region, destination_id: str
    ) -> list[DestinationFilter]:
        found: list[DestinationFilter] = self._answer("filters", region)
        return found

    async def list_users(self, token: SecretStr, region: Region) -> None:
        self._answer("users", region)

    async def config_workspace(self, token: SecretStr, slug: str) -> Workspace:
        found: Workspace = self._answer("config")
        return found

    async def is_write_key(self, key: SecretStr) -> bool:
        return bool(self._answer("write_key"))
