"""Presses at the wrong moment: each has a defined result, and nothing is lost."""

from datetime import timedelta

import pytest

from flows.checks.question import SourceAnswers
from flows.csm.members import NotCsm
from flows.errors import ErrorCode, NotFound, WarningCode
from flows.history import Event
from flows.model import DestinationState, Outcome, Screen, Verification
from flows.replay.events import Completed, ReplayRequested
from flows.replay.facts import Subset
from flows.replay.request import preview_name
from flows.replay.steps import Mark
from flows.replay.window import EventAnswers, WindowAnswers, months_before, proposed_window
from flows.setup.results import NoSetUp, Notice, Result, ShowProgress, ShowStep
from flows.setup.submission import Ref
from flows.vocabulary import CallType, Plan, Region
from tests.support.fake_segment import FakeWorkspace
from tests.support.flow_services import ADA, BOB, CSM, INTEGRATION, TEAM, Services

KEY = (TEAM, INTEGRATION)


class Story:
    """One customer's way, as far as a test needs it. `ref` is the newest screen."""

    def __init__(self) -> None:
        self.services = Services()
        self.acme = self.services.segment.workspace_with("acme", "web", "backend")
        self.token = self.services.segment.issue("acme owner", self.acme)

    @property
    def ref(self) -> Ref:
        integration = self.services.integration()
        assert integration is not None
        return Ref(INTEGRATION, integration.revision)

    @property
    def named(self) -> tuple[str, int]:
        integration = self.services.integration()
        assert integration is not None
        return INTEGRATION, integration.generation

    async def choose(self, plan: Plan) -> ShowStep:
        await self.services.setup.start(ADA)
        return await self.services.setup.choose_plan(ADA, self.ref, plan)

    async def choose_sources(self, *numbers: int) -> Result:
        ids = tuple(self.acme.sources[number].source.id for number in numbers)
        return await self.services.setup.choose_sources(ADA, self.ref, SourceAnswers(ids))

    async def reach_live(self, plan: Plan = Plan.BUSINESS) -> None:
        await self.choose(plan)
        await self.services.setup.submit_token(ADA, self.ref, self.token)
        await self.choose_sources(0)
        await self.deliver(0)

    async def deliver(self, number: int) -> None:
        """Data of this source reaches Toplyne, and somebody looks."""
        self.acme.sources[number].destination = DestinationState.ENABLED
        self.services.segment.send(self.acme.sources[number], self.services.storage.clock.now())
        await self.services.setup.check_live(ADA, self.ref)

    async def preview(self, months: int) -> ShowStep:
        end = self.services.storage.clock.now()
        answers = WindowAnswers(months_before(end, months), end)
        return await self.services.replaying.draft_window(ADA, self.ref, answers)

    async def draft(self, choice: Subset) -> ShowStep:
        end = self.services.storage.clock.now()
        answers = WindowAnswers(months_before(end, 8), end, choice)
        return await self.services.replaying.draft_window(ADA, self.ref, answers)

    def happened(self, kind: type[Event]) -> int:
        events = (type(entry.event) for *_, entry in self.services.storage.tables.history)
        return sum(each is kind for each in events)


@pytest.fixture
def story() -> Story:
    return Story()


# --- the Replay ---------------------------------------------------------------------------------


async def test_what_was_previewed_is_requested_once(story: Story) -> None:
    await story.reach_live()
    shown = await story.preview(8)
    assert shown.screen is Screen.REPLAY_PREVIEW
    ref = story.ref
    first = await story.services.replaying.request_replay(ADA, ref)
    assert (first.screen, first.notice) == (Screen.REPLAY_STATUS, None)
    again = await story.services.replaying.request_replay(ADA, ref)
    assert (again.screen, again.notice) == (Screen.REPLAY_STATUS, Notice.ALREADY_DONE)
    assert story.happened(ReplayRequested) == 1


async def test_a_preview_that_a_colleague_drafted_anew_is_not_sent(story: Story) -> None:
    await story.reach_live()
    await story.preview(8)
    old = story.ref
    end = story.services.storage.clock.now()
    answers = WindowAnswers(months_before(end, 3), end)
    await story.services.replaying.draft_window(BOB, story.ref, answers)
    shown = await story.services.replaying.request_replay(ADA, old)
    assert shown.notice is Notice.CHANGED_MEANWHILE
    assert story.happened(ReplayRequested) == 0
    await story.services.replaying.request_replay(BOB, story.ref)
    assert story.happened(ReplayRequested) == 1


async def test_a_draft_waits_when_the_sources_no_longer_deliver(story: Story) -> None:
    await story.reach_live()
    await story.preview(8)
    await story.choose_sources(1)
    shown = await story.services.replaying.request_replay(ADA, story.ref)
    assert (shown.screen, shown.notice) == (Screen.LIVE_SYNC, Notice.NOT_YET)
    assert story.happened(ReplayRequested) == 0
    await story.choose_sources(0, 1)
    await story.services.replaying.request_replay(ADA, story.ref)
    integration = story.services.integration()
    assert integration is not None
    assert integration.replay is not None
    assert [e.source for e in integration.replay.sources] == [story.acme.sources[0].source]
    assert integration.replay.left_out == (story.acme.sources[1].source,)


