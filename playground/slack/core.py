"""The parts that everything else in this Slack uses, in one place."""

import secrets
from collections import defaultdict
from collections.abc import Callable

import httpx

from playground.clock import Clock
from playground.config import PlaygroundConfig
from playground.slack.app_link import AppLink
from playground.slack.breaches import CIRCUMSTANCES, Breach, Refusal, SlackError, Trespass
from playground.slack.faults import Faults
from playground.slack.ids import Timestamps
from playground.slack.manifest import Manifest
from playground.slack.model import Installation, User
from playground.slack.socket_mode import Sockets
from playground.slack.state import State
from playground.slack.tickets import ResponseUrls, Triggers
from playground.slack.traffic import Traffic
from playground.slack.views import Views

BREACHES_KEPT = 500
NOTICES_KEPT = 50


class Core:
    """State, clock, manifest, the link to the app, and the record of breaches."""

    def __init__(
        self, config: PlaygroundConfig, clock: Clock, http: httpx.AsyncClient | None
    ) -> None:
        self.config = config
        self.clock = clock
        self.manifest = Manifest(config.manifest, config.app_url)
        self.state = State()
        self.faults = Faults()
        self.traffic = Traffic()
        self.sockets = Sockets(
            config,
            enabled=self.manifest.socket_mode,
            traffic=self.traffic,
            breach=self.breach,
        )
        self.link = AppLink(config, http, self.faults, self.traffic, self.sockets)
        self.triggers = Triggers(config.trigger_life)
        self.response_urls = ResponseUrls(config.base_url, clock.now)
        self.views = Views(self.state, config.app_id, clock.now)
        self.verification_token = secrets.token_urlsafe(18)
        self.breaches: list[Breach] = []
        self.notices: dict[str, list[str]] = defaultdict(list)
        self._timestamps = Timestamps()
        self._listeners: list[Callable[[], None]] = []

    def breach(self, where: str, error: str, detail: str = "") -> None:
        self.breaches.append(Breach(self.clock.now(), where, error, detail))
        del self.breaches[:-BREACHES_KEPT]
        self.changed()

    def refused(self, where: str, error: SlackError) -> None:
        """Record a refusal, unless an app that does everything right can get it."""
        if isinstance(error, Refusal):
            return
        if isinstance(error, Trespass) or error.error not in CIRCUMSTANCES:
            self.breach(where, error.error, "; ".join(error.details))

    def notify(self, user_id: str, notice: str) -> None:
        self.notices[user_id].append(notice)
        del self.notices[user_id][:-NOTICES_KEPT]
        self.changed()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener on every change. Call the result to unsubscribe."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def next_ts(self) -> str:
        return self._timestamps.next(self.clock.now())

    def installation_for(self, user: User) -> Installation | None:
        return self.state.active_installation(user.team_id)
