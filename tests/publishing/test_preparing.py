"""A release takes two persons: one prepares and reconciles it, another releases exactly that."""

from copy import deepcopy

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.accounts import give_role
from tests.factories.programs import make_program
from tests.factories.publishing import (
    decide_not_published,
    delay,
    disclosure_of,
    explain,
    make_overdue,
    make_report_at,
    prepare,
    publish,
    withhold,
)
from tests.factories.results import make_indicator
from tests.publishing.test_reports import break_the_journal
from tracker.accounts.models import Role
from tracker.ledger.models import Turnover
from tracker.publishing import actions, queries, released, sheet
from tracker.publishing.models import (
    PREPARATION_TRANSITIONS,
    DifferenceExplained,
    Preparation,
    PreparationStatus,
    PublishedProgram,
    Release,
    ReleasedRow,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.models import AppendOnlyError


def build():
    """A program with a commitment and a payment of 100 USD, three disclosure officers, and a first release."""
    program = make_program()
    for number in range(3):
        disclosure_of(program, number)
    paid = make.make_disbursement(make.make_commitment(program, "100.00"), "100.00")
    publish(program)
    return paid


@pytest.fixture
def paid(built):
    return deepcopy(built)


@pytest.fixture
def program(paid):
    return paid.program


def pay(program, amount="10.00"):
    return make.make_disbursement(make.make_commitment(program, amount), amount)


def release(preparation, by=None):
    by = by or disclosure_of(preparation.program)
    return actions.release_prepared(preparation=preparation, by=by)


def line_of(preparation, place):
    return next(line for line in preparation.sheet["lines"] if line["place"] == place)


# --- Two persons -------------------------------------------------------------


def test_another_disclosure_officer_releases_what_was_prepared(program):
    pay(program)
    prepared = prepare(program)
    assert prepared.status == "prepared"
    assert PublishedProgram.objects.get(uid=program.uid).release.number == 1
    waits = [notice.sentence for notice in disclosure_of(program).notices.all()]
    assert any(sentence.startswith("Release what was prepared") for sentence in waits)

    second = release(prepared)

    prepared.refresh_from_db()
    assert (prepared.status, prepared.release, second.number) == ("released", second, 2)
    assert PublishedProgram.objects.get(uid=program.uid).release == second
    assert prepared.prepared_by.notices.filter(sentence__startswith="Released").exists()


def test_who_prepared_it_never_releases_it(program):
    pay(program)
    prepared = prepare(program)

    with pytest.raises(NotAllowed, match="You prepared this release"):
        release(prepared, prepared.prepared_by)


def test_the_database_refuses_one_person_for_both(program):
    pay(program)
    prepared = prepare(program)

    with pytest.raises(IntegrityError), transaction.atomic():
        Preparation.objects.filter(pk=prepared.pk).update(
            status="released",
            release=Release.objects.get(subject=program.uid),
            decided_by=prepared.prepared_by,
            decided_at=prepared.prepared_at,
        )


def test_an_officer_of_the_program_never_releases_it(program):
    pay(program)
    both = disclosure_of(program, 2)
    give_role(both, Role.OFFICER, program=program)

    with pytest.raises(NotAllowed, match="officer of this program"):
        release(prepare(program), both)


def test_nobody_but_disclosure_officers_prepares_or_releases(program):
    pay(program)
    for person in (make.officer_of(program), make.approver_of(program)):
        with pytest.raises(NotAllowed):
            prepare(program, person)
    prepared = prepare(program)
    with pytest.raises(NotAllowed):
        release(prepared, make.approver_of(program))


def test_who_wrote_the_sentence_does_not_release_it(paid, program):
    withhold(program, "transaction", "amount", paid.uid)
    prepared = prepare(program)
    actions.explain_difference(
        preparation=prepared,
        place="2024 disbursement USD",
        sentence="It is withheld now.",
        by=disclosure_of(program, 2),
    )

    with pytest.raises(NotAllowed, match="You wrote why a total differs"):
        release(prepared, disclosure_of(program, 2))
    assert [person.pk for person in queries.releasers_of(prepared)] == [disclosure_of(program).pk]


def test_one_release_of_a_program_is_prepared_at_a_time(program):
    pay(program)
    prepare(program)

    with pytest.raises(Refused, match="prepared already"):
        prepare(program)


def test_what_was_given_up_is_never_released_and_says_why(program):
    pay(program)
    prepared = prepare(program)
    with pytest.raises(Refused, match="Say why"):
        actions.drop_preparation(preparation=prepared, reason=" ", by=disclosure_of(program))

    actions.drop_preparation(
        preparation=prepared, reason="A payment is missing.", by=disclosure_of(program)
    )

    prepared.refresh_from_db()
    assert (prepared.status, prepared.reason) == ("dropped", "A payment is missing.")
    with pytest.raises(Refused):
        release(prepared)
    assert prepare(program).status == "prepared"


def test_a_decided_preparation_and_a_sheet_never_change(program):
    pay(program)
    prepared = prepare(program)
    rows = Preparation.objects.filter(pk=prepared.pk)
    for change in ({"sheet": {}}, {"manifest": "0" * 64}, {"journal_size": 1}):
        with pytest.raises(DatabaseError, match="preparation_is_frozen"), transaction.atomic():
            rows.update(**change)
    release(prepared)
    with pytest.raises(DatabaseError, match="preparation_is_frozen"), transaction.atomic():
        rows.update(reason="Another one.")
    with pytest.raises(DatabaseError, match="never_deleted"), transaction.atomic():
        rows.delete()


def test_a_sentence_about_a_difference_never_changes(paid, program):
    withhold(program, "transaction", "amount", paid.uid)
    prepared = prepare(program)
    explain(prepared)
    told = DifferenceExplained.objects.get()

    told.sentence = "Another one."
    with pytest.raises(AppendOnlyError):
        told.save()


def test_every_status_has_its_transitions():
    assert set(PREPARATION_TRANSITIONS) == set(PreparationStatus.values)


def test_nothing_is_saved_if_the_journal_cannot_be_written(paid, program, monkeypatch):
    withhold(program, "transaction", "amount", paid.uid)
    prepared, people = prepare(program), [disclosure_of(program, n) for n in range(2)]
    explain(prepared)
    other = make_program(owner=program.owner)
    counts = Preparation.objects.count(), Release.objects.count(), ReleasedRow.objects.count()
    break_the_journal(monkeypatch)

    for attempt in (
        lambda: prepare(other, people[0]),
        lambda: release(prepared, people[0]),
        lambda: actions.drop_preparation(preparation=prepared, reason="No.", by=people[0]),
        lambda: actions.explain_difference(
            preparation=prepared, place="2024 disbursement USD", sentence="Why.", by=people[1]
        ),
    ):
        with pytest.raises(RuntimeError):
            attempt()
    prepared.refresh_from_db()
    assert prepared.status == "prepared"
    assert DifferenceExplained.objects.count() == 1
    assert counts == (
        Preparation.objects.count(),
        Release.objects.count(),
        ReleasedRow.objects.count(),
    )


# --- What is refused ---------------------------------------------------------


def test_nothing_changed_is_not_prepared(program):
    with pytest.raises(Refused, match="Nothing has changed since release 1"):
        prepare(program)


def test_an_overdue_review_stops_both_persons(program):
    pay(program)
    withholding = withhold(program)
    prepared = prepare(program)
    make_overdue(withholding)

    with pytest.raises(Refused, match="wait for their review"):
        release(prepared)
    actions.drop_preparation(preparation=prepared, reason="Late.", by=disclosure_of(program))
    with pytest.raises(Refused, match="wait for their review"):
        prepare(program)


def test_a_program_that_is_decided_not_to_be_public_is_not_prepared():
    program = make_program()
    decide_not_published(program)

    with pytest.raises(Refused, match="decided not to publish"):
        prepare(program)


def test_a_decision_not_to_publish_after_the_preparation_stops_it():
    program = make_program()
    prepared = prepare(program)
    decide_not_published(program)

    with pytest.raises(Refused, match="decided not to publish"):
        release(prepared)


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_posted_meanwhile_stops_it_and_says_how_much(program, count):
    pay(program)
    prepared = prepare(program)
    parent = make.make_commitment(program, "500.00")
    for _ in range(count - 1):
        make.make_disbursement(parent, "5.00")

    words = "1 entry was" if count == 1 else f"{count} entries were"
    with pytest.raises(Refused, match=f"{words} recorded since.*prepare it again"):
        release(prepared)
    assert Release.objects.filter(subject=program.uid).count() == 1


def test_what_changes_nothing_public_does_not_stop_it(program):
    pay(program)
    prepared = prepare(program)
    make.make_voucher(program)

    assert release(prepared).number == 2


def test_books_that_differ_from_the_rows_stop_it(program):
    pay(program)
    prepared = prepare(program)
    with transaction.atomic():
        Turnover.objects.filter(program=program, kind="disbursement").update(amount=1)

    with pytest.raises(Refused, match="ledger's totals differ"):
        release(prepared)


def test_a_difference_without_a_sentence_stops_it(paid, program):
    withhold(program, "transaction", "amount", paid.uid)
    prepared = prepare(program)

    with pytest.raises(
        Refused, match=r"The total of disbursements 2024 in USD differs by .100\.00 USD because of"
    ):
        release(prepared)
    assert [str(place) for place in sheet.unexplained(prepared)] == ["2024 disbursement USD"]


@pytest.mark.parametrize(
    ("place", "sentence", "words"),
    [
        ("2024 disbursement USD", "  ", "Write why"),
        ("2024 commitment USD", "Nothing of it.", "does not differ"),
        ("1999 pledge EUR", "Nothing of it.", "does not differ"),
    ],
)
def test_a_sentence_is_about_a_total_that_differs(paid, program, place, sentence, words):
    withhold(program, "transaction", "amount", paid.uid)
    prepared = prepare(program)

    with pytest.raises(Refused, match=words):
        actions.explain_difference(
            preparation=prepared, place=place, sentence=sentence, by=prepared.prepared_by
        )


# --- The sheet ---------------------------------------------------------------


def test_the_sheet_reconciles_the_release_with_the_ledger(paid, program):
    hidden = pay(program, "30.00")
    make.post(program, "receipt", "60.00", draws_on=paid)
    goods.make_goods(program, amount=None)
    withhold(program, "transaction", "amount", hidden.uid)

    prepared = prepare(program)

    line = line_of(prepared, "2024 disbursement USD")
    assert (line["ledger"], line["stated"], line["withheld"]) == ("13000", "10000", "3000")
    assert (line["rows"], line["withheld_rows"], line["delayed_rows"]) == (1, 1, 0)
    assert line["unconfirmed"] == "7000"
    assert prepared.sheet["unvalued"] == [{"fiscal_year": 2024, "kind": "commitment", "rows": 1}]
    assert prepared.sheet["before"]["number"] == 1
    assert line["difference"] is None  # the new row does not state its amount
    assert line_of(prepared, "2024 receipt USD")["explained_by"] == sheet.ITSELF


def test_every_line_comes_to_the_ledger(paid, program):
    withhold(program, "transaction", "amount", paid.uid)
    pay(program, "11.00")
    goods.revalue(goods.make_goods(program, amount="50.00"), "20.00")

    for line in prepare(program).sheet["lines"]:
        parts = [line["stated"], line["withheld"], line["delayed"]]
        assert sum(int(part or 0) for part in parts) == int(line["ledger"] or 0)


def test_what_a_delay_holds_back_is_the_rest_of_each_line(paid, program):
    pay(program, "11.00")
    goods.revalue(goods.make_goods(program, amount="50.00"), "20.00")
    delay(program)

    prepared = prepare(program)

    line = line_of(prepared, "2024 disbursement USD")
    assert (line["delayed_rows"], line["delayed"], line["rows"]) == (2, line["ledger"], 0)
    for line in prepared.sheet["lines"]:
        assert int(line["delayed"] or 0) == int(line["ledger"] or 0)


def test_new_rows_explain_themselves(program):
    pay(program)
    prepared = prepare(program)

    assert not sheet.unexplained(prepared)
    line = line_of(prepared, "2024 disbursement USD")
    assert (line["before"], line["after"], line["difference"]) == ("10000", "11000", "1000")
    assert [(row["what"], row["delta"]) for row in line["listed"]] == [("new", "1000")]
    assert release(prepared).number == 2


def test_the_rows_below_a_total_are_bounded_and_the_rest_is_counted(program, monkeypatch):
    monkeypatch.setattr(sheet, "SHOWN", 2)
    for amount in ("1.00", "2.00", "3.00", "4.00"):
        pay(program, amount)

    line = line_of(prepare(program), "2024 disbursement USD")

    listed = sum(int(row["delta"]) for row in line["listed"])
    assert (len(line["listed"]), line["more"]) == (2, 2)
    assert listed + int(line["more_delta"]) == int(line["difference"])


def test_other_rows_that_change_are_named(program):
    make_indicator(program=program, title="Teams certified")
    withhold(program, "program", "summary")

    changes = prepare(program).sheet["changes"]

    told = {(one["kind"], one["what"], one["fields"]) for one in changes}
    assert told == {("indicator", "new", ""), ("program", "changed", "summary")}


@pytest.mark.thorough
def test_a_program_takes_a_fixed_number_of_queries_per_chunk(program, count_queries):
    people = [disclosure_of(program, n) for n in range(2)]
    pay(program)

    def once():
        with transaction.atomic():
            preparation = prepare(program, people[1])
            actions.drop_preparation(preparation=preparation, reason="Counted.", by=people[0])

    once()
    few = count_queries(once)
    for _ in range(10):
        pay(program)
    assert count_queries(once) == few


# --- What the public reads ---------------------------------------------------


def test_the_public_reads_why_a_total_differs_and_not_by_how_much_a_withheld_row_does(
    paid, program, client
):
    pay(program, "30.00")
    withhold(program, "transaction", "amount", paid.uid)
    prepared = prepare(program)
    explain(prepared, "The amount of one payment is withheld since.")

    (row,) = released.rows(release(prepared), "difference")

    assert released.value(row, "place") == "2024 disbursement USD"
    assert released.value(row, "sentence") == "The amount of one payment is withheld since."
    assert released.money(row, "after").plain == "30.00"
    assert released.cell(row, "before")["state"] == "not_stated"
    page = client.get(f"/programs/{program.uid}/").content.decode()
    assert "The amount of one payment is withheld since." in page


def test_a_revalued_total_says_what_it_was(client):
    row = goods.make_goods(make_program(), amount="1000.00")
    publish(row.program)
    goods.revalue(row, "400.00")
    prepared = prepare(row.program)
    explain(prepared, "It was valued anew.")

    (told,) = released.rows(release(prepared), "difference")

    assert released.money(told, "before").plain == "1000.00"
    assert released.money(told, "after").plain == "400.00"


def test_the_newest_sentence_counts(paid, program):
    withhold(program, "transaction", "amount", paid.uid)
    prepared = prepare(program)
    explain(prepared, "Wrong.")
    said = {"place": "2024 disbursement USD", "sentence": "Right.", "by": prepared.prepared_by}
    actions.explain_difference(preparation=prepared, **said)

    (row,) = released.rows(release(prepared), "difference")

    assert released.value(row, "sentence") == "Right."
    with pytest.raises(Refused, match="Nothing has changed since release 2"):
        prepare(program)


def test_a_report_is_published_with_what_was_prepared(program):
    report = make_report_at("reviewed", program)
    prepared = prepare(program, report=report)

    second = release(prepared)

    report.refresh_from_db()
    assert (report.status, report.release) == ("published", second)


def test_a_report_that_was_returned_meanwhile_is_not_published(program):
    report = make_report_at("reviewed", program)
    prepared = prepare(program, report=report)
    actions.return_report(report=report, reason="Wrong.", by=disclosure_of(program, 2))

    with pytest.raises(Refused):
        release(prepared)


def test_a_report_goes_with_a_release_of_its_own_program(program):
    with pytest.raises(Refused, match="another program"):
        prepare(program, report=make_report_at("reviewed"))
