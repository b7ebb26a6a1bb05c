"""A whole Slack: orgs, workspaces, people, channels, and one app under test."""

from collections.abc import Callable

import httpx
from starlette.routing import BaseRoute

from playground.clock import Clock
from playground.config import PlaygroundConfig
from playground.slack.acks import Acks
from playground.slack.api.server import ApiServer
from playground.slack.breaches import Breach
from playground.slack.consent import ConsentPage, InstallResult, InstallWalk
from playground.slack.core import Core
from playground.slack.events import Events
from playground.slack.faults import Faults
from playground.slack.installs import Installs
from playground.slack.interactions import Interactions
from playground.slack.manifest import Manifest
from playground.slack.messages import Messages
from playground.slack.model import Channel, Enterprise, Installation, Json, Team, User
from playground.slack.orgs import Orgs
from playground.slack.payloads import Payloads
from playground.slack.person import Person
from playground.slack.responses import Responses
from playground.slack.socket_mode import Sockets
from playground.slack.traffic import Traffic
from playground.slack.typing_in import NotVisible


class SlackWorld:
    """The object that tests and the page use."""

    def __init__(
        self, config: PlaygroundConfig, clock: Clock, http: httpx.AsyncClient | None = None
    ) -> None:
        self.core = Core(config, clock, http)
        self.events = Events(self.core)
        self._messages = Messages(self.core, self.events)
        responses = Responses(self.core, self._messages)
        acks = Acks(self.core, responses)
        self._interactions = Interactions(self.core, Payloads(self.core, self._messages), acks)
        self._installs = Installs(self.core, self.events)
        self._consent = ConsentPage(self.core, self._installs)
        self._api = ApiServer(self.core, self._messages, self._installs, responses)
        self._orgs = Orgs(self.core, self.events)
        self._people: dict[tuple[str, str], Person] = {}
        self._verified = False
        for problem in self.manifest.problems():
            self.core.breach("manifest", "invalid_manifest", problem)

    @property
    def teams(self) -> dict[str, Team]:
        return self.core.state.teams

    @property
    def users(self) -> dict[str, User]:
        return self.core.state.users

    @property
    def channels(self) -> dict[str, Channel]:
        return self.core.state.channels

    @property
    def installations(self) -> dict[str, Installation]:
        """By team id, or org-wide by enterprise id. `active`: the app is still installed."""
        return self.core.state.installations

    @property
    def breaches(self) -> list[Breach]:
        return self.core.breaches

    @property
    def faults(self) -> Faults:
        return self.core.faults

    @property
    def traffic(self) -> Traffic:
        return self.core.traffic

    @property
    def sockets(self) -> Sockets:
        """The app's connections, if it uses Socket Mode."""
        return self.core.sockets

    @property
    def manifest(self) -> Manifest:
        return self.core.manifest

    def add(self, *records: Enterprise | Team | User | Channel) -> None:
        """Put orgs, teams, people and channels into this Slack."""
        for record in records:
            if isinstance(record, Enterprise):
                self.core.state.enterprises[record.id] = record
            elif isinstance(record, Team):
                self.teams[record.id] = record
            elif isinstance(record, User):
                self.users[record.id] = record
            else:
                self.channels[record.id] = record
        self.core.changed()

    def person(self, user_id_or_name: str, team_id: str = "") -> Person:
        """The same object each time. Names are looked up across all workspaces.

        `team_id` puts a person of an org in a workspace other than their home.
        """
        for user in self.users.values():
            if user_id_or_name in (user.id, user.name, user.real_name) and not user.is_bot:
                return self._person(user, team_id or user.team_id)
        known = [u.name for u in self.users.values() if not u.is_bot]
        raise NotVisible(f"nobody is called {user_id_or_name!r}; there are {known}")

    async def install(self, team_id: str, user_id: str) -> InstallResult:
        """Walk through the app's OAuth installation as this person, who must be an admin."""
        return await self._walk(self.core.state.user_in(team_id, user_id))

    async def install_org_wide(self, user_id: str) -> InstallResult:
        """Walk through the installation for this person's whole org, of which they must be admin.

        Afterwards no workspace has the app. `grant` adds it to some.
        """
        return await self._walk(self.users[user_id], org_wide=True)

    async def grant(self, *team_ids: str) -> None:
        """Add the org-wide app to workspaces. Returns once the app has been told."""
        self._orgs.grant(*team_ids)
        await self.events.first_answers()

    async def revoke(self, *team_ids: str) -> None:
        """Remove the org-wide app from workspaces. Returns once the app has been told."""
        self._orgs.revoke(*team_ids)
        await self.events.first_answers()

    def seed_installation(self, team_id: str, user_id: str) -> Installation:
        """Install without OAuth. A single-workspace app is configured with its `token`."""
        return self._installs.seed(self.core.state.user_in(team_id, user_id))

    def seed_org_installation(self, user_id: str) -> Installation:
        """Install for this person's whole org without OAuth. No workspace is granted."""
        return self._installs.seed(self.users[user_id], org_wide=True)

    async def uninstall(self, team_or_enterprise_id: str) -> None:
        """Uninstall the app. Returns once the app has been told."""
        installation = self.installations.get(team_or_enterprise_id)
        if installation is None or not installation.active:
            raise NotVisible(f"the app is not installed in {team_or_enterprise_id}")
        self._installs.uninstall(installation)
        await self.events.first_answers()

    def invite_app(self, channel_id: str) -> None:
        """Add the app to a channel, like `/invite`."""
        channel = self.channels[channel_id]
        installation = self.core.state.active_installation(channel.team_id)
        if installation is None:
            raise NotVisible("the app is not installed here")
        if installation.bot_user_id not in channel.members:
            channel.members.append(installation.bot_user_id)
        self.core.changed()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call the listener on every change. Call the result to unsubscribe."""
        return self.core.subscribe(callback)

    def breach_free(self) -> None:
        """Raise AssertionError with all breaches if there are any."""
        if self.breaches:
            shown = "\n".join(f"{b.where}: {b.error} {b.detail}" for b in self.breaches)
            raise AssertionError(f"{len(self.breaches)} breaches of Slack's rules:\n{shown}")

    def routes(self) -> list[BaseRoute]:
        return [*self._api.routes(), *self._consent.routes(), *self.core.sockets.routes()]

    def snapshot(self) -> Json:
        """All state except open modals, as JSON."""
        breaches = [vars(b) for b in self.breaches]
        return {
            "state": self.core.state.snapshot(),
            "response_urls": self.core.response_urls.snapshot(),
            "breaches": breaches,
        }

    def restore(self, saved: Json) -> None:
        self.core.state.restore(saved["state"])
        self.core.response_urls.restore(saved["response_urls"])
        self.core.breaches[:] = [Breach(**b) for b in saved["breaches"]]
        self.core.changed()

    async def close(self) -> None:
        await self.events.close()
        await self.core.link.close()

    async def _walk(self, user: User, *, org_wide: bool = False) -> InstallResult:
        if self.manifest.events_url and not self._verified:
            self._verified = await self.events.verify_url()
        walk = InstallWalk(self.core, self._installs)
        return await walk.run(user, org_wide=org_wide)

    def _person(self, user: User, team_id: str) -> Person:
        if team_id not in user.teams:
            raise NotVisible(f"{user.name} is no member of {team_id}, but of {user.teams}")
        known = self._people.get((user.id, team_id))
        if known is None or not known.is_record(user):
            parts = (self.core, self._messages, self._interactions, self.events)
            known = self._people[user.id, team_id] = Person(user, team_id, *parts)
        return known
