"""Whoever asks a colleague hears what became of it, once, whichever step it was."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from flows.checks.events import IncidentOver
from flows.checks.question import TokenAccepted
from flows.csm.facts import Rejectable
from flows.csm.steps import confirm_arrival, reject
from flows.model import (
    Integration,
    Observed,
    Screen,
    Situation,
    TokenKind,
    Verification,
)
from flows.outbox.announce import messages_for, nothing_yet, requests_over
from flows.outbox.bodies import DelegationNews, Heard
from flows.outbox.messages import Message
from flows.recording import Change
from flows.reminders import events as reminders
from flows.reminders.facts import Role
from flows.replay import steps as replay_steps
from flows.setup import people_steps, steps
from flows.setup.blockers import Blocker
from flows.setup.leaving import forget_token
from flows.setup.permissions import still_asked
from flows.vocabulary import Plan, Region, Source, Stamp, Workspace
from storage.documents import INTEGRATION, to_text
from tests.unit.views.message_cases import ADA, NOW, credentials, delivering, integration, request

ASKER, COLLEAGUE = "U0CAROL001", "U0BOB00001"
BY_ASKER, BY_COLLEAGUE = Stamp(ASKER, NOW), Stamp(COLLEAGUE, NOW)
ACCEPTED = TokenAccepted(
    TokenKind.PUBLIC_API, Verification.VERIFIED, Workspace("acme-inc", "w" * 22, "Acme"), Region.US
)
Step = Callable[[Integration], Change]


def live(of: Integration) -> Change:
    after = Observed(statuses=delivering(of))
    return steps.note_deliveries(Situation(of, Observed(), NOW), Situation(of, after, NOW))


def upgraded(of: Integration) -> Change:
    team = replace(of, plan=Plan.TEAM)
    return steps.upgrade(Situation(team, Observed(), NOW), NOW.date(), BY_COLLEAGUE)


def sent(of: Integration) -> Change:
    asked = replace(of, replay=request(of), live_started=ADA)
    seen = Situation(asked, Observed(statuses=delivering(of)), NOW)
    return replay_steps.mark_replay(seen, replay_steps.Mark.SENT, BY_COLLEAGUE)


DONE: list[tuple[Screen, Step]] = [
    (Screen.PLAN, lambda of: steps.choose_plan(of, Plan.TEAM, BY_COLLEAGUE)),
    (Screen.CREDENTIALS, lambda of: steps.accept_token(of, ACCEPTED, BY_COLLEAGUE)),
    (
        Screen.SOURCES,
        lambda of: steps.choose_sources(of, (Source("src9", "nine", "Nine"),), BY_COLLEAGUE),
    ),
    (Screen.LIVE_SYNC, live),
    (Screen.LIVE_SYNC, lambda of: confirm_arrival(replace(of, plan=Plan.FREE), ADA)),
    (Screen.WRITE_BACK, lambda of: steps.skip_write_back(of, BY_COLLEAGUE)),
    (Screen.UPGRADE, upgraded),
    (Screen.UPGRADE, lambda of: steps.finish_live_only(of, BY_COLLEAGUE)),
    *(
        (screen, lambda of: replay_steps.request_replay(of, request(of)))
        for screen in (Screen.REPLAY, Screen.REPLAY_EVENTS, Screen.REPLAY_PREVIEW)
    ),
    (Screen.REPLAY_STATUS, sent),
]
NOT_DONE: list[tuple[Screen, Step]] = [
    (Screen.CREDENTIALS, lambda of: forget_token(of, BY_COLLEAGUE)),
    (Screen.CREDENTIALS, lambda of: reject(of, Rejectable.CREDENTIALS, "No", ADA)),
    (Screen.SOURCES, lambda of: reject(of, Rejectable.SOURCES, "No", ADA)),
    (Screen.REPLAY_EVENTS, lambda of: replay_steps.draft_window(of, request(of).window)),
    (Screen.REPLAY_PREVIEW, lambda of: replay_steps.draft_events(of, request(of).window)),
]


def asked(screen: Screen, at: Stamp = BY_ASKER) -> Integration:
    bare = replace(integration(), asked=())
    return people_steps.delegate(bare, COLLEAGUE, screen, at, "Please").integration


def told(before: Integration, change: Change) -> list[Message]:
    return list(requests_over(before, change.integration, change.events))


@pytest.mark.parametrize(("screen", "step"), DONE)
def test_what_is_done_is_told_to_whoever_asked(screen: Screen, step: Step) -> None:
    before = asked(screen)
    (news,) = told(before, step(before))
    assert isinstance(news.body, DelegationNews)
    assert (news.body.how, news.body.to, news.body.screen) == (Heard.DONE, COLLEAGUE, screen)
    assert news.conversation == f"user:{ASKER}"
    after = step(before).integration
    assert not still_asked(after)
    assert told(after, step(after)) == [], "it is told once"


def test_every_screen_on_which_a_colleague_can_be_asked_can_be_done() -> None:
    assert {screen for screen, _ in DONE} == set(Screen) - {Screen.RECEIPT}


@pytest.mark.parametrize(("screen", "step"), NOT_DONE)
def test_what_is_not_done_is_not_told_as_done(screen: Screen, step: Step) -> None:
    before = replace(asked(screen), credentials=credentials("Acme"))
    change = step(before)
    assert change.integration != before
    assert told(before, change) == []
    assert still_asked(change.integration) == still_asked(before)


def test_who_asked_and_did_it_is_told_nothing() -> None:
    before = asked(Screen.CREDENTIALS)
    change = steps.accept_token(before, ACCEPTED, BY_ASKER)
    assert told(before, change) == []


def test_not_me_is_told_and_ends_the_right() -> None:
    before = asked(Screen.CREDENTIALS)
    change = people_steps.decline(before, Screen.CREDENTIALS, BY_COLLEAGUE)
    assert change.integration.asked == ()
    (news,) = told(before, change)
    assert news.body == DelegationNews(Heard.NOT_THEM, COLLEAGUE, Screen.CREDENTIALS)
    assert news.conversation == f"user:{ASKER}"


@pytest.mark.parametrize(
    ("screen", "by"), [(Screen.SOURCES, COLLEAGUE), (Screen.CREDENTIALS, "U0ELSE")]
)
def test_not_me_of_what_nobody_asked_changes_nothing(screen: Screen, by: str) -> None:
    before = asked(Screen.CREDENTIALS)
    assert people_steps.decline(before, screen, Stamp(by, NOW)) == Change(before)


def waits(screen: Screen, event: reminders.ReminderSent | reminders.AskedForQuiet) -> list[Message]:
    return list(nothing_yet(Situation(asked(screen), Observed(), NOW), (event,)))


@pytest.mark.parametrize(("hours", "told"), [(23, False), (24, True), (72, True)])
def test_a_reminder_a_day_later_tells_that_nothing_happened(hours: int, told: bool) -> None:
    later = Stamp("", NOW + timedelta(hours=hours))
    sent = reminders.ReminderSent(later, Blocker.NOT_LOOKED_YET, 2, COLLEAGUE, Role.ASKED)
    found = waits(Screen.LIVE_SYNC, sent)
    assert [each.body for each in found] == [
        DelegationNews(Heard.NOTHING, COLLEAGUE, Screen.LIVE_SYNC)
    ] * told
    assert waits(Screen.REPLAY, sent) == [], "it is not due yet"
    other = replace(sent, to="U0ELSE")
    assert waits(Screen.LIVE_SYNC, other) == []


def test_who_wants_no_reminders_leaves_it_to_whoever_asked() -> None:
    (news,) = waits(Screen.LIVE_SYNC, reminders.AskedForQuiet(BY_COLLEAGUE))
    assert news.body == DelegationNews(Heard.QUIET, COLLEAGUE, Screen.LIVE_SYNC)


def test_live_sync_that_works_again_is_told_to_whoever_asked() -> None:
    over = IncidentOver(Stamp("", NOW), Blocker.DESTINATION_DISABLED)
    found = [each.body for each in messages_for(over, 7, asked(Screen.LIVE_SYNC))]
    assert DelegationNews(Heard.DONE, COLLEAGUE, Screen.LIVE_SYNC) in found
    for screen in (Screen.REPLAY, Screen.WRITE_BACK):
        elsewhere = [each.body for each in messages_for(over, 7, asked(screen))]
        assert not any(isinstance(body, DelegationNews) for body in elsewhere)


def test_a_request_that_the_version_before_stored_twice_is_read_once() -> None:
    before = asked(Screen.CREDENTIALS)
    document = json.loads(to_text(INTEGRATION, before))
    document["delegation"] = document["asked"][0]
    assert INTEGRATION.validate_json(json.dumps(document)) == before
