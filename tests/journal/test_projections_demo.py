"""The demo's tables say what its journal says."""

from tracker.demo import load
from tracker.journal import projections


def test_the_demo_has_no_difference():
    load.everything(say=lambda _: None)

    assert list(projections.differences()) == []
