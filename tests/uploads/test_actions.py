"""From a file to posted rows: who may do what, what is posted, and what is never posted twice."""

from copy import deepcopy
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection

from tests.factories.accounts import end, make_organisation, make_person
from tests.factories.ledger import make_commitment
from tests.factories.programs import make_program
from tests.factories.uploads import (
    MAPPING,
    ROW,
    csv_of,
    make_office,
    make_posted_upload,
    make_upload,
    mapping,
    post_all,
)
from tracker.accounts.models import Notice, Organisation, Role
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.ledger import actions as ledger
from tracker.ledger.models import (
    Balance,
    EvidenceFile,
    Provenance,
    Transaction,
    TransactionKind,
    Turnover,
    Voucher,
)
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money
from tracker.uploads import actions, queries
from tracker.uploads.models import (
    UPLOAD_TRANSITIONS,
    RowState,
    Upload,
    UploadRow,
    UploadStatus,
)
from tracker.uploads.reading import tally as tallies

NUMBERED = mapping(columns__reference=None, columns__row_number="Ref")


def build():
    return make_office()


@pytest.fixture
def people(built):
    return deepcopy(built)


def upload_of(people, *rows, raw=None, **options):
    office, officer, _ = people
    return make_upload(
        csv_of(*(rows or (ROW,))), by=officer, organisation=office, mapping=raw, **options
    )


def posted_of(people, *rows, raw=None):
    office, officer, approver = people
    return make_posted_upload(
        csv_of(*(rows or (ROW,))),
        officer=officer,
        approver=approver,
        organisation=office,
        mapping=raw,
    )


def errors_of(upload):
    return [(line, p["column"], p["cause"]) for line, p in queries.errors_of(upload)]


# --- Taking in -------------------------------------------------------------


def test_an_upload_is_one_batch_voucher_with_its_file_as_evidence(people):
    upload = upload_of(people)

    assert upload.voucher.kind == "batch"
    assert upload.voucher.program is None
    assert upload.voucher.attachments.get().file == upload.file
    assert (upload.status, upload.rows_total, upload.rows_good) == (UploadStatus.CHECKED, 1, 1)
    assert len(upload.digest) == 64


def test_a_refused_file_leaves_nothing_behind(people):
    office, officer, _ = people

    with pytest.raises(Refused):
        make_upload(b"%PDF-1.4", by=officer, organisation=office)

    assert not Upload.objects.exists()
    assert not Voucher.objects.exists()
    assert not EvidenceFile.objects.exists()


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE, Role.RECIPIENT])
def test_only_an_officer_uploads(people, role):
    office, _, _ = people

    with pytest.raises(NotAllowed, match="Only a program officer"):
        make_upload(by=make_person(role, organisation=office), organisation=office)


def test_an_officer_of_another_organisation_does_not_upload(people):
    _, officer, _ = people

    with pytest.raises(NotAllowed):
        make_upload(by=officer, organisation=make_organisation())


def test_nothing_is_saved_if_the_journal_cannot_be_written(people, monkeypatch):
    office, officer, _ = people

    def broken(kind, **rest):
        if kind == "upload":
            raise IntegrityError
        return original(kind, **rest)

    original = journal.record
    monkeypatch.setattr(journal, "record", broken)

    with pytest.raises(IntegrityError):
        make_upload(by=officer, organisation=office)

    assert not Upload.objects.exists()
    assert not Voucher.objects.exists()


def test_a_file_is_checked_in_steps_that_may_be_far_apart(people):
    _, officer, _ = people
    rows = [f"R{n},FRA,France,2010,{n}.00,Depot" for n in range(1, 8)]
    upload = upload_of(people, *rows, checked=False)

    while upload.status == UploadStatus.CHECKING:
        upload = actions.check_next(upload=Upload.objects.get(pk=upload.pk), rows=3, by=officer)

    whole = upload_of(people, *rows, name="again.csv")
    assert [row.line for row in upload.rows.order_by("line")] == list(range(2, 9))
    assert upload.digest == whole.digest
    assert queries.sums_by_kind(queries.tally_of(upload).totals(), RowState.GOOD) == [
        ("disbursement", 7, Money(2800, "USD"))
    ]


