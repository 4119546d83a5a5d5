import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _limits_start_anew():
    """The limits on sign-in count in the cache, which no transaction rolls back."""
    cache.clear()
    yield
    cache.clear()
