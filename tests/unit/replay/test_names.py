"""Event names as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.replay.names import meant_names, unknown_names

KNOWN = (
    "Signed Up",
    "Order – Completed",
    "a, b",
    "checkout",
    "Checkout",
    "[Test] Viewed",
    "1. Step",
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("signed up", ["Signed Up"]),
        ("  SIGNED\u00a0UP\u200b ", ["Signed Up"]),
        ("“Signed Up”,", ["Signed Up"]),
        ("- Signed Up", ["Signed Up"]),
        ("• `signed up`", ["Signed Up"]),
        ("order - completed", ["Order – Completed"]),
        ("A, B", ["a, b"]),
        ("signed up, [test] viewed; a", ["signed up, [test] viewed; a"]),
        ("signed up, [test] viewed", ["Signed Up", "[Test] Viewed"]),
        ("checkout", ["checkout"]),
        ("Checkout", ["Checkout"]),
        ("CHECKOUT", ["CHECKOUT"]),
        ("1. Step", ["1. Step"]),
        ("2. Signed Up", ["Signed Up"]),
        ("Something Else", ["Something Else"]),
        (" , ", []),
    ],
)
def test_the_name_that_segment_knows_is_meant(typed: str, meant: list[str]) -> None:
    assert meant_names([typed], KNOWN) == tuple(meant)


@given(st.lists(st.sampled_from(KNOWN), unique=True))
def test_known_names_stay(names: list[str]) -> None:
    assert meant_names(names, KNOWN) == tuple(names)
    assert unknown_names(names, KNOWN) == []


def test_names_are_unknown_only_where_some_are_known() -> None:
    assert unknown_names(["Signed Up", "signed-up"], KNOWN) == ["signed-up"]
    assert unknown_names(["signed-up"], ()) == []
