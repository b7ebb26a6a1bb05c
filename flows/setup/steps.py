"""One pure function per step: an answer by a person or Segment → the next state, its events."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from flows.checks.question import TokenAccepted
from flows.csm.facts import Rejectable
from flows.errors import ErrorCode, Field, FieldError, error_code
from flows.history import Event
from flows.model import (
    Credentials,
    Integration,
    Outcome,
    Screen,
    Situation,
    SourceStatus,
    TokenKind,
    Verification,
    WriteBack,
)
from flows.recording import Change, touched
from flows.setup.blockers import (
    delivering_sources,
    is_live,
    replay_prerequisites,
)
from flows.setup.events import (
    CheckFailed,
    CredentialsUnverified,
    CredentialsVerified,
    FinishedLiveOnly,
    HelpAsked,
    LiveSyncStarted,
    PlanChosen,
    Reopened,
    ReplayReady,
    SaidConnected,
    SourcesChosen,
    Started,
    Stuck,
    Upgraded,
    WriteBackSkipped,
    WriteKeyEntered,
)
from flows.setup.leaving import in_workspace
from flows.setup.replays import is_rejected
from flows.vocabulary import Plan, Region, Source, Stamp, Workspace

_NO_MISTAKES = (ErrorCode.SEGMENT_UNAVAILABLE, ErrorCode.SECRET_LOST, ErrorCode.TOKEN_GONE)
STUCK_AFTER = 3  # failed tries, product.md J8


def first_generation(at: datetime) -> int:
    """The moment, since what an uninstalled app left in Slack must not name what follows it."""
    return int(at.timestamp())


def begin(integration: Integration, stamp: Stamp) -> Change:
    """Begins a first set-up, or a new one after a disconnect, which no earlier screen names."""
    fresh = replace(integration, disconnected=None, last_active=stamp, started=stamp)
    if left := integration.disconnected:
        generation = max(integration.generation + 1, first_generation(stamp.at))
        fresh = replace(fresh, generation=generation, left_before=left)
    return Change(fresh, (Started(stamp),))


def choose_plan(integration: Integration, plan: Plan, stamp: Stamp) -> Change:
    """Keeps what was verified if the new plan can use it."""
    if integration.plan is plan:
        return Change(integration)
    chosen = replace(integration, plan=plan, plan_chosen=stamp, region=_region_proved(integration))
    if integration.outcome is Outcome.LIVE_ONLY:
        chosen = replace(chosen, outcome=None, outcome_reached=None)
    events = (PlanChosen(stamp, plan),)
    return Change(touched(_after_plan(chosen), Screen.PLAN), events)


def asks_for_day(integration: Integration, plan: Plan) -> bool:
    """Whether this choice is an upgrade, whose day decides how much history is left.

    A wrong choice is corrected without a question, unless live sync started on it.
    """
    began_lower = _plan_of_live(integration) in (Plan.TEAM, Plan.FREE)
    grows = plan is Plan.BUSINESS and integration.plan is not Plan.BUSINESS
    return bool(grows and began_lower and integration.upgraded_on is None)


def _plan_of_live(integration: Integration) -> Plan | None:
    """The plan when live sync started. Earlier versions did not note it: then the plan of now, if
    it was chosen before.
    """
    started, chosen = integration.live_started, integration.plan_chosen
    if started is None or integration.live_plan:
        return integration.live_plan
    return integration.plan if chosen and chosen.at <= started.at else None


def _region_proved(integration: Integration) -> Region:
    """The region of a token that Segment accepted; before one, the region that is tried first."""
    credentials = integration.credentials
    if credentials and credentials.verification is Verification.VERIFIED:
        return credentials.region
    return Region.US


def _after_plan(integration: Integration) -> Integration:
    known, plan = integration.credentials, integration.plan
    if known is None or plan is None or not drops_credentials(integration, plan):
        return integration
    return replace(integration, credentials=None, workspace_before=known.workspace)


def other_workspace(
    integration: Integration, accepted: TokenAccepted, by: str = "", instead: str = ""
) -> FieldError | None:
    """The error if the token opens another workspace than the one verified before (J5, J11).

    Before sources are chosen, the same person switches by trying once more. Later, somebody has to
    confirm that it comes `instead` of the workspace with this slug.
    """
    known = integration.credentials
    if known is None or known.verification is not Verification.VERIFIED:
        return None
    if instead == known.workspace.slug or known.workspace.is_same(accepted.workspace):
        return None
    params = {"found": accepted.workspace.label, "expected": known.workspace.label}
    if not integration.sources and integration.plan is not Plan.FREE:
        last = integration.last_active
        asked = integration.last_error == ErrorCode.TOKEN_SWITCHES and last and last.by == by
        return None if asked else FieldError(Field.TOKEN, ErrorCode.TOKEN_SWITCHES, params)
    return FieldError(Field.TOKEN, ErrorCode.TOKEN_OTHER_WORKSPACE, params)


def accept_token(
    integration: Integration, accepted: TokenAccepted, stamp: Stamp, *, for_toplyne: bool = False
) -> Change:
    """Stores what Segment said about the token, or that nobody could check it.

    `for_toplyne`: the screen on which it was entered said that Toplyne gets it too.
    """
    credentials = Credentials(
        kind=accepted.kind,
        verification=accepted.verification,
        workspace=accepted.workspace,
        region=accepted.region,
        entered=stamp,
        maybe_not_owner=accepted.maybe_not_owner,
        for_toplyne=for_toplyne,
    )
    verified = accepted.verification is Verification.VERIFIED
    entered = CredentialsVerified if verified else CredentialsUnverified
    after = replace(
        in_workspace(integration, accepted.workspace),
        credentials=credentials,
        workspace_before=None,
        region=accepted.region,
        token_forgotten=None,
    )
    event = entered(stamp, accepted.workspace.label)
    after = touched(after, Screen.CREDENTIALS)
    if not verified:  # another plan drops them, and from now on these screens say so
        after = touched(after, Screen.PLAN, Screen.UPGRADE, is_done=False)
    return Change(after, (event,))


def refuse(integration: Integration, code: ErrorCode, stamp: Stamp) -> Change:
    """Counts a failed try. The CSM is told of the third in a row, once.

    It does not count as a failed try if Segment does not answer, if we lost what was entered, or
    if the token was deleted here.
    """
    counts = code not in _NO_MISTAKES
    tries = integration.failed_tries + counts
    after = replace(integration, failed_tries=tries, last_error=code.value)
    events: list[Event] = [CheckFailed(stamp, code)]
    if counts and tries == STUCK_AFTER:
        events.append(Stuck(stamp, code))
    return Change(after, tuple(events))


def choose_sources(integration: Integration, sources: tuple[Source, ...], stamp: Stamp) -> Change:
    """Stores which sources Toplyne may read, and that a choice which was rejected is corrected."""
    if sources == integration.sources and not is_rejected(integration, Rejectable.SOURCES):
        return Change(integration)
    after = replace(
        corrected(integration, Rejectable.SOURCES),
        sources=sources,
        sources_chosen=stamp,
    )
    names = tuple(source.label for source in sources)
    return Change(touched(after, Screen.SOURCES), (SourcesChosen(stamp, names),))


def drops_credentials(integration: Integration, plan: Plan) -> bool:
    """Whether only Free accepts what was entered, and this plan can ask the Public API."""
    known = integration.credentials
    is_of_use = known is None or serves_every_plan(known.kind, known.verification)
    return plan is not Plan.FREE and not is_of_use


def serves_every_plan(kind: TokenKind, verification: Verification) -> bool:
    """Whether Segment's Public API has accepted the token. Only Free does without."""
    return verification is Verification.VERIFIED and kind is TokenKind.PUBLIC_API


