"""Who is told what when something happens: domain events → stored intents."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from flows.audit import audited
from flows.checks import events as checks
from flows.csm import events as csm
from flows.csm.facts import Rejectable
from flows.history import EVENTS, Event
from flows.model import Delegation, Integration, Situation, Step
from flows.outbox.bodies import (
    ArrivalConfirmed,
    ColleagueAsked,
    ColleagueDid,
    Confirmed,
    CsmMessage,
    Deed,
    DelegationNews,
    Farewell,
    FirstData,
    Heard,
    HelpReceived,
    IncidentNews,
    Personal,
    RecoveryNews,
    Rejected,
    Reminder,
    ReplayInstructions,
    ReplayNews,
    Summary,
    ThreadLine,
    Welcome,
)
from flows.outbox.messages import CSM_CONVERSATIONS, DIRECT_CONVERSATIONS, Message
from flows.ports import UnitOfWork
from flows.reminders import events as reminders
from flows.replay import events as replay
from flows.replay.facts import request_key
from flows.setup import events as setup
from flows.setup.blockers import Blocker, due_blocker
from flows.setup.permissions import contact, starter, still_asked

# The events that CSMs read in the thread of a customer's card.
THREAD_EVENTS = frozenset(EVENTS) - {
    setup.Started,
    setup.CheckFailed,
    reminders.ReminderSent,
    reminders.ReminderNotSent,
}

NOTHING_AFTER = timedelta(days=1)  # whoever asked a colleague hears that nothing has happened


async def announce(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """Writes the history and tells the people concerned."""
    await tell(work, after.integration, events)
    for entry in audited(before.integration, after.integration, events):
        await work.audit.add(entry)
    heard: list[Message] = []
    if before.integration.asked:
        heard.extend(requests_over(before.integration, after.integration, events))
        heard.extend(nothing_yet(after, events))
    for message in heard:
        await work.outbox.add(message)
    if did := deed_of(before.integration, after.integration, events):
        installation = await work.installations.get()
        installer = installation.installed.by if installation else ""
        know = {each.conversation for each in heard if isinstance(each.body, DelegationNews)}
        for message in tell_owners(did, before.integration, after.integration, installer):
            if message.conversation not in know:
                await work.outbox.add(message)


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
        thread = f"{CSM_CONVERSATIONS}{integration.id}"
        key = f"thread:{integration.id}:{sequence}"
        found.append(Message(ThreadLine(sequence), thread, key, integration.id))
    return found


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
                return ColleagueDid(by, Deed.WORKSPACE_ENTERED, label)
            case setup.TokenForgotten():
                return ColleagueDid(by, Deed.TOKEN_FORGOTTEN)
            case setup.SourcesChosen(sources=labels) if before.sources:
                every = ", ".join(labels)
                return ColleagueDid(by, Deed.SOURCES_CHANGED, every, sources=labels)
            case setup.Disconnected(workspace=old, instead=label) if label:
                return ColleagueDid(by, Deed.WORKSPACE_REPLACED, label, old)
            case setup.Disconnected():
                return ColleagueDid(by, Deed.DISCONNECTED)
    return None


def tell_owners(
    did: ColleagueDid, before: Integration, after: Integration, installer: str
) -> list[Message]:
    """To the starter and the installer, unless they did it themselves."""
    owners = dict.fromkeys([starter(before), installer])
    # Revisions begin anew after an erasure; a message that Slack has already would count as sent.
    key = f"did:{after.id}:{after.generation}:{after.revision}"
    return [
        Message(did, f"{DIRECT_CONVERSATIONS}{owner}", f"{key}:{owner}", after.id)
        for owner in owners
        if owner and owner != did.by
    ]


# --- what became of what colleagues were asked to do ----------------------------------------------


def _delegation_key(integration_id: str, asked: Delegation) -> str:
    """The key of the message to the colleague."""
    when = int(asked.asked.at.timestamp() * 1000)
    return f"delegated:{integration_id}:{asked.screen}:{asked.user_id}:{when}"


def _to_colleague(integration: Integration, event: setup.Delegated) -> Message:
    body = ColleagueAsked(event.stamp.by, event.screen, event.to, event.note, event.stamp.at)
    key = _delegation_key(integration.id, Delegation(event.to, event.screen, event.stamp))
    return Message(body, f"{DIRECT_CONVERSATIONS}{event.to}", key, integration.id)


def _to_asker(integration: Integration, asked: Delegation, how: Heard, by: str = "") -> Message:
    """Two of these about one request are one if they say the same."""
    key = f"{_delegation_key(integration.id, asked)}:{how}"
    news = DelegationNews(how, asked.user_id, asked.screen, by, integration.revision)
    return Message(news, f"{DIRECT_CONVERSATIONS}{asked.asked.by}", key, integration.id)


# That somebody has left is noticed when it is time for a reminder.
_OVER: dict[type, Heard] = {setup.Declined: Heard.NOT_THEM, reminders.ReminderSent: Heard.LEFT}


def requests_over(
    before: Integration, after: Integration, events: Sequence[Event]
) -> Iterator[Message]:
    """What is over, for whoever asked. `redraw_outdated` draws the colleague's message anew."""
    left = {_delegation_key(after.id, each): each for each in after.asked}
    by = next((e.stamp.by for e in events if not e.stamp.of_toplyne), "")
    for asked in before.asked:
        key = _delegation_key(before.id, asked)
        now = left.get(key)
        if not asked.is_open or (now and now.is_open):
            continue
        for how in (_OVER[type(event)] for event in events if type(event) in _OVER):
            yield _to_asker(after, asked, how)
        if now and by != asked.asked.by:
            yield _to_asker(after, asked, Heard.DONE, by)


