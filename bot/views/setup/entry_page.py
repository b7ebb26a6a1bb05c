"""The one-time page on which a secret is entered: pure functions to HTML that is all escaped."""

import re
from collections.abc import Iterable
from html import escape

from bot.strings import entry as strings
from bot.strings import setup as common
from bot.strings import write_back
from bot.strings.blockers import BLOCKERS
from bot.views.kit.links import Page, segment_url
from bot.views.kit.wording import error_text
from bot.views.setup.credentials import eu_words, token_sentence
from bot.views.setup.entry import Entry
from bot.views.setup.write_back import key_sentence
from flows.errors import Field, FieldError
from flows.model import Screen
from flows.setup.blockers import Blocker
from flows.setup.results import ShowStep
from flows.vocabulary import Plan

CSRF, TOLD, SLUG, SECRET = "check", "told", "slug", "secret"  # the form's fields
_INPUT_OF = {Field.SLUG: SLUG, Field.TOKEN: SECRET, Field.WRITE_KEY: SECRET}
_BOLD, _CODE = re.compile(r"\*([^*]+)\*"), re.compile(r"`([^`]+)`")


def entry_form(shown: ShowStep, csrf: str, entry: Entry, said: str = "") -> str:
    """The form of a screen's secret, with mistakes at its fields. `said` stands above it."""
    integration, free = shown.situation.integration, shown.situation.integration.plan is Plan.FREE
    is_token = shown.screen is Screen.CREDENTIALS
    steps = BLOCKERS[Blocker.CREDENTIALS_MISSING].steps if is_token else write_back.STEPS
    page = Page.TOKENS if is_token else Page.HTTP_API
    label = common.TOKEN_LABEL if is_token else write_back.LABEL
    sentence = token_sentence(entry) if is_token else key_sentence()
    told = entry.takes_secrets or not is_token
    slug = _input(
        SLUG, common.SLUG_LABEL, shown.errors, hint=common.SLUG_HINT, value=shown.typed.slug
    )
    elsewhere = _paragraph(eu_words(integration) if is_token else "", "small")
    open_segment = escape(segment_url(page, integration))
    return f"""{_paragraph(said, "wrong", role="alert")}{_summary(shown.errors)}
<h2>{escape(strings.HOW[shown.screen])}</h2>
<ol>{"".join(f"<li>{_marked(step)}</li>" for step in steps)}</ol>
<p><a href="{open_segment}" target="_blank" rel="noopener noreferrer">{strings.OPEN_SEGMENT}</a></p>
{elsewhere}<form method="post" autocomplete="off">
<input type="hidden" name="{CSRF}" value="{escape(csrf)}">
<input type="hidden" name="{TOLD}" value="{"1" if told else ""}">
{slug if is_token and free else ""}{_input(SECRET, label, shown.errors, hint="", value=None)}
<div class="row">
<button type="submit">{strings.CHECK}</button>
<button type="button" hidden data-shows="{SECRET}" aria-pressed="false">{strings.SHOW}</button>
</div>
</form>
<p class="small">{_marked(sentence)}</p>
<p class="small">{strings.YOURS}</p>"""


def _input(
    name: str, label: str, errors: Iterable[FieldError], *, hint: str, value: str | None
) -> str:
    """An input with its label, hint and mistake. `value` None: a secret, which is never drawn."""
    wrong = next((page_text(e) for e in errors if _INPUT_OF.get(e.field) == name), "")
    described = [f"{name}-{what}" for what, text in (("error", wrong), ("hint", hint)) if text]
    secret = value is None
    attributes = [
        f'type="{"password" if secret else "text"}"',
        f'id="{name}" name="{name}" required autocapitalize="none" spellcheck="false"',
        'autocomplete="off"',
        *([] if secret else [f'value="{escape(value or "")}"']),
        *([f'aria-describedby="{" ".join(described)}"'] if described else []),
        *(['aria-invalid="true"'] if wrong else []),
        *(["autofocus"] if secret else []),
    ]
    return (
        f'<label for="{name}">{escape(label)}</label>\n<input {" ".join(attributes)}>\n'
        f"{_paragraph(wrong, 'wrong', id=f'{name}-error')}"
        f"{_paragraph(hint, 'small', id=f'{name}-hint')}"
    )


def _summary(errors: Iterable[FieldError]) -> str:
    """What is wrong, said at once to those who hear the page; the field says what."""
    errors = tuple(errors)
    elsewhere = [page_text(e) for e in errors if e.field not in _INPUT_OF]
    words = " ".join([strings.WRONG, *elsewhere]) if errors else ""
    return _paragraph(words, "wrong", role="alert")


def page_text(error: FieldError) -> str:
    """The words that Slack shows, where they fit a page."""
    return strings.ERRORS.get((error.field, error.code)) or error_text(error)


def paragraphs(*texts: str) -> str:
    return "\n".join(f"<p>{escape(text)}</p>" for text in texts)


def _paragraph(text: str, kind: str, **attributes: str) -> str:
    if not text:
        return ""
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<p class="{kind}"{said}>{escape(text)}</p>\n'


def _marked(text: str) -> str:
    """Our own texts for Slack, with their marks as HTML."""
    return _CODE.sub(r"<code>\1</code>", _BOLD.sub(r"<b>\1</b>", escape(text)))
