"""What is said to whom when something happened: domain events → stored intents."""

from collections.abc import Iterable

from flows.checks import events as checks
from flows.csm import events as csm
from flows.csm.facts import Rejectable
from flows.history import EVENTS, Event
from flows.model import Integration
from flows.outbox.messages import Message, MessageKind
from flows.ports import UnitOfWork
from flows.reminders import events as reminders
from flows.reminders.facts import Reminded
from flows.replay import events as replay
from flows.setup import events as setup
from flows.vocabulary import Source

# What CSMs read in the thread of a customer's card.
THREAD_EVENTS = frozenset(EVENTS) - {setup.Started, setup.CheckFailed, reminders.ReminderSent}
ReplayReport = replay.ReplayScheduled | replay.ReplayRunning | replay.ReplayConfirmed


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
    if type(event) in THREAD_EVENTS:
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


def _reminder(event: reminders.ReminderSent, integration: Integration) -> Message:
    sent = integration.reminders.sent[-1]
    return Message(
        kind=MessageKind.REMINDER,
        conversation=f"user:{sent.to}",
        key=sent.key(integration.id),
        integration_id=integration.id,
        params={
            "blocker": event.blocker,
            "role": event.role,
            "instead_of": event.instead_of,
            "last": "yes" if event.is_last else "",
            "closes": event.closes.isoformat() if event.closes else "",
            "decided": event.stamp.at.isoformat(),
        },
    )


def _replay_request(event: replay.ReplayRequested, integration: Integration) -> Message:
    request = integration.replay
    if request is None:
        raise ValueError("a Replay was requested, but there is no request")
    return Message(
        kind=MessageKind.REPLAY_REQUEST,
        conversation=f"user:{event.stamp.by}",
        key=request.key(integration.id),
        integration_id=integration.id,
        params={"number": str(event.number)},
    )


def _replay_news(event: ReplayReport) -> dict[str, str]:
    if not isinstance(event, replay.ReplayScheduled):
        return {"what": event.kind, "on": "", "ticket": ""}
    on = event.on.isoformat() if event.on else ""
    return {"what": event.kind, "on": on, "ticket": event.ticket}


def _incident(event: checks.IncidentBegan | checks.IncidentOver) -> dict[str, str]:
    source = event.source or Source("", "")
    return {"blocker": event.blocker, "source_id": source.id, "source": source.label}


def _to_people(event: Event, sequence: int, integration: Integration) -> list[Message]:
    def to(user_id: str, kind: MessageKind, **params: str) -> list[Message]:
        key = f"{kind.value}:{integration.id}:{sequence}"
        return [Message(kind, f"user:{user_id}", key, integration.id, params)]

    by, nearest = event.stamp.by, contact(integration)
    entered = integration.credentials.entered.by if integration.credentials else by
    match event:
        case setup.Installed():
            return to(by, MessageKind.WELCOME)
        case setup.Delegated(to=colleague, screen=screen):
            return to(colleague, MessageKind.DELEGATED, by=by, screen=screen)
        case csm.CredentialsConfirmed():
            return to(entered, MessageKind.CONFIRMED)
        case csm.CredentialsRejected(reason=reason):
            return to(entered, MessageKind.REJECTED, reason=reason, what=Rejectable.CREDENTIALS)
        case csm.SourcesRejected(reason=reason):
            return to(nearest, MessageKind.REJECTED, reason=reason, what=Rejectable.SOURCES)
        case csm.ReplayRejected(reason=reason):
            return to(nearest, MessageKind.REJECTED, reason=reason, what=Rejectable.REPLAY)
        case csm.CsmWrote():
            return to(event.to, MessageKind.CSM_MESSAGE, name=event.name, text=event.text)
        case replay.ReplayScheduled() | replay.ReplayRunning() | replay.ReplayConfirmed() if (
            event.stamp.of_toplyne
        ):
            return to(nearest, MessageKind.REPLAY_NEWS, **_replay_news(event))
        case setup.LiveSyncStarted(source=Source(id=source_id)):
            return to(nearest, MessageKind.FIRST_DATA, source_id=source_id)
        case setup.LiveSyncStarted():
            return to(nearest, MessageKind.ARRIVAL_CONFIRMED)
        case replay.ReplayRequested():
            return [_replay_request(event, integration)]
        case reminders.ReminderSent():
            return [_reminder(event, integration)]
        case reminders.Snoozed() | reminders.AskedForQuiet() | reminders.RemindersResumed():
            newest = integration.reminders.sent[-1:]
            return edits_of(integration.id, newest, f"edit:{sequence}")
        case checks.IncidentBegan():
            return to(nearest, MessageKind.INCIDENT, **_incident(event))
        case checks.IncidentOver():
            return to(nearest, MessageKind.INCIDENT_OVER, **_incident(event))
        case replay.Completed():
            return to(nearest, MessageKind.COMPLETED)
        case setup.HelpAsked() | replay.ReplayQuestioned():
            return to(by, MessageKind.HELP_RECEIVED)
        case setup.Disconnected():
            return to(by, MessageKind.DISCONNECTED)
    return []
