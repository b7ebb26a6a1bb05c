"""What all tests of units share."""

from tests.support.left_open import pytest_runtest_teardown

__all__ = ["pytest_runtest_teardown"]
