"""Every record that a finding can be about shows its findings, and an auditor begins one from there."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from tests.factories import ledger, periods, receipts, results, valuation
from tests.factories.accounts import make_organisation, make_person
from tests.factories.audits import make_auditor, make_engagement, words
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.audits import actions, policies
from tracker.audits.actions import Particulars
from tracker.audits.models import Finding, LinkKind
from tracker.ledger.models import Transaction

pytestmark = pytest.mark.django_db
KINDS = [kind.value for kind in LinkKind]


def _records(program):
    """One record of each kind that a finding can be about."""
    short = receipts.make_short(dispatch=receipts.make_dispatch(program=program))
    indicator = results.make_indicator(program=program)
    goods = valuation.make_goods(program=program)
    period = periods.close(program.owner, date(2023, 3, 15))
    return {
        LinkKind.VERSION: ledger.make_commitment(program).version,
        LinkKind.STATEMENT: short.about.statements.get(),
        LinkKind.DISCREPANCY: short,
        LinkKind.AUTHORITY: ledger.make_authority(program.owner),
        LinkKind.PROGRAM: program,
        LinkKind.MEASUREMENT: results.make_measurement(indicator),
        LinkKind.PERIOD: period,
        LinkKind.CERTIFICATION: periods.certify(program, period),
        LinkKind.REVALUATION: valuation.propose(goods, "90.00"),
    }


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        program = ledger.make_commitment().program
        rows = _records(program)
        lead = make_auditor(program)
        engagement = make_engagement(program, lead=lead, status="fieldwork")
        records = [policies.check_linkable(kind, row.uid) for kind, row in rows.items()]
        finding = actions.draft_finding(
            engagement=engagement,
            words=words(title="Nobody signed for it"),
            payments=[],
            more=Particulars(records=records),
            by=lead,
        )
        yield SimpleNamespace(
            program=program, lead=lead, engagement=engagement, finding=finding, records=records
        )


def _of(built, kind):
    return next(record for record in built.records if record.kind == kind)


def _begin(record):
    return f"{reverse('audits:finding_begin')}?record={record.kind}:{record.uid}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_record_shows_its_findings_and_begins_one(built, client, kind):
    record = _of(built, kind)
    client.force_login(built.lead)

    page = client.get(record.href)

    assert page.status_code == 200
    assert "Nobody signed for it" in page.content.decode()
    if kind != LinkKind.PROGRAM:  # a program's own page begins on its payments
        assert _begin(record) in page.content.decode()


def test_what_was_used_of_a_receipt_is_read_on_the_receipts_page(built, client):
    said = receipts.state(receipts.make_dispatch(program=built.program))
    used = receipts.state(Transaction.objects.get(statement=said), "used", "10.00")
    record = policies.check_linkable(LinkKind.STATEMENT, used.uid)
    client.force_login(built.lead)

    page = client.get(record.href)

    assert _begin(record) in page.content.decode()


def test_who_does_not_audit_sees_no_draft_and_no_way_to_one(built, client):
    client.force_login(ledger.officer_of(built.program))
    page = client.get(_of(built, LinkKind.PERIOD).href).content.decode()
    assert "Nobody signed for it" not in page
    assert "Raise a finding" not in page


@pytest.mark.parametrize("kind", [LinkKind.PERIOD, LinkKind.CERTIFICATION])
def test_with_one_engagement_and_no_draft_it_leads_to_the_form_with_the_record(built, client, kind):
    Finding.objects.filter(pk=built.finding.pk).update(status="dropped")
    record = _of(built, kind)
    client.force_login(built.lead)

    form = client.get(_begin(record), follow=True)

    address, _ = form.redirect_chain[-1]
    assert address.startswith(reverse("audits:finding_new", args=[built.engagement.uid]))
    ticked = f'value="{record.kind}:{record.uid}"'
    assert ticked in form.content.decode()


def test_a_draft_of_the_team_takes_the_record(built, client):
    other = policies.check_linkable(
        LinkKind.AUTHORITY, ledger.make_authority(built.program.owner).uid
    )
    client.force_login(built.lead)

    page = client.get(_begin(other)).content.decode()
    link = reverse("audits:record_link", args=[built.finding.uid, other.kind, other.uid])
    assert link in page
    assert built.engagement.number in page

    client.post(link)
    assert built.finding.records.filter(kind=other.kind, record=other.uid).exists()
    linked = client.get(_begin(other))
    assert linked.status_code == 302  # the draft has it: only a new one is left


def test_without_an_engagement_it_says_what_to_do(built, client):
    other = make_auditor(built.program)
    client.force_login(other)
    page = client.get(_begin(_of(built, LinkKind.STATEMENT))).content.decode()
    assert "No engagement to write it in" in page
    assert f"{reverse('audits:new')}?program={built.program.uid}" in page


@pytest.mark.parametrize(
    "named",
    [
        "",
        "period",
        "period:no",
        "nonsense:00000000-0000-4000-8000-000000000000",
        "period:00000000-0000-4000-8000-000000000000",
    ],
)
def test_what_names_no_record_is_not_found(built, client, named):
    client.force_login(built.lead)
    assert client.get(reverse("audits:finding_begin"), {"record": named}).status_code == 404


@pytest.mark.parametrize("kind", [LinkKind.PERIOD, LinkKind.STATEMENT])
def test_a_record_of_others_is_not_found(built, client, kind):
    client.force_login(make_person(Role.AUDITOR, organisation=make_organisation()))
    assert client.get(_begin(_of(built, kind))).status_code == 404


def test_a_page_costs_the_same_for_more_findings_and_records(built, client, count_queries):
    record = _of(built, LinkKind.MEASUREMENT)
    client.force_login(built.lead)

    def look():
        return client.get(record.href)

    look()
    few = count_queries(look)
    for value in (72, 73, 74):
        results.make_measurement(record.row.indicator, value)
        actions.draft_finding(
            engagement=built.engagement,
            words=words(),
            payments=[],
            more=Particulars(records=[record]),
            by=built.lead,
        )
    assert count_queries(look) == few
