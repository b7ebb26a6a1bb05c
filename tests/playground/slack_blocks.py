"""One valid example of each block and element, and shorthands to write them."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str, value: str = "", **more: Any) -> Json:
    return {"text": plain(text), "value": value or text.lower(), **more}


def input_block(label: str, block_id: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "value"} | element,
        **more,
    }


def text_input(label: str, block_id: str, **element: Any) -> Json:
    return input_block(label, block_id, {"type": "plain_text_input", **element})


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal that can be submitted."""
    view = {"type": "modal", "title": plain("Small"), "submit": plain("Go"), "blocks": list(blocks)}
    return view | more


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("It *stays* so."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
    "style": "danger",
}
IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A picture"}
OPTIONS = [option("One"), option("Two", description=plain("The second"))]
RICH_TEXT = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Bold", "style": {"bold": True}},
                {"type": "link", "url": "mailto:a@example.com", "text": "Write"},
                {"type": "user", "user_id": "U1"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "emoji", "name": "tada"},
                {"type": "broadcast", "range": "here"},
                {
                    "type": "date",
                    "timestamp": 1_700_000_000,
                    "format": "{date}",
                    "fallback": "then",
                },
            ],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "item"}]}
            ],
        },
    ],
}
PLACEHOLDER = {"placeholder": plain("Pick")}
PICKERS: list[Json] = [
    {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0], **PLACEHOLDER},
    {
        "type": "multi_static_select",
        "option_groups": [{"label": plain("Group"), "options": OPTIONS}],
        "max_selected_items": 2,
    },
    {"type": "external_select", "min_query_length": 0, **PLACEHOLDER},
    {"type": "multi_external_select", "initial_options": OPTIONS, "max_selected_items": 3},
    {"type": "users_select", "initial_user": "U1"},
    {"type": "multi_users_select", "initial_users": ["U1"]},
    {"type": "channels_select", "initial_channel": "C1"},
    {"type": "multi_channels_select", "initial_channels": ["C1"]},
    {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {"include": ["im"], "exclude_bot_users": True},
    },
    {"type": "multi_conversations_select", "initial_conversations": ["C1"]},
    {"type": "datepicker", "initial_date": "2026-01-31", "confirm": CONFIRM},
    {"type": "timepicker", "initial_time": "23:59", "timezone": "Europe/Berlin"},
    {"type": "radio_buttons", "options": OPTIONS, "initial_option": OPTIONS[1]},
    {"type": "checkboxes", "options": OPTIONS, "initial_options": [OPTIONS[0]]},
]
INPUTS: list[Json] = [
    {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": 9},
    {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": "1",
        "initial_value": "2",
        "max_value": "3",
    },
    {"type": "email_text_input", **PLACEHOLDER},
    {"type": "url_text_input", "initial_value": "https://example.com"},
    {"type": "datetimepicker", "initial_date_time": 1_700_000_000},
    {
        "type": "rich_text_input",
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
]
CARD = {
    "type": "card",
    "title": mrkdwn("Title"),
    "subtitle": mrkdwn("Below"),
    "body": mrkdwn("Body"),
    "hero_image": IMAGE,
    "actions": [button("Go", "go")],
}
TASK = {
    "type": "task_card",
    "task_id": "1",
    "title": "Look",
    "status": "in_progress",
    "details": RICH_TEXT,
    "sources": [{"type": "url", "url": "https://example.com", "text": "Source"}],
}
SHARED: list[Json] = [
    section("Text *bold*", accessory=button("Go", "go", url="https://example.com", value="v")),
    {"type": "section", "fields": [mrkdwn("a"), plain("b")], "expand": True},
    {
        "type": "section",
        "text": mrkdwn("With a menu"),
        "accessory": {"type": "overflow", "options": OPTIONS},
    },
    {"type": "context", "elements": [mrkdwn("small"), IMAGE]},
    {"type": "header", "text": plain("Head")},
    {"type": "divider"},
    IMAGE | {"title": plain("Picture")},
    actions(button("Sure", "sure", style="primary", confirm=CONFIRM), block_id="row"),
    RICH_TEXT,
    CARD,
    *[actions(picker | {"action_id": "a"}) for picker in PICKERS],
    *[
        input_block(f"Label {n}", f"in{n}", element, hint=plain("Hint"), optional=True)
        for n, element in enumerate([*PICKERS, *INPUTS[:-1]])
    ],
    input_block("Rich", "rich", INPUTS[-1], dispatch_action=True),
]
CELL = {"type": "raw_text", "text": "a"}
TABLE = {
    "type": "table",
    "rows": [
        [{"type": "raw_text", "text": "a"}, RICH_TEXT],
        [{"type": "raw_text", "text": "b"}] * 2,
    ],
    "column_settings": [{"align": "right", "is_wrapped": True}],
}
ONLY: dict[str, list[Json]] = {
    "modal": [{"type": "alert", "text": plain("Careful"), "level": "warning"}],
    "home": [TABLE],
    "message": [
        TABLE,
        TASK,
        {"type": "plan", "title": "Plan", "tasks": [TASK]},
        {"type": "markdown", "text": "**bold**"},
    ],
}


def examples(surface: str) -> list[Json]:
    """All blocks that this surface accepts."""
    return SHARED + ONLY[surface]
