"""A simple model of what must be said to whom, compared with all that Slack received."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.outbound.render import OF_CUSTOMER, OF_WATCHING
from flows.csm.events import Unreached
from flows.model import DestinationState, Integration
from flows.outbox.bodies import (
    CheckDone,
    DrawCard,
    DrawHome,
    Farewell,
    FirstData,
    IncidentNews,
    RecoveryNews,
    Redraw,
    Reminder,
    ThreadLine,
    Welcome,
)
from flows.outbox.messages import PASSED_ON, MessageState, StoredMessage
from flows.outbox.toplyne_bodies import CustomerLeft
from flows.reminders.readers import ForWhoeverCan, only_informs
from flows.setup.results import Notice
from flows.vocabulary import Plan, Source
from tests.faults.mortal import Mortal
from tests.faults.small_slack import Killed, Posted
from tests.support.fake_segment import FakeSource
from tests.support.flow_services import INTEGRATION, TEAM

KEY = (TEAM, INTEGRATION)
GAP, MOST = timedelta(days=2), 8
DAYS_OFF = {"en-US": (5, 6), "ar-AE": (5, 6)}
HELD_UP = timedelta(hours=6)  # a reminder may be held up until its hours are over
# Why a message may wait or be given up. Anything else is our fault.
KNOWN = frozenset(
    {
        "",
        "account_inactive",
        "modal_not_there",
        "not_installed",
        "ratelimited",
        "searching",
        "service_unavailable",
        "TimeoutError",
        "unreadable_answer",
        "user_disabled",
    }
)
# People who left hear only these; and CSMs, who may still hear of an installation before.
FAREWELL = (Farewell, Redraw, Welcome, DrawCard, ThreadLine, DrawHome, CustomerLeft)


def outstanding(
    integration: Integration, seen: dict[str, str], heard: set[str], *, is_lost: bool = False
) -> str:
    """What the set-up waits for. Empty if for nothing. `is_lost`: Segment refuses the token."""
    chosen = [source.id for source in integration.sources]
    if integration.disconnected:
        return ""
    if integration.plan is None:
        return "plan_missing"
    if integration.outcome:
        return _further(integration)
    if integration.credentials is None or integration.token_forgotten:
        return "credentials_missing"
    if not chosen:
        return "sources_missing"
    if not heard.intersection(chosen):
        return "token_revoked" if is_lost else seen.get(chosen[0], "not_looked_yet")
    if integration.plan is not Plan.BUSINESS:
        return "plan_not_business"
    return _of_replay(integration)


def _further(integration: Integration) -> str:
    """What a Replay that was requested after the end waits for. Until Segment has it, it needs the
    plan for it.
    """
    is_possible = integration.replay_sent or integration.plan is Plan.BUSINESS
    is_there = bool(integration.replay and integration.past_replays)
    return _of_replay(integration) if is_there and is_possible else ""


def _of_replay(integration: Integration) -> str:
    stamps = {
        "replay_not_requested": integration.replay,
        "replay_not_sent": integration.replay_sent,
        "replay_not_running": integration.replay_running,
        "replay_not_finished": integration.replay_finished,
    }
    return next((name for name, stamp in stamps.items() if stamp is None), "")


class Laws:
    """Call `look` after each act. Slack calls `watch` with each message that it takes."""

    def __init__(self) -> None:
        self.bot = Mortal(self.watch)
        self.reminded: list[datetime] = []
        self._reminded_before = 0  # how many of them are erased
        self.in_this_life = 0
        self.incidents: Counter[tuple[str, str]] = Counter()
        self.recoveries: Counter[tuple[str, str]] = Counter()
        self.first_data: Counter[str] = Counter()
        self.is_anybody_there = True  # without interruption
        self.ever_gone = set[str]()
        self._left: object = None
        self._created: object = None
        self._broken: AssertionError | None = None
        self._forget()

    def _forget(self) -> None:
        self.heard: set[str] = set()
        self.seen: dict[str, str] = {}
        self.token_is_broken = False
        self._open: set[tuple[str, str]] = set()
        self._entered: object = None
        self._looked_at: datetime | None = None
        self.in_this_life = 0

    def _begin_anew(self) -> None:
        """Whoever installs after a removal was heard of begins anew: all before it is erased."""
        self._forget()
        self._reminded_before = len(self.reminded)
        for said in (self.incidents, self.recoveries, self.first_data):
            said.clear()

    @property
    def integration(self) -> Integration:
        found = self.bot.integration()
        assert found is not None
        return found

    # --- what must have been said ---------------------------------------------------------------

    def look(self) -> None:
        """Notes what people did, then what the bot saw if it polled Segment."""
        if self._broken:
            raise self._broken
        integration = self.integration
        if integration.created != self._created:
            self._created = integration.created
            self._begin_anew()
        if integration.disconnected and integration.disconnected is not self._left:
            self._left = integration.disconnected
            self._forget()
        if integration.credentials and integration.credentials.entered != self._entered:
            self._entered, self.token_is_broken = integration.credentials.entered, False
        # What is dropped is watched no more. That it was heard of is kept: it is told once.
        chosen = {source.id for source in integration.sources}
        self.seen = {id_: how for id_, how in self.seen.items() if id_ in chosen}
        self._settle(integration)
        rows = self.bot.storage.tables.observations
        looked_at = rows.get((*KEY, "looked_at", ""))
        if looked_at != self._looked_at and isinstance(looked_at, datetime):
            self._looked_at = looked_at
            if rows.get((*KEY, "failures", "")) == 0:
                self._see(integration)
                self._settle(integration)
        self._check_told()

    def _see(self, integration: Integration) -> None:
        """What Segment says now about what is watched."""
        token = self.bot.storage.tables.vault.get(KEY)
        if not _is_watched(integration) or token is None:
            return
        self.token_is_broken = self.bot.segment.tokens[token.get_secret_value()].revoked
        if self.token_is_broken:
            return
        for source in self._chosen(integration):
            id_ = source.source.id
            delivers = source.first_at and source.destination is not DestinationState.MISSING
            if delivers and id_ not in self.heard:
                self.heard.add(id_)
                self.first_data[id_] += 1
            self.seen[id_] = _trouble(source, id_ in self.heard)

    def _chosen(self, integration: Integration) -> list[FakeSource]:
        (workspace,) = {
            id(t.workspace): t.workspace for t in self.bot.segment.tokens.values()
        }.values()
        by_id = {source.source.id: source for source in workspace.sources}
        return [by_id[source.id] for source in integration.sources]

    def _settle(self, integration: Integration) -> None:
        there: set[tuple[str, str]] = set()
        if _is_watched(integration):
            there = {("token_revoked", "")} if self.token_is_broken else set()
            ids = [s.id for s in integration.sources if s.id in self.heard & {*self.seen}]
            there |= {(self.seen[id_], id_) for id_ in ids if self.seen[id_]}
        self.incidents.update(there - self._open)
        if _is_watched(integration):
            broken = {subject for _, subject in there}
            whole = {"", *(source.id for source in integration.sources)} - broken
            self.recoveries.update(key for key in self._open - there if key[1] in whole)
        self._open = there

    def _check_told(self) -> None:
        """What broke, its end, and each first event must be said once."""
        incidents, recoveries, first_data = Counter[object](), Counter[object](), Counter[object]()
        for row in self.bot.storage.messages:
            if _passed_on(row.message.key)[1]:
                continue
            match row.message.body:
                case FirstData(source_id=source_id, others=others):
                    first_data.update((source_id, *others))
                case IncidentNews(blocker=blocker, source=source, others=others):
                    incidents.update((blocker, id_) for id_ in _ids(source, others))
                case RecoveryNews(blocker=blocker, source=source, others=others):
                    recoveries.update((blocker, id_) for id_ in _ids(source, others))
            assert row.error in KNOWN, row
        assert incidents == self.incidents, (incidents, self.incidents)
        assert recoveries == self.recoveries, (recoveries, self.recoveries)
        assert first_data == self.first_data, (first_data, self.first_data)

    # --- what Slack is given --------------------------------------------------------------------

    def watch(self, posted: Posted) -> None:
        """If this may not be said, or not now, the bot dies here. The next `look` tells why."""
        try:
            if posted.key:  # to a person
                self._check_said(posted)
        except AssertionError as broken:
            self._broken = broken
            raise Killed from broken

    def _check_said(self, posted: Posted) -> None:
        before = [_passed_on(p.key)[0] for p in self.bot.slack.posts]
        assert _passed_on(posted.key)[0] not in before, "said twice"
        row = self.row(posted.key)
        assert row.message.conversation == f"user:{posted.to}"
        sequences = {each.message.key: each.sequence for each in self.bot.storage.messages}
        posts = [p for p in self.bot.slack.posts if p.to == posted.to]
        said = [sequences[p.key] for p in posts if p.key in sequences]  # others were erased
        assert said == sorted(said), "out of order"
        if isinstance(row.message.body, Reminder):
            self._check_reminder(posted, row.message.body)
        if isinstance(row.message.body, OF_WATCHING):
            assert not self.integration.disconnected, "they have left"

    def row(self, key: str) -> StoredMessage:
        (found,) = (row for row in self.bot.storage.messages if row.message.key == key)
        return found

    def _check_reminder(self, posted: Posted, reminder: Reminder) -> None:
        now, integration = self.bot.clock.now(), self.integration
        facts, about = integration.reminders, reminder.blocker
        is_lost = self.token_is_broken
        expected = outstanding(integration, self.seen, self.heard, is_lost=is_lost)
        assert about == expected, "solved already"
        assert not facts.is_quiet(about), "they asked for quiet"
        assert facts.snooze is None or facts.snooze.until <= now, "snoozed"
        self._check_hours(posted.to, now)
        self.reminded.append(now)
        self.in_this_life += 1
        assert self.in_this_life <= MOST
        if len(self.reminded) > self._reminded_before + 1:
            assert self.reminded[-1] - self.reminded[-2] >= GAP - HELD_UP, "too soon"

    def _check_hours(self, user_id: str, now: datetime) -> None:
        person = self.bot.slack.people[user_id]
        here = now.astimezone(ZoneInfo(person.time_zone))
        assert person.is_active
        assert 10 <= here.hour < 16, "outside hours"
        assert here.weekday() not in DAYS_OFF[person.locale], "at the weekend"
        assert (here.month, here.day) not in {(12, day) for day in range(24, 32)} | {(1, 1)}

    # --- in the end -----------------------------------------------------------------------------

    def check_all_said(self) -> None:
        """Checks that nothing waits and nothing was lost."""
        assert not self.bot.pending(), self.bot.pending()
        posted = Counter(p.key for p in self.bot.slack.posts if p.key)
        for row in self.bot.storage.messages:
            if row.state is MessageState.DEAD:
                assert row.error in ("not_installed", "user_disabled"), row
            elif row.is_direct and posted[row.message.key] == 0:
                assert self._needs_no_saying(row), row

    def _needs_no_saying(self, row: StoredMessage) -> bool:
        """Whether the message need not be sent: an edit, a reminder that was taken back, the
        result of a check whose modal and set-up are gone, what a disconnected set-up had to say, or
        news for a reader who has left.
        """
        body = row.message.body
        if not isinstance(body, OF_CUSTOMER) and self._have_left_since(row):
            return True
        if only_informs(row.message):
            return row.message.reader in self.ever_gone
        if isinstance(body, ForWhoeverCan):
            nobody = not self.is_anybody_there or self._is_a_csm_told(row)
            return nobody or self._is_passed_on(row)
        closed = isinstance(body, CheckDone) and body.notice is Notice.DISCONNECTED
        return closed or isinstance(body, Redraw | Reminder) or self._is_a_csm_told(row)

    def _have_left_since(self, row: StoredMessage) -> bool:
        rows = self.bot.storage.messages
        return any(
            isinstance(other.message.body, Farewell) and other.sequence > row.sequence
            for other in rows
        )

    def _is_passed_on(self, row: StoredMessage) -> bool:
        others = (other.message.key for other in self.bot.storage.messages)
        return f"{row.message.key}{PASSED_ON}" in others

    def _is_a_csm_told(self, row: StoredMessage) -> bool:
        """Nobody else has ever had to do with the set-up, or it was for its reader alone."""
        message = row.message
        events = (stored.event for _, _, stored in self.bot.storage.tables.history)
        told = [(each.to, each.what) for each in events if isinstance(each, Unreached)]
        return (message.reader, message.body.kind) in told

    def check_farewell(self, before: int) -> None:
        """After the customer has left, messages from this position on say only farewell."""
        later = [row.message.body for row in self.bot.storage.messages[before:]]
        assert all(isinstance(body, FAREWELL) for body in later), later


def _passed_on(key: str) -> tuple[str, bool]:
    """The first message's key, and whether this message was passed on to another person."""
    first = key
    while first.endswith(PASSED_ON):  # once for each reader who was gone
        first = first.removesuffix(PASSED_ON)
    return first, first != key


def _ids(first: Source | None, others: tuple[Source, ...]) -> list[str]:
    """Of all sources that one message speaks of. Empty for the token's."""
    return [each.id for each in (first, *others) if each] or [""]


def _trouble(source: FakeSource, delivered: bool) -> str:
    if not source.enabled:
        return "source_disabled"
    match source.destination:
        case DestinationState.MISSING:
            return "destination_deleted" if delivered else "destination_missing"
        case DestinationState.DISABLED:
            return "destination_disabled"
    return "" if delivered else "no_events"


def _is_watched(integration: Integration) -> bool:
    gone = integration.token_forgotten or integration.disconnected
    return bool(integration.sources and integration.credentials and not gone)
