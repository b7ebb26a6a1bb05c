"""The table of rich text."""

from playground.slack.blocks.composition import ANY_URL, ID
from playground.slack.blocks.spec import (
    Check,
    boolean,
    integer,
    list_of,
    one_of,
    shape,
    string,
    typed,
)

_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_STYLED: dict[str, Check] = {"style": _STYLE}
_BORDER: dict[str, Check] = {"border": one_of(0, 1)}
_MANY = 1_000

_TEXT = shape({"text": string(12_000)}, _STYLED)
_LINK = shape(
    {"url": string(3000, pattern=ANY_URL)},
    _STYLED | {"text": string(3000), "unsafe": boolean},
)
INLINE: dict[str, Check] = {
    "text": _TEXT,
    "link": _LINK,
    "user": shape({"user_id": ID}, _STYLED),
    "channel": shape({"channel_id": ID}, _STYLED),
    "usergroup": shape({"usergroup_id": ID}, _STYLED),
    "team": shape({"team_id": ID}, _STYLED),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _STYLED),
    "emoji": shape({"name": string(100)}, _STYLED | {"unicode": string(100)}),
    "color": shape({"value": string(7, pattern=r"#[0-9a-fA-F]{6}")}, _STYLED),
    "date": shape(
        {"timestamp": integer(0, 9_999_999_999), "format": string(255)},
        _STYLED | {"fallback": string(255), "url": string(3000, pattern=ANY_URL)},
    ),
}
_INLINES = list_of(typed(INLINE), _MANY)
_SECTION = shape({"elements": _INLINES})

PARTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": shape({"elements": _INLINES}, _BORDER),
    "rich_text_preformatted": shape(
        {"elements": list_of(typed({"text": _TEXT, "link": _LINK}), _MANY)},
        _BORDER | {"language": string(100)},
    ),
    "rich_text_list": shape(
        {
            "elements": list_of(typed({"rich_text_section": _SECTION}), _MANY, 1),
            "style": one_of("bullet", "ordered"),
        },
        _BORDER | {"indent": integer(0, 8), "offset": integer(0, 1_000_000)},
    ),
}
RICH_TEXT = shape({"elements": list_of(typed(PARTS), _MANY)}, {"block_id": ID})
RICH_TEXT_BLOCK = typed({"rich_text": RICH_TEXT})
