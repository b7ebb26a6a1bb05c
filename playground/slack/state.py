"""All that this Slack remembers, and look-ups in it."""

import base64
from dataclasses import dataclass, field
from typing import Any

from playground.slack.breaches import SlackError
from playground.slack.elements import carried_over
from playground.slack.ids import new_id
from playground.slack.model import (
    Channel,
    Enterprise,
    File,
    Installation,
    Json,
    Message,
    Team,
    User,
    View,
)

MESSAGES_KEPT = 2_000  # the oldest ones go first
FILES_KEPT = 50


@dataclass
class State:
    """Records by id: `installations` by team or enterprise id, `homes` by that and user id."""

    enterprises: dict[str, Enterprise] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    dead_tokens: dict[str, str] = field(default_factory=dict)  # token -> Slack's error
    homes: dict[tuple[str, str], View] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)  # by user id, top last

    def user_in(self, team_id: str, user_id: str) -> User:
        """A member of this workspace, as seen there."""
        user = self.users.get(user_id)
        if user is None or team_id not in user.teams:
            raise SlackError("user_not_found")
        return user.seen_in(team_id)

    def channel_in(self, team_id: str, channel_id: str) -> Channel:
        channel = self.channels.get(channel_id)
        if channel is None or not self.shows(team_id, channel):
            raise SlackError("channel_not_found")
        return channel

    def enterprise_of(self, team_id: str) -> Enterprise | None:
        team = self.teams.get(team_id)
        return self.enterprises.get(team.enterprise_id) if team else None

    def enterprise_fields(self, team_id: str) -> Json:
        """What Slack adds about a workspace that belongs to an org."""
        org = self.enterprise_of(team_id)
        return {"enterprise_id": org.id, "enterprise_name": org.name} if org else {}

    def shows(self, team_id: str, channel: Channel) -> bool:
        """Whether a channel belongs to this workspace.

        An org-wide app has one conversation with each person. It is the same in all workspaces.
        """
        if channel.team_id == team_id:
            return True
        org = self.enterprise_of(team_id)
        if channel.kind != "im" or org is None or org != self.enterprise_of(channel.team_id):
            return False
        return any(
            member in self.users and self.users[member].team_id == org.id
            for member in channel.members
        )

    def people(self, team_id: str) -> list[User]:
        return [u for u in self.users.values() if team_id in u.teams and not u.is_bot]

    def active_installation(self, team_id: str) -> Installation | None:
        """The installation that serves this workspace. A granted one of the org goes first.

        Slack does not say what happens to the workspace's own token then. Here it still works.
        """
        team = self.teams.get(team_id)
        for known in (team.enterprise_id if team else "", team_id):
            found = self.installations.get(known)
            if found is not None and found.active and found.serves(team_id):
                return found
        return None

    def installation_of(self, token: str) -> Installation:
        for installation in self.installations.values():
            if installation.active and token in installation.tokens:
                return installation
        raise SlackError(self.dead_tokens.get(token, "invalid_auth"))

    def home_of(self, user: User) -> View | None:
        """The Home that the app has published for the person, here by either installation."""
        serving = self.active_installation(user.team_id)
        own = self.installations.get(user.team_id)
        for each in (serving, own if own and own.active else None):
            if each and (view := self.homes.get((each.id, user.id))):
                return view
        return None

    def direct_messages(self, user: User, installation: Installation) -> Channel:
        """The person's direct message channel with the app. Made when first needed."""
        bot = installation.bot_user_id
        for channel in self.channels.values():
            if channel.kind == "im" and channel.user == user.id and bot in channel.members:
                return channel
        team_id = next(team for team in user.teams if installation.serves(team))
        channel = Channel(new_id("D"), team_id, "directmessage", "im", user=user.id)
        channel.members = [user.id, bot]
        self.channels[channel.id] = channel
        return channel

    def message(self, channel_id: str, ts: str) -> Message | None:
        found = (m for m in self.messages if m.channel == channel_id and m.ts == ts)
        return next(found, None)

    def add_message(self, message: Message) -> None:
        self.messages.append(message)
        del self.messages[:-MESSAGES_KEPT]

    def add_file(self, file: File) -> None:
        self.files[file.id] = file
        while len(self.files) > FILES_KEPT:
            self.files.pop(next(iter(self.files)))

    def snapshot(self) -> Json:
        """Everything except open modals, as JSON."""
        return {
            "enterprises": [_record(e) for e in self.enterprises.values()],
            "teams": [_record(t) for t in self.teams.values()],
            "users": [_record(u) for u in self.users.values()],
            "channels": [_record(c) for c in self.channels.values()],
            "messages": [_record(m) for m in self.messages],
            "files": [_file(f) for f in self.files.values() if f.completed],
            "installations": [_record(i) for i in self.installations.values()],
            "dead_tokens": dict(self.dead_tokens),
            "homes": [_record(v) | {"typed": {}} for v in self.homes.values()],
        }

    def restore(self, saved: Json) -> None:
        self.enterprises = {e["id"]: Enterprise(**e) for e in saved.get("enterprises", [])}
        self.teams = {t["id"]: Team(**t) for t in saved["teams"]}
        self.users = {u["id"]: User(**u) for u in saved["users"]}
        self.channels = {c["id"]: Channel(**c) for c in saved["channels"]}
        self.messages = [Message(**m) for m in saved["messages"]]
        self.files = {f["id"]: _restored_file(f) for f in saved.get("files", [])}
        installations: list[dict[str, Any]] = saved["installations"]
        self.installations = {i.id: i for i in (Installation(**each) for each in installations)}
        self.dead_tokens = dict(saved["dead_tokens"])
        homes = [View(**v) for v in saved["homes"]]
        self.homes = {(home.app_team_id, home.user_id): home for home in homes}
        for home in self.homes.values():
            home.typed = carried_over({}, home.blocks)
        self.modals = {}


def _file(file: File) -> Json:
    return _record(file) | {"content": base64.b64encode(file.content).decode()}


def _restored_file(saved: Json) -> File:
    return File(**saved | {"content": base64.b64decode(saved["content"])})


def _record(item: Any) -> Json:
    """The record's fields, without the deep copy of `asdict`: they are written out at once."""
    return dict(vars(item))