async def test_nothing_is_reported_before_it_was_requested(story: Story) -> None:
    await story.reach_live()
    shown = await story.services.following.mark(ADA, story.ref, Mark.SENT)
    assert (shown.screen, shown.notice) == (Screen.REPLAY_PREVIEW, Notice.NOT_YET)


async def test_a_request_that_grew_since_it_was_shown_is_shown_again(story: Story) -> None:
    await story.choose(Plan.BUSINESS)
    await story.services.setup.submit_token(ADA, story.ref, story.token)
    await story.choose_sources(0, 1)
    await story.deliver(0)
    shown = await story.services.replaying.open_replay(ADA, story.ref)
    seen = preview_name(shown.situation, proposed_window(shown.situation))
    await story.deliver(1)
    grown = await story.services.replaying.request_replay(ADA, story.ref, seen)
    assert (grown.screen, grown.notice) == (Screen.REPLAY_PREVIEW, Notice.REQUEST_GREW)
    assert grown.situation.integration.replay is None
    anew = preview_name(grown.situation, proposed_window(grown.situation))
    assert anew != seen
    done = await story.services.replaying.request_replay(ADA, story.ref, anew)
    assert done.situation.integration.replay is not None
    assert len(done.situation.integration.replay.sources) == 2


async def test_only_some_events_are_asked_for_before_the_preview(story: Story) -> None:
    await story.reach_live()
    shown = await story.draft(Subset.ONLY)
    assert shown.screen is Screen.REPLAY_EVENTS
    early = await story.services.replaying.request_replay(ADA, story.ref)
    assert early.notice is Notice.NOT_YET
    events = EventAnswers((CallType.TRACK,), ("Signed up",))
    shown = await story.services.replaying.choose_events(ADA, story.ref, events)
    assert shown.screen is Screen.REPLAY_PREVIEW
    done = await story.services.replaying.request_replay(ADA, story.ref)
    assert done.situation.integration.replay is not None
    assert done.situation.integration.replay.window.event_names == ("Signed up",)


async def test_a_key_among_the_event_names_is_not_passed_on(story: Story) -> None:
    await story.reach_live()
    await story.draft(Subset.EXCEPT)
    names = ("Signed up", story.acme.sources[0].write_key)
    events = EventAnswers(tuple(CallType), names)
    shown = await story.services.replaying.choose_events(ADA, story.ref, events)
    assert [error.code for error in shown.errors] == [ErrorCode.LOOKS_SECRET]
    assert names[1] not in repr(story.services.storage.tables)
    events = EventAnswers(tuple(CallType), names[:1])
    shown = await story.services.replaying.choose_events(ADA, story.ref, events)
    assert shown.screen is Screen.REPLAY_PREVIEW


async def test_every_version_is_kept_and_a_csm_reads_the_same_text(story: Story) -> None:
    await story.reach_live()
    for months in (8, 10):
        await story.services.replaying.open_replay(ADA, story.ref, revise=True)
        await story.preview(months)
        await story.services.replaying.request_replay(ADA, story.ref)
    old = await story.services.following.version(ADA, story.ref, 1)
    assert (old.numbers, old.past) == ([2, 1], None)
    seen = await story.services.following.for_csm(CSM, ADA.tenant_id, story.named, 1)
    assert seen == old
    with pytest.raises(NotCsm):
        await story.services.following.for_csm(ADA, ADA.tenant_id, story.named, 1)
    with pytest.raises(NotFound):
        await story.services.following.version(ADA, story.ref, 3)
    await story.services.setup.disconnect(ADA, story.ref)
    assert story.services.storage.tables.replay_requests == {}


async def test_a_report_under_a_replaced_request_counts_for_none(story: Story) -> None:
    await story.reach_live()
    for months in (8, 10):
        await story.preview(months)
        await story.services.replaying.request_replay(ADA, story.ref)
    following = story.services.following
    shown = await following.mark(ADA, story.ref, Mark.SENT, number=1)
    assert shown.situation.integration.replay_sent is None
    shown = await following.mark(ADA, story.ref, Mark.SENT, number=2)
    assert shown.situation.integration.replay_sent is not None


async def test_a_replay_ends_while_something_is_open_only_when_that_is_meant(story: Story) -> None:
    await story.reach_live()
    await story.preview(8)
    await story.services.replaying.request_replay(ADA, story.ref)
    story.acme.sources[0].destination = DestinationState.DISABLED
    await story.services.setup.check_live(ADA, story.ref)
    following = story.services.following
    shown = await following.mark(ADA, story.ref, Mark.FINISHED)
    assert [warned.code for warned in shown.warnings] == [WarningCode.STILL_OPEN]
    assert shown.situation.integration.outcome is None
    shown = await following.mark(ADA, story.ref, Mark.FINISHED, anyway=True)
    assert shown.situation.integration.outcome is Outcome.WITH_HISTORY
    assert story.happened(Completed) == 1