def renamed(integration: Integration, statuses: Iterable[SourceStatus]) -> Integration:
    """The set-up with its sources as Segment names them now."""
    newest = {status.source_id: status.named for status in statuses if status.named}
    sources = tuple(newest.get(source.id, source) for source in integration.sources)
    return integration if sources == integration.sources else replace(integration, sources=sources)


def workspace_renamed(integration: Integration, newest: Workspace) -> Integration:
    """The set-up with its Segment workspace as it is called now. Another workspace changes none."""
    credentials = integration.credentials
    if credentials is None or credentials.workspace.id != newest.id:
        return integration
    if credentials.workspace == newest:
        return integration
    return replace(integration, credentials=replace(credentials, workspace=newest))


def note_deliveries(before: Situation, after: Situation) -> Change:
    """Notes each source's first delivery to Toplyne. The first of all starts live sync."""
    integration, observed = after.integration, after.observed
    earlier, delivering = delivering_sources(before), delivering_sources(after)
    if not delivering:
        return Change(integration)
    at = max(observed.statuses[source.id].observed_at for source in delivering)
    noticed = Stamp("", at)
    new = tuple(source for source in delivering if source not in earlier)
    unsure = [source for source in delivering if observed.statuses[source.id].or_earlier]
    events: list[Event] = []
    if new:
        or_earlier = any(source in unsure for source in new)
        events.append(LiveSyncStarted(noticed, new[0], new[1:], or_earlier))
    if is_live(before):
        return Change(integration, tuple(events))
    exact = (source for source in delivering if source not in unsure)
    moments = (observed.statuses[source.id].first_delivered_at for source in exact)
    first = min([at, *(moment for moment in moments if moment)])  # Segment counts by the hour
    started = replace(integration, live_started=Stamp(by="", at=first), live_plan=integration.plan)
    if not replay_prerequisites(replace(after, integration=started)):
        events.append(ReplayReady(noticed))
    return Change(touched(started, Screen.LIVE_SYNC), tuple(events))


