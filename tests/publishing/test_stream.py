"""The audit office's own line to the public: nobody else releases it, and nobody can hold it back."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests.factories.accounts import make_person
from tests.factories.audits import (
    draft_recommendation,
    make_engagement,
    make_finding,
    move_to,
    owner_officer,
    walk,
)
from tests.factories.ledger import make_disbursement
from tests.factories.publishing import disclosure_of, propose, withhold
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.audits import actions as audits
from tracker.audits.models import RecommendationState
from tracker.journal.queries import history_of
from tracker.publishing import actions, released
from tracker.publishing import stream as streamed
from tracker.publishing.models import PublishedEngagement, Release, StandingRelease
from tracker.shared.errors import NotAllowed, Refused

S = RecommendationState


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict]:
    """A public engagement under a standing order, with a public finding and its one recommendation."""
    with kept(django_db_blocker):
        payment = make_disbursement()
        engagement = make_engagement(payment.program)
        finding = make_finding(payment, engagement=engagement, recommendations=1)
        actions.release_engagement(engagement=engagement, by=engagement.lead)
        actions.release_finding(finding=finding, by=engagement.lead)
        yield {"payment": payment, "engagement": engagement, "finding": finding}


@pytest.fixture
def stream(built):
    return deepcopy(built)


def recommendation_of(stream):
    return stream["finding"].recommendations.get()


def public_states(recommendation):
    page = streamed.recommendation_page(recommendation.uid)
    return [released.value(row, "after") for row in page.states]


def releases_of(record):
    return released.releases_of(record.uid, "audit").count()


# --- What becomes public ---------------------------------------------------


def test_an_engagement_is_public_with_its_scope_and_how_far_it_is(stream):
    engagement = stream["engagement"]

    page = streamed.engagement_page(engagement.uid)

    assert page.engagement.number == engagement.number
    assert page.cells["objectives"]["value"] == engagement.objectives
    assert page.cells["scope"]["value"][0]["program"] == str(stream["payment"].program.uid)
    assert [move["status"] for move in page.cells["moves"]["value"]] == ["planned", "fieldwork"]
    assert page.cells["as_of"]["value"] == page.release.data_until.isoformat()
    assert [finding.uid for finding in page.findings] == [stream["finding"].uid]


def test_every_later_step_is_public_in_the_transaction_of_the_step(stream):
    recommendation = recommendation_of(stream)
    assert public_states(recommendation) == ["issued"]

    walk(recommendation, S.IMPLEMENTATION_CLAIMED)

    assert public_states(recommendation) == ["issued", "open_resolved", "implementation_claimed"]
    page = released.finding_page(stream["finding"].uid)
    assert released.value(page.recommendations[0], "state") == "implementation_claimed"
    newest = page.release
    (event,) = history_of(newest)
    assert event.actor is None
    assert event.values["order"] == str(StandingRelease.objects.get().uid)


def test_a_state_says_its_day_its_words_and_its_entry_and_neither_person_nor_letter(stream):
    recommendation = recommendation_of(stream)
    officer = owner_officer(recommendation)
    audits.respond(
        recommendation=recommendation, response="partial", note="MARK: a letter.", by=officer
    )

    row = streamed.recommendation_page(recommendation.uid).states[-1]

    told = {name: cell.get("value") for name, cell in row.cells.items()}
    assert (told["before"], told["after"]) == ("issued", "open_resolved")
    assert told["native_status"] == "Open – Resolved"
    assert told["response"] == "partial"
    assert told["taken_on"] == stream["engagement"].office.today().isoformat()
    assert told["entry"] == recommendation.steps.order_by("-pk").first().entry_id
    assert "MARK" not in str(row.cells) and officer.name not in str(row.cells)


def test_an_engagement_that_moves_on_is_public_at_once(stream):
    move_to(stream["engagement"], "final")

    page = streamed.engagement_page(stream["engagement"].uid)

    assert page.engagement.status == "final"
    assert page.cells["moves"]["value"][-1]["status"] == "final"


def test_a_terminated_engagement_stays_public_and_says_so():
    engagement = make_engagement(status="planned")
    actions.release_engagement(engagement=engagement, by=engagement.lead)

    move_to(engagement, "terminated")

    assert PublishedEngagement.objects.get(uid=engagement.uid).status == "terminated"


def test_a_finding_that_was_never_published_is_not_published_by_the_order(stream):
    other = make_finding(stream["payment"], engagement=stream["engagement"], recommendations=1)

    walk(other.recommendations.get(), S.OPEN_RESOLVED)

    assert released.finding_page(other.uid) is None


def test_a_draft_recommendation_and_a_draft_finding_never_reach_the_stream(stream):
    draft = make_finding(stream["payment"], engagement=stream["engagement"], issued=False)
    draft_recommendation(draft, text="MARK-draft")

    walk(recommendation_of(stream), S.OPEN_RESOLVED)

    assert "MARK-draft" not in str(
        [row.cells for row in released.finding_page(stream["finding"].uid).recommendations]
    )
    assert released.finding_page(draft.uid) is None
    assert len(streamed.engagement_page(stream["engagement"].uid).findings) == 1


def test_nothing_is_released_again_when_nothing_changed(stream):
    before = releases_of(stream["finding"])

    actions.release_what_moved(engagement=stream["engagement"], finding=stream["finding"])
    actions.release_what_moved(engagement=stream["engagement"])

    assert releases_of(stream["finding"]) == before
    assert releases_of(stream["engagement"]) == 1


# --- Who decides -----------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.DISCLOSURE, Role.ADMINISTRATOR])
def test_nobody_but_an_auditor_of_the_office_releases_orders_or_ends(stream, role):
    owner = stream["payment"].program.owner
    person = make_person(role, organisation=owner)
    order = StandingRelease.objects.get()

    for act in (
        lambda: actions.release_engagement(engagement=stream["engagement"], by=person),
        lambda: actions.order_standing_release(engagement=stream["engagement"], by=person),
        lambda: actions.end_standing_release(order=order, reason="Stop it.", by=person),
    ):
        with pytest.raises(NotAllowed, match="Only an auditor of"):
            act()
    assert StandingRelease.objects.in_force().count() == 1


def test_a_response_of_the_audited_side_cannot_be_given_without_becoming_public(
    stream, monkeypatch
):
    def fail(*args, **kwargs):
        raise RuntimeError("nothing can be stored")

    recommendation = recommendation_of(stream)
    monkeypatch.setattr("tracker.publishing.actions.findings.store", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        walk(recommendation, S.OPEN_RESOLVED)

    recommendation.refresh_from_db()
    assert recommendation.state == S.ISSUED
    assert public_states(recommendation) == ["issued"]


def test_without_the_order_an_auditor_releases_by_hand(stream):
    order = StandingRelease.objects.get()
    lead = stream["engagement"].lead
    actions.end_standing_release(order=order, reason="The office moves house.", by=lead)
    recommendation = walk(recommendation_of(stream), S.OPEN_RESOLVED)
    assert public_states(recommendation) == ["issued"]

    actions.order_standing_release(engagement=stream["engagement"], by=lead)

    assert public_states(recommendation) == ["issued", "open_resolved"]


def test_an_order_that_ended_is_not_ended_again_and_an_end_needs_a_reason(stream):
    order, lead = StandingRelease.objects.get(), stream["engagement"].lead
    with pytest.raises(Refused, match="Say why"):
        actions.end_standing_release(order=order, reason=" ", by=lead)
    order = actions.end_standing_release(order=order, reason="Done.", by=lead)

    with pytest.raises(Refused, match="ended already"):
        actions.end_standing_release(order=order, reason="Again.", by=lead)


def test_an_order_needs_a_public_engagement_and_is_given_once(stream):
    hidden = make_engagement()
    with pytest.raises(Refused, match="publish it first"):
        actions.order_standing_release(engagement=hidden, by=hidden.lead)

    with pytest.raises(Refused, match="already"):
        actions.order_standing_release(
            engagement=stream["engagement"], by=stream["engagement"].lead
        )
    with pytest.raises(Refused, match="Nothing has changed"):
        actions.release_engagement(engagement=stream["engagement"], by=stream["engagement"].lead)


@pytest.mark.parametrize(
    "sql, rule",
    [
        ("DELETE FROM tracker_standingrelease", "standing_release_never_deleted"),
        ("UPDATE tracker_standingrelease SET engagement_id = 0", "standing_release_stays_ended"),
    ],
)
def test_the_database_keeps_the_order(stream, sql, rule):
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        connection.cursor().execute(sql)


# --- Withholding -----------------------------------------------------------


def test_a_withheld_field_of_an_engagement_is_covered_at_once_and_says_why(stream):
    program = stream["payment"].program

    withhold(program, "engagement", "objectives", stream["engagement"].uid)

    page = streamed.engagement_page(stream["engagement"].uid)
    assert page.cells["objectives"]["state"] == "withheld"
    assert page.cells["objectives"]["reason"] == "The place of a depot could be read from it."
    assert [released.value(row, "field") for row in page.withheld] == ["objectives"]
    assert stream["engagement"].objectives not in page.engagement.words


def test_a_withheld_text_of_a_recommendation_leaves_its_state_public(stream):
    recommendation = recommendation_of(stream)

    withhold(stream["payment"].program, "recommendation", "text", recommendation.uid)

    page = streamed.recommendation_page(recommendation.uid)
    assert page.cells["text"]["state"] == "withheld"
    assert page.cells["state"]["value"] == "issued"


@pytest.mark.parametrize(
    "kind, field",
    [
        ("recommendation", "state"),
        ("recommendation", "native_status"),
        ("recommendation", "due_on"),
        ("recommendation_state", "after"),
        ("engagement", "status"),
        ("engagement", "title"),
        ("finding", "title"),
        ("finding", "issued_on"),
    ],
)
def test_neither_a_state_nor_a_whole_row_can_be_withheld(stream, kind, field):
    record = {"engagement": stream["engagement"], "finding": stream["finding"]}.get(
        kind, recommendation_of(stream)
    )

    with pytest.raises(Refused, match="cannot be withheld"):
        propose(stream["payment"].program, kind, field, record.uid)


def test_an_overdue_review_does_not_stop_the_stream(stream):
    from tests.factories.publishing import make_overdue

    make_overdue(withhold(stream["payment"].program, "finding", "cause", stream["finding"].uid))

    recommendation = walk(recommendation_of(stream), S.OPEN_RESOLVED)

    assert public_states(recommendation) == ["issued", "open_resolved"]


def test_a_disclosure_officer_of_another_program_withholds_nothing_here(stream):
    other = make_disbursement().program

    with pytest.raises(Refused, match="has no engagement"):
        propose(other, "engagement", "objectives", stream["engagement"].uid)


# --- Pages -----------------------------------------------------------------


def test_the_pages_tell_one_story(client, stream):
    recommendation = walk(recommendation_of(stream), S.CLOSED_IMPLEMENTED)
    engagement, finding = stream["engagement"], stream["finding"]

    for path, said in (
        ("/audits/", engagement.number),
        (f"/audits/{engagement.uid}/", finding.title),
        (f"/audits/offices/{engagement.office.uid}/", engagement.title),
        (f"/findings/{finding.uid}/", f"/recommendations/{recommendation.uid}/"),
        (f"/recommendations/{recommendation.uid}/", "closed, implemented and verified"),
    ):
        page = client.get(path).content.decode()
        assert said in page, path
        assert "s of " in page, path  # as of, in some words
    assert Release.objects.filter(subject=finding.uid).count() == 4
    assert disclosure_of(stream["payment"].program).name not in page
