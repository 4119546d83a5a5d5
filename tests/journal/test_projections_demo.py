"""The demo's tables say what its journal says."""

import pytest

from tracker.demo import load
from tracker.journal import projections


@pytest.mark.thorough
def test_the_demo_has_no_difference():
    load.everything(say=lambda _: None)

    assert list(projections.differences()) == []
