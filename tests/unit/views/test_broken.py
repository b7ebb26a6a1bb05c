"""What has broken is named on every screen, with the one way to mend it, and nothing untrue."""

from dataclasses import replace
from typing import Any

import pytest

from bot.ids import Action
from bot.strings.next_steps import BUTTON
from bot.views.kit.wording import blocked_text
from bot.views.people.home import home_view
from bot.views.people.status import status_message
from bot.views.setup.screen import step_view
from flows.model import DestinationState, Screen, Situation
from flows.setup.blockers import Blocker, incidents
from flows.setup.results import ShowStep
from flows.vocabulary import TokenHealth, TokenState
from tests.unit.views.message_cases import NOW, stages
from tests.unit.views.message_checks import buttons, check_message, mrkdwn_of

STAGES = dict(stages(count=2))
SENT, ENDED = STAGES["replay sent"], STAGES["finished with history"]
TOKENS = {
    Blocker.TOKEN_REVOKED: TokenState.REFUSED,
    Blocker.ROLE_REDUCED: TokenState.LACKS_CALL,
}
SOURCES: dict[Blocker, dict[str, Any]] = {
    Blocker.SOURCE_DELETED: {"deleted": True},
    Blocker.SOURCE_DISABLED: {"enabled": False},
    Blocker.DESTINATION_DELETED: {"destination": DestinationState.MISSING},
    Blocker.DESTINATION_DISABLED: {"destination": DestinationState.DISABLED},
    Blocker.EVENTS_STOPPED: {"stopped_at": NOW},
}
BROKEN = [*TOKENS, *SOURCES]


def broken(situation: Situation, kind: Blocker) -> Situation:
    """The same set-up after this has happened, to its first source if it is about one."""
    observed = situation.observed
    if kind in TOKENS:
        health = TokenHealth(TOKENS[kind], NOW)
        return replace(situation, observed=replace(observed, token=health))
    first, *_ = situation.integration.sources
    status = replace(observed.statuses[first.id], **SOURCES[kind])
    statuses = {**observed.statuses, first.id: status}
    return replace(situation, observed=replace(observed, statuses=statuses))


def drawn(screen: Screen, situation: Situation) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = step_view(ShowStep(screen, situation)).to_dict()["blocks"]
    return blocks


def ways(blocks: list[dict[str, Any]], kind: Blocker) -> list[dict[str, Any]]:
    """The buttons that lead to where it is mended, under the name of that."""
    return [
        each
        for each in buttons(blocks)
        if (each["text"]["text"], each.get("value")) == (BUTTON[kind], kind.screen)
    ]


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("screen", Screen)
def test_each_screen_that_names_it_has_one_way_to_mend_it(screen: Screen, kind: Blocker) -> None:
    situation = broken(ENDED if screen is Screen.RECEIPT else SENT, kind)
    blocks, (what,) = drawn(screen, situation), incidents(situation)
    if kind.screen is screen:
        assert ways(blocks, kind) == []  # it is mended here
        return
    if screen is not Screen.LIVE_SYNC or what.source is None:  # which has words of its own
        assert blocked_text(what).state.removesuffix(".") in str(blocks)
    (way,) = ways(blocks, kind)
    assert way["action_id"] == Action.GO_TO
    assert way.get("style") is None  # the main button of a window is in its foot


@pytest.mark.parametrize("kind", BROKEN)
def test_home_and_status_have_the_same_way(kind: Blocker) -> None:
    situation = broken(SENT, kind)
    home = home_view(situation, []).to_dict()["blocks"]
    for blocks in (home, check_message(status_message(situation))):
        main = [each for each in buttons(blocks) if each.get("style") == "primary"]
        assert main == ways(blocks, kind)


@pytest.mark.parametrize("kind", TOKENS)
def test_nothing_is_promised_while_the_token_is_lost(kind: Blocker) -> None:
    said = "\n".join(mrkdwn_of(drawn(Screen.LIVE_SYNC, broken(SENT, kind))))
    assert "I look again once there is a new token" in said
    assert "message you" not in said
    assert "message you if something breaks" in str(drawn(Screen.LIVE_SYNC, SENT))


def test_each_kind_is_named_once_and_with_all_its_sources() -> None:
    situation = SENT
    for source in SENT.integration.sources:
        status = replace(situation.observed.statuses[source.id], stopped_at=NOW)
        statuses = {**situation.observed.statuses, source.id: status}
        situation = replace(situation, observed=replace(situation.observed, statuses=statuses))
    blocks = drawn(Screen.REPLAY_STATUS, broken(situation, Blocker.TOKEN_REVOKED))
    assert len(ways(blocks, Blocker.EVENTS_STOPPED)) == 1
    assert len(ways(blocks, Blocker.TOKEN_REVOKED)) == 1
    assert "The same is true of" in str(blocks)
