"""Asks Segment what a pasted value really is. Shapes only help to word the answer."""

import asyncio
import re
import string
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import SecretStr

from flows.checks.question import (
    CheckStage,
    Found,
    Refused,
    Report,
    TokenAccepted,
    refused,
    unreported,
)
from flows.checks.segment import VOLUME_WINDOW, Access, Segment, SegmentSource
from flows.errors import (
    ErrorCode,
    Field,
    SegmentError,
    SegmentLimited,
    SegmentNotFound,
    SegmentRefused,
    SegmentUnavailable,
)
from flows.model import CatalogueEntry, TokenKind, Verification
from flows.pasted import address_path, alone, bare, strange_sign
from flows.secret_shapes import (
    SLACK_TOKEN,
    looks_like_config_api_token,
    looks_like_token,
    looks_secret,
    may_be_write_key,
    whole_token,
)
from flows.vocabulary import CallType, Region, Workspace

OWNER_ROLE = "Workspace Owner"
MAX_TOKEN = 500
MAX_SLUG = 100
_TRIED = 3  # sources whose destinations are asked for before a right is said to be missing

_IN_TOKENS = string.ascii_letters + string.digits + "-._~+/="  # what a header can carry (RFC 6750)
_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_ANY_WORKSPACE = "goto-my-workspace"  # in Segment's URLs: the reader's own workspace


def check_token_text(raw: str) -> tuple[SecretStr, Refused | None]:
    """The token without what stands around it, and what is wrong with it before any call."""
    text = whole_token(raw) or alone(raw, looks_like_token)
    token = SecretStr(text)
    if not text:
        return token, refused(Field.TOKEN, ErrorCode.REQUIRED)
    if SLACK_TOKEN.match(text):  # somebody's secret, and none of Segment's business
        return SecretStr(""), refused(Field.TOKEN, ErrorCode.TOKEN_IS_OF_SLACK)
    if len(text) > MAX_TOKEN:
        return token, refused(Field.TOKEN, ErrorCode.TOO_LONG, limit=str(MAX_TOKEN))
    if sign := strange_sign(text, _IN_TOKENS):
        return token, refused(Field.TOKEN, ErrorCode.NOT_ALONE, sign=sign)
    return token, None


def check_slug_text(raw: str) -> tuple[str, Refused | None]:
    """The slug, if need be out of an address, and what is wrong with it before any call."""
    text = bare(raw)
    if not text:
        return text, refused(Field.SLUG, ErrorCode.REQUIRED)
    if looks_secret(raw) or looks_secret(text):
        return "", refused(Field.SLUG, ErrorCode.LOOKS_SECRET)
    path = address_path(raw)
    if path is not None:
        text = path[0] if path and path[0] != _ANY_WORKSPACE else ""
        if not _SLUG.fullmatch(text):
            return "", refused(Field.SLUG, ErrorCode.SLUG_IS_URL)
    if len(text) > MAX_SLUG:
        return text, refused(Field.SLUG, ErrorCode.TOO_LONG, limit=str(MAX_SLUG))
    if not _SLUG.fullmatch(text):
        return text, refused(Field.SLUG, ErrorCode.SLUG_MALFORMED)
    return text.lower(), None


T = TypeVar("T")


async def _outcome(call: Awaitable[T]) -> T | SegmentError:
    try:
        return await call
    except SegmentError as error:
        return error