# --- Checking --------------------------------------------------------------


def test_the_control_totals_are_by_kind_currency_and_fiscal_year(people):
    raw = mapping(constants__currency=None, columns__currency="Payee", columns__payee=None)
    upload = upload_of(
        people,
        "R1,FRA,France,2010,1.10,USD",
        "R2,FRA,France,2010,2.20,USD",
        "R3,FRA,France,2011,4.40,USD",
        "R4,FRA,France,2010,-0.10,USD",
        "R5,FRA,France,2010,8,JPY",
        raw=raw,
    )

    lines = queries.control_totals(queries.tally_of(upload), RowState.GOOD)

    assert [(line.kind, line.fiscal_year, line.rows, str(line.amount)) for line in lines] == [
        ("disbursement", 2010, 1, "8 JPY"),
        ("disbursement", 2010, 2, "3.30 USD"),
        ("refund", 2010, 1, "0.10 USD"),
        ("disbursement", 2011, 1, "4.40 USD"),
    ]


def test_a_reference_that_occurs_twice_is_an_error_that_names_the_other_line(people):
    upload = upload_of(people, ROW, "R2,FRA,France,2010,5.00,x", ROW)

    assert errors_of(upload) == [(4, "Ref", "Line 2 has the same reference already.")]


def test_a_reference_that_occurs_twice_is_found_across_steps(people):
    _, officer, _ = people
    upload = upload_of(people, ROW, ROW, checked=False)

    for _ in range(2):
        upload = actions.check_next(upload=upload, rows=1, by=officer)

    assert errors_of(upload) == [(3, "Ref", "Line 2 has the same reference already.")]


def test_a_program_that_is_not_there_and_not_proposed_is_an_error(people):
    upload = upload_of(people, raw=mapping(programs__propose=False))

    ((line, column, cause),) = errors_of(upload)
    assert (line, column, cause) == (2, "Code", "There is no program “AID-FRA”.")


def test_a_program_of_another_organisation_is_an_error(people):
    make_program(identifier="AID-FRA")

    ((_, _, cause),) = errors_of(upload_of(people))

    assert cause == "The program “AID-FRA” belongs to another organisation."


def test_a_file_does_not_set_up_programs_without_end(people, monkeypatch):
    from tracker.uploads.reading import checking

    monkeypatch.setattr(checking, "MOST_PROGRAMS", 1)
    upload = upload_of(people, ROW, "R2,DEU,Germany,2010,5.00,x", "R3,FRA,France,2011,5.00,x")

    ((line, _, cause),) = errors_of(upload)
    assert line == 3 and "would set up more than 1 programs" in cause


def test_a_sum_that_the_ledger_cannot_hold_is_an_error(people):
    most = f"{tallies.LARGEST_SUM // 100}.00"
    upload = upload_of(people, f"R1,FRA,France,2010,{most},x", "R2,FRA,France,2010,0.01,x")

    ((line, column, cause),) = errors_of(upload)
    assert (line, column) == (3, "Amount") and "larger than the ledger can hold" in cause


# --- Submitting, approving, returning --------------------------------------


def test_a_file_with_an_error_cannot_be_submitted(people):
    _, officer, _ = people
    upload = upload_of(people, ROW, "R2,FRA,France,2010,none,x")

    with pytest.raises(Refused, match="1 row has an error: correct the file"):
        actions.submit_upload(upload=upload, by=officer)


def test_a_file_that_is_still_being_checked_cannot_be_submitted(people):
    _, officer, _ = people

    with pytest.raises(Refused, match="still being checked"):
        actions.submit_upload(upload=upload_of(people, checked=False), by=officer)


def test_the_approvers_are_told_and_the_officer_hears_of_the_decision(people):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)

    assert Notice.objects.filter(person=approver).count() == 1
    actions.return_upload(upload=upload, reason="Wrong year.", by=approver)

    assert "was returned" in Notice.objects.filter(person=officer).last().sentence


