"""The leak tests: a planter, a reader, a matcher. Whatever is internal carries a marker; the public reads none of them."""
