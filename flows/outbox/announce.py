"""Who is told what when something happens: domain events → stored intents."""

from collections.abc import Iterable, Sequence

from flows.audit import audited
from flows.checks import events as checks
from flows.csm import events as csm
from flows.csm.facts import Rejectable
from flows.history import EVENTS, Event
from flows.model import Integration, Situation
from flows.outbox.bodies import (
    ArrivalConfirmed,
    ColleagueAsked,
    ColleagueDid,
    Confirmed,
    CsmMessage,
    Deed,
    Farewell,
    FirstData,
    HelpReceived,
    IncidentNews,
    Personal,
    RecoveryNews,
    Redraw,
    Rejected,
    Reminder,
    ReplayInstructions,
    ReplayNews,
    Summary,
    ThreadLine,
    Welcome,
)
from flows.outbox.messages import Message
from flows.ports import UnitOfWork
from flows.reminders import events as reminders
from flows.reminders.facts import Reminded
from flows.replay import events as replay
from flows.replay.facts import News
from flows.setup import events as setup
from flows.setup.blockers import setup_blocker
from flows.setup.permissions import starter
from flows.vocabulary import Source

# The events that CSMs read in the thread of a customer's card.
THREAD_EVENTS = frozenset(EVENTS) - {setup.Started, setup.CheckFailed, reminders.ReminderSent}


def contact(integration: Integration) -> str:
    """Whom to write to: the person who acted last, else the installer."""
    return (integration.last_active or integration.created).by


