"""Pages of our own, outside Slack: their frame and the headers that keep them to themselves."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1d; --paper: #fff; --line: #6b6a6b;
  --main: #0b4f8a; --on-main: #fff; --wrong: #b0002a; --box: #f4f4f4; }
@media (prefers-color-scheme: dark) { :root { --ink: #f1f1f1; --paper: #1a1d21; --line: #a3a3a3;
  --main: #8ec5ff; --on-main: #10131a; --wrong: #ff9aa8; --box: #26292e; } }
* { box-sizing: border-box; }
body { font: 17px/1.5 system-ui, sans-serif; margin: 0; color: var(--ink);
  background: var(--paper); overflow-wrap: anywhere; }
main { max-width: 36rem; margin: 0 auto; padding: 8vh 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.1rem; }
a { color: var(--main); }
code { background: var(--box); padding: .1em .3em; border-radius: .2em; }
label { display: block; font-weight: 600; margin-top: 1.25rem; }
input { font: inherit; width: 100%; padding: .7rem; margin-top: .3rem; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; }
input[aria-invalid=true] { border: 2px solid var(--wrong); }
button { font: inherit; min-height: 2.9rem; padding: .6rem 1.4rem; border-radius: .4rem;
  cursor: pointer; border: 1px solid var(--main); background: var(--paper); color: var(--main); }
button[type=submit] { background: var(--main); color: var(--on-main); font-weight: 600; }
button[hidden] { display: none; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
.wrong { color: var(--wrong); font-weight: 600; margin: .3rem 0 0; }
.small { font-size: .94rem; }
"""
# Only what the page can do without: the form works where no script runs. The first line has reload
# and "back" ask for the page, and not send once more what was typed.
SCRIPT = """
history.replaceState(null, "");
for (const button of document.querySelectorAll("[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  const show = (plain) => {
    input.type = plain ? "text" : "password";
    button.setAttribute("aria-pressed", String(plain));
  };
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
}
"""
_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main><h1>{title}</h1>
{html}
</main><script>{script}</script></body>
</html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# They load nothing, no page frames them, and their address goes nowhere.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",  # browsers heed it over https only
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def full_page(title: str, html: str, status: int) -> HTMLResponse:
    """A page of one heading and what stands below it. `html` is escaped already."""
    page = _FRAME.format(title=escape(title), style=STYLE, html=html, script=SCRIPT)
    return HTMLResponse(page, status_code=status, headers=HEADERS)


def own_page(title: str, html: str, status: int) -> HTMLResponse:
    """A page of one heading and one paragraph. `html` is escaped already."""
    return full_page(title, f"<p>{html}</p>", status)


def is_same(expected: str, given: str) -> bool:
    """Takes as long for a wrong text as for the right one, and any text that a stranger sends."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
