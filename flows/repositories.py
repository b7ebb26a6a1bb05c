"""Where everything about one tenant is kept, as Protocols that the storage fills."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from flows.checks.question import PendingCheck
from flows.csm.facts import Card, ChannelBinding
from flows.history import Event, StoredEvent
from flows.model import (
    Catalogue,
    Incident,
    Installation,
    Integration,
    Observed,
    ReceivedEvent,
    SourceStatus,
    Team,
)
from flows.outbox.messages import Attempt, Message, Placed, StoredMessage
from flows.overview import Overview
from flows.replay.facts import Coverage, ReplayRequest
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from flows.vocabulary import TokenHealth


class Integrations(Protocol):
    async def get(self, integration_id: str) -> Integration:
        """Raises `NotFound`."""
        ...

    async def all(self) -> Sequence[Integration]: ...

    async def of_team(self, team_id: str) -> Integration | None:
        """The set-up of a Slack workspace: one for now, the newest if there are more."""
        ...

    async def add(self, integration: Integration) -> None:
        """Raises `RevisionConflict` when there is one of this id already."""
        ...

    async def save(self, integration: Integration) -> Integration:
        """Writes it and returns it with the next revision. Raises `RevisionConflict`."""
        ...


class Observations(Protocol):
    async def of(self, integration_id: str) -> Observed: ...

    async def put_catalogue(self, integration_id: str, catalogue: Catalogue) -> None: ...

    async def put_status(self, integration_id: str, status: SourceStatus) -> None: ...

    async def keep_statuses(self, integration_id: str, source_ids: Collection[str]) -> None:
        """Removes those of all other sources."""
        ...

    async def put_coverage(self, integration_id: str, coverage: Coverage) -> None: ...

    async def put_looked(self, integration_id: str, at: datetime, failures: int) -> None:
        """When Segment was asked last, and how many looks in a row have brought nothing."""
        ...

    async def put_token(self, integration_id: str, health: TokenHealth) -> None: ...

    async def put_waited(self, integration_id: str, at: datetime) -> None: ...

    async def clear(self, integration_id: str) -> None: ...


class Incidents(Protocol):
    """What broke: opened once and closed once, whoever notices first."""

    async def of(self, integration_id: str) -> Sequence[Incident]:
        """The open ones, oldest first."""
        ...

    async def open(self, integration_id: str, incident: Incident) -> bool:
        """False when one of this kind and subject is open already."""
        ...

    async def close(self, integration_id: str, incident: Incident, at: datetime) -> bool:
        """False when it is closed already."""
        ...


class History(Protocol):
    async def append(self, integration_id: str, event: Event) -> int:
        """Returns its sequence number."""
        ...

    async def get(self, integration_id: str, sequence: int) -> StoredEvent: ...

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        """Newest first."""
        ...


class Vault(Protocol):
    """Secrets of one kind, sealed. What is read is a `SecretStr`; nothing else ever opens one."""

    async def put(self, integration_id: str, secret: SecretStr) -> None: ...

    async def get(self, integration_id: str) -> SecretStr | None: ...

    async def delete(self, integration_id: str) -> None: ...


class Checks(Protocol):
    async def add(self, check: PendingCheck, secret: SecretStr | None) -> None: ...

    async def get(self, check_id: str) -> tuple[PendingCheck, SecretStr | None] | None: ...

    async def count_attempt(self, check_id: str) -> None: ...

    async def delete(self, check_id: str) -> bool:
        """Whether it was still there: only one finisher gets True."""
        ...

    async def delete_of(self, integration_id: str) -> Sequence[PendingCheck]:
        """Deletes those of a set-up and returns them."""
        ...


class Outbox(Protocol):
    async def add(self, message: Message) -> None:
        """Stores the intent once for its key, and the job that delivers its conversation."""
        ...

    async def due(self, conversation: str, now: datetime, limit: int) -> Sequence[StoredMessage]:
        """Pending ones of one conversation, oldest first; none if the oldest is not due yet."""
        ...

    async def due_again(self, conversation: str, limit: int) -> datetime | None:
        """When the next turn of that conversation comes; None when nothing waits there."""
        ...

    async def claim(
        self, seen: StoredMessage, attempt: Attempt, due_at: datetime
    ) -> StoredMessage | None:
        """Counts and stores an attempt that is about to begin; nobody else's turn before `due_at`.

        None when the message is not as it was seen: somebody else has claimed or sent it.
        """
        ...

    async def hurry(self, conversation: str) -> None:
        """What waits there because of failures is due now."""
        ...

    async def mark_sent(self, sequence: int, channel_id: str, ts: str) -> None: ...

    async def placed(self, key: str) -> Placed | None:
        """A message that was sent; None for one that was not, or was not worth sending."""
        ...

    async def put_off(self, seen: StoredMessage, error: str, due_at: datetime) -> None:
        """Not now; what is in doubt is what `seen` says. Nothing if it was claimed since."""
        ...

    async def give_up(self, seen: StoredMessage, error: str) -> None:
        """Dead from now on, unless it was claimed since it was seen."""
        ...


class Overviews(Protocol):
    async def put(self, overview: Overview) -> None: ...

    async def plan_poll(self, integration_id: str, at: datetime | None) -> None: ...

    async def get(self, integration_id: str) -> Overview | None: ...


class Cards(Protocol):
    async def get(self, integration_id: str) -> Card | None: ...

    async def put(self, card: Card) -> None: ...


class Inbox(Protocol):
    async def accept(self, event: ReceivedEvent) -> bool:
        """Stores it, due at once; False, and nothing done, when it came before."""
        ...

    async def get(self, event_id: str) -> ReceivedEvent: ...

    async def close(self, event_id: str, error: str = "") -> None:
        """It was worked on, or could not be: `error` is a name without secrets."""
        ...


class Installations(Protocol):
    """The installation of this unit of work's tenant, its bot token sealed beside it."""

    async def get(self) -> Installation | None: ...

    async def token(self) -> SecretStr | None:
        """None when there is none or it was revoked."""
        ...

    async def hold(self) -> Installation | None:
        """The same, and nobody else changes it before this unit of work ends."""
        ...

    async def put(self, installation: Installation, token: SecretStr) -> None:
        """Stores it and, unless it is org-wide, the Slack workspace that it reaches."""
        ...

    async def revoke(self, at: datetime) -> None:
        """Marks it, deletes the token, and has all of its Slack workspaces leave."""
        ...


