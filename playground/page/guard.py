"""Only a browser on this machine may use the page, and only from the page itself."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Endpoint = Callable[[Request], Awaitable[Response]]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guarded(endpoint: Endpoint) -> Endpoint:
    """Refuse foreign hosts and foreign pages with 403, and add the security headers."""

    async def guard(request: Request) -> Response:
        refusal = _refusal(request)
        response = refused(refusal, 403) if refusal else await endpoint(request)
        response.headers.update(_HEADERS)
        return response

    return guard


def refused(error: str, status: int) -> JSONResponse:
    return JSONResponse({"ok": False, "error": error}, status)


def _refusal(request: Request) -> str:
    # Requiring a loopback host name stops pages that point their own name at this machine.
    if urlsplit(f"//{request.headers.get('host', '')}").hostname not in _LOOPBACK:
        return "This page answers on this machine only."
    if request.method == "POST" and not _is_same_origin(request):
        return "Only the playground's own page may do this."
    return ""


def _is_same_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    # A browser always sends an Origin with a POST. A script on this machine sends none.
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
