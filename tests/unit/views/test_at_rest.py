"""What is kept once it is drawn: it shows no time, and is another one after a change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.inbound.answers import SCREENS, Answers, AtRest
from bot.views.people.status import status_message
from bot.views.setup.screen import step_view
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.replay.undoing import undoable
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import Stamp
from tests.unit.any_situation import NOW, situations
from tests.unit.setup.setup_cases import TAKEN
from tests.unit.views.message_cases import stages

LATER = timedelta(days=400)
DAY = timedelta(days=1)


def _tells_the_time(situation: Situation) -> bool:
    """A report that can be taken back still, or a day that Segment named."""
    return undoable(situation) is not None or situation.integration.replay_scheduled is not None


@given(situations, st.sampled_from(sorted(SCREENS)))
def test_they_look_the_same_at_any_time(situation: Situation, screen: Screen) -> None:
    assume(not _tells_the_time(situation))
    later = replace(situation, now=situation.now + LATER)
    drawn = [step_view(ShowStep(screen, each)).to_dict() for each in (situation, later)]
    assert drawn[0] == drawn[1]
    said = [status_message(each) for each in (situation, later)]
    assert said[0].text == said[1].text
    assert [b.to_dict() for b in said[0].blocks] == [b.to_dict() for b in said[1].blocks]


@given(situations, st.sampled_from(sorted(SCREENS)))
def test_what_is_kept_is_what_would_be_drawn(situation: Situation, screen: Screen) -> None:
    assume(not _tells_the_time(situation))
    answers = Answers(DAY, entry=TAKEN)
    shown = ShowStep(screen, situation)
    again = ShowStep(screen, replace(situation, now=situation.now + LATER))
    kept = answers.view(shown)
    expected = step_view(shown, entry=TAKEN, poll_interval=DAY)
    assert kept.to_dict() == expected.to_dict()
    assert answers.view(again) is kept


@given(situations)
def test_a_change_of_the_facts_or_of_what_was_observed_is_drawn(situation: Situation) -> None:
    """Also of one that leaves the revision, and so the hash, as it was."""
    answers = Answers(DAY)
    started = replace(situation.integration, live_started=Stamp("U0NEW", NOW))
    looked = replace(situation.observed, statuses={})
    for changed in (
        replace(situation, integration=started),
        replace(situation, observed=looked),
    ):
        first = answers.view(ShowStep(Screen.LIVE_SYNC, situation))
        kept = answers.view(ShowStep(Screen.LIVE_SYNC, changed))
        assert (kept is first) == (changed == situation)


@given(situations)
def test_what_has_more_to_say_is_not_kept(situation: Situation) -> None:
    answers = Answers(DAY)
    plain = answers.view(ShowStep(Screen.PLAN, situation))
    error = FieldError(Field.SLUG, ErrorCode.REQUIRED)
    assert answers.view(ShowStep(Screen.PLAN, situation, errors=(error,))) is not plain
    notice = ShowStep(Screen.PLAN, situation, notice=Notice.CHANGED_MEANWHILE)
    assert answers.view(notice) is not plain
    assert answers.view(ShowStep(Screen.PLAN, situation), nonce="abc") is not plain


def test_what_depends_on_the_time_is_drawn_each_time() -> None:
    answers, stage = Answers(DAY), dict(stages())
    ended = stage["finished a moment ago"]
    assert "Not finished yet?" in str(answers.view(ShowStep(Screen.RECEIPT, ended)).to_dict())
    later = replace(ended, now=ended.now + LATER)
    assert "Not finished yet?" not in str(answers.view(ShowStep(Screen.RECEIPT, later)).to_dict())

    kept, promised = AtRest(step_view), stage["replay scheduled"]
    on_the_day = replace(promised, now=datetime(2026, 5, 20, 18, tzinfo=UTC))
    assert "Did Segment start it?" not in kept.status(promised)
    assert "Did Segment start it?" in kept.status(on_the_day)
    assert "Did Segment start it?" not in kept.status(promised)