class Teams(Protocol):
    """The Slack workspaces that this tenant's installation reaches, and those that have left."""

    async def get(self, team_id: str) -> Team | None: ...

    async def grant(self, team_id: str, name: str, at: datetime) -> None:
        """Reached from now on, perhaps again."""
        ...

    async def leave(self, team_id: str, at: datetime) -> None: ...


class CsmChannel(Protocol):
    """The channel that CSMs watch, kept under the tenant of Toplyne's own Slack workspace."""

    async def get(self) -> ChannelBinding | None: ...

    async def bind(self, binding: ChannelBinding) -> None: ...

    async def next_digest(self) -> datetime | None: ...

    async def plan_digest(self, at: datetime | None) -> None:
        """None: it is planned anew, in the time zone of whoever has bound the channel now."""
        ...

    async def trouble(self, channel_id: str, error: str, at: datetime) -> bool:
        """Remembers that it takes nothing; False when that is known already."""
        ...

    async def well(self) -> None:
        """It takes messages (again)."""
        ...


class HomeViewers(Protocol):
    """Who has opened App Home: theirs is redrawn when something changes."""

    async def seen(self, user_id: str, team_id: str, at: datetime) -> None: ...

    async def recent(self, team_id: str, limit: int) -> Sequence[str]:
        """Of one Slack workspace, the latest first."""
        ...


class ReplayRequests(Protocol):
    """Every version of a Replay request that was handed off."""

    async def add(self, integration_id: str, request: ReplayRequest) -> None:
        """One of the same number takes its place."""
        ...

    async def of(self, integration_id: str, limit: int) -> Sequence[ReplayRequest]:
        """Newest first."""
        ...

    async def delete_of(self, integration_id: str) -> None: ...


class Deliveries(Protocol):
    """The outbox of the webhook to Toplyne's backend. Times are real ones."""

    async def add(self, delivery: Delivery) -> None:
        """Stores the intent and its job; what waits of the same kind is superseded."""
        ...

    async def get(self, delivery_id: str) -> StoredDelivery | None: ...

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredDelivery]:
        """Newest first."""
        ...

    async def claim(self, seen: StoredDelivery, due_at: datetime) -> StoredDelivery | None:
        """Counts a try that is about to begin; nobody else's turn before `due_at`.

        None when the delivery is not as it was seen.
        """
        ...

    async def mark_delivered(self, seen: StoredDelivery, at: datetime) -> bool:
        """False when the delivery is not as it was seen; so for the next two."""
        ...

    async def put_off(self, seen: StoredDelivery, error: str, due_at: datetime) -> bool: ...

    async def end(self, seen: StoredDelivery, state: DeliveryState, error: str) -> bool:
        """It is not tried any more."""
        ...

    async def withdraw(
        self, integration_id: str, kinds: Collection[DeliveryKind]
    ) -> frozenset[DeliveryKind]:
        """Ends those that wait; returns the kinds of which something may have been given since
        they were withdrawn last."""
        ...
