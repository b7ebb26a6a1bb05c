"""Redraws what shows where customers are: cards, App Homes, and open windows of live sync."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from flows.checks.events import IncidentBegan, IncidentOver
from flows.csm.events import (
    ArrivalRejected,
    CredentialsConfirmed,
    CredentialsRejected,
    CsmWrote,
    CustomerReplied,
    ReplayRejected,
    SourcesRejected,
)
from flows.csm.facts import Rejectable
from flows.errors import NotFound, NotInstalled
from flows.history import Event, StoredEvent
from flows.model import Integration, Observed, Situation, Verification
from flows.outbox.announce import messages_for, redraw
from flows.outbox.bodies import AsksForStep, DrawCard, DrawHome, DrawWindow, Personal
from flows.outbox.messages import CSM_CONVERSATIONS, MOST_PASSED_ON, PASSED_ON, Message, Placed
from flows.ports import UnitOfWork, UnitOfWorkFactory
from flows.recording import Recorder
from flows.replay.events import (
    Completed,
    ReplayConfirmed,
    ReplayConfirmedUndone,
    ReplayFinishedUndone,
    ReplayQuestioned,
    ReplayRequested,
    ReplayRunning,
    ReplayRunningUndone,
    ReplayScheduled,
    ReplaySentUndone,
)
from flows.replay.facts import News
from flows.repositories import OpenedWindows
from flows.setup.events import (
    Disconnected,
    FinishedLiveOnly,
    HelpAsked,
    Installed,
    LiveSyncStarted,
    SaidConnected,
    Started,
)
from flows.setup.progress import silent_since
from flows.setup.replays import news_ended

CUSTOMERS_AT_ONCE = 100
MAX_HOMES = 20  # App Homes redrawn after a change
MAX_WINDOWS = 10  # of one set-up that are filled in
SAID_LATELY = 100  # history entries whose messages may still have buttons
TOLD_BY: Mapping[News, type[Event]] = {
    News.SCHEDULED: ReplayScheduled,
    News.NO_DAY: ReplayScheduled,
    News.NOT_SENT: ReplaySentUndone,
    News.RUNNING: ReplayRunning,
    News.NOT_RUNNING: ReplayRunningUndone,
    News.NOT_FINISHED: ReplayFinishedUndone,
    News.CONFIRMED: ReplayConfirmed,
    News.NOT_CONFIRMED: ReplayConfirmedUndone,
}
# What people were told earlier and is over once this happens.
_ENDED_BY: Mapping[type[Event], frozenset[type[Event]]] = {
    LiveSyncStarted: frozenset({CredentialsConfirmed, ArrivalRejected}),
    ArrivalRejected: frozenset({LiveSyncStarted}),
    FinishedLiveOnly: frozenset({ReplayRejected}),
    Started: frozenset({Installed, Disconnected}),
    Disconnected: frozenset(
        {
            LiveSyncStarted,
            IncidentBegan,
            CredentialsConfirmed,
            CredentialsRejected,
            SourcesRejected,
            ArrivalRejected,
            ReplayRejected,
            IncidentOver,
            Completed,
            FinishedLiveOnly,
            HelpAsked,
            ReplayRequested,
            ReplayQuestioned,
            CsmWrote,
            *TOLD_BY.values(),
        }
    ),
}
# What says something else once this happens.
_CHANGED_BY: Mapping[type[Event], frozenset[type[Event]]] = {
    SaidConnected: frozenset({CredentialsConfirmed}),
    CredentialsRejected: frozenset({LiveSyncStarted}),  # on Free it says that data arrives
    LiveSyncStarted: frozenset({Completed}),  # seen before it is recorded
}
_REJECTIONS: Mapping[Rejectable, type[Event]] = {
    Rejectable.SOURCES: SourcesRejected,
    Rejectable.REPLAY: ReplayRejected,
}
_REVIEWED: Mapping[Verification, type[Event]] = {
    Verification.CONFIRMED: CredentialsConfirmed,
    Verification.REJECTED: CredentialsRejected,
}
_NOTHING: frozenset[type[Event]] = frozenset()
OPEN_FOR = timedelta(hours=12)  # longer than that nobody leaves a window open


NextPoll = Callable[[Situation], datetime | None]  # None: as it is planned


def _as_planned(_shown: Situation) -> None:
    """Where nobody waits, or it is known already."""


async def draw_screens(
    work: UnitOfWork, before: Situation, after: Situation, events: Sequence[Event]
) -> None:
    """A reaction to every change: redraws the card and the Homes that were opened last, if they
    may look otherwise now.

    A look that learned nothing redraws at most once a day, for what only time changes.
    """
    was, integration = before.integration, after.integration
    if not events and integration is was and _looks_alike(before, after):
        return
    over = {TOLD_BY[news] for news in news_ended(was, integration)}
    changed: set[type[Event]] = set()
    for event in events:
        over |= _ENDED_BY.get(type(event), _NOTHING)
        changed |= _CHANGED_BY.get(type(event), _NOTHING)
        if isinstance(event, CustomerReplied):
            await outdate(work, integration, {CsmWrote}, [event], "answered", _answered_by(event))
    for what, said in _REJECTIONS.items():
        if was.csm.rejection_of(what) and not integration.csm.rejection_of(what):
            changed.add(said)
    judged = _judged(was)
    if judged and judged != _judged(integration):
        changed.add(_REVIEWED[judged[0]])  # and once more if the same is said of it again
    if over:  # what is over already says once more that it was before a disconnect
        left = any(isinstance(event, Disconnected) for event in events)
        await outdate(work, integration, over, events, "left" if left else "over")
    mark = f"{integration.revision}:{after.now.timestamp():.3f}"
    if changed := changed - over:
        await outdate(work, integration, changed, events, mark)
    await work.outbox.add(card_drawn(integration.id, mark))
    for user_id in await work.home_viewers.recent(integration.team_id, MAX_HOMES):
        await work.outbox.add(home_message(user_id, mark, integration.id))
    open_ones = [w for w, at in before.observed.windows.items() if after.now - at < OPEN_FOR]
    began = any(isinstance(event, LiveSyncStarted) for event in events)
    if open_ones and (began or _live_sync(before) != _live_sync(after)):
        for window in open_ones:
            await work.outbox.add(_window(window, mark, integration.id))


def _judged(integration: Integration) -> tuple[Verification, str] | None:
    """What a CSM said of which Segment workspace."""
    known = integration.credentials
    if known is None or known.verification not in _REVIEWED:
        return None
    return known.verification, known.workspace.label


async def outdate(
    work: UnitOfWork,
    integration: Integration,
    kinds: Collection[type[Event]],
    events: Sequence[Event],
    mark: str = "over",
    only: Callable[[Event], bool] = lambda _: True,
) -> None:
    """Has what was said about earlier events of these kinds drawn again, now that it is over. What
    is still on its way may have been rendered already, so it is drawn again behind its delivery.

    `events` are those that end it, and what is said of them is drawn after that anyway. What was
    said in an earlier set-up was over with its end. `only` leaves out others of the same kinds.
    """
    for stored in _lately(await work.history.latest(integration.id, SAID_LATELY), events):
        if type(stored.event) not in kinds or stored.event in events or not only(stored.event):
            continue
        for said in messages_for(stored.event, stored.sequence, integration):
            placed = await _placed(work, said)
            message = placed.message if placed else said
            if isinstance(message.body, Personal):
                await work.outbox.add(redraw(integration.id, message.reader, message.key, mark))


def _answered_by(reply: CustomerReplied) -> Callable[[Event], bool]:
    """All that had been written when the answer was begun. The first answer draws it anew."""
    return lambda said: isinstance(said, CsmWrote) and reply.is_answer_to(said)


def _lately(newest: Iterable[StoredEvent], events: Sequence[Event]) -> Iterator[StoredEvent]:
    """Back to the end of the set-up before, whose facts are no longer there."""
    for stored in newest:
        yield stored
        if isinstance(stored.event, Disconnected) and stored.event not in events:
            return


async def _placed(work: UnitOfWork, said: Message) -> Placed | None:
    """The message as it was sent: to its reader, or to somebody to whom it was passed on."""
    placed, key = await work.outbox.placed(said.key), said.key
    passes_on = MOST_PASSED_ON if isinstance(said.body, AsksForStep) else 0
    while placed is None and passes_on:
        key, passes_on = f"{key}{PASSED_ON}", passes_on - 1
        placed = await work.outbox.placed(key)
    return placed


async def remember_windows(
    recorder: Recorder, drawn: Mapping[str, Situation], next_poll: NextPoll = _as_planned
) -> None:
    """Has windows filled in with what later looks learn. `drawn`: from what, by name.

    What was learned since they were drawn is filled in at once. It is read after they are
    remembered: whoever learns something later finds them.
    """
    named: dict[str, list[str]] = {}
    newest: dict[str, Situation] = {}
    for window, shown in drawn.items():
        named.setdefault(shown.integration.id, []).append(window)
        newest[shown.integration.id] = shown
    looks = [
        OpenedWindows(shown.integration.tenant_id, id_, named[id_], next_poll(shown))
        for id_, shown in newest.items()
    ]
    now = recorder.clock.now()
    await recorder.uow.looked(looks, now)
    for id_, shown in newest.items():
        tenant_id, team_id = shown.integration.tenant_id, shown.integration.team_id
        seen = await recorder.uow.glance(tenant_id, team_id)
        if seen is None or seen == (shown.integration, shown.observed):
            continue
        says = _live_sync(Situation(*seen, now))
        old = [window for window in named[id_] if _live_sync(drawn[window]) != says]
        with suppress(NotFound, NotInstalled):  # "Check again" still works
            await _fill_in(recorder, tenant_id, id_, old, f"{now.timestamp():.3f}")


async def _fill_in(
    recorder: Recorder, tenant_id: str, integration_id: str, windows: Sequence[str], mark: str
) -> None:
    if windows:
        async with recorder.uow(tenant_id) as work:
            for window in windows:
                await work.outbox.add(_window(window, mark, integration_id))
            await work.commit()


def _live_sync(situation: Situation) -> tuple[object, ...]:
    """What the screen of live sync says, without counts and times."""
    facts, observed = situation.integration, situation.observed
    set_up = (facts.generation, facts.begun, facts.plan, facts.credentials, facts.sources)
    reached = (facts.live_started, facts.says_connected, facts.token_forgotten)
    onwards = (facts.replay is None, facts.past_replays, facts.outcome)
    return (*set_up, *reached, *onwards, observed.token, _seen(observed))


def _looks_alike(before: Situation, after: Situation) -> bool:
    """Whether cards and Homes show the same of both. Counts and times stand in none."""
    one, other, looked_at = before.observed, after.observed, before.observed.looked_at
    if looked_at is None or looked_at.date() != after.now.date():
        return False
    if silent_since(before.integration, one) != silent_since(after.integration, other):
        return False
    return one.token == other.token and _seen(one) == _seen(other)


def _seen(observed: Observed) -> dict[str, object]:
    return {
        source_id: (
            status.enabled,
            status.destination,
            status.first_delivered_at,
            status.since,
            status.stopped_at,
            status.deleted,
            status.unheard,
        )
        for source_id, status in observed.statuses.items()
    }


def home_message(user_id: str, mark: str, integration_id: str = "") -> Message:
    """The intent to redraw one person's App Home."""
    conversation, key = f"home:{user_id}", f"home:{user_id}:{mark}"
    return Message(DrawHome(), conversation, key, integration_id)


