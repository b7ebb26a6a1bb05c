"""What people were told is drawn again when it changes, or its words stay true."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

from bot.strings.messages import OVER_NEXT
from bot.views.people.messages import render
from flows.csm.facts import Rejectable
from flows.csm.marks import ReplayMark, SeenRequests
from flows.model import Situation
from flows.outbox import bodies
from tests.support.fake_tables import Tables
from tests.support.flow_services import BY_CSM, Services
from tests.unit.views.message_checks import buttons

PERSONAL: tuple[type[bodies.Personal], ...] = get_args(bodies.Personal)
# Why these may keep other words than they would have now.
KEEP_THEIR_WORDS: Mapping[type[bodies.Personal], str] = {
    bodies.CheckDone: "it says what a check found then",
    bodies.FirstData: "it names sources that may no longer be chosen",
}
Decision = Callable[[Services], Awaitable[object]]


def _rejects(what: Rejectable) -> Decision:
    return lambda services: services.csm.judging.reject(BY_CSM, "Please correct this", what)


def _marks(mark: ReplayMark) -> Decision:
    seen = SeenRequests(earlier=1, confirmed=1)
    return lambda services: services.csm.replay.mark_replay(BY_CSM, mark, seen)


def _schedules(services: Services) -> Awaitable[object]:
    day = services.storage.clock.now().date() + timedelta(days=3)
    return services.csm.replay.schedule_replay(BY_CSM, day, "4711")


# What a CSM decides about a set-up.
DECISIONS: Mapping[str, Decision] = {
    "confirm": lambda services: services.csm.judging.confirm(BY_CSM),
    "confirm_arrival": lambda services: services.csm.judging.confirm_arrival(BY_CSM),
    "reject": _rejects(Rejectable.CREDENTIALS),
    **{f"reject {what}": _rejects(what) for what in Rejectable},
    **{f"mark {mark}": _marks(mark) for mark in ReplayMark if mark is not ReplayMark.SCHEDULED},
    "schedule": _schedules,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The sentence of a message about its state, and whether it offers anything."""

    state: str
    has_buttons: bool

    def holds(self, now: "Standing") -> bool:
        """Whether all that it says is said now too."""
        return self.has_buttons is now.has_buttons and now.state.startswith(self.state)


@dataclass
class Told:
    """What each message of the set-up says where people see it, by its key."""

    shown: dict[str, Standing] = field(default_factory=dict)
    begun: bool = False

    def check(self, pressed: str, after: Situation, old: Tables, tables: Tables) -> None:
        """One press later."""
        fresh = [each.message for row, each in tables.outbox.items() if row not in old.outbox]
        drawn = {each.body.of for each in fresh if isinstance(each.body, bodies.Redraw)}
        if after.integration.begun > self.begun:
            self.shown = {}  # what was said in an earlier set-up was over with its end
        self.begun = after.integration.begun
        sent = {each.key for each in fresh}
        for message in (each.message for each in tables.outbox.values()):
            body = message.body
            if not isinstance(body, PERSONAL) or not {message.key} & {*self.shown, *sent}:
                continue
            now = _standing(body, after)
            if message.key in drawn | sent:
                self.shown[message.key] = now
            elif self.shown[message.key].has_buttons and type(body) not in KEEP_THEIR_WORDS:
                assert self.shown[message.key].holds(now), (pressed, body)


def _standing(body: bodies.Personal, situation: Situation) -> Standing:
    rendered = render(body, situation)
    state = rendered.text.partition(OVER_NEXT)[0].partition("Next:")[0]
    return Standing(state, bool(buttons([block.to_dict() for block in rendered.blocks])))