def test_who_uploaded_never_approves(people):
    office, officer, approver = people
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=office)
    upload = make_upload(by=both, organisation=office)
    actions.submit_upload(upload=upload, by=officer)

    with pytest.raises(NotAllowed, match="You had a hand in"):
        actions.approve_upload(upload=upload, by=both)

    assert actions.approve_upload(upload=upload, by=approver).status == UploadStatus.POSTING


def test_an_officer_does_not_approve(people):
    office, officer, _ = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)

    with pytest.raises(NotAllowed):
        actions.approve_upload(upload=upload, by=make_person(Role.OFFICER, organisation=office))


def test_a_batch_is_approved_once(people):
    office, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    actions.approve_upload(upload=upload, by=approver)

    with pytest.raises(Refused, match="has to be submitted first"):
        actions.approve_upload(upload=upload, by=make_person(Role.APPROVER, organisation=office))


def test_the_approval_is_bound_to_every_row(people):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    UploadRow.objects.filter(upload=upload).update(amount=Money(99900, "USD"))

    with pytest.raises(Refused, match="no longer those that were submitted"):
        actions.approve_upload(upload=upload, by=approver)


@pytest.mark.parametrize("change", ["mapping", "file"])
def test_the_approval_is_bound_to_mapping_and_file(people, change):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    if change == "mapping":
        Upload.objects.filter(pk=upload.pk).update(mapping={**MAPPING, "name": "Other"})
    else:
        other = ledger.store_file(file=ContentFile(b"x,y\n1,2\n"), name="o.csv", by=officer)
        Upload.objects.filter(pk=upload.pk).update(file=other)

    with pytest.raises(Refused, match="no longer those that were submitted"):
        actions.approve_upload(upload=upload, by=approver)


def test_programs_are_not_set_up_for_somebody_who_is_no_officer_any_more(people):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    end(officer.memberships.get(role=Role.OFFICER))

    with pytest.raises(Refused, match="is no longer a program officer"):
        actions.approve_upload(upload=upload, by=approver)


def test_a_returned_batch_is_submitted_again_or_discarded(people):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    upload = actions.return_upload(upload=upload, reason="Why 2010?", by=approver)

    upload = actions.submit_upload(upload=upload, by=officer)
    assert upload.voucher.versions.count() == 2
    upload = actions.return_upload(upload=upload, reason="Still.", by=approver)
    upload = actions.discard_upload(upload=upload, by=officer)

    assert upload.status == UploadStatus.DISCARDED
    assert upload.voucher.status == "withdrawn"


def test_what_waits_for_approval_is_not_discarded(people):
    _, officer, _ = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)

    with pytest.raises(Refused, match="ask the approver to return it first"):
        actions.discard_upload(upload=upload, by=officer)


def test_an_upload_catches_up_with_a_decision_on_its_voucher(people):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)

    ledger.approve_voucher(version=queries.version_of(upload), by=approver)

    upload = Upload.objects.select_related("voucher").get(pk=upload.pk)
    assert upload.stands == UploadStatus.POSTING
    upload = actions.post_next(upload=upload, by=approver)
    assert post_all(upload, by=approver).status == UploadStatus.POSTED


def test_every_state_has_its_way_and_its_place():
    assert set(UPLOAD_TRANSITIONS) == set(UploadStatus)
    assert set(queries.PLACES) == set(UploadStatus)


# --- Posting ---------------------------------------------------------------


def test_nothing_is_in_the_ledger_before_the_approval(people):
    _, officer, _ = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)

    with pytest.raises(Refused, match="it is not being posted now"):
        actions.post_next(upload=upload, by=officer)

    assert not Transaction.objects.exists()
    assert not Program.objects.exists()


