"""Checks whether Toplyne can send with this write key, without sending anything: Segment's
tracking API accepts events with wrong keys too.
"""

import string
from collections.abc import Sequence

from pydantic import SecretStr

from flows.checks.question import Refused, SourcesExamined, Typed, WriteKeyAccepted, refused
from flows.checks.segment import Segment, SegmentSource
from flows.errors import ErrorCode, Field, SegmentRefused
from flows.model import Integration, Verification
from flows.pasted import alone, strange_sign
from flows.secret_shapes import looks_like_token, may_be_write_key

MAX_WRITE_KEY = 64
_IN_WRITE_KEYS = string.ascii_letters + string.digits + "_-"


def check_write_key_text(raw: str) -> tuple[SecretStr, Refused | None]:
    """The key without what stands around it, and what is wrong with it before any call."""
    text = alone(raw, may_be_write_key)
    key = SecretStr(text)
    if not text:
        return key, refused(Field.WRITE_KEY, ErrorCode.REQUIRED)
    if looks_like_token(raw) or looks_like_token(text):
        return key, refused(Field.WRITE_KEY, ErrorCode.WRITE_KEY_IS_TOKEN)
    if sign := strange_sign(text, _IN_WRITE_KEYS):
        return key, refused(Field.WRITE_KEY, ErrorCode.NOT_ALONE, sign=sign)
    if len(text) > MAX_WRITE_KEY:
        return key, refused(Field.WRITE_KEY, ErrorCode.TOO_LONG, limit=str(MAX_WRITE_KEY))
    return key, None


async def examine_write_key(
    segment: Segment, token: SecretStr | None, integration: Integration, key: SecretStr
) -> WriteKeyAccepted | Refused:
    """Looks the key up in the verified workspace's list of sources. If that shows no keys, asks
    at the URL where Segment's own libraries get their settings.

    Raises `SegmentUnavailable`, and errors that Segment should never answer here.
    """
    if token and token.get_secret_value() == key.get_secret_value():
        return refused(Field.WRITE_KEY, ErrorCode.WRITE_KEY_IS_TOKEN)
    listing = await _listing(segment, token, integration)
    owner = next((found for found in listing if key in found.write_keys), None)
    if owner:
        return _of_own_source(owner, integration)
    known = [*(found.source for found in listing), *integration.sources]
    text = key.get_secret_value()
    named = next((source for source in known if text in (source.id, source.slug)), None)
    if named:
        params = {"source": named.label}
        return refused(Field.WRITE_KEY, ErrorCode.WRITE_KEY_IS_SOURCE_ID, **params)
    return await _of_unlisted(segment, listing, integration, key)


async def _listing(
    segment: Segment, token: SecretStr | None, integration: Integration
) -> Sequence[SegmentSource]:
    """The workspace's sources; empty without a verified token that may list them."""
    credentials = integration.credentials
    if token is None or credentials is None:
        return ()
    if credentials.verification is not Verification.VERIFIED:
        return ()
    try:
        return await segment.access(token, integration.region).sources()
    except SegmentRefused:
        return ()


def _of_own_source(owner: SegmentSource, integration: Integration) -> WriteKeyAccepted | Refused:
    """Refuses a source that Toplyne reads: its writes would come back to it for ever."""
    params = {"source": owner.source.label}
    if any(source.id == owner.source.id for source in integration.sources):
        return refused(Field.WRITE_KEY, ErrorCode.WRITE_KEY_OF_READ_SOURCE, **params)
    if not owner.enabled:
        return refused(Field.WRITE_KEY, ErrorCode.SOURCE_DISABLED, **params)
    return WriteKeyAccepted(owner.source, owner.kind)


def reads_what_it_writes(
    integration: Integration, typed: Typed, answer: SourcesExamined | WriteKeyAccepted
) -> Refused | None:
    """Refuses a source that Toplyne would read and write, whichever of the two came last."""
    if isinstance(answer, WriteKeyAccepted):
        written, read = answer.source, integration.sources
    else:
        written, read = integration.write_back.source, answer.sources
    if written is None or all(source.id != written.id for source in read):
        return None
    if isinstance(answer, WriteKeyAccepted):
        code = ErrorCode.WRITE_KEY_OF_READ_SOURCE
        return refused(Field.WRITE_KEY, code, source=written.label)
    is_chosen = typed.sources is not None and written.id in typed.sources.chosen
    field = Field.SOURCES if is_chosen else Field.SOURCE_IDS
    return refused(field, ErrorCode.SOURCE_WRITTEN_TO, source=written.label)


async def _of_unlisted(
    segment: Segment,
    listing: Sequence[SegmentSource],
    integration: Integration,
    key: SecretStr,
) -> WriteKeyAccepted | Refused:
    """Asks about a key that is in no list. A value of the wrong shape is not put into a URL."""
    if not may_be_write_key(key.get_secret_value()) or not await segment.is_write_key(key):
        return refused(Field.WRITE_KEY, ErrorCode.WRITE_KEY_UNKNOWN)
    if any(found.write_keys for found in listing):
        credentials = integration.credentials
        workspace = credentials.workspace.label if credentials else ""
        return refused(Field.WRITE_KEY, ErrorCode.WRITE_KEY_OTHER_WORKSPACE, workspace=workspace)
    return WriteKeyAccepted(None)
