"""The ten anti-patterns that were found in real code (PEERS §5.2), one test each: it fails when the trap comes back."""

import csv
import inspect
import io
import re
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from tests.factories import chains, receipts
from tests.factories import documents as papers
from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.accounts import give_role, make_person, sign_in
from tests.factories.programs import make_program
from tests.factories.publishing import publish, withhold
from tracker.accounts.models import Role
from tracker.dashboards.queries import program_rows
from tracker.journal import actions as recording
from tracker.journal.models import Entry
from tracker.ledger import actions, queries
from tracker.ledger.models import (
    DRAWS_ON,
    Approval,
    Balance,
    Discrepancy,
    Return,
    Transaction,
    Turnover,
)
from tracker.programs.models import Program
from tracker.public.queries import program_page
from tracker.publishing.models import ReleasedRow
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.models import AppendOnlyError

STAGES = ("Promised", "Committed", "Disbursed", "Received", "Used")


def build():
    """The rows of a program that went the whole way."""
    return chains.whole_way(make_program(title="The whole way"))


@pytest.fixture
def made(built):
    return deepcopy(built)


@pytest.fixture
def whole(made):
    return made["first"].program


def line_of(stages):
    return {stage["label"]: stage["amount"] and stage["amount"].plain for stage in stages}


def rows_of(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_anti_pattern_1_the_reason_of_a_return_is_never_overwritten():
    """eTools and RSR keep one field for it: the second return erases the first."""
    voucher = make.make_voucher_at("returned")
    first = Return.objects.get()
    make.submit(voucher)
    version = voucher.versions.order_by("-number").first()
    by = make.approver_of(voucher.program)

    actions.return_voucher(version=version, reason="Now the contract is missing.", by=by)

    reasons = Return.objects.order_by("pk").values_list("text__reason", flat=True)
    assert list(reasons) == ["The invoice is missing.", "Now the contract is missing."]
    with pytest.raises(AppendOnlyError):
        first.save()
    with pytest.raises(DatabaseError, match="keeps its words"), transaction.atomic():
        type(first.text).objects.filter(pk=first.text_id).update(reason="Nothing was wrong.")


def test_anti_pattern_2_what_an_approver_wrote_is_there_after_the_approval():
    """TTA Hub blanks the notes when the record is approved."""
    voucher = make.make_voucher_at("returned")
    make.approve(make.submit(voucher))

    assert Return.objects.get().text.reason == "The invoice is missing."
    assert Return.objects.get().returned_by == make.approver_of(voucher.program)


def test_anti_pattern_3_the_record_of_events_has_no_switch_no_trim_and_no_exempt_person(
    monkeypatch,
):
    """eTools lets administrators switch the audit log off, trim it and exempt users."""
    program = make_program()
    names = [name for name in dir(settings) if name.startswith("JOURNAL")]
    for name in names:  # no setting of ours stops an entry
        if isinstance(getattr(settings, name), bool):
            monkeypatch.setattr(settings, name, not getattr(settings, name))
    officer = make.officer_of(program)
    officer.is_superuser = True
    before = Entry.objects.count()

    voucher = make.make_voucher(program, by=officer)

    entry = Entry.objects.get(record=voucher.uid)
    assert entry.actor == officer.uid
    assert Entry.objects.count() == before + 1
    assert {"enabled", "skip", "silent"}.isdisjoint(inspect.signature(recording.record).parameters)
    for sql in ("DELETE FROM tracker_entry", "UPDATE tracker_entry SET op = 'x'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_anti_pattern_5_who_made_it_never_signs_it_not_even_as_superuser_in_a_debug_mode(settings):
    """HOPE checked roles one by one, so one person could approve and authorise; a switch turned even that off."""
    settings.DEBUG = True
    program = make_program()
    version = make.submit(make.make_voucher(program))
    officer = make.officer_of(program)
    give_role(officer, "approver", organisation=program.owner)
    officer.is_superuser = officer.is_staff = True
    officer.save()

    with pytest.raises(NotAllowed, match="had a hand"):
        actions.approve_voucher(version=version, by=officer)
    says = {"content_hash": version.content_hash, "signed_on": program.owner.today()}
    approval = Approval(version=version, approver=officer, **says)
    approval.entry_id = recording.record(
        "approval",
        record=approval,
        op="create",
        by=officer,
        fields={"version": version, "number": 1, "content_hash": version.content_hash},
    )
    with pytest.raises(DatabaseError, match="approval_never_by_an_editor"), transaction.atomic():
        approval.save()
    assert not program.transactions.exists()


def test_anti_pattern_7_what_is_withheld_is_marked_and_its_row_stays(client):
    """FAC and DevTracker leave restricted records out: nobody can tell that something is missing."""
    paid = make.make_disbursement(make.make_commitment(make_program()))
    program = paid.program
    withhold(program, "transaction", "amount", paid.uid)
    publish(program)

    told = client.get(f"/programs/{program.uid}/transactions.csv")
    rows = b"".join(told.streaming_content).decode().splitlines()

    (row,) = [row for row in rows if str(paid.uid) in row]
    assert row.endswith(
        "amount: The place of a depot could be read from it."
    )  # marked and reasoned
    assert len(rows) == 1 + Transaction.objects.filter(program=program).count()


def _refused(sql, *values):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_anti_pattern_4_the_dispatched_quantity_is_never_overwritten_on_check_in():
    """eTools, last mile: a short check-in set the dispatched quantity to what arrived."""
    goods = receipts.make_goods(40, "100.00")
    statement = receipts.state(goods, "short", quantity=36)

    dispatched = Transaction.objects.get(pk=goods.pk)
    assert (dispatched.quantity, dispatched.amount.plain) == (40, "100.00")
    assert (statement.quantity, statement.transaction.quantity) == (36, 36)
    assert [(d.kind, d.quantity) for d in statement.opened.all()] == [("short", 4)]
    for row in (goods, statement.transaction):
        _refused("UPDATE tracker_transaction SET quantity = 36000000 WHERE id = %s", row.pk)
    receipts.state(goods, "confirmed")  # the rest: both receipts and the discrepancy stand
    assert Transaction.objects.get(pk=goods.pk).quantity == 40
    assert Discrepancy.objects.get().quantity == 4


def test_anti_pattern_6_a_pending_acceptance_is_never_deleted_and_nothing_then_counts_as_accepted(
    client,
):
    """Snipe-IT #16439: an acceptance request could be deleted, and the item counted as accepted without a trace."""
    dispatch = receipts.make_dispatch()
    program = dispatch.program
    representative = receipts.representative_of(program)
    officer = make.officer_of(program)

    def is_pending():
        return list(queries.waiting_for_word_of(representative)) == [dispatch]

    for sql in (
        "DELETE FROM tracker_transaction WHERE id = %s",
        "UPDATE tracker_transaction SET kind = 'refund' WHERE id = %s",
    ):
        _refused(sql, dispatch.pk)
    assert is_pending()
    assert not program.transactions.filter(kind="receipt").exists(), "nothing counts as accepted"
    # It waits, visibly, for both sides, and no address takes it off.
    page = sign_in(client, officer).get("/desk/dispatches/?word=waits").content.decode()
    assert "waits for a word" in page and str(dispatch.uid) in page
    address = f"/desk/dispatches/{dispatch.uid}/"
    for method in ("delete", "put", "patch"):
        assert getattr(client, method)(address).status_code == 405
    assert client.post(address, {"verdict": "confirmed"}).status_code == 403
    assert is_pending()
    desk = sign_in(client, representative).get("/desk/").content.decode()
    assert "Dispatches that wait for your word" in desk

    # Only a word ends it; and taking the word back brings it back.
    statement = receipts.state(dispatch, by=representative)
    assert not is_pending()
    _refused("DELETE FROM tracker_statement WHERE id = %s", statement.pk)
    make.make_reversal(statement.transaction)
    assert is_pending()


def test_anti_pattern_8_what_nobody_valued_is_not_0_and_nothing_is_converted(client):
    """IATI.cloud stored 0 where a conversion failed, and PRP where data were missing: sums looked complete."""
    program = make_program()
    row = goods.make_goods(program, amount=None)
    assert row.amount is None
    assert not Balance.objects.filter(transaction=row).exists()
    assert not Turnover.objects.filter(program=program).exists()
    assert queries.totals_of([program]) == []
    publish(program)
    cells = ReleasedRow.objects.get(kind="transaction").cells
    assert cells["amount"] == {"state": "not_stated"}
    told = client.get(f"/programs/{program.uid}/transactions/").content.decode()
    assert "Unvalued" in told and "0.00" not in told

    goods.revalue(row, make.money("500.00", "EUR"))
    with pytest.raises(Refused, match="No amount is converted"):
        goods.propose(row, make.money("540.00", "USD"))

    assert [line.currency for line in queries.totals_of([program])] == ["EUR"]
    other = goods.state_alternative(row, make.money("540.00", "USD"))
    (beside,) = queries.valued(row).others
    assert (beside.stated, beside.ratio) == (other, None)  # of two currencies: not 0, not 1


def test_anti_pattern_9_no_kind_stands_in_for_another(client, made, whole):
    """d-portal showed disbursements as commitments (#701), planned ones as budgets (#383), and was asked to copy a
    commitment into a missing disbursement (#224). Here each kind is its own sum, and a missing one is not stated."""
    only_promised = make_program(owner=whole.owner, title="Only promised")
    chains.make_pledge(only_promised, "777.00")
    officer = make_person(Role.OFFICER, organisation=whole.owner)
    sign_in(client, officer)

    # A program with pledges only: nothing is committed, which is neither 0 nor what was promised.
    (way,) = queries.ways_of(Program.objects.filter(pk=only_promised.pk))
    nothing = dict.fromkeys(STAGES) | {"Promised": "777.00"}
    assert line_of(way.stages()) == nothing
    (row,) = program_rows(Program.objects.filter(pk=only_promised.pk))
    assert (row.committed, row.disbursed, row.remaining) == (None, None, None)
    listed = client.get("/desk/ledger/", {"program": only_promised.uid, "kind": "commitment"})
    assert not listed.context["table"].rows and not listed.context["totals"]

    # Each kind is summed from its own rows.
    kept = Turnover.objects.filter(program=whole).values_list("kind", "amount")
    assert dict(kept) == {
        "pledge": 100000, "commitment": 80000, "disbursement": 60000, "receipt": 50000,
        "expenditure": 25000, "refund": 7000, "write_off": 2000,
    }  # fmt: skip
    for kind, amount in kept:
        page = client.get("/desk/ledger/", {"program": whole.uid, "kind": kind, "format": "csv"})
        assert {row["Kind"] for row in rows_of(page)} == {kind.replace("_", "-")}
        (total,) = client.get("/desk/ledger/", {"program": whole.uid, "kind": kind}).context[
            "totals"
        ]
        assert (total.kind, total.amount.minor) == (kind, amount)

    # The public reads the same: what nobody stated is not stated, and no kind fills a gap.
    for program, expected in (
        (only_promised, nothing),
        (whole, {
            "Promised": "1000.00", "Committed": "800.00", "Disbursed": "530.00",
            "Received": "500.00", "Used": "250.00",
        }),
    ):  # fmt: skip
        publish(program)
        (line,) = program_page(program.uid).lines
        assert line_of(line.stages) == expected
    page = client.get(f"/programs/{only_promised.uid}/").content.decode()
    told = re.findall(r'<tr><th scope="row">(\w+)</th><td[^>]*>(.*?)</td>', page)
    assert {stage for stage, said in told if "not stated" in said} == set(STAGES[1:])

    # And nothing draws on a kind that is not before it.
    assert "pledge" not in {kind for kinds in DRAWS_ON.values() for kind in kinds[1:]}
    assert made["received"].draws_on.kind == "disbursement"


def test_anti_pattern_9_what_is_stuck_is_said_the_same_to_the_public(client, whole):
    (ours,) = queries.ways_of(Program.objects.filter(pk=whole.pk))
    publish(whole)
    (line,) = program_page(whole.uid).lines

    stuck = ("undisbursed", "unconfirmed", "unused", "paid_back", "written_off")
    assert [getattr(line.way, name) for name in stuck] == [getattr(ours, name) for name in stuck]


def test_anti_pattern_9_a_hidden_payment_is_not_said_to_be_none():
    program = make_program()
    commitment = make.make_commitment(program, "100.00")
    withhold(program, "transaction", "amount", make.make_disbursement(commitment, "5.00").uid)
    publish(program)
    (line,) = program_page(program.uid).lines

    assert line.description == "How much of what is committed is disbursed cannot be said."


def test_anti_pattern_9_beside_an_amount_that_is_withheld_nobody_guesses_what_is_stuck(made, whole):
    silent = make.make_disbursement(made["commitment"], "5.00")
    withhold(whole, "transaction", "amount", silent.uid)
    publish(whole)
    (line,) = program_page(whole.uid).lines

    assert line.way.undisbursed is None and line.way.unconfirmed is None
    assert line.way.unused.plain == "210.00"
    assert line.way.disbursed.plain == "530.00"  # of what is stated: 600 less the 70 that came back

    # What is withheld of a payment is withheld of its report: nobody guesses what is left of that either.
    withhold(whole, "transaction", "amount", made["second"].uid)
    publish(whole)
    (line,) = program_page(whole.uid).lines
    assert line.way.received.plain == "400.00"
    assert line.way.unused is None


def test_anti_pattern_10_no_exception_without_an_end_comes_in_by_a_side_door():
    """DefectDojo's risk acceptance had a second screen that knew no last day (#13439). A waiver has one by every door."""
    voucher = make.make_voucher()
    with pytest.raises(Refused, match="365 days at most"):
        papers.ask(voucher, expires_on=papers.soon(voucher, 3650))
    waiver = papers.ask(voucher)
    too_late = papers.soon(voucher, 3650)
    for end, rule in ((None, "NOT NULL|null value"), (too_late, "waiver_ends_within_a_year")):
        with _refused_by_the_database(rule):
            papers.insert_waiver(voucher, end)
    later = papers.soon(voucher, 300)
    change = "UPDATE tracker_waiver SET expires_on = %s WHERE id = %s"
    with _refused_by_the_database("append_only"), connection.cursor() as cursor:
        cursor.execute(change, [later, waiver.pk])

    other = make.make_voucher()
    papers.past_waiver(other)
    with pytest.raises(Refused, match="A waiver of it ended on"):
        actions.submit_voucher(voucher=other, by=other.created_by)


@contextmanager
def _refused_by_the_database(rule):
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        yield