async def examine_token(
    segment: Segment,
    token: SecretStr,
    region: Region,
    *,
    on_business: bool,
    now: datetime,
    report: Report = unreported,
) -> TokenAccepted | Refused:
    """Which workspace a Public API token opens, and whether it may read what is needed.

    Both regions are asked at once. On Business, a wrong region is corrected silently. Other plans
    have no choice of region, so there it means that the plan is wrong. Raises
    `SegmentUnavailable` if no decisive answer could be had.
    """
    access, elsewhere = segment.access(token, region), segment.access(token, region.other)
    async with asyncio.TaskGroup() as both:
        here = both.create_task(_outcome(access.workspace()))
        there = both.create_task(_outcome(elsewhere.workspace()))
    if isinstance(workspace := here.result(), Workspace):
        return await _examine_rights(access, workspace, now, report)
    if isinstance(workspace := there.result(), Workspace):
        if not on_business:
            return refused(Field.TOKEN, ErrorCode.TOKEN_OTHER_REGION)
        return await _examine_rights(elsewhere, workspace, now, report)
    answers = (here.result(), there.result())
    for answer in answers:
        if isinstance(answer, SegmentLimited):
            raise answer  # the same address asks the other hosts: one limit is enough
    mistake = await _recognise_token(segment, access, answers)
    if mistake:
        return mistake
    for answer in answers:
        if isinstance(answer, SegmentError) and not isinstance(answer, SegmentRefused):
            raise _unavailable(answer)
    return refused(Field.TOKEN, ErrorCode.TOKEN_REFUSED)


def _unavailable(error: SegmentError) -> SegmentUnavailable:
    if isinstance(error, SegmentUnavailable):
        return error
    return SegmentUnavailable(error.call, "unexpected answer")


async def _examine_rights(
    access: Access, workspace: Workspace, now: datetime, report: Report
) -> TokenAccepted | Refused:
    report(Found(CheckStage.TOKEN))
    report(Found(CheckStage.WORKSPACE, workspace.label))
    async with asyncio.TaskGroup() as calls:
        sources = calls.create_task(_outcome(access.sources()))
        users = calls.create_task(_outcome(access.list_users()))
        volumes = calls.create_task(_outcome(access.volumes(now - VOLUME_WINDOW, now)))
    listing = sources.result()
    if isinstance(listing, SegmentRefused):
        return _lacks(listing)
    if isinstance(listing, SegmentError):
        raise _unavailable(listing)
    report(Found(CheckStage.LISTING))
    if refusal := await _refused_of_all(access, listing[:_TRIED]):
        return _lacks(refusal)
    return TokenAccepted(
        kind=TokenKind.PUBLIC_API,
        verification=Verification.VERIFIED,
        workspace=workspace,
        region=access.region,
        maybe_not_owner=SegmentRefused in (type(users.result()), type(volumes.result())),
        entries=catalogue_entries(listing, volumes.result()),
    )


async def _refused_of_all(
    access: Access, sources: Sequence[SegmentSource]
) -> SegmentRefused | None:
    """Whether the destinations of none of them may be read; the next is asked after a refusal."""
    refusal: SegmentRefused | None = None
    for found in sources:
        answer = await _outcome(access.destinations(found.source.id))
        if not isinstance(answer, SegmentRefused):
            return None
        refusal = answer
    return refusal


def _lacks(error: SegmentRefused) -> Refused:
    return refused(Field.TOKEN, ErrorCode.TOKEN_LACKS_CALL, call=error.call, role=OWNER_ROLE)


def catalogue_entries(
    listing: Sequence[SegmentSource],
    volumes: Mapping[str, Mapping[CallType, int]] | SegmentError,
) -> tuple[CatalogueEntry, ...]:
    """Catalogue entries, busiest first, then by name. By name only if Segment gave no figures."""
    known = not isinstance(volumes, SegmentError)
    counted = {} if isinstance(volumes, SegmentError) else volumes
    sent = {found.source.id: counted.get(found.source.id, {}) for found in listing}
    entries = [
        CatalogueEntry(
            source=found.source,
            enabled=found.enabled is not False,
            events=sum(sent[found.source.id].values()) if known else None,
            sends=tuple(kind for kind in CallType if sent[found.source.id].get(kind)),
        )
        for found in listing
    ]
    return tuple(sorted(entries, key=busiest_first))


def busiest_first(entry: CatalogueEntry) -> tuple[int, str]:
    """The order of a catalogue: by events, then by name."""
    return -(entry.events or 0), entry.source.label.casefold()


