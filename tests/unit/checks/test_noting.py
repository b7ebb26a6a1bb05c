"""What is known of a source after two looks, in whichever order their answers come."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from flows.checks.noting import up_to_date
from flows.model import DestinationState, Observed, Situation, SourceStatus, Unheard
from tests.unit.views.message_cases import NOW, integration

SOURCE = integration().sources[0]
moments = st.integers(1, 3600).map(lambda seconds: NOW - timedelta(seconds=seconds))
looks = st.builds(
    SourceStatus,
    source_id=st.just(SOURCE.id),
    enabled=st.booleans(),
    destination=st.sampled_from(DestinationState),
    destination_id=st.just(""),
    delivered=st.integers(0, 9),
    first_delivered_at=st.none() | moments,
    observed_at=moments,
    delivered_at=st.none() | moments,
    or_earlier=st.booleans(),
)


def after(*answers: SourceStatus) -> SourceStatus:
    known: dict[str, SourceStatus] = {}
    for answer in answers:
        observed = Observed(statuses=dict(known))
        (known[SOURCE.id],) = up_to_date(Situation(integration(), observed, NOW), [answer])
    return known[SOURCE.id]


def state(status: SourceStatus) -> tuple[object, ...]:
    return status.enabled, status.destination, status.delivered


@given(looks, looks)
def test_what_was_asked_last_counts_and_what_has_arrived_stays(
    one: SourceStatus, other: SourceStatus
) -> None:
    last = max(one, other, key=lambda each: each.observed_at)
    for known in (after(one, other), after(other, one)):
        if one.observed_at != other.observed_at:
            assert state(known) == state(last)
    in_order = after(*sorted((one, other), key=lambda each: each.observed_at))
    firsts = {each.first_delivered_at for each in (one, other)} - {None}
    first = min(firsts, default=None)
    assert in_order.first_delivered_at == first
    owners = [each for each in (one, other) if each.first_delivered_at == first]
    assert in_order.or_earlier == any(each.or_earlier for each in owners)


@given(looks, looks)
def test_an_answer_that_comes_twice_changes_nothing(one: SourceStatus, other: SourceStatus) -> None:
    assert after(one, other, other) == after(one, other)


@given(looks, looks)
def test_a_look_that_learned_nothing_takes_nothing_away(
    heard: SourceStatus, before: SourceStatus
) -> None:
    """Also one that began before the other, so that it did not know what that learned."""
    nothing = replace(before, unheard=Unheard.UNUSABLE, asked_at=NOW)
    known = after(heard, nothing)
    assert (known.destination, known.delivered) == (heard.destination, heard.delivered)
    assert (known.unheard, known.asked_at) == (Unheard.UNUSABLE, NOW)


def test_after_a_clock_was_put_back_looks_count_again() -> None:
    ahead = SourceStatus(
        SOURCE.id, True, DestinationState.ENABLED, "", 5, NOW, NOW + timedelta(days=1)
    )
    now = replace(ahead, observed_at=NOW, destination=DestinationState.DISABLED)
    assert after(ahead, now).destination is DestinationState.DISABLED


def test_a_source_that_is_not_chosen_any_more_is_not_noted() -> None:
    other = SourceStatus("other", True, DestinationState.ENABLED, "", 5, NOW, NOW)
    assert up_to_date(Situation(integration(), Observed(), NOW), [other]) == ()
