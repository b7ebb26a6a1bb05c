"""What sets one made-up customer apart from the others: ids, owner, and a word of its own."""

OF_ONE_CSM = 200  # customers
_SYLLABLES = tuple(a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "é", "ö"))


def tenant(number: int) -> str:
    return f"T{number:08}"


def setup(number: int) -> str:
    return f"int_{number:08}"


def csm(number: int, count: int) -> str:
    """Who looks after this customer, among so many customers."""
    return f"U0CSM{number % max(2, count // OF_ONE_CSM)}"


def own_word(number: int) -> str:
    """A word that only one customer has in its name."""
    word, base = "", len(_SYLLABLES)
    for _ in range(4):
        number, last = divmod(number, base)
        word += _SYLLABLES[last]
    return word.capitalize()
