"""What one person can see, and where their click can land."""

from collections.abc import Callable

from playground.slack.core import Core
from playground.slack.elements import Placed, placed
from playground.slack.model import Channel, Message, User, View
from playground.slack.screen import (
    HomeView,
    OpenModal,
    VisibleMessage,
    Where,
    find_element,
    missing,
)
from playground.slack.typing_in import NotVisible

Source = View | Message


class Viewer:
    """The screen of one Slack client in one of the person's workspaces.

    `patience` is how long the person waits, in seconds, for what they press or type into.
    """

    patience = 0.0

    def __init__(self, user: User, team_id: str, core: Core) -> None:
        self.home_shown = False
        self._record = user
        self._team_id = team_id
        self._core = core

    @property
    def user(self) -> User:
        """The person, with the workspace that they look at as `team_id`."""
        return self._record.seen_in(self._team_id)

    def is_record(self, user: User) -> bool:
        """Whether this is that person's screen. It is not if they were restored since."""
        return self._record is user

    @property
    def modals(self) -> list[OpenModal]:
        return [OpenModal(v, self.name_of) for v in self._core.views.stack(self.user.id)]

    @property
    def modal(self) -> OpenModal | None:
        """The top modal of the stack."""
        return self.modals[-1] if self.modals else None

    @property
    def home(self) -> HomeView | None:
        """What the app has published for this person."""
        view = self._core.state.home_of(self.user)
        return HomeView(view, self.name_of) if view else None

    @property
    def notices(self) -> list[str]:
        """Notices from Slack itself, such as `operation_timeout`."""
        return self._core.notices[self.user.id]

    def messages(self, channel: str | None = None) -> list[VisibleMessage]:
        """Oldest first. By default, the direct messages with the app."""
        where = self.channel(channel)
        return [] if where is None else self._visible([where.id])

    def channel(self, name_or_id: str | None = None) -> Channel | None:
        """A channel of this workspace. By default, the direct messages with the app."""
        if name_or_id is None:
            return self._conversation()
        for channel in self._core.state.channels.values():
            named = name_or_id.removeprefix("#") in (channel.id, channel.name)
            if named and self._core.state.shows(self._team_id, channel):
                return self._seen(channel)
        raise NotVisible(f"no channel {name_or_id!r} for {self.user.name}")

    def name_of(self, slack_id: str) -> str:
        user = self._core.state.users.get(slack_id)
        channel = self._core.state.channels.get(slack_id)
        return user.real_name if user else channel.name if channel else slack_id

    def screen(self) -> str:
        """Everything visible, as text, for the messages of failing tests."""
        modal, home = self.modal, self.home
        parts = [f"notices: {self.notices}"]
        if modal:
            parts.append(f"modal {modal.title!r} errors {modal.errors}:\n{modal.text}")
        if home:
            parts.append(f"home:\n{home.text}")
        parts += [f"message: {m.visible_text}" for m in self.messages()[-5:]]
        return "\n".join(parts)

    def _find(self, what: Where, message: VisibleMessage | None) -> tuple[Source, Placed]:
        sources = [message.message] if message else self._sources()
        for source in sources:
            item = find_element(source.blocks, what)
            if item is not None:
                return source, item
        here = [p for source in sources[:10] for p in placed(source.blocks)]
        raise missing(here, what, "button")

    def _pressable(
        self, what: Where, message: VisibleMessage | None
    ) -> tuple[Source, Placed] | None:
        """What `_find` finds, or None for the button in the foot of the top modal."""
        top = self.modal if message is None else None
        if top and top.submit_text == what and what not in top.buttons:
            return None
        return self._find(what, message)

    def _sources(self) -> list[Source]:
        """Where a click can land: the modal covers everything else."""
        stack = self._core.views.stack(self.user.id)
        if stack:
            return [stack[-1]]
        home = self._core.state.home_of(self.user)
        channels = [c.id for c in self._core.state.channels.values() if self._sees(c)]
        newest_first = [m.message for m in reversed(self._visible(channels))]
        return [*([home] if home and self.home_shown else []), *newest_first]

    def _front(self) -> View:
        stack = self._core.views.stack(self.user.id)
        home = self._core.state.home_of(self.user)
        if stack:
            return stack[-1]
        if home is not None and self.home_shown:
            return home
        raise NotVisible(f"{self.user.name} has no modal open\n{self.screen()}")

    def _top(self, what: str) -> View:
        stack = self._core.views.stack(self.user.id)
        if not stack:
            raise NotVisible(f"nothing to {what}: no modal is open\n{self.screen()}")
        return stack[-1]

    def _submittable(self) -> View:
        view = self._top("submit")
        if "submit" not in view.payload:
            raise NotVisible(f"modal {OpenModal(view, self.name_of).title!r} has no submit button")
        if view.busy:
            raise NotVisible("the modal is still waiting for the app")
        return view

    @staticmethod
    def _is_there(look: Callable[[], object]) -> bool:
        try:
            look()
        except NotVisible:
            return False
        return True

    def _visible(self, channel_ids: list[str]) -> list[VisibleMessage]:
        return [
            self._shown(m)
            for m in self._core.state.messages
            if m.channel in channel_ids and m.ephemeral_to in ("", self.user.id)
        ]

    def _shown(self, message: Message) -> VisibleMessage:
        return VisibleMessage(message, self.name_of(message.user), self.name_of)

    def _sees(self, channel: Channel) -> bool:
        if not self._core.state.shows(self._team_id, channel):
            return False
        public = channel.kind == "channel" and not channel.is_private
        return public or self.user.id in channel.members

    def _seen(self, channel: Channel) -> Channel:
        if not self._sees(channel):
            raise NotVisible(f"{self.user.name} is not in #{channel.name}")
        return channel

    def _first_channel(self) -> Channel | None:
        channels = (c for c in self._core.state.channels.values() if c.kind == "channel")
        return next((c for c in channels if self._sees(c)), None)

    def _conversation(self) -> Channel | None:
        """The conversation with the app that serves this workspace, or that served it last."""
        found = [c for c in self._core.state.channels.values() if c.user == self._record.id]
        seen = [channel for channel in found if self._sees(channel)]
        installation = self._core.installation_for(self.user)
        bot = installation.bot_user_id if installation else ""
        return next((c for c in seen if bot in c.members), seen[-1] if seen and not bot else None)

    def _direct_messages(self) -> Channel:
        installation = self._core.installation_for(self.user)
        if installation is None:
            raise NotVisible("the app is not installed here")
        return self._core.state.direct_messages(self.user, installation)
