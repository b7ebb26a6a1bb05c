"""Sends events to the app, again and again until it takes them."""

import asyncio

from playground.slack.app_link import Ack
from playground.slack.core import Core
from playground.slack.ids import new_id
from playground.slack.manifest import EVENT_SCOPES
from playground.slack.model import Installation, Json

PENDING_LIMIT = 1_000


class Events:
    """Delivers in the background what the manifest subscribes to and the installation may hear."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._deliveries: dict[asyncio.Task[None], asyncio.Event] = {}

    def emit(
        self, installation: Installation, subscription: str, event: Json, team_id: str = ""
    ) -> None:
        """`team_id` names the org's workspace. Without it, the event is about the org itself."""
        scope = EVENT_SCOPES.get(subscription)
        if subscription not in self._core.manifest.events:
            return
        if scope and scope not in installation.scopes:
            return
        if len(self._deliveries) >= PENDING_LIMIT:
            self._core.breach(f"event {subscription}", "app_rate_limited", "too many undelivered")
            return
        payload = self._envelope(installation, event, team_id or installation.team_id)
        answered = asyncio.Event()
        for _ in range(2 if self._core.faults.take_duplicate() else 1):
            delivery = asyncio.create_task(self._deliver(subscription, payload, answered))
            self._deliveries[delivery] = answered
            delivery.add_done_callback(self._ended)

    async def first_answers(self) -> None:
        """Wait until each event under way has been answered once, with success or failure."""
        for answered in tuple(self._deliveries.values()):
            await answered.wait()

    async def settle(self) -> None:
        """Wait until no event is under way."""
        while self._deliveries:
            await asyncio.wait(tuple(self._deliveries))

    async def verify_url(self) -> bool:
        """Send the challenge that Slack sends before it accepts a request URL."""
        challenge = new_id("CHALLENGE")
        payload = {
            "type": "url_verification",
            "token": self._core.verification_token,
            "challenge": challenge,
        }
        ack = await self._core.link.post_json(self._core.manifest.events_url, payload, {})
        if not (ack.ok and challenge.encode() in ack.body):
            self._core.breach("url_verification", "challenge_failed", _describe(ack))
            return False
        return True

    async def check_ssl(self) -> bool:
        """Send the form without payload with which Slack checks a certificate."""
        form = {"ssl_check": "1", "token": self._core.verification_token}
        ack = await self._core.link.post_form(self._core.manifest.interactivity_url, form)
        if not ack.ok:
            self._core.breach("ssl_check", "ssl_check_failed", _describe(ack))
        return ack.ok

    async def close(self) -> None:
        for delivery in tuple(self._deliveries):
            delivery.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    def _ended(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.pop(delivery).set()
        if not delivery.cancelled() and (error := delivery.exception()) is not None:
            self._core.breach("event", "app_crashed", repr(error))

    async def _deliver(self, subscription: str, payload: Json, answered: asyncio.Event) -> None:
        url = self._core.manifest.events_url
        ack = await self._core.link.post_json(url, payload, {})
        answered.set()
        retries = self._core.config.event_retry_delays
        for number, delay in enumerate(retries, start=1):
            if ack.ok or ack.no_retry:
                return
            await asyncio.sleep(delay)
            reason = "http_error" if ack.status else "http_timeout"
            headers = {"x-slack-retry-num": str(number), "x-slack-retry-reason": reason}
            ack = await self._core.link.post_json(url, payload, headers)
        if not ack.ok:
            self._core.breach(f"event {subscription}", "event_not_acknowledged", _describe(ack))

    def _envelope(self, installation: Installation, event: Json, team_id: str) -> Json:
        """An event about an org itself names no team, and there is nobody to act for.

        Bolt's own tests have it this way. Slack's page on team_access_granted also shows a team,
        but an app that relied on it could not tell which org was meant.
        """
        now, org = self._core.clock.now(), installation.enterprise_id or None
        return {
            "token": self._core.verification_token,
            "enterprise_id": org,
            "context_enterprise_id": org,
            "api_app_id": self._core.config.app_id,
            "event": {"event_ts": self._core.next_ts()} | event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(now),
            "is_ext_shared_channel": False,
        } | (_in_workspace(installation, team_id) if team_id else {})


def _in_workspace(installation: Installation, team_id: str) -> Json:
    """An org-wide installation authorizes without a team. Only the envelope names the team.

    Slack's reference shows a team there too; Bolt's tests show null. An app must do without.
    """
    authorization = {
        "enterprise_id": installation.enterprise_id or None,
        "team_id": installation.team_id or None,
        "user_id": installation.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": installation.is_enterprise_install,
    }
    return {"team_id": team_id, "context_team_id": team_id, "authorizations": [authorization]}


def _describe(ack: Ack) -> str:
    return ack.problem or f"HTTP {ack.status}"
