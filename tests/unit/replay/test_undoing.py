"""What was reported of a Replay and is taken back leaves the set-up as it was before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ids import Action
from bot.views.replay.status import replay_status_view
from flows.model import Integration, Screen, Situation
from flows.reminders.facts import Reminded, Reminders
from flows.reminders.schedule import next_reminder
from flows.replay.steps import Mark, mark_replay
from flows.replay.undoing import undo, undoable
from flows.setup.blockers import Blocker
from flows.setup.results import ShowStep
from flows.setup.steps import choose_plan, finish_live_only
from flows.vocabulary import Plan, Stamp
from tests.unit.views.message_cases import ADA, NOW, stages

BY = Stamp("U0BOB00001", NOW)
STAGES = ("replay written", "replay sent", "replay scheduled", "replay running")
BUTTONS = (Action.REPLAY_UNSEND, Action.REPLAY_NOT_RUNNING, Action.REPLAY_NOT_FINISHED)


def _plans(of: Situation) -> Iterator[tuple[str, Integration]]:
    on_team = replace(of.integration, plan=Plan.TEAM)
    yield "Business", of.integration
    yield "Team", on_team
    yield "live only", finish_live_only(on_team, ADA).integration


def cases() -> Iterator[tuple[str, str, Situation, Mark]]:
    for stage in STAGES:
        situation = dict(stages())[stage]
        for plan, integration in _plans(situation):
            for mark in Mark:
                yield stage, plan, replace(situation, integration=integration), mark


@pytest.mark.parametrize(("stage", "plan", "before", "mark"), [*cases()])
def test_each_report_can_be_taken_back_where_the_screen_says_so(
    stage: str, plan: str, before: Situation, mark: Mark
) -> None:
    change = mark_replay(before, mark, BY)
    after = replace(before, integration=change.integration)
    if not change.events or undoable(after) is not mark:
        return
    drawn = str(replay_status_view(ShowStep(Screen.REPLAY_STATUS, after)).to_dict())
    assert any(each in drawn for each in BUTTONS), (stage, plan)
    back = undo(after, mark, BY).integration
    facts = ["replay_running", "replay_finished", "outcome", "outcome_reached"]
    stays_sent = mark is Mark.RUNNING and before.integration.replay_sent is None
    for fact in [*facts, *([] if stays_sent else ["replay_sent"])]:
        assert getattr(back, fact) == getattr(before.integration, fact), (stage, plan, fact)


@pytest.mark.parametrize("stage", STAGES)
def test_no_end_stays_reached_where_the_plan_has_changed_since(stage: str) -> None:
    situation = dict(stages())[stage]
    over = finish_live_only(replace(situation.integration, plan=Plan.TEAM), ADA).integration
    ended = mark_replay(replace(situation, integration=over), Mark.FINISHED, BY).integration
    upgraded = choose_plan(ended, Plan.BUSINESS, BY).integration
    back = undo(replace(situation, integration=upgraded), Mark.FINISHED, BY).integration
    assert (back.replay_finished, back.outcome, back.outcome_reached) == (None, None, None)
    assert back.replay_sent == situation.integration.replay_sent, "the report implied it"


@pytest.mark.parametrize("mark", [Mark.RUNNING, Mark.FINISHED])
def test_whoever_reports_too_early_is_reminded_again(mark: Mark) -> None:
    situation = dict(stages())["replay sent"]
    asked = Reminded(Blocker.REPLAY_NOT_RUNNING, 1, NOW - timedelta(hours=2), ADA.by, is_last=True)
    before = replace(
        situation, integration=replace(situation.integration, reminders=Reminders((asked,)))
    )
    assert next_reminder(before) is None
    after = replace(before, integration=mark_replay(before, mark, BY).integration)
    back = undo(after, mark, BY).integration
    planned = next_reminder(replace(before, integration=back))
    assert planned
    assert planned.at == NOW + timedelta(days=5)
