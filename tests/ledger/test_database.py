"""The rules that the database itself holds, each broken past the actions."""

from copy import deepcopy

import pytest
from django.db import connection

from tests.factories import ledger as make
from tests.factories.accounts import give_role, make_person
from tests.factories.programs import make_program
from tests.refusals import forbidden
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.journal import actions as journal
from tracker.ledger.content import TEXTS
from tracker.ledger.models import Approval, Return, ReturnText, Transaction, TransactionText


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def entry_for(row):
    return journal.record("approval", record=row, op="create", by=None, fields={})


def copy_of(version, **other):
    """An unsaved transaction that says what the version says, save for `other`."""
    text = TransactionText.objects.create(**{name: getattr(version.text, name) for name in TEXTS})
    names = ("currency", "value_date", "date_precision", "draws_on", "provider", "receiver")
    says = {name: getattr(version, name) for name in names}
    says |= {"amount": version.amount.minor, "kind": version.kind, "program": version.program}
    row = Transaction(
        version=version,
        fiscal_year=2024,
        provenance="voucher",
        text=text,
        text_digest=text.digest,
        **(says | other),
    )
    row.entry_id = entry_for(row)
    return row


def approve_only(version, by=None, **other):
    by = by or make.approver_of(version.voucher.program)
    says = {"version": version, "approver": by, "content_hash": version.content_hash}
    says |= {"signed_on": version.voucher.organisation.today()} | other
    approval = Approval(**says)
    approval.entry_id = entry_for(approval)
    approval.save()


def test_nothing_is_posted_without_an_approval(program):
    version = make.submit(make.make_voucher(program))
    with forbidden("transaction_needs_an_approval"):
        copy_of(version).save()


def test_a_voucher_is_posted_once(program):
    version = make.make_commitment(program).version
    with forbidden("transaction_once_per_voucher"):
        copy_of(version).save()


@pytest.mark.parametrize("other", ["amount", "currency", "program", "value_date", "kind"])
def test_what_is_posted_is_what_was_approved(program, other):
    version = make.submit(make.make_voucher(program))
    approve_only(version)
    values = {
        "amount": 99,
        "currency": "EUR",
        "program": make_program(),
        "value_date": "2023-01-01",
        "kind": "refund",
    }
    with forbidden("transaction_is_what_was_approved"):
        copy_of(version, **{other: values[other]}).save()


def test_an_editor_never_approves(program):
    version = make.submit(make.make_voucher(program))
    editor = version.voucher.created_by
    give_role(editor, Role.APPROVER, organisation=program.owner)
    with forbidden("approval_never_by_an_editor"):
        approve_only(version, by=editor)


def test_an_approval_binds_to_the_content_of_the_newest_version_that_was_not_returned(program):
    voucher = make.make_voucher_at("returned", program)
    old = voucher.versions.get()
    with forbidden("approval_not_after_a_return"):
        approve_only(old)
    new = make.submit(voucher)
    with forbidden("approval_of_the_newest_version|approval_not_after_a_return"):
        approve_only(old)
    with forbidden("approval_binds_to_the_content"):
        approve_only(new, content_hash="0" * 64)


def test_a_version_with_every_signature_is_not_returned(program):
    version = make.make_commitment(program).version
    text = ReturnText.objects.create(reason="No.")
    person = make_person(Role.APPROVER, organisation=program.owner)
    row = Return(version=version, returned_by=person, text=text, text_digest=text.digest)
    row.entry_id = entry_for(row)
    with forbidden("return_not_once_signed"):
        row.save()


def test_a_disbursement_draws_on_a_commitment_of_its_program_within_its_amount(program):
    commitment = make.make_commitment(program, "10.00")
    says = {"draws_on": commitment, "amount": make.money("6.00")}
    first, second = (make.submit(make.make_voucher(program, "disbursement", **says)) for _ in "12")
    make.approve(first)
    approve_only(second)

    with forbidden("balance_drawn_within_value"):
        copy_of(second).save()


def test_the_balance_is_not_raised_moved_or_deleted(program):
    commitment = make.make_commitment(program)
    with forbidden("balance_value_is_its_transactions"):
        execute("UPDATE tracker_balance SET value = value + 1")
    with forbidden("balance_drawn_within_value"):
        execute("UPDATE tracker_balance SET drawn = value + 1")
    with forbidden("balance_drawn_not_below_zero"):
        execute("UPDATE tracker_balance SET drawn = -1")
    with forbidden("balance_stays"):
        execute("DELETE FROM tracker_balance WHERE transaction_id = %s", commitment.pk)
    with forbidden("turnover_stays"):
        execute("DELETE FROM tracker_turnover")


def test_a_reversal_mirrors_its_row_once_and_is_not_reversed(program):
    commitment = make.make_commitment(program)
    reversal = make.make_reversal(commitment)
    mirrored = {"reverses": commitment, "kind": "commitment", "amount": -commitment.amount.minor}
    with forbidden("transaction_once_per_voucher|append_only|reverses_id"):
        copy_of(reversal.version, **mirrored).save()
    again = {"reverses": reversal, "kind": "commitment", "amount": -1}
    with forbidden("transaction_"):
        copy_of(reversal.version, **again).save()


@pytest.mark.parametrize("table", ["tracker_transactiontext", "tracker_versiontext"])
def test_words_are_erased_and_never_changed(program, table):
    entry = make.make_commitment(program, payee="A supplier").entry_id
    for change in (
        "payee = 'Somebody else'",
        f"payee = 'Somebody else', erased_by_id = {entry}",
        "payee = ''",
        f"payee = '', erased_by_id = {entry}",
        f"payee = '', salt = 'other', erased_by_id = {entry}",
    ):
        with forbidden("keeps its words"):
            execute(f"UPDATE {table} SET {change}")
    with forbidden("keeps its words"):
        execute(f"DELETE FROM {table}")

    execute(f"UPDATE {table} SET payee = '', salt = '', erased_by_id = {entry}")


def test_a_posted_voucher_gets_no_further_version(program):
    version = make.make_commitment(program).version
    columns = [f.column for f in version._meta.local_concrete_fields if f.column != "id"]
    with forbidden("version_of_an_open_voucher|append_only"):
        execute(
            f"INSERT INTO tracker_voucherversion ({', '.join(columns)}) "
            f"SELECT {', '.join('9' if c == 'number' else c for c in columns)} "
            "FROM tracker_voucherversion"
        )
