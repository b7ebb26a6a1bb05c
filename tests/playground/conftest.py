"""Fixtures shared by the playground's tests."""

import pytest

from tests.playground.segment_support import Lab


@pytest.fixture
def lab() -> Lab:
    return Lab()
