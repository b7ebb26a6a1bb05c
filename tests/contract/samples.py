"""Complete domain objects. Every field is set, so that a test notices a lost one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flows.checks.question import CheckKind, PendingCheck, Typed
from flows.entry_links import EntryLink
from flows.installed import Installation
from flows.invitations import Invitation
from flows.model import (
    Catalogue,
    CatalogueEntry,
    Credentials,
    Delegation,
    DestinationState,
    Integration,
    Outcome,
    Screen,
    SourceStatus,
    Step,
    TokenKind,
    Verification,
    WaitingOn,
    WriteBack,
)
from flows.outbox.bodies import FirstData
from flows.outbox.messages import Message
from flows.overview import Milestone, Overview, Standing
from flows.reminders.facts import Quiet, Reminded, Reminders, Snooze
from flows.replay.facts import (
    Coverage,
    Deletions,
    DestinationFilter,
    ReplacedRequest,
    ReplayRequest,
    ReplaySource,
    ReplayWindow,
    Scheduled,
    Subset,
)
from flows.vocabulary import CallType, Plan, Region, Source, Stamp, Workspace

A, B = "TACME", "TOTHER"  # two tenants
NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
STAMP = Stamp("UANNA", NOON)
SOURCE = Source("srcone", "web", "Web <shop> ✓")
WINDOW = ReplayWindow(
    NOON - timedelta(days=180),
    NOON,
    (CallType.TRACK,),
    ("Signed up",),
    ("Clicked <b>",),
    Subset.ONLY,
    365,
    Deletions.PENDING,
)
FILTER = DestinationFilter("No staff", 'email = "x"', ("drop",))


def bare_integration(
    integration_id: str = "one", tenant_id: str = A, created: datetime = NOON
) -> Integration:
    stamp = Stamp("UANNA", created)
    return Integration(integration_id, tenant_id, tenant_id, stamp)


def full_integration() -> Integration:
    return Integration(
        id="one",
        tenant_id=A,
        team_id=A,
        created=STAMP,
        changed={Screen.PLAN: 3, Screen.SOURCES: 5},
        plan=Plan.BUSINESS,
        plan_chosen=STAMP,
        upgraded_on=date(2026, 2, 27),
        upgraded_from=Plan.TEAM,
        region=Region.EU,
        credentials=_credentials(),
        sources=(SOURCE, Source("srctwo", "ios")),
        sources_chosen=STAMP,
        arrival_confirmed=STAMP,
        live_started=STAMP,
        replay_draft=WINDOW,
        replay=replay(),
        replay_sent=STAMP,
        replay_scheduled=Scheduled(STAMP, date(2026, 3, 9), "4711"),
        replay_running=STAMP,
        replay_finished=STAMP,
        replay_confirmed=STAMP,
        outcome=Outcome.WITH_HISTORY,
        outcome_reached=STAMP,
        token_forgotten=STAMP,
        reopened=STAMP,
        keeps_watching=STAMP,
        write_back=WriteBack(STAMP, STAMP, SOURCE, True),
        asked=(Delegation("UBEN", Screen.CREDENTIALS, STAMP, is_open=True),),
        failed_tries=2,
        last_error="token_refused",
        last_active=STAMP,
        reminders=_reminders(),
        disconnected=STAMP,
    )


def _reminders() -> Reminders:
    return Reminders(
        sent=(Reminded("no_events", 1, NOON, "UANNA"), Reminded("x", 4, NOON, "", is_last=True)),
        snooze=Snooze(NOON, "UANNA", NOON),
        quiet=(Quiet("no_events", "UANNA", NOON), Quiet("", "UBEN", NOON)),
        postponed=NOON,
        stuck="no_events",
    )


def _credentials() -> Credentials:
    return Credentials(
        kind=TokenKind.PUBLIC_API,
        verification=Verification.REJECTED,
        workspace=Workspace("acme", "wsacme", "Acme"),
        region=Region.EU,
        entered=STAMP,
        maybe_not_owner=True,
        for_toplyne=True,
        reviewed=STAMP,
        reason="another workspace",
    )


def replay() -> ReplayRequest:
    measured = ReplaySource(SOURCE, {CallType.TRACK: 12, CallType.IDENTIFY: 3}, (FILTER,))
    unmeasured = ReplaySource(Source("srctwo", "ios"), None)
    return ReplayRequest(
        number=2,
        workspace=Workspace("acme", "wsacme", "Acme"),
        sources=(measured, unmeasured),
        window=WINDOW,
        left_out=(Source("srcthree", "android"),),
        requested=STAMP,
        region=Region.EU,
        live_since=NOON,
        kept_from=NOON - timedelta(days=365),
        estimate=1200,
        remaining_names=("Paid",),
        replaces=ReplacedRequest(1, NOON, "4710"),
    )


def catalogue() -> Catalogue:
    busy, unmeasured = CatalogueEntry(SOURCE, True, 900), CatalogueEntry(SOURCE, False)
    return Catalogue((busy, unmeasured), NOON)


def status(source_id: str = "srcone", delivered: int = 7) -> SourceStatus:
    return SourceStatus(
        source_id=source_id,
        enabled=True,
        destination=DestinationState.ENABLED,
        destination_id="destone",
        delivered=delivered,
        first_delivered_at=NOON,
        observed_at=NOON,
        since=NOON,
    )


def coverage() -> Coverage:
    return Coverage(
        {"srcone": {CallType.PAGE: 4}, "srctwo": {}},
        NOON,
        {"Signed up": 7},
        {"srcone": (FILTER,), "srctwo": None},
    )


def overview(integration_id: str = "one", next_poll_at: datetime | None = NOON) -> Overview:
    return Overview(
        integration_id=integration_id,
        step=Step.LIVE_SYNC,
        blocker="no_events",
        waiting_on=WaitingOn.CUSTOMER,
        blocked_since=NOON,
        next_poll_at=next_poll_at,
        next_reminder_at=next_poll_at,
        next_call_at=next_poll_at,
        last_active_at=NOON,
        standing=Standing.IN_PROGRESS,
        milestone=Milestone.CREDENTIALS,
        subject="Web app",
        need="stuck",
        urgency=4,
        need_at=NOON,
        need_by="UANNA",
        owner="UMIRA",
        account="Acme EMEA",
        finished_at=NOON,
        search="acme inc",
        projection=1,
    )


def check(check_id: str = "check", expires_at: datetime = NOON) -> PendingCheck:
    return PendingCheck(
        id=check_id,
        integration_id="one",
        kind=CheckKind.TOKEN,
        user_id="UANNA",
        revision=4,
        typed=Typed("acme"),
        expires_at=expires_at,
    )


def invitation(tenant_id: str = A, account: str = "Acme", **changed: Any) -> Invitation:
    made = Invitation(tenant_id, account, "UMIRA", NOON, NOON + timedelta(days=30))
    return replace(made, **changed)


def entry_link(tenant_id: str = A, integration_id: str = "one", **changed: Any) -> EntryLink:
    made = EntryLink(
        "page_1", "digest", tenant_id, "TACME", integration_id, 1, 1, Screen.CREDENTIALS,
        "UANNA", "", NOON,
    )  # fmt: skip
    return replace(made, **changed)


def message(key: str, conversation: str = "user:UANNA", integration_id: str = "one") -> Message:
    return Message(FirstData("srcone"), conversation, key, integration_id)


def installation(tenant_id: str = A) -> Installation:
    return Installation(
        tenant_id=tenant_id,
        team_id=tenant_id,
        enterprise_id="EACME",
        is_enterprise_install=True,
        team_name="Acme",
        app_id="AAPP",
        bot_id="BBOT",
        bot_user_id="UBOT",
        scopes=("commands", "chat:write"),
        installed=STAMP,
    )
