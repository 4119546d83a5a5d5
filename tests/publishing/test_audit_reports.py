"""An audit report is its office's own: drafted, reviewed and published by auditors, from what is public."""

from copy import deepcopy
from datetime import date

import pytest

from tests.factories import receipts
from tests.factories.accounts import give_role, make_person
from tests.factories.audits import make_auditor, make_engagement, make_finding
from tests.factories.ledger import approver_of, make_commitment, make_disbursement, officer_of
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, make_report, make_report_at, publish, withhold
from tests.factories.reports import (
    blocks_of,
    chart,
    comment,
    make_audit_report,
    make_audit_report_at,
    row_of,
    second_auditor,
)
from tracker.accounts.models import Role
from tracker.journal import projections
from tracker.publishing import actions, queries
from tracker.publishing.models import PublishedReport, ReleasedRow, Report, Shown
from tracker.publishing.queries import Section
from tracker.shared.errors import NotAllowed, Refused


def pay(program, amount="100.00", day=date(2024, 3, 1)):
    commitment = make_commitment(program, value_date=day)
    return make_disbursement(commitment, amount, value_date=day)


def build():
    """A program with a public release, and a reviewed report of auditors who look at it."""
    program = make_program()
    pay(program, "250.00")
    publish(program)
    return program, make_audit_report_at("reviewed", program)


@pytest.fixture
def made(built):
    return deepcopy(built)


@pytest.fixture
def program(made):
    return made[0]


@pytest.fixture
def reviewed(made):
    return made[1]


@pytest.fixture
def engagement(reviewed):
    return reviewed.engagement


def words(text):
    return Section("Summary", text)


def test_an_audit_report_is_released_by_the_office_under_the_report_s_own_name(program, engagement):
    report = make_audit_report_at("published", program, engagement=engagement)

    release = report.release
    assert (release.stream, release.subject, release.number) == ("audit", report.uid, 1)
    public = PublishedReport.objects.get(uid=report.uid)
    assert (public.kind, public.program.uid) == ("audit", program.uid)
    said = row_of(report).cells
    assert said["office"]["value"] == report.engagement.office.name
    assert said["figures_from"]["value"] == 1


def test_its_figures_are_those_of_the_newest_public_release(program, engagement):
    pay(program, "999.00")  # posted, and not public yet

    text = "{{ total disbursement USD }}, {{ period disbursement USD }}"
    report = make_audit_report_at(
        "published", program, engagement=engagement, sections=[words(text), chart()]
    )

    assert row_of(report).cells["sections"]["value"][0]["body"] == "250.00 USD, 250.00 USD"
    assert blocks_of(report, "chart")[0]["rows"] == [
        ["FY2024", {"minor": 25000, "text": "250.00 USD"}]
    ]


def test_its_sums_of_the_period_are_those_of_a_report_on_the_same_release(program, engagement):
    hidden = pay(program, "61.61")
    withhold(program, "transaction", "amount", hidden.uid)
    usual = make_report_at("published", program)

    report = make_audit_report_at("published", program, engagement=engagement)

    def sums(of):
        rows = ReleasedRow.objects.filter(kind="report_total", items__release=of.release)
        return [row.cells for row in rows.order_by("items__position")]

    usual.refresh_from_db()
    assert sums(report) == sums(usual) != []


def test_a_row_that_withholds_its_excess_is_in_no_sum_of_the_period(program):
    surplus = receipts.state(receipts.make_dispatch(program=program), "surplus", "123.45")
    withhold(program, "transaction", "excess", surplus.transaction.uid)
    usual = make_report_at("published", program)
    report = make_audit_report_at("published", program)

    for one in (usual, report):
        rows = ReleasedRow.objects.filter(items__release=one.release, cells__kind__value="receipt")
        (said,) = [row.cells for row in rows if row.kind == "report_total"]
        (total,) = [row.cells for row in rows if row.kind == "total"]
        for name in ("opening", "period", "closing", "currency"):
            assert said[name]["state"] == "not_stated"
        assert (said["rows"]["value"], said["withheld_rows"]["value"]) == (0, 1)
        assert total["amount"]["state"] == "withheld"
        assert total["withheld_rows"]["value"] == 1


def test_it_names_the_findings_that_its_own_office_released(program, engagement):
    own = make_finding(pay(program), engagement=engagement)
    other = make_finding(pay(program))
    unreleased = make_finding(pay(program), engagement=engagement, title="Not released")
    for finding in (own, other):
        actions.release_finding(finding=finding, by=finding.engagement.lead)

    sections = [words("{{ findings all }}"), chart(Shown.FINDINGS)]
    report = make_audit_report_at("published", program, engagement=engagement, sections=sections)

    (table,) = blocks_of(report, "table")
    assert [row[0] for row in table["rows"]] == [own.title]
    assert unreleased.title not in str(row_of(report).cells)


