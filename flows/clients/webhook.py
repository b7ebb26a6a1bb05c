"""Toplyne's backend over HTTP, signed as https://www.standardwebhooks.com prescribes."""

import asyncio

from pydantic import SecretStr
from standardwebhooks import Webhook as Signer

from flows.clients.transport import HttpClient
from flows.clients.waits import named_wait
from flows.ports import Clock
from flows.toplyne.model import TOO_SLOW, Answered
from flows.vocabulary import AGENT


class WebhookClient:
    """Implements `flows.toplyne.send.Backend`: posts signed JSON. It follows no redirects, and
    reads only the status and one header of an answer.
    """

    def __init__(self, http: HttpClient, url: str, secret: SecretStr, clock: Clock) -> None:
        self._http = http
        self._url = url
        self._secret = secret
        self._clock = clock  # a receiver compares it with its own

    async def post(self, delivery_id: str, body: str, seconds: float) -> Answered:
        """The result of one try, which takes no longer than `seconds`."""
        import httpx

        if self._http.is_closed:  # this process is stopping
            return Answered(0, "closed")
        try:
            async with asyncio.timeout(seconds):
                return await self._post(delivery_id, body)
        except (TimeoutError, httpx.TimeoutException):
            return Answered(0, TOO_SLOW)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answered(0, type(error).__name__)

    async def _post(self, delivery_id: str, body: str) -> Answered:
        async with self._http.stream(
            "POST",
            self._url,
            content=body.encode(),
            headers=self._headers(delivery_id, body),
            follow_redirects=False,
            timeout=None,  # the whole try has its own timeout
        ) as response:
            status = response.status_code
            retry_after = named_wait(response.headers.get("retry-after", ""))
        return Answered(status, "" if response.is_success else str(status), retry_after)

    def _headers(self, delivery_id: str, body: str) -> dict[str, str]:
        now = self._clock.now()
        signer = Signer(self._secret.get_secret_value())
        return {
            "content-type": "application/json",
            "user-agent": AGENT,
            "webhook-id": delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(delivery_id, now, body),
        }
