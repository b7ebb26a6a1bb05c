"""What Segment is asked for a Replay request: it belongs to the token that was asked with."""

from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from flows.checks.coverage import FRESH, Measuring
from flows.checks.run import USUAL_POLICY
from flows.checks.segment import Access
from flows.errors import SegmentRefused
from flows.replay.facts import Coverage, DestinationFilter
from flows.replay.names import meant_names, unknown_names
from flows.replay.request import known_names
from flows.vocabulary import CallType, Region
from tests.support.fake_segment import FakeAccess
from tests.support.flow_services import INTEGRATION, TEAM, Services
from tests.unit.test_names import by_a_look, two_sources

NAME = (TEAM, INTEGRATION)


@dataclass
class Replacing:
    """While each of the first measurements runs, a colleague enters the next token, or deletes
    the last one.
    """

    bot: Services
    following: list[SecretStr | None]
    asked_with: list[SecretStr] = field(default_factory=list)

    def access(self, token: SecretStr, region: Region) -> Access:
        self.asked_with.append(token)
        if self.following:
            if newer := self.following.pop(0):
                self.bot.storage.tables.vault[NAME] = newer
            else:
                del self.bot.storage.tables.vault[NAME]
        return self.bot.segment.access(token, region)

    async def is_write_key(self, key: SecretStr) -> bool:
        return False


async def ready() -> tuple[Services, SecretStr]:
    """Both sources deliver. Returns a second good token, too."""
    bot, workspace = await two_sources()
    for each in workspace.sources:
        each.destination = each.destination.ENABLED
        bot.segment.send(each, bot.storage.clock.now())
    await by_a_look(bot)
    return bot, SecretStr(bot.segment.issue("second", workspace))


async def measured(bot: Services, segment: Replacing) -> Coverage | None:
    situation = await bot.situation()
    assert situation
    found = await Measuring(bot.recorder, segment, USUAL_POLICY.longest).figures(situation)
    stored = await bot.situation()
    assert stored
    assert stored.observed.coverage == found.observed.coverage
    return found.observed.coverage


@pytest.mark.parametrize("old_works", [False, True])
async def test_after_another_token_was_entered_it_is_measured_once_more(old_works: bool) -> None:
    bot, second = await ready()
    old = bot.storage.tables.vault[NAME]
    bot.segment.tokens[old.get_secret_value()].revoked = not old_works
    segment = Replacing(bot, [second])
    assert await measured(bot, segment)
    assert segment.asked_with == [old, second]


async def test_what_the_old_token_says_is_not_kept_if_there_is_no_other() -> None:
    bot, second = await ready()
    assert await measured(bot, Replacing(bot, [None])) is None
    bot.storage.tables.vault[NAME] = second
    restless = [SecretStr(f"{number}") for number in range(9)]
    assert await measured(bot, Replacing(bot, [*restless])) is None


@pytest.mark.parametrize("count", [1, 101, 600])
async def test_no_name_that_segment_counted_is_called_unknown(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, _ = await ready()
    counted = {f"Event {number}": count - number for number in range(count)}

    async def every(*_asked: object) -> dict[str, int]:
        return counted

    monkeypatch.setattr(FakeAccess, "event_names", every)
    situation = await bot.situation()
    assert situation
    found = await Measuring(bot.recorder, bot.segment, USUAL_POLICY.longest).figures(situation)
    known = known_names(found.observed)
    rarest = f"event {count - 1}"
    assert meant_names([rarest], known) == (f"Event {count - 1}",)
    assert unknown_names([f"Event {count - 1}"], known) == []


async def test_filters_are_kept_although_the_calls_could_not_be_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are added to older figures. Whoever opens the form next asks for the calls again."""
    bot, _ = await ready()
    rule = DestinationFilter("No staff", "all", ("drop",))

    async def filters(*_asked: object) -> list[DestinationFilter]:
        return [rule]

    async def refused(*_asked: object) -> dict[str, dict[CallType, int]]:
        raise SegmentRefused("GET /events/volume", 403)

    counting = FakeAccess.volumes
    monkeypatch.setattr(FakeAccess, "filters", filters)
    monkeypatch.setattr(FakeAccess, "volumes", refused)
    found = await measured(bot, Replacing(bot, []))
    assert found
    assert (found.calls, {*found.filters.values()}) == ({}, {(rule,)})

    monkeypatch.setattr(FakeAccess, "volumes", counting)
    complete = await measured(bot, Replacing(bot, []))
    assert complete
    assert complete.calls

    bot.storage.clock.advance(FRESH)
    monkeypatch.setattr(FakeAccess, "volumes", refused)
    assert await measured(bot, Replacing(bot, [])) == complete


async def test_a_source_that_delivers_later_is_counted_once_segment_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Figures of the others do not stand for it, however new they are."""
    bot, workspace = await two_sources()
    web, app = workspace.sources
    for each in (web, app):
        each.destination = each.destination.ENABLED
    bot.segment.send(web, bot.storage.clock.now())
    await by_a_look(bot)
    assert await measured(bot, Replacing(bot, []))
    bot.segment.send(app, bot.storage.clock.now())
    await by_a_look(bot)

    async def limited(*_asked: object) -> dict[str, dict[CallType, int]]:
        raise SegmentRefused("GET /events/volume", 429)

    with monkeypatch.context() as patched:
        patched.setattr(FakeAccess, "volumes", limited)
        partly = await measured(bot, Replacing(bot, []))
    assert partly
    assert len(partly.calls) == 1

    complete = await measured(bot, Replacing(bot, []))
    assert complete
    assert len(complete.calls) == 2
