"""What must never happen to findings and recommendations, said in SQL."""

from copy import deepcopy
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.audits import bring, make_finding, make_recommendation, soon
from tests.factories.ledger import make_disbursement
from tests.refusals import forbids
from tracker.audits import actions
from tracker.audits.models import (
    Finding,
    FindingLink,
    Recommendation,
    RecommendationState,
    StepText,
)
from tracker.journal import actions as journal

S = RecommendationState


def build():
    """A draft recommendation on one payment, and another payment."""
    return {"draft": make_recommendation(S.DRAFT), "other": make_disbursement()}


@pytest.fixture
def draft(built):
    return deepcopy(built["draft"].finding)


@pytest.fixture
def issued(draft):
    return actions.issue_finding(finding=draft, by=draft.engagement.lead)


@pytest.fixture
def other(built):
    return deepcopy(built["other"])


@pytest.fixture
def reach(built):
    """The recommendation of this module, walked to the state."""
    return lambda state: bring(deepcopy(built["draft"]), state)


def run(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    "change",
    [
        "title = 'x'",
        "condition = 'x'",
        "severity = 'low'",
        "questioned = 1, currency = 'USD'",
        "number = 9",
        "uid = '00000000000000000000000000000001'",
        "status = 'draft', issued_at = NULL, issued_by_id = NULL, issued_on = NULL",
    ],
)
def test_an_issued_finding_is_never_rewritten(change, issued):
    forbids(
        "finding_issued_stands", f"UPDATE tracker_finding SET {change} WHERE id = %s", issued.pk
    )


def test_a_draft_may_be_rewritten_but_not_deleted(draft):
    run("UPDATE tracker_finding SET title = 'x' WHERE id = %s", draft.pk)
    forbids("finding_never_deleted", "DELETE FROM tracker_finding WHERE id = %s", draft.pk)


def _columns(model):
    return ", ".join(f'"{field.column}"' for field in model._meta.local_fields)


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        (Finding, "finding_never_replaced"),
        (FindingLink, "finding_link"),
        (Recommendation, "recommendation_never_replaced"),
    ],
)
def test_no_row_is_replaced_or_upserted(model, rule, reach):
    reach(S.ISSUED)
    table, columns = model._meta.db_table, _columns(model)
    same = f"SELECT {columns} FROM {table} WHERE true"

    if connection.vendor == "sqlite":
        forbids(rule, f"INSERT OR REPLACE INTO {table} ({columns}) {same}")
    forbids(
        rule,
        f"INSERT INTO {table} ({columns}) {same} ON CONFLICT (id) DO UPDATE SET id = excluded.id",
    )


def test_the_payments_of_an_issued_finding_stay_as_they_are(issued, other):
    link = issued.links.get()

    forbids("finding_link_stays", "DELETE FROM tracker_findinglink WHERE id = %s", link.pk)
    forbids(
        "finding_link_comes_before_issue",
        "INSERT INTO tracker_findinglink (finding_id, transaction_id) VALUES (%s, %s)",
        issued.pk,
        other.pk,
    )


def test_a_link_is_never_redirected_even_in_a_draft(draft, other):
    forbids(
        "finding_link_never_redirected",
        "UPDATE tracker_findinglink SET transaction_id = %s WHERE finding_id = %s",
        other.pk,
        draft.pk,
    )


def test_a_blank_element_without_reason_cannot_be_stored(draft):
    forbids(
        "finding_blank_cause_has_its_reason",
        "UPDATE tracker_finding SET cause = '' WHERE id = %s",
        draft.pk,
    )


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("recommendation_original_due_date_stays", "original_due_on = '2020-01-01'"),
        ("recommendation_issued_stands", "text = 'x'"),
        ("recommendation_issued_stands", "issued_on = '2020-01-01'"),
        ("recommendation_issued_stands", "number = 9"),
        ("recommendation_moves_by_steps", "state = 'closed_implemented'"),
        ("recommendation_extended_by_steps", "due_on = '2099-01-01'"),
    ],
)
def test_an_issued_recommendation_changes_by_steps_only(rule, change, reach):
    recommendation = reach(S.OPEN_RESOLVED)

    forbids(rule, f"UPDATE tracker_recommendation SET {change} WHERE id = %s", recommendation.pk)


def test_a_draft_recommendation_may_be_rewritten_and_deleted_an_issued_one_not(reach, other):
    draft = reach(S.DRAFT)
    issued = make_recommendation(S.ISSUED, make_finding(other, issued=False))
    day = soon(99).isoformat()

    run(
        "UPDATE tracker_recommendation SET original_due_on = %s, due_on = %s WHERE id = %s",
        day,
        day,
        draft.pk,
    )
    run("DELETE FROM tracker_recommendation WHERE id = %s", draft.pk)
    forbids(
        "recommendation_issued_never_deleted",
        "DELETE FROM tracker_recommendation WHERE id = %s",
        issued.pk,
    )


STEP = (
    'INSERT INTO tracker_recommendationstep (uid, recommendation_id, "before", "after", response, due_on, '
    "evidence_id, text_id, text_digest, taken_by_id, entry_id) "
    "VALUES (%s, %s, %s, %s, '', NULL, %s, %s, 'd', %s, %s)"
)


def _insert_step(recommendation, before, after, evidence, taken_by):
    """A step by hand, with a text and an entry of its own."""
    with transaction.atomic():
        text = StepText.objects.create(note="x")
        entry = journal.record(
            "recommendation", record=recommendation, op="respond", by=None, fields={}
        )
        uid = uuid4()
        params = [uid.hex if connection.vendor == "sqlite" else uid, recommendation.pk]
        run(STEP, *params, before, after, evidence, text.pk, taken_by, entry)


def test_a_step_begins_where_the_recommendation_is(reach):
    recommendation = reach(S.ISSUED)

    with pytest.raises(DatabaseError, match="step_continues_the_last"):
        _insert_step(recommendation, S.REOPENED, S.OPEN_RESOLVED, None, 1)


def test_a_step_closes_as_implemented_on_evidence_and_never_ones_own_claim(reach):
    recommendation = reach(S.IMPLEMENTATION_CLAIMED)
    claim = recommendation.steps.order_by("-pk").first()
    lead = recommendation.finding.engagement.lead

    with pytest.raises(DatabaseError, match="step_nobody_accepts_their_own_claim"):
        _insert_step(
            recommendation,
            S.IMPLEMENTATION_CLAIMED,
            S.CLOSED_IMPLEMENTED,
            claim.evidence_id,
            claim.taken_by_id,
        )
    with pytest.raises(DatabaseError, match="step_closing_as_implemented_needs_evidence"):
        _insert_step(recommendation, S.IMPLEMENTATION_CLAIMED, S.CLOSED_IMPLEMENTED, None, lead.pk)
