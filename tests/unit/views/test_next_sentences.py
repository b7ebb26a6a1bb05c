"""Every sentence after *Next:* is an instruction, short, about one thing, and in plain words."""

import re
from collections.abc import Iterator

import pytest

from bot.strings import blockers, cards, next_steps
from tests.unit.views.every_view import every_home, every_message, every_modal, words
from tests.unit.views.test_strings import MODULES, texts

SAID = re.compile(r"Next:\*? (?P<said>[^{][^\n]*)")
SENTENCE = re.compile(r"(?<=[^.])\. (?=[A-Z{])")
# What a person can be told to do.
VERBS = frozenset(
    word
    for line in (
        "add answer ask change check choose close connect copy correct create delete enter go have",
        "invite look offer open prepare press reach read request revoke say see send show start",
        "switch try type upgrade use wait write",
    )
    for word in line.split()
)
# A card says so at its usual place, so that a CSM sees at once that nobody waits.
NOTHING = cards.NEXT_SETTLED
JARGON = re.compile(
    r"\b(blockers?|integrations?|tenants?|payloads?|webhooks?|revisions?|polls?|endpoints?|outbox"
    r"|submit|configure|credentials?|utili[sz]e|proceed)\b",
    re.I,
)
LONGEST = 125
HOW_LONG = re.compile(r"takes (about )?[\w]+ minutes?")


def instructions() -> Iterator[str]:
    for module in MODULES:
        for text in texts(module):
            yield from (found["said"] for found in SAID.finditer(text))
    yield from (text.next for text in blockers.BLOCKERS.values())
    for table in (cards.NEXT_BY_BLOCKER, cards.NEXT_BY_WAITING, cards.NEXT_MATTER):
        yield from table.values()
    for module in (cards, next_steps):
        for name, value in vars(module).items():
            if re.search(r"_NEXT(_PLAIN)?$|^NEXT_", name):
                yield from [value] * isinstance(value, str) + [*value] * isinstance(value, tuple)


ALL = sorted({*instructions()} - {NOTHING})


def test_there_are_as_many_as_one_sees() -> None:
    assert len(ALL) > 100


def test_each_is_an_instruction() -> None:
    for said in ALL:
        verb = re.match(r"[a-z]+", said.removeprefix("Next: "))
        assert verb, said
        assert verb.group() in VERBS, said


def test_each_is_one_thing_in_plain_words() -> None:
    for said in ALL:
        first = SENTENCE.split(said)[0]
        assert len(first) <= LONGEST, first
        assert len(re.findall(r"\bor\b", first)) + len(re.findall(r"\bthen\b", first)) <= 1, first
        assert not JARGON.search(first), first


def test_so_is_what_follows_next_in_all_that_is_drawn() -> None:
    drawn = [*every_modal(), *every_home(), *every_message()]
    said = {found["said"] for text in words(drawn) for found in SAID.finditer(text)}
    assert len(said) > 90
    assert {each.split()[0].rstrip(";,.") for each in said - {NOTHING}} <= VERBS


@pytest.mark.parametrize("blocker", blockers.BLOCKERS)
def test_the_screen_says_how_long_it_takes_and_not_the_blocker(blocker: blockers.Blocker) -> None:
    assert "minute" not in blockers.BLOCKERS[blocker].next


def test_no_line_names_two_times() -> None:
    drawn = [*every_modal(), *every_home(), *every_message()]
    timed = [line for text in words(drawn) for line in text.splitlines() if HOW_LONG.search(line)]
    assert len(timed) > 20
    assert [line for line in timed if len(HOW_LONG.findall(line)) > 1] == []
