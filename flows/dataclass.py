"""`@dataclass(frozen=True, slots=True)` as in the standard library, for a process that starts soon.

The standard one writes and compiles six methods for each class, one by one: for 240 classes a tenth
of a start, which uses few of them. Here `__init__`, `__eq__` and `__hash__` are compiled when a
class is first used, and all classes share the others.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import field as field
from dataclasses import replace as replace
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:  # mypy knows the standard one best
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, slots: bool) -> Callable[[type], Any]:
        """Fields may have a default, a factory and `compare`; nothing else of `field`."""
        if not (frozen and slots):
            raise TypeError("for other classes there is the standard library's")
        return _made


def _made(cls: type) -> Any:
    cls.__doc__ = cls.__doc__ or cls.__name__  # otherwise the signature, which takes long to make
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    late = [name for name in ("__init__", "__eq__", "__hash__") if name not in vars(cls)]
    for name in late:
        setattr(made, name, _until_used(made, name, late))
    shared = {"__repr__": _repr, "__setattr__": _refuse, "__delattr__": _refuse}
    for name, method in shared.items():
        setattr(made, name, method)
    return made


def _until_used(made: Any, name: str, late: list[str]) -> Callable[..., Any]:
    """The method until it is first called, which puts the real ones in their place."""

    def compile_first(*arguments: object, **named: object) -> object:
        methods = _compiled(made)
        for each in late:
            methods[each].__qualname__ = f"{made.__qualname__}.{each}"  # for its errors
            setattr(made, each, methods[each])
        return methods[name](*arguments, **named)

    return compile_first


def _compiled(made: Any) -> dict[str, Any]:
    """`__init__` sets the slots themselves, since setting an attribute is refused."""
    scope: dict[str, Any] = {"_missing": dataclasses.MISSING}
    parameters, body = ["self"], []
    fields = dataclasses.fields(made)
    for one in fields:
        name, value = one.name, one.name
        scope[f"_set_{name}"] = getattr(made, name).__set__
        if one.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        elif one.default_factory is not dataclasses.MISSING:
            scope[f"_new_{name}"] = one.default_factory
            parameters.append(f"{name}=_missing")
            value = f"_new_{name}() if {name} is _missing else {name}"
        else:
            parameters.append(name)
        body.append(f"_set_{name}(self, {value})")
    mine, theirs = (
        "".join(f"{of}.{one.name}, " for one in fields if one.compare) for of in ("self", "other")
    )
    lines = (
        f"def __init__({', '.join(parameters)}): {'; '.join(body) or 'pass'}",
        "def __eq__(self, other):",
        f" return ({mine}) == ({theirs}) if other.__class__ is self.__class__ else NotImplemented",
        f"def __hash__(self): return hash(({mine}))",
    )
    exec("\n".join(lines), scope)  # noqa: S102 - names of fields, as the standard library does
    return scope


def _repr(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self))
    return f"{type(self).__qualname__}({shown})"


def _refuse(self: object, name: str, *_value: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")
