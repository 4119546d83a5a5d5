"""The whole world: one of everything that the other tests can make, planted, published, and read with all choices."""

import pytest

from tests.publishing.leaks import census
from tests.publishing.leaks.releasing import FROZEN
from tests.publishing.leaks.test_leaks import listed

THOROUGH = True
pytestmark = pytest.mark.thorough


def test_no_marker_is_anywhere(everything, found):
    assert found([*everything.linked, *everything.log, *everything.strangers]) == []
    assert [hit for hit in found(everything.tables) if not hit.startswith(FROZEN)] == []


def test_the_census_says_the_truth(everything):
    planted = {name for name, reason in listed().items() if reason == "planted"}

    assert census.without_a_marker(everything.marks) & planted == set()
