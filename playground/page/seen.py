"""What one person sees, as JSON for the page."""

from collections.abc import Iterable

from playground.extras import Extra
from playground.page.calls import last_calls
from playground.sample import TRY_THIS
from playground.slack.elements import state_values
from playground.slack.model import Channel, Json, Team, User, View
from playground.slack.person import Person
from playground.slack.screen import VisibleMessage
from playground.slack.world import SlackWorld
from playground.world import PlaygroundWorld

_MESSAGES_SHOWN = 300  # the newest ones of each conversation


def state(world: PlaygroundWorld, extras: Iterable[Extra], user: str) -> Json:
    """The whole page for this person. Raises `LookupError` if there is no such person."""
    slack = world.slack
    person = slack.person(user or first_person(slack).id)
    conversations = _conversations(slack, person)
    return {
        "clock": {"offset_seconds": world.clock.offset_seconds},
        "teams": [_team(slack, team) for team in slack.teams.values() if team.is_listed],
        "me": _user(person.user),
        "app": _app(slack, person),
        "conversations": [_conversation(slack, channel) for channel in conversations],
        "messages": {channel.id: _messages(slack, person, channel) for channel in conversations},
        "home": _home(person),
        "modals": [_modal(modal.view) for modal in person.modals],
        "notices": list(person.notices),
        "breaches": [vars(breach) for breach in slack.breaches],
        "calls": last_calls(slack.traffic),
        "segment": world.segment.panel(),
        "try_this": list(TRY_THIS),
        "extras": [_extra(one) for one in extras],
    }


def _extra(one: Extra) -> Json:
    return {
        "id": one.id, "label": one.label, "hint": one.hint, "card": one.card, "asks": one.asks
    }  # fmt: skip


def first_person(slack: SlackWorld) -> User:
    """The first person. Raises `LookupError` in a Slack without people."""
    for user in slack.users.values():
        if not user.is_bot:
            return user
    raise LookupError("there are no people in this Slack")


def _team(slack: SlackWorld, team: Team) -> Json:
    return {
        "id": team.id,
        "name": team.name,
        "installed": slack.core.state.active_installation(team.id) is not None,
        "users": [_user(user) for user in slack.core.state.people(team.id)],
    }


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "tz": user.tz,
    }


def _app(slack: SlackWorld, person: Person) -> Json:
    manifest = slack.manifest
    installation = slack.core.installation_for(person.user)
    commands = [
        {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
        for c in manifest.commands.values()
    ]
    shortcuts = [
        {"name": s.name, "callback_id": s.callback_id}
        for s in manifest.shortcuts.values()
        if s.kind == "global"
    ]
    return {
        "name": manifest.bot_name,
        "user_id": installation.bot_user_id if installation else "",
        "commands": commands if installation else [],
        "shortcuts": shortcuts if installation else [],
        "can_write": manifest.people_can_write,
        "has_home": manifest.home_enabled,
    }


def _conversations(slack: SlackWorld, person: Person) -> list[Channel]:
    """This person's channels, then their direct messages with the app."""
    user = person.user
    channels = [c for c in slack.channels.values() if c.kind == "channel" and user.id in c.members]
    installation = slack.core.installation_for(user)
    if installation is not None:
        channels.append(slack.core.state.direct_messages(user, installation))
    return channels


def _conversation(slack: SlackWorld, channel: Channel) -> Json:
    name = channel.name if channel.kind == "channel" else slack.manifest.bot_name
    return {"id": channel.id, "kind": channel.kind, "name": name}


def _messages(slack: SlackWorld, person: Person, channel: Channel) -> list[Json]:
    newest = person.messages(channel.id)[-_MESSAGES_SHOWN:]
    return [_message(slack, message) for message in newest]


def _message(slack: SlackWorld, shown: VisibleMessage) -> Json:
    message = shown.message
    name = slack.manifest.bot_name if message.is_app else shown.author
    return {
        "ts": message.ts,
        "author": {"id": message.user, "name": name},
        "is_app": message.is_app,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "edited": bool(message.edited),
        "ephemeral": bool(message.ephemeral_to),
        "files": [_file(slack, each) for each in message.files],
    }


def _file(slack: SlackWorld, file_id: str) -> Json:
    file = slack.core.state.files.get(file_id)
    if file is None:
        return {
            "id": file_id,
            "title": "This file is not kept any more.",
            "alt_text": "",
            "url": "",
        }
    url = f"/playground/files/{file.id}"
    return {"id": file.id, "title": file.title, "alt_text": file.alt_text, "url": url}


def _home(person: Person) -> Json | None:
    if person.home is None:
        return None
    view = person.home.view
    return {"id": view.id, "blocks": view.blocks, "typed": state_values(view.typed)}


def _modal(view: View) -> Json:
    return {
        "id": view.id,
        "callback_id": view.callback_id,
        "title": view.payload.get("title"),
        "submit": view.payload.get("submit"),
        "close": view.payload.get("close"),
        "blocks": view.blocks,
        "typed": state_values(view.typed),
        "errors": view.errors,
        "busy": view.busy,
    }
