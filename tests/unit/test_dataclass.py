"""Our dataclasses do what the standard library's do, and compile nothing before they are used."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import bot
import flows
import storage
from flows import dataclass as ours

MAKERS = {"ours": ours.dataclass, "theirs": dataclasses.dataclass}


def made_by(maker: Any) -> tuple[Any, Any, Any]:
    """The same three classes, made by either."""

    @maker(frozen=True, slots=True)
    class Empty:
        pass

    @maker(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 2
        names: list[str] = dataclasses.field(default_factory=list)

        @property
        def far(self) -> bool:
            return self.x > 100

    @maker(frozen=True, slots=True)
    class Named(Point):
        name: str = ""
        note: str = dataclasses.field(default="", compare=False)

        def __hash__(self) -> int:
            return 7

    return Empty, Point, Named


def said(call: Any) -> str:
    """What a call returns or raises, without the place where the class was made."""
    try:
        return repr(call()).replace("made_by.<locals>.", "")
    except AttributeError as error:
        return type(error).__name__
    except TypeError as error:
        return str(error).replace("made_by.<locals>.", "")


@pytest.mark.parametrize(
    "call",
    [
        lambda e, p, n: e(),
        lambda e, p, n: e() == e(),
        lambda e, p, n: hash(e()) == hash(e()),
        lambda e, p, n: e(1),
        lambda e, p, n: p(),
        lambda e, p, n: p(1),
        lambda e, p, n: p(1, 2, [], 4),
        lambda e, p, n: p(1, z=3),
        lambda e, p, n: p(1, y=3, names=["a"]),
        lambda e, p, n: p(101).far,
        lambda e, p, n: p(1).names is p(1).names,
        lambda e, p, n: p(1) == p(1),
        lambda e, p, n: p(1) != p(2),
        lambda e, p, n: p(1) == n(1),
        lambda e, p, n: n(1) == n(1, name=""),
        lambda e, p, n: n(1, note="a") == n(1, note="b"),
        lambda e, p, n: hash(p(1)),
        lambda e, p, n: hash(p(1, names=())) == hash(p(1, 2, ())),  # type: ignore[arg-type]
        lambda e, p, n: hash(n(1)),
        lambda e, p, n: n(1, 2, ["a"], "b"),
        lambda e, p, n: {p(1, names=()): "found"}[p(1, names=())],  # type: ignore[arg-type]
        lambda e, p, n: setattr(p(1), "x", 2),
        lambda e, p, n: delattr(p(1), "x"),
        lambda e, p, n: setattr(n(1), "x", 2),
        lambda e, p, n: p(1).__dict__,
        lambda e, p, n: dataclasses.replace(n(1), y=5),
        lambda e, p, n: dataclasses.asdict(n(1)),
        lambda e, p, n: dataclasses.astuple(p(1)),
        lambda e, p, n: (p.__match_args__, n.__match_args__),
        lambda e, p, n: (p.__slots__, n.__slots__),
        lambda e, p, n: [field.name for field in dataclasses.fields(n)],
        lambda e, p, n: issubclass(n, p) and isinstance(n(1), p),
    ],
)  # fmt: skip
def test_they_do_the_same(call: Any) -> None:
    mine, theirs = (said(lambda maker=maker: call(*made_by(maker))) for maker in MAKERS.values())
    assert mine == theirs


@pytest.mark.parametrize("options", [{"frozen": True, "slots": False}, {"frozen": 0, "slots": 1}])
def test_other_kinds_are_the_standard_librarys(options: Any) -> None:
    with pytest.raises(TypeError):
        ours.dataclass(**options)


def test_a_class_is_compiled_once_and_not_before_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[str] = []
    real = ours._compiled

    def noted(made: type) -> dict[str, Any]:
        compiled.append(made.__name__)
        return real(made)

    monkeypatch.setattr(ours, "_compiled", noted)
    _, point, named = made_by(ours.dataclass)
    assert compiled == []
    assert point(1) == point(1)
    assert hash(point(1, names=())) == hash(point(1, names=()))
    assert compiled == ["Point"]
    assert named(1)
    assert compiled == ["Point", "Named"]


def test_no_class_asks_for_more_than_ours_can_do() -> None:
    """`field(repr=False)` and the like would be passed over in silence."""
    found = set(_all_of_ours())
    assert len(found) > 200
    for cls in found:
        assert not hasattr(cls, "__post_init__"), cls
        for field in dataclasses.fields(cls):
            asked = (field.init, field.repr, field.hash, field.kw_only)
            assert asked == (True, True, None, False), (cls, field.name)


def test_whoever_wants_such_a_class_takes_ours() -> None:
    """One that is made the standard way compiles all its methods at each start."""
    assert [cls for cls in _all_dataclasses() if cls.__dataclass_params__.frozen] == []


def _all_of_ours() -> Iterator[Any]:
    return (cls for cls in _all_dataclasses() if cls.__setattr__ is ours._refuse)


def _all_dataclasses() -> Iterator[Any]:
    for package in (bot, flows, storage):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or module.name.endswith("__main__"):
                continue
            for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if dataclasses.is_dataclass(cls) and cls.__module__ == module.name:
                    yield cls
