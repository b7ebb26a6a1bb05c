"""The same work on bare ASGI: signature, form, one read of the set-up, `views.open`, 200."""

import json
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.views.setup.screen import step_view
from flows.recording import Recorder
from flows.setup.blockers import current_screen
from flows.setup.results import ShowStep
from flows.vocabulary import Actor


class BareApp:
    """No framework between the socket and the work; the token is known, the view is built anew."""

    def __init__(
        self, recorder: Recorder, session: aiohttp.ClientSession, api_url: str, secret: str
    ) -> None:
        self._recorder = recorder
        self._session = session
        self._url = f"{api_url}views.open"
        self._verifier = SignatureVerifier(secret)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if not self._verifier.is_valid_request(body, headers):
            raise ValueError("unsigned")
        form = dict(parse_qsl(body.decode()))
        team_id = form["team_id"]
        situation = await self._recorder.of_team(Actor(team_id, team_id, form["user_id"]))
        if situation is None:
            raise LookupError(team_id)
        screen = current_screen(situation.integration, situation.observed)
        view = step_view(ShowStep(screen, situation)).to_dict()
        payload = json.dumps({"trigger_id": form["trigger_id"], "view": view}).encode()
        token = {"Authorization": "Bearer xoxb-bench", "Content-Type": "application/json"}
        async with self._session.post(self._url, data=payload, headers=token) as answer:
            await answer.read()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
