"""Two people, a CSM and a changing Segment act in any order. The laws hold after each press."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.inbound.answers import Answers
from flows.checks.question import SourceAnswers
from flows.csm.refused import Decided
from flows.errors import NotFound, NotTaken
from flows.model import DestinationState, Screen, Situation
from flows.replay.request import preview_name
from flows.replay.steps import Mark
from flows.replay.window import WindowAnswers, months_before, proposed_window
from flows.setup.blockers import replay_prerequisites
from flows.setup.results import Mistakes, NoSetUp, Result, ShowStep
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Plan, Region
from tests.faults.size import sized
from tests.support.fake_segment import FakeSource, FakeWorkspace
from tests.support.fake_tables import Tables
from tests.support.flow_services import ADA, BOB, INTEGRATION, TEAM, Services
from tests.unit.setup import step_laws as laws
from tests.unit.setup.told_laws import DECISIONS, Told

PEOPLE = st.sampled_from([ADA, BOB])
TOKENS = ("acme owner", "acme second", "acme small", "beta owner", "europe owner", "corner config")
PASTED = st.sampled_from([*TOKENS, "unknown", "write key", ""])
ENDS = st.sampled_from(
    ["finish_live_only", "reopen", "keep_watching", "forget_token", "say_connected"]
)
AGES = st.sampled_from([0, 0, 0, 0, 1, 3, 8])  # how many changes ago a screen was drawn
SOURCES = st.sets(st.integers(0, 5), min_size=0, max_size=3)


class SetUpMachine(RuleBasedStateMachine):
    """`self.refs` are all screens ever drawn, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.services = Services()
        self.answers = Answers(timedelta(minutes=15))
        self.segment = self.services.segment
        self.spaces = self._segment()
        self.places = [source for space in self.spaces for source in space.sources]
        self.refs: list[Ref] = []
        self.told = Told()
        self.previews: dict[int, tuple[object, str]] = {}
        self.loop.run(self.services.install())

    def _segment(self) -> list[FakeWorkspace]:
        segment = self.segment
        acme = segment.workspace_with("acme", "web", "backend")
        beta = segment.workspace_with("beta", "app")
        europe = segment.workspace_with("europe", "site", region=Region.EU)
        corner = segment.workspace_with("corner", "shop")
        segment.issue("acme owner", acme)
        segment.issue("acme second", acme)
        segment.issue("acme small", acme, lacks=frozenset({"destinations", "list_users"}))
        segment.issue("beta owner", beta)
        segment.issue("europe owner", europe)
        segment.issue("corner config", corner, config_api=True)
        self.known = dict(zip(TOKENS, segment.tokens, strict=True))
        return [acme, beta, europe, corner]

    def teardown(self) -> None:
        self.loop.close()

    # --- pressing -------------------------------------------------------------------------------

    def _now(self) -> Situation | None:
        return self.loop.run(self.services.situation())

    def _ref(self, age: int) -> Ref:
        return self.refs[max(0, len(self.refs) - 1 - age)]

    def _press(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """One press. Checks the laws about what may change; the others are checked afterwards."""
        before, old = self._now(), self.services.storage.tables.copied()
        result = self.loop.run(_awaited(call))
        after = self._now()
        assert after is not None
        tables = self.services.storage.tables
        facts = before.integration if before else None
        laws.check_history(old, tables)
        laws.check_revisions(after.integration, facts)
        laws.check_nothing_lost(name, facts, after.integration, tables, old)
        laws.check_replay(self.services, before, old)
        self.told.check(name, after, old, tables)
        self.refs.append(Ref(INTEGRATION, after.integration.revision))
        if result is not None and not isinstance(result, Mistakes | Situation | tuple):
            self._see(result)
        return result

    def _see(self, result: Result) -> None:
        assert self.answers.view(result).to_dict()["blocks"]
        if isinstance(result, ShowStep) and result.screen is Screen.REPLAY_PREVIEW:
            now = result.situation
            if not replay_prerequisites(now):
                window = proposed_window(now)
                self.previews[now.integration.revision] = (window, preview_name(now, window))

    @property
    def begun(self) -> bool:
        return bool(self.refs)

    @property
    def setup(self) -> Any:
        return self.services.setup

    @property
    def replaying(self) -> Any:
        return self.services.replaying

    # --- people ---------------------------------------------------------------------------------

    @rule(who=PEOPLE)
    def start(self, who: Actor) -> None:
        self._press("start", lambda: self.setup.start(who))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, plan=st.sampled_from(Plan))
    def choose_plan(self, who: Actor, age: int, plan: Plan) -> None:
        ref = self._ref(age)
        self._press("choose_plan", lambda: self.setup.choose_plan(who, ref, plan))

    def _typed(self, name: str) -> str:
        if name == "write key":
            return self.places[0].write_key
        return self.known.get(name, name)

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, name=PASTED)
    def submit(self, who: Actor, age: int, name: str) -> None:
        """Only Free asks for a slug."""
        ref, typed = self._ref(age), self._typed(name)
        situation = self._now()
        if situation and situation.integration.plan is Plan.FREE:
            slug = name.split(" ", maxsplit=1)[0] or "corner"
            self._press("submit", lambda: self.setup.submit_free(who, ref, slug, typed))
        else:
            self._press("submit", lambda: self.setup.submit_token(who, ref, typed))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, chosen=SOURCES, pasted=SOURCES)
    def choose_sources(self, who: Actor, age: int, chosen: set[int], pasted: set[int]) -> None:
        places, ref = self.places, self._ref(age)
        ids = [tuple(places[n % len(places)].source.id for n in ns) for ns in (chosen, pasted)]
        answers = SourceAnswers(ids[0], " ".join(ids[1]))
        self._press("choose_sources", lambda: self.setup.choose_sources(who, ref, answers))

    @rule(
        who=PEOPLE,
        plan=st.sampled_from(Plan),
        mark=st.none() | st.sampled_from(Mark),
        others=st.sets(st.integers(0, 1)),
        drafts=st.lists(st.integers(5, 14), min_size=1, max_size=2),
        age=st.integers(0, 1),
    )
    def nearly_all_goes_well(
        self,
        who: Actor,
        plan: Plan,
        mark: Mark | None,
        others: set[int],
        drafts: list[int],
        age: int,
    ) -> None:
        """A path that chance alone seldom finds; with a mark, it goes on after live sync.

        `others` are sources chosen once data arrives. `drafts` are the windows that are previewed.
        `age` tells which preview is sent.
        """
        name = {Plan.FREE: "corner config"}.get(plan, "acme owner")
        self.start(who)
        self.choose_plan(who, 0, plan)
        self.submit(who, 0, name)
        self.choose_sources(who, 0, {0}, set())
        self.connect_and_send(0)
        self.look(who, Screen.LIVE_SYNC)
        if mark and plan is Plan.BUSINESS:
            self.choose_sources(who, 0, others or {0}, set())
            for months in drafts:
                self.preview(who, 0, months)
            self.request(who, age)
            self.mark(who, 0, mark)
        elif mark and plan is Plan.TEAM:
            self.end(who, 0, "finish_live_only")
        elif mark:
            self.decide("confirm_arrival")

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, screen=st.sampled_from(Screen))
    def look(self, who: Actor, screen: Screen) -> None:
        ref = Ref(INTEGRATION, 0)
        self._press("show", lambda: self.setup.show(who, ref, screen))
        self._press("check_live", lambda: self.setup.check_live(who, ref))
        self._press("go_on", lambda: self.setup.go_on(who, ref))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, days=st.integers(-1, 400))
    def upgrade(self, who: Actor, age: int, days: int) -> None:
        ref, day = self._ref(age), (self._clock() - timedelta(days=days)).date()
        self._press("upgrade", lambda: self.replaying.declare_upgrade(who, ref, day))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, name=ENDS)
    def end(self, who: Actor, age: int, name: str) -> None:
        use_case = getattr(self.setup, name, None) or getattr(self.replaying, name)
        self._press(name, lambda: use_case(who, self._ref(age)))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, months=st.integers(0, 40))
    def preview(self, who: Actor, age: int, months: int) -> None:
        end = self._clock()
        answers = WindowAnswers(months_before(end, months), end)
        self._press("preview", lambda: self.replaying.draft_window(who, self._ref(age), answers))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES)
    def request(self, who: Actor, age: int) -> None:
        ref, count = self._ref(age), len(laws.history_of(self._tables))
        window, seen = self.previews.get(ref.revision, (None, ""))
        self._press("request", lambda: self.replaying.request_replay(who, ref, seen))
        integration = self.services.integration()
        made = len(laws.history_of(self._tables)) > count
        if made and integration and integration.replay and seen:
            assert integration.replay.window == window

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, mark=st.sampled_from(Mark))
    def mark(self, who: Actor, age: int, mark: Mark) -> None:
        self._press("mark", lambda: self.services.following.mark(who, self._ref(age), mark))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES, screen=st.sampled_from(Screen))
    def ask_others(self, who: Actor, age: int, screen: Screen) -> None:
        ref, to = self._ref(age), "U0GRACE"
        self._press("delegate", lambda: self.setup.delegate(who, ref, screen, to))
        self._press("ask_help", lambda: self.setup.ask_help(who, ref, screen, "stuck here"))

    @precondition(lambda self: self.begun)
    @rule(who=PEOPLE, age=AGES)
    def leave(self, who: Actor, age: int) -> None:
        self._press("disconnect", lambda: self.setup.disconnect(who, self._ref(age)))
        after = self.services.integration()
        assert after is not None
        assert after.credentials is None
        assert not self._tables.vault
        assert not self._tables.checks

    @precondition(lambda self: self.begun)
    @rule(erases=st.booleans())
    def uninstall(self, erases: bool) -> None:
        """Secrets go at once, the rest by a job. Returning before the job also starts afresh."""
        services, heard_at = self.services, self._clock() + timedelta(minutes=1)
        self.loop.run(services.lifecycle.uninstall(TEAM, heard_at))
        assert not self._tables.vault
        assert not self._tables.checks
        if erases:
            self.loop.run(services.erasing.erase(TEAM))
            assert not laws.history_of(self._tables)
        self.loop.run(services.install())
        history = laws.history_of(self._tables)
        assert [entry.event.kind for entry in history] == ["installed"]
        self.refs, self.previews, self.told = [Ref(INTEGRATION, 0)], {}, Told()

    # --- a CSM, time, Segment -------------------------------------------------------------------

    @precondition(lambda self: self.begun)
    @rule(name=st.sampled_from(sorted(DECISIONS)))
    def decide(self, name: str) -> None:
        self._press(name, lambda: DECISIONS[name](self.services))

    @precondition(lambda self: self.begun)
    @rule()
    def work_behind(self) -> None:
        """Runs the poll and waiting checks. Each check may come from a much earlier revision."""
        self._press("poll", lambda: self.services.poller.poll(TEAM, INTEGRATION))
        for _, check_id in list(self._tables.checks):
            self._press("resume", lambda id_=check_id: self.services.checking.resume(TEAM, id_))  # type: ignore[misc]

    @rule(hours=st.integers(1, 24 * 40))
    def time_passes(self, hours: int) -> None:
        self.services.storage.clock.advance(timedelta(hours=hours))

    @rule(down=st.booleans())
    def segment_goes(self, down: bool) -> None:
        self.segment.down = down

    @rule(name=st.sampled_from(TOKENS), revoked=st.booleans())
    def revoke(self, name: str, revoked: bool) -> None:
        self.segment.tokens[self.known[name]].revoked = revoked

    @rule(number=st.integers(0, 5), state=st.sampled_from(DestinationState), enabled=st.booleans())
    def configure(self, number: int, state: DestinationState, enabled: bool) -> None:
        source = self._place(number)
        source.destination, source.enabled = state, enabled

    @rule(number=st.integers(0, 5))
    def connect_and_send(self, number: int) -> None:
        source = self._place(number)
        source.destination, source.enabled = DestinationState.ENABLED, True
        self.segment.send(source, self._clock())

    def _place(self, number: int) -> FakeSource:
        return self.places[number % len(self.places)]

    def _clock(self) -> Any:
        return self.services.storage.clock.now()

    @property
    def _tables(self) -> Tables:
        return self.services.storage.tables

    # --- always ---------------------------------------------------------------------------------

    @invariant()
    def what_is_stored_holds_together(self) -> None:
        situation = self._now()
        if situation is None or situation.integration.revision == 0:
            return
        laws.check_overview(self.services, situation)
        laws.check_messages(self._tables)
        laws.check_secrets(self.services, situation)
        laws.check_verified(self.services, situation)
        laws.check_facts(situation)
        laws.check_drawn(situation, laws.history_of(self._tables))


async def _awaited(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await call()
    except (NotFound, Decided, NoSetUp, NotTaken):
        return None


TestSetUp = SetUpMachine.TestCase
TestSetUp.settings = settings(
    max_examples=sized(200, 5),
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
