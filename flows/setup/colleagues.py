"""Whether the colleague who was picked can be asked to do something, and with these words."""

import asyncio

from flows.errors import DirectoryUnavailable, ErrorCode, Field, FieldError
from flows.ports import Directory
from flows.secret_shapes import looks_secret
from flows.vocabulary import Actor

ANSWER_WITHIN = 1.5  # seconds: somebody pressed a button and is waiting
MAX_NOTE = 1000


def wrong_note(note: str) -> FieldError | None:
    """What is wrong with what somebody writes to a colleague or to Toplyne."""
    if looks_secret(note):
        return FieldError(Field.NOTE, ErrorCode.LOOKS_SECRET)
    if len(note) > MAX_NOTE:
        return FieldError(Field.NOTE, ErrorCode.TOO_LONG, {"limit": str(MAX_NOTE)})
    return None


async def why_not(directory: Directory, actor: Actor, user_id: str) -> ErrorCode | None:
    """What is wrong with the choice. None too if Slack does not answer in time."""
    if not user_id:
        return ErrorCode.REQUIRED
    if user_id == actor.user_id:
        return ErrorCode.COLLEAGUE_IS_SELF
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            person = await directory.person(actor.tenant_id, user_id)
    except (DirectoryUnavailable, TimeoutError):
        return None
    if person is None or not person.is_active:
        return ErrorCode.COLLEAGUE_GONE
    if person.is_bot:
        return ErrorCode.COLLEAGUE_IS_APP
    if actor.team_id not in person.teams:
        return ErrorCode.COLLEAGUE_ELSEWHERE
    return None if person.is_full_member else ErrorCode.COLLEAGUE_IS_GUEST
