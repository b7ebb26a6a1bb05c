"""Everything that a person can do at the page, by name."""

from collections.abc import Mapping
from typing import Any

from playground.extras import Extra
from playground.page.act import Act, ActRefused
from playground.page.outside_acts import OUTSIDE_ACTS
from playground.page.slack_acts import SLACK_ACTS
from playground.slack.breaches import SlackError
from playground.slack.model import Json
from playground.world import PlaygroundWorld

_ACTS = {**SLACK_ACTS, **OUTSIDE_ACTS}


async def act(world: PlaygroundWorld, extras: Mapping[str, Extra], body: Mapping[str, Any]) -> Json:
    """Run one act and return its details. Raises `ActRefused` or `LookupError`."""
    run = _ACTS.get(str(body.get("type")))
    if run is None:
        raise ActRefused(f"unknown act {body.get('type')!r}")
    person = world.slack.person(str(body.get("user", "")))
    try:
        return await run(Act(world, extras, person, body)) or {}
    except SlackError as error:
        raise ActRefused(error.error) from error
    except ValueError as error:
        raise ActRefused(str(error)) from error
