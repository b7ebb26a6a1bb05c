"""SQLAlchemy's asynchronous engine without its ORM, which we never use.

The package around the engine imports the ORM too, and that takes a twentieth of a start. So the
package's own code does not run while its engine is imported here. Whoever imports the package
later gets all of it, with the same classes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec

PACKAGE = "sqlalchemy.ext.asyncio"


@contextmanager
def _only_its_modules() -> Iterator[None]:
    if PACKAGE in sys.modules or not (found := find_spec(PACKAGE)):
        yield
        return
    sys.modules[PACKAGE] = module_from_spec(found)  # empty, and knows where its modules are
    try:
        yield
    finally:
        del sys.modules[PACKAGE]


with _only_its_modules():
    from sqlalchemy.ext.asyncio.engine import AsyncConnection as AsyncConnection
    from sqlalchemy.ext.asyncio.engine import AsyncEngine as AsyncEngine
    from sqlalchemy.ext.asyncio.engine import create_async_engine as create_async_engine
