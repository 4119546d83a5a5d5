"""The record of a refusal is kept though what was refused is rolled back.

It really commits, so it stands apart from the tests that share a world: theirs is never committed.
"""

import pytest
from django.db import connection

from tests.factories import ledger as make
from tests.factories.accounts import sign_in
from tracker.journal.models import Entry
from tracker.ledger.models import RefusedAttempt


@pytest.mark.django_db(transaction=True)
def test_the_record_outlives_the_refused_transaction(client):
    version = make.submit(make.make_voucher())
    sign_in(client, version.voucher.created_by)
    before = Entry.objects.count()

    address = f"/desk/vouchers/{version.voucher.uid}/approve/"
    assert client.post(address, {"version": version.uid}).status_code == 403

    assert not connection.in_atomic_block
    assert RefusedAttempt.objects.count() == 1
    assert Entry.objects.count() == before + 1
