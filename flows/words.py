"""The words of names, as they are stored and as people search them."""

import re
import unicodedata
from collections.abc import Iterable, Set

MOST_WORDS, LONGEST_WORD = 100, 40
_UNMARKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"[^\W_]+")
_WITHOUT_BLANKS = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def words_of(text: str) -> Set[str]:
    """The words of names, without case and accents, as they are stored and as they are looked for.

    Where a script puts no blanks between words, each sign begins one.
    """
    found: dict[str, None] = {}
    for word in words_typed(text):
        starts = [0, *(sign.start() for sign in _WITHOUT_BLANKS.finditer(word))]
        found |= dict.fromkeys(word[start:][:LONGEST_WORD] for start in starts)
    return frozenset(list(found)[:MOST_WORDS])


def words_typed(text: str) -> list[str]:
    """The words of what somebody looks for, in their order: each begins a word of a name."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFKC", plain).casefold().translate(_UNMARKED)
    return [word[:LONGEST_WORD] for word in dict.fromkeys(_WORD.findall(folded))]


def has_words(name: str, typed: Iterable[str]) -> bool:
    """Whether each of these begins a word of the name."""
    words = words_of(name)
    return all(any(word.startswith(each) for word in words) for each in typed)
