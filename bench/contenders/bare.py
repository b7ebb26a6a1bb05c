"""The limit: ASGI with nothing around the work, which is prepared text, one read and one call."""

import hashlib
import hmac
import json
import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import parse_qsl

import aiohttp
import psycopg
import uvicorn

SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()
API = os.environ["SLACK_API_URL"]
SCREENS = {
    name: json.dumps(screen)
    for name, screen in json.loads((Path(__file__).parent / "screens.json").read_text()).items()
}
READ = "SELECT bot_token, workspace, sources FROM setups WHERE team_id = %s"
FAILED = "UPDATE setups SET failed_tries = failed_tries + 1 WHERE team_id = %s"
STORE_EVENT = "INSERT INTO events VALUES (%s) ON CONFLICT DO NOTHING"
ERRORS = b'{"response_action":"errors","errors":{"field_token":"This does not look like a token."}}'


class Sqlite:
    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA synchronous = NORMAL")

    async def execute(self, statement: str, value: str) -> sqlite3.Cursor:
        return self.connection.execute(statement.replace("%s", "?"), (value,))

    async def read(self, team_id: str) -> tuple[str, str, str]:
        return (await self.execute(READ, team_id)).fetchone()

    async def close(self) -> None:
        self.connection.close()


class Postgres:
    """One connection: what comes while it is busy waits for its turn."""

    def __init__(self, connection: psycopg.AsyncConnection) -> None:
        self.connection = connection

    async def execute(self, statement: str, value: str) -> psycopg.AsyncCursor:
        return await self.connection.execute(statement, (value,), prepare=True)

    async def read(self, team_id: str) -> tuple[str, str, str]:
        return await (await self.execute(READ, team_id)).fetchone()

    async def close(self) -> None:
        await self.connection.close()


async def open_database(address: str) -> Sqlite | Postgres:
    if address.startswith("postgresql"):
        return Postgres(await psycopg.AsyncConnection.connect(address, autocommit=True))
    return Sqlite(address)


database: Sqlite | Postgres
session: aiohttp.ClientSession


async def draw(name: str, team_id: str) -> tuple[str, str]:
    """The screen as text, and the token of the workspace."""
    token, _, sources = await database.read(team_id)
    lines = "\n".join(f"*{label}*: {state}" for label, state in json.loads(sources))
    text = SCREENS[name].replace("%SOURCES%", json.dumps(lines)[1:-1]).replace("%TEAM%", team_id)
    return text, token


async def call(method: str, token: str, payload: str) -> None:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json; charset=utf-8",
    }
    async with session.post(API + method, data=payload.encode(), headers=headers) as answer:
        if not (await answer.json())["ok"]:
            raise RuntimeError(method)


def is_signed(headers: dict[bytes, bytes], body: bytes) -> bool:
    timestamp = headers.get(b"x-slack-request-timestamp", b"0")
    if abs(time.time() - int(timestamp)) > 300:
        return False
    mac = hmac.new(SECRET, b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={mac}".encode(), headers.get(b"x-slack-signature", b""))


async def answer_command(form: dict[str, str]) -> tuple[int, bytes]:
    if form["command"] != "/segment":
        return 404, b""
    if form["text"] == "status":
        text, _ = await draw("status", form["team_id"])
        return 200, text.encode()
    view, token = await draw("live_sync", form["team_id"])
    payload = f'{{"trigger_id":{json.dumps(form["trigger_id"])},"view":{view}}}'
    await call("views.open", token, payload)
    return 200, b""


async def answer_interaction(payload: dict) -> tuple[int, bytes]:
    team_id = payload["team"]["id"]
    if payload["type"] == "view_submission":
        await database.execute(FAILED, team_id)
        return 200, ERRORS
    view, token = await draw("sources", team_id)
    await call("views.update", token, f'{{"view_id":"{payload["view"]["id"]}","view":{view}}}')
    return 200, b""


async def answer_event(body: dict) -> tuple[int, bytes]:
    event = body["event"]
    await database.execute(STORE_EVENT, body["event_id"])
    if event["type"] == "app_home_opened":
        view, token = await draw("home", body["team_id"])
        await call("views.publish", token, f'{{"user_id":"{event["user"]}","view":{view}}}')
    return 200, b""


async def app(scope, receive, send) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
        return
    body = (await receive())["body"]
    headers = dict(scope["headers"])
    if not is_signed(headers, body):
        status, answer = 401, b""
    elif headers[b"content-type"].startswith(b"application/json"):
        status, answer = await answer_event(json.loads(body))
    else:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "payload" in form:
            status, answer = await answer_interaction(json.loads(form["payload"]))
        else:
            status, answer = await answer_command(form)
    length = (b"content-length", str(len(answer)).encode())
    head = [length, (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": answer})


async def live(receive, send) -> None:
    global database, session
    await receive()
    database = await open_database(os.environ["DATABASE"])
    session = aiohttp.ClientSession()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await session.close()
    await database.close()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
