"""Rows as the previous version wrote them, which kept every field as text."""

from datetime import UTC, date, datetime

from flows.checks import events as checks
from flows.checks.question import CheckKind, SourceAnswers, Typed
from flows.csm import events as csm
from flows.csm.facts import Need, Rejectable
from flows.errors import ErrorCode, Field, FieldError
from flows.history import Event
from flows.model import Screen
from flows.outbox import bodies, toplyne_bodies
from flows.reminders import events as reminders
from flows.reminders.facts import Role
from flows.replay import events as replay
from flows.replay.events import News
from flows.setup import events as setup
from flows.setup.blockers import Blocker
from flows.setup.results import Notice
from flows.toplyne import events as toplyne
from flows.toplyne.model import DeliveryKind
from flows.vocabulary import Plan, ReceivedEvent, Region, Source, Stamp

ASKED = bodies.ColleagueAsked("UANNA", Screen.SOURCES)
HEARD = bodies.DelegationNews(bodies.Heard.DONE, "UBOB", Screen.SOURCES)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
BY = Stamp("UANNA", NOON)
BY_CSM = Stamp("UANNA", NOON, of_toplyne=True)
WEB, ONLY_NAMED = Source("srcweb", "", "Web app"), Source("", "", "Web app")
WEB_AS_TEXT = {"source_id": "srcweb", "source": "Web app"}

