"""bolt-python as documented, for many workspaces: its own OAuth stores, and SQLAlchemy's sessions.

https://docs.slack.dev/tools/bolt-python/concepts/authenticating-oauth/
https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
"""

import json
import os
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.routing import Route

SCREENS = json.loads((Path(__file__).parent / "screens.json").read_text())

engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATABASE']}")
async_session = async_sessionmaker(engine, expire_on_commit=False)
store = AsyncSQLAlchemyInstallationStore(client_id="1.1", engine=engine)
app = AsyncApp(
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    client=AsyncWebClient(base_url=os.environ["SLACK_API_URL"]),
    oauth_settings=AsyncOAuthSettings(
        client_id="1.1", client_secret="client", scopes=["commands"], installation_store=store
    ),
)


class Base(DeclarativeBase):
    pass


class SetUp(Base):
    __tablename__ = "setups"
    team_id: Mapped[str] = mapped_column(primary_key=True)
    bot_token: Mapped[str]
    workspace: Mapped[str]
    sources: Mapped[str]
    failed_tries: Mapped[int]


class Event(Base):
    __tablename__ = "events"
    id: Mapped[str] = mapped_column(primary_key=True)


async def draw(name, team_id):
    async with async_session() as session:
        setup = await session.get_one(SetUp, team_id)
    lines = "\n".join(f"*{label}*: {state}" for label, state in json.loads(setup.sources))
    return fill(SCREENS[name], {"%SOURCES%": lines, "%TEAM%": team_id})


def fill(part, values):
    if isinstance(part, dict):
        return {key: fill(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [fill(value, values) for value in part]
    return values.get(part, part) if isinstance(part, str) else part


@app.command("/segment")
async def handle_segment(ack, body, client):
    if body["text"] == "status":
        await ack(await draw("status", body["team_id"]))
        return
    await ack()
    view = await draw("live_sync", body["team_id"])
    await client.views_open(trigger_id=body["trigger_id"], view=view)


@app.action("go_to")
async def handle_go_to(ack, body, client):
    await ack()
    view = await draw("sources", body["team"]["id"])
    await client.views_update(view_id=body["view"]["id"], view=view)


@app.view("setup_credentials")
async def handle_credentials(ack, body):
    async with async_session() as session, session.begin():
        setup = await session.get_one(SetUp, body["team"]["id"])
        setup.failed_tries += 1
    errors = {"field_token": "This does not look like a token."}
    await ack(response_action="errors", errors=errors)


@app.event("app_home_opened")
async def handle_home(event, body, client):
    await remember(body["event_id"])
    await client.views_publish(user_id=event["user"], view=await draw("home", body["team_id"]))


@app.event("message")
async def handle_message(body):
    await remember(body["event_id"])


async def remember(event_id):
    async with async_session() as session, session.begin():
        session.add(Event(id=event_id))


@asynccontextmanager
async def lifespan(_api):
    """Each workspace installed it once."""
    async with engine.begin() as connection:
        await connection.run_sync(store.metadata.create_all)
    async with async_session() as session:
        setups = (await session.scalars(select(SetUp))).all()
    for setup in setups:
        await store.async_save(
            Installation(
                app_id="A1",
                team_id=setup.team_id,
                user_id="U1",
                bot_token=setup.bot_token,
                bot_id="B1",
                bot_user_id="U0BOT",
            )
        )
    yield


async def endpoint(request):
    return await AsyncSlackRequestHandler(app).handle(request)


api = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(api, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
