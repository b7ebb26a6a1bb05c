"""The audit trail of credentials: who saw, entered, replaced and deleted them, and what followed.

It is derived from the facts before and after each change, so no way to delete a secret is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Protocol

from flows.csm import events as csm
from flows.history import Event
from flows.model import Integration
from flows.toplyne import events as toplyne
from flows.toplyne.model import DeliveryKind
from flows.vocabulary import Stamp


class Audited(StrEnum):
    SAW = "saw"  # what is stored about it; a secret itself is never shown
    ENTERED = "entered"
    REPLACED = "replaced"
    DELETED = "deleted"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    GIVEN = "given"  # to Toplyne, encrypted
    EXPORTED = "exported"
    ERASED = "erased"


class Secret(StrEnum):
    TOKEN = "access_token"  # noqa: S105 - the name of a kind
    WRITE_KEY = "write_key"
    ALL = "all"


OPERATOR = "operator:"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`who.by` is a Slack user id, `operator:<name>` for a command, or empty for the app itself.

    Of two entries of a tenant with the same `once`, the first stays.
    """

    what: Audited
    secret: Secret
    who: Stamp
    team_id: str
    integration_id: str = ""
    once: str = ""


class Audit(Protocol):
    """The trail of one tenant."""

    async def add(self, entry: AuditEntry) -> None: ...

    async def latest(self, team_id: str, limit: int) -> Sequence[AuditEntry]:
        """The newest entries of a Slack workspace first."""
        ...


def audited(
    before: Integration, after: Integration, events: Sequence[Event]
) -> Iterator[AuditEntry]:
    """The entries that follow from one change."""
    if before is after and not events:
        return

    entry = partial(AuditEntry, team_id=after.team_id, integration_id=after.id)
    for secret, had, has in (
        (Secret.TOKEN, before.token_entered, after.token_entered),
        (Secret.WRITE_KEY, before.write_back.entered, after.write_back.entered),
    ):
        if has and has != had:
            yield entry(Audited.REPLACED if had else Audited.ENTERED, secret, has)
        elif had and not has and events:
            yield entry(Audited.DELETED, secret, events[0].stamp)
    for event in events:
        match event:
            case csm.CredentialsConfirmed():
                yield entry(Audited.CONFIRMED, Secret.TOKEN, event.stamp)
            case csm.CredentialsRejected():
                yield entry(Audited.REJECTED, Secret.TOKEN, event.stamp)
            case toplyne.SentToToplyne(what=DeliveryKind.CREDENTIALS):
                yield entry(Audited.GIVEN, Secret.TOKEN, event.stamp)
            case toplyne.SentToToplyne(what=DeliveryKind.WRITE_KEY):
                yield entry(Audited.GIVEN, Secret.WRITE_KEY, event.stamp)


def saw_credentials(integration: Integration, who: Stamp) -> AuditEntry | None:
    """Somebody was shown what is stored about the token, though never the token itself."""
    if integration.token_entered is None:
        return None
    once = f"saw:{integration.id}:{who.by}:{who.at.date().isoformat()}"
    return AuditEntry(Audited.SAW, Secret.TOKEN, who, integration.team_id, integration.id, once)