def test_it_needs_a_public_release_of_the_program():
    report = make_audit_report_at("reviewed", make_program())

    with pytest.raises(Refused, match="is not public"):
        actions.publish_audit_report(report=report, by=second_auditor(report))


def test_a_figure_that_the_public_release_does_not_have_is_refused(program, engagement):
    sections = [words("{{ total refund USD }}")]
    report = make_audit_report_at("reviewed", program, engagement=engagement, sections=sections)

    with pytest.raises(Refused, match="no such figure"):
        actions.publish_audit_report(report=report, by=second_auditor(report))


def test_program_staff_have_no_hand_in_it(program, engagement, reviewed):
    staff = [officer_of(program), approver_of(program), disclosure_of(program)]
    in_review = make_audit_report_at("in_review", program, engagement=engagement)

    for person in staff:
        attempts = [
            lambda p=person: make_audit_report(program, engagement, by=p),
            lambda p=person: comment(in_review, by=p),
            lambda p=person: actions.accept_report(report=in_review, by=p),
            lambda p=person: actions.return_report(report=in_review, reason="No.", by=p),
            lambda p=person: actions.publish_audit_report(report=reviewed, by=p),
            lambda p=person: actions.prepare_release(program=program, report=reviewed, by=p),
        ]
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt()


def test_an_auditor_who_works_for_the_program_has_no_hand_in_it(program, engagement):
    give_role(engagement.lead, Role.OFFICER, organisation=program.owner)

    with pytest.raises(NotAllowed, match="You work for this program"):
        make_audit_report(program, engagement)


def test_auditors_of_another_office_have_no_hand_in_it(program, reviewed):

    with pytest.raises(NotAllowed, match="Only an auditor of"):
        actions.publish_audit_report(report=reviewed, by=make_auditor(program))


def test_who_wrote_in_it_neither_reviews_nor_publishes_it(program, engagement, reviewed):
    in_review = make_audit_report_at("in_review", program, engagement=engagement)

    with pytest.raises(NotAllowed, match="You wrote in this report"):
        actions.accept_report(report=in_review, by=in_review.drafted_by)
    with pytest.raises(NotAllowed, match="You wrote in this report"):
        actions.publish_audit_report(report=reviewed, by=reviewed.drafted_by)


@pytest.mark.parametrize("status", ["draft", "in_review", "published"])
def test_only_a_reviewed_one_is_published(program, engagement, status):
    report = make_audit_report_at(status, program, engagement=engagement)

    with pytest.raises(Refused):
        actions.publish_audit_report(report=report, by=second_auditor(report))


def test_words_that_nobody_accepted_are_not_published(reviewed):
    reviewed.sections.update(body="Slipped in")

    with pytest.raises(Refused, match="not what its reviewer accepted"):
        actions.publish_audit_report(report=reviewed, by=second_auditor(reviewed))


def test_another_report_is_not_published_as_an_audit_report(program):
    report = make_report_at("reviewed", program)

    with pytest.raises(Refused, match="no audit report"):
        actions.publish_audit_report(report=report, by=make_auditor(program))


def test_an_audit_report_names_an_engagement_that_looks_at_the_program(program):
    with pytest.raises(Refused, match="does not look at this program"):
        make_audit_report(program, make_engagement())
    with pytest.raises(Refused, match="which engagement"):
        make_report(program, kind="audit")


def test_a_draft_is_seen_by_its_office_and_not_by_the_program(program, engagement):
    report = make_audit_report(program, engagement)
    published = make_audit_report_at("published", program, engagement=engagement)
    colleague = make_auditor(office=report.engagement.office)
    give_role(colleague, Role.AUDITOR, program=make_program())

    def seen(person):
        return set(Report.objects.visible_to(person))

    assert report in seen(report.drafted_by)
    assert report in seen(colleague)
    assert seen(officer_of(program)) == {published}
    assert report not in seen(make_auditor(program))
    assert report not in seen(make_person(Role.OFFICER))


def test_its_reviewers_and_publishers_are_the_office_s_other_auditors(program, engagement):
    report = make_audit_report(program, engagement)
    other = second_auditor(report)

    assert queries.reviewers_of(report) == [other] == queries.publishers_of(report)


def test_a_newer_one_of_the_engagement_follows_and_one_of_another_office_does_not(
    program, engagement
):
    old = make_audit_report_at("published", program, engagement=engagement)
    other = make_audit_report_at("published", program, title="Of another office")
    new = make_audit_report_at("published", program, engagement=engagement, title="Corrected")

    public = {p.uid: p for p in PublishedReport.objects.all()}
    assert public[old.uid].superseded_by == public[new.uid]
    assert public[other.uid].superseded_by is None


def test_what_it_left_in_the_tables_is_what_the_journal_says(program, engagement):
    make_audit_report_at("published", program, engagement=engagement)
    make_audit_report_at("published", program, engagement=engagement, title="Again")
    make_audit_report_at("published", program)

    only = {"report", "published report", "release", "released row", "release item"}
    assert list(projections.differences(only=only)) == []
