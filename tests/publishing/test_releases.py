"""Releases: frozen, addressed by content, complete, and true to the ledger."""

import hashlib
from copy import deepcopy
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.ledger import (
    approver_of,
    make_commitment,
    make_disbursement,
    make_reversal,
    money,
)
from tests.factories.programs import make_program
from tests.factories.publishing import (
    disclosure_of,
    make_report_at,
    publish,
    publish_report,
    withhold,
)
from tests.factories.results import make_baseline, make_indicator, make_measurement, make_target
from tests.publishing.test_reports import break_the_journal
from tracker.accounts.models import Role
from tracker.journal.queries import history_of
from tracker.ledger.models import Turnover
from tracker.publishing import released
from tracker.publishing.fields import RELEASED
from tracker.publishing.models import (
    PublishedProgram,
    PublishedTotal,
    Release,
    ReleasedRow,
    ReleaseItem,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.models import AppendOnlyError


def rows(release, kind):
    return list(released.rows(release, kind))


def values(release, kind, *names):
    return [tuple(released.value(row, name) for name in names) for row in rows(release, kind)]


def build():
    """A commitment of 1000 and a payment of 100 USD, with receiver and payee."""
    commitment = make_commitment(make_program(), "1000.00")
    return make_disbursement(commitment, "100.00", payee="Field Hospitals Ltd", reference="INV-1")


@pytest.fixture
def paid(built):
    return deepcopy(built)


def test_a_release_holds_the_program_and_its_transactions(paid):
    release = publish(paid.program)

    (program,) = rows(release, "program")
    assert released.value(program, "title") == paid.program.title
    assert values(release, "transaction", "kind", "payee") == [
        ("commitment", "A supplier"),
        ("disbursement", "Field Hospitals Ltd"),
    ]
    payment = rows(release, "transaction")[1]
    assert payment.subject == paid.uid
    assert released.money(payment, "amount") == paid.amount
    assert released.value(payment, "draws_on") == str(paid.draws_on.uid)
    assert released.value(payment, "entry") == paid.entry_id


def test_what_nobody_stated_is_not_stated():
    release = publish(make_program(summary=""))

    (row,) = rows(release, "program")
    assert released.cell(row, "summary") == {"state": "not_stated"}
    assert released.cell(row, "starts_on") == {"state": "not_stated"}


def test_every_released_field_is_declared(paid):
    indicator = make_indicator(program=paid.program)
    make_baseline(indicator), make_target(indicator), make_measurement(indicator)
    withhold(paid.program, "transaction", "payee", paid.uid)
    report = make_report_at("published", paid.program)

    kinds = set()
    for row in ReleasedRow.objects.all():
        kinds.add(row.kind)
        assert set(row.cells) <= RELEASED[row.kind], row.kind
    assert {"participant", "indicator", "measurement", "target", "total", "withheld"} <= kinds
    assert {"report", "report_total", "report_indicator"} <= kinds
    assert report.release is not None


def test_a_withheld_field_keeps_its_row_and_gives_the_reason(paid):
    decided = withhold(paid.program, "transaction", "payee", paid.uid)

    release = publish(paid.program)

    payment = rows(release, "transaction")[1]
    assert released.cell(payment, "payee") == {
        "state": "withheld",
        "category": "operational_security",
        "reason": decided.reason,
        "legal_basis": decided.legal_basis,
        "review_on": decided.review_on.isoformat(),
        "decided_by": paid.program.owner.name,
    }
    assert values(release, "withheld", "record_kind", "field") == [("transaction", "payee")]
    assert rows(release, "withheld")[0].subject == paid.uid
    (summary,) = rows(release, "withheld_summary")
    assert (released.value(summary, "fields_withheld"), released.value(summary, "rows")) == (1, 1)
    assert PublishedProgram.objects.get().fields_withheld == 1


def test_a_withheld_payee_still_counts_in_the_totals(paid):
    withhold(paid.program, "transaction", "payee", paid.uid)

    publish(paid.program)

    total = PublishedTotal.objects.get(kind="disbursement")
    assert (total.amount, total.rows, total.withheld_rows) == (money("100.00"), 1, 0)


def test_a_withheld_amount_is_in_no_total_and_is_counted(paid):
    make_disbursement(paid.draws_on, "7.00")
    withhold(paid.program, "transaction", "amount", paid.uid)

    release = publish(paid.program)

    total = PublishedTotal.objects.get(kind="disbursement")
    assert (total.amount, total.rows, total.withheld_rows) == (money("7.00"), 1, 1)
    row = next(r for r in rows(release, "total") if released.value(r, "kind") == "disbursement")
    assert released.money(row, "amount") == money("7.00")
    assert released.value(row, "withheld_rows") == 1


def test_where_every_amount_is_withheld_no_sum_and_no_currency_is_told(paid):
    withhold(paid.program, "transaction", "amount", paid.uid)

    release = publish(paid.program)

    total = PublishedTotal.objects.get(kind="disbursement")
    assert (total.amount, total.currency, total.withheld_rows) == (None, "", 1)
    row = next(r for r in rows(release, "total") if released.value(r, "kind") == "disbursement")
    assert released.cell(row, "amount")["state"] == "withheld"
    assert released.overview().amounts_withheld == {("operational", "disbursement"): 1}


@pytest.mark.parametrize("which", ["original", "reversal"])
def test_a_reversal_does_not_tell_what_its_original_withholds(paid, which):
    reversal = make_reversal(paid)
    record = paid if which == "original" else reversal
    withhold(paid.program, "transaction", "amount", record.uid)

    release = publish(paid.program)

    states = [released.cell(row, "amount")["state"] for row in rows(release, "transaction")]
    assert states == ["stated", "withheld", "withheld"]
    assert released.value(rows(release, "transaction")[1], "reversed") is True
    assert PublishedTotal.objects.get(kind="disbursement").withheld_rows == 2


def test_a_withheld_participant_is_named_nowhere():
    partner = make_organisation("The Quiet Partner")
    from tracker.programs.actions import Participant

    owner = make_organisation()
    program = make_program(owner=owner, participants=[Participant(partner, "recipient")])
    withhold(program, "participant", "organisation", partner.uid)

    publish(program)

    public = PublishedProgram.objects.get()
    assert public.recipients == ""
    assert "Quiet" not in public.words
    row = ReleasedRow.objects.get(kind="participant")
    assert row.subject == program.uid
    assert row.cells["organisation"]["state"] == row.cells["country"]["state"] == "withheld"


def test_a_withheld_measurement_takes_the_standing_with_it():
    indicator = make_indicator()
    make_baseline(indicator, 0), make_target(indicator, 100)
    measured = make_measurement(indicator, 71)
    withhold(indicator.program, "measurement", "value", measured.uid)

    release = publish(indicator.program)

    (row,) = rows(release, "indicator")
    states = {name: row.cells[name]["state"] for name in ("actual", "achievement", "target")}
    assert states == {"actual": "withheld", "achievement": "withheld", "target": "stated"}
    assert row.cells["target_period"]["value"] == "1 Jan 2026 to 31 Dec 2026"


def test_a_corrected_measurement_stays_withheld():
    indicator = make_indicator()
    measured = make_measurement(indicator, 71)
    withhold(indicator.program, "measurement", "value", measured.uid)
    make_measurement(indicator, 72, replaces=measured)

    release = publish(indicator.program)

    (row,) = rows(release, "measurement")
    assert row.cells["value"]["state"] == "withheld"


def test_the_standing_of_an_indicator_is_that_of_the_results_room():
    indicator = make_indicator()
    make_baseline(indicator, 0), make_target(indicator, 100), make_measurement(indicator, 71)

    release = publish(indicator.program)

    names = ("baseline", "target", "actual", "achievement")
    (found,) = values(release, "indicator", *names)
    assert found[:3] == ("0", "100", "71")
    assert float(found[3]) == 71


def test_unchanged_rows_are_shared_between_releases(paid):
    first = publish(paid.program)
    before = ReleasedRow.objects.count()
    make_disbursement(paid.draws_on, "5.00")

    second = publish(paid.program)

    old = set(ReleaseItem.objects.filter(release=first).values_list("row", flat=True))
    new = set(ReleaseItem.objects.filter(release=second).values_list("row", flat=True))
    assert (first.number, second.number) == (1, 2)
    # the payment, the total of payments and the count of fields are new; all else is shared
    assert len(new - old) == 3 == ReleasedRow.objects.count() - before
    assert PublishedProgram.objects.get().release == second
    assert len(rows(first, "transaction")) == 2


def test_the_digests_can_be_reckoned_again(paid):
    import json

    release = publish(paid.program)

    lines = {}
    for item in ReleaseItem.objects.filter(release=release).order_by("pk").select_related("row"):
        row = item.row
        body = {"kind": row.kind, "subject": str(row.subject), "cells": row.cells}
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert row.digest == hashlib.sha256(text.encode()).hexdigest()
        lines.setdefault(item.kind, []).append(f"{item.position} {row.digest}\n")
    kinds = [
        f"{kind} {len(of)} {hashlib.sha256(''.join(of).encode()).hexdigest()}\n"
        for kind, of in sorted(lines.items())
    ]
    assert release.manifest == hashlib.sha256("".join(kinds).encode()).hexdigest()


def test_fifteen_digits_before_the_point_come_out_as_they_went_in():
    commitment = make_commitment(make_program(), "123456789012345.67")

    release = publish(commitment.program)

    (row,) = rows(release, "transaction")
    assert released.money(row, "amount") == commitment.amount
    assert PublishedTotal.objects.get().amount == commitment.amount


def test_nothing_new_is_nothing_to_publish(paid):
    publish(paid.program)

    with pytest.raises(Refused, match="Nothing has changed since release 1"):
        publish(paid.program)
    assert Release.objects.count() == 1


def test_a_release_that_the_books_contradict_is_refused(paid):
    Turnover.objects.filter(kind="disbursement").update(amount=1)

    with pytest.raises(Refused, match="totals differ"):
        publish(paid.program)
    assert not ReleasedRow.objects.exists()


def test_only_a_disclosure_officer_publishes(paid):
    with pytest.raises(NotAllowed):
        publish(paid.program, by=approver_of(paid.program))
    with pytest.raises(NotAllowed):
        publish(paid.program, by=make_person(Role.DISCLOSURE))


def test_who_writes_a_programs_data_does_not_publish_it():
    program = make_program()
    both = make_person(Role.DISCLOSURE, organisation=program.owner)
    give_role(both, Role.OFFICER, program=program)

    with pytest.raises(NotAllowed, match="who writes its data"):
        publish(program, by=both)


def test_a_release_is_journalled_with_its_manifest(paid):
    release = publish(paid.program)

    (event,) = history_of(release)
    assert (event.number, event.op) == (release.entry_id, "create")
    assert event.values["manifest"] == release.manifest
    assert event.values["rows"] == release.items.count()
    assert release.journal_size == release.entry_id - 1


def test_nothing_is_published_if_the_journal_cannot_be_written(paid, monkeypatch):
    by = disclosure_of(paid.program)
    break_the_journal(monkeypatch)

    with pytest.raises(RuntimeError):
        publish(paid.program, by=by)

    tables = (Release, ReleasedRow, ReleaseItem, PublishedProgram, PublishedTotal)
    assert [table.objects.count() for table in tables] == [0] * len(tables)


def test_a_release_is_never_changed(paid):
    release = publish(paid.program)

    with pytest.raises(AppendOnlyError):
        release.save()
    with pytest.raises(AppendOnlyError):
        ReleasedRow.objects.all().delete()


@pytest.mark.thorough
def test_more_transactions_cost_no_more_queries_within_a_chunk(paid, count_queries):
    make_program()  # stays undecided, so that the counts are written both times
    other = make_commitment(make_program(), "1000.00")
    for _ in range(5):
        make_disbursement(other, "1.00")
    people = [disclosure_of(program) for program in (paid.program, other.program)]

    few = count_queries(lambda: publish(paid.program, by=people[0]))
    many = count_queries(lambda: publish(other.program, by=people[1]))

    assert many == few


def test_a_report_states_opening_period_and_closing():
    program = make_program()
    commitment = make_commitment(program, "1000.00", value_date=date(2023, 5, 1))
    make_disbursement(commitment, "10.00", value_date=date(2023, 12, 31))
    make_disbursement(commitment, "20.00", value_date=date(2024, 1, 1))
    make_disbursement(commitment, "40.00", value_date=date(2024, 6, 30))
    make_disbursement(commitment, "80.00", value_date=date(2024, 7, 1))

    report = make_report_at("published", program)

    page = released.report_page(report.uid)
    assert page is not None
    row = next(r for r in page.totals if released.value(r, "kind") == "disbursement")
    told = [released.money(row, name) for name in ("opening", "period", "closing")]
    assert told == [money("10.00"), money("60.00"), money("70.00")]
    assert released.value(row, "rows") == 2


def test_a_report_does_not_sum_up_what_is_withheld():
    program = make_program()
    commitment = make_commitment(program, "1000.00")
    amount = make_disbursement(commitment, "20.00")
    day = make_disbursement(commitment, "40.00")
    make_disbursement(commitment, "80.00")
    withhold(program, "transaction", "amount", amount.uid)
    withhold(program, "transaction", "value_date", day.uid)

    report = make_report_at("published", program)

    page = released.report_page(report.uid)
    assert page is not None
    told = {
        (released.value(r, "kind"), released.value(r, "currency")): (
            released.money(r, "closing"),
            released.value(r, "withheld_rows"),
        )
        for r in page.totals
    }
    assert told == {
        ("commitment", "USD"): (money("1000.00"), 0),
        ("disbursement", None): (None, 1),
        ("disbursement", "USD"): (money("80.00"), 1),
    }


def test_a_report_shows_indicators_as_they_stood_at_its_end():
    indicator = make_indicator()
    make_baseline(indicator, 0), make_target(indicator, 100)
    make_measurement(indicator, 30, measured_on=date(2024, 6, 1))
    make_measurement(indicator, 71, measured_on=date(2024, 7, 1))

    report = make_report_at("published", indicator.program)

    page = released.report_page(report.uid)
    assert page is not None
    assert [released.value(row, "actual") for row in page.indicators] == ["30"]


def test_the_released_pages_read_what_was_released(paid):
    report = make_report_at("published", paid.program)

    page = released.program_page(paid.program.uid)

    assert page is not None
    assert page.transactions == 2
    assert [r.uid for r in page.reports] == [report.uid]
    assert [released.value(r, "kind") for r in page.of("total")] == ["commitment", "disbursement"]
    assert page.of("nothing") == []
    assert released.program_page(report.uid) is None
    assert released.report_page(paid.program.uid) is None
    assert released.finding_page(paid.program.uid) is None
    found = released.search(released.programs(), f"field {paid.program.identifier}")
    assert [p.uid for p in found] == [paid.program.uid]
    assert list(released.search(released.programs(), "submarines")) == []


def test_totals_of_different_natures_stand_apart():
    kept = make_commitment(make_program(), "10.00")
    shown = make_commitment(make_program(nature="illustrative"), "7.00")
    euros = make_commitment(make_program(), amount=money("5.00", "EUR"))
    for transaction in (kept, shown, euros):
        publish(transaction.program)

    overview = released.overview()

    assert sorted(str(t.amount) for t in overview.of()) == ["10.00 USD", "5.00 EUR"]
    assert [t.amount for t in overview.of("illustrative")] == [money("7.00")]
    assert overview.programs == {"operational": 2, "illustrative": 1}
    assert {t.fiscal_year for t in overview.by_year} == {2024}
    assert overview.journal_size == Release.objects.order_by("-pk").first().journal_size


def test_a_draft_is_in_no_release():
    from tests.factories.publishing import make_report

    report = make_report()
    release = publish(report.program)

    assert rows(release, "report") == []
    with pytest.raises(ValidationError):
        publish_report(report)
