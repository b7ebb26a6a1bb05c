"""Pages of our own, outside Slack: their frame and the headers that keep them to themselves."""

from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

from bot.strings import oauth as strings

# They load nothing, no page frames them, and their address goes nowhere.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",  # browsers heed it over https only
    "X-Content-Type-Options": "nosniff",
}


def own_page(title: str, html: str, status: int) -> HTMLResponse:
    """A page of one heading and one paragraph. `html` is escaped already."""
    page = strings.PAGE.format(title=escape(title), text=html)
    return HTMLResponse(page, status_code=status, headers=HEADERS)
