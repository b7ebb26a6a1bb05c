"""Since when the first outstanding thing has been outstanding. It is derived, not stored."""

from datetime import datetime

from flows.model import Integration, Observed
from flows.setup.blockers import Blocked, Blocker
from flows.vocabulary import Stamp


def blocked_since(
    integration: Integration, observed: Observed, blocked: Blocked | None
) -> datetime:
    """When it became the first. If nothing is outstanding, when the set-up ended."""
    created = integration.created
    if blocked is None:
        return (integration.outcome_reached or integration.disconnected or created).at
    plan = (integration.plan_chosen or created).at
    match blocked.blocker:
        case Blocker.PLAN_MISSING:
            return created.at
        case Blocker.CREDENTIALS_MISSING:
            return _latest(plan, integration.token_forgotten)
        case Blocker.SOURCES_REJECTED | Blocker.REPLAY_REJECTED:
            rejection = integration.csm.rejection
            return _latest(plan, rejection.rejected if rejection else None)
        case Blocker.REPLAY_NOT_SENT:
            replay = integration.replay
            return _latest(plan, replay.requested if replay else None)
        case Blocker.REPLAY_NOT_RUNNING:
            return _latest(plan, integration.replay_sent)
        case Blocker.REPLAY_NOT_FINISHED:
            return _latest(plan, integration.replay_running)
        case Blocker.TOKEN_REVOKED | Blocker.ROLE_REDUCED:
            return observed.token.since if observed.token else plan
        case Blocker.REPLAY_NOT_REQUESTED | Blocker.PLAN_NOT_BUSINESS:
            return _latest(plan, integration.live_started, integration.reopened)
        case _:
            return _since_credentials(integration, observed, blocked, plan)


def _since_credentials(
    integration: Integration, observed: Observed, blocked: Blocked, plan: datetime
) -> datetime:
    """For blockers that depend on the credentials or on the state of one source."""
    credentials = integration.credentials
    entered, reviewed = (credentials.entered, credentials.reviewed) if credentials else (None, None)
    match blocked.blocker:
        case Blocker.CREDENTIALS_REJECTED:
            return _latest(plan, entered, reviewed)
        case Blocker.CREDENTIALS_UNVERIFIED | Blocker.SOURCES_MISSING:
            return _latest(plan, entered)
    chosen = _latest(plan, integration.sources_chosen or entered)
    status = observed.statuses.get(blocked.source.id) if blocked.source else None
    if blocked.blocker is Blocker.EVENTS_STOPPED and status and status.stopped_at:
        return status.stopped_at
    return max(chosen, status.since) if status and status.since else chosen


def _latest(first: datetime, *stamps: Stamp | None) -> datetime:
    return max([first, *(stamp.at for stamp in stamps if stamp)])
