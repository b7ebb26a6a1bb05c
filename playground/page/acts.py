"""Everything that can be done at the page, by its name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from playground.page.act import Act, ActRefused
from playground.page.outside_acts import OUTSIDE_ACTS
from playground.page.slack_acts import SLACK_ACTS
from playground.slack.breaches import SlackError
from playground.slack.model import Json

if TYPE_CHECKING:
    from playground.app import Playground

_ACTS = {**SLACK_ACTS, **OUTSIDE_ACTS}


async def act(playground: "Playground", body: Mapping[str, Any]) -> Json:
    """Run one act and answer its details. Raises `ActRefused` or `LookupError`."""
    run = _ACTS.get(str(body.get("type")))
    if run is None:
        raise ActRefused(f"unknown act {body.get('type')!r}")
    person = playground.slack.person(str(body.get("user", "")))
    try:
        return await run(Act(playground, person, body)) or {}
    except SlackError as error:
        raise ActRefused(error.error) from error
    except ValueError as error:
        raise ActRefused(str(error)) from error
