"""What SQLAlchemy knows of each database.

PostgreSQL's part takes as long to import as ten of our own modules, and on SQLite nobody needs it.
"""

from types import ModuleType
from typing import TYPE_CHECKING

from sqlalchemy.dialects import sqlite as sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    Insert = sqlite.Insert | postgresql.Insert


def postgres() -> ModuleType:
    """PostgreSQL's dialect, imported when a statement first needs it."""
    from sqlalchemy.dialects import postgresql

    return postgresql
