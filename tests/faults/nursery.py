"""Forks bot processes. It has imported the bot already, so they start without that delay.

On its input, `start worker` starts a worker and prints its process id. `end 123` waits for the end
of that process and prints its exit code and CPU seconds. `ended 123` prints the code if it has
ended already, else `None`. Each runs `tests.faults.hurried`, or hurries as whoever calls `main`
says.
"""

import os
import sys
from collections.abc import Callable

from bot.__main__ import cli
from tests.faults.hurried import hurry


def main(hurry: Callable[[], None] = hurry) -> None:
    hurry()
    for line in sys.stdin:
        match line.split():
            case ["start", *command]:
                _answer(_start(command))
            case ["ended", pid]:
                _answer(_code_of(int(pid)))
            case ["end", pid]:
                _, status, used = os.wait4(int(pid), 0)
                _answer(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime)


def _start(command: list[str]) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # to the log, not between our answers
    cli(command)
    raise AssertionError("the command ends the process")


def _code_of(pid: int) -> int | None:
    """Leaves it to `end` to wait for the process, which it may have done already."""
    try:
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found and (found.si_status if found.si_code == os.CLD_EXITED else -found.si_status)


def _answer(*values: object) -> None:
    sys.stdout.write(" ".join(map(str, values)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
