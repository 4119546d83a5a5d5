"""Documents: typed, dated, hashed, required by kind, and seen when they are used twice. Each rule broken once."""

from copy import deepcopy
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.db import connection

from tests.factories import documents as papers
from tests.factories import ledger as make
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tests.refusals import forbidden, refused_at
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.journal import projections
from tracker.ledger import actions, content, policies, queries
from tracker.ledger.models import (
    Attachment,
    DocumentType,
    Requirement,
    Transaction,
    VersionEvidence,
    VoucherKind,
    VoucherVersion,
)
from tracker.ledger.requirements import ACCEPTS, EVERY_FORM, RULES, required
from tracker.shared import triggers
from tracker.shared.errors import Refused


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


def tampered(sql, *params):
    """By somebody who owns the database."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    triggers.drop()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    triggers.install()


# --- Type and date ---------------------------------------------------------


def test_a_document_has_its_own_date_beside_the_moment_of_its_upload(program):
    voucher = make.make_voucher(program)
    own = date(2019, 7, 1)

    dated = make.make_attachment(voucher, document_date=own)
    undated = make.make_attachment(voucher)

    dated.refresh_from_db()
    assert (dated.document_date, undated.document_date) == (own, None)
    assert dated.attached_at.date() > own


@pytest.mark.parametrize("said", ["", "poem", "rows"])
def test_a_document_says_what_it_is(program, said):
    voucher = make.make_voucher(program)
    file = make.make_file(by=voucher.created_by)
    with refused_at("document_type", "Say what “a.txt” is"):
        actions.attach_file(
            voucher=voucher, file=file, name="a.txt", document_type=said, by=voucher.created_by
        )
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("days", "words"), [(1, "has not come yet"), (-60_000, "cannot be right: check the year")]
)
def test_a_document_bears_a_day_that_has_been(program, days, words):
    voucher = make.make_voucher(program)
    day = program.owner.today() + timedelta(days=days)
    with refused_at("document_date", words):
        make.make_attachment(voucher, document_date=day)


def test_the_database_knows_the_types_and_takes_no_day_to_come(program):
    voucher = make.make_voucher(program)
    version = make.submit(voucher)
    file, ahead = make.make_file(), program.owner.today() + timedelta(days=9)
    with forbidden("evidence_not_dated_ahead"):
        VersionEvidence.objects.create(version=version, file=file, document_date=ahead)
    with forbidden("evidence_document_type_known"):
        VersionEvidence.objects.create(version=version, file=file, document_type="poem")
    with forbidden("attachment_document_type_known"):
        Attachment.objects.create(
            voucher=voucher, file=file, name="a", document_type="poem", attached_by=file.received_by
        )


def test_a_file_taken_off_stays_with_the_version_that_had_it(program):
    voucher = make.make_voucher(program)
    attachment = make.make_attachment(voucher)
    version = make.submit(voucher)
    _send_back(version)
    with refused_at("file", "attached already, as “invoice.txt”"):
        actions.attach_file(
            voucher=voucher,
            file=attachment.file,
            name="again.txt",
            document_type="contract",
            by=voucher.created_by,
        )

    actions.remove_attachment(attachment=attachment, by=voucher.created_by)
    second = make.submit(voucher)

    assert version.evidence.get().file == attachment.file
    assert second.evidence.get().file != attachment.file


def _send_back(version):
    by = make.approver_of(version.voucher.program)
    return actions.return_voucher(version=version, reason="No.", by=by)


def test_files_of_a_submitted_voucher_stay_as_they_are(program):
    voucher = make.make_voucher(program)
    attachment = make.make_attachment(voucher)
    make.submit(voucher)

    with pytest.raises(Refused, match="only a draft"):
        actions.remove_attachment(attachment=attachment, by=voucher.created_by)
    with pytest.raises(Refused, match="only a draft"):
        make.make_attachment(voucher, content=b"other")


def test_what_was_approved_gets_no_further_evidence(program):
    version = make.make_commitment(program).version
    with forbidden("evidence_before_the_approval"):
        VersionEvidence.objects.create(version=version, file=make.make_file())


# --- The hash --------------------------------------------------------------


def test_the_hash_covers_type_and_date_of_a_document(program):
    told = set()
    voucher, file = make.make_voucher(program), make.make_file()
    for kind, day in (
        ("contract", make.A_DAY),
        ("decision", make.A_DAY),
        ("contract", date(2024, 3, 16)),
        ("contract", None),
    ):
        attachment = actions.attach_file(
            voucher=voucher,
            file=file,
            name="same.txt",
            document_type=kind,
            document_date=day,
            by=voucher.created_by,
        )
        version = make.submit(voucher)
        assert content.hash_as_stored(version) == version.content_hash
        told.add(version.content_hash)
        _send_back(version)
        actions.remove_attachment(attachment=attachment, by=voucher.created_by)

    assert len(told) == 4


@pytest.mark.parametrize("change", ["document_type = 'decision'", "document_date = '2020-01-01'"])
def test_a_document_that_was_retyped_or_redated_behind_our_back_is_not_approved(program, change):
    version = make.submit(make.make_voucher(program))
    tampered(f"UPDATE tracker_versionevidence SET {change} WHERE version_id = %s", version.pk)

    with pytest.raises(Refused, match="no longer says what was submitted"):
        make.approve(VoucherVersion.objects.get(pk=version.pk))


def test_a_version_that_was_hashed_in_the_first_form_still_verifies(program):
    """Then neither type nor date were known; whatever a column holds now, the old hash speaks of the file alone."""
    version = make.submit(make.make_voucher(program))
    version.content_form = 1
    documents = content.documents_of(version)
    bare = [content.Document(one.sha256) for one in documents]

    first = content.content_hash(version, version.text, documents)

    assert first == content.content_hash(version, version.text, bare)
    assert first != version.content_hash
    assert b'"evidence":["' in content.canonical(version, version.text, documents)


def test_entries_from_before_documents_had_types_fit_rows_without_one():
    part = next(
        part
        for one in projections.registered()
        if getattr(one, "word", "") == "version"
        for part in one.parts
    )
    assert part.later == ("", None)
    assert part._whole(["ab12"]) == ["ab12", "", None]
    assert part._whole(["ab12", "contract", None]) == ["ab12", "contract", None]


# --- What a kind requires --------------------------------------------------


def test_every_kind_of_voucher_requires_something_and_every_requirement_is_met_by_something():
    assert {kind.value for kind in VoucherKind} <= {rule.kind for rule in RULES}
    for rule in RULES:
        assert rule.forms <= EVERY_FORM
    assert set(ACCEPTS) == set(Requirement)
    offered = {t.value for t in policies.OFFERED}
    assert all(types & offered for types in ACCEPTS.values())
    for form in EVERY_FORM:
        for kind in {rule.kind for rule in RULES}:
            assert required(kind, form, "not_stated")


@pytest.mark.parametrize(
    ("kind", "form", "basis", "needs"),
    [
        ("pledge", "money", "money", {"announcement"}),
        ("commitment", "money", "money", {"promise"}),
        ("commitment", "goods", "net_book_value", {"promise"}),
        ("disbursement", "money", "money", {"payment"}),
        ("disbursement", "goods", "net_book_value", {"delivery", "value"}),
        ("disbursement", "services", "not_stated", {"delivery", "value"}),
        ("disbursement", "goods", "unvalued", {"delivery"}),
        ("receipt", "goods", "unvalued", {"arrival"}),
        ("expenditure", "goods", "unvalued", {"use"}),
        ("refund", "money", "money", {"money_back"}),
        ("refund", "goods", "unvalued", {"arrival"}),
        ("write_off", "goods", "unvalued", {"loss"}),
        ("reversal", "money", "money", {"any"}),
        ("batch", "money", "money", {"any"}),
    ],
)
def test_what_a_voucher_must_rest_on(kind, form, basis, needs):
    assert {one.value for one in required(kind, form, basis)} == needs


def submit_as_it_is(voucher):
    return actions.submit_voucher(voucher=voucher, by=voucher.created_by)


@pytest.mark.parametrize("attached", [None, "correspondence", "invoice", "other"])
def test_a_commitment_without_contract_or_decision_is_not_submitted(program, attached):
    voucher = make.make_voucher(program)
    if attached:
        make.make_attachment(voucher, document_type=attached)

    with refused_at("evidence") as caught:
        submit_as_it_is(voucher)

    assert caught.value.sentence == (
        "This commitment lacks a contract or a decision. Attach it and say what it is, or ask for a waiver of it."
    )
    voucher.refresh_from_db()
    assert voucher.status == "draft"


def test_a_payment_needs_an_invoice_or_a_payment_order_of_its_own(program):
    commitment = make.make_commitment(program)
    voucher = make.make_voucher(
        program, "disbursement", draws_on=commitment, amount=make.money("5.00")
    )
    make.make_attachment(voucher, document_type="contract")
    with refused_at("evidence", "lacks an invoice or a payment order"):
        submit_as_it_is(voucher)

    make.make_attachment(voucher, document_type="payment_order")

    assert make.approve(submit_as_it_is(voucher)).amount.plain == "5.00"


def test_goods_need_a_dispatch_note_and_a_valuation(program):
    voucher = make.make_voucher(program, form="goods", valuation_basis="net_book_value")
    voucher.kind = "disbursement"  # kinds in kind have rules of their own besides
    assert [r.value for r in policies.unmet(voucher, set())] == ["delivery", "value"]
    assert [r.value for r in policies.unmet(voucher, {"dispatch_note"})] == ["value"]
    assert policies.unmet(voucher, {"completion", "valuation"}) == []


def test_a_reversal_rests_on_any_document(program):
    original = make.make_commitment(program)
    by = make.officer_of(program)
    voucher = actions.draft_reversal(
        transaction=original, reason="Twice.", value_date=make.A_DAY, by=by
    )
    with refused_at("evidence", "lacks a document of any type"):
        submit_as_it_is(voucher)
    make.make_attachment(voucher, document_type="other")
    assert make.approve(submit_as_it_is(voucher)).is_reversal


def test_a_document_that_was_taken_off_does_not_count(program):
    voucher = make.furnish(make.make_voucher(program))
    actions.remove_attachment(attachment=voucher.attachments.get(), by=voucher.created_by)
    with refused_at("evidence"):
        submit_as_it_is(voucher)


def test_a_document_from_before_types_were_asked_for_is_attached_anew(program):
    voucher = make.furnish(make.make_voucher(program))
    Attachment.objects.update(document_type="")
    with refused_at("evidence", "without a type counts as no document: take it off"):
        submit_as_it_is(voucher)


def test_posting_asks_again_and_the_approver_hears_why(program):
    """A version from before the rule, or one whose evidence is gone: it is not posted."""
    version = make.submit(make.make_voucher(program))
    tampered("DELETE FROM tracker_versionevidence WHERE version_id = %s", version.pk)

    with (
        patch("tracker.ledger.content.hash_as_stored", return_value=version.content_hash),
        refused_at("evidence", "Have the voucher returned and attach it, or ask for a waiver"),
    ):
        make.approve(version)

    assert not version.approvals.exists()


@pytest.mark.parametrize("left", [None, "correspondence", ""])
def test_even_without_our_check_the_database_posts_nothing_undocumented(program, left):
    version = make.submit(make.make_voucher(program))
    if left is None:
        tampered("DELETE FROM tracker_versionevidence WHERE version_id = %s", version.pk)
    else:
        tampered("UPDATE tracker_versionevidence SET document_type = %s", left)

    with (
        patch("tracker.ledger.content.hash_as_stored", return_value=version.content_hash),
        patch("tracker.ledger.policies.check_is_documented"),
        pytest.raises(Refused, match="no waiver of it is in force"),
    ):
        make.approve(version)

    assert not Transaction.objects.exists()


# --- The same file twice ---------------------------------------------------


def attach_again(file, voucher, name, document_type="contract"):
    return actions.attach_file(
        voucher=voucher, file=file, name=name, document_type=document_type, by=voucher.created_by
    )


def test_the_same_file_on_another_voucher_is_taken_and_both_pages_say_so(program):
    first = make.make_voucher(program, number="A-1")
    file = make.make_attachment(first, "invoice.txt").file
    second = make.make_voucher(program, number="A-2")

    attach_again(file, second, "contract.txt")

    uses = queries.uses_elsewhere(second, [file.pk], second.created_by)[file.pk]
    assert [(use.voucher.number, use.name) for use in uses.seen] == [("A-1", "invoice.txt")]
    back = queries.uses_elsewhere(first, [file.pk], second.created_by)[file.pk]
    assert [(use.voucher.number, use.name) for use in back.seen] == [("A-2", "contract.txt")]


def test_a_file_that_a_version_rests_on_is_seen_though_it_was_taken_off_since(program):
    first = make.make_voucher(program)
    attachment = make.make_attachment(first)
    _send_back(make.submit(first))
    actions.remove_attachment(attachment=attachment, by=first.created_by)
    second = make.make_voucher(program)
    attach_again(attachment.file, second, "b.txt")

    assert queries.uses_elsewhere(second, [attachment.file_id], second.created_by)

    third = make.make_voucher(program)
    draft = make.make_attachment(third)
    actions.remove_attachment(attachment=draft, by=third.created_by)
    assert not queries.uses_elsewhere(second, [draft.file_id], second.created_by)


def test_a_file_that_was_supplied_later_is_seen_too(program):
    posted = papers.post_on_a_waiver(program)
    supplied = papers.supply(posted)
    voucher = make.make_voucher(program)
    attach_again(supplied.file, voucher, "b.txt")

    uses = queries.uses_elsewhere(voucher, [supplied.file_id], voucher.created_by)
    assert uses[supplied.file_id].seen[0].name == "late.txt"


def test_vouchers_that_the_reader_may_not_see_are_counted_and_not_named(program):
    mine = make.make_voucher(program)
    file = make.make_attachment(mine).file
    for _ in "12":
        attach_again(file, make.make_voucher(make_program()), "secret-name.txt")
    for _ in range(4):
        attach_again(file, make.make_voucher(program), "b.txt")

    uses = queries.uses_elsewhere(mine, [file.pk], mine.created_by)[file.pk]

    assert (len(uses.seen), uses.more, uses.hidden, uses.total) == (3, 1, 2, 6)
    assert uses.rest == "1 more and 2 that you may not see"
    assert "secret-name.txt" not in {use.name for use in uses.seen}


def test_seeing_it_costs_as_many_queries_for_many_files_and_vouchers_as_for_one(
    program, count_queries
):
    voucher = make.make_voucher(program)
    files = [make.make_attachment(voucher).file]
    attach_again(files[0], make.make_voucher(program), "b.txt")

    def look():
        return queries.uses_elsewhere(voucher, [f.pk for f in files], voucher.created_by)

    before = count_queries(look)
    for _ in range(3):
        files.append(make.make_attachment(voucher).file)
        for file in files:
            attach_again(file, make.make_voucher(program), "b.txt")
    assert count_queries(look) == before
    assert len(look()) == 4


def test_a_file_of_no_other_voucher_is_not_spoken_of(program):
    voucher = make.furnish(make.make_voucher(program))
    assert all(one.uses.total == 0 for one in queries.filed(voucher, voucher.created_by))
    assert queries.uses_elsewhere(voucher, [], voucher.created_by) == {}


def test_the_documents_of_a_voucher_read_as_they_are(program):
    voucher = papers.post_on_a_waiver(program)
    papers.supply(voucher, "contract")
    reader = make_person(Role.AUDITOR, organisation=program.owner)

    (document,) = queries.filed(voucher, reader)
    (need,) = queries.needs_of(voucher, [document], program.owner.today())

    assert (document.label, document.is_supplied, document.row.name) == (
        DocumentType.CONTRACT.label,
        True,
        "late.txt",
    )
    assert (need.state, need.tone, need.documents) == ("there", "good", (document,))
