"""Set-ups, events and bodies with as many of each list as there can be, and more."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle

from flows.checks.events import IncidentBegan, IncidentOver
from flows.checks.question import CheckKind
from flows.csm import events as csm
from flows.csm.facts import CsmFacts, Matter, MatterEnd, Need, Rejectable, Rejection
from flows.csm.needs import MAX_EXCERPT
from flows.history import Event
from flows.model import Added, Delegation, Integration, Screen, Situation
from flows.outbox import bodies
from flows.reminders.facts import Quiet, Reminders, Role, Snooze, Unreachable
from flows.replay.events import Completed, Left, News, OpenEnd
from flows.replay.facts import PastReplay
from flows.setup import events as setup
from flows.setup.blockers import Blocked, Blocker
from flows.setup.people_steps import ASKED_REMEMBERED, MAX_NOTE, MOST_ADDED
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from flows.vocabulary import Plan, Region, Source
from tests.unit.setup.setup_cases import every_warning
from tests.unit.views.message_cases import ADA, MIRA, NOW, sources, stages

MANY = 100
_STORED = (Need.HELP, Need.REPLIED, Need.STUCK)  # other needs are derived
USERS = tuple(f"U{number:010}" for number in range(MANY))


def names_of(label: str) -> Mapping[str, str]:
    """Everybody's name, all of them as long as this."""
    return dict.fromkeys((*USERS, ADA.by, MIRA.by), label)


def crowded_stages(label: str) -> Iterator[tuple[str, Situation]]:
    """Every stage with a hundred sources, people, questions and Replays."""
    for stage, situation in stages(label, MANY):
        yield stage, replace(situation, integration=crowded(situation.integration, label))


def crowded(of: Integration, label: str) -> Integration:
    past = PastReplay(1, sources(label, MANY), NOW - timedelta(days=365), NOW, ADA)
    return replace(
        of,
        asked=tuple(
            Delegation(each, Screen.SOURCES, ADA, is_open=True) for each in USERS[:ASKED_REMEMBERED]
        ),
        added=tuple(Added(each, ADA) for each in USERS[:MOST_ADDED]),
        past_replays=(past,) * 10,
        reminders=_reminders(),
        csm=replace(_csm(label), rejection=of.csm.rejection),
    )


def _csm(label: str) -> CsmFacts:
    asked = (label * MAX_EXCERPT)[:MAX_EXCERPT]
    ended = MatterEnd(MIRA)
    return CsmFacts(
        owner=MIRA,
        account=label[:80],
        matters=tuple(
            Matter(need, NOW, number, USERS[number], asked, ended if number % 7 == 0 else None)
            for number, need in zip(range(1, MANY), cycle(_STORED), strict=False)
        ),
        rejected_too=tuple(Rejection(what, label * 9, MIRA) for what in Rejectable),
    )


def _reminders() -> Reminders:
    return Reminders(
        quiet=tuple(Quiet(each, ADA.by, NOW) for each in Blocker),
        snooze=Snooze(NOW + timedelta(days=3), ADA.by, NOW),
        refused=tuple(Unreachable(each, NOW) for each in USERS),
    )


def deliveries() -> list[StoredDelivery]:
    """Newest first, of every kind in every state."""
    return [
        StoredDelivery(
            "T1",
            Delivery(f"msg_{kind}", kind, "int_1", "1", NOW),
            state,
            9,
            NOW,
            NOW,
            error="ConnectError",
        )
        for state in DeliveryState
        for kind in DeliveryKind
    ]


def crowded_events(label: str) -> list[Event]:
    """Every event that holds a list or something typed, with as much as the product takes."""
    first, *others = sources(label, MANY)
    note = label * (MAX_NOTE // len(label))
    return [
        setup.SourcesChosen(ADA, (label,) * MANY),
        setup.LiveSyncStarted(ADA, first, tuple(others)),
        setup.ManagersChanged(ADA, USERS[:MOST_ADDED], USERS[-MOST_ADDED - ASKED_REMEMBERED :]),
        setup.HelpAsked(ADA, Screen.LIVE_SYNC, None, note),
        csm.CsmWrote(ADA, USERS[0], note * 2, label),
        csm.CustomerReplied(ADA, note * 2),
        csm.MattersAnswered(ADA, tuple(range(MANY))),
        *_incidents(first, tuple(others)),
        *_completed(label),
    ]


def _incidents(first: Source, others: tuple[Source, ...]) -> Iterator[Event]:
    for blocker in Blocker:
        yield IncidentBegan(ADA, blocker, first, others)
        yield IncidentOver(ADA, blocker, first, others)


def _completed(label: str) -> Iterator[Event]:
    """Each kind of end as the first of all, since a line names only the first."""
    every = sources(label, MANY)
    blocked = [Blocked(Blocker.DESTINATION_MISSING, source) for source in every]
    ends = [
        *(OpenEnd(Left.SOURCE, each) for each in blocked),
        OpenEnd(Left.HISTORY, sources=every),
        *(OpenEnd(Left.QUESTION, by=user, replied=True) for user in USERS),
        OpenEnd(Left.UNCONFIRMED),
    ]
    for kind in Left:
        found = tuple(sorted(ends, key=lambda end: end.what is not kind))
        yield Completed(
            ADA, label, Region.US, (label,) * MANY, NOW, NOW, True, len(found), Plan.BUSINESS, found
        )  # fmt: skip


def crowded_bodies(label: str) -> list[bodies.Personal]:
    """Every body that holds a list or something typed."""
    first, *others = sources(label, MANY)
    note = label * (MAX_NOTE // len(label))
    blocker, role = Blocker.DESTINATION_DISABLED, Role.PARTICIPANT
    return [
        bodies.CheckDone("chk_1", CheckKind.SOURCES, Screen.SOURCES, warnings=every_warning()),
        bodies.FirstData(first.id, tuple(each.id for each in others)),
        bodies.IncidentNews(blocker, first, role, ADA.by, others=tuple(others)),
        bodies.RecoveryNews(blocker, first, role, ADA.by, others=tuple(others)),
        *(bodies.ColleagueDid(ADA.by, deed, label, label) for deed in bodies.Deed),
        bodies.ColleagueDid(ADA.by, bodies.Deed.SOURCES_CHANGED, sources=(label,) * MANY),
        bodies.ColleagueAsked(ADA.by, Screen.LIVE_SYNC, USERS[0], note),
        bodies.CsmMessage(label, note * 2),
        bodies.PassOn(note * 2),
        bodies.ReplayNews(News.SCHEDULED, date(2026, 5, 11), label[:60]),
    ]
