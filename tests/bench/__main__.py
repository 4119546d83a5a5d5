"""`make bench`: how fast it is, as ratios against a raw limit measured in the same run.

Runs on a fresh SQLite file, or on the server that DATABASE_URL names (in a test database of its own). Figures are medians
of several rounds, except the release, which can be made once.
"""

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
_folder = tempfile.TemporaryDirectory()
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(_folder.name) / 'bench.sqlite3'}")

import django

django.setup()

from django.db import connection, transaction
from django.test import Client
from django.test.utils import get_runner, setup_test_environment
from django.conf import settings

from tests.factories.accounts import make_person, sign_in
from tests.factories.ledger import approver_of, make_commitment, make_disbursement, officer_of
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tracker.accounts.models import Role
from tracker.journal import actions as journal
from tracker.journal.models import Disclosure, Entry
from tracker.ledger import actions as ledger
from tracker.ledger.actions.batches import NewRow, post_rows
from tracker.ledger.models import Transaction, TransactionText
from tracker.shared.dates import DatePrecision
from tracker.shared.money import Money

ROUNDS = 5


def seconds(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median wall time of one call, after one call that does not count."""
    act()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def say(what: str, figure: str, against: str = "") -> None:
    print(f"{what:62} {figure:>16}  {against}", flush=True)


def bare_copies(rows, count: int) -> list:
    """The same columns again, under new names: what a raw insert of these rows costs."""
    return [
        type(row)(**{f.attname: getattr(row, f.attname) for f in row._meta.local_fields})
        for row in rows[:count]
    ]


def entries(count: int = 1000) -> None:
    """Journal entries recorded in bulk, against raw inserts of the same rows."""
    person = make_person(Role.OFFICER)
    fields = {"name": "Bench", "short_name": "B", "kind": "10", "country": "US", "time_zone": "UTC"}

    def record() -> None:
        with transaction.atomic():
            items = [(uuid.uuid4(), fields) for _ in range(count)]
            journal.record_many("organisation", op="create", by=person, items=items)
            transaction.set_rollback(True)

    with transaction.atomic():
        made = journal.record_many(
            "organisation",
            op="create",
            by=person,
            items=[(uuid.uuid4(), fields) for _ in range(count)],
        )
    sample = list(Entry.objects.filter(pk__in=made).order_by("pk"))
    values = list(Disclosure.objects.filter(entry__in=made).order_by("pk"))

    def insert() -> None:
        with transaction.atomic():
            rows = bare_copies(sample, count)
            for row in rows:
                row.pk, row.record = None, uuid.uuid4()
            Entry.objects.bulk_create(rows)
            Disclosure.objects.bulk_create(
                Disclosure(entry=row, values=value.values)
                for row, value in zip(rows, values, strict=True)
            )
            transaction.set_rollback(True)

    ours, raw = seconds(record), seconds(insert)
    say(
        "journal: entries made and stored per second",
        f"{count / ours:,.0f}/s",
        f"{raw / ours:.2f} of raw inserts",
    )


def approved_batch() -> tuple:
    """A commitment, an approved batch version, a row that draws on the commitment, and who posts it."""
    commitment = make_commitment(make_program(), amount="1000000.00")
    program = commitment.program
    officer, approver = officer_of(program), approver_of(program)
    voucher = ledger.create_batch_voucher(organisation=program.owner, by=officer)
    version = ledger.submit_voucher(voucher=voucher, batch_digest="0" * 64, by=officer)
    ledger.approve_voucher(version=version, by=approver)
    row = NewRow(
        program=program,
        kind="disbursement",
        amount=Money(100, "USD"),
        value_date=commitment.value_date,
        date_precision=DatePrecision.DAY,
        fiscal_year=commitment.fiscal_year,
        provenance="upload",
        draws_on=commitment,
    )
    return commitment, version, row, approver


def posting(count: int = 1000) -> None:
    """Transactions posted in bulk with journal, balances and triggers, against raw inserts of the same rows."""
    commitment, version, row, person = approved_batch()

    def post() -> None:
        with transaction.atomic():
            post_rows(version=version, rows=[row] * count, by=person)
            transaction.set_rollback(True)

    def insert() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TEMPORARY TABLE bare AS SELECT * FROM tracker_transaction WHERE 1 = 0"
                )
            texts = TransactionText.objects.bulk_create(TransactionText() for _ in range(count))
            names = [f.column for f in Transaction._meta.local_concrete_fields]
            values = [
                getattr(commitment, f.attname) for f in Transaction._meta.local_concrete_fields
            ]
            values = [
                v.minor if isinstance(v, Money) else str(v) if isinstance(v, uuid.UUID) else v
                for v in values
            ]
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO bare ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
                    [values] * len(texts),
                )
            transaction.set_rollback(True)

    ours, raw = seconds(post), seconds(insert)
    say(
        "ledger: rows posted in bulk per second",
        f"{count / ours:,.0f}/s",
        f"{raw / ours:.2f} of bare inserts",
    )


def single_posting() -> None:
    """One payment from draft to posted, each step committed, as a person does it."""
    commitment = make_commitment(amount="1000000.00")
    taken = seconds(lambda: make_disbursement(commitment, "1.00"), rounds=15)
    say("ledger: one payment, drafted, submitted, approved and posted", f"{taken * 1000:,.0f} ms")


def ledger_page() -> None:
    """The ledger's page with 25 and with 1,000 rows."""
    commitment, version, row, person = approved_batch()
    with transaction.atomic():
        post_rows(version=version, rows=[row] * 1000, by=person)
    client = sign_in(Client(), person)
    few = seconds(lambda: client.get("/desk/ledger/?per_page=25"))
    many = seconds(lambda: client.get("/desk/ledger/?per_page=1000"))
    say("ledger page, 25 rows", f"{few * 1000:,.0f} ms")
    say("ledger page, 1,000 rows", f"{many * 1000:,.0f} ms", f"{many / few:.1f} × the page of 25")
    start = time.perf_counter()
    publish(commitment.program)
    taken = time.perf_counter() - start
    say(
        "publishing: a release of 1,001 transactions",
        f"{taken:,.2f} s",
        f"{1001 / taken:,.0f} rows/s",
    )


def main() -> None:
    setup_test_environment()
    runner = get_runner(settings, "django.test.runner.DiscoverRunner")(
        verbosity=0, interactive=False
    )
    old = runner.setup_databases()
    try:
        print(f"Countersign on {connection.vendor}; medians of {ROUNDS} rounds\n")
        for measure in (entries, posting, single_posting, ledger_page):
            measure()
    finally:
        runner.teardown_databases(old)


if __name__ == "__main__":
    main()
