"""How a command ends that cannot do what was asked: one line for the operator, and status 1."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer

T = TypeVar("T")


def fail(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(1)


def run(work: Coroutine[Any, Any, T], otherwise: str) -> T:
    """What the work comes to. If the database cannot be used, the command fails: with `otherwise`
    unless the file itself is damaged.
    """
    from bot.cli.database import explained
    from flows.errors import StorageUnavailable

    try:
        return asyncio.run(work)
    except StorageUnavailable as error:
        fail(explained(error, otherwise))
