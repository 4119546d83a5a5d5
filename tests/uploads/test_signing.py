"""Batches under a delegation of authority: judged by what their rows come to, posted with the last signature."""

import pytest

from tests.factories import signing as sign
from tests.factories.accounts import sign_in
from tests.factories.uploads import csv_of, make_office, make_upload, post_all
from tests.ledger.test_database import approve_only
from tests.refusals import forbidden
from tracker.ledger import policies, queries
from tracker.ledger.content import hash_as_stored
from tracker.ledger.models import Transaction
from tracker.shared.errors import Refused
from tracker.uploads import actions
from tracker.uploads.queries import approver_of, version_of

# 60.00 paid and 50.00 paid back: 110.00 USD moved, although each row is below the limit of 100.00
ROWS = csv_of("R1,FRA,France,2010,60.00,Depot", "R2,FRA,France,2010,-50.00,Depot")


@pytest.fixture
def people():
    office, officer, approver = make_office()
    sign.set_table(office)
    return office, officer, approver


@pytest.fixture
def submitted(people):
    office, officer, _ = people
    upload = make_upload(ROWS, by=officer, organisation=office)
    return actions.submit_upload(upload=upload, by=officer)


def test_a_batch_is_judged_by_what_its_rows_move_in_each_currency(submitted):
    version = version_of(submitted)

    assert [row.amount.plain for row in version.sums.all()] == ["110.00"]
    assert policies.check_signatures_asked(version).level == sign.TWO
    assert hash_as_stored(version) == version.content_hash
    with forbidden("approval_asks_what_the_table_says"):
        approve_only(version, by=sign.make_approver(submitted.organisation))


def test_the_first_of_two_signatures_posts_nothing_and_the_second_starts_posting(people, submitted):
    office, _, approver = people
    second = sign.make_approver(office)

    upload = actions.approve_upload(upload=submitted, by=approver)

    assert upload.status == "submitted"
    assert queries.signatures_of(upload.voucher, version_of(upload)).said == "1 of 2 signatures"
    with pytest.raises(Refused, match="not being posted"):
        actions.post_next(upload=upload, by=approver)
    assert not Transaction.objects.exists()

    upload = post_all(actions.approve_upload(upload=upload, by=second), by=second)

    assert upload.status == "posted"
    assert Transaction.objects.filter(provenance="upload").count() == 2
    assert approver_of(version_of(upload)) == second


def test_a_batch_with_one_signature_can_be_returned(people, submitted):
    office, _, approver = people
    upload = actions.approve_upload(upload=submitted, by=approver)
    upload = actions.return_upload(
        upload=upload, reason="Another file.", by=sign.make_approver(office)
    )
    assert upload.status == "returned"


def test_the_page_says_that_another_signature_is_needed(people, submitted, client):
    _, _, approver = people
    sign_in(client, approver)
    page = f"/desk/uploads/{submitted.uid}/"
    assert "Sign: one more signature is needed" in client.get(page).content.decode()

    done = client.post(f"{page}approve/", follow=True).content.decode()

    assert "It waits for another signature." in done
    assert "1 of 2 signatures" in done


def test_a_small_batch_needs_one_signature(people):
    office, officer, approver = people
    upload = make_upload(by=officer, organisation=office)
    upload = actions.submit_upload(upload=upload, by=officer)
    assert actions.approve_upload(upload=upload, by=approver).status == "posting"