async def test_only_a_set_up_that_lacks_nothing_but_business_ends_without_history(
    story: Story,
) -> None:
    await story.choose(Plan.TEAM)
    shown = await story.services.replaying.finish_live_only(ADA, story.ref)
    assert (shown.screen, shown.notice) == (Screen.CREDENTIALS, Notice.NOT_YET)
    await story.reach_live(Plan.TEAM)
    ended = await story.services.replaying.finish_live_only(ADA, story.ref)
    assert (ended.screen, ended.notice) == (Screen.RECEIPT, None)


# --- after a disconnect -------------------------------------------------------------------------


async def test_old_screens_change_nothing_after_a_disconnect(story: Story) -> None:
    await story.reach_live(Plan.TEAM)
    old, today = story.ref, story.services.storage.clock.now().date()
    await story.services.setup.disconnect(BOB, old)
    gone = story.services.integration()
    for press in (
        story.services.setup.choose_plan(ADA, old, Plan.FREE),
        story.services.replaying.declare_upgrade(ADA, old, today),
        story.services.replaying.finish_live_only(ADA, old),
        story.services.replaying.reopen(ADA, old),
        story.services.setup.keep_watching(ADA, old),
        story.services.setup.submit_token(ADA, old, story.token),
    ):
        with pytest.raises(NoSetUp):
            await press
    assert story.services.integration() == gone
    assert not story.services.storage.tables.vault


# --- tokens -------------------------------------------------------------------------------------


async def test_a_late_check_does_not_bring_a_forgotten_token_back(story: Story) -> None:
    await story.reach_live()
    story.services.segment.down = True
    waiting = await story.services.setup.submit_token(ADA, story.ref, story.token)
    assert isinstance(waiting, ShowProgress)
    await story.services.setup.forget_token(BOB, story.ref)
    story.services.segment.down = False
    await story.services.checking.resume(TEAM, waiting.check_id)
    assert not story.services.storage.tables.vault


async def test_a_token_that_the_plan_cannot_use_does_not_stay(story: Story) -> None:
    corner = story.services.segment.workspace_with("corner", "shop")
    config = story.services.segment.issue("config", corner, config_api=True)
    await story.choose(Plan.FREE)
    await story.services.setup.submit_free(ADA, story.ref, "corner", config)
    assert KEY in story.services.storage.tables.vault
    await story.choose(Plan.TEAM)
    assert KEY not in story.services.storage.tables.vault


async def test_who_cannot_create_a_token_any_more_leaves_none_behind(story: Story) -> None:
    await story.choose(Plan.FREE)
    said = await story.services.setup.submit_free(ADA, story.ref, "corner", "not-known-to-segment")
    assert isinstance(said, ShowStep)
    assert said.notice is Notice.UNVERIFIED
    assert KEY in story.services.storage.tables.vault
    await story.services.setup.submit_free(ADA, story.ref, "corner", "")
    assert KEY in story.services.storage.tables.vault, "they only sent the form again"
    await story.services.setup.submit_free(ADA, story.ref, "corner", None)
    assert KEY not in story.services.storage.tables.vault


async def test_a_slug_alone_does_not_replace_what_segment_verified(story: Story) -> None:
    await story.reach_live(Plan.TEAM)
    await story.choose(Plan.FREE)
    kept = await story.services.setup.submit_free(ADA, story.ref, "ACME", "")
    assert isinstance(kept, ShowStep)
    assert kept.errors == ()
    other = await story.services.setup.submit_free(ADA, story.ref, "beta", "")
    assert isinstance(other, ShowStep)
    assert [error.code for error in other.errors] == [ErrorCode.SLUG_OTHER_WORKSPACE]
    integration = story.services.integration()
    assert integration is not None
    assert integration.credentials is not None
    assert integration.credentials.verification is Verification.VERIFIED


@pytest.mark.parametrize(
    ("plan", "errors", "warned"),
    [
        (Plan.BUSINESS, [], [WarningCode.OTHER_REGION]),
        (Plan.TEAM, [ErrorCode.TOKEN_OTHER_REGION], []),
    ],
)
async def test_a_token_of_the_other_region(
    story: Story, plan: Plan, errors: list[ErrorCode], warned: list[WarningCode]
) -> None:
    europe: FakeWorkspace = story.services.segment.workspace_with("eu", "site", region=Region.EU)
    token = story.services.segment.issue("europe", europe)
    await story.choose(plan)
    shown = await story.services.setup.submit_token(ADA, story.ref, token)
    assert isinstance(shown, ShowStep)
    assert [error.code for error in shown.errors] == errors
    assert [each.code for each in shown.warnings] == warned


async def test_sources_that_were_changed_begin_live_sync_anew(story: Story) -> None:
    await story.reach_live()
    began = story.services.integration()
    story.services.storage.clock.advance(timedelta(days=3))
    await story.choose_sources(1)
    story.acme.sources[1].destination = DestinationState.ENABLED
    story.services.segment.send(story.acme.sources[1], story.services.storage.clock.now())
    await story.services.setup.check_live(ADA, story.ref)
    after = story.services.integration()
    assert began is not None
    assert after is not None
    assert began.live_started is not None
    assert after.live_started is not None
    assert after.live_started.at == began.live_started.at + timedelta(days=3)
