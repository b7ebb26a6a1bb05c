"""One call of everything in `storage` that makes statements, by class and method."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from inspect import getmembers, iscoroutinefunction
from typing import Any

from pydantic import SecretStr

from bench import crowd
from bot.clock import SystemClock
from flows.audit import Audited, AuditEntry, Secret
from flows.checks.facts import Incident
from flows.checks.limits import TryLimits
from flows.csm.board import CustomerQuery, Filters, Stage, query_of
from flows.csm.digest import MOVES
from flows.csm.facts import Card, ChannelBinding
from flows.csm.paging import Side, Turn
from flows.model import WaitingOn
from flows.outbox.jobs import JobKind
from flows.outbox.messages import Attempt, MessageState, StoredMessage
from flows.repositories import Observations
from flows.setup.blockers import Blocker
from flows.setup.events import Started
from flows.toplyne.model import Delivery, DeliveryKind, DeliveryState, StoredDelivery
from flows.vocabulary import Actor, ReceivedEvent, Stamp, TokenHealth, TokenState
from storage.backlog import Backlog
from storage.cipher import Cipher, generate_key
from storage.connections import Engine
from storage.customers import SqlCustomers
from storage.engine import SharedClock
from storage.given_up import SqlDeadLetters, SqlDeliveryLog, SqlFailedEvents
from storage.housekeeping import SqlHousekeeping
from storage.leases import LeasedWork, Leases, WorkEnd
from storage.oauth_states import SqlOAuthStates
from storage.rate_gates import SqlRateGates
from storage.replanning import Replanning
from storage.repositories.entry_links import SqlFoundLinks
from storage.tenants import SqlTenants
from storage.unit_of_work import SqlUnitOfWork, SqlUnitOfWorkFactory
from tests.contract import samples

Call = Callable[[], Awaitable[Any]]
WEEK = timedelta(days=7)
TENANT, SETUP = crowd.tenant(3), crowd.setup(3)
OVER_ALL = (
    SqlCustomers,
    SqlDeadLetters,
    SqlFailedEvents,
    SqlDeliveryLog,
    Backlog,
    Leases,
    Replanning,
    SqlHousekeeping,
    SqlTenants,
    SqlRateGates,
    SqlOAuthStates,
    SqlFoundLinks,
)


def methods(owner: type) -> Iterator[str]:
    """What others call."""
    for name, _ in getmembers(owner, iscoroutinefunction):
        if not name.startswith("_"):
            yield name


def expected() -> set[str]:
    """Everything that has to be among the calls below."""
    found = {f"{owner.__name__}.{name}" for owner in OVER_ALL for name in methods(owner)}
    work = SqlUnitOfWork(*[None] * 5, write=False)  # type: ignore[arg-type]
    for name, part in vars(SqlUnitOfWork).items():
        if isinstance(part, cached_property):
            found |= {f"{name}.{method}" for method in methods(type(getattr(work, name)))}
    return found


# --- all tenants ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class OverAll:
    """Calls of classes that span all tenants. `now` is the moment at which the crowd was made."""

    engine: Engine
    now: datetime

    def calls(self) -> Mapping[str, Call]:
        return {**self._customers(), **self._operators(), **self._workers(), **self._tidying()}

    def _customers(self) -> Mapping[str, Call]:
        all_, now = SqlCustomers(self.engine), self.now
        since = now - WEEK

        async def pages() -> None:
            for query in queries(now):
                found = (await all_.page(query, now, 5)).customers
                turns = [Turn(1, side, found[-1].spot(now)) for side in Side] if found else []
                for turn in turns:
                    await all_.page(query, now, 5, turn)

        return {
            "SqlCustomers.page": pages,
            "SqlCustomers.needing": lambda: all_.needing(now, 10),
            "SqlCustomers.still_needing": lambda: all_.still_needing([(TENANT, SETUP)] * 10, now),
            "SqlCustomers.finished": lambda: all_.finished(since, now, 10),
            "SqlCustomers.figures": lambda: all_.figures(now, since),
            "SqlCustomers.funnel": all_.funnel,
            "SqlCustomers.moved": lambda: all_.moved(MOVES, since, now),
            "SqlCustomers.owners": lambda: all_.owners(25),
            "SqlCustomers.everybody": lambda: all_.everybody((TENANT, SETUP), 10),
            "SqlCustomers.outdated": lambda: all_.outdated(3, 10),
            "SqlCustomers.missing": lambda: all_.missing(("", ""), (TENANT, SETUP)),
        }

    def _operators(self) -> Mapping[str, Call]:
        letters, events = SqlDeadLetters(self.engine), SqlFailedEvents(self.engine)
        log, due = SqlDeliveryLog(self.engine), Backlog(self.engine)
        return {
            "SqlDeadLetters.letters": lambda: letters.letters(10),
            "SqlDeadLetters.find": lambda: letters.find(1),
            "SqlDeadLetters.revive": lambda: letters.revive(1),
            "SqlDeadLetters.counts": letters.counts,
            "SqlFailedEvents.events": lambda: events.events(10),
            "SqlFailedEvents.counts": events.counts,
            "SqlFailedEvents.retry": lambda: events.retry(TENANT, "Ev1"),
            "SqlDeliveryLog.deliveries": lambda: log.deliveries(10),
            "SqlDeliveryLog.find": lambda: log.find("msg_1"),
            "SqlDeliveryLog.resend": lambda: log.resend(f"msg_{crowd.setup(0)}_delivered", "new"),
            "SqlDeliveryLog.counts": log.counts,
            "Backlog.of": lambda: due.of(self.now, self.now),
            "Backlog.for_a_channel": lambda: due.for_a_channel(self.now),
        }

    def _workers(self) -> Mapping[str, Call]:
        engine, now, real, plans = self.engine, self.now, SharedClock(), Replanning(self.engine)
        leases, gates = Leases(engine, real, list(JobKind)), SqlRateGates(engine, real)
        work = LeasedWork(JobKind.POLL, TENANT, SETUP, now, 1, 1, "lease")
        ended = [WorkEnd(work, now), WorkEnd(replace(work, kind=JobKind.DELIVER), None)]
        return {
            "Leases.look": leases.look,
            "Leases.turn": lambda: leases.turn(ended, {JobKind.POLL: (now, 5)}, "lease", 0.0),
            "Leases.renew": lambda: leases.renew([work], 0.0),
            "Leases.give_back": lambda: leases.give_back([work]),
            "Replanning.replan": lambda: plans.replan(now),
            "Replanning.find_missing": lambda: plans.find_missing(now),
            "Replanning.hasten_polls": lambda: plans.hasten_polls(now, now + WEEK * 999),
            "SqlRateGates.close": lambda: gates.close(TENANT, "segment", 5.0),
        }

    def _tidying(self) -> Mapping[str, Call]:
        tidy, tenants = SqlHousekeeping(self.engine), SqlTenants(self.engine, SystemClock())
        states = SqlOAuthStates(self.engine, Cipher([generate_key()]), SystemClock())
        found: dict[str, Call] = {
            f"SqlHousekeeping.{name}": lambda name=name: getattr(tidy, name)(self.now - WEEK * 999)
            for name in methods(SqlHousekeeping)
            if name.startswith("remove_")
        }
        return {
            **found,
            "SqlHousekeeping.add_up_counts": tidy.add_up_counts,
            "SqlTenants.reaching": lambda: tenants.reaching(TENANT),
            "SqlTenants.of_team": lambda: tenants.of_team(TENANT),
            "SqlTenants.answering": lambda: tenants.answering(TENANT, TENANT),
            "SqlTenants.is_sending": lambda: tenants.is_sending(TENANT),
            "SqlTenants.erase": lambda: tenants.erase(TENANT, self.now),
            "SqlFoundLinks.find": lambda: SqlFoundLinks(self.engine).find("digest"),
            "SqlOAuthStates.consume": lambda: states.consume(states.issue()),
        }


def queries(now: datetime) -> Iterator[CustomerQuery]:
    """Every filter of the board, alone and with each of some others."""
    filters = [
        Filters(),
        *(Filters(stage=stage) for stage in Stage),
        Filters(waiting=WaitingOn.CSM),
        Filters(waiting=Blocker.NO_EVENTS),
        Filters(owner=crowd.csm(1, 2)),
        Filters(age=7),
        Filters(text="cedar"),
        Filters(text="cedar foods"),
    ]
    for each in filters:
        yield query_of(each, "", now)
        yield query_of(replace(each, owner="nobody", waiting=WaitingOn.CUSTOMER), "", now)
        yield query_of(replace(each, text="cedar", age=3), "", now)


# --- one tenant -----------------------------------------------------------------------------------


def delivery(now: datetime) -> StoredDelivery:
    made = Delivery("msg_new", DeliveryKind.REPLAY, SETUP, "1", now, "{}")
    return StoredDelivery(TENANT, made, DeliveryState.PENDING, 1, now, now, "", None)


def of_one(work: SqlUnitOfWork, now: datetime) -> Mapping[str, Call]:
    """Calls of a tenant's repositories, by their names in the unit of work."""
    return {
        **_of_setups(work, now),
        **_of_observations(work.observations, now),
        **_of_messages(work, now),
        **_of_installations(work, now),
        **_of_secrets(work, now),
    }