def nothing_yet(after: Situation, events: Sequence[Event]) -> Iterator[Message]:
    """Whoever asked hears that nothing has happened, with a reminder or a wish for quiet."""
    blocked = due_blocker(after)
    for event in events:
        match event:
            case reminders.ReminderSent(to=reader):
                how, patience = Heard.NOTHING, NOTHING_AFTER
            case reminders.AskedForQuiet(stamp=stamp):
                reader, how, patience = stamp.by, Heard.QUIET, timedelta()
            case _:
                continue
        for asked in after.integration.asked:
            is_theirs = asked.is_open and asked.user_id == reader != asked.asked.by
            is_due = blocked is not None and blocked.blocker.step is asked.screen.step
            if is_theirs and is_due and event.stamp.at - asked.asked.at >= patience:
                yield _to_asker(after.integration, asked, how)


def _mended(integration: Integration, blocker: Blocker) -> list[Message]:
    """Live sync works again, which somebody was asked to see to."""
    if blocker.step is not Step.LIVE_SYNC:
        return []
    waiting = still_asked(integration, Step.LIVE_SYNC)
    return [_to_asker(integration, each, Heard.DONE) for each in waiting]


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
    return Message(
        reminder, f"{DIRECT_CONVERSATIONS}{sent.to}", sent.key(integration.id), integration.id
    )


def _replay_request(event: replay.ReplayRequested, integration: Integration) -> Message:
    key = request_key(integration.id, event.number, event.stamp)
    body = ReplayInstructions(event.number)
    return Message(body, f"{DIRECT_CONVERSATIONS}{event.stamp.by}", key, integration.id)


def _replay_news(news: replay.News, event: Event) -> ReplayNews:
    if isinstance(event, replay.ReplayScheduled):
        return ReplayNews(news, event.on, event.ticket)
    return ReplayNews(news)


def _arrival(event: setup.LiveSyncStarted) -> FirstData | ArrivalConfirmed:
    first, others = event.source, tuple(each.id for each in event.others)
    return FirstData(first.id, others, event.or_earlier) if first else ArrivalConfirmed()


def _to_people(event: Event, sequence: int, integration: Integration) -> list[Message]:
    def to(user_id: str, body: Personal) -> list[Message]:
        key = f"{body.kind}:{integration.id}:{sequence}"
        return [Message(body, f"{DIRECT_CONVERSATIONS}{user_id}", key, integration.id)]

    by, at, nearest = event.stamp.by, event.stamp.at, contact(integration)
    known = integration.credentials
    entered, label = (known.entered.by, known.workspace.label) if known else (by, "")
    match event:
        case setup.Installed():
            return to(by, Welcome(event.team_name, event.again))
        case setup.Delegated():
            return [_to_colleague(integration, event)]
        case csm.CredentialsConfirmed():
            return to(entered, Confirmed(label))
        case csm.CredentialsRejected(reason=reason):
            return to(entered, Rejected(reason, Rejectable.CREDENTIALS, label, at))
        case csm.SourcesRejected(reason=reason):
            return to(nearest, Rejected(reason, Rejectable.SOURCES, at=at))
        case csm.ArrivalRejected(reason=reason):
            return to(nearest, Rejected(reason, Rejectable.ARRIVAL, label, at))
        case csm.ReplayRejected(reason=reason):
            return to(nearest, Rejected(reason, Rejectable.REPLAY, at=at))
        case csm.CsmWrote(to=reader, name=name, text=text, number=number):
            return to(reader, CsmMessage(name, text, number))
        case _ if event.stamp.of_toplyne and (news := replay.news_of(event)):
            return to(nearest, _replay_news(news, event))
        case setup.LiveSyncStarted():
            return to(nearest, _arrival(event))
        case replay.ReplayRequested():
            return [_replay_request(event, integration)]
        case reminders.ReminderSent():
            return [_reminder(event, integration)]
        case checks.IncidentBegan(blocker=blocker, source=source, others=others):
            return to(nearest, IncidentNews(blocker, source, others=others))
        case checks.IncidentOver(blocker=blocker, source=source, others=others):
            over = RecoveryNews(blocker, source, others=others)
            return to(nearest, over) + _mended(integration, blocker)
        case replay.Completed() | setup.FinishedLiveOnly() if by:  # on Free nobody ends it
            return to(nearest, Summary())
        case setup.HelpAsked() | replay.ReplayQuestioned():
            return to(by, HelpReceived(goes_on=by == nearest))  # who may, is the contact by now
        case setup.Disconnected(workspace=old, instead=new, runs=runs, ticket=ticket):
            return to(by, Farewell(old, new, runs, ticket))
    return []
