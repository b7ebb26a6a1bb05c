"""What a token reaches: its workspace, or the workspaces that an org's admin granted."""

from collections.abc import Iterable

from playground.slack.breaches import SlackError, Trespass
from playground.slack.model import Channel, Installation, Team, User
from playground.slack.state import State


class Reach:
    """Finds records for one token, or refuses it.

    For a workspace's token, nothing else exists. For an org's token, a workspace of the org that
    was not granted is `team_access_not_granted`. What belongs to another customer does not exist,
    and asking for it is a breach.
    """

    def __init__(self, state: State, installation: Installation) -> None:
        self._state = state
        self._installation = installation

    def channel(self, channel_id: str) -> Channel:
        channel = self._state.channels.get(channel_id)
        if channel is None:
            raise SlackError("channel_not_found")
        self._check(self._teams_of(channel), "channel_not_found")
        if channel.kind == "im" and self._installation.bot_user_id not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def user(self, user_id: str) -> User:
        user = self._state.users.get(user_id)
        if user is None:
            raise SlackError("user_not_found")
        if user.id != self._installation.bot_user_id:
            self._check(user.teams, "user_not_found")
        return user

    def team(self, team_id: str) -> Team:
        """The workspace that a call names by `team_id`, or the token's own."""
        if not self._installation.is_enterprise_install:
            return self._state.teams[self._installation.team_id]
        if not team_id:
            raise SlackError("missing_argument", "missing required field: team_id")
        self._check([team_id], "team_not_found")
        return self._state.teams[team_id]

    def workspace_of(self, channel: Channel) -> str:
        """The workspace in which something in this channel happens, as the app hears it."""
        return next(team for team in self._teams_of(channel) if self._installation.serves(team))

    def _teams_of(self, channel: Channel) -> list[str]:
        if channel.kind != "im":
            return [channel.team_id]
        elsewhere = [t for t in self._state.users[channel.user].teams if t != channel.team_id]
        return [channel.team_id, *elsewhere]

    def _check(self, team_ids: Iterable[str], missing: str) -> None:
        if any(self._installation.serves(team_id) for team_id in team_ids):
            return
        if not self._installation.is_enterprise_install:
            raise SlackError(missing)
        orgs = [org.id for t in team_ids if (org := self._state.enterprise_of(t)) is not None]
        if self._installation.enterprise_id in orgs:
            raise SlackError("team_access_not_granted", ", ".join(team_ids))
        raise Trespass(missing, "lies outside of the org that this token is for")
