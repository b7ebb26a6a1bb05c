"""Domain objects as JSON text and back.

Unknown fields are ignored and missing ones take their defaults. So two versions of the program can
run on one database during an upgrade.
"""

from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter

from flows.checks.question import Typed
from flows.model import Catalogue, Integration, SourceStatus
from flows.replay.facts import Coverage, ReplayRequest
from flows.vocabulary import TokenHealth

T = TypeVar("T")

INTEGRATION = TypeAdapter(Integration)
CATALOGUE = TypeAdapter(Catalogue)
STATUS = TypeAdapter(SourceStatus)
COVERAGE = TypeAdapter(Coverage)
REPLAY_REQUEST = TypeAdapter(ReplayRequest)
TYPED = TypeAdapter(Typed)
MOMENT = TypeAdapter(datetime)
ROUND: TypeAdapter[datetime | None] = TypeAdapter(datetime | None)
COUNT = TypeAdapter(int)
TOKEN = TypeAdapter(TokenHealth)
SCOPES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def to_text(adapter: TypeAdapter[T], value: T) -> str:
    return adapter.dump_json(value).decode()


def from_text(adapter: TypeAdapter[T], text: str) -> T:
    """Raises pydantic's `ValidationError` for a document that this version cannot read."""
    return adapter.validate_json(text)
