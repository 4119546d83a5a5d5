"""The real file: 8,374 disbursements of United States military assistance, 2002 to 2015."""

import csv
import time
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db.models import Sum

from tests.factories.uploads import (
    make_office,
    make_posted_upload,
    make_upload,
    real_file,
    real_mapping,
)
from tracker.ledger.models import Balance, Provenance, Transaction, TransactionKind, Turnover
from tracker.programs.models import Participation, Program
from tracker.uploads import actions
from tracker.uploads.models import RowState, UploadStatus

pytestmark = pytest.mark.skipif(real_file() is None, reason="the published file is not here")
# By the clock, from the approval to the last row.
SECONDS = 60


@pytest.fixture
def content():
    return real_file().read_bytes()


def totals_of_the_file(content):
    """Country and year to the sum in cents, with nothing of ours but Python's decimals."""
    sums = defaultdict(Decimal)
    for row in csv.DictReader(content.decode("ascii").splitlines()):
        sums[row["Country.Code"], int(row["Fiscal.Year"])] += Decimal(row["Current.Dollar.Amount"])
    return {key: int(total * 100) for key, total in sums.items()}


def totals_of_the_ledger():
    sums = defaultdict(int)
    signs = {TransactionKind.DISBURSEMENT: 1, TransactionKind.REFUND: -1}
    for row in Turnover.objects.filter(kind__in=signs).select_related("program"):
        code = row.program.identifier.removeprefix("US-MIL-")
        sums[code, row.fiscal_year] += signs[row.kind] * row.amount.minor
    return dict(sums)


def test_the_file_goes_in_to_the_cent_and_only_once(content):
    office, officer, approver = make_office()
    options = {"by": officer, "organisation": office, "mapping": real_mapping()}

    started = time.monotonic()
    upload = make_upload(content, **options)
    checked = time.monotonic()
    upload = actions.submit_upload(upload=upload, by=officer)
    upload = actions.approve_upload(upload=upload, by=approver)
    approved = time.monotonic()
    while upload.status == UploadStatus.POSTING:
        upload = actions.post_next(upload=upload, by=approver)
    posted = time.monotonic()
    print(f"checked in {checked - started:.1f} s, posted in {posted - approved:.1f} s")

    assert (upload.status, upload.rows_posted, upload.rows_wrong) == ("posted", 8374, 0)
    assert posted - approved < SECONDS
    assert totals_of_the_ledger() == totals_of_the_file(content)
    rows = Transaction.objects.filter(provenance=Provenance.UPLOAD)
    assert rows.filter(kind=TransactionKind.REFUND).count() == 7
    assert sum(totals_of_the_ledger().values()) == 168_685_913_188 * 100
    assert Program.objects.count() == 206
    recipients = Participation.objects.filter(role="recipient")
    assert recipients.count() == 206 - 13
    assert recipients.get(program__identifier="US-MIL-CS-KM").organisation.country == "XK"
    positives = rows.filter(kind=TransactionKind.DISBURSEMENT).aggregate(s=Sum("amount"))["s"]
    assert (
        Balance.objects.filter(transaction__kind="commitment").aggregate(s=Sum("value"))["s"]
        == positives
    )

    again = make_upload(content, **options)
    assert (again.rows_known, again.rows_good, again.rows_wrong) == (8374, 0, 0)

    appended = (
        content + b'"8375","AFG","Afghanistan",2005,"Military","Disbursements",3,15500000\r\n'
    )
    one_more = make_posted_upload(
        appended, officer=officer, approver=approver, organisation=office, mapping=real_mapping()
    )
    assert (one_more.rows_known, one_more.rows_posted) == (8374, 1)
    assert rows.count() == 8375
    assert one_more.rows.get(state=RowState.POSTED).reference.startswith("8375-")
