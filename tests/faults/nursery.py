"""Starts workers without the seconds that Python needs to import them: this process has, and forks.

`start` on its input starts one and prints its process id; `end 123` waits for its end and prints
its exit code and the CPU seconds that it used. Each is `python -m tests.faults.hurried worker`.
"""

import os
import sys

from bot.__main__ import cli
from tests.faults.hurried import hurry


def main() -> None:
    hurry()
    for line in sys.stdin:
        match line.split():
            case ["start"]:
                _answer(_start())
            case ["end", pid]:
                _, status, used = os.wait4(int(pid), 0)
                _answer(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime)


def _start() -> int:
    pid = os.fork()
    if pid:
        return pid
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # to the log, not among our answers
    cli(["worker"])
    raise AssertionError("the command ends the process")


def _answer(*values: object) -> None:
    sys.stdout.write(" ".join(map(str, values)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