def test_a_posted_row_says_what_the_file_says(people):
    office, _, approver = people

    upload = posted_of(people)

    posted = upload.rows.get().transaction
    assert (posted.kind, posted.amount) == ("disbursement", Money(10000, "USD"))
    assert (posted.value_date, posted.date_precision) == (date(2010, 9, 30), "fiscal_year")
    assert (posted.fiscal_year, posted.provenance) == (2010, Provenance.UPLOAD)
    assert (posted.text.reference, posted.text.payee) == ("R1", "Depot")
    assert posted.provider.name == "Donor State"
    assert (posted.receiver.name, posted.receiver.country) == ("France", "FR")
    assert posted.program.owner == office
    assert history_of(posted)[0].actor == approver.uid


def test_a_refund_goes_from_the_recipient_back_to_the_donor(people):
    upload = posted_of(people, ROW, "R2,FRA,France,2010,-30.00,Depot")

    refund = Transaction.objects.get(kind=TransactionKind.REFUND)
    assert (refund.provider.name, refund.receiver.name) == ("France", "Donor State")
    assert refund.draws_on.balance.drawn == Money(7000, "USD")
    assert upload.rows_posted == 2


def test_history_gets_one_opening_commitment_per_program_year_and_currency(people):
    posted_of(
        people,
        "R1,FRA,France,2010,1.00,x",
        "R2,FRA,France,2010,2.00,x",
        "R3,FRA,France,2011,4.00,x",
        "R4,DEU,Germany,2010,8.00,x",
        "R5,FRA,France,2010,-0.50,x",
    )

    openings = Transaction.objects.filter(provenance=Provenance.OPENING)
    found = openings.order_by("program__identifier", "fiscal_year")
    assert [(t.program.identifier, t.fiscal_year, t.amount.minor) for t in found] == [
        ("AID-DEU", 2010, 800),
        ("AID-FRA", 2010, 300),
        ("AID-FRA", 2011, 400),
    ]
    assert {t.value_date for t in found.filter(fiscal_year=2010)} == {date(2009, 10, 1)}


def test_a_later_batch_gets_a_further_opening_commitment_of_what_it_needs(people):
    posted_of(people)
    posted_of(people, ROW, "R2,FRA,France,2010,7.00,Depot")

    openings = Transaction.objects.filter(provenance=Provenance.OPENING).order_by("pk")
    assert [t.amount.minor for t in openings] == [10000, 700]
    assert Turnover.objects.get(kind="disbursement").amount == Money(10700, "USD")


def test_a_refund_above_its_payment_in_the_file_is_posted_after_it(people):
    upload = posted_of(people, "R1,FRA,France,2010,-30.00,Depot", "R2,FRA,France,2010,40.00,x")

    assert upload.rows_posted == 2
    assert Balance.objects.get(transaction__kind="commitment").drawn == Money(1000, "USD")


def test_a_refund_of_an_earlier_batch_goes_back_to_its_commitment(people):
    posted_of(people)
    posted_of(people, "R2,FRA,France,2010,-60.00,Depot")

    assert Balance.objects.get(transaction__kind="commitment").drawn == Money(4000, "USD")


def test_a_refund_of_what_was_never_recorded_draws_on_nothing(people):
    posted_of(people, "R1,FRA,France,2010,-60.00,Depot")

    refund = Transaction.objects.get()
    assert refund.kind == TransactionKind.REFUND
    assert refund.draws_on is None


def test_a_region_has_no_recipient(people):
    posted_of(people, "R1,WLD,World,2010,5.00,x")

    program = Program.objects.get()
    assert [p.role for p in program.participations.all()] == ["donor"]
    assert Transaction.objects.get(provenance=Provenance.UPLOAD).receiver is None


def test_an_organisation_that_is_there_is_used_not_doubled(people):
    existing = make_organisation("FRANCE")

    posted_of(people)

    assert Organisation.objects.filter(name__iexact="france").get() == existing


def test_programs_are_the_officers_proposal(people):
    _, officer, _ = people
    posted_of(people)

    (event,) = history_of(Program.objects.get())
    assert event.actor == officer.uid


def test_a_program_that_is_there_is_used(people):
    office, officer, _ = people
    program = make_program(owner=office, by=officer, identifier="AID-FRA")

    upload = posted_of(people)

    assert queries.tally_of(upload).programs == {}
    assert upload.rows.get().transaction.program == program


