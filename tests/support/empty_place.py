"""A folder without settings to work in, for tests of what is read from the environment."""

from pathlib import Path

import pytest

from bot.settings import Settings


def work_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goes there. No setting is left over from the environment."""
    monkeypatch.chdir(folder)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
