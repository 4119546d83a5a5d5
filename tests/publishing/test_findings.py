"""The audit office publishes what it found; program staff cannot hold it back."""

import pytest

from tests.factories.accounts import make_person
from tests.factories.audits import make_auditor, make_finding, walk
from tests.factories.publishing import (
    disclosure_of,
    make_overdue,
    make_report_at,
    publish,
    withhold,
)
from tests.publishing.test_reports import break_the_journal
from tracker.accounts.models import Role
from tracker.audits.models import RecommendationState
from tracker.journal.queries import history_of
from tracker.publishing import actions, released
from tracker.publishing.models import PublishedFinding, Release, ReleasedRow
from tracker.shared.errors import NotAllowed, Refused


def lead(finding):
    return finding.engagement.lead


def release(finding):
    return actions.release_finding(finding=finding, by=lead(finding))


def program_of(finding):
    return finding.links.first().transaction.program


def test_a_finding_is_public_with_its_recommendations_and_their_states():
    finding = make_finding(recommendations=2)

    frozen = release(finding)

    page = released.finding_page(finding.uid)
    assert page is not None
    assert page.cells["condition"]["value"] == finding.condition
    assert page.cells["issued_on"]["value"] == finding.issued_on.isoformat()
    states = [released.value(row, "state") for row in page.recommendations]
    assert states == ["issued", "issued"]
    assert (page.finding.recommendations, page.finding.open_recommendations) == (2, 2)
    assert page.finding.as_of == frozen.data_until
    assert history_of(frozen)[0].values["stream"] == "audit"


def test_a_finding_names_its_payments_and_their_public_rows():
    finding = make_finding()
    payment = finding.links.first().transaction
    publish(payment.program)

    release(finding)

    page = released.finding_page(finding.uid)
    assert page is not None
    assert page.cells["payments"]["value"] == [
        {"uid": str(payment.uid), "program": str(payment.program.uid)}
    ]
    assert list(page.payments) == [str(payment.uid)]
    assert [p.uid for p in page.programs] == [payment.program.uid]
    assert [f.uid for f in released.findings_of(payment.program.uid)] == [finding.uid]


def test_only_the_auditors_of_the_office_publish_a_finding():
    finding = make_finding()
    program = program_of(finding)
    strangers = [
        disclosure_of(program),
        make_person(Role.OFFICER, organisation=program.owner),
        make_auditor(program),  # of another office
    ]

    for stranger in strangers:
        with pytest.raises(NotAllowed):
            actions.release_finding(finding=finding, by=stranger)
    colleague = make_auditor(program, office=finding.engagement.office)
    assert actions.release_finding(finding=finding, by=colleague).number == 1


def test_a_draft_is_not_published():
    with pytest.raises(Refused, match="issue it first"):
        release(make_finding(issued=False))


def test_a_changed_state_is_published_as_a_new_release():
    finding = make_finding(recommendations=1)
    first = release(finding)
    walk(finding.recommendations.get(), RecommendationState.CLOSED_OVERTAKEN)

    second = release(finding)

    public = PublishedFinding.objects.get()
    assert (first.number, second.number, public.release) == (1, 2, second)
    assert public.open_recommendations == 0
    (row,) = released.rows(first, "recommendation")
    assert released.value(row, "state") == "issued"


def test_that_a_day_passed_is_no_change():
    finding = make_finding(recommendations=1)
    release(finding)

    with pytest.raises(Refused, match="Nothing has changed"):
        release(finding)


def test_a_disclosure_officer_withholds_a_field_but_not_the_finding():
    finding = make_finding()
    program = program_of(finding)
    make_overdue(withhold(program, "finding", "condition", finding.uid))

    frozen = release(finding)

    page = released.finding_page(finding.uid)
    assert page is not None
    assert page.cells["condition"]["state"] == "withheld"
    assert finding.condition not in page.finding.words
    assert [released.value(row, "field") for row in page.withheld] == ["condition"]
    assert frozen.number == 1


def test_a_report_shows_released_findings_only():
    finding = make_finding(recommendations=1)
    program = program_of(finding)
    make_finding(finding.links.first().transaction, engagement=finding.engagement)
    release(finding)

    report = make_report_at("published", program)

    page = released.report_page(report.uid)
    assert page is not None
    assert [row.subject for row in page.findings] == [finding.uid]
    assert released.value(page.findings[0], "open_recommendations") == 1


def test_nothing_is_published_if_the_journal_cannot_be_written(monkeypatch):
    finding = make_finding(recommendations=1)
    break_the_journal(monkeypatch)

    with pytest.raises(RuntimeError):
        release(finding)

    tables = (Release, ReleasedRow, PublishedFinding)
    assert [table.objects.count() for table in tables] == [0, 0, 0]
