"""Each source has an end of its own, which stands in whatever text goes to Segment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows.replay.text import utc
from tests.unit.views.message_checks import mrkdwn_of
from tests.unit.views.test_messages import asked_for, copied, replay


@pytest.mark.parametrize(
    ("count", "is_shortened"), [(3, False), (20, False), (40, True), (60, None), (100, None)]
)
def test_the_end_of_each_source_stands_in_the_text_however_short(
    count: int, is_shortened: bool | None
) -> None:
    """Without it, what came live since would come a second time. None: no text fits at all."""
    situation = asked_for(count, "Name of a source " * 12)
    asked = situation.integration.replay
    assert asked
    since = [asked.window.end - timedelta(days=1, minutes=n) for n in range(count)]
    sources = [replace(e, live_since=at) for e, at in zip(asked.sources, since, strict=True)]
    later = replace(asked, sources=tuple(sources), live_since=asked.window.end)
    of = replace(situation.integration, replay=later)
    blocks = replay(replace(situation, integration=of))
    whole, said = "\n".join(copied(blocks)), "\n".join(mrkdwn_of(blocks))
    if is_shortened is None:
        assert whole == ""
        assert "too long for a message" in said
        return
    assert ("Shortened to fit" in said) == is_shortened
    assert [source.id for source in of.sources if source.id not in whole] == []
    assert [at for at in since if f"End of this source (UTC): {utc(at)}" not in whole] == []
