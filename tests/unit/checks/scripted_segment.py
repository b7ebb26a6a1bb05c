"""A Segment that answers each call as scripted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from flows.checks.segment import Delivered, Destination, SegmentSource
from flows.errors import (
    SegmentError,
    SegmentInvalid,
    SegmentLimited,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.replay.facts import DestinationFilter
from flows.vocabulary import CallType, Region, Workspace

FAILURES = ("401", "403", "404", "422", "down")


def failure(kind: str, call: str) -> SegmentError:
    """The error of a call: `limited` or one of `FAILURES`."""
    match kind:
        case "401" | "403":
            return SegmentRefused(call, int(kind))
        case "404":
            return SegmentNotFound(call, kind)
        case "422":
            return SegmentInvalid(call, kind)
        case "limited":
            return SegmentLimited(call, kind)
    return SegmentUnavailable(call, kind)


@dataclass(frozen=True)
class Each:
    """An answer, or the kind of failure, by the id of what is asked about."""

    of: Mapping[str, Any]
    others: Any


class ScriptedSegment:
    """Implements `flows.checks.segment.Segment`.

    `answers` holds the answer or the kind of failure by call; in Europe the key is `call@eu`.
    An `Each` answers about one thing otherwise than about the others, by its id.
    A call that is not there is refused with 401. `asked` lists what was called.
    """

    def __init__(self, **answers: Any) -> None:
        self.answers = {key.replace("_at_eu", "@eu"): value for key, value in answers.items()}
        self.asked: list[str] = []

    def answer(self, call: str, region: Region = Region.US) -> Any:
        return self.answer_about("", call, region)

    def answer_about(self, subject: str, call: str, region: Region) -> Any:
        key = f"{call}@eu" if region is Region.EU else call
        self.asked.append(key)
        found = self.answers.get(key, "401")
        if isinstance(found, Each):
            found = found.of.get(subject, found.others)
        if isinstance(found, str):
            raise failure(found, call)
        return found

    def access(self, token: SecretStr, region: Region) -> "ScriptedAccess":
        return ScriptedAccess(self, token, region)

    async def is_write_key(self, key: SecretStr) -> bool:
        return bool(self.answer("write_key"))


@dataclass
class ScriptedAccess:
    """Implements `flows.checks.segment.Access`."""

    script: ScriptedSegment
    token: SecretStr
    region: Region

    async def workspace(self) -> Workspace:
        found: Workspace = self.script.answer("workspace", self.region)
        return found

    async def sources(self) -> list[SegmentSource]:
        found: list[SegmentSource] = self.script.answer("sources", self.region)
        return found

    async def source(self, source_id: str) -> SegmentSource:
        found: SegmentSource = self.script.answer_about(source_id, "source", self.region)
        return found

    async def destinations(self, source_id: str) -> list[Destination]:
        found: list[Destination] = self.script.answer_about(source_id, "destinations", self.region)
        return found

    async def delivered(
        self,
        source_id: str,
        destination_id: str,
        start: datetime,
        end: datetime,
        *,
        closely: bool = True,
    ) -> Delivered:
        found: Delivered = self.script.answer_about(destination_id, "delivered", self.region)
        return found

    async def received(self, source_id: str, start: datetime, end: datetime) -> int:
        found: int = self.script.answer("received", self.region)
        return found

    async def volumes(
        self, start: datetime, end: datetime, source_ids: Sequence[str] = ()
    ) -> Mapping[str, Mapping[CallType, int]]:
        found: Mapping[str, Mapping[CallType, int]] = self.script.answer("volumes", self.region)
        return found

    async def event_names(
        self,
        source_ids: Sequence[str],
        start: datetime,
        end: datetime,
    ) -> Mapping[str, int]:
        found: Mapping[str, int] = self.script.answer("event_names", self.region)
        return found

    async def filters(self, destination_id: str) -> list[DestinationFilter]:
        found: list[DestinationFilter] = self.script.answer("filters", self.region)
        return found

    async def list_users(self) -> None:
        self.script.answer("users", self.region)

    async def config_workspace(self, slug: str) -> Workspace:
        found: Workspace = self.script.answer("config")
        return found
