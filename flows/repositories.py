"""Where all data of one tenant is kept: Protocols that the storage implements."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from flows.checks.facts import Incident
from flows.checks.question import PendingCheck
from flows.history import Event, StoredEvent
from flows.model import Catalogue, Integration, Observed, SourceStatus
from flows.outbox.messages import Attempt, Message, Placed, StoredMessage
from flows.overview import Overview
from flows.replay.facts import Coverage, ReplayRequest
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from flows.vocabulary import ReceivedEvent, TokenHealth


class Integrations(Protocol):
    """`get` and `observed`, which adds what Segment last said, raise `NotFound`.

    These and `of_team` raise `RowUnreadable`. `exists` and `listed` read no facts.
    """

    async def get(self, integration_id: str) -> Integration: ...

    async def observed(self, integration_id: str) -> tuple[Integration, Observed]: ...

    async def exists(self, integration_id: str) -> bool: ...

    async def listed(self) -> Sequence[tuple[str, str]]:
        """All set-ups, each with its Slack workspace."""
        ...

    async def of_team(self, team_id: str) -> Integration | None:
        """The set-up of a Slack workspace: one for now, the newest if there are several."""
        ...

    async def add(self, integration: Integration) -> None:
        """Raises `RevisionConflict` if this id exists already."""
        ...

    async def save(self, integration: Integration) -> Integration:
        """Saves it and returns it with the next revision. Raises `RevisionConflict`."""
        ...


class Observations(Protocol):
    async def of(self, integration_id: str) -> Observed: ...

    async def put_catalogue(self, integration_id: str, catalogue: Catalogue) -> None: ...

    async def put_status(self, integration_id: str, status: SourceStatus) -> None: ...

    async def keep_statuses(self, integration_id: str, source_ids: Collection[str]) -> None:
        """Removes the statuses of all other sources."""
        ...

    async def put_coverage(self, integration_id: str, coverage: Coverage) -> None: ...

    async def put_looked(
        self, integration_id: str, at: datetime, failures: int, round_since: datetime | None = None
    ) -> None:
        """When Segment was asked, failed polls in a row, since when an unfinished look goes on."""
        ...

    async def put_token(self, integration_id: str, health: TokenHealth) -> None: ...

    async def put_waited(self, integration_id: str, at: datetime) -> None: ...

    async def forget_windows(self, integration_id: str, windows: Collection[str]) -> None: ...

    async def clear(self, integration_id: str) -> None: ...


class Incidents(Protocol):
    """What broke. Each incident opens once and closes once, even if several jobs notice it."""

    async def of(self, integration_id: str) -> Sequence[Incident]:
        """The open incidents, oldest first."""
        ...

    async def open(self, integration_id: str, incident: Incident) -> bool:
        """False if one of this kind and subject is open already."""
        ...

    async def close(self, integration_id: str, incident: Incident, at: datetime) -> bool:
        """False if it is closed already."""
        ...


class History(Protocol):
    """`latest` leaves out what cannot be read, as `ReplayRequests.of` and `Deliveries.latest` do.

    Where one row is asked for by name, `RowUnreadable` is raised.
    """

    async def append(self, integration_id: str, event: Event) -> int:
        """Returns the event's sequence number."""
        ...

    async def get(self, integration_id: str, sequence: int) -> StoredEvent: ...

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredEvent]:
        """Newest first."""
        ...


class Vault(Protocol):
    """Sealed secrets of one kind; nothing else opens a secret. `get` raises `SecretLost`."""

    async def put(self, integration_id: str, secret: SecretStr) -> None: ...

    async def get(self, integration_id: str) -> SecretStr | None: ...

    async def delete(self, integration_id: str) -> None: ...


class Checks(Protocol):
    async def add(self, check: PendingCheck, secret: SecretStr | None) -> None: ...

    async def get(self, check_id: str) -> tuple[PendingCheck, SecretStr | None] | None:
        """With the secret under check, which is empty if no key opens it."""
        ...

    async def count_attempt(self, check_id: str) -> None: ...

    async def delete(self, check_id: str) -> bool:
        """Whether it was still there. Only one finisher gets True."""
        ...

    async def delete_of(self, integration_id: str) -> Sequence[PendingCheck]:
        """Deletes the checks of a set-up and returns those that can be read."""
        ...


