"""One walk: acts by chance from a seed, or acts from a list, with the laws after each."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.support.leaks import find_leaks
from tests.walk.acts import Act, completed, do, doors, line_name, on_screen
from tests.walk.house import CSMS, CUSTOMERS, STRANGERS, EndlessWork, House, house, standing
from tests.walk.known import is_known
from tests.walk.laws import Step, broken
from tests.walk.outside import OUTSIDE, death, happen, outside, time_goes_on
from tests.walk.seen import Look, look
from tests.walk.starts import STARTS, Start, go_to, settings_of
from tests.walk.values import secret_values

PEOPLE = {"ada": 10, "grace": 5, "linus": 2, "gus": 2, "hank": 2, "mira": 6, "tom": 4}
assert set(PEOPLE) == {*CUSTOMERS, *STRANGERS, *CSMS}
DEATHS, SURELY = 0.03, 40  # of acts, where processes can die; and after so many
Where = Callable[..., AbstractAsyncContextManager[House]]  # takes a folder, and settings
ENOUGH = 3  # standings in which each thing is to be reached
Reached = Counter[tuple[str, str, str]]  # kind, id, standing


@dataclass
class Walked:
    """What was done, what was reached, and which laws were broken by the last act."""

    start: Start
    acts: list[Act] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    known: Counter[str] = field(default_factory=Counter)
    reached: Reached = field(default_factory=Counter)
    firsts: dict[str, int] = field(default_factory=dict)  # after so many acts each was reached
    deaths: int = 0  # of processes


class Walk:
    """`sought`: what was reached so far, if the rest is to be looked for: each in so many standings
    as `enough`.
    """

    def __init__(
        self, found: House, walked: Walked, sought: Reached | None = None, enough: int = ENOUGH
    ) -> None:
        self.house = found
        self.walked = walked
        self._sought, self._enough = sought, enough
        self._read = self._heard = 0
        self._seen: Look | None = None
        self._earlier: set[str] = set()
        self._pressed: Counter[str] = Counter()

    async def by_chance(self, seed: int, steps: int) -> None:
        chance = Random(seed)  # noqa: S311 - repeatable, not secret
        for number in range(steps):
            dies = self.house.tries and (number % SURELY == 1 or chance.random() < DEATHS)
            await self.step(death(chance) if dies else self._next(chance))
            if self.walked.faults:
                return

    async def step(self, act: Act) -> None:
        where, troubled = standing(self.house), self.house.troubled
        before = self._seen or await look(self.house)
        self.house.killed = False
        done = await self._done(act)
        self.walked.acts.append(act)
        if done:
            self._count(act, where)
        self.hear(where)
        log = self._new_lines()
        for left in range(self.house.tries, -1, -1):
            after = await look(self.house, before)
            step = self._step(act, done, before, after, log, troubled=troubled)
            faults = broken(step)
            if not faults:
                break
            if left and not await self._settled():
                break
            log += self._new_lines()
        self._seen, self._earlier = after, step.ids if self.house.tries else set()
        self._note(faults)

    def _new_lines(self) -> list[str]:
        log = self.house.log.getvalue()
        lines, self._read = log[self._read :].splitlines(), len(log)
        return lines

    async def _done(self, act: Act) -> bool:
        try:
            done = await (happen(self.house, act) if act.who == OUTSIDE else do(self.house, act))
        except EndlessWork as endless:
            self.walked.faults.append(f"work_ends: {endless}")
            return True
        return await self._settled() and done

    async def _settled(self) -> bool:
        try:
            await self.house.settle()
        except EndlessWork as endless:
            self.walked.faults.append(f"work_ends: {endless}")
            return False
        return True

    def _step(
        self, act: Act, done: bool, before: Look, after: Look, log: list[str], *, troubled: bool
    ) -> Step:
        house, secrets = self.house, frozenset(secret_values(self.house))
        troubled |= house.troubled or house.killed
        also = frozenset(self._earlier)
        return Step(house, act, done, before, after, log, troubled, secrets, house.killed, also)

    def _note(self, faults: list[str]) -> None:
        for fault in faults:
            if reason := is_known(fault):
                self.walked.known[reason] += 1
            else:
                self.walked.faults.append(fault)
        self.house.world.slack.breaches.clear()

    def check_for_leaks(self) -> None:
        for place in find_leaks(
            self.house.world, secret_values(self.house), self.house.log.getvalue()
        ):
            self.walked.faults.append(f"no_secret_is_anywhere: {place}")

    # --- what to do next --------------------------------------------------------------------------

    def _next(self, chance: Random) -> Act:
        kind = chance.random()
        if kind < 0.10:
            return outside(self.house, chance)
        if kind < 0.16:
            return time_goes_on(chance)
        act = self._by_somebody(chance)
        if kind > 0.97:
            other = self._by_somebody(chance)
            if other.who != act.who and other.times == act.times == 1:
                return Act(**{**vars(act), "beside": other})
        return act

    def _by_somebody(self, chance: Random) -> Act:
        """Mostly what they have pressed least so far; the rest stays for chance."""
        there = [name for name in PEOPLE if not self.house.person(name).user.deleted]
        name = chance.choices(there, [PEOPLE[name] for name in there])[0]
        found = list(on_screen(self.house.person(name), name))
        if not found or chance.random() < 0.15:
            found = list(doors(name))
        found.sort(key=lambda act: self._pressed[f"{act.what} {act.id}"])
        if sought := [act for act in found if self._is_sought(act)]:
            act = chance.choice(sought)
            return completed(self.house, act, chance)
        few = found[: max(3, len(found) // 3)] if chance.random() < 0.6 else found
        submits = [act for act in found if act.what == "submit"]
        act = chance.choice(submits if submits and chance.random() < 0.3 else few)
        self._pressed[f"{act.what} {act.id}"] += 1
        return completed(self.house, act, chance)

    def _is_sought(self, act: Act) -> bool:
        """Whether it was reached in few standings, and not in this one."""
        if self._sought is None:
            return False
        wheres = {w for each in (self._sought, self.walked.reached)
                  for kind, id_, w in each if (kind, id_) == (act.what, _id_of(act))}  # fmt: skip
        return len(wheres) < self._enough and standing(self.house) not in wheres

    def _count(self, act: Act, where: str) -> None:
        what = act.what if act.what != "press" or act.value != "no" else "no"
        self._reach(what, _id_of(act), where)
        if act.beside:
            self._count(act.beside, where)

    def hear(self, where: str) -> None:
        """Counts messages that are new."""
        new = "SELECT kind, count(*), max(sequence) FROM outbox WHERE sequence > ? GROUP BY kind"
        for kind, count, last in self.house.ask(new, self._heard):
            self._reach("message", str(kind), where, count)
            self._heard = max(self._heard, last)

    def _reach(self, what: str, id_: str, where: str, times: int = 1) -> None:
        self.walked.reached[what, id_, where] += times
        self.walked.firsts.setdefault(f"{what} {id_}", len(self.walked.acts))


def _id_of(act: Act) -> str:
    return line_name(str(act.value)) if act.what == "type" else str(act.id or act.value)


async def walk_by_chance(
    seed: int,
    steps: int,
    where: Where = house,
    sought: Reached | None = None,
    enough: int = ENOUGH,
) -> Walked:
    start = STARTS[seed % len(STARTS)]
    return await _walk(start, where, seed=seed, steps=steps, sought=sought, enough=enough)


async def walk_again(start: Start, acts: list[Act], where: Where = house) -> Walked:
    return await _walk(start, where, acts=acts)


async def _walk(
    start: Start,
    where: Where,
    *,
    acts: list[Act] | None = None,
    seed: int = 0,
    steps: int = 0,
    sought: Reached | None = None,
    enough: int = ENOUGH,
) -> Walked:
    walked = Walked(start)
    with TemporaryDirectory(prefix="walk-") as folder:
        async with where(Path(folder), **settings_of(start)) as found:
            await go_to(found, start)
            walk = Walk(found, walked, sought, enough)
            walk.hear(standing(found))
            if acts is None:
                await walk.by_chance(seed, steps)
            for act in acts or []:
                await walk.step(act)
                if walked.faults:
                    break
            if not walked.faults:
                walk.check_for_leaks()
            walked.deaths = found.deaths
    return walked
