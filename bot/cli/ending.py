"""How a command ends that cannot do what was asked: one line for the operator, and status 1."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import typer

T = TypeVar("T")


def fail(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(1)


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to. The command fails if the database cannot be used."""
    from bot.cli.database import explained
    from flows.errors import StorageUnavailable

    try:
        return asyncio.run(work)
    except StorageUnavailable as error:
        state, remedy = explained(error)
        fail(f"The database {state}: {remedy}{'' if remedy.endswith('?') else '.'}")
