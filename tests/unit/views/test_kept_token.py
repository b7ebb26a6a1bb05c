"""A window calls a new token optional exactly where the one in use can stay."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bot.strings import setup as strings
from bot.views.setup.credentials import credentials_view
from flows.csm.facts import Rejectable
from flows.csm.steps import reject
from flows.model import Integration, Screen
from flows.setup.blockers import has_unchecked_token, is_watched, keeps_credentials
from flows.setup.results import ShowStep
from flows.vocabulary import Plan
from tests.unit.views.message_cases import ADA, MIRA, stages

STAGES = dict(stages())
HOW: Mapping[str, Callable[[Integration], Integration]] = {
    "as it is": lambda of: of,
    "sent back": lambda of: reject(of, Rejectable.CREDENTIALS, "no", MIRA).integration,
    "deleted": lambda of: replace(of, token_forgotten=ADA),
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("stage", STAGES)
def test_a_token_that_is_said_to_stay_is_there(stage: str, how: str) -> None:
    now = replace(STAGES[stage], integration=HOW[how](STAGES[stage].integration))
    of = now.integration
    stays = keeps_credentials(now)
    if of.plan is Plan.FREE:  # there it is tried again, with another slug too
        stays = of.token_entered is not None
    drawn = str(credentials_view(ShowStep(Screen.CREDENTIALS, now)).to_dict())
    assert (strings.TOKEN_LABEL_AGAIN in drawn) == stays
    if how == "deleted":
        assert not stays
        assert not is_watched(of)
        assert not has_unchecked_token(of)
