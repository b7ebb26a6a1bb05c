"""What a CSM is needed for: urgent needs come first, and later ones are known in advance."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given

from flows.csm.facts import Called, CsmFacts, Matter, Need
from flows.csm.needs import A_DAY, REPLAY_TAKES, attended, holding, needed
from flows.model import Situation
from flows.overview import Milestone, Standing
from flows.projection import project
from flows.reminders.events import RanOut
from flows.reminders.facts import Reminded, Reminders
from flows.replay.facts import Scheduled
from flows.setup.blockers import Blocker
from flows.vocabulary import Stamp
from tests.unit.any_situation import NOW, situations
from tests.unit.views.message_cases import ADA, stages

MIRA = Stamp("U0MIRA0001", NOW)
INTERVAL = timedelta(minutes=15)


def stage(name: str, **changed: object) -> Situation:
    situation = dict(stages())[name]
    return replace(situation, integration=replace(situation.integration, **changed))  # type: ignore[arg-type]


def need_of(situation: Situation) -> tuple[Need, datetime] | None:
    holds = holding(situation)
    found = needed(situation.integration, holds)
    return (found.need, found.at) if found else None


def asked(reason: Need) -> CsmFacts:
    return CsmFacts(matters=(Matter(reason, NOW),))


def test_what_people_ask_comes_before_what_the_app_has_noticed() -> None:
    stuck = stage("no credentials", failed_tries=3)
    assert need_of(stuck) == (Need.STUCK, ADA.at)
    helped = stage("no credentials", failed_tries=3, csm=asked(Need.HELP))
    assert need_of(helped) == (Need.HELP, NOW)
    replied = stage("no credentials", csm=asked(Need.REPLIED))
    assert need_of(replied) == (Need.REPLIED, NOW)
    assert list(Need) == sorted(Need, key=lambda need: need.urgency)


def test_a_customer_of_nobody_is_seen_after_a_working_day() -> None:
    alone = stage("no credentials", failed_tries=0)
    assert need_of(alone) == (Need.UNOWNED, ADA.at + A_DAY)
    monday = ADA.at + 3 * A_DAY  # from the channel owner's calendar
    planned = CsmFacts(calls=(Called(Need.UNOWNED, ADA.at, monday),))
    assert need_of(stage("no credentials", failed_tries=0, csm=planned)) == (Need.UNOWNED, monday)
    assert need_of(stage("no credentials", failed_tries=0, csm=CsmFacts(owner=MIRA))) is None


def test_a_replay_is_overdue_after_the_promised_day_or_a_few_days() -> None:
    sent = stage("replay sent", csm=CsmFacts(owner=MIRA))
    at = sent.integration.replay_sent
    assert at
    assert need_of(sent) == (Need.REPLAY_OVERDUE, at.at + REPLAY_TAKES)
    promised = Scheduled(MIRA, date(2026, 6, 1))
    scheduled = stage("replay sent", csm=CsmFacts(owner=MIRA), replay_scheduled=promised)
    assert need_of(scheduled) == (Need.REPLAY_OVERDUE, datetime(2026, 6, 2, tzinfo=UTC))


def test_nobody_is_needed_for_who_has_left_or_finished() -> None:
    confirmed = stage("finished with history", replay_confirmed=MIRA)
    assert need_of(confirmed) is None
    gone = stage("no credentials", disconnected=MIRA)
    assert need_of(gone) is None


def test_who_has_left_and_asks_is_answered() -> None:
    gone = stage("no credentials", csm=asked(Need.HELP), disconnected=MIRA)
    found = need_of(gone)
    assert found is not None
    assert found[0] is Need.HELP


def test_a_replay_that_a_customer_reports_as_finished_waits_for_a_csm_to_confirm_it() -> None:
    reported = stage("finished with history")
    finished = reported.integration.replay_finished
    assert finished
    assert need_of(reported) == (Need.CONFIRM, finished.at)


@given(situations)
def test_the_row_holds_together(situation: Situation) -> None:
    row = project(situation, INTERVAL)
    assert bool(row.need) == (row.need_at is not None)
    assert (row.standing is Standing.FINISHED) <= (row.milestone is Milestone.FINISHED)
    if row.standing is Standing.LEFT:
        assert not row.need
    if row.need:
        assert row.urgency == Need(row.need).urgency
    assert row.search == row.search.casefold()


def stuck_before(name: str, *sent: Reminded) -> Situation:
    """Somebody noticed long ago that this customer was stuck."""
    matter = Matter(Need.STUCK, ADA.at, 1)
    return stage(name, csm=CsmFacts(matters=(matter,), numbered=1), reminders=Reminders(sent))


def test_whoever_got_on_by_what_segment_said_is_stuck_anew() -> None:
    """No event told of it: the destination was connected, and then no events came."""
    before = stuck_before("destination enabled")
    last = Reminded(Blocker.NO_EVENTS, 4, before.now, ADA.by, is_last=True)
    after = replace(before.integration, reminders=Reminders((last,)))
    event = RanOut(Stamp("", before.now), Blocker.NO_EVENTS)
    old, new = attended(before, after, (event,)).csm.matters
    assert old.ended
    assert old.ended.stamp == Stamp("", before.now)
    assert (new.number, new.since, new.ended) == (2, before.now, None)


def test_whoever_is_still_stuck_is_so_since_the_beginning() -> None:
    last = Reminded(Blocker.NO_EVENTS, 4, NOW, ADA.by, is_last=True)
    before = stuck_before("destination enabled", last)
    event = RanOut(Stamp("", before.now), Blocker.NO_EVENTS)
    (matter,) = attended(before, before.integration, (event,)).csm.matters
    assert (matter.number, matter.since, matter.ended) == (1, ADA.at, None)


def test_whoever_goes_on_is_stuck_no_more_at_once() -> None:
    before = stage("no sources", failed_tries=3, csm=stuck_before("no sources").integration.csm)
    (matter,) = attended(before, replace(before.integration, failed_tries=0), ()).csm.matters
    assert matter.ended


def test_whoever_answered_the_reminder_about_the_replay_is_not_stuck_but_late() -> None:
    """One series is about both reports: it was over before they answered."""
    sent = stage("replay sent", csm=CsmFacts(owner=MIRA))
    asked = Reminded(Blocker.REPLAY_NOT_RUNNING, 1, NOW, ADA.by, is_last=True)
    before = replace(sent, integration=replace(sent.integration, reminders=Reminders((asked,))))
    told = attended(before, before.integration, (RanOut(Stamp("", NOW), Blocker.NO_EVENTS),))
    assert need_of(replace(before, integration=told)) == (Need.STUCK, NOW)

    runs = replace(told, replay_running=Stamp(ADA.by, NOW + timedelta(hours=1)))
    after = attended(replace(before, integration=told), runs, ())
    assert after.csm.matters[0].ended
    assert sent.integration.replay_sent
    due = sent.integration.replay_sent.at + REPLAY_TAKES
    assert need_of(replace(before, integration=after)) == (Need.REPLAY_OVERDUE, due)
