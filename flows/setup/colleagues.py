"""Whether the colleague who was picked can be asked to do something."""

import asyncio

from flows.errors import DirectoryUnavailable, ErrorCode
from flows.ports import Directory
from flows.vocabulary import Actor

ANSWER_WITHIN = 1.5  # seconds: somebody pressed a button and is waiting


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
