"""users.list, conversations.list, auth.teams.list. With an org's token they need a workspace.

https://api.slack.com/enterprise/apps/changes-apis
"""

from collections.abc import Sequence
from typing import TypeVar

from playground.slack.api.call import TIER_2, Call, Method
from playground.slack.api.cursors import begins, cursor
from playground.slack.api.people import READ, People, kind_of
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.model import Json

MOST = 1_000
T = TypeVar("T")
_PAGES = ("limit", "cursor")
_KINDS = {"public_channel": "public", "private_channel": "private", "im": "im"}


class Lists:
    """`team_id` is required with an org's token and ignored with a workspace's token."""

    def __init__(self, core: Core, people: People) -> None:
        self._core = core
        self._people = people

    def methods(self) -> dict[str, Method]:
        return {
            "users.list": Method(
                self._users, (), ("include_locale", *_PAGES), "users:read", per_minute=TIER_2
            ),
            "conversations.list": Method(
                self._channels, (), ("types", "exclude_archived", *_PAGES), per_minute=TIER_2
            ),
            "auth.teams.list": Method(
                self._teams, (), ("include_icon", *_PAGES), per_minute=TIER_2
            ),
        }

    def _users(self, call: Call) -> Json:
        team = call.reach.team(call.text("team_id"))
        members = [u for u in self._core.state.users.values() if team.id in u.teams]
        page, more = _page(call, members)
        return {"members": [self._people.user_json(u, call) for u in page]} | more

    def _channels(self, call: Call) -> Json:
        team = call.reach.team(call.text("team_id"))
        wanted = _wanted(call)
        for kind in wanted:
            call.need(READ[kind])
        bot, archived_too = call.installation.bot_user_id, not call.flag("exclude_archived")
        found = [
            channel
            for channel in self._core.state.channels.values()
            if self._core.state.shows(team.id, channel)
            and kind_of(channel) in wanted
            and (kind_of(channel) == "public" or bot in channel.members)
            and (archived_too or not channel.is_archived)
        ]
        page, more = _page(call, found)
        return {"channels": [self._people.channel_json(c, call) for c in page]} | more

    def _teams(self, call: Call) -> Json:
        """The workspaces that the org's admin granted. A workspace's token has only its own."""
        installation = call.installation
        ids = installation.granted or [installation.team_id]
        teams = [self._core.state.teams[team] for team in ids if installation.serves(team)]
        page, more = _page(call, teams)
        return {"teams": [{"id": team.id, "name": team.name} for team in page]} | more


def _wanted(call: Call) -> list[str]:
    named = (call.text("types") or "public_channel").split(",")
    if not set(named) <= set(_KINDS):
        raise SlackError("invalid_types", ",".join(named))
    return [_KINDS[name] for name in named]


def _page(call: Call, items: Sequence[T]) -> tuple[Sequence[T], Json]:
    limit, start = int(call.number("limit", 100)), int(begins("from", call.text("cursor"), 0))
    if not 0 < limit <= MOST:
        raise SlackError("invalid_limit")
    end = start + limit
    following = cursor("from", end) if end < len(items) else ""
    return items[start:end], {"response_metadata": {"next_cursor": following}}
