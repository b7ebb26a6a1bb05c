"""Sixty made-up customers in all states, to show the CSM's side without waiting for weeks.

Their facts look as if they had come about in use. Segment knows none of these customers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from flows.checks.poll import farthest_poll, usual_pause
from flows.csm.facts import CsmFacts, Matter, Need
from flows.history import Event
from flows.model import (
    Credentials,
    DestinationState,
    Integration,
    Observed,
    Outcome,
    Situation,
    SourceStatus,
    TokenKind,
    Verification,
    WaitingOn,
)
from flows.reminders.facts import Reminded, Reminders
from flows.replay.events import ReplayRequested
from flows.replay.facts import ReplayRequest, ReplaySource, ReplayWindow
from flows.setup.blockers import setup_blocker
from flows.setup.events import CredentialsVerified, Installed, LiveSyncStarted, PlanChosen
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

SAMPLES = 60
_A_DAY, _A_MINUTE = timedelta(days=1), timedelta(minutes=1)
_FIRST = (
    "Amber",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Fjord",
    "Grove",
    "Harbor",
    "Iris",
    "Juniper",
)
_SECOND = ("Foods", "Labs", "Travel", "Bank", "Games", "Health")
_CALLS = {CallType.IDENTIFY: 1_204, CallType.TRACK: 88_120, CallType.PAGE: 30_400}


@dataclass(frozen=True, slots=True)
class Case:
    """A customer in the making. `by` is the person who does everything."""

    integration: Integration
    now: datetime
    observed: Observed = field(default_factory=Observed)

    @property
    def by(self) -> str:
        return self.integration.created.by

    @property
    def name(self) -> str:
        return self.integration.id.removeprefix("sample_").replace("_", "-")

    def after(self, part: float) -> Stamp:
        """Stamps a moment between the installation (0) and now (1)."""
        begun = self.integration.created.at
        return Stamp(self.by, begun + (self.now - begun) * part)

    def facts(self, **changed: object) -> "Case":
        return replace(self, integration=replace(self.integration, **changed))  # type: ignore[arg-type]


Make = Callable[[Case], Case]


def sample_names() -> list[str]:
    """Returns names that are plainly made up. Each of them says so."""
    return [f"{first} {second} (sample)" for second in _SECOND for first in _FIRST]


def sample_integration_id(name: str) -> str:
    return "sample_" + "_".join(name.removesuffix(" (sample)").lower().split())


def sample_situation(
    number: int,
    tenant_id: str,
    user_id: str,
    csms: tuple[str, ...],
    now: datetime,
    poll_interval: timedelta = _A_DAY,
) -> Situation:
    """Makes the situation of the customer with this number. Every third customer has no owner."""
    name = sample_names()[number]
    installed = Stamp(user_id, now - timedelta(days=1 + number * 7 % 29, hours=number % 11))
    integration = Integration(sample_integration_id(name), tenant_id, tenant_id, installed)
    case = STATES[number % len(STATES)](Case(integration, now))
    last = case.integration.last_active
    if last is None and not case.integration.empty:
        case = case.facts(last_active=case.after(0.6))
    if number % 3 and not case.integration.empty:
        owner = csms[number % len(csms)]
        facts = replace(case.integration.csm, owner=Stamp(owner, case.after(0.2).at))
        account = name.removesuffix(" (sample)") + " EMEA" if number % 5 == 0 else ""
        case = case.facts(csm=replace(facts, account=account))
    return _looked_at(Situation(_reminded(case), case.observed, now), poll_interval)


def _looked_at(situation: Situation, interval: timedelta) -> Situation:
    """Has Segment, which does not know this customer, asked as late as may be: in a day. What is
    planned later counts as planned by a fast clock, and is done at once.
    """
    observed, now = situation.observed, situation.now
    if observed.looked_at is None:
        return situation
    pause = usual_pause(situation, interval)
    at = now + farthest_poll(interval) - pause - _A_MINUTE
    return replace(situation, observed=replace(observed, looked_at=at))


def history_of(integration: Integration) -> list[Event]:
    """Returns the customer's past events, as far as statistics count them."""
    of, by = integration, integration.created.by
    events: list[Event] = [Installed(of.created)]
    if of.plan and of.plan_chosen:
        events.append(PlanChosen(replace(of.plan_chosen, by=by), of.plan))
    if of.credentials and of.sources_chosen:
        workspace = of.credentials.workspace.label
        events.append(CredentialsVerified(replace(of.sources_chosen, by=by), workspace))
    if of.live_started:
        events.append(LiveSyncStarted(replace(of.live_started, by=by), Source("", "", "Web app")))
    if of.replay:
        events.append(ReplayRequested(replace(of.replay.requested, by=by), 1))
    return events


def _reminded(case: Case) -> Integration:
    """Adds a reminder sent yesterday, so that none goes out as soon as the customer exists."""
    blocked = setup_blocker(Situation(case.integration, case.observed, case.now))
    is_ours = blocked is None or blocked.blocker.waiting_on is WaitingOn.CSM
    if blocked is None or is_ours or case.integration.reminders.sent:
        return case.integration
    sent = Reminded(blocked.blocker.value, 1, case.now - timedelta(days=1), case.by)
    return replace(case.integration, reminders=Reminders(sent=(sent,)))


# --- the states ---------------------------------------------------------------------------------


def _not_started(case: Case) -> Case:
    return case