def _of_setups(work: SqlUnitOfWork, now: datetime) -> Mapping[str, Call]:
    integration = samples.bare_integration("new", TENANT)
    noted = AuditEntry(next(iter(Audited)), next(iter(Secret)), Stamp("U1", now), TENANT, SETUP)
    ada, broke = Actor(TENANT, TENANT, "U1"), Incident("token_revoked", "", now)
    return {
        "integrations.observed": lambda: work.integrations.observed(SETUP),
        "integrations.get": lambda: work.integrations.get(SETUP),
        "integrations.exists": lambda: work.integrations.exists(SETUP),
        "integrations.listed": work.integrations.listed,
        "integrations.of_team": lambda: work.integrations.of_team(TENANT),
        "integrations.add": lambda: work.integrations.add(integration),
        "integrations.save": lambda: work.integrations.save(integration),
        "incidents.of": lambda: work.incidents.of(SETUP),
        "incidents.open": lambda: work.incidents.open(SETUP, broke),
        "incidents.close": lambda: work.incidents.close(SETUP, broke, now),
        "history.append": lambda: work.history.append(SETUP, Started(Stamp("U1", now))),
        "history.get": lambda: work.history.get(SETUP, 1),
        "history.latest": lambda: work.history.latest(SETUP, 10),
        "overviews.put": lambda: work.overviews.put(samples.overview(SETUP)),
        "overviews.get": lambda: work.overviews.get(SETUP),
        "replay_requests.add": lambda: work.replay_requests.add(SETUP, samples.replay()),
        "replay_requests.of": lambda: work.replay_requests.of(SETUP, 5),
        "replay_requests.delete_of": lambda: work.replay_requests.delete_of(SETUP),
        "cards.get": lambda: work.cards.get(SETUP),
        "cards.put": lambda: work.cards.put(Card(SETUP, "C1", "1.1")),
        "cards.keep_drawn": lambda: work.cards.keep_drawn(Card(SETUP, "C1", "1.1"), "new"),
        "audit.add": lambda: work.audit.add(noted),
        "audit.latest": lambda: work.audit.latest(TENANT, 10),
        "tries.begin": lambda: work.tries.begin(ada, SETUP, TryLimits(), 1.0),
        "tries.end": lambda: work.tries.end(SETUP),
        "invitations.put": lambda: work.invitations.put(samples.invitation(TENANT)),
        "invitations.installed": lambda: work.invitations.installed("Acme", now),
        "invitations.waiting": lambda: work.invitations.waiting(now, 10, "UMIRA"),
        "entry_links.put": lambda: work.entry_links.put(samples.entry_link(TENANT, SETUP)),
        "entry_links.use": lambda: work.entry_links.use("page_1", now),
        "requests.first": lambda: work.requests.first("digest"),
    }


