"""Every action: what it does, and each rule broken once."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection
from django.test import TestCase

from tests.factories import ledger as make
from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_program
from tests.refusals import refused_at
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.ledger import actions, content, policies, queries
from tracker.ledger.content import Draft
from tracker.ledger.models import (
    Approval,
    Balance,
    Transaction,
    Turnover,
    VersionText,
    Voucher,
    VoucherVersion,
)
from tracker.shared import triggers
from tracker.shared.calendars import US_FEDERAL_ERAS
from tracker.shared.errors import NotAllowed, Refused


def build():
    """A program without vouchers, and of another office one that is ready to be submitted and one that is."""
    program, other = staffed_program(), staffed_program()
    draft = make.furnish(make.make_voucher(other))
    return program, draft, make.make_voucher_at("submitted", other)


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def draft(built):
    return deepcopy(built[1])


@pytest.fixture
def submitted(built):
    return deepcopy(built[2])


# --- From draft to transaction ---------------------------------------------


def test_a_commitment_a_disbursement_and_their_reversals_move_the_balance(program):
    commitment = make.make_commitment(program, "500.00")
    paid = make.make_disbursement(commitment, "500.00")
    assert policies.left_on(commitment).minor == 0

    back = make.make_reversal(paid)
    assert (back.kind, back.amount.plain, back.reverses) == ("disbursement", "-500.00", paid)
    assert policies.left_on(commitment) == commitment.amount

    gone = make.make_reversal(commitment)
    balance = Balance.objects.get(transaction=commitment)
    assert gone.amount == -commitment.amount
    assert (balance.value.minor, balance.drawn.minor) == (0, 0)


def test_each_step_leaves_exactly_one_entry_and_reads_as_a_story(program):
    posted = make.make_commitment(program, "500.00", number="V-1")

    story = [event["what"] for event in queries.history(posted.version.voucher)]

    assert story[::-1] == [
        "Voucher V-1 was drafted.",
        "The file contract.txt was attached.",
        "Version 1 was submitted and frozen.",
        "Version 1 was approved.",
        "The commitment of 500.00 USD was posted.",
    ]


@pytest.mark.parametrize("step", ["create", "submit", "approve", "return", "attach", "withdraw"])
def test_nothing_happened_if_the_journal_fails(draft, submitted, step):
    program = draft.program
    file, approver = make.make_file(by=draft.created_by), make.approver_of(program)
    by = draft.created_by
    version = submitted.versions.get()
    acts = {
        "create": lambda: make.make_voucher(program),
        "submit": lambda: actions.submit_voucher(voucher=draft, by=by),
        "approve": lambda: actions.approve_voucher(version=version, by=approver),
        "return": lambda: actions.return_voucher(version=version, reason="No.", by=approver),
        "attach": lambda: actions.attach_file(
            voucher=draft, file=file, name="a.txt", document_type="correspondence", by=by
        ),
        "withdraw": lambda: actions.withdraw_voucher(voucher=draft, by=by),
    }

    def state():
        statuses = list(Voucher.objects.order_by("pk").values_list("pk", "status"))
        counts = [m.objects.count() for m in (VoucherVersion, Approval, Transaction, VersionText)]
        return statuses, counts, draft.attachments.count()

    before = state()
    with (
        patch("tracker.journal.actions.recording._store", side_effect=OSError("journal")),
        pytest.raises(OSError, match="journal"),
    ):
        acts[step]()

    assert state() == before


def test_the_fiscal_year_is_that_of_the_programs_owner():
    owner = make_organisation(fiscal_eras=US_FEDERAL_ERAS)
    program = make_program(owner=owner)

    posted = make.make_commitment(program, value_date=date(2024, 10, 1))

    assert posted.fiscal_year == 2025


def test_a_date_before_the_calendar_begins_is_refused_at_its_field():
    from tracker.shared.calendars import Era

    owner = make_organisation(fiscal_eras=[Era(date(2000, 1, 1), 1)])
    voucher = make.make_voucher(make_program(owner=owner), value_date=date(1999, 5, 1))

    with refused_at("value_date"):
        make.submit(voucher)


def test_approvers_are_told_and_the_maker_hears_what_came_of_it(program):
    approver = make.approver_of(program)
    voucher = make.make_voucher(program, number="V-9")
    with TestCase.captureOnCommitCallbacks(execute=True):
        make.submit(voucher)
    assert approver.notices.get().sentence.startswith("Voucher V-9")
    assert mail.outbox[-1].to == [approver.email]

    by = approver
    actions.return_voucher(version=voucher.versions.get(), reason="No invoice.", by=by)
    assert voucher.created_by.notices.get().sentence.endswith("was returned: No invoice.")
    make.approve(make.submit(Voucher.objects.get(program=program)))
    sentences = [n.sentence for n in voucher.created_by.notices.order_by("-pk")]
    assert sentences[0] == "Voucher V-9 was approved and posted."


def test_an_approver_who_edited_is_not_asked(program):
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)
    make.make_voucher_at("submitted", program, by=both)

    assert not both.notices.exists()
    assert not queries.waiting_for(both).exists()


# --- Persons ---------------------------------------------------------------


def test_only_an_officer_of_the_program_drafts_edits_submits_and_withdraws(program):
    voucher = make.make_voucher(program)
    for person in (
        make_person(Role.APPROVER, Role.AUDITOR, organisation=program.owner),
        make_person(Role.OFFICER),
    ):
        with pytest.raises(NotAllowed, match="draft vouchers"):
            make.make_voucher(program, by=person)
        with pytest.raises(NotAllowed, match="edit vouchers"):
            make.edit(voucher, by=person)
        with pytest.raises(NotAllowed, match="submit vouchers"):
            actions.submit_voucher(voucher=voucher, by=person)
        with pytest.raises(NotAllowed, match="withdraw vouchers"):
            actions.withdraw_voucher(voucher=voucher, by=person)
        with pytest.raises(NotAllowed):
            actions.attach_file(
                voucher=voucher, file=make.make_file(), name="a", document_type="other", by=person
            )


def test_only_an_approver_of_the_program_decides(submitted):
    version = submitted.versions.get()
    for person in (make.officer_of(submitted.program), make_person(Role.APPROVER)):
        with pytest.raises(NotAllowed):
            actions.approve_voucher(version=version, by=person)
        with pytest.raises(NotAllowed):
            actions.return_voucher(version=version, reason="No.", by=person)


@pytest.mark.parametrize("hand", ["drafted", "edited", "attached", "submitted"])
def test_whoever_had_a_hand_in_any_version_never_approves_it(program, hand):
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)
    voucher = make.make_voucher(program, by=both if hand == "drafted" else None)
    officer = make.officer_of(program)
    for by in (officer, both) if hand == "attached" else (officer,):
        actions.attach_file(
            voucher=voucher,
            file=make.make_file(by=by),
            name="a.txt",
            document_type="contract",
            by=by,
        )
    if hand == "edited":
        make.edit(voucher, by=both, payee="Another")
    maker = both if hand == "submitted" else make.officer_of(program)
    version = actions.submit_voucher(voucher=voucher, by=maker)
    actions.return_voucher(version=version, reason="No.", by=make.approver_of(program))
    version = actions.submit_voucher(voucher=voucher, by=make.officer_of(program))

    with pytest.raises(NotAllowed, match="You had a hand in voucher"):
        actions.approve_voucher(version=version, by=both)


def test_a_superuser_is_no_exception(submitted):
    version = submitted.versions.get()
    person = make_person(Role.OFFICER, organisation=submitted.program.owner)
    person.is_superuser = True
    person.save()

    with pytest.raises(NotAllowed):
        actions.approve_voucher(version=version, by=person)


# --- States ----------------------------------------------------------------


def test_a_submitted_voucher_is_neither_edited_nor_withdrawn_nor_submitted_again(submitted):
    with pytest.raises(Refused, match="only a draft or a returned voucher can be edited"):
        make.edit(submitted)
    with pytest.raises(Refused, match="ask the approver to return it first"):
        actions.withdraw_voucher(voucher=submitted, by=submitted.created_by)
    with pytest.raises(Refused, match="submitted already"):
        make.submit(submitted)


@pytest.mark.parametrize("status", ["posted", "withdrawn"])
def test_a_voucher_at_its_end_stays_there(program, status):
    voucher = make.make_voucher_at(status, program)
    for act in (
        make.edit,
        make.submit,
        lambda v: actions.withdraw_voucher(voucher=v, by=v.created_by),
    ):
        with pytest.raises(Refused):
            act(voucher)


def test_a_superseded_version_is_neither_approved_nor_returned(program):
    voucher = make.make_voucher_at("returned", program)
    old, new = voucher.versions.get(), make.submit(voucher)
    assert new.number == 2
    for decide in (make.approve, _send_back):
        with pytest.raises(Refused, match=r"Version 1 .* was replaced by version 2"):
            decide(old)
    make.approve(new)


def _send_back(version):
    by = make.approver_of(version.voucher.program)
    return actions.return_voucher(version=version, reason="No.", by=by)


def test_a_posted_or_returned_voucher_is_not_decided_again(program):
    posted = make.make_voucher_at("posted", program).versions.get()
    returned = make.make_voucher_at("returned", program).versions.get()
    for decide in (make.approve, _send_back):
        with pytest.raises(Refused, match="posted already"):
            decide(posted)
        with pytest.raises(Refused, match="has to be submitted first"):
            decide(returned)
    assert Transaction.objects.count() == 1


def test_a_return_needs_a_reason(submitted):
    version = submitted.versions.get()

    with refused_at("reason"):
        actions.return_voucher(version=version, reason="  ", by=make.approver_of(submitted.program))


# --- The hash --------------------------------------------------------------


def test_the_hash_covers_payee_parent_dates_amounts_parties_and_evidence(program):
    commitment = make.make_commitment(program)
    other = make.make_commitment(program)
    voucher = make.make_voucher(program, "disbursement", draws_on=commitment, amount=make.money(5))
    version = make.submit(voucher)
    authority = actions.create_authority(
        organisation=program.owner, title="Act", legal_basis="§ 1", by=voucher.created_by
    )
    recipient = program.participations.get(role="recipient").organisation
    told = {version.content_hash}
    changes = [
        {"payee": "Another"},
        {"reference": "R-1"},
        {"description": "Beds"},
        {"amount": make.money("5.01")},
        {"value_date": date(2024, 3, 16)},
        {"date_precision": "month"},
        {"draws_on": other},
        {"provider": program.owner},
        {"receiver": recipient},
        {"authority": authority},
        {
            "form": "goods",
            "valuation_basis": "donor_stated",
            "valuation_date": date(2024, 1, 1),
            "delivery_point": "node_arrival",
        },
        {"quantity": Decimal(40)},
        {"unit": "beds"},
        {"delivery_point": "title_transfer"},
        {"valuation_date": date(2024, 1, 2)},
    ]
    for change in changes:
        _send_back(version)
        make.edit(Voucher.objects.get(pk=voucher.pk), **change)
        version = make.submit(voucher)
        told.add(version.content_hash)
    _send_back(version)
    make.make_attachment(voucher)
    told.add(make.submit(voucher).content_hash)

    assert len(told) == len(changes) + 2


def test_the_stored_version_gives_its_own_hash(program):
    voucher = make.make_voucher(program)
    make.make_attachment(voucher)
    version = VoucherVersion.objects.get(pk=make.submit(voucher).pk)

    assert content.hash_as_stored(version) == version.content_hash


def test_a_version_whose_payee_was_changed_behind_our_back_is_not_approved(submitted):
    version = submitted.versions.get()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    triggers.drop()  # whoever can do this owns the database
    VersionText.objects.filter(pk=version.text_id).update(payee="Somebody else")
    triggers.install()

    with pytest.raises(Refused, match="no longer says what was submitted"):
        make.approve(version)


# --- Money -----------------------------------------------------------------


def test_disbursing_more_than_is_left_is_refused_at_submission_with_what_is_left(program):
    commitment = make.make_commitment(program, "1000.00")
    make.make_disbursement(commitment, "400.00")
    voucher = make.make_voucher(
        program, "disbursement", draws_on=commitment, amount=make.money("600.01")
    )

    with refused_at("amount") as caught:
        make.submit(voucher)

    assert "Only 600.00 USD of the commitment is left" in caught.value.sentence
    voucher.refresh_from_db()
    assert voucher.status == "draft"


def _two_that_do_not_fit_together(program):
    commitment = make.make_commitment(program, "1000.00")
    says = {"draws_on": commitment, "amount": make.money("600.00")}
    first, second = (make.submit(make.make_voucher(program, "disbursement", **says)) for _ in "12")
    return first, second


def test_what_fitted_at_submission_is_checked_again_at_posting(program):
    first, second = _two_that_do_not_fit_together(program)
    make.approve(first)

    with refused_at("amount") as caught:
        make.approve(second)

    assert "Only 400.00 USD" in caught.value.sentence
    assert not second.approvals.exists()


def test_even_without_our_check_the_database_holds_and_says_why(program):
    first, second = _two_that_do_not_fit_together(program)
    make.approve(first)

    with (
        patch("tracker.ledger.policies.vouchers.check_enough_left"),
        pytest.raises(Refused, match="No longer that much is left"),
    ):
        make.approve(second)

    assert not second.approvals.exists()


def test_fifteen_digits_are_exhausted_to_the_last_cent(program):
    commitment = make.make_commitment(program, "123456789012345.67")
    make.make_disbursement(commitment, "123456789012345.66")
    with pytest.raises(Refused, match=r"Only 0\.01 USD"):
        make.make_disbursement(commitment, "0.02")

    make.make_disbursement(commitment, "0.01")

    assert policies.left_on(commitment).minor == 0
    (line,) = queries.totals_of([program])
    assert line.disbursed.plain == "123456789012345.67"
    with pytest.raises(Refused, match=r"Only 0\.00 USD"):
        make.make_disbursement(commitment, "0.01")


def test_sums_that_leave_an_integer_are_refused_and_not_made_floats(program):
    largest = make.money("80000000000000000.00")
    make.make_commitment(program, largest)

    with pytest.raises(Refused, match="larger than this ledger can hold"):
        make.make_commitment(program, largest)

    assert Turnover.objects.get(program=program).amount == largest
    assert queries.turnover_of(Transaction.objects.all())[0].amount == largest


def test_the_turnover_of_a_list_is_exact_beyond_an_integer_of_the_database():
    for _ in range(3):
        make.make_commitment(make_program(), "80000000000000000.00")

    (total,) = queries.turnover_of(Transaction.objects.all())

    assert (total.amount.plain, total.rows) == ("240000000000000000.00", 3)


def test_a_disbursement_draws_on_a_commitment_in_force_of_its_program_and_currency(program):
    commitment, other = make.make_commitment(program), make.make_commitment()
    paid = make.make_disbursement(commitment, "1.00")
    says = {"kind": "disbursement", "amount": make.money(5)}
    with refused_at("draws_on"):
        make.make_voucher(program, draws_on=other, **says)
    with refused_at("draws_on"):
        make.make_voucher(program, draws_on=paid, **says)
    with refused_at("draws_on"):
        make.make_voucher(program, kind="commitment", draws_on=commitment)
    with refused_at("currency"):
        make.make_voucher(
            program, kind="disbursement", draws_on=commitment, amount=make.money(5, "EUR")
        )
    make.make_reversal(paid)
    make.make_reversal(commitment)
    with refused_at("draws_on"):
        make.make_voucher(program, draws_on=commitment, **says)


def test_what_is_missing_is_told_at_submission_field_by_field(program):
    voucher = make.make_voucher(program, "disbursement", amount=None, value_date=None, payee="")

    with pytest.raises(Refused) as caught:
        actions.submit_voucher(voucher=voucher, by=voucher.created_by)

    assert set(caught.value.message_dict) == {
        *("amount", "currency", "value_date", "draws_on", "payee", "evidence")
    }


def test_a_zero_or_negative_amount_and_an_impossible_year_are_refused(program):
    with refused_at("amount"):
        make.make_voucher(program, amount=make.money(0))
    with refused_at("amount"):
        make.make_voucher(program, amount=make.money(-1))
    with refused_at("value_date"):
        make.make_voucher(program, value_date=date(202, 4, 1))
    with refused_at("payee"):
        make.make_voucher(program, payee="x" * 201)
    assert not Voucher.objects.filter(program=program).exists()


def test_a_number_is_used_once_per_organisation_and_the_next_free_one_is_found(program):
    year = program.owner.today().year
    make.make_voucher(program, number="A")
    with refused_at("number"):
        make.make_voucher(program, number=" A ")
    assert make.make_voucher(make_program(), number="A").number == "A"

    assert make.make_voucher(program).number == f"{year}-0001"
    make.make_voucher(program, number=f"{year}-0002")
    assert make.make_voucher(program).number == f"{year}-0003"


def test_an_authority_of_another_organisation_is_refused(program):
    officer = make_person(Role.OFFICER)
    foreign = actions.create_authority(
        organisation=officer.organisation, title="Act", legal_basis="§ 1", by=officer
    )
    with refused_at("authority"):
        make.make_voucher(program, authority=foreign)
    with refused_at("title"):
        actions.create_authority(
            organisation=officer.organisation, title="Act", legal_basis="§ 2", by=officer
        )


# --- Reversals -------------------------------------------------------------


def _reverse(row, reason="Paid twice."):
    by = make.officer_of(row.program)
    return actions.draft_reversal(transaction=row, reason=reason, value_date=make.A_DAY, by=by)


def test_a_row_is_reversed_at_most_once_and_a_reversal_never(program):
    commitment = make.make_commitment(program)
    reversal = make.make_reversal(commitment)
    with pytest.raises(Refused, match="reversed already"):
        _reverse(commitment)
    with pytest.raises(Refused, match="A reversal cannot be reversed"):
        _reverse(reversal)


def test_one_open_voucher_per_reversal(program):
    commitment = make.make_commitment(program)
    voucher = _reverse(commitment)
    with pytest.raises(Refused, match=f"Voucher {voucher.number} already asks"):
        _reverse(commitment)

    actions.withdraw_voucher(voucher=voucher, by=voucher.created_by)
    _reverse(commitment)


def test_a_commitment_that_is_drawn_on_says_what_to_reverse_first(program):
    commitment = make.make_commitment(program)
    for number in range(7):
        make.make_disbursement(commitment, "1.00", reference=f"INV-{number}")

    with pytest.raises(Refused, match=r"Reverse first: .*INV-0.*INV-4.*; and 2 more\.") as caught:
        _reverse(commitment)

    assert "INV-5" not in caught.value.sentence


def test_a_commitment_that_was_drawn_on_after_submission_is_not_reversed(program):
    commitment = make.make_commitment(program)
    version = make.submit(_reverse(commitment))
    make.make_disbursement(commitment, "1.00")

    with pytest.raises(Refused, match="is drawn on"):
        make.approve(version)


def test_a_reversal_needs_a_reason_and_keeps_all_but_reason_and_date(program):
    commitment = make.make_commitment(program, payee="A supplier", reference="C-1")
    with refused_at("reason"):
        _reverse(commitment, reason=" ")
    voucher = _reverse(commitment)

    make.edit(voucher, amount=make.money(1), payee="Another", description="Typing error.")

    voucher.refresh_from_db()
    assert (voucher.amount, voucher.payee) == (-commitment.amount, "A supplier")
    assert (voucher.reference, voucher.description) == ("C-1", "Typing error.")


def test_a_reversal_goes_the_way_of_every_voucher(program):
    commitment = make.make_commitment(program)
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)
    voucher = actions.draft_reversal(
        transaction=commitment, reason="Error.", value_date=make.A_DAY, by=both
    )
    version = make.submit(voucher)

    with pytest.raises(NotAllowed):
        actions.approve_voucher(version=version, by=both)


# --- Batches ---------------------------------------------------------------


def test_a_batch_is_submitted_with_a_digest_and_approved_without_posting(program):
    officer = make.officer_of(program)
    voucher = actions.create_batch_voucher(organisation=program.owner, by=officer)
    with pytest.raises(Refused, match="digest"):
        actions.submit_voucher(voucher=voucher, by=officer)
    with pytest.raises(Refused, match="A batch says what its file says"):
        actions.edit_voucher(voucher=voucher, draft=Draft(), by=officer)
    with pytest.raises(Refused, match="the file that its rows come from"):
        actions.submit_voucher(voucher=voucher, batch_digest="a" * 64, by=officer)
    make.make_attachment(voucher, "rows.csv", b"a,b", "rows")

    version = actions.submit_voucher(voucher=voucher, batch_digest="a" * 64, by=officer)
    actions.approve_voucher(version=version, by=make.approver_of(program))

    voucher.refresh_from_db()
    assert voucher.status == "posted"
    assert not Transaction.objects.exists()
    with pytest.raises(NotAllowed):
        actions.create_batch_voucher(organisation=program.owner, by=make_person(Role.OFFICER))