def _plan(plan: Plan) -> Make:
    return lambda case: case.facts(plan=plan, plan_chosen=case.after(0.1))


def _failing(case: Case) -> Case:
    return _plan(Plan.BUSINESS)(case).facts(failed_tries=4, last_error="token_refused")


def _run_out(case: Case) -> Case:
    case = _plan(Plan.BUSINESS)(case)
    sent = tuple(
        Reminded("credentials_missing", number, case.after(part).at, case.by, is_last=number == 4)
        for number, part in enumerate((0.2, 0.3, 0.5, 0.7), start=1)
    )
    return case.facts(reminders=Reminders(sent=sent))


def _free(verification: Verification) -> Make:
    def make(case: Case) -> Case:
        reviewed = case.after(0.5) if verification is not Verification.UNVERIFIED else None
        reason = "That slug belongs to another company." * (verification is Verification.REJECTED)
        credentials = Credentials(
            TokenKind.NONE,
            verification,
            Workspace(case.name),
            Region.US,
            case.after(0.3),
            reviewed=reviewed,
            reason=reason,
        )
        return _plan(Plan.FREE)(case).facts(credentials=credentials)

    return make


def _says_connected(case: Case) -> Case:
    return _free(Verification.CONFIRMED)(case).facts(says_connected=case.after(0.7))


def _verified(plan: Plan = Plan.BUSINESS) -> Make:
    def make(case: Case) -> Case:
        workspace = Workspace(case.name, f"ws_{case.name}", case.name.replace("-", " ").title())
        credentials = Credentials(
            TokenKind.PUBLIC_API, Verification.VERIFIED, workspace, Region.US, case.after(0.2)
        )
        case = replace(case, observed=replace(case.observed, looked_at=case.now))
        return _plan(plan)(case).facts(credentials=credentials)

    return make


def _source(case: Case) -> Source:
    return Source(f"src_{case.name}", "web", "Web app")


def _live(
    destination: DestinationState,
    *,
    plan: Plan = Plan.BUSINESS,
    delivered: int = 0,
    enabled: bool = True,
    stopped: bool = False,
) -> Make:
    def make(case: Case) -> Case:
        case, source = _verified(plan)(case), _source(case)
        first = case.after(0.4).at if delivered else None
        status = SourceStatus(
            source.id,
            enabled,
            destination,
            "" if destination is DestinationState.MISSING else f"dst_{case.name}",
            delivered,
            first,
            case.now,
            since=case.after(0.4).at,
            stopped_at=case.after(0.8).at if stopped else None,
        )
        observed = replace(case.observed, statuses={source.id: status})
        started = case.after(0.4) if delivered else None
        return replace(case, observed=observed).facts(
            sources=(source,), sources_chosen=case.after(0.25), live_started=started
        )

    return make


_delivering = _live(DestinationState.ENABLED, delivered=5_960)


def _replay(sent: float | None = None, running: float | None = None) -> Make:
    def make(case: Case) -> Case:
        case = _delivering(case)
        integration, source = case.integration, _source(case)
        if integration.credentials is None or integration.live_started is None:
            raise ValueError("a Replay comes after credentials and live data")
        end = integration.live_started.at
        request = ReplayRequest(
            number=1,
            workspace=integration.credentials.workspace,
            sources=(ReplaySource(source, _CALLS),),
            window=ReplayWindow(end - timedelta(days=365), end),
            left_out=(),
            requested=case.after(0.5),
        )
        return case.facts(
            replay=request,
            replay_sent=case.after(sent) if sent else None,
            replay_running=case.after(running) if running else None,
        )

    return make


def _finished(case: Case) -> Case:
    done = _replay(0.55, 0.6)(case)
    at = done.after(0.9)
    return done.facts(
        replay_finished=at,
        replay_confirmed=at,
        outcome=Outcome.WITH_HISTORY,
        outcome_reached=at,
    )


def _live_only(case: Case) -> Case:
    live = _live(DestinationState.ENABLED, plan=Plan.TEAM, delivered=410)(case)
    return live.facts(outcome=Outcome.LIVE_ONLY, outcome_reached=case.after(0.85))


def _revoked(case: Case) -> Case:
    done = _delivering(case)
    lost = TokenHealth(TokenState.REFUSED, case.after(0.9).at)
    return replace(done, observed=replace(done.observed, token=lost))


def _asks_for_help(case: Case) -> Case:
    asked = Matter(Need.HELP, case.after(0.9).at)
    return _live(DestinationState.MISSING)(case).facts(csm=CsmFacts(matters=(asked,)))


def _disconnected(case: Case) -> Case:
    return case.facts(disconnected=case.after(0.9))


STATES: tuple[Make, ...] = (
    _not_started,
    _plan(Plan.BUSINESS),
    _failing,
    _verified(),
    _live(DestinationState.MISSING),
    _live(DestinationState.DISABLED),
    _live(DestinationState.ENABLED),
    _asks_for_help,
    _live(DestinationState.ENABLED, plan=Plan.TEAM, delivered=410),
    _delivering,
    _replay(),
    _replay(sent=0.8),
    _replay(sent=0.55, running=0.6),
    _finished,
    _live_only,
    _free(Verification.UNVERIFIED),
    _free(Verification.CONFIRMED),
    _says_connected,
    _free(Verification.REJECTED),
    _revoked,
    _live(DestinationState.ENABLED, delivered=77, stopped=True),
    _live(DestinationState.MISSING, enabled=False),
    _run_out,
    _disconnected,
)
