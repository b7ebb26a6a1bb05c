"""Random people, Segment, time and crashes, checked against what must be said to whom."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flows.checks.question import SourceAnswers
from flows.errors import DirectoryUnavailable, NotFound, NotTaken
from flows.model import DestinationState, Screen
from flows.outbox.bodies import Reminder
from flows.replay.steps import Mark
from flows.replay.window import WindowAnswers, months_before
from flows.setup.blockers import Blocker
from flows.setup.permissions import NotAllowed, NotMember
from flows.setup.results import NoSetUp
from flows.setup.submission import Ref
from flows.vocabulary import Actor, Person, Plan, ReceivedEvent
from tests.faults.chance_laws import Laws
from tests.faults.figures import Show, in_words
from tests.faults.size import SEED, sized
from tests.faults.small_slack import Trouble
from tests.support.flow_services import ADA, BOB, CSM, CSM_TEAM, INTEGRATION, TEAM

EXAMPLES = 1_000 if os.environ.get("SOAK") else sized(80, 25)
STEPS = 50
# Without shrinking, which takes minutes. The failed example is printed anyway.
PHASES = (Phase.explicit, Phase.generate, *((Phase.shrink,) if os.environ.get("SHRINK") else ()))
PEOPLE = st.sampled_from([ADA, BOB])
STATES = st.sampled_from(DestinationState)
SOURCES = st.sets(st.integers(0, 1), min_size=1)
STRIDE = timedelta(hours=5)  # between two checks of the bot while days pass
FIGURES = Counter(examples=0, sent=0, lost=0, repeated=0, reminders=0, retries=0, deaths=0)


@seed(SEED)
class Chance(RuleBasedStateMachine):
    """Several people of one customer. What dies is begun again."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.patch = patch("bot.outbound.deliver.ENOUGH_ATTEMPTS", 10_000)  # everything is old here
        self.patch.start()
        self.laws = Laws()
        self.bot = self.laws.bot
        self.on_its_way: list[ReceivedEvent] = []
        acme = self.bot.segment.workspace_with("acme", "web", "backend")
        self.tokens = [self.bot.segment.issue(f"owner {n}", acme) for n in range(2)]
        self.places = acme.sources

    @initialize()
    def install_everywhere(self) -> None:
        self.loop.run(self.bot.install_in(CSM_TEAM, CSM.user_id))
        self.loop.run(self.bot.install_in(TEAM, ADA.user_id))
        self.installed = True

    def teardown(self) -> None:
        try:
            if hasattr(self, "installed"):
                self._all_is_well_in_the_end()
        finally:
            self.patch.stop()
            self.loop.close()

    def _all_is_well_in_the_end(self) -> None:
        self.bot.slack.trouble.clear()
        self.bot.slack.down = self.bot.is_silent = False
        self.bot.storage.countdown = 0
        self.bot.segment.down = False
        self.events_arrive(len(self.on_its_way), twice=False)
        self._work()
        self.laws.check_all_said()
        assert (self.bot.storage.tables.installations[TEAM][1] is not None) is self.installed
        FIGURES["examples"] += 1
        FIGURES["sent"] += len(self.bot.slack.posts)
        FIGURES["reminders"] += len(self.laws.reminded)
        FIGURES["retries"] += sum(max(0, row.attempts - 1) for row in self.bot.storage.messages)
        FIGURES["deaths"] += self.bot.deaths

    # --- acting ---------------------------------------------------------------------------------

    def _act(self, call: Callable[[], Awaitable[Any]]) -> None:
        """An act that died is not begun again, because nobody has to press twice."""
        self.bot.clock.advance(timedelta(seconds=2))

        async def act() -> None:
            try:
                await call()
            except (NotFound, NoSetUp, NotAllowed, NotMember, NotTaken, DirectoryUnavailable):
                return

        self.loop.run(self.bot.alive(act))
        self.laws.look()

    def _work(self) -> None:
        """Does one round only while Slack is away, because otherwise it would never end."""
        work = self.bot.work_once if self.bot.slack.down else self.bot.work
        self.loop.run(work(self.laws.look))

    @property
    def ref(self) -> Ref:
        return Ref(INTEGRATION, self.laws.integration.revision)

    @property
    def setup(self) -> Any:
        return self.bot.setup

    # --- people ---------------------------------------------------------------------------------

    @rule(who=PEOPLE, plan=st.sampled_from([Plan.BUSINESS, Plan.BUSINESS, Plan.TEAM]))
    def begin(self, who: Actor, plan: Plan) -> None:
        self._act(lambda: self.setup.start(who))
        self._act(lambda: self.setup.choose_plan(who, self.ref, plan))

    @rule(who=PEOPLE, number=st.integers(0, 1))
    def enter_token(self, who: Actor, number: int) -> None:
        if self.laws.integration.plan:
            self._act(lambda: self.setup.submit_token(who, self.ref, self.tokens[number]))

    @rule(who=PEOPLE, numbers=SOURCES)
    def choose_sources(self, who: Actor, numbers: set[int]) -> None:
        if self.laws.integration.credentials:
            chosen = SourceAnswers(tuple(self.places[n].source.id for n in sorted(numbers)), "")
            self._act(lambda: self.setup.choose_sources(who, self.ref, chosen))

    @rule(who=PEOPLE, plan=st.sampled_from([Plan.BUSINESS, Plan.TEAM]), numbers=SOURCES)
    def reach_live_sync(self, who: Actor, plan: Plan, numbers: set[int]) -> None:
        self.begin(who, plan)
        self.enter_token(who, 0)
        self.choose_sources(who, numbers)

    @rule(who=PEOPLE, plan=st.sampled_from([Plan.BUSINESS, Plan.TEAM]), numbers=SOURCES)
    def all_goes_well(self, who: Actor, plan: Plan, numbers: set[int]) -> None:
        """Goes up to the first data, which chance alone seldom reaches."""
        self.reach_live_sync(who, plan, numbers)
        for number in sorted(numbers):
            self.deliver(number)
        self.look(who)

    @rule(who=PEOPLE)
    def look(self, who: Actor) -> None:
        self._act(lambda: self.setup.show(who, self.ref, Screen.LIVE_SYNC))
        self._act(lambda: self.setup.check_live(who, self.ref))

    @rule(who=PEOPLE, marks=st.integers(0, 3))
    def request_replay(self, who: Actor, marks: int) -> None:
        end = self.bot.clock.now()
        window = WindowAnswers(months_before(end, 12), end)
        replaying = self.bot.replaying
        self._act(lambda: replaying.draft_window(who, self.ref, window))
        self._act(lambda: replaying.request_replay(who, self.ref))
        for mark in list(Mark)[:marks]:
            self._act(lambda mark=mark: self.bot.following.mark(who, self.ref, mark))  # type: ignore[misc]

    @rule(who=PEOPLE, days=st.sampled_from([1, 3, 7]))
    def snooze(self, who: Actor, days: int) -> None:
        self._act(lambda: self.bot.reminding.snooze(who, self.ref, days))

    @rule(who=PEOPLE, blocker=st.sampled_from(["", "no_events", "credentials_missing"]))
    def stop(self, who: Actor, blocker: str) -> None:
        self._act(lambda: self.bot.reminding.stop(who, self.ref, blocker))

    @rule(who=PEOPLE)
    def resume(self, who: Actor) -> None:
        self._act(lambda: self.bot.reminding.resume(who, self.ref))

    @rule(who=PEOPLE, screen=st.sampled_from([Screen.CREDENTIALS, Screen.LIVE_SYNC]))
    def delegate(self, who: Actor, screen: Screen) -> None:
        other = BOB if who is ADA else ADA
        self._act(lambda: self.setup.delegate(who, self.ref, screen, other.user_id))

    @rule(who=PEOPLE)
    def disconnect(self, who: Actor) -> None:
        self._act(lambda: self.setup.disconnect(who, self.ref))
        if self.laws.integration.disconnected:
            self._nothing_is_said_for(9)

    def _nothing_is_said_for(self, days: int) -> None:
        before = len(self.bot.storage.messages)
        self.days_pass(days)
        self.laws.check_farewell(before)

    @rule(who=PEOPLE, is_there=st.booleans())
    def leaves_or_returns(self, who: Actor, is_there: bool) -> None:
        people = self.bot.slack.people
        old = people[who.user_id]
        people[who.user_id] = Person(old.time_zone, old.locale, is_there)
        self.laws.is_anybody_there &= any(person.is_active for person in people.values())
        if not is_there:
            self.laws.ever_gone.add(who.user_id)

    # --- the app in Slack -----------------------------------------------------------------------

    def _uninstall(self, first: str) -> None:
        """Slack says so in two events, which arrive at any time."""
        self.bot.clock.advance(timedelta(seconds=2))
        self.installed = False
        _, token = self.bot.storage.tables.installations[TEAM]
        if token:
            self.bot.slack.tokens.discard(token.get_secret_value())
        at = self.bot.clock.now().replace(microsecond=0)
        for kind in sorted(["app_uninstalled", "tokens_revoked"], key=first.__ne__):
            number = len(self.on_its_way) + len(self.bot.storage.tables.inbox)
            self.on_its_way.append(ReceivedEvent(f"Ev{number}", kind, TEAM, at=at))

    def _install(self, who: Actor) -> None:
        """A person who sees that it failed does it again."""
        self.bot.storage.countdown = 0
        self._act(lambda: self.bot.install_in(TEAM, who.user_id))
        self.installed = True

    @precondition(lambda self: self.installed)
    @rule(who=PEOPLE)
    def remove_and_install_again(self, who: Actor) -> None:
        """Slack's events about the removal arrive later, and the new installation must stay."""
        self._uninstall("tokens_revoked")
        self._install(who)

    @rule(count=st.integers(1, 3), twice=st.booleans())
    def events_arrive(self, count: int, *, twice: bool) -> None:
        """Events arrive. Those that get no answer come again."""
        for event in self.on_its_way[:count] * (2 if twice else 1):
            if not self.loop.run(self.bot.alive(lambda e=event: self.bot.accept(e))):  # type: ignore[misc]
                self.loop.run(self.bot.accept(event))
        del self.on_its_way[:count]

    # --- Segment --------------------------------------------------------------------------------

    @rule(number=st.integers(0, 1), state=STATES, enabled=st.booleans())
    def configure(self, number: int, state: DestinationState, enabled: bool) -> None:
        source = self.places[number]
        source.destination, source.enabled = state, enabled

    @rule(changes=st.lists(st.tuples(st.integers(0, 1), st.booleans(), STATES), max_size=4))
    def things_break(self, changes: list[tuple[int, bool, DestinationState]]) -> None:
        """Things break one after the other, and the bot sees each."""
        for number, enabled, state in changes:
            self.configure(number, state, enabled)
            self.days_pass(1)

    @rule(number=st.integers(0, 1))
    def deliver(self, number: int) -> None:
        source = self.places[number]
        source.destination, source.enabled = DestinationState.ENABLED, True
        self.bot.segment.send(source, self.bot.clock.now())

    @rule(number=st.integers(0, 1), revoked=st.booleans())
    def revoke(self, number: int, revoked: bool) -> None:
        self.bot.segment.tokens[self.tokens[number]].revoked = revoked

    @rule(down=st.booleans())
    def segment_goes(self, down: bool) -> None:
        self.bot.segment.down = down

    # --- time, trouble, work ----------------------------------------------------------------------

    @rule(hours=st.integers(1, 30))
    def hours_pass_without_work(self, hours: int) -> None:
        self.bot.clock.advance(timedelta(hours=hours))

    @rule(days=st.sampled_from([1, 2, 4, 8, 16]))
    def days_pass(self, days: int) -> None:
        for _ in range(int(timedelta(days=days) / STRIDE)):
            self.bot.clock.advance(STRIDE)
            self._work()

    @rule(trouble=st.lists(st.sampled_from(Trouble), min_size=1, max_size=6))
    def slack_has_trouble(self, trouble: list[Trouble]) -> None:
        self.bot.slack.trouble.extend(trouble)

    @rule(commits=st.integers(1, 6), after=st.booleans())
    def dies_soon(self, commits: int, after: bool) -> None:
        self.bot.storage.countdown, self.bot.storage.dies_after = commits, after

    @rule(down=st.booleans())
    def slack_goes(self, down: bool) -> None:
        self.bot.slack.down = down

    @rule(is_silent=st.booleans())
    def delivery_stands_still(self, *, is_silent: bool) -> None:
        self.bot.is_silent = is_silent

    @rule()
    def work_a_little(self) -> None:
        self.loop.run(self.bot.work_once(self.laws.look))

    @rule(who=PEOPLE, days=st.sampled_from([1, 5, 20]))
    def nobody_goes_on(self, who: Actor, days: int) -> None:
        """Reminds somebody, which chance alone seldom does."""
        self.bot.slack.down = False
        self.leaves_or_returns(who, True)
        self.resume(who)
        self.days_pass(days)


def test_a_source_is_unknown_that_was_dropped_and_is_chosen_while_segment_is_down() -> None:
    """Its reminder says that nobody has looked yet, and the laws know it."""
    machine = Chance()
    machine.install_everywhere()
    machine.reach_live_sync(ADA, Plan.BUSINESS, {0})
    machine.choose_sources(ADA, {1})
    machine.segment_goes(down=True)
    machine.choose_sources(ADA, {0})
    machine.days_pass(4)
    bodies = [row.message.body for row in machine.bot.storage.messages]
    assert Blocker.NOT_LOOKED_YET in [e.blocker for e in bodies if isinstance(e, Reminder)]
    machine.teardown()


def test_chance(show: Show) -> None:
    run_state_machine_as_test(
        Chance,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            database=None,  # the seed says it all
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )
    show("people, Segment, time and crashes at random", in_words(**FIGURES))
    assert FIGURES["reminders"] > EXAMPLES / 3, "chance says too little"
