"""What can be pressed is still drawn and reached: each kept route reaches what it says.

`reached.txt` cannot show that, since it says what was ever reached. `make faults` walks the longer
routes, too.
"""

from pathlib import Path

import pytest

from tests.walk.coverage import everything
from tests.walk.routes import FIND, check_route, direct, routed, without_route


@pytest.mark.parametrize("path", direct(), ids=lambda path: path.stem)
async def test_a_route_reaches_what_it_says(path: Path) -> None:
    await check_route(path)


def test_everything_has_a_route() -> None:
    gone = sorted(routed() - {f"{kind} {id_}" for kind, id_ in everything()})
    assert not gone, f"these ids are gone: leave them out of {gone}"
    assert not without_route(), f"no route leads there: {FIND}"
