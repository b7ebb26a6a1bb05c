"""What an interaction hands out: trigger ids and response addresses. Both expire soon."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from playground.slack.breaches import SlackError

KEPT = 2_000
RESPONSES = 5
RESPONSE_LIFE = 30 * 60.0


@dataclass
class Trigger:
    """`view_id` names the modal where the interaction happened, if any."""

    user_id: str
    team_id: str
    view_id: str
    born: float
    used: bool = False


@dataclass
class ResponseUrl:
    """`ts` names the message that `replace_original` and `delete_original` refer to."""

    id: str
    team_id: str
    user_id: str
    channel_id: str
    born: float
    ts: str = ""
    thread_ts: str = ""
    uses: int = 0


class Triggers:
    """Each works once, within a few seconds of real time."""

    def __init__(self, life: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._life = life
        self._timer = timer
        self._known: OrderedDict[str, Trigger] = OrderedDict()

    def issue(self, user_id: str, team_id: str, view_id: str = "") -> str:
        number = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._known[number] = Trigger(user_id, team_id, view_id, self._timer())
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return number

    def redeem(self, trigger_id: str, serves: Callable[[str], bool]) -> Trigger:
        """Use it up in a workspace that the token serves. Refuses with Slack's three errors."""
        trigger = self._known.get(trigger_id)
        if trigger is None or not serves(trigger.team_id):
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._timer() - trigger.born > self._life:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


class ResponseUrls:
    """Each works five times, within 30 minutes of the playground's clock."""

    def __init__(self, base_url: str, now: Callable[[], float]) -> None:
        self._base = base_url.rstrip("/")
        self._now = now
        self._known: OrderedDict[str, ResponseUrl] = OrderedDict()

    def issue(
        self, team_id: str, user_id: str, channel_id: str, ts: str = "", thread_ts: str = ""
    ) -> str:
        key = f"{team_id}-{secrets.token_urlsafe(18)}"
        known = ResponseUrl(key, team_id, user_id, channel_id, self._now(), ts, thread_ts)
        self._known[key] = known
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return key

    def snapshot(self) -> list[dict[str, Any]]:
        return [asdict(known) for known in self._known.values()]

    def restore(self, saved: list[dict[str, Any]]) -> None:
        self._known = OrderedDict((known["id"], ResponseUrl(**known)) for known in saved)

    def url(self, key: str) -> str:
        return f"{self._base}/response/{key}"

    def peek(self, key: str) -> ResponseUrl:
        """Look it up without using it."""
        return self._known[key]

    def use(self, key: str) -> ResponseUrl:
        known = self._known.get(key)
        if known is None or self._now() - known.born > RESPONSE_LIFE:
            raise SlackError("expired_url")
        if known.uses >= RESPONSES:
            raise SlackError("used_url")
        known.uses += 1
        return known
