"""The stored projection: it is the same when derived at any time, and never ahead of time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from flows.checks.poll import next_poll
from flows.model import Observed, Situation, Step
from flows.projection import project
from flows.setup.blockers import first_blocker, is_watched
from flows.vocabulary import Plan, Stamp
from tests.support.flow_services import ADA as ADA_IN_SLACK
from tests.support.flow_services import INTEGRATION, POLL_INTERVAL, TEAM, Services
from tests.unit.any_situation import NOW, situations
from tests.unit.views.message_cases import ADA, integration, stages

LATER = Stamp("U0BOB", NOW - timedelta(hours=1))


@given(situations)
def test_nobody_waits_since_the_future(situation: Situation) -> None:
    row = project(situation, POLL_INTERVAL)
    assert row.blocked_since <= situation.now
    assert row.last_active_at <= situation.now


@given(situations)
def test_the_row_says_what_is_outstanding(situation: Situation) -> None:
    row = project(situation, POLL_INTERVAL)
    blocked = first_blocker(situation)
    if blocked is None or situation.integration.disconnected:
        assert (row.blocker, row.step) == ("", Step.HISTORIC_SYNC)
    else:
        assert (row.blocker, row.waiting_on, row.step) == (
            blocked.blocker.value, blocked.blocker.waiting_on, blocked.blocker.step
        )  # fmt: skip


@given(situations)
def test_when_it_is_derived_does_not_matter(situation: Situation) -> None:
    later = replace(situation, now=situation.now + timedelta(days=90))
    assert project(later, POLL_INTERVAL) == project(situation, POLL_INTERVAL)


@given(situations)
def test_only_what_is_watched_is_polled(situation: Situation) -> None:
    of = situation.integration
    due = next_poll(situation, POLL_INTERVAL)
    assert (due is not None) == (is_watched(of) and of.sources_chosen is not None)
    if due is not None:
        assert of.sources
        assert of.plan is not Plan.FREE
        assert not of.disconnected
        assert not of.token_forgotten


def test_the_next_poll_counts_from_the_last_look() -> None:
    chosen = integration()
    first = next_poll(Situation(chosen, Observed(), NOW), POLL_INTERVAL)
    following = next_poll(Situation(chosen, Observed(looked_at=NOW), NOW), POLL_INTERVAL)
    assert first is not None
    assert following is not None
    assert ADA.at < first <= ADA.at + POLL_INTERVAL
    assert following - NOW == first - ADA.at


@pytest.mark.parametrize(
    ("stage", "since"),
    [
        ("no plan", ADA),
        ("no credentials", ADA),
        ("not looked", ADA),
        ("replay can be requested", Stamp("", NOW)),
        ("replay written", ADA),
        ("replay sent", ADA),
        ("finished with history", ADA),
    ],
)
def test_it_is_outstanding_since_the_answer_before_it(stage: str, since: Stamp) -> None:
    situation = dict(stages())[stage]
    assert project(situation, POLL_INTERVAL).blocked_since == since.at


def test_a_replay_waits_for_segment_since_it_was_sent() -> None:
    sent = dict(stages())["replay sent"]
    later = replace(sent, integration=replace(sent.integration, replay_sent=LATER))
    assert project(later, POLL_INTERVAL).blocked_since == LATER.at


async def test_a_lost_row_can_be_rebuilt_from_facts_and_observations() -> None:
    services = Services()
    await services.install()
    await services.setup.start(ADA_IN_SLACK)
    stored = services.storage.tables.overviews.pop((TEAM, INTEGRATION))
    async with services.storage(TEAM) as work:
        situation = await services.recorder.load(work, INTEGRATION)
        await work.overviews.put(project(situation, POLL_INTERVAL))
        await work.commit()
    assert services.storage.tables.overviews[TEAM, INTEGRATION] == stored