class Requests(Protocol):
    async def first(self, request: str) -> None:
        """Remembers a signed request. Raises `Repeated` if it is remembered already."""
        ...


class Outbox(Protocol):
    async def add(self, message: Message) -> None:
        """Stores the intent, once for its key, and the job that delivers its conversation."""
        ...

    async def waiting(self, conversation: str, limit: int) -> Sequence[StoredMessage]:
        """What waits in a conversation, oldest first, and edits last. Not all of it may go now."""

    async def claim(
        self, seen: StoredMessage, attempt: Attempt, due_at: datetime
    ) -> StoredMessage | None:
        """Counts and stores an attempt that is about to begin. Nobody else starts before `due_at`.

        None if the message has changed since `seen`: somebody else claimed or sent it.
        """
        ...

    async def hurry(self, conversation: str) -> None:
        """Makes messages due now that wait because of failures."""

    async def mark_sent(self, sequence: int, channel_id: str, ts: str) -> None: ...

    async def placed(self, key: str) -> Placed | None:
        """The message with this key, if it was sent; else None."""

    async def newest(self, conversation: str, kind: str) -> Placed | None:
        """The last message of this kind that was sent there, whenever that was."""

    async def last_farewell(self, integration_id: str) -> int:
        """The sequence of the newest one: older messages are of an earlier set-up. 0 for none."""

    async def told(self, integration_id: str, limit: int) -> Sequence[StoredMessage]:
        """What people read, or will, that a change may draw again; newest first."""

    async def put_off(self, seen: StoredMessage, error: str, due_at: datetime) -> None:
        """Postpones it and keeps the attempt of `seen` in doubt. A message claimed since stays."""
        ...

    async def give_up(self, seen: StoredMessage, error: str) -> None:
        """Marks it dead, unless somebody claimed it since `seen`."""
        ...


class Overviews(Protocol):
    async def put(self, overview: Overview) -> None: ...

    async def get(self, integration_id: str) -> Overview | None: ...


class Inbox(Protocol):
    async def accept(self, event: ReceivedEvent) -> bool:
        """Stores it, due at once. False, and nothing is stored, if it came before."""
        ...

    async def get(self, event_id: str) -> ReceivedEvent: ...

    async def tells_of_leaving(self, *, surely: bool = True) -> bool:
        """Whether an event that is still open says that the app was uninstalled: not from a single
        Slack workspace of an organisation, unless what Slack is to be asked about counts, too.
        """
        ...

    async def close(self, event_id: str, error: str = "") -> None:
        """Marks it processed, or failed with `error`: a name without secrets."""
        ...


class ReplayRequests(Protocol):
    """Every version of a Replay request that was handed off."""

    async def add(self, integration_id: str, request: ReplayRequest) -> None:
        """Replaces a request with the same number."""
        ...

    async def of(self, integration_id: str, limit: int) -> Sequence[ReplayRequest]:
        """Newest first."""
        ...

    async def delete_of(self, integration_id: str) -> None: ...


class Deliveries(Protocol):
    """The outbox of the webhook to Toplyne's backend. Times are real."""

    async def add(self, delivery: Delivery) -> None:
        """Stores the intent and its job, and supersedes what waits of the same kind."""
        ...

    async def get(self, delivery_id: str) -> StoredDelivery | None: ...

    async def latest(self, integration_id: str, limit: int) -> Sequence[StoredDelivery]:
        """Newest first."""
        ...

    async def claim(self, seen: StoredDelivery, due_at: datetime) -> StoredDelivery | None:
        """Counts a try that is about to begin. Nobody else starts before `due_at`.

        None if the delivery has changed since `seen`.
        """
        ...

    async def mark_delivered(self, seen: StoredDelivery, at: datetime) -> bool:
        """False if the delivery has changed since `seen`, as in the next two methods."""
        ...

    async def put_off(self, seen: StoredDelivery, later: StoredDelivery) -> bool: ...

    async def end(self, seen: StoredDelivery, state: DeliveryState, error: str) -> bool:
        """Ends it in this state. It is not tried any further."""
        ...

    async def withdraw(
        self, integration_id: str, kinds: Collection[DeliveryKind]
    ) -> frozenset[DeliveryKind]:
        """Withdraws deliveries of these kinds.

        Returns the kinds of which Toplyne may have got something since their last withdrawal.
        """
        ...
