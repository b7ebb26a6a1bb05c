"""bolt-python with what it lets one tune: one session, a cached authorize, few middlewares."""

import json
import os
import sqlite3
from contextlib import asynccontextmanager
from logging import getLogger
from pathlib import Path

import aiohttp
import uvicorn
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

SCREENS = {
    name: json.dumps(screen)
    for name, screen in json.loads((Path(__file__).parent / "screens.json").read_text()).items()
}

database = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
database.execute("PRAGMA synchronous = NORMAL")
known: dict[str, AuthorizeResult] = {}


async def authorize(team_id):
    if team_id not in known:
        query = "SELECT bot_token FROM setups WHERE team_id = ?"
        token = database.execute(query, (team_id,)).fetchone()[0]
        known[team_id] = AuthorizeResult(
            enterprise_id=None, team_id=team_id, bot_token=token, bot_id="B1", bot_user_id="U0BOT"
        )
    return known[team_id]


client = AsyncWebClient(base_url=os.environ["SLACK_API_URL"], retry_handlers=[])
app = AsyncApp(
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    client=client,
    authorize=authorize,
    ignoring_self_events_enabled=False,
    ssl_check_enabled=False,
    url_verification_enabled=False,
    attaching_function_token_enabled=False,
    attaching_conversation_kwargs_enabled=False,
)


def draw(name, team_id):
    """As text, which the client passes on as it is."""
    row = database.execute("SELECT sources FROM setups WHERE team_id = ?", (team_id,)).fetchone()
    lines = "\n".join(f"*{label}*: {state}" for label, state in json.loads(row[0]))
    text = SCREENS[name].replace("%SOURCES%", json.dumps(lines)[1:-1])
    return text.replace("%TEAM%", team_id)


@app.command("/segment")
async def handle_segment(ack, body, client):
    if body["text"] == "status":
        await ack(json.loads(draw("status", body["team_id"])))
        return
    await ack()
    view = draw("live_sync", body["team_id"])
    await client.api_call("views.open", json={"trigger_id": body["trigger_id"], "view": view})


@app.action("go_to")
async def handle_go_to(ack, body, client):
    await ack()
    view = draw("sources", body["team"]["id"])
    await client.api_call("views.update", json={"view_id": body["view"]["id"], "view": view})


@app.view("setup_credentials")
async def handle_credentials(ack, body):
    database.execute(
        "UPDATE setups SET failed_tries = failed_tries + 1 WHERE team_id = ?",
        (body["team"]["id"],),
    )
    errors = {"field_token": "This does not look like a token."}
    await ack(response_action="errors", errors=errors)


@app.event("app_home_opened")
async def handle_home(event, body, client):
    database.execute("INSERT OR IGNORE INTO events VALUES (?)", (body["event_id"],))
    view = draw("home", body["team_id"])
    await client.api_call("views.publish", json={"user_id": event["user"], "view": view})


@app.event("message")
async def handle_message(body):
    database.execute("INSERT OR IGNORE INTO events VALUES (?)", (body["event_id"],))


async def endpoint(request):
    answer = await app.async_dispatch(to_async_bolt_request(request, await request.body()))
    return to_starlette_response(answer)


@asynccontextmanager
async def lifespan(_api):
    async with aiohttp.ClientSession() as session:
        client.session = session
        yield


api = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])], lifespan=lifespan)

if __name__ == "__main__":
    getLogger("slack_bolt").setLevel("ERROR")
    uvicorn.run(api, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
