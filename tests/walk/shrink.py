"""The shortest list of acts that still breaks the same law, by delta debugging."""

from tests.walk.acts import Act
from tests.walk.walker import Walked, walk_again

MOST_TRIES = 60


async def shortest(walked: Walked) -> Walked:
    """Leaves out parts, large ones first, while the rest still breaks the law. Walks many times."""
    law = walked.faults[0].partition(":")[0]
    best, tries, size = walked, 0, max(1, len(walked.acts) // 2)
    while tries < MOST_TRIES:
        shorter, used = await _without_some(best, law, size, MOST_TRIES - tries)
        tries += used
        if shorter is best and size == 1:
            break
        best, size = shorter, size if shorter is not best else max(1, size // 2)
        size = min(size, max(1, len(best.acts) // 2))
    return best


async def _without_some(best: Walked, law: str, size: int, most: int) -> tuple[Walked, int]:
    """One round from the end on, since what came last mattered most."""
    tries, end = 0, len(best.acts) - 1  # the last act breaks the law
    while end > 0 and tries < most:
        begin = max(0, end - size)
        acts: list[Act] = best.acts[:begin] + best.acts[end:]
        tries += 1
        again = await walk_again(best.start, acts)
        if any(fault.startswith(law) for fault in again.faults):
            best = again
        end = begin
    return best, tries