def lacks_word(integration: Integration, workspace: str = "") -> bool:
    """Free: whether the customer can tell a CSM when to look. Not once that is said or seen.

    `workspace` is the one that a message asked about, which may be another one by now.
    """
    if integration.plan is not Plan.FREE or integration.says_connected or integration.live_started:
        return False
    known = integration.credentials
    return known is not None and known.accepted and workspace in ("", known.workspace.label)


def say_connected(integration: Integration, stamp: Stamp, workspace: str = "") -> Change:
    """Free: the customer has connected Toplyne. Only a CSM can see whether data arrives."""
    if not lacks_word(integration, workspace):
        return Change(integration)
    after = replace(corrected(integration, Rejectable.ARRIVAL), says_connected=stamp)
    return Change(touched(after, Screen.LIVE_SYNC), (SaidConnected(stamp),))


def accept_write_key(
    integration: Integration, source: Source | None, stamp: Stamp, *, for_toplyne: bool
) -> Change:
    """Stores that Segment knows the key. It replaces an earlier key."""
    facts = WriteBack(entered=stamp, source=source, for_toplyne=for_toplyne)
    after = replace(integration, write_back=facts)
    return Change(touched(after, Screen.WRITE_BACK), (WriteKeyEntered(stamp, source),))


def skip_write_back(integration: Integration, stamp: Stamp) -> Change:
    """ "Not now": the offer is not made again, but can be taken up at any time."""
    if integration.write_back.entered or integration.write_back.skipped:
        return Change(integration)
    after = replace(integration, write_back=WriteBack(skipped=stamp))
    return Change(touched(after, Screen.WRITE_BACK), (WriteBackSkipped(stamp),))


def upgrade(situation: Situation, day: date, stamp: Stamp) -> Change:
    """Notes that Team or Free became Business. The day decides how much history is left."""
    integration = situation.integration
    if integration.plan is Plan.BUSINESS:
        return Change(integration)
    after = replace(
        integration,
        plan=Plan.BUSINESS,
        plan_chosen=stamp,
        upgraded_on=day,
        upgraded_from=integration.plan,
    )
    if integration.outcome is Outcome.LIVE_ONLY:  # history that has come stays
        after = replace(after, outcome=None, outcome_reached=None)
    after = touched(_after_plan(after), Screen.PLAN, Screen.UPGRADE)
    events: list[Event] = [Upgraded(stamp, day)]
    if not replay_prerequisites(replace(situation, integration=after)):
        events.append(ReplayReady(stamp))
    return Change(after, tuple(events))


def finish_live_only(integration: Integration, stamp: Stamp) -> Change:
    """Ends the set-up without history."""
    if integration.outcome:
        return Change(integration)
    after = replace(integration, outcome=Outcome.LIVE_ONLY, outcome_reached=stamp)
    return Change(touched(after, Screen.UPGRADE), (FinishedLiveOnly(stamp),))


def reopen(integration: Integration, stamp: Stamp) -> Change:
    """Takes back an ending with live data only. This is possible at any time."""
    if integration.outcome is not Outcome.LIVE_ONLY:
        return Change(integration)
    after = replace(integration, outcome=None, outcome_reached=None, reopened=stamp)
    return Change(touched(after, Screen.UPGRADE, is_done=False), (Reopened(stamp),))


def ask_help(integration: Integration, screen: Screen, note: str, stamp: Stamp) -> Change:
    """Asks CSMs, and says where the person is and what went wrong last."""
    number = integration.csm.numbered + 1
    event = HelpAsked(stamp, screen, error_code(integration.last_error), note, number)
    return Change(integration, (event,))


# --- what another answer clears -------------------------------------------------------------------


def corrected(integration: Integration, what: Rejectable) -> Integration:
    """Clears the rejection of an answer that was given again."""
    return replace(integration, csm=integration.csm.without_rejection(what))
