"""No message of one set-up has the key of a message of another: Slack would count it as said.

Reminders, requests and revisions are numbered anew, and the same people do the same on the same
day. Only moments, the history's sequence and what Slack or chance names never come again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.outbound.channel_watch import _tell
from flows.checks.given_up import abandoned_message
from flows.checks.question import NOTHING_TYPED, CheckKind, PendingCheck
from flows.csm.digest import _store
from flows.csm.facts import Card
from flows.history import Event
from flows.installed import Team
from flows.model import Delegation, Integration, Observed, Screen, Situation
from flows.outbox.announce import (
    announce,
    nothing_yet,
)
from flows.outbox.bodies import BODIES, Hint, IncidentNews, PassOn, ReplayInstructions, TokenWarning
from flows.outbox.messages import Message
from flows.outbox.screens import draw_screens
from flows.outbox.toplyne_bodies import CardLost, ChannelLost
from flows.outdated import redraw_outdated
from flows.reminders.events import ReminderSent
from flows.reminders.facts import Reminded, Reminders, Role
from flows.reminders.readers import _readdressed
from flows.reminders.steps import Recipient
from flows.replay.events import ReplayConfirmed, ReplayRunning, ReplayScheduled
from flows.setup.blockers import Blocker
from flows.setup.erasing import _farewells
from flows.setup.events import LiveSyncStarted
from flows.setup.managing import _asked
from flows.vocabulary import Stamp
from tests.unit.views.event_cases import events
from tests.unit.views.message_cases import NOW, integration, request

ADA, BOB, CAROL = "U0ADA00001", "U0BOB00001", "U0CAROL001"
REVISION, SEQUENCE = 7, 40
OF_THE_DAY = {"digest", "digest_picture"}  # of all customers, whatever becomes of one
OF_AN_EVENT = {body.kind for body in (Hint, PassOn, TokenWarning)}  # Slack's id alone is the key


@dataclass(frozen=True)
class Life:
    """A moment in a set-up that reached the same point as another one. `given`: what Slack, the
    history or chance names.
    """

    generation: int
    at: datetime
    revision: int = REVISION
    given: int = SEQUENCE

    @property
    def facts(self) -> Integration:
        """Ada has asked Bob, was reminded, and has requested a Replay."""
        by = Stamp(ADA, self.at)
        base = integration()
        days_ago = replace(by, at=self.at - timedelta(days=2))
        asked = Delegation(BOB, Screen.LIVE_SYNC, days_ago, is_open=True)
        return replace(
            base, generation=self.generation, revision=self.revision, created=by, asked=(asked,),
            reminders=Reminders((Reminded("no_events", 2, self.at, ADA),)),
            replay=replace(request(base), requested=by),
        )  # fmt: skip

    @property
    def situation(self) -> Situation:
        return Situation(self.facts, Observed(windows={"wABC": self.at}), self.at)


FIRST = Life(1_000, NOW)
LATER = {
    "erased and installed anew": Life(1_060, NOW + timedelta(minutes=1), given=SEQUENCE + 100),
    "disconnected and begun anew": Life(
        1_060, NOW + timedelta(minutes=1), REVISION + 8, SEQUENCE + 100
    ),
}


@dataclass
class Work:
    """A unit of work that keeps what is to be said."""

    life: Life
    said: list[Message] = field(default_factory=list)

    def __getattr__(self, _repository: str) -> Any:
        return self

    tenant_id = "T1"

    async def add(self, message: object) -> None:
        if isinstance(message, Message):
            self.said.append(message)

    async def append(self, _integration_id: str, _event: Event) -> int:
        return self.life.given

    async def recent(self, _team_id: str, _most: int) -> list[str]:
        return [ADA]

    async def told(self, _integration_id: str, _most: int) -> list[Any]:
        request = self.life.facts.replay
        body = ReplayInstructions(request.number)
        message = Message(body, f"user:{ADA}", request.key("int_1"), "int_1")
        return [SimpleNamespace(message=message)]

    async def listed(self) -> list[tuple[str, str]]:
        return [(self.life.facts.id, self.life.facts.team_id)]

    async def get(self, of: str = "") -> Any:
        """Team, card, channel or installation."""
        there = Team("T1", "Acme", self.life.at, left_at=self.life.at)
        card = Card("int_1", "C0CSM00001", f"{self.life.given}.1")
        names = {name: getattr(each, name) for each in (there, card) for name in each.__slots__}
        by = Stamp(CAROL, self.life.at)
        return SimpleNamespace(**names, bound=by, installed=by, owner="", account="")


async def said_in(life: Life) -> list[Message]:
    """One message of each kind at least, and each maker of keys."""
    work, before = Work(life), life.situation
    by_bob = Stamp(BOB, life.at)
    asked = tuple(replace(each, is_open=False) for each in before.integration.asked)
    done = replace(before.integration, asked=asked, replay_sent=by_bob)
    after = replace(before, integration=done)
    for event in (*events(), LiveSyncStarted(by_bob)):
        of_toplyne = isinstance(event, ReplayScheduled | ReplayRunning | ReplayConfirmed)
        told = replace(event, stamp=replace(by_bob, of_toplyne=of_toplyne))
        await announce(work, before, after, [told])  # type: ignore[arg-type]
    await redraw_outdated(work, before, after, [])  # type: ignore[arg-type]
    await draw_screens(work, before, _live(after), events())  # type: ignore[arg-type]
    await _store(work, life.at.date(), (), with_week=True)  # type: ignore[arg-type]
    for lost in (ChannelLost("C0CSM00001", "is_archived"), CardLost("Acme", "C0CSM00001")):
        await _tell(work, lost, f"C0CSM00001:{life.given}")  # type: ignore[arg-type]
    reminded = ReminderSent(by_bob, Blocker.NO_EVENTS, 1, BOB, Role.ASKED)
    return [
        *work.said,
        *nothing_yet(before, [reminded]),
        *await _farewells(work),  # type: ignore[arg-type]
        *_by_themselves(life),
    ]


def _live(situation: Situation) -> Situation:
    """Open windows of live sync show something else then."""
    begun = replace(situation.integration, live_started=Stamp("", situation.now))
    return replace(situation, integration=begun)


def _by_themselves(life: Life) -> Iterator[Message]:
    """What no event leads to."""
    check = PendingCheck(
        f"chk_{life.given}", "int_1", CheckKind.TOKEN, ADA, 0, NOTHING_TYPED, life.at
    )
    yield abandoned_message(check)
    yield _asked(life.situation, BOB, ADA)
    news = IncidentNews(Blocker.NO_EVENTS)
    first = Message(news, f"user:{ADA}", f"incident:int_1:{life.given}", "int_1")
    yield _readdressed(first, news, Recipient(BOB, Role.ASKED))


def _keys(said: list[Message]) -> set[str]:
    return {each.key for each in said if each.body.kind not in OF_THE_DAY}


async def test_the_table_has_every_kind_of_message() -> None:
    kinds = {each.body.kind for each in await said_in(FIRST)}
    assert kinds == {body.kind for body in BODIES} - OF_AN_EVENT


async def test_the_same_thing_said_again_has_the_same_key() -> None:
    assert _keys(await said_in(FIRST)) == _keys(await said_in(FIRST))


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
async def test_no_key_comes_again_in_another_set_up(later: Life) -> None:
    assert _keys(await said_in(FIRST)) & _keys(await said_in(later)) == set()
