"""What an operator types behind a command, checked in one place before it is used."""

import typer

LARGEST = 2**63 - 1  # of the numbers that a database counts with


def plain(value: str) -> str:
    """Checks a text: the bytes that were typed may be none, and a database takes no others."""
    if not value.strip():
        raise typer.BadParameter("it is empty")
    if not value.isprintable():
        raise typer.BadParameter("it holds signs that cannot be printed: copy it once more")
    return value


def host_name(value: str) -> str:
    """Checks an address to listen on: whether a resolver can be asked for it at all."""
    try:
        plain(value).encode("idna")
    except UnicodeError as error:
        raise typer.BadParameter("it is no name or address of a machine") from error
    return value
