"""Posting as people do it, each posting its own commit: against bare inserts of the same rows, and as the ledger grows."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from tests.bench.ledger import approved_batch
from tests.bench.measuring import once, say
from tests.factories import ledger as make
from tests.factories.programs import make_program
from tracker.accounts.models import User
from tracker.journal.models import Disclosure, Entry
from tracker.ledger import actions
from tracker.ledger.actions.batches import post_rows
from tracker.ledger.models import (
    Balance,
    Transaction,
    TransactionText,
    Turnover,
    VoucherVersion,
)
from tracker.shared import triggers

CLIENTS = 4
POSTINGS = 100  # of each client
ROWS = 5_000
SIZES = (10_000, 1_000_000)


def submitted(count: int) -> tuple[User, list[VoucherVersion]]:
    """Payments of one program that wait for approval, and who approves them."""
    commitment = make.make_commitment(make_program(), amount="100000000.00")
    says = {"draws_on": commitment, "amount": make.money("1.00")}
    program = commitment.program
    vouchers = [make.make_voucher(program, "disbursement", **says) for _ in range(count)]
    return make.approver_of(program), [make.submit(voucher) for voucher in vouchers]


# --- Against bare inserts --------------------------------------------------


def against_bare_inserts() -> None:
    """Approved and posted per second by several processes, and pgbench inserting the very rows that this leaves.

    The bare tables have neither index, key nor trigger; both commit each posting by itself, on the same server.
    """
    if connection.vendor != "postgresql" or shutil.which("pgbench") is None:
        say("posting by several clients", "not measured", "needs PostgreSQL and its pgbench")
        return
    desks = [submitted(POSTINGS) for _ in range(CLIENTS)]
    script = _bare_script()
    ours = _post_all(desks)
    bare = _pgbench(script)
    against = f"of pgbench's {bare:,.0f} bare inserts/s of the same rows (goal 0.1)"
    say(
        f"payments approved and posted per second, {CLIENTS} clients",
        f"{ours:,.0f}/s",
        f"{ours / bare:.2f} {against}",
    )
    upload = ROWS / once(_post_upload)
    say(
        f"  of an upload of {ROWS:,} rows, approved once and committed once",
        f"{upload:,.0f}/s",
        f"{upload / bare:.2f} {against}",
    )


def _post_upload() -> None:
    _, version, row, person = approved_batch()
    with transaction.atomic():
        post_rows(version=version, rows=[row] * ROWS, by=person)


def _url() -> str:
    told = connection.settings_dict
    server = f"{told['HOST'] or '127.0.0.1'}:{told['PORT'] or 5432}"
    secret = f":{told['PASSWORD']}" if told["PASSWORD"] else ""
    return f"postgres://{told['USER']}{secret}@{server}/{told['NAME']}"


def _post_all(desks: list[tuple[User, list[VoucherVersion]]]) -> float:
    """Postings per second, from the common start to the last of them."""
    start = time.time() + 15  # all of them are up and connected by then
    environment = os.environ | {"DATABASE_URL": _url()}
    command = [sys.executable, "-m", "tests.concurrency.worker"]
    running = [
        subprocess.Popen(
            [*command, by.email, str(start), *(str(v.uid) for v in versions)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for by, versions in desks
    ]
    said = [line for one in running for line in one.communicate()[0].splitlines()]
    taken = time.time() - start
    assert said == ["posted"] * (CLIENTS * POSTINGS), said[:3]
    return len(said) / taken


def _bare_script() -> str:
    """What one posting writes, as inserts into tables of the same columns and nothing else."""
    by, (version,) = submitted(1)
    tables = [m for m in apps.get_app_config("tracker").get_models() if _counts(m)]
    before = {m: m.objects.aggregate(models.Max("pk"))["pk__max"] or 0 for m in tables}
    actions.approve_voucher(version=version, by=by)
    lines = []
    for model in tables:
        for row in model.objects.filter(pk__gt=before[model]).values():
            lines.append(_bare_insert(model, row))
    return "BEGIN;\n" + "\n".join(lines) + "\nCOMMIT;\n"


def _counts(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.BigAutoField | models.OneToOneField)


def _bare_insert(model: type[models.Model], row: dict[str, Any]) -> str:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS bare_{table} (LIKE {table})")
        fields = {f.attname: f for f in model._meta.local_concrete_fields}
        values = [fields[name].get_db_prep_save(value, connection) for name, value in row.items()]
        columns = ", ".join(str(fields[name].column) for name in row)
        places = ", ".join(["%s"] * len(values))
        sql = f"INSERT INTO bare_{table} ({columns}) VALUES ({places})"
        return f"{cursor.mogrify(sql, values)};"  # a colon that names no variable stays, in pgbench


def _pgbench(script: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bare.sql"
        path.write_text(script)
        told = [shutil.which("pgbench") or "pgbench", "-n", "-c", str(CLIENTS), "-j", "2"]
        done = subprocess.run(
            [*told, "-T", "10", "-f", str(path), _url()], capture_output=True, text=True, check=True
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


# --- As the ledger grows ---------------------------------------------------


def as_it_grows(count: int = 100, rounds: int = 3) -> None:
    """The same postings in a ledger of 10,000 rows and in one of 1,000,000."""
    rates: dict[int, float] = {}
    template = make.make_disbursement(make.make_commitment(amount="90000000000000.00"), "1.00")
    for size in SIZES:
        filled = once(lambda size=size: _fill(template, size))
        rates[size] = max(_rate(count) for _ in range(rounds))
        say(
            f"payments approved and posted per second, {size:,} rows there",
            f"{rates[size]:,.0f}/s",
            f"one client; these rows were filled in within {filled:,.0f} s",
        )
    few, many = rates.values()
    say("  growth from the smaller ledger to the larger", f"{many / few:.2f} ×", "goal 0.8")


def _rate(count: int) -> float:
    by, versions = submitted(count)

    def post() -> None:
        for version in versions:
            actions.approve_voucher(version=version, by=by)

    return count / once(post)


def _fill(template: Transaction, size: int) -> None:
    """Copies of one posted payment with entry, disclosure, words and balance, until the ledger has `size` rows."""
    missing = size - Transaction.objects.count()
    triggers.drop()
    with transaction.atomic():
        first = {m: (m.objects.aggregate(models.Max("pk"))["pk__max"] or 0) for m in _COPIED}
        base = max(first.values()) + 1
        for model, own, says in _copies(template, base):
            _copy_rows(model, own, says, missing)
        _count_in(template, missing)
        _move_sequences()
    triggers.install()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


_COPIED = (Entry, Disclosure, TransactionText, Transaction, Balance)


def _copies(
    template: Transaction, base: int
) -> Iterator[tuple[type[models.Model], int, dict[str, str]]]:
    """What is copied from which row, and which columns are new in each copy (`n` counts the copies)."""
    key, uid = f"{base} + n", _uuid()
    yield Entry, template.entry_id, {"id": key, "record": uid}
    yield Disclosure, template.entry_id, {"entry_id": key}
    yield TransactionText, template.text_id, {"id": key}
    day = _day_of("n")
    yield (
        Transaction,
        template.pk,
        {"id": key, "uid": uid, "text_id": key, "entry_id": key, "value_date": day},
    )
    yield Balance, template.pk, {"transaction_id": key}


def _uuid() -> str:
    return (
        "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    )


def _day_of(n: str) -> str:
    if connection.vendor == "postgresql":
        return f"DATE '2024-01-01' + CAST({n} % 360 AS integer)"
    return f"date('2024-01-01', '+' || ({n} % 360) || ' days')"


def _copy_rows(model: type[models.Model], own: int, says: dict[str, str], count: int) -> None:
    columns = [str(f.column) for f in model._meta.local_concrete_fields]
    chosen = ", ".join(says.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}) "
            f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} t, series "
            f"WHERE t.{key} = {own}"
        )


def _count_in(template: Transaction, count: int) -> None:
    """The kept sums take the copies in, as the triggers would have."""
    with connection.cursor() as cursor:
        minor = template.amount.minor * count
        cursor.execute(
            f"UPDATE {Balance._meta.db_table} SET drawn = drawn + {minor} "
            f"WHERE transaction_id = {template.draws_on_id}"
        )
        cursor.execute(
            f"UPDATE {Turnover._meta.db_table} SET amount = amount + {minor}, rows = rows + {count} "
            f"WHERE program_id = {template.program_id} AND kind = '{template.kind}'"
        )


def _move_sequences() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in (Entry, TransactionText, Transaction):
            table = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
            )
