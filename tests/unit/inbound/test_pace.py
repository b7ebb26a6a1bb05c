"""How fast one person and one workspace may press, and which presses act only once."""

import pytest

from bot.ids import LOOKING, Action, Callback
from bot.inbound.dispatch import MOST_PACED, PERSON, TOLD_FOR, WORKSPACE, Pace, has_one_effect
from flows.errors import TooMany
from flows.vocabulary import Actor

ADA = Actor("T1", "T1", "UADA")


class Timer:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def passed(pace: Pace, who: Actor, most: int = 5000) -> int:
    for count in range(most):
        try:
            pace.require(who)
        except TooMany:
            return count
    return most


def test_one_person_can_press_much_and_is_stopped_before_it_harms_others() -> None:
    timer = Timer()
    pace = Pace(timer)
    assert passed(pace, ADA) == PERSON[1]
    assert passed(pace, Actor("T1", "T1", "UBOB"), 10) == 10
    timer.now += 1
    assert passed(pace, ADA) == PERSON[0]


def test_who_is_stopped_is_told_once_in_a_while() -> None:
    timer = Timer()
    pace = Pace(timer)
    passed(pace, ADA)  # the last of these is refused, which is told
    known = []
    for wait in (0.0, 0.0, TOLD_FOR - 0.1, 0.1, 0.0):
        timer.now += wait
        pace._full_at["T1", "UADA"] = timer.now + 1000
        with pytest.raises(TooMany) as refused:
            pace.require(ADA)
        known.append(refused.value.is_known)
    assert known == [True, True, True, False, True]


def test_a_workspace_has_a_limit_and_another_is_untouched() -> None:
    pace = Pace(Timer())
    people = (Actor("T1", "T1", f"U{number}") for number in range(10))
    assert sum(passed(pace, each) for each in people) == WORKSPACE[1]
    assert passed(pace, Actor("T2", "T2", "UADA"), 10) == 10


def test_what_is_remembered_stays_small() -> None:
    timer = Timer()
    pace = Pace(timer)
    for number in range(MOST_PACED):
        timer.now += 1
        pace.require(Actor(f"T{number}", "T1", "U1"))
    assert len(pace._full_at) <= MOST_PACED


@pytest.mark.parametrize("action", Action)
def test_a_button_acts_once_unless_it_only_looks(action: Action) -> None:
    body = {"actions": [{"action_id": action.value}]}
    assert has_one_effect("block_actions", body) is (action not in LOOKING)


def test_submissions_and_what_binds_act_once_and_looking_writes_nothing() -> None:
    assert all(has_one_effect("view_submission", {"view": {}}) for _ in Callback)
    assert has_one_effect("command", {"command": "/segment-csm", "text": " here "})
    for words in ("", "status", "replay", "mine"):
        assert not has_one_effect("command", {"command": "/segment", "text": words})
    for kind in ("shortcut", "block_suggestion", "view_closed"):
        assert not has_one_effect(kind, {})
