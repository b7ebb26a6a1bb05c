"""What happens outside Slack: installing, time, and Segment."""

from collections.abc import Mapping

from playground.page.act import Act, ActRefused, Run
from playground.slack.model import Json, User

_LONGEST_JUMP = 366 * 24 * 3600.0
_MOST_EVENTS = 1_000_000


async def _install(act: Act) -> None:
    slack, team = act.world.slack, act.text("team_id")
    people = slack.core.state.people(team)
    admins: list[User] = [user for user in people if user.is_admin]
    admins.sort(key=lambda user: user.id != act.person.user.id)
    if not admins:
        raise ActRefused("Nobody there may install apps.")
    result = await slack.install(team, admins[0].id)
    if not result.ok:
        raise ActRefused(f"The app did not install itself: it answered {result.status}.")


async def _uninstall(act: Act) -> None:
    await act.world.slack.uninstall(act.text("team_id"))


async def _advance(act: Act) -> None:
    await act.world.clock.advance_after_telling(act.number("seconds", _LONGEST_JUMP))


async def _connect(act: Act) -> None:
    act.world.segment.connect_destination(act.text("source_id"))


async def _enable(act: Act) -> None:
    enabled = bool(act.body.get("enabled"))
    act.world.segment.set_destination_enabled(act.text("source_id"), enabled)


async def _switch_source(act: Act) -> None:
    enabled = bool(act.body.get("enabled"))
    act.world.segment.set_source_enabled(act.text("source_id"), enabled)


async def _send_events(act: Act) -> Json:
    count = int(act.number("count", _MOST_EVENTS))
    return {"delivered": act.world.segment.send_events(act.text("source_id"), count)}


async def _revoke(act: Act) -> None:
    act.world.segment.revoke_token(act.text("value"))


async def _new_token(act: Act) -> None:
    act.world.segment.add_token(act.text("workspace"))


async def _weather(act: Act) -> None:
    act.world.segment.set_weather(act.text("weather"))


async def _extra(act: Act) -> Json:
    extra = act.extras.get(act.text("id"))
    if extra is None:
        raise ActRefused("There is no such button.")
    return {"said": await extra.run(act.world)}


OUTSIDE_ACTS: Mapping[str, Run] = {
    "install": _install,
    "uninstall": _uninstall,
    "clock_advance": _advance,
    "segment_connect": _connect,
    "segment_enable": _enable,
    "segment_source": _switch_source,
    "segment_send_events": _send_events,
    "segment_revoke_token": _revoke,
    "segment_new_token": _new_token,
    "segment_weather": _weather,
    "extra": _extra,
}