def _of_observations(observed: Observations, now: datetime) -> Mapping[str, Call]:
    return {
        "observations.of": lambda: observed.of(SETUP),
        "observations.put_catalogue": lambda: observed.put_catalogue(SETUP, samples.catalogue()),
        "observations.put_status": lambda: observed.put_status(SETUP, samples.status()),
        "observations.keep_statuses": lambda: observed.keep_statuses(SETUP, ["srcone"]),
        "observations.put_coverage": lambda: observed.put_coverage(SETUP, samples.coverage()),
        "observations.put_looked": lambda: observed.put_looked(SETUP, now, 0),
        "observations.put_token": lambda: observed.put_token(
            SETUP, TokenHealth(TokenState.ACCEPTED, now)
        ),
        "observations.put_waited": lambda: observed.put_waited(SETUP, now),
        "observations.forget_windows": lambda: observed.forget_windows(SETUP, ["live_1"]),
        "observations.clear": lambda: observed.clear(SETUP),
    }


def _of_messages(work: SqlUnitOfWork, now: datetime) -> Mapping[str, Call]:
    message, attempt = samples.message("key"), Attempt(now, now, "")
    seen = StoredMessage(1, TENANT, message, MessageState.PENDING, 1, now, now, "", None)
    box, sent, stored = work.outbox, work.deliveries, delivery(now)
    event = ReceivedEvent("Ev1", "message", user_id="U1", team_id=TENANT)
    return {
        "outbox.add": lambda: box.add(message),
        "outbox.waiting": lambda: box.waiting("user:U1", 10),
        "outbox.claim": lambda: box.claim(seen, attempt, now),
        "outbox.placed": lambda: box.placed("key"),
        "outbox.newest": lambda: box.newest("csm:digest", "digest"),
        "outbox.last_farewell": lambda: box.last_farewell(SETUP),
        "outbox.told": lambda: box.told(SETUP, 10),
        "outbox.hurry": lambda: box.hurry("user:U1"),
        "outbox.mark_sent": lambda: box.mark_sent(1, "C1", "1.1"),
        "outbox.put_off": lambda: box.put_off(seen, "error", now),
        "outbox.give_up": lambda: box.give_up(seen, "error"),
        "inbox.accept": lambda: work.inbox.accept(event),
        "inbox.get": lambda: work.inbox.get("Ev1"),
        "inbox.tells_of_leaving": lambda: work.inbox.tells_of_leaving(surely=False),
        "inbox.close": lambda: work.inbox.close("Ev1"),
        "deliveries.add": lambda: sent.add(stored.delivery),
        "deliveries.get": lambda: sent.get("msg_new"),
        "deliveries.latest": lambda: sent.latest(SETUP, 10),
        "deliveries.claim": lambda: sent.claim(stored, now),
        "deliveries.mark_delivered": lambda: sent.mark_delivered(stored, now),
        "deliveries.put_off": lambda: sent.put_off(stored, stored),
        "deliveries.end": lambda: sent.end(stored, DeliveryState.DEAD, "error"),
        "deliveries.withdraw": lambda: sent.withdraw(SETUP, [DeliveryKind.CREDENTIALS]),
    }