OLD_EVENTS: list[tuple[str, dict[str, str], Event]] = [
    ("installed", {}, setup.Installed(BY)),
    ("uninstalled", {}, setup.Uninstalled(BY)),
    ("started", {}, setup.Started(BY)),
    ("plan_chosen", {"plan": "team"}, setup.PlanChosen(BY, Plan.TEAM)),
    ("upgraded", {"date": "2026-04-01"}, setup.Upgraded(BY, date(2026, 4, 1))),
    ("check_failed", {"code": "slug_is_url"}, setup.CheckFailed(BY, ErrorCode.SLUG_IS_URL)),
    ("check_failed", {"code": "of_long_ago"}, setup.CheckFailed(BY)),
    ("stuck", {"code": "slug_is_url"}, setup.Stuck(BY, ErrorCode.SLUG_IS_URL)),
    (
        "stuck",
        {"blocker": "no_events", "source": "Web app"},
        reminders.RanOut(BY, Blocker.NO_EVENTS, ONLY_NAMED),
    ),
    ("stuck", {"blocker": "plan_missing"}, reminders.RanOut(BY, Blocker.PLAN_MISSING)),
    ("managers_changed", {}, setup.ManagersChanged(BY)),
    ("credentials_verified", {"workspace": "Acme"}, setup.CredentialsVerified(BY, "Acme")),
    ("credentials_unverified", {"workspace": "acme"}, setup.CredentialsUnverified(BY, "acme")),
    ("credentials_confirmed", {"side": "toplyne"}, csm.CredentialsConfirmed(BY_CSM)),
    ("credentials_rejected", {"reason": "No"}, csm.CredentialsRejected(BY, "No")),
    ("arrival_rejected", {"reason": "No"}, csm.ArrivalRejected(BY, "No")),
    ("sources_rejected", {"reason": "No"}, csm.SourcesRejected(BY, "No")),
    ("replay_rejected", {"reason": ""}, csm.ReplayRejected(BY, "")),
    ("sources_chosen", {"sources": "Web app, iOS"}, setup.SourcesChosen(BY, ("Web app", "iOS"))),
    ("live_sync_started", WEB_AS_TEXT, setup.LiveSyncStarted(BY, WEB)),
    ("live_sync_started", {}, setup.LiveSyncStarted(BY)),
    ("replay_ready", {}, setup.ReplayReady(BY)),
    ("replay_requested", {"number": "2"}, replay.ReplayRequested(BY, 2)),
    ("replay_sent", {}, replay.ReplaySent(BY)),
    ("replay_sent_undone", {}, replay.ReplaySentUndone(BY)),
    ("replay_question", {"note": "Which?"}, replay.ReplayQuestioned(BY, "Which?")),
    (
        "replay_scheduled",
        {"on": "2026-05-11", "ticket": "4711"},
        replay.ReplayScheduled(BY, date(2026, 5, 11), "4711"),
    ),
    ("replay_scheduled", {"on": "", "ticket": ""}, replay.ReplayScheduled(BY)),
    ("replay_running", {}, replay.ReplayRunning(BY)),
    ("replay_running_undone", {}, replay.ReplayRunningUndone(BY)),
    ("replay_finished_undone", {}, replay.ReplayFinishedUndone(BY)),
    ("replay_finished", {}, replay.ReplayFinished(BY)),
    ("replay_confirmed", {}, replay.ReplayConfirmed(BY)),
    ("replay_confirmed_undone", {}, replay.ReplayConfirmedUndone(BY)),
    (
        "completed",
        {
            "workspace": "Acme",
            "plan": "business",
            "region": "eu",
            "sources": "Web app, iOS",
            "start": "2025-05-04T12:00:00+00:00",
            "end": "2026-05-04T12:00:00+00:00",
            "events": "all",
            "open": "1",
        },
        replay.Completed(
            BY,
            workspace="Acme",
            plan=Plan.BUSINESS,
            region=Region.EU,
            sources=("Web app", "iOS"),
            start=datetime(2025, 5, 4, 12, tzinfo=UTC),
            end=NOON,
            everything=True,
            left_open=1,
        ),
    ),
    ("finished_live_only", {}, setup.FinishedLiveOnly(BY)),
    ("reopened", {}, setup.Reopened(BY)),
    ("declined", {"to": "UBOB", "screen": "plan"}, setup.Declined(BY, "UBOB", Screen.PLAN)),
    ("delegated", {"to": "UBOB", "screen": "plan"}, setup.Delegated(BY, "UBOB", Screen.PLAN)),
    (
        "reminded",
        {
            "blocker": "no_events",
            "source": "Web app",
            "number": "4",
            "to": "UBOB",
            "role": "took_part",
            "instead_of": "UANNA",
            "last": "yes",
            "closes": "2026-05-04T12:00:00+00:00",
        },
        reminders.ReminderSent(
            BY, Blocker.NO_EVENTS, 4, "UBOB", Role.PARTICIPANT, ONLY_NAMED, "UANNA", True, NOON
        ),
    ),
    (
        "reminded",
        {
            "blocker": "plan_missing",
            "source": "",
            "number": "1",
            "to": "UBOB",
            "role": "did_last",
            "instead_of": "",
            "last": "",
            "closes": "",
        },
        reminders.ReminderSent(BY, Blocker.PLAN_MISSING, 1, "UBOB", Role.DID_LAST),
    ),
    (
        "reminder_not_sent",
        {"blocker": "plan_missing", "to": "UBOB"},
        reminders.ReminderNotSent(BY, Blocker.PLAN_MISSING, "UBOB"),
    ),
    (
        "nobody_to_remind",
        {
            "blocker": "plan_missing",
            "source": "",
            "number": "1",
            "to": "",
            "role": "csm",
            "instead_of": "UANNA",
            "last": "",
            "closes": "",
        },
        reminders.NobodyToRemind(BY, Blocker.PLAN_MISSING, 1, instead_of="UANNA"),
    ),
    ("snoozed", {"until": "2026-05-04T12:00:00+00:00"}, reminders.Snoozed(BY, NOON)),
    ("asked_for_quiet", {"blocker": ""}, reminders.AskedForQuiet(BY)),
    ("asked_for_quiet", {"blocker": "no_events"}, reminders.AskedForQuiet(BY, Blocker.NO_EVENTS)),
    ("reminders_resumed", {}, reminders.RemindersResumed(BY)),
    (
        "help_asked",
        {"screen": "sources", "code": "", "note": ""},
        setup.HelpAsked(BY, Screen.SOURCES),
    ),
    ("said_connected", {}, setup.SaidConnected(BY)),
    ("token_forgotten", {}, setup.TokenForgotten(BY)),
    (
        "incident",
        {"blocker": "source_disabled", **WEB_AS_TEXT},
        checks.IncidentBegan(BY, Blocker.SOURCE_DISABLED, WEB),
    ),
    (
        "incident_over",
        {"blocker": "token_revoked", "source_id": "", "source": ""},
        checks.IncidentOver(BY, Blocker.TOKEN_REVOKED),
    ),
    (
        "incident_over",
        {"blocker": "source_disabled", "source_id": "srcweb", "source": ""},
        checks.IncidentOver(BY, Blocker.SOURCE_DISABLED, Source("srcweb", "")),
    ),
    ("write_key_entered", {"source": "Web app"}, setup.WriteKeyEntered(BY, ONLY_NAMED)),
    ("write_key_entered", {"source": ""}, setup.WriteKeyEntered(BY)),
    ("write_back_skipped", {}, setup.WriteBackSkipped(BY)),
    (
        "handed_over",
        {"what": "replay", "number": "2", "delivery": "msg_1"},
        toplyne.SentToToplyne(BY, DeliveryKind.REPLAY, "msg_1", 2),
    ),
    (
        "handover_delayed",
        {"what": "credentials", "number": "", "delivery": "msg_1", "error": "500"},
        toplyne.ToplyneDelayed(BY, DeliveryKind.CREDENTIALS, "msg_1", error="500"),
    ),
    (
        "handover_failed",
        {"what": "credentials", "number": "", "delivery": "msg_1", "error": ""},
        toplyne.ToplyneFailed(BY, DeliveryKind.CREDENTIALS, "msg_1"),
    ),
    ("disconnected", {}, setup.Disconnected(BY)),
    (
        "disconnected",
        {"workspace": "Acme", "instead": "Beacon"},
        setup.Disconnected(BY, "Acme", "Beacon"),
    ),
    ("claimed", {}, csm.Claimed(BY)),
    ("unclaimed", {}, csm.Unclaimed(BY)),
    ("handed_to", {"to": "UMIRA"}, csm.Assigned(BY, "UMIRA")),
    ("account_set", {"account": ""}, csm.AccountSet(BY, "")),
    ("csm_wrote", {"to": "UBOB", "text": "Hi", "name": "M"}, csm.CsmWrote(BY, "UBOB", "Hi", "M")),
    ("customer_replied", {"text": "Hello"}, csm.CustomerReplied(BY, "Hello")),
    ("reply_withheld", {}, csm.ReplyWithheld(BY)),
    ("answered", {}, csm.MattersAnswered(BY)),
    (
        "channel_called",
        {"matter": "help", "since": "2026-05-04T12:00:00+00:00"},
        csm.ChannelCalled(BY, Need.HELP, NOON),
    ),
    ("unreached", {"to": "UBOB", "what": "welcome"}, csm.Unreached(BY, "UBOB", "welcome")),
    ("passed_on", {"instead_of": "UADA", "to": "UBOB"}, csm.PassedOn(BY, "UADA", "UBOB")),
]

