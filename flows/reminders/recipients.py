"""Who of the customer's is written to unasked: whoever is concerned and still there."""

from collections.abc import Iterator, Sequence

from flows.history import StoredEvent
from flows.model import Installation, Integration
from flows.outbox.announce import contact
from flows.ports import Directory, UnitOfWork
from flows.reminders.facts import Role
from flows.reminders.hours import Person
from flows.reminders.steps import Recipient
from flows.replay import events as replay
from flows.setup import events as setup

MOST_PARTICIPANTS = 10  # people of whom Slack is asked for one message
HISTORY_READ = 200  # entries in which participants are looked for

# What somebody of the customer's does: CSMs act on a set-up too.
_PARTICIPATION = (
    setup.Started,
    setup.PlanChosen,
    setup.Upgraded,
    setup.CredentialsVerified,
    setup.CredentialsUnverified,
    setup.SourcesChosen,
    setup.WriteKeyEntered,
    setup.Reopened,
    setup.Delegated,
    replay.ReplayRequested,
    replay.ReplaySent,
    replay.ReplayRunning,
)


async def candidates(work: UnitOfWork, integration: Integration) -> list[Recipient]:
    """In the order in which they are asked for; empty where the app is not installed."""
    installation = await work.installations.get()
    if installation is None or installation.revoked_at:
        return []
    events = await work.history.latest(integration.id, HISTORY_READ)
    found: dict[str, Recipient] = {}
    for recipient in _in_order(integration, events, installation):
        if recipient.user_id:
            found.setdefault(recipient.user_id, recipient)
    return list(found.values())[:MOST_PARTICIPANTS]


async def choose(
    directory: Directory, tenant_id: str, found: Sequence[Recipient]
) -> tuple[Recipient, Person | None]:
    """The first who is still there, with what is known about them; else the CSM.

    Raises `DirectoryUnavailable`.
    """
    for candidate in found:
        person = await directory.person(tenant_id, candidate.user_id)
        if person and person.is_active:
            return candidate, person
    return Recipient("", Role.CSM, found[0].user_id), None


def _in_order(
    integration: Integration, events: Sequence[StoredEvent], installation: Installation
) -> Iterator[Recipient]:
    asked, last = integration.delegation, contact(integration)
    if asked:
        yield Recipient(asked.user_id, Role.ASKED)
    yield Recipient(last, Role.DID_LAST)
    for stored in events:
        if isinstance(stored.event, _PARTICIPATION):
            yield Recipient(stored.event.stamp.by, Role.TOOK_PART, last)
    yield Recipient(installation.installed.by, Role.INSTALLER, last)