async def _recognise_token(
    segment: Segment, access: Access, answers: Sequence[object]
) -> Refused | None:
    """What a token that opened no region is instead, if Segment can tell."""
    token = access.token
    async with asyncio.TaskGroup() as calls:
        config = calls.create_task(_config_api_accepts(access))
        write_key = calls.create_task(_is_write_key(segment, token, answers))
    if config.result():
        return refused(Field.TOKEN, ErrorCode.TOKEN_IS_CONFIG_API)
    if write_key.result():
        return refused(Field.TOKEN, ErrorCode.TOKEN_IS_WRITE_KEY)
    if looks_like_config_api_token(token.get_secret_value()):
        return refused(Field.TOKEN, ErrorCode.TOKEN_IS_CONFIG_API)
    return None


async def _config_api_accepts(access: Access) -> bool:
    """Whether the Config API knows the token. It answers 401 to unknown ones for any workspace."""
    answer = await _outcome(access.config_workspace("workspace"))
    if isinstance(answer, SegmentRefused):
        return answer.status == 403
    return isinstance(answer, Workspace | SegmentNotFound)


async def _is_write_key(segment: Segment, token: SecretStr, answers: Sequence[object]) -> bool:
    """Asks only if the shape fits and each region has refused the value as a token.

    The question puts the value into a URL, where no token belongs.
    """
    refused_everywhere = all(isinstance(answer, SegmentRefused) for answer in answers)
    if not refused_everywhere or not may_be_write_key(token.get_secret_value()):
        return False
    return await _outcome(segment.is_write_key(token)) is True


async def is_revoked(access: Access) -> bool:
    """Whether a token that was good no longer opens its workspace. Raises `SegmentError`."""
    try:
        await access.workspace()
    except SegmentRefused:
        return True
    return False


async def examine_free(
    segment: Segment, token: SecretStr | None, slug: str
) -> TokenAccepted | Refused:
    """Checks what can be checked of a Free workspace, and accepts the rest as unverified.

    Raises `SegmentUnavailable` if a token was given and no API answered.
    """
    unverified = TokenAccepted(
        TokenKind.NONE, Verification.UNVERIFIED, Workspace(slug=slug), Region.US
    )
    if token is None:
        return unverified
    access, elsewhere = segment.access(token, Region.US), segment.access(token, Region.EU)
    async with asyncio.TaskGroup() as calls:
        by_slug = calls.create_task(_outcome(access.config_workspace(slug)))
        by_token = calls.create_task(_outcome(access.workspace()))
        by_token_elsewhere = calls.create_task(_outcome(elsewhere.workspace()))
    config, public = by_slug.result(), by_token.result()
    if isinstance(config, Workspace):
        return _with_slug(slug, config, TokenKind.CONFIG_API)
    if isinstance(public, Workspace):
        return _with_slug(slug, public, TokenKind.PUBLIC_API)
    if await _is_write_key(segment, token, (public, by_token_elsewhere.result())):
        return refused(Field.TOKEN, ErrorCode.TOKEN_IS_WRITE_KEY)
    if isinstance(config, SegmentRefused) and config.status == 401 and _is_of_config_api(token):
        return refused(Field.TOKEN, ErrorCode.TOKEN_REFUSED)
    if _no_such_slug(config):
        return refused(Field.SLUG, ErrorCode.SLUG_UNKNOWN, slug=slug)
    for answer in (config, public):
        if isinstance(answer, SegmentUnavailable):
            raise answer
    return TokenAccepted(
        TokenKind.PUBLIC_API, Verification.UNVERIFIED, Workspace(slug=slug), Region.US
    )


def _is_of_config_api(token: SecretStr) -> bool:
    """By its shape; then the Config API's refusal is an answer about it."""
    return looks_like_config_api_token(token.get_secret_value())


def _no_such_slug(config: SegmentError) -> bool:
    """Whether the Config API accepted the token but shows it no such workspace."""
    if isinstance(config, SegmentRefused):
        return config.status == 403
    return isinstance(config, SegmentNotFound)


def _with_slug(slug: str, found: Workspace, kind: TokenKind) -> TokenAccepted | Refused:
    if found.slug.casefold() != slug.casefold():
        return refused(Field.SLUG, ErrorCode.SLUG_OTHER_WORKSPACE, found=found.slug, expected=slug)
    return TokenAccepted(kind, Verification.VERIFIED, found, Region.US)