def _window(window: str, mark: str, integration_id: str) -> Message:
    key = f"window:{window}:{mark}"
    return Message(DrawWindow(window), f"window:{window}", key, integration_id)


def card_drawn(integration_id: str, mark: str) -> Message:
    """The intent to draw a customer's card."""
    conversation = f"{CSM_CONVERSATIONS}{integration_id}"
    return Message(DrawCard(), conversation, f"card:{integration_id}:{mark}", integration_id)


class Everybody(Protocol):
    """A part of `flows.csm.board.Customers`."""

    async def everybody(self, after: tuple[str, str], limit: int) -> Sequence[tuple[str, str]]:
        """Pages through all tenants and integrations, in this order."""
        ...


class Redrawing:
    """Redraws all cards after a channel was bound.

    Missing cards are posted, others drawn. Messages that waited for the channel go on at once.
    """

    def __init__(self, uow: UnitOfWorkFactory, customers: Everybody) -> None:
        self._uow = uow
        self._customers = customers

    async def redraw(self, csm_tenant_id: str, channel_id: str) -> None:
        """Redraws all cards. A repeat for the same binding draws none twice."""
        async with self._uow(csm_tenant_id, write=False) as work:
            binding = await work.csm_channel.get()
        if binding is None or binding.channel_id != channel_id:
            return  # bound elsewhere meanwhile, which redraws them too
        mark = f"{channel_id}:{binding.bound.at.timestamp():.3f}"
        after = ("", "")
        while page := await self._customers.everybody(after, CUSTOMERS_AT_ONCE):
            for tenant_id, integration_id in page:
                with suppress(NotInstalled):
                    async with self._uow(tenant_id) as work:
                        await _draw(work, integration_id, mark)
                        await work.commit()
            after = page[-1]


async def _draw(work: UnitOfWork, integration_id: str, mark: str) -> None:
    if not await work.integrations.exists(integration_id):
        return
    if known := await work.cards.get(integration_id):
        await work.cards.put(replace(known, drawn=""))  # it may have been deleted
    card = card_drawn(integration_id, f"bound:{mark}")
    await work.outbox.hurry(card.conversation)
    await work.outbox.add(card)
