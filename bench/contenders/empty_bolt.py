"""An empty Bolt app, for how long a start takes: no listener, no database."""

import os

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.routing import Route

app = AsyncApp(token="xoxb-1", signing_secret="bench")
handler = AsyncSlackRequestHandler(app)
api = Starlette(routes=[Route("/slack/events", handler.handle, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(api, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
