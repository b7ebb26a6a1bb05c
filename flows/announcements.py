"""What is said to whom when something happened: domain events → stored intents."""

from collections.abc import Iterable

from flows.history import Event, EventKind
from flows.model import Integration
from flows.records import Message, MessageKind
from flows.reminder_facts import Reminded

# What CSMs read in the thread of a customer's card.
THREAD_EVENTS = frozenset(
    {
        EventKind.INSTALLED,
        EventKind.UNINSTALLED,
        EventKind.PLAN_CHOSEN,
        EventKind.UPGRADED,
        EventKind.STUCK,
        EventKind.CREDENTIALS_VERIFIED,
        EventKind.CREDENTIALS_UNVERIFIED,
        EventKind.CREDENTIALS_CONFIRMED,
        EventKind.CREDENTIALS_REJECTED,
        EventKind.SOURCES_CHOSEN,
        EventKind.LIVE_SYNC_STARTED,
        EventKind.REPLAY_READY,
        EventKind.REPLAY_REQUESTED,
        EventKind.REPLAY_SENT,
        EventKind.REPLAY_RUNNING,
        EventKind.REPLAY_FINISHED,
        EventKind.FINISHED_LIVE_ONLY,
        EventKind.REOPENED,
        EventKind.DELEGATED,
        EventKind.NOBODY_TO_REMIND,
        EventKind.SNOOZED,
        EventKind.ASKED_FOR_QUIET,
        EventKind.REMINDERS_RESUMED,
        EventKind.HELP_ASKED,
        EventKind.TOKEN_FORGOTTEN,
        EventKind.INCIDENT,
        EventKind.INCIDENT_OVER,
        EventKind.DISCONNECTED,
    }
)


def contact(integration: Integration) -> str:
    """Whom to write to: whoever acted last, else the installer."""
    return (integration.last_active or integration.created).by


def messages_for(event: Event, sequence: int, integration: Integration) -> list[Message]:
    """The intents of one event; `sequence` is its place in the history and makes their keys."""
    found = _to_people(event, sequence, integration)
    if event.kind in THREAD_EVENTS:
        found.append(
            Message(
                kind=MessageKind.THREAD,
                conversation=f"csm:{integration.id}",
                key=f"thread:{integration.id}:{sequence}",
                integration_id=integration.id,
                params={"event": str(sequence)},
            )
        )
    return found


def edits_of(integration_id: str, sent: Iterable[Reminded], mark: str) -> list[Message]:
    """The intents to draw reminders anew, as they are true now; once for each `mark`."""
    return [
        Message(
            kind=MessageKind.REMINDER_EDITED,
            conversation=f"user:{each.to}",
            key=f"{mark}:{each.key(integration_id)}",
            integration_id=integration_id,
            params={"of": each.key(integration_id)},
        )
        for each in sent
        if each.to
    ]


_OF_REMINDER = ("blocker", "role", "instead_of", "last", "closes")


def _reminder(event: Event, integration: Integration) -> Message:
    sent = integration.reminders.sent[-1]
    return Message(
        kind=MessageKind.REMINDER,
        conversation=f"user:{sent.to}",
        key=sent.key(integration.id),
        integration_id=integration.id,
        params={name: event.params[name] for name in _OF_REMINDER},
    )


def _to_people(event: Event, sequence: int, integration: Integration) -> list[Message]:
    def to(user_id: str, kind: MessageKind, **params: str) -> list[Message]:
        key = f"{kind.value}:{integration.id}:{sequence}"
        return [Message(kind, f"user:{user_id}", key, integration.id, params)]

    entered = integration.credentials.entered.by if integration.credentials else event.by
    match event.kind:
        case EventKind.INSTALLED:
            return to(event.by, MessageKind.WELCOME)
        case EventKind.DELEGATED:
            screen = event.params["screen"]
            return to(event.params["to"], MessageKind.DELEGATED, by=event.by, screen=screen)
        case EventKind.CREDENTIALS_CONFIRMED:
            return to(entered, MessageKind.CONFIRMED)
        case EventKind.CREDENTIALS_REJECTED:
            return to(entered, MessageKind.REJECTED, reason=event.params["reason"])
        case EventKind.LIVE_SYNC_STARTED if "source_id" in event.params:
            source_id = event.params["source_id"]
            return to(contact(integration), MessageKind.FIRST_DATA, source_id=source_id)
        case EventKind.LIVE_SYNC_STARTED:
            return to(contact(integration), MessageKind.ARRIVAL_CONFIRMED)
        case EventKind.REPLAY_REQUESTED:
            return to(event.by, MessageKind.REPLAY_REQUEST, number=event.params["number"])
        case EventKind.REMINDED:
            return [_reminder(event, integration)]
        case EventKind.SNOOZED | EventKind.ASKED_FOR_QUIET | EventKind.REMINDERS_RESUMED:
            newest = integration.reminders.sent[-1:]
            return edits_of(integration.id, newest, f"edit:{sequence}")
        case EventKind.INCIDENT:
            return to(contact(integration), MessageKind.INCIDENT, **event.params)
        case EventKind.INCIDENT_OVER:
            return to(contact(integration), MessageKind.INCIDENT_OVER, **event.params)
        case EventKind.HELP_ASKED:
            return to(event.by, MessageKind.HELP_RECEIVED)
        case EventKind.DISCONNECTED:
            return to(event.by, MessageKind.DISCONNECTED)
    return []
