"""Clients for Slack's Web API: one HTTP session for all, one token a call."""

from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT = 10  # seconds for one call


class SlackClients:
    """Hands out clients that share one session, and so its connections."""

    def __init__(self, base: AsyncWebClient) -> None:
        self.base = base

    def with_token(self, token: SecretStr) -> AsyncWebClient:
        """A client that speaks for one installation."""
        return AsyncWebClient(
            token=token.get_secret_value(),
            base_url=self.base.base_url,
            timeout=TIMEOUT,
            session=self.base.session,
            headers=self.base.headers,
        )
