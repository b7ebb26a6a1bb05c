"""The stored projection: where an integration stands, and when its next work is due."""

from collections.abc import Sequence
from datetime import timedelta

from flows.checks.poll import next_poll
from flows.csm.board import Customers
from flows.csm.needs import NOT_URGENT, holding, needed, next_call
from flows.csm.waiting import awaited
from flows.errors import NotFound, RevisionConflict, RowUnreadable
from flows.model import Integration, Situation, Step
from flows.overview import Milestone, Overview, Standing
from flows.recording import Recorder
from flows.reminders.schedule import USUAL_RULES, Rules, next_reminder
from flows.setup.blockers import credentials_blocker, first_blocker

PROJECTION = 10  # raise it when the rules change: older rows are then rebuilt
REBUILD_BATCH = 100
MANY = 500  # set-ups at once, of which hardly any has no row


def project(situation: Situation, poll_interval: timedelta, rules: Rules = USUAL_RULES) -> Overview:
    """Derives the whole row. The same facts and observations always give the same row."""
    integration = situation.integration
    blocked = first_blocker(situation)
    waits = awaited(situation)
    holds = tuple(holding(situation))
    called = next_call(integration, holds)
    planned = next_reminder(situation, rules)
    need = needed(integration, holds)
    reached = integration.outcome_reached if integration.outcome else None
    return Overview(
        integration_id=integration.id,
        step=blocked.blocker.step if blocked else Step.HISTORIC_SYNC,
        blocker=blocked.blocker.value if blocked else "",
        waiting_on=waits.who,
        blocked_since=waits.since,
        next_poll_at=next_poll(situation, poll_interval),
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
    has_started = integration.begun or not integration.empty
    return Standing.IN_PROGRESS if has_started else Standing.NOT_STARTED


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


# --- rebuilding -----------------------------------------------------------------------------------


class Rebuilding:
    """Rebuilds rows that are missing or come from earlier rules. It sends and redraws nothing.

    It passes over a set-up that cannot be read until the process ends. Otherwise that set-up would
    take a place in every batch.
    """

    def __init__(self, recorder: Recorder, customers: Customers) -> None:
        self._recorder = recorder
        self._customers = customers
        self._passed_over: set[tuple[str, str]] = set()
        self._looked = ("", "")  # for missing rows, up to this tenant and integration

    async def catch_up(self) -> bool:
        """Rebuilds one batch. True when nothing is left to do."""
        return not await self.rebuild(PROJECTION) and not await self._look_for_missing()

    async def rebuild(self, projection: int, limit: int = REBUILD_BATCH) -> int:
        """Rebuilds up to `limit` rows of earlier versions and returns how many there were."""
        found = await self._customers.outdated(projection, limit + len(self._passed_over))
        outdated = [key for key in found if key not in self._passed_over][:limit]
        await self._rebuild(outdated)
        return len(outdated)

    async def _look_for_missing(self) -> int:
        """Looks through the next set-ups and returns how many there were."""
        page = await self._customers.everybody(self._looked, MANY)
        if page:
            await self._rebuild(await self._customers.missing(self._looked, page[-1]))
            self._looked = page[-1]
        return len(page)

    async def _rebuild(self, rows: Sequence[tuple[str, str]]) -> None:
        for tenant_id, integration_id in rows:
            try:
                await self._recorder.note(tenant_id, integration_id, lambda now: now.integration)
            except (NotFound, RevisionConflict):
                continue  # gone, or being changed, which also writes the row
            except RowUnreadable:
                self._passed_over.add((tenant_id, integration_id))
