"""A set-up that reminders are about."""

from collections.abc import AsyncIterator

import pytest

from flows.projection import project
from flows.setup.submission import Ref
from flows.vocabulary import Plan
from tests.support.flow_services import ADA, INTEGRATION, POLL_INTERVAL, TEAM
from tests.unit.reminders.bot import Bot


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    """Ada chose the plan on a Monday at nine. The first reminder is due on Tuesday."""
    made = Bot()
    await made.install()
    await made.setup.start(ADA)
    integration = made.integration()
    assert integration is not None
    ref = Ref(integration.id, integration.revision)
    await made.setup.choose_plan(ADA, ref, Plan.BUSINESS)
    made.directory.asked.clear()
    yield made
    situation = await made.situation()
    assert situation is not None
    stored = made.storage.tables.overviews[(TEAM, INTEGRATION)]
    assert stored == project(situation, POLL_INTERVAL), "rebuilding gives the same"
