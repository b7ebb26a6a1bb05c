"""Looks whether a process can listen where it is to, before anything of it starts.

Later the reason would be one of many lines, and some of the work would have begun.
"""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bot.settings import Settings
from bot.settings.checks import HOW_TO_GET

_REMEDIES = {
    **HOW_TO_GET,
    **dict.fromkeys(("--port", "--health-port"), "use another one."),
    **dict.fromkeys(("--host", "--health-host"), "use an address of this machine."),
}


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a process is to listen, and how an operator says so."""

    host: str
    port: int
    host_name: str
    port_name: str
    family: socket.AddressFamily = socket.AF_UNSPEC


class CannotListen(Exception):
    """One line: what is wrong, and what to do."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}: {_REMEDIES[name]}")


def require_free(settings: Settings, wanted: Listening | None) -> None:
    """Raises `CannotListen` if the process cannot listen there, or not serve its metrics."""
    with ExitStack() as taken:
        if wanted:
            taken.enter_context(_taken(wanted))
        if settings.metrics_port:
            where = settings.metrics_host, settings.metrics_port
            metrics = Listening(*where, "METRICS_HOST", "METRICS_PORT", socket.AF_INET)
            taken.enter_context(_taken(metrics, beside=wanted))


@contextmanager
def _taken(wanted: Listening, *, beside: Listening | None = None) -> Iterator[None]:
    """Listens there meanwhile, so that no other address of the same process seems to be free."""
    with ExitStack() as servers:
        try:
            addresses = socket.getaddrinfo(
                wanted.host, wanted.port, wanted.family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            for family, _, _, _, found in addresses:
                server = socket.create_server((found[0], wanted.port), family=family)
                servers.enter_context(server)
        except (OSError, UnicodeError) as error:
            match getattr(error, "errno", None):
                case errno.EADDRINUSE if beside and beside.port == wanted.port:
                    problem = f"is that of {beside.port_name}, too"
                    raise CannotListen(wanted.port_name, problem) from error
                case errno.EADDRINUSE:
                    raise CannotListen(wanted.port_name, "is taken by another process") from error
                case errno.EACCES:
                    raise CannotListen(
                        wanted.port_name, "may not be opened by this user"
                    ) from error
            what = "IPv4 address" if wanted.family is socket.AF_INET else "address"
            raise CannotListen(wanted.host_name, f"is no {what} of this machine") from error
        yield
