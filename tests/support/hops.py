"""Counts the files and functions of ours that a walk through the code enters."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).parent.parent.parent
PACKAGES = tuple(str(ROOT / name) + "/" for name in ("bot", "flows", "storage"))
NO_FUNCTIONS = frozenset({"<module>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_walk: ContextVar["Hops | None"] = ContextVar("walk", default=None)


@dataclass
class Hops:
    """Everything that was entered at least once. Comprehensions belong to their function."""

    entered: set[CodeType] = field(default_factory=set)

    @property
    def functions(self) -> set[str]:
        return {
            f"{_file(code)}:{code.co_qualname}:{code.co_firstlineno}"
            for code in self.entered
            if code.co_name not in NO_FUNCTIONS
        }

    @property
    def files(self) -> set[str]:
        return {function.partition(":")[0] for function in self.functions}

    def within(self, *, files: int, functions: int) -> bool:
        return len(self.files) <= files and len(self.functions) <= functions

    @property
    def described(self) -> str:
        counted = f"{len(self.files)} files, {len(self.functions)} functions"
        return "\n".join((counted, *sorted(self.functions)))


@contextmanager
def traced() -> Iterator[Hops]:
    """Counts what the block starts, until it ends. Tasks know the walk that they belong to, so
    what an earlier step left running does not count.
    """
    hops = Hops()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        ours = event == "call" and frame.f_code.co_filename.startswith(PACKAGES)
        if ours and _walk.get() is hops:
            hops.entered.add(frame.f_code)

    token = _walk.set(hops)
    sys.setprofile(note)
    try:
        yield hops
    finally:
        sys.setprofile(None)
        _walk.reset(token)


def _file(code: CodeType) -> str:
    return str(Path(code.co_filename).relative_to(ROOT))
