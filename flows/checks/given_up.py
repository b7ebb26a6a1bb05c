"""What becomes of checks, and of all else that is known, when their set-up is given up."""

from flows.checks.question import PendingCheck
from flows.model import Screen
from flows.outbox.bodies import CheckDone
from flows.outbox.messages import DIRECT_CONVERSATIONS, Message
from flows.ports import UnitOfWork
from flows.setup.results import Notice
from flows.vocabulary import Stamp


async def forget_set_up(work: UnitOfWork, integration_id: str) -> None:
    """Deletes all rows about a set-up that is given up. Whoever waits for a check hears of it."""
    await work.vault.delete(integration_id)
    await work.tries.end(integration_id)
    for check in await work.checks.delete_of(integration_id):
        if not check.is_held:
            await work.outbox.add(abandoned_message(check))
    await work.observations.clear(integration_id)
    await work.replay_requests.delete_of(integration_id)


def abandoned_message(check: PendingCheck) -> Message:
    """Tells the waiting modal that the set-up was disconnected meanwhile."""
    return about_check(check, CheckDone(check.id, check.kind, Screen.PLAN, Notice.DISCONNECTED))


def token_gone_message(check: PendingCheck, by: Stamp) -> Message:
    """Tells the waiting modal that the token was deleted meanwhile, and its check with it."""
    screen, changed = Screen.CREDENTIALS, Notice.CHANGED_MEANWHILE
    return about_check(check, CheckDone(check.id, check.kind, screen, changed, changed=by))


def about_check(check: PendingCheck, done: CheckDone) -> Message:
    """The message to whoever waits for this check."""
    key = f"check:{check.id}"
    return Message(done, f"{DIRECT_CONVERSATIONS}{check.user_id}", key, check.integration_id)
