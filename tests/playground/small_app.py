"""A tiny Slack app for tests of the playground."""

from typing import Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Small"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "Small"},
        "shortcuts": [
            {
                "name": "Small form",
                "type": "global",
                "callback_id": "form",
                "description": "Open it",
            }
        ],
        "slash_commands": [
            {"command": "/small", "url": "https://app.example/slack/events", "description": "Ask"}
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {
        "event_subscriptions": {
            "request_url": "https://app.example/slack/events",
            "bot_events": ["app_home_opened"],
        },
        "interactivity": {
            "is_enabled": True,
            "request_url": "https://app.example/slack/events",
            "message_menu_options_url": "https://app.example/slack/events",
        },
    },
}


def small_app(api_url: str, token: str, signing_secret: str) -> Starlette:
    """`/small` opens a form. A short name is refused, a long one gets a message."""
    client = AsyncWebClient(token=token, base_url=api_url)
    # Without a name, Bolt looks through all modules for the file that made it.
    app = AsyncApp(
        name="small",
        client=client,
        signing_secret=signing_secret,
        process_before_response=True,
    )
    _listen(app)
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])


def _listen(app: AsyncApp) -> None:
    @app.command("/small")
    async def _command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=_form())
        await ack()

    @app.shortcut("form")
    async def _shortcut(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=_form())
        await ack()

    @app.options("fruit")
    async def _fruits(ack: Any, payload: dict[str, Any]) -> None:
        fruits = [f for f in ("Apple", "Apricot", "Pear") if f.lower().startswith(payload["value"])]
        await ack(options=[{"text": _plain(f), "value": f.lower()} for f in fruits])

    @app.view("form")
    async def _submitted(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        values = body["view"]["state"]["values"]
        name = values["name"]["name"]["value"]
        if len(name) < 3:
            await ack(response_action="errors", errors={"name": "Too short."})
            return
        await ack()
        fruit = values["fruit"]["fruit"]["selected_option"]
        liked = f" likes {fruit['value']}" if fruit else ""
        await client.chat_postMessage(
            channel=body["user"]["id"],
            text=f"{name}{liked}",
            blocks=[
                {"type": "section", "text": {"type": "mrkdwn", "text": f"*{name}*{liked}"}},
                {
                    "type": "actions",
                    "elements": [
                        {"type": "button", "action_id": "thanks", "text": _plain("Thanks")}
                    ],
                },
            ],
        )

    @app.action("thanks")
    async def _thanks(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="You are welcome.", replace_original=True)

    @app.event("app_home_opened")
    async def _home(event: dict[str, Any], client: AsyncWebClient) -> None:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": "Hello from Home"}}
        view = {"type": "home", "blocks": [block]}
        await client.views_publish(user_id=event["user"], view=view)


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def _form() -> dict[str, Any]:
    fruit = {"type": "external_select", "action_id": "fruit", "min_query_length": 1}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": _plain("Small form"),
        "submit": _plain("Send"),
        "blocks": [
            {
                "type": "input",
                "block_id": "name",
                "label": _plain("Name"),
                "element": {"type": "plain_text_input", "action_id": "name"},
            },
            {
                "type": "input",
                "block_id": "fruit",
                "optional": True,
                "label": _plain("Fruit"),
                "element": fruit,
            },
        ],
    }