OLD_MESSAGES: list[tuple[str, dict[str, str], bodies.MessageBody]] = [
    ("welcome", {}, bodies.Welcome()),
    (
        "check_done",
        {"check": "chk_1", "kind": "token", "screen": "sources"},
        bodies.CheckDone("chk_1", CheckKind.TOKEN, Screen.SOURCES),
    ),
    (
        "check_done",
        {"check": "chk_1", "kind": "live_sync", "screen": "plan", "notice": "disconnected"},
        bodies.CheckDone("chk_1", CheckKind.LIVE_SYNC, Screen.PLAN, Notice.DISCONNECTED),
    ),
    (
        "check_done",
        {
            "check": "chk_1",
            "kind": "sources",
            "screen": "sources",
            "field": "source_ids",
            "error": "source_is_slug",
            "details": '{"id": "srcweb"}',
            "typed": '{"chosen": "srcweb\\nsrcapp", "pasted": "web"}',
        },
        bodies.CheckDone(
            "chk_1",
            CheckKind.SOURCES,
            Screen.SOURCES,
            error=FieldError(Field.SOURCE_IDS, ErrorCode.SOURCE_IS_SLUG, {"id": "srcweb"}),
            typed=Typed(sources=SourceAnswers(("srcweb", "srcapp"), "web")),
        ),
    ),
    ("delegated", {"by": "UANNA", "screen": "sources"}, ASKED),
    ("confirmed", {}, bodies.Confirmed()),
    ("rejected", {"reason": "No"}, bodies.Rejected("No")),
    (
        "rejected",
        {"reason": "No", "what": "replay"},
        bodies.Rejected("No", Rejectable.REPLAY),
    ),
    ("first_data", {"source_id": "srcweb"}, bodies.FirstData("srcweb")),
    ("delegation_news", {"how": "done", "to": "UBOB", "screen": "sources"}, HEARD),
    ("go_on", {"by": "UANNA"}, bodies.AskedToGoOn("UANNA")),
    (
        "colleague_did",
        {"by": "UANNA", "deed": "disconnected"},
        bodies.ColleagueDid("UANNA", bodies.Deed.DISCONNECTED),
    ),
    ("arrival_confirmed", {}, bodies.ArrivalConfirmed()),
    ("replay_request", {"number": "2"}, bodies.ReplayInstructions(2)),
    ("completed", {}, bodies.Summary()),
    (
        "replay_news",
        {"what": "replay_scheduled", "on": "2026-05-11", "ticket": "4711"},
        bodies.ReplayNews(News.SCHEDULED, date(2026, 5, 11), "4711"),
    ),
    (
        "replay_news",
        {"what": "replay_running", "on": "", "ticket": ""},
        bodies.ReplayNews(News.RUNNING),
    ),
    ("csm_message", {"name": "", "text": "Hello"}, bodies.CsmMessage("", "Hello")),
    (
        "reminder",
        {
            "blocker": "no_events",
            "role": "took_part",
            "instead_of": "UANNA",
            "last": "yes",
            "closes": "2026-05-04T12:00:00+00:00",
            "decided": "2026-05-04T12:00:00+00:00",
        },
        bodies.Reminder(Blocker.NO_EVENTS, Role.PARTICIPANT, "UANNA", True, NOON, NOON),
    ),
    (
        "reminder",
        {"blocker": "no_events", "role": "did_last", "instead_of": "", "last": "", "closes": ""},
        bodies.Reminder(Blocker.NO_EVENTS, Role.DID_LAST),
    ),
    (
        "incident",
        {"blocker": "source_disabled", **WEB_AS_TEXT, "role": "took_part", "instead_of": "UANNA"},
        bodies.IncidentNews(Blocker.SOURCE_DISABLED, WEB, Role.PARTICIPANT, "UANNA"),
    ),
    (
        "incident_over",
        {"blocker": "token_revoked", "source_id": "", "source": ""},
        bodies.RecoveryNews(Blocker.TOKEN_REVOKED),
    ),
    ("help_received", {}, bodies.HelpReceived()),
    ("disconnected", {}, bodies.Farewell()),
    ("token_in_message", {}, bodies.TokenWarning()),
    ("message_hint", {}, bodies.Hint()),
    ("pass_on", {"text": "Hello"}, bodies.PassOn("Hello")),
    (
        "channel_lost",
        {"channel": "C1", "error": "is_archived"},
        toplyne_bodies.ChannelLost("C1", "is_archived"),
    ),
    ("card_lost", {"customer": "", "channel": "C1"}, toplyne_bodies.CardLost("", "C1")),
    ("redrawn", {"of": "replay_request:int_1:2"}, bodies.Redraw("replay_request:int_1:2")),
    ("home", {}, bodies.DrawHome()),
    ("window", {"window": "live_1"}, bodies.DrawWindow("live_1")),
    ("card", {}, bodies.DrawCard()),
    ("thread", {"event": "12"}, bodies.ThreadLine(12)),
    (
        "customer_left",
        {"customer": "Acme", "channel": "C1", "ts": "1.1"},
        toplyne_bodies.CustomerLeft("Acme", "C1", "1.1"),
    ),
    ("digest", {"day": "2026-05-04"}, toplyne_bodies.MorningDigest(date(2026, 5, 4))),
    ("digest_picture", {"day": "2026-05-04"}, toplyne_bodies.DigestPicture(date(2026, 5, 4))),
]

OLD_RECEIVED: list[tuple[dict[str, str], ReceivedEvent]] = [
    (
        {"team": "T1", "user": "UANNA", "at": "1777896000", "secret": "yes"},
        ReceivedEvent("Ev1", "message", "T1", "UANNA", NOON, holds_secret=True),
    ),
    (
        {"team": "T1", "user": "UANNA", "at": "1777896000", "secret": "no"},
        ReceivedEvent("Ev1", "message", "T1", "UANNA", NOON),
    ),
    (
        {"team": "T1", "user": "UANNA", "at": "1777896000"},
        ReceivedEvent("Ev1", "app_home_opened", "T1", "UANNA", NOON),
    ),
    (
        {"team": "T1", "user": "", "at": "1777896000"},
        ReceivedEvent("Ev1", "tokens_revoked", "T1", at=NOON),
    ),
    ({"team": "T1", "user": "", "at": ""}, ReceivedEvent("Ev1", "app_uninstalled", "T1")),
]
