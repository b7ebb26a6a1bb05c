"""Set-ups at every stage, with the worst names that people write."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle

from flows.checks.question import CheckKind
from flows.csm.facts import CsmFacts, Rejectable, Rejection
from flows.model import (
    Credentials,
    Delegation,
    DestinationState,
    Integration,
    Observed,
    Outcome,
    Screen,
    Situation,
    SourceStatus,
    TokenKind,
    Unheard,
    Verification,
)
from flows.outbox import bodies, toplyne_bodies
from flows.reminders.facts import Role
from flows.replay.events import News
from flows.replay.facts import ReplayRequest, ReplaySource, ReplayWindow, Scheduled
from flows.setup.blockers import Blocker
from flows.vocabulary import (
    CallType,
    Plan,
    Region,
    Source,
    Stamp,
    TokenHealth,
    TokenState,
    Workspace,
)

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
ADA = Stamp("U0ADA00001", NOW - timedelta(days=3))
MIRA = Stamp("U0MIRA0001", NOW - timedelta(days=1), of_toplyne=True)
PEOPLE = {"U0ADA00001": "Ada <!channel> *Lovelace*", "U0BOB00001": "Bob"}

NAMES = {
    "plain": "Web app",
    "long": "Wide name & <more> " * 10 + "0123456789",
    "right to left": "מקור נתונים של האתר " * 10,
    "markup": "<@U123> <!channel> *bold* _it_ `code` :wave: <https://example.com|here>",
    "ampersands": "&" * 200,
}
LONG_NAMES = ("long", "right to left", "ampersands")  # in characters, bytes, and once it is escaped


ASKED = Delegation("U0BOB00001", Screen.LIVE_SYNC, ADA, is_open=True)


def sources(label: str, count: int) -> tuple[Source, ...]:
    return tuple(Source(f"src{n:019d}", f"source-{n}", label) for n in range(count))


def credentials(label: str, verification: Verification = Verification.VERIFIED) -> Credentials:
    workspace = Workspace(slug="acme-inc", id="w" * 22, name=label)
    return Credentials(TokenKind.PUBLIC_API, verification, workspace, Region.US, ADA)


def integration(label: str = "Web app", count: int = 1) -> Integration:
    """A Business set-up whose sources are chosen, and nothing more."""
    return Integration(
        id="int_1",
        tenant_id="T1",
        team_id="T1",
        created=ADA,
        plan=Plan.BUSINESS,
        plan_chosen=ADA,
        credentials=credentials(label),
        sources=sources(label, count),
        sources_chosen=ADA,
        asked=(ASKED,),
        last_active=ADA,
    )


def request(of: Integration, event_names: tuple[str, ...] = ()) -> ReplayRequest:
    calls = dict.fromkeys(CallType, 1_204_888)
    window = ReplayWindow(NOW - timedelta(days=365), NOW, event_names=event_names)
    assert of.credentials is not None
    return ReplayRequest(
        number=2,
        workspace=of.credentials.workspace,
        sources=tuple(ReplaySource(source, calls) for source in of.sources),
        window=window,
        left_out=of.sources[:7],
        requested=ADA,
    )


def status(source: Source, destination: DestinationState, *, enabled: bool = True) -> SourceStatus:
    return SourceStatus(source.id, enabled, destination, "d1", 0, None, NOW)


def delivering(of: Integration) -> dict[str, SourceStatus]:
    """Statuses with which every chosen source reaches Toplyne."""
    enabled = DestinationState.ENABLED
    return {s.id: SourceStatus(s.id, True, enabled, "d1", 5960, NOW, NOW) for s in of.sources}


def at(base: Integration, statuses: Mapping[str, SourceStatus] | None = None) -> Situation:
    return Situation(base, Observed(statuses=statuses or {}), NOW)


def stages(label: str = "Web app", count: int = 1) -> Iterator[tuple[str, Situation]]:
    """Every blocker, every end, and what comes after."""
    full = integration(label, count)
    yield from _before_live_sync(full, label)
    live = replace(full, live_started=Stamp("", NOW))
    seen = delivering(full)
    yield "replay can be requested", at(live, seen)
    other = Rejection(Rejectable.SOURCES, "Please leave out the staging site", MIRA)
    yield "sources rejected", at(replace(live, csm=CsmFacts(owner=MIRA, rejection=other)), seen)
    yield "team", at(replace(live, plan=Plan.TEAM), seen)
    asked = replace(live, replay=request(live), upgraded_on=date(2026, 4, 1))
    yield "replay written", at(asked, seen)
    again = Rejection(Rejectable.REPLAY, "Please ask for all events", MIRA)
    yield "replay rejected", at(replace(asked, csm=CsmFacts(rejection=again)), seen)
    sent = replace(asked, replay_sent=ADA)
    yield "replay sent", at(sent, seen)
    yield "replay sent a moment ago", at(replace(asked, replay_sent=Stamp(ADA.by, NOW)), seen)
    scheduled = replace(sent, replay_scheduled=Scheduled(ADA, date(2026, 5, 20), "4711"))
    yield "replay scheduled", at(scheduled, seen)
    promised = replace(sent, replay_scheduled=Scheduled(ADA, date(2026, 5, 3)))
    yield "replay promised for today", at(promised, seen)
    running = replace(sent, replay_running=ADA)
    yield "replay running", at(running, seen)
    yield "replay running a moment ago", at(replace(sent, replay_running=Stamp(ADA.by, NOW)), seen)
    done = replace(
        running,
        replay_finished=ADA,
        outcome=Outcome.WITH_HISTORY,
        outcome_reached=ADA,
    )
    yield "finished with history", at(done, seen)
    ended = Stamp(ADA.by, NOW)
    yield (
        "finished a moment ago",
        at(replace(done, replay_finished=ended, outcome_reached=ended), seen),
    )
    yield "history confirmed", at(replace(done, replay_confirmed=MIRA), seen)
    yield "token forgotten", at(replace(done, token_forgotten=ADA), seen)
    yield from _broken(done, seen)
    only = replace(live, outcome=Outcome.LIVE_ONLY, outcome_reached=ADA)
    yield "finished live only", at(only, seen)
    yield "disconnected", at(replace(full, disconnected=ADA))


def _before_live_sync(full: Integration, label: str) -> Iterator[tuple[str, Situation]]:
    bare = replace(full, credentials=None, sources=(), sources_chosen=None, asked=())
    yield "no plan", at(replace(bare, plan=None, plan_chosen=None))
    tried = replace(bare, failed_tries=3, last_error="token_refused")
    yield "no credentials", at(tried)
    yield "no sources", at(replace(bare, credentials=credentials(label)))
    free = replace(bare, plan=Plan.FREE)
    yield "no workspace", at(free)
    for verification in (Verification.UNVERIFIED, Verification.REJECTED, Verification.CONFIRMED):
        found = credentials(label, verification)
        yield f"free {verification}", at(replace(free, credentials=found))
    confirmed = credentials(label, Verification.CONFIRMED)
    arriving = {"live_started": Stamp("", NOW), "arrival_confirmed": MIRA, "live_plan": Plan.FREE}
    yield "free arriving", at(replace(free, credentials=confirmed, **arriving))
    yield "free connected", at(replace(free, credentials=confirmed, says_connected=ADA))
    yield "not looked", at(full)
    for state in DestinationState:
        statuses = {source.id: status(source, state) for source in full.sources}
        yield f"destination {state}", at(full, statuses)
    off = {s.id: status(s, DestinationState.ENABLED, enabled=False) for s in full.sources}
    yield "source disabled", at(full, off)
    unheard = [
        replace(status(s, DestinationState.MISSING), unheard=why) for s, why in _unheard(full)
    ]
    yield "source unheard", at(full, {each.source_id: each for each in unheard})


def _unheard(of: Integration) -> Iterator[tuple[Source, Unheard]]:
    """Every reason in turn."""
    yield from zip(of.sources, cycle(Unheard), strict=False)


def _broken(done: Integration, seen: Mapping[str, SourceStatus]) -> Iterator[tuple[str, Situation]]:
    """Everything that can break after the end."""
    for state in (TokenState.REFUSED, TokenState.LACKS_CALL):
        health = TokenHealth(state, NOW, "sources")
        situation = at(done, seen)
        yield (
            f"token {state}",
            replace(situation, observed=replace(situation.observed, token=health)),
        )
    changes: Mapping[str, Mapping[str, object]] = {
        "source deleted": {"deleted": True, "enabled": False},
        "destination deleted": {"destination": DestinationState.MISSING},
        "destination switched off": {"destination": DestinationState.DISABLED},
        "source switched off": {"enabled": False},
        "events stopped": {"stopped_at": NOW},
    }
    for name, change in changes.items():
        yield (
            f"{name} later",
            at(done, {key: replace(one, **change) for key, one in seen.items()}),  # type: ignore[arg-type]
        )


WEB = Source("src0000000000000000000", "", "Web app")
PASSED_ON = bodies.IncidentNews(Blocker.DESTINATION_DISABLED, WEB, Role.PARTICIPANT, ADA.by)

MESSAGES: tuple[bodies.Personal, ...] = (
    bodies.Welcome(),
    bodies.Welcome("Globex Asia", again=True),
    bodies.CheckDone("chk_1", CheckKind.TOKEN, Screen.SOURCES),
    bodies.ColleagueAsked(ADA.by, Screen.CREDENTIALS),
    bodies.ColleagueAsked(ADA.by, Screen.LIVE_SYNC, "U0BOB00001", "Please before Friday"),
    *(bodies.DelegationNews(how, "U0BOB00001", Screen.LIVE_SYNC) for how in bodies.Heard),
    bodies.AskedToGoOn(ADA.by),
    *(bodies.ColleagueDid(ADA.by, deed, "Web app") for deed in bodies.Deed),
    bodies.Confirmed(),
    bodies.Rejected("The slug is of another company"),
    bodies.FirstData(WEB.id),
    bodies.FirstData(WEB.id, ("gone", "gone_too")),
    bodies.ArrivalConfirmed(),
    bodies.Rejected("It is of another customer", Rejectable.ARRIVAL),
    bodies.ReplayInstructions(2),
    bodies.Summary(),
    bodies.ReplayNews(News.SCHEDULED, date(2026, 5, 11), "4711"),
    bodies.ReplayNews(News.NO_DAY),
    bodies.ReplayNews(News.NOT_FINISHED),
    bodies.ReplayNews(News.NOT_CONFIRMED),
    bodies.ReplayNews(News.NOT_RUNNING),
    bodies.ReplayNews(News.NOT_SENT),
    bodies.CsmMessage("Mira", "Shall we look at it together?"),
    bodies.Reminder(Blocker.NO_EVENTS, Role.PARTICIPANT, ADA.by, is_last=True),
    bodies.Reminder(Blocker.REPLAY_NOT_RUNNING, Role.DID_LAST),
    PASSED_ON,
    bodies.RecoveryNews(Blocker.EVENTS_STOPPED, WEB),
    bodies.HelpReceived(),
    bodies.Farewell(),
    bodies.Farewell(runs=True, ticket="4711"),
    bodies.TokenWarning(),
    bodies.Hint(),
    bodies.PassOn(""),
    bodies.PassOn("Yes & <no>, *both*: “ticket 4711”"),
)
LEFT = toplyne_bodies.CustomerLeft("Acme Inc", "C0CUSTOMERS", "1.1", "U0MIRA", "Acme EMEA")
CHANNEL_MESSAGES: tuple[bodies.AboutChannel, ...] = (
    toplyne_bodies.ChannelLost("C0CUSTOMERS", "is_archived"),
    toplyne_bodies.ChannelLost("C0CUSTOMERS", "restricted_action_thread_only_channel"),
    toplyne_bodies.ChannelLost("C0CUSTOMERS", "ekm_access_denied"),
    toplyne_bodies.ChannelLost("C0CUSTOMERS", "shared_with_others"),
    toplyne_bodies.CardLost("Acme Inc", "C0CUSTOMERS"),
)