def test_posting_can_be_stopped_and_continued(people):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    upload = actions.approve_upload(upload=upload, by=approver)
    upload = actions.post_next(upload=upload, by=approver)

    upload = actions.stop_posting(upload=upload, by=officer)
    with pytest.raises(Refused, match="it is not being posted now"):
        actions.post_next(upload=upload, by=approver)
    upload = actions.continue_posting(upload=upload, by=officer)

    assert post_all(upload, by=officer).status == UploadStatus.POSTED
    assert {e.op for e in history_of(upload)} >= {"stop", "continue", "post"}


def test_a_step_that_fails_leaves_nothing_half_done(people, monkeypatch):
    _, officer, approver = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)
    upload = actions.approve_upload(upload=upload, by=approver)
    upload = actions.post_next(upload=upload, by=approver)  # the program
    upload = actions.post_next(upload=upload, by=approver)  # the opening commitment
    before = Transaction.objects.count()
    monkeypatch.setattr(Upload, "save", lambda *a, **k: (_ for _ in ()).throw(IntegrityError))

    with pytest.raises(IntegrityError):
        actions.post_next(upload=upload, by=approver)

    assert Transaction.objects.count() == before
    assert UploadRow.objects.get().state == RowState.GOOD


def test_rows_are_posted_only_from_an_approved_batch(people):
    _, officer, _ = people
    upload = actions.submit_upload(upload=upload_of(people), by=officer)

    with pytest.raises(Refused, match="nobody approved"):
        ledger.post_rows(version=queries.version_of(upload), rows=[], by=officer)


# --- Never twice -----------------------------------------------------------


def test_the_same_file_again_posts_nothing(people):
    _, officer, _ = people
    posted_of(people)

    again = upload_of(people, name="renamed.csv")

    assert (again.rows_known, again.rows_good, again.rows_wrong) == (1, 0, 0)
    with pytest.raises(Refused, match="Every row of this file was posted before"):
        actions.submit_upload(upload=again, by=officer)


@pytest.mark.parametrize("raw", [MAPPING, NUMBERED], ids=["referenced", "numbered"])
def test_a_file_with_one_row_appended_posts_exactly_one(people, raw):
    posted_of(people, ROW, raw=raw)
    rows = Transaction.objects.filter(provenance=Provenance.UPLOAD)

    upload = posted_of(people, ROW, ROW.replace("R1", "R2"), raw=raw)

    assert (upload.rows_known, upload.rows_posted) == (1, 1)
    assert rows.count() == 2


@pytest.mark.parametrize(
    "row, column, said",
    [
        ("R1,FRA,France,2010,100.01,Depot", "Amount", "another amount: 100.00 USD"),
        ("R1,FRA,France,2011,100.00,Depot", "Year", "another date: 2010-09-30"),
        ("R1,FRA,France,2010,-100.00,Depot", "Amount", "another kind: disbursement"),
        ("R1,DEU,Germany,2010,100.00,Depot", "Code", "another program"),
        ("R1,FRA,France,2010,100.00,Other", "Payee", "another payee: Depot"),
    ],
)
def test_a_posted_row_with_other_content_is_an_error(people, row, column, said):
    posted_of(people)

    upload = upload_of(people, row)

    ((line, problem),) = queries.errors_of(upload)
    assert (line, problem["column"]) == (2, column)
    assert f"was posted with {said}" in problem["cause"]
    assert "Facts are never edited" in problem["remedy"]


def test_a_numbered_row_with_other_content_is_an_error_too(people):
    posted_of(people, ROW, raw=NUMBERED)

    upload = upload_of(people, ROW.replace("100.00", "99.00"), raw=NUMBERED)

    ((line, column, cause),) = errors_of(upload)
    assert (line, column) == (2, "Ref")
    assert cause == "Row R1 of “ministry-payments” was posted with other content (100.00 USD)."


def test_a_row_that_looks_like_a_posted_one_is_counted_as_a_warning(people):
    posted_of(people)

    upload = upload_of(people, ROW.replace("R1", "R2"))

    assert upload.rows_good == 1
    (warning,) = queries.warnings_of(queries.tally_of(upload))
    assert "1 new row equals a posted transaction" in warning
    assert "line 2" in warning


