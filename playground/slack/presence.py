"""Where the app is visible: its bot in channels, its modals and Homes in front of people."""

from playground.slack.core import Core
from playground.slack.model import Installation


def arrive(core: Core, installation: Installation, team_id: str) -> None:
    """People in this workspace invite the app into channels that have waited for it."""
    for channel in core.state.channels.values():
        welcome = channel.team_id == team_id and channel.invites_app
        if welcome and installation.bot_user_id not in channel.members:
            channel.members.append(installation.bot_user_id)
    core.changed()


def depart(core: Core, installation: Installation) -> None:
    """The app disappears wherever its installation no longer serves people."""
    for channel in core.state.channels.values():
        stays = installation.active and installation.serves(channel.team_id)
        if channel.kind == "channel" and not stays and installation.bot_user_id in channel.members:
            channel.members.remove(installation.bot_user_id)
    core.views.leave(installation)
    core.changed()
