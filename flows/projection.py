"""The stored projection: where an integration stands, and when its next work is due."""

from datetime import timedelta

from flows.checks.poll import next_poll
from flows.csm.board import Customers
from flows.csm.needs import NOT_URGENT, needed, next_call
from flows.errors import NotFound, RevisionConflict
from flows.model import Integration, Situation, Step
from flows.overview import Milestone, Overview, Standing
from flows.recording import Recorder
from flows.reminders.schedule import USUAL_RULES, Rules, next_reminder
from flows.setup.blockers import credentials_blocker, first_blocker
from flows.setup.progress import blocked_since

PROJECTION = 3  # raise it when the rules change: older rows are then rebuilt
BATCH = 100


def project(situation: Situation, poll_interval: timedelta, rules: Rules = USUAL_RULES) -> Overview:
    """Derives the whole row. The same facts and observations always give the same row."""
    integration, observed = situation.integration, situation.observed
    blocked = None if integration.disconnected else first_blocker(integration, observed)
    called = next_call(integration, observed)
    planned = next_reminder(integration, observed, rules)
    need = needed(integration, observed)
    reached = integration.outcome_reached if integration.outcome else None
    return Overview(
        integration_id=integration.id,
        step=blocked.step if blocked else Step.HISTORIC_SYNC,
        blocker=blocked.blocker.value if blocked else "",
        waiting_on=blocked.waiting_on if blocked else None,
        blocked_since=blocked_since(integration, observed, blocked),
        next_poll_at=next_poll(integration, observed, poll_interval),
        next_reminder_at=planned.at if planned else None,
        next_call_at=called.at if called else None,
        last_active_at=(integration.last_active or integration.created).at,
        standing=_standing(integration),
        milestone=_milestone(integration),
        subject=blocked.source.label if blocked and blocked.source else "",
        need=need.need.value if need else "",
        urgency=need.need.urgency if need else NOT_URGENT,
        need_at=need.at if need else None,
        need_by=need.by if need else "",
        owner=integration.csm.owner.by if integration.csm.owner else "",
        account=integration.csm.account,
        finished_at=reached.at if reached else None,
        search=_search(integration),
        projection=PROJECTION,
    )


def _standing(integration: Integration) -> Standing:
    if integration.disconnected:
        return Standing.LEFT
    if integration.outcome:
        return Standing.FINISHED
    return Standing.NOT_STARTED if integration.empty else Standing.IN_PROGRESS


def _milestone(integration: Integration) -> Milestone:
    if integration.outcome:
        return Milestone.FINISHED
    if integration.replay:
        return Milestone.REPLAY_REQUESTED
    if integration.live_started:
        return Milestone.LIVE_SYNC
    if integration.credentials and credentials_blocker(integration) is None:
        return Milestone.CREDENTIALS
    return Milestone.INSTALLED if integration.empty else Milestone.PLAN


def _search(integration: Integration) -> str:
    """The names of the Segment workspace and Toplyne account. The Slack name has its own column."""
    workspace = integration.credentials.workspace if integration.credentials else None
    parts = [integration.csm.account, *([workspace.name, workspace.slug] if workspace else [])]
    return "\n".join(part.casefold() for part in parts if part)


class Rebuilding:
    """Rebuilds rows that are missing or come from earlier rules. It sends and redraws nothing."""

    def __init__(self, recorder: Recorder, customers: Customers) -> None:
        self._recorder = recorder
        self._customers = customers

    async def catch_up(self) -> bool:
        """Rebuilds one batch. True when nothing is left to do."""
        return not await self.rebuild(PROJECTION)

    async def rebuild(self, projection: int, limit: int = BATCH) -> int:
        """Rebuilds up to `limit` rows of earlier versions and returns how many there were."""
        outdated = await self._customers.outdated(projection, limit)
        for tenant_id, integration_id in outdated:
            try:
                await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            except (NotFound, RevisionConflict):
                continue  # gone, or being changed, which also writes the row
        return len(outdated)