async def announce(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """Writes the history, tells the people concerned, and corrects messages that became untrue."""
    await tell(work, after.integration, events)
    for entry in audited(before.integration, after.integration, events):
        await work.audit.add(entry)
    if did := deed_of(before.integration, after.integration, events):
        installation = await work.installations.get()
        installer = installation.installed.by if installation else ""
        for message in tell_owners(did, before.integration, after.integration, installer):
            await work.outbox.add(message)
    for message in replay_edits(before.integration, after.integration):
        await work.outbox.add(message)


async def outdate_reminders(
    work: UnitOfWork, before: Situation, after: Situation, _events: Sequence[Event]
) -> None:
    """Takes the buttons off reminders about what the set-up no longer waits for, and off those that
    a newer one follows, each once.
    """
    integration = after.integration
    sent = before.integration.reminders.sent or integration.reminders.sent
    blocked = setup_blocker(integration, after.observed)
    current = blocked.blocker if blocked and not integration.disconnected else ""
    newest = integration.reminders.sent[-1:]
    outdated = [e for e in sent if e.to and (e.blocker != current or e not in newest)]
    for each in outdated:
        key = each.key(integration.id)
        await work.outbox.add(redraw(integration.id, each.to, key, "gone"))


async def tell(work: UnitOfWork, integration: Integration, events: Iterable[Event]) -> None:
    """Stores the events in the history, and the intents that follow from them."""
    for event in events:
        sequence = await work.history.append(integration.id, event)
        for message in messages_for(event, sequence, integration):
            await work.outbox.add(message)


def messages_for(event: Event, sequence: int, integration: Integration) -> list[Message]:
    """The intents of one event. `sequence` is its place in the history and makes their keys."""
    found = _to_people(event, sequence, integration)
    if type(event) in THREAD_EVENTS:
        found.append(
            Message(
                ThreadLine(sequence),
                conversation=f"csm:{integration.id}",
                key=f"thread:{integration.id}:{sequence}",
                integration_id=integration.id,
            )
        )
    return found


def redraw(integration_id: str, user_id: str, key: str, mark: str) -> Message:
    """The intent to redraw an earlier message, as it is true at that time.

    `key` is the key of the earlier message. Intents with the same `mark` are one.
    """
    return Message(Redraw(key), f"user:{user_id}", f"{mark}:{key}", integration_id)


def edits_of(integration_id: str, sent: Iterable[Reminded], mark: str) -> list[Message]:
    """The intents to redraw reminders, once for each `mark`."""
    return [
        redraw(integration_id, each.to, each.key(integration_id), mark) for each in sent if each.to
    ]


def replay_edits(before: Integration, after: Integration) -> list[Message]:
    """The intent to redraw the message with a Replay request that is no longer true.

    This happens when its progress is reported, when another request replaces it, or when the
    customer disconnects.
    """
    request = before.replay
    if request is None or _said_of_replay(before) == _said_of_replay(after):
        return []
    mark = f"replay:{after.revision}"
    return [redraw(after.id, request.requested.by, request.key(after.id), mark)]


def deed_of(
    before: Integration, after: Integration, events: Iterable[Event]
) -> ColleagueDid | None:
    """What somebody just did that the starter and the installer should know of."""
    for event in events:
        by = event.stamp.by
        match event:
            case setup.CredentialsVerified(workspace=label) if before.credentials:
                return ColleagueDid(by, Deed.TOKEN_REPLACED, label)
            case setup.CredentialsUnverified(workspace=label) if before.credentials:
                return ColleagueDid(by, Deed.TOKEN_REPLACED, label)
            case setup.TokenForgotten():
                return ColleagueDid(by, Deed.TOKEN_FORGOTTEN)
            case setup.SourcesChosen(sources=labels) if before.sources:
                return ColleagueDid(by, Deed.SOURCES_CHANGED, ", ".join(labels))
            case setup.Disconnected():
                return ColleagueDid(by, Deed.DISCONNECTED)
    return None


def tell_owners(
    did: ColleagueDid, before: Integration, after: Integration, installer: str
) -> list[Message]:
    """To the starter and the installer, unless they did it themselves."""
    owners = dict.fromkeys([starter(before), installer])
    return [
        Message(did, f"user:{owner}", f"did:{after.id}:{after.revision}:{owner}", after.id)
        for owner in owners
        if owner and owner != did.by
    ]


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
    reminder = Reminder(
        event.blocker,
        event.role,
        instead_of=event.instead_of,
        is_last=event.is_last,
        closes=event.closes,
        decided=event.stamp.at,
    )
    return Message(reminder, f"user:{sent.to}", sent.key(integration.id), integration.id)


def _replay_request(event: replay.ReplayRequested, integration: Integration) -> Message:
    request = integration.replay
    if request is None:
        raise ValueError("a Replay was requested, but there is no request")
    key = request.key(integration.id)
    body = ReplayInstructions(event.number)
    return Message(body, f"user:{event.stamp.by}", key, integration.id)


def _to_people(event: Event, sequence: int, integration: Integration) -> list[Message]:
    def to(user_id: str, body: Personal) -> list[Message]:
        key = f"{body.kind}:{integration.id}:{sequence}"
        return [Message(body, f"user:{user_id}", key, integration.id)]

    by, nearest = event.stamp.by, contact(integration)
    entered = integration.credentials.entered.by if integration.credentials else by
    match event:
        case setup.Installed():
            return to(by, Welcome(event.team_name, event.again))
        case setup.Delegated(to=colleague, screen=screen):
            return to(colleague, ColleagueAsked(by, screen))
        case csm.CredentialsConfirmed():
            return to(entered, Confirmed())
        case csm.CredentialsRejected(reason=reason):
            return to(entered, Rejected(reason, Rejectable.CREDENTIALS))
        case csm.SourcesRejected(reason=reason):
            return to(nearest, Rejected(reason, Rejectable.SOURCES))
        case csm.ReplayRejected(reason=reason):
            return to(nearest, Rejected(reason, Rejectable.REPLAY))
        case csm.CsmWrote(to=reader, name=name, text=text):
            return to(reader, CsmMessage(name, text))
        case replay.ReplayScheduled(on=on, ticket=ticket) if event.stamp.of_toplyne:
            return to(nearest, ReplayNews(News.SCHEDULED, on, ticket))
        case replay.ReplayRunning() if event.stamp.of_toplyne:
            return to(nearest, ReplayNews(News.RUNNING))
        case replay.ReplayConfirmed() if event.stamp.of_toplyne:
            return to(nearest, ReplayNews(News.CONFIRMED))
        case setup.LiveSyncStarted(source=Source(id=source_id)):
            return to(nearest, FirstData(source_id))
        case setup.LiveSyncStarted():
            return to(nearest, ArrivalConfirmed())
        case replay.ReplayRequested():
            return [_replay_request(event, integration)]
        case reminders.ReminderSent():
            return [_reminder(event, integration)]
        case reminders.Snoozed() | reminders.AskedForQuiet() | reminders.RemindersResumed():
            newest = integration.reminders.sent[-1:]
            return edits_of(integration.id, newest, f"edit:{sequence}")
        case checks.IncidentBegan(blocker=blocker, source=source, others=others):
            return to(nearest, IncidentNews(blocker, source, others=others))
        case checks.IncidentOver(blocker=blocker, source=source, others=others):
            return to(nearest, RecoveryNews(blocker, source, others=others))
        case replay.Completed() | setup.FinishedLiveOnly() if by:  # on Free nobody ends it
            return to(nearest, Summary())
        case setup.HelpAsked() | replay.ReplayQuestioned():
            return to(by, HelpReceived())
        case setup.Disconnected():
            return to(by, Farewell())
    return []
