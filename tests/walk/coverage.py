"""What was reached in which standings, against all that `bot.ids` and the outbox know."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.ids import Action, Callback, Command, Shortcut
from flows.outbox.bodies import BODIES

Reached = Counter[tuple[str, str, str]]
KEPT = Path(__file__).parent / "reached.txt"  # `make walk ARGS=--keep` writes it
WIDE, SHOWN = 24, 6


def everything() -> list[tuple[str, str]]:
    """Kind and id of all that can be reached."""
    return [
        *(("press", each.value) for each in Action),
        *(("submit", each.value) for each in Callback),
        *(("type", each.value) for each in Command),
        *(("shortcut", each.value) for each in Shortcut),
        *(("message", body.kind) for body in BODIES),
    ]


def never_reached(reached: Reached) -> set[str]:
    found = {id_ for _, id_, _ in reached}
    return {f"{kind} {id_}" for kind, id_ in everything() if id_ not in found}


def kept() -> dict[str, int]:
    """In how many standings each kind and id has been reached by the walks so far."""
    lines = (line.rpartition(" ") for line in KEPT.read_text().splitlines())
    return {what: int(count) for what, _, count in lines}


def keep(reached: Reached) -> None:
    """Remembers what was reached in more standings than before."""
    wheres: dict[str, set[str]] = defaultdict(set)
    for _, id_, where in reached:
        wheres[id_].add(where)
    known = kept() if KEPT.exists() else {}
    for kind, id_ in everything():
        if count := max(len(wheres.get(id_, ())), known.get(f"{kind} {id_}", 0)):
            known[f"{kind} {id_}"] = count
    KEPT.write_text("".join(f"{what} {count}\n" for what, count in sorted(known.items())))


def table(reached: Reached) -> Iterator[str]:
    """A line for each id: how often, in how many standings, and in which most."""
    by_id: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, id_, where), count in reached.items():
        by_id[id_][where] += count
    for kind, id_ in everything():
        seen = by_id.get(id_, Counter())
        most = ", ".join(f"{where} {n}" for where, n in seen.most_common(SHOWN))
        yield f"{kind:9}{id_:{WIDE}}{seen.total():5} in {len(seen):2}  {most}"
    few = [id_ for _, id_ in everything() if 0 < len(by_id.get(id_, ())) < 3]
    yield f"in fewer than three standings: {', '.join(few) or 'none'}"
    yield f"never reached: {', '.join(sorted(never_reached(reached))) or 'none'}"
