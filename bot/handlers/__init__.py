"""Handlers of Slack's requests. Each one parses, calls one use case and renders."""

from bot.handlers import (
    board,
    conversation,
    csm,
    csm_forms,
    dialogs,
    doors,
    ending,
    reminders,
    replay,
    setup,
    write_back,
)
from bot.handlers.parts import Parts
from bot.inbound.dispatch import Table

AREAS = (
    board,
    doors,
    setup,
    ending,
    replay,
    dialogs,
    reminders,
    csm,
    csm_forms,
    conversation,
    write_back,
)


def register(app: Table, deps: Parts) -> None:
    """All handlers, each area by itself."""
    for area in AREAS:
        area.register(app, deps)
