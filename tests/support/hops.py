"""What a walk through the code enters: files and functions of ours, counted as they are called."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).parent.parent.parent
PACKAGES = tuple(str(ROOT / name) + "/" for name in ("bot", "flows", "storage"))
NO_FUNCTIONS = frozenset({"<module>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})


@dataclass
class Hops:
    """Everything that was entered once or more; comprehensions belong to their function."""

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
    """Counts in this thread, which is where all of ours runs, until the block ends."""
    hops = Hops()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGES):
            hops.entered.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield hops
    finally:
        sys.setprofile(None)


def _file(code: CodeType) -> str:
    return str(Path(code.co_filename).relative_to(ROOT))
