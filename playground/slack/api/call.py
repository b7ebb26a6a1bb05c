"""One call of a Web API method, and the declaration of methods."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.slack.breaches import SlackError
from playground.slack.core import Core
from playground.slack.model import Channel, Installation, Json, User
from playground.slack.reach import Reach

TIER_2, TIER_3, TIER_4 = 20, 50, 100  # calls per minute

_JSON_ARGUMENTS = {"attachments", "blocks", "metadata", "view"}


class Call:
    """Arguments as the app sent them. JSON inside forms is decoded."""

    def __init__(self, core: Core, installation: Installation | None, args: Mapping[str, Any]):
        self.core = core
        self.args = {k: _decoded(k, v) for k, v in args.items() if v is not None}
        self._installation = installation

    @property
    def installation(self) -> Installation:
        if self._installation is None:
            raise SlackError("not_authed")
        return self._installation

    @property
    def reach(self) -> Reach:
        return Reach(self.core.state, self.installation)

    def text(self, name: str) -> str:
        value = self.args.get(name, "")
        if not isinstance(value, str):
            raise SlackError("invalid_arguments", f"{name} must be a string")
        return value

    def number(self, name: str, default: float) -> float:
        """A number, or a number in a string, like a message timestamp."""
        try:
            return float(self.args.get(name, default))
        except (TypeError, ValueError):
            raise SlackError("invalid_arguments", f"{name} must be a number") from None

    def flag(self, name: str) -> bool:
        value = self.args.get(name, False)
        return value is True or str(value).lower() in ("true", "1")

    def need(self, scope: str) -> None:
        """Refuse unless the manifest declares this scope and the installation granted it."""
        granted = self.installation.scopes
        if scope not in granted or scope not in self.core.manifest.all_scopes:
            raise SlackError(
                "missing_scope", f"needed {scope}", needed=scope, provided=",".join(granted)
            )

    def channel(self, name: str = "channel") -> Channel:
        return self.reach.channel(self.text(name))

    def user(self, name: str = "user") -> User:
        return self.reach.user(self.text(name))


@dataclass(frozen=True)
class Method:
    """`scope` is checked before `run`. An argument outside the two lists is a breach.

    With `with_app_token`, the app calls with its app-level token, which `run` checks.
    `per_minute` counts only while strict rate limits are on.
    https://docs.slack.dev/apis/web-api/rate-limits
    """

    run: Callable[[Call], Json]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scope: str = ""
    with_token: bool = True
    with_app_token: bool = False
    per_minute: int = TIER_4


def _decoded(name: str, value: Any) -> Any:
    if name not in _JSON_ARGUMENTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        error = f"invalid_{name}_format" if name in ("blocks", "metadata") else "invalid_arguments"
        raise SlackError(error, f"{name} is not JSON") from None
