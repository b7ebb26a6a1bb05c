"""A Slack in memory that keeps what it took and can fail at any call, for the test of chance.

It replaces `bot.outbound.clients.SlackClients`. Its clients have the methods that the bot calls on
its own.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError

from flows.ports import Clock
from flows.vocabulary import Person

Json = dict[str, Any]


class Killed(BaseException):
    """The process died here. None of our code may catch this."""


class Trouble(StrEnum):
    """What happens to one call."""

    NONE = "none"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"
    PAGE = "page"  # an error page; the call was not carried out
    PAGE_TAKEN = "page after it was taken"
    TIMEOUT = "timeout"
    TIMEOUT_TAKEN = "timeout after it was taken"
    KILLED = "killed before"
    KILLED_TAKEN = "killed after it was taken"


_TAKEN = frozenset({Trouble.PAGE_TAKEN, Trouble.TIMEOUT_TAKEN, Trouble.KILLED_TAKEN})


@dataclass(frozen=True)
class Posted:
    """A message that Slack has. `to` is a person or a channel; `key` comes from the metadata."""

    to: str
    key: str
    ts: str
    payload: Mapping[str, Any]


class Answer(dict[str, Any]):
    """As the SDK gives it."""

    @property
    def data(self) -> Json:
        return self


class SmallSlack:
    """`people` are from all workspaces. `watch` is told of each message that Slack takes."""

    def __init__(self, clock: Clock, watch: Callable[[Posted], None]) -> None:
        self._clock = clock
        self._watch = watch
        self.people: dict[str, Person] = {}
        self.tokens: set[str] = set()
        self.posts: list[Posted] = []
        self.trouble: deque[Trouble] = deque()
        self.down = False
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # number of calls by dead token
        self.answers: dict[str, str] = {}  # Slack's error by method, whatever the token

    def with_token(self, token: SecretStr) -> "SmallClient":
        return SmallClient(self, token.get_secret_value())

    def call(self, method: str, token: str, effect: Callable[[], Json]) -> Json:
        self.calls[method] += 1
        if token not in self.tokens:
            self.refused[token] += 1
            raise refusal("account_inactive")
        if method in self.answers:
            raise refusal(self.answers[method])
        if self.down:
            raise refusal("service_unavailable")
        trouble = self.trouble.popleft() if self.trouble else Trouble.NONE
        if trouble is Trouble.NONE:
            return Answer(effect())
        if trouble in _TAKEN:
            effect()
        raise _failure(trouble)

    def post(self, to: str, payload: Mapping[str, Any]) -> Json:
        person = self.people.get(to)
        if person and not person.is_active:
            raise refusal("user_disabled")
        metadata = payload.get("metadata") or {"event_payload": {"key": ""}}
        ts = f"{self._clock.now().timestamp():.0f}.{len(self.posts):06}"
        posted = Posted(to, metadata["event_payload"]["key"], ts, payload)
        self._watch(posted)
        self.posts.append(posted)
        return {"channel": _channel(to), "ts": ts}

    def found(self, channel: str, oldest: str) -> list[Json]:
        """Newest first."""
        there = [p for p in self.posts if _channel(p.to) == channel and float(p.ts) > float(oldest)]
        return [{"ts": p.ts, "metadata": p.payload.get("metadata")} for p in reversed(there)]

    def user(self, user_id: str) -> Json:
        person = self.people.get(user_id)
        if person is None:
            raise refusal("user_not_found")
        return {
            "user": {
                "id": user_id,
                "tz": person.time_zone,
                "locale": person.locale,
                "deleted": not person.is_active,
                "name": user_id.lower(),
            }
        }


class SmallClient:
    """Calls with one token."""

    def __init__(self, slack: SmallSlack, token: str) -> None:
        self._slack = slack
        self._token = token

    def _call(self, method: str, effect: Callable[[], Json]) -> Json:
        return self._slack.call(method, self._token, effect)

    async def chat_postMessage(self, *, channel: str, **payload: Any) -> Json:  # noqa: N802
        return self._call("chat.postMessage", lambda: self._slack.post(channel, payload))

    async def chat_update(self, **payload: Any) -> Json:
        return self._call("chat.update", lambda: {"ts": payload["ts"]})

    async def chat_getPermalink(self, *, channel: str, message_ts: str) -> Json:  # noqa: N802
        link = f"https://slack.test/archives/{channel}/p{message_ts.replace('.', '')}"
        return self._call("chat.getPermalink", lambda: {"permalink": link})

    async def views_publish(self, **_payload: Any) -> Json:
        return self._call("views.publish", dict)

    async def views_update(self, **_payload: Any) -> Json:
        """Nobody has a modal open."""

        def effect() -> Json:
            raise refusal("not_found")

        return self._call("views.update", effect)

    async def conversations_open(self, *, users: str) -> Json:
        return self._call("conversations.open", lambda: {"channel": {"id": _channel(users)}})

    async def conversations_history(
        self, *, channel: str, oldest: str, limit: int, cursor: str | None, **_payload: Any
    ) -> Json:
        def effect() -> Json:
            first = int(cursor or 0)
            there = self._slack.found(channel, oldest)
            more = str(first + limit) if len(there) > first + limit else ""
            page = there[first : first + limit]
            return {"messages": page, "response_metadata": {"next_cursor": more}}

        return self._call("conversations.history", effect)

    async def auth_test(self) -> Json:
        return self._call("auth.test", lambda: {"url": "https://acme.slack.test/"})

    async def auth_teams_list(self, **_payload: Any) -> Json:
        return self._call("auth.teams.list", lambda: {"teams": []})

    async def files_getUploadURLExternal(self, **_payload: Any) -> Json:  # noqa: N802
        return self._call("files.getUploadURLExternal", dict)

    async def users_info(self, *, user: str, **_payload: Any) -> Json:
        return self._call("users.info", lambda: self._slack.user(user))


def refusal(name: str) -> SlackApiError:
    return SlackApiError("refused", {"ok": False, "error": name})


def _failure(trouble: Trouble) -> BaseException:
    match trouble:
        case Trouble.LIMITED:
            return refusal("ratelimited")
        case Trouble.UNAVAILABLE:
            return refusal("service_unavailable")
        case Trouble.PAGE | Trouble.PAGE_TAKEN:
            return SlackApiError("a page", {})
        case Trouble.TIMEOUT | Trouble.TIMEOUT_TAKEN:
            return TimeoutError()
    return Killed()


def _channel(to: str) -> str:
    return to if to.startswith("C") else f"D{to[1:]}"
