"""What is said to whom when something happened: domain events → stored intents."""

from collections.abc import Iterable

from flows.csm.facts import Rejectable
from flows.history import Event, EventKind
from flows.model import Integration
from flows.outbox.messages import Message, MessageKind
from flows.ports import UnitOfWork
from flows.reminders.facts import Reminded

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
        EventKind.SOURCES_REJECTED,
        EventKind.REPLAY_REJECTED,
        EventKind.SOURCES_CHOSEN,
        EventKind.LIVE_SYNC_STARTED,
        EventKind.REPLAY_READY,
        EventKind.REPLAY_REQUESTED,
        EventKind.REPLAY_SENT,
        EventKind.REPLAY_QUESTION,
        EventKind.REPLAY_SCHEDULED,
        EventKind.REPLAY_RUNNING,
        EventKind.REPLAY_FINISHED,
        EventKind.REPLAY_CONFIRMED,
        EventKind.COMPLETED,
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
        EventKind.WRITE_KEY_ENTERED,
        EventKind.WRITE_BACK_SKIPPED,
        EventKind.HANDED_OVER,
        EventKind.HANDOVER_DELAYED,
        EventKind.HANDOVER_FAILED,
        EventKind.DISCONNECTED,
        EventKind.CLAIMED,
        EventKind.UNCLAIMED,
        EventKind.HANDED_TO,
        EventKind.ACCOUNT_SET,
        EventKind.CSM_WROTE,
        EventKind.CUSTOMER_REPLIED,
        EventKind.REPLY_WITHHELD,
        EventKind.ANSWERED,
        EventKind.CHANNEL_CALLED,
    }
)
# What the customer hears of a Replay when it is a CSM who reports it.
_REPLAY_NEWS = frozenset(
    {
        EventKind.REPLAY_SCHEDULED,
        EventKind.REPLAY_RUNNING,
        EventKind.REPLAY_CONFIRMED,
    }
)
_REJECTIONS = {
    EventKind.SOURCES_REJECTED: Rejectable.SOURCES,
    EventKind.REPLAY_REJECTED: Rejectable.REPLAY,
}


def contact(integration: Integration) -> str:
    """Whom to write to: whoever acted last, else the installer."""
    return (integration.last_active or integration.created).by


async def tell(work: UnitOfWork, integration: Integration, events: Iterable[Event]) -> None:
    """Stores what happened in the history, and the intents that follow from it."""
    for event in events:
        sequence = await work.history.append(integration.id, event)
        for message in messages_for(event, sequence, integration):
            await work.outbox.add(message)


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


def redraw(integration_id: str, user_id: str, key: str, mark: str) -> Message:
    """The intent to draw an earlier message to somebody anew, as it is true when that is done.

    `key` is that of the earlier message. Intents of one `mark` are one.
    """
    return Message(
        kind=MessageKind.REDRAWN,
        conversation=f"user:{user_id}",
        key=f"{mark}:{key}",
        integration_id=integration_id,
        params={"of": key},
    )


def edits_of(integration_id: str, sent: Iterable[Reminded], mark: str) -> list[Message]:
    """The intents to draw reminders anew, as they are true now; once for each `mark`."""
    return [
        redraw(integration_id, each.to, each.key(integration_id), mark) for each in sent if each.to
    ]


def replay_edits(before: Integration, after: Integration) -> list[Message]:
    """The intent to draw the message with a Replay request anew, once it says what is not so.

    That is: somebody reported how it goes, another request took its place, or all was left.
    """
    request = before.replay
    if request is None or _said_of_replay(before) == _said_of_replay(after):
        return []
    mark = f"replay:{after.revision}"
    return [redraw(after.id, request.requested.by, request.key(after.id), mark)]


def _said_of_replay(integration: Integration) -> tuple[object, ...]:
    return (
        integration.replay,
        integration.replay_sent,
        integration.replay_scheduled,
        integration.replay_running,
        integration.replay_finished,
        integration.replay_confirmed,
        integration.csm.rejection,
    )


_OF_REMINDER = ("blocker", "role", "instead_of", "last", "closes")


def _reminder(event: Event, integration: Integration) -> Message:
    sent = integration.reminders.sent[-1]
    return Message(
        kind=MessageKind.REMINDER,
        conversation=f"user:{sent.to}",
        key=sent.key(integration.id),
        integration_id=integration.id,
        params={
            **{name: event.params[name] for name in _OF_REMINDER},
            "decided": event.at.isoformat(),
        },
    )


def _replay_request(event: Event, integration: Integration) -> Message:
    request = integration.replay
    if request is None:
        raise ValueError("a Replay was requested, but there is no request")
    return Message(
        kind=MessageKind.REPLAY_REQUEST,
        conversation=f"user:{event.by}",
        key=request.key(integration.id),
        integration_id=integration.id,
        params={"number": event.params["number"]},
    )


def _replay_news(event: Event, sequence: int, integration: Integration) -> list[Message]:
    params = {name: event.params.get(name, "") for name in ("on", "ticket")}
    key = f"{MessageKind.REPLAY_NEWS}:{integration.id}:{sequence}"
    conversation = f"user:{contact(integration)}"
    params["what"] = event.kind.value
    return [Message(MessageKind.REPLAY_NEWS, conversation, key, integration.id, params)]


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
            what = Rejectable.CREDENTIALS.value
            return to(entered, MessageKind.REJECTED, reason=event.params["reason"], what=what)
        case kind if kind in _REJECTIONS:
            who, reason = contact(integration), event.params["reason"]
            return to(who, MessageKind.REJECTED, reason=reason, what=_REJECTIONS[kind].value)
        case EventKind.CSM_WROTE:
            said = {name: event.params[name] for name in ("name", "text")}
            return to(event.params["to"], MessageKind.CSM_MESSAGE, **said)
        case kind if kind in _REPLAY_NEWS and event.of_toplyne:
            return _replay_news(event, sequence, integration)
        case EventKind.LIVE_SYNC_STARTED if "source_id" in event.params:
            source_id = event.params["source_id"]
            return to(contact(integration), MessageKind.FIRST_DATA, source_id=source_id)
        case EventKind.LIVE_SYNC_STARTED:
            return to(contact(integration), MessageKind.ARRIVAL_CONFIRMED)
        case EventKind.REPLAY_REQUESTED:
            return [_replay_request(event, integration)]
        case EventKind.REMINDED:
            return [_reminder(event, integration)]
        case EventKind.SNOOZED | EventKind.ASKED_FOR_QUIET | EventKind.REMINDERS_RESUMED:
            newest = integration.reminders.sent[-1:]
            return edits_of(integration.id, newest, f"edit:{sequence}")
        case EventKind.INCIDENT:
            return to(contact(integration), MessageKind.INCIDENT, **event.params)
        case EventKind.INCIDENT_OVER:
            return to(contact(integration), MessageKind.INCIDENT_OVER, **event.params)
        case EventKind.COMPLETED:
            return to(contact(integration), MessageKind.COMPLETED)
        case EventKind.HELP_ASKED | EventKind.REPLAY_QUESTION:
            return to(event.by, MessageKind.HELP_RECEIVED)
        case EventKind.DISCONNECTED:
            return to(event.by, MessageKind.DISCONNECTED)
    return []
