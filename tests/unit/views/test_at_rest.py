"""What is kept once it is drawn: it shows no time, and is another one after a change."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.inbound.answers import Answers
from bot.inbound.at_rest import SCREENS
from bot.views.people.status import status_message
from bot.views.setup.screen import step_view
from flows.errors import ErrorCode, Field, FieldError
from flows.model import Screen, Situation
from flows.setup.results import Notice, ShowStep
from flows.vocabulary import Stamp
from tests.unit.any_situation import NOW, situations

LATER = timedelta(days=400)
DAY = timedelta(days=1)


@given(situations, st.sampled_from(sorted(SCREENS)))
def test_they_look_the_same_at_any_time(situation: Situation, screen: Screen) -> None:
    later = replace(situation, now=situation.now + LATER)
    drawn = [step_view(ShowStep(screen, each)).to_dict() for each in (situation, later)]
    assert drawn[0] == drawn[1]
    said = [status_message(each) for each in (situation, later)]
    assert said[0].text == said[1].text
    assert [b.to_dict() for b in said[0].blocks] == [b.to_dict() for b in said[1].blocks]


@given(situations, st.sampled_from(sorted(SCREENS)))
def test_what_is_kept_is_what_would_be_drawn(situation: Situation, screen: Screen) -> None:
    answers = Answers(DAY, takes_secrets=True)
    shown = ShowStep(screen, situation)
    again = ShowStep(screen, replace(situation, now=situation.now + LATER))
    kept = answers.view(shown)
    expected = step_view(shown, takes_secrets=True, poll_interval=DAY)
    assert kept.to_dict() == expected.to_dict()
    assert answers.view(again) is kept


@given(situations)
def test_a_change_of_the_facts_or_of_what_was_observed_is_drawn(situation: Situation) -> None:
    """Also of one that leaves the revision, and so the hash, as it was."""
    answers = Answers(DAY, takes_secrets=False)
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
    answers = Answers(DAY, takes_secrets=False)
    plain = answers.view(ShowStep(Screen.PLAN, situation))
    error = FieldError(Field.SLUG, ErrorCode.REQUIRED)
    assert answers.view(ShowStep(Screen.PLAN, situation, errors=(error,))) is not plain
    notice = ShowStep(Screen.PLAN, situation, notice=Notice.CHANGED_MEANWHILE)
    assert answers.view(notice) is not plain
    assert answers.view(ShowStep(Screen.PLAN, situation), nonce="abc") is not plain