def _of_installations(work: SqlUnitOfWork, now: datetime) -> Mapping[str, Call]:
    installed, channel = work.installations, work.csm_channel
    binding = ChannelBinding("C1", Stamp("U1", now))
    return {
        "installations.get": installed.get,
        "installations.hold": installed.hold,
        "installations.token": installed.token,
        "installations.put": lambda: installed.put(samples.installation(TENANT), SecretStr("x")),
        "installations.refused": lambda: installed.refused(now),
        "installations.claim_refresh": lambda: installed.claim_refresh(now, now, now),
        "installations.refreshed": lambda: installed.refreshed(now, *[SecretStr("x")] * 2, now),
        "installations.revoke": lambda: installed.revoke(now),
        "teams.left": work.teams.left,
        "teams.get": lambda: work.teams.get(TENANT),
        "teams.grant": lambda: work.teams.grant(TENANT, "Name", now),
        "teams.leave": lambda: work.teams.leave(TENANT, now),
        "csm_channel.get": channel.get,
        "csm_channel.bind": lambda: channel.bind(binding),
        "csm_channel.next_digest": channel.next_digest,
        "csm_channel.plan_digest": lambda: channel.plan_digest(now),
        "csm_channel.trouble": lambda: channel.trouble("C1", "error", now),
        "csm_channel.well": channel.well,
        "csm_channel.current_trouble": channel.current_trouble,
        "home_viewers.seen": lambda: work.home_viewers.seen("U1", TENANT, now),
        "home_viewers.drawn": lambda: work.home_viewers.drawn("U1"),
        "home_viewers.keep_drawn": lambda: work.home_viewers.keep_drawn("U1", "mark"),
        "home_viewers.forget": lambda: work.home_viewers.forget("U1"),
        "home_viewers.recent": lambda: work.home_viewers.recent(TENANT, 10),
    }


def _of_secrets(work: SqlUnitOfWork, now: datetime) -> Mapping[str, Call]:
    check = replace(samples.check(expires_at=now), integration_id=SETUP)
    found: dict[str, Call] = {}
    for name in ("vault", "write_keys"):
        vault = getattr(work, name)
        found[f"{name}.put"] = lambda vault=vault: vault.put(SETUP, SecretStr("x"))
        found[f"{name}.get"] = lambda vault=vault: vault.get(SETUP)
        found[f"{name}.delete"] = lambda vault=vault: vault.delete(SETUP)
    return {
        **found,
        "checks.add": lambda: work.checks.add(check, None),
        "checks.get": lambda: work.checks.get(check.id),
        "checks.count_attempt": lambda: work.checks.count_attempt(check.id),
        "checks.delete": lambda: work.checks.delete(check.id),
        "checks.delete_of": lambda: work.checks.delete_of(SETUP),
    }


def unit_of_work(engine: Engine) -> SqlUnitOfWork:
    return SqlUnitOfWorkFactory(engine, Cipher([generate_key()]), SystemClock())(TENANT)
