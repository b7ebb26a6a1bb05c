"""What was reached in which standings, against all that `bot.ids` and the outbox know."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bot.ids import Action, Callback, Shortcut
from flows.outbox.bodies import BODIES
from tests.unit.views.every_view import every_home, every_message, every_modal
from tests.walk.acts import CSM_LINES, LINES, line_name
from tests.walk.walker import ENOUGH, Reached

KEPT = Path(__file__).parent / "reached.txt"  # `make walk ARGS=--keep` writes it
WIDE, SHOWN = 30, 6

# Why some are reached in fewer standings than `ENOUGH`.
FEW: dict[str, str] = {
    "close setup_replay_events": "it stands between a request's form and preview, and only where"
    " events are named",
}


def everything() -> list[tuple[str, str]]:
    """Kind and id of all that can be reached. "no" is the other answer to a button's question,
    "close" that to a window.
    """
    lines = dict.fromkeys(line_name(line) for line in (*LINES, *CSM_LINES))
    return [
        *(("press", each.value) for each in Action),
        *(("no", each.value) for each in Action if each.value in questions()),
        *(("submit", each.value) for each in Callback if each.value in forms()),
        *(("close", each.value) for each in Callback),
        *(("type", line) for line in lines),
        *(("shortcut", each.value) for each in Shortcut),
        ("open home", "app_home_opened"),
        ("say", "message"),
        *(("message", body.kind) for body in BODIES),
    ]


@cache
def questions() -> frozenset[str]:
    """Buttons that ask before they do it."""
    return frozenset(_asking([*every_modal(), *every_message(), *every_home()]))


@cache
def forms() -> frozenset[str]:
    """Windows that can be submitted."""
    return frozenset(view["callback_id"] for view in every_modal() if view.get("submit"))


def _asking(drawn: Any) -> Iterator[str]:
    parts = drawn.values() if isinstance(drawn, dict) else drawn if isinstance(drawn, list) else ()
    if isinstance(drawn, dict) and drawn.get("confirm") and "action_id" in drawn:
        yield drawn["action_id"]
    for part in parts:
        yield from _asking(part)


def never_reached(reached: Reached) -> set[str]:
    found = {(kind, id_) for kind, id_, _ in reached}
    return {f"{kind} {id_}" for kind, id_ in everything() if (kind, id_) not in found}


def kept() -> dict[str, int]:
    """In how many standings each kind and id has been reached by the walks so far."""
    lines = (line.rpartition(" ") for line in KEPT.read_text().splitlines())
    return {what: int(count) for what, _, count in lines}


def keep(reached: Reached) -> None:
    """Remembers what was reached in more standings than before."""
    wheres: dict[str, set[str]] = defaultdict(set)
    for kind, id_, where in reached:
        wheres[f"{kind} {id_}"].add(where)
    known = kept() if KEPT.exists() else {}
    for kind, id_ in everything():
        what = f"{kind} {id_}"
        if count := max(len(wheres.get(what, ())), known.get(what, 0)):
            known[what] = count
    KEPT.write_text("".join(f"{what} {count}\n" for what, count in sorted(known.items())))


def table(reached: Reached) -> Iterator[str]:
    """A line for each id: how often, in how many standings, and in which most."""
    by_id: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (kind, id_, where), count in reached.items():
        by_id[kind, id_][where] += count
    for kind, id_ in everything():
        seen = by_id.get((kind, id_), Counter())
        most = ", ".join(f"{where} {n}" for where, n in seen.most_common(SHOWN))
        yield f"{kind:10}{id_:{WIDE}}{seen.total():5} in {len(seen):2}  {most}"
    few = [f"{kind} {id_}" for kind, id_ in everything() if 0 < len(by_id[kind, id_]) < ENOUGH]
    yield f"in fewer than three standings: {', '.join(few) or 'none'}"
    yield f"never reached: {', '.join(sorted(never_reached(reached))) or 'none'}"
    yield from (f"never in three: {what}, since {why}" for what, why in FEW.items())
