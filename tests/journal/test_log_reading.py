"""Reading the log from the database: what a proof costs."""

import uuid

import pytest
from django.db import transaction

from tracker.journal import log
from tracker.journal.actions import record_many, sequence
from tracker.journal.checkpoints import Head
from tracker.journal.merkle import Reader
from tracker.journal.models import Leaf
from tracker.journal.tiles import MemoryTiles


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_a_proof_is_fetched_in_one_query_however_many_tiles_it_needs(size, count_queries):
    with transaction.atomic():
        items = [(uuid.uuid4(), {}) for _ in range(600)]
        record_many("authority", op="create", by=None, items=items)
    sequence()
    leaves = [bytes(one) for one in Leaf.objects.order_by("seq").values_list("hash", flat=True)]
    tree = Reader(MemoryTiles(leaves[:size]), size)
    note = Head("log.example", size, tree.root()).text + "\n— log.example AAAA\n"
    made = []
    for index in {0, size // 2, size - 1}:
        queries = count_queries(lambda index=index: made.append(log.prove(index, note)))
        assert queries == (1 if size > 1 else 0)
        assert list(made[-1].path) == tree.inclusion(index)
    assert count_queries(lambda: log.root_at(size)) == 1
    assert log.root_at(size) == tree.root()
    assert log.consistency(size // 2, size) == tree.consistency(size // 2)