def test_a_program_with_commitments_of_its_own_is_a_warning(people):
    office, officer, _ = people
    program = make_program(owner=office, by=officer, identifier="AID-FRA")
    make_commitment(program)

    (warning,) = queries.warnings_of(queries.tally_of(upload_of(people)))

    assert "These programs hold commitments already: AID-FRA." in warning


def test_two_uploads_of_the_same_rows_are_not_both_on_their_way(people):
    _, officer, _ = people
    first, second = upload_of(people), upload_of(people, name="second.csv")
    actions.submit_upload(upload=first, by=officer)

    with pytest.raises(Refused, match="holds some of the same rows and is on its way"):
        actions.submit_upload(upload=second, by=officer)


def test_rows_posted_since_the_check_cannot_be_submitted(people):
    _, officer, _ = people
    late = upload_of(people, name="late.csv")
    posted_of(people)

    with pytest.raises(Refused, match="1 row was posted since this file was checked"):
        actions.submit_upload(upload=late, by=officer)


def test_a_row_posted_by_another_upload_after_the_approval_is_set_aside(people):
    _, officer, approver = people
    late = upload_of(people, ROW, "R2,FRA,France,2010,5.00,x", name="late.csv")
    posted_of(people)
    # As two submissions at the same moment could leave it: the check of the rival was too early for both.
    version = ledger.submit_voucher(voucher=late.voucher, batch_digest=late.digest, by=officer)
    Upload.objects.filter(pk=late.pk).update(status=UploadStatus.SUBMITTED)
    ledger.approve_voucher(version=version, by=approver)

    late = post_all(actions.post_next(upload=late, by=approver), by=approver)

    assert (late.status, late.rows_posted, late.rows_known) == (UploadStatus.POSTED, 1, 1)
    assert Turnover.objects.get(kind="commitment").amount == Money(10500, "USD")
    assert Transaction.objects.filter(provenance=Provenance.UPLOAD).count() == 2


def test_another_organisation_may_post_the_same_file(people):
    posted_of(people)
    other = make_office()
    raw = mapping(programs__identifier="OTHER-{code}")

    assert posted_of(other, raw=raw).rows_posted == 1


# --- Traps of the published file, in small ---------------------------------


def test_a_file_with_every_trap_adds_up_to_the_cent(people):
    """Exponents, equal rows, a region, a refund before its payment, more decimals than a float holds."""
    rows = [
        "1,IRQ,Iraq,2006,-26,",
        "2,IRQ,Iraq,2006,1.91e+08,",
        "3,IRQ,Iraq,2006,5500000,",
        "4,IRQ,Iraq,2006,5500000,",
        "5,WLD,World,2006,90071992547409.93,",
        "6,IRQ,Iraq,2007,0.10,",
        "7,IRQ,Iraq,2007,0.20,",
    ]

    upload = posted_of(people, *rows, raw=NUMBERED)

    sums = {
        (t.program.identifier, t.fiscal_year, t.kind): t.amount.minor
        for t in Turnover.objects.exclude(kind="commitment").select_related("program")
    }
    assert upload.rows_posted == 7
    assert sums == {
        ("AID-IRQ", 2006, "disbursement"): 20_200_000_000,
        ("AID-IRQ", 2006, "refund"): 2600,
        ("AID-WLD", 2006, "disbursement"): 9_007_199_254_740_993,
        ("AID-IRQ", 2007, "disbursement"): 30,
    }


def test_the_database_refuses_a_second_posting_of_a_row(people):
    upload = posted_of(people)
    row = upload.rows.get()

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracker_uploadrow (upload_id, line, state, problems, program_code, program_name, kind, "
            "currency, date_precision, reference, payee, description, number, import_key, transaction_id) "
            "VALUES (%s, 99, 'posted', '[]', '', '', '', '', '', '', '', '', '', '', %s)",
            [upload.pk, row.transaction_id],
        )
