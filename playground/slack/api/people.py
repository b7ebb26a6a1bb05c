"""users.*, team.*, conversations.*: people and places."""

import datetime as dt
from zoneinfo import ZoneInfo

from playground.slack.api.call import TIER_3, Call, Method
from playground.slack.api.cursors import begins, cursor
from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.messages import Messages
from playground.slack.model import Channel, Enterprise, Json, User
from playground.slack.refusals import refuse_conversation

READ = {"im": "im:read", "private": "groups:read", "public": "channels:read"}
_HISTORY = {"im": "im:history", "private": "groups:history", "public": "channels:history"}
HISTORY_MOST = 15  # the most that apps outside Slack's Marketplace get, once a minute
ALWAYS_LATER = 1e10


class People:
    """The directory of one workspace, as far as the app's scopes allow."""

    def __init__(self, core: Core, messages: Messages) -> None:
        self._core = core
        self._messages = messages

    def methods(self) -> dict[str, Method]:
        window = ("limit", "oldest", "latest", "inclusive", "include_all_metadata", "cursor")
        return {
            "users.info": Method(self._user, ("user",), ("include_locale",), "users:read"),
            "team.info": Method(self._team, (), ("team", "domain"), "team:read", per_minute=TIER_3),
            "conversations.open": Method(
                self._open,
                ("users",),
                ("return_im", "prevent_creation"),
                "im:write",
                per_minute=TIER_3,
            ),
            "conversations.info": Method(
                self._info,
                ("channel",),
                ("include_locale", "include_num_members"),
                per_minute=TIER_3,
            ),
            "conversations.history": Method(self._history, ("channel",), window, per_minute=1),
        }

    def _user(self, call: Call) -> Json:
        user = call.user()
        return {"user": self.user_json(user, call)}

    def user_json(self, user: User, call: Call) -> Json:
        """https://docs.slack.dev/reference/objects/user-object"""
        profile = {"real_name": user.real_name, "display_name": user.name, "team": user.team_id}
        if user.email and "users:read.email" in call.installation.scopes:
            profile["email"] = user.email
        shown: Json = {
            "id": user.id,
            "team_id": user.team_id,
            "name": user.name,
            "deleted": user.deleted,
            "profile": profile,
            "is_bot": user.is_bot,
            "is_app_user": False,
        }
        if not user.deleted:  # Slack says no more of people who have left
            shown |= self._of_members(user)
        if call.flag("include_locale"):
            shown["locale"] = user.locale
        org = self._core.state.enterprise_of(user.team_id)
        return shown | ({"enterprise_user": _enterprise_user(user, org)} if org else {})

    def _of_members(self, user: User) -> Json:
        now = dt.datetime.fromtimestamp(self._core.clock.now(), ZoneInfo(user.tz))
        offset = now.utcoffset() or dt.timedelta()
        return {
            "real_name": user.real_name,
            "tz": user.tz if user.tz_is_named else None,
            "tz_label": now.tzname(),
            "tz_offset": int(offset.total_seconds()),
            "is_admin": user.is_admin,
            "is_owner": user.is_owner,
            "is_primary_owner": False,
            "is_restricted": user.is_guest or user.is_single_channel_guest,
            "is_ultra_restricted": user.is_single_channel_guest,
            **({"is_stranger": True} if user.is_stranger else {}),
        }

    def _team(self, call: Call) -> Json:
        team = call.reach.team(call.text("team"))
        shown = {"id": team.id, "name": team.name, "domain": team.domain}
        return {"team": shown | self._core.state.enterprise_fields(team.id)}

    def _open(self, call: Call) -> Json:
        users = call.text("users").split(",")
        if len(users) != 1:
            raise SlackError(
                "invalid_arguments", "this Slack opens direct messages with one person"
            )
        user = call.reach.user(users[0])
        refuse_conversation(user)
        channel = self._core.state.direct_messages(user, call.installation)
        full = {"id": channel.id, "is_im": True, "user": user.id, "is_open": True}
        return {"channel": full if call.flag("return_im") else {"id": channel.id}}

    def _info(self, call: Call) -> Json:
        channel = call.channel()
        call.need(READ[kind_of(channel)])
        self._check_seen(call, channel)
        return {"channel": self.channel_json(channel, call)}

    def channel_json(self, channel: Channel, call: Call) -> Json:
        return {
            "id": channel.id,
            "name": channel.name,
            "is_channel": channel.kind == "channel" and not channel.is_private,
            "is_im": channel.kind == "im",
            "is_private": channel.is_private or channel.kind == "im",
            "is_archived": channel.is_archived,
            "is_ext_shared": channel.is_ext_shared,
            "is_member": call.installation.bot_user_id in channel.members,
            "user": channel.user or None,
            "context_team_id": call.reach.workspace_of(channel),
        }

    def _history(self, call: Call) -> Json:
        channel = call.channel()
        call.need(_HISTORY[kind_of(channel)])
        self._check_seen(call, channel)
        if call.installation.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        limit = min(int(call.number("limit", HISTORY_MOST)), HISTORY_MOST)
        if limit < 1:
            raise SlackError("invalid_limit")
        found = self._within(call, channel)
        page = found[:limit]
        if not call.flag("include_all_metadata"):
            for message in page:
                message.pop("metadata", None)
        if len(found) <= limit:
            return {"messages": page, "has_more": False}
        following = {"next_cursor": cursor("next_ts", page[-1]["ts"])}
        return {"messages": page, "has_more": True, "response_metadata": following}

    def _within(self, call: Call, channel: Channel) -> list[Json]:
        """Newest first, without thread replies and ephemeral messages."""
        oldest, latest = call.number("oldest", 0), call.number("latest", ALWAYS_LATER)
        inclusive = call.flag("inclusive")
        before = begins("next_ts", call.text("cursor"), ALWAYS_LATER)
        here = (m for m in reversed(self._core.state.messages) if m.channel == channel.id)
        inside = (
            m
            for m in here
            if float(m.ts) < before
            and (oldest < float(m.ts) < latest or (inclusive and float(m.ts) in (oldest, latest)))
        )
        kept = (m for m in inside if not m.thread_ts and not m.ephemeral_to)
        return [self._messages.as_json(m) for m in kept]

    def _check_seen(self, call: Call, channel: Channel) -> None:
        hidden = channel.is_private or channel.kind == "im"
        if hidden and call.installation.bot_user_id not in channel.members:
            raise SlackError("channel_not_found")


def _enterprise_user(user: User, org: Enterprise) -> Json:
    return {
        "id": user.id,
        "enterprise_id": org.id,
        "enterprise_name": org.name,
        "is_admin": user.is_org_admin,
        "is_owner": False,
        "teams": user.teams,
    }


def kind_of(channel: Channel) -> str:
    return "im" if channel.kind == "im" else "private" if channel.is_private else "public"
