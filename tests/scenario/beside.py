"""What the top modal shows at its inputs: errors, and what was typed."""

from playground.slack.person import Person


def said_beside(person: Person, block: str) -> str:
    """The only error on the screen, which is at this input (a nonce may follow its id)."""
    assert person.modal is not None
    assert [each.partition(":")[0] for each in person.modal.errors] == [block]
    return str(next(iter(person.modal.errors.values())))


def typed(person: Person, block: str) -> str | None:
    """The content of a text input in the top modal."""
    assert person.modal is not None
    values = {key[0].partition(":")[0]: value for key, value in person.modal.typed.items()}
    found: str | None = values[block]["value"]
    return found
