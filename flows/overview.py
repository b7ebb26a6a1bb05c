"""The stored projection: where an integration stands, for boards and for the tick."""

from datetime import timedelta

from flows.blockers import first_blocker
from flows.model import Situation, Step
from flows.polling import next_poll
from flows.records import Overview
from flows.reminders import USUAL_RULES, Rules, next_reminder
from flows.since import blocked_since


def project(situation: Situation, poll_interval: timedelta, rules: Rules = USUAL_RULES) -> Overview:
    """Derives the whole row: rebuilding it from facts and observations gives the same."""
    integration, observed = situation.integration, situation.observed
    blocked = None if integration.disconnected else first_blocker(integration, observed)
    planned = next_reminder(integration, observed, rules)
    return Overview(
        integration_id=integration.id,
        step=blocked.step if blocked else Step.HISTORIC_SYNC,
        blocker=blocked.blocker.value if blocked else "",
        waiting_on=blocked.waiting_on if blocked else None,
        blocked_since=blocked_since(integration, observed, blocked),
        next_poll_at=next_poll(integration, observed, poll_interval),
        next_reminder_at=planned.at if planned else None,
        last_active_at=(integration.last_active or integration.created).at,
    )
