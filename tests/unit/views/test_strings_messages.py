"""The tone of every text about messages, status, Home and cards."""

import re
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from bot.strings import cards, events, home, messages, next_steps, status
from flows.checks.question import CheckKind
from flows.model import Screen
from flows.setup.blockers import Blocker

MODULES = [cards, events, home, messages, next_steps, status]
FORBIDDEN = re.compile(
    r"\b(flows?|drops?|dropped|hand-?offs?|setup|please note|simply|just|invalid)\b|!", re.I
)
EMOJI = re.compile(r":[a-z_]+:|[\U0001F300-\U0001FAFF\u2600-\u27BF]")


def texts(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if name.isupper():
            yield from _texts_in(value)


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts_in(inner)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_plain_words_without_shouting_or_jargon(module: ModuleType) -> None:
    every = list(texts(module))
    assert len(every) > 5
    for text in every:
        found = FORBIDDEN.search(text)
        assert not found, f"{found and found.group()!r} in {text!r}"
        assert not EMOJI.search(text), text


def test_every_table_is_complete() -> None:
    assert set(messages.TASK) == set(messages.DURATION) == set(messages.NEED) == set(Screen)
    assert set(messages.CHECK_GOOD) == set(messages.CHECK_BAD) == set(CheckKind)
    assert set(next_steps.BUTTON) == set(Blocker)


def test_buttons_are_short_enough_for_a_phone() -> None:
    labels = [
        value
        for module in MODULES
        for name, value in vars(module).items()
        if name.endswith("_BUTTON")
    ]
    labels += next_steps.BUTTON.values()
    assert len(labels) > 20
    assert all(len(label) <= 30 for label in labels)
