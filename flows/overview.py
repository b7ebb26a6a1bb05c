"""The stored projection: where an integration stands, for boards and for the tick."""

from datetime import datetime, timedelta

from flows.blockers import Blocked, Blocker, first_blocker
from flows.model import Integration, Observed, Plan, Situation, Step
from flows.records import Overview


def project(situation: Situation, poll_interval: timedelta) -> Overview:
    """Derives the whole row: rebuilding it from facts and observations gives the same."""
    integration, observed = situation.integration, situation.observed
    blocked = None if integration.disconnected else first_blocker(integration, observed)
    return Overview(
        integration_id=integration.id,
        step=blocked.step if blocked else Step.HISTORIC_SYNC,
        blocker=blocked.blocker.value if blocked else "",
        waiting_on=blocked.waiting_on if blocked else None,
        blocked_since=blocked_since(integration, blocked),
        next_poll_at=next_poll(integration, observed, poll_interval),
        last_active_at=(integration.last_active or integration.created).at,
    )


def blocked_since(integration: Integration, blocked: Blocked | None) -> datetime:
    """When the step that is outstanding became the next one."""
    created = integration.created
    if blocked is None:
        return (integration.outcome_reached or integration.disconnected or created).at
    plan = integration.plan_chosen or created
    entered = integration.credentials.entered if integration.credentials else plan
    match blocked.blocker:
        case Blocker.PLAN_MISSING:
            return created.at
        case Blocker.CREDENTIALS_MISSING | Blocker.CREDENTIALS_REJECTED:
            return plan.at
        case Blocker.CREDENTIALS_UNVERIFIED | Blocker.SOURCES_MISSING:
            return entered.at
        case Blocker.REPLAY_NOT_SENT | Blocker.REPLAY_NOT_RUNNING | Blocker.REPLAY_NOT_FINISHED:
            return _replay_since(integration, blocked.blocker) or plan.at
        case Blocker.REPLAY_NOT_REQUESTED | Blocker.PLAN_NOT_BUSINESS:
            return max(plan.at, (integration.live_started or plan).at)
        case _:
            return (integration.sources_chosen or entered).at


def _replay_since(integration: Integration, blocker: Blocker) -> datetime | None:
    stamps = {
        Blocker.REPLAY_NOT_SENT: integration.replay and integration.replay.requested,
        Blocker.REPLAY_NOT_RUNNING: integration.replay_sent,
        Blocker.REPLAY_NOT_FINISHED: integration.replay_running,
    }
    stamp = stamps[blocker]
    return stamp.at if stamp else None


def is_watched(integration: Integration) -> bool:
    """Whether there is anything to ask Segment about, and a token to ask it with."""
    return bool(
        integration.sources
        and integration.credentials
        and integration.plan is not Plan.FREE
        and not integration.token_forgotten
        and not integration.disconnected
    )


def next_poll(integration: Integration, observed: Observed, interval: timedelta) -> datetime | None:
    """When Segment is asked again; None when nothing is watched."""
    if not is_watched(integration) or integration.sources_chosen is None:
        return None
    return (observed.looked_at or integration.sources_chosen.at) + interval
