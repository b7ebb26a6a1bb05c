"""The configuration of one playground."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PlaygroundConfig:
    """Addresses and credentials of the app under test. Times are in real seconds."""

    base_url: str
    app_url: str
    manifest: Mapping[str, Any]
    client_id: str
    client_secret: str
    signing_secret: str
    state_file: Path | None = None
    install_path: str = "/slack/install"
    app_id: str = "A0PLAYGROUND"
    ack_limit: float = 3.0
    trigger_life: float = 3.0
    event_retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    strict_rate_limits: bool = False
    token_life: float = 12 * 3600.0  # by the clock, where the manifest enables token rotation
    app_token: str = ""  # for Socket Mode, which the manifest must enable
    app_token_scopes: tuple[str, ...] = ("connections:write",)
