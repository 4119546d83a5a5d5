"""Two disclosure officers withhold a field; the reason, the review date and the row are public."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories.audits import make_finding
from tests.factories.ledger import make_commitment, make_disbursement, officer_of
from tests.factories.programs import make_program
from tests.factories.publishing import (
    decide_not_published,
    disclosure_of,
    in_a_year,
    make_overdue,
    propose,
    publish,
    withhold,
)
from tests.publishing.test_reports import break_the_journal, ops
from tracker.publishing import actions, queries
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import (
    WITHHOLDING_TRANSITIONS,
    NotPublished,
    Release,
    UnpublishedCount,
    Withholding,
    WithholdingStatus,
)
from tracker.shared.clock import today
from tracker.shared.errors import NotAllowed, Refused


def test_a_proposal_waits_for_a_second_disclosure_officer():
    program = make_program()
    other = disclosure_of(program, 1)

    proposed = propose(program)

    assert proposed.status == WithholdingStatus.PROPOSED
    assert other.notices.filter(sentence__startswith="Decide whether summary").exists()
    assert ops(proposed) == ["create"]


def test_only_a_disclosure_officer_proposes():
    program = make_program()

    with pytest.raises(NotAllowed):
        propose(program, by=officer_of(program))


def test_nobody_decides_their_own_proposal():
    program = make_program()
    proposed = propose(program)

    with pytest.raises(NotAllowed, match="You proposed this"):
        actions.decide_withholding(withholding=proposed, by=proposed.proposed_by)
    with pytest.raises(NotAllowed, match="You proposed this"):
        actions.decline_withholding(withholding=proposed, by=proposed.proposed_by)


def test_the_database_refuses_that_one_person_proposes_and_decides():
    program = make_program()
    decided = withhold(program)

    with pytest.raises(IntegrityError), transaction.atomic():
        Withholding.objects.filter(pk=decided.pk).update(decided_by=decided.proposed_by)


def test_the_database_refuses_that_the_proposer_lifts():
    decided = withhold(make_program())
    lifted = {"status": "lifted", "lifted_by": decided.proposed_by, "lifted_at": decided.decided_at}

    with pytest.raises(IntegrityError, match="not_lifted_by_its_proposer"), transaction.atomic():
        Withholding.objects.filter(pk=decided.pk).update(**lifted)


def test_the_deciding_office_is_kept_with_the_decision():
    program = make_program()

    decided = withhold(program)

    assert (decided.status, decided.office) == ("in_force", program.owner.name)
    assert ops(decided) == ["create", "decide"]
    assert decided.proposed_by.notices.filter(sentence__contains="is withheld").exists()


def test_a_declined_proposal_leaves_the_field_public():
    program = make_program()
    proposed = propose(program)

    declined = actions.decline_withholding(withholding=proposed, by=disclosure_of(program, 1))

    assert declined.status == "declined"
    assert not Withholding.objects.in_force().exists()
    with pytest.raises(Refused):
        actions.decide_withholding(withholding=proposed, by=disclosure_of(program, 1))


@pytest.mark.parametrize(
    ("kind", "field"),
    [("program", "title"), ("program", "nonsense"), ("figure", "amount"), ("voucher", "payee")],
)
def test_only_what_is_declared_withholdable_can_be_withheld(kind, field):
    with pytest.raises(Refused, match="cannot be withheld"):
        propose(make_program(), kind, field)


def test_every_withholdable_kind_can_be_looked_up():
    program = make_program()

    assert [queries.belongs(program, kind, uuid4()) for kind in WITHHOLDABLE] == [False] * len(
        WITHHOLDABLE
    )


def test_a_record_of_another_program_cannot_be_named():
    program, other = make_program(), make_commitment()

    with pytest.raises(Refused, match="no transaction of that identifier"):
        propose(program, "transaction", "payee", other.uid)


@pytest.mark.parametrize("days", [0, -1])
def test_the_review_lies_in_the_future(days):
    program = make_program()

    with pytest.raises(Refused, match="choose a day after today"):
        propose(program, review_on=program.owner.today() + timedelta(days=days))


@pytest.mark.parametrize("missing", ["reason", "legal_basis", "category"])
def test_reason_legal_basis_and_category_are_mandatory(missing):
    with pytest.raises(ValidationError):
        propose(make_program(), **{missing: ""})


def test_a_field_is_withheld_once():
    program = make_program()
    propose(program)

    with pytest.raises(ValidationError, match="withheld already"):
        propose(program)


def test_a_proposal_whose_review_has_passed_is_not_put_in_force():
    program = make_program()
    late = make_overdue(propose(program))

    with pytest.raises(Refused, match="choose a day after today"):
        actions.decide_withholding(withholding=late, by=disclosure_of(program, 1))


def test_who_proposed_or_decided_a_withholding_does_not_lift_it():
    program = make_program()
    decided = withhold(program)

    with pytest.raises(NotAllowed, match="You decided this"):
        actions.lift_withholding(withholding=decided, by=disclosure_of(program, 1))
    with pytest.raises(NotAllowed, match="You proposed this"):
        actions.lift_withholding(withholding=decided, by=disclosure_of(program, 0))
    lifted = actions.lift_withholding(withholding=decided, by=disclosure_of(program, 2))

    assert lifted.status == "lifted"
    assert ops(lifted)[-1] == "lift"


def test_an_overdue_review_blocks_publishing_and_is_named():
    program = make_program()
    late = make_overdue(withhold(program))

    with pytest.raises(Refused, match=f"summary of a program .due {late.review_on}"):
        publish(program)
    actions.review_withholding(
        withholding=late, review_on=in_a_year(), by=disclosure_of(program, 0)
    )

    assert publish(program).number == 1
    assert ops(late)[-1] == "review"


def test_who_looked_at_it_last_does_not_review_it():
    program = make_program()
    decided = withhold(program)

    with pytest.raises(NotAllowed, match="You looked at this last"):
        actions.review_withholding(
            withholding=decided, review_on=in_a_year(), by=disclosure_of(program, 1)
        )


def test_a_review_cannot_be_put_into_the_past():
    program = make_program()
    decided = withhold(program)

    with pytest.raises(Refused, match="after today"):
        actions.review_withholding(
            withholding=decided, review_on=today(), by=disclosure_of(program, 0)
        )


def test_a_field_of_a_finding_about_the_program_can_be_withheld():
    finding = make_finding()
    program = finding.links.first().transaction.program

    withheld = withhold(program, "finding", "condition", finding.uid)

    assert withheld.status == "in_force"


def test_a_transaction_is_found_by_reference_entry_or_identifier():
    commitment = make_commitment()
    paid = make_disbursement(commitment, reference="INV-7")
    program = paid.program

    for said in ("INV-7", str(paid.entry_id), str(paid.uid)):
        assert queries.find_record(program, "transaction", said) == paid.uid
    assert queries.find_record(program, "transaction", "INV-8") is None
    make_disbursement(commitment, reference="INV-7")
    assert queries.find_record(program, "transaction", "INV-7") is None


def test_every_status_has_its_transitions():
    assert set(WITHHOLDING_TRANSITIONS) == set(WithholdingStatus.values)


# --- Whole programs --------------------------------------------------------


def counts():
    rows = UnpublishedCount.objects.order_by("category")
    return {row.category: (row.programs, row.next_review_on) for row in rows}


def test_a_new_program_counts_as_undecided():
    make_program()
    make_program()

    assert counts() == {"undecided": (2, None)}


def test_what_is_not_published_is_counted_by_reason_with_the_next_review():
    soon = today() + timedelta(days=30)
    make_program()
    decide_not_published()
    second = decide_not_published(review_on=soon)

    assert counts() == {"classified": (2, soon), "undecided": (1, None)}
    actions.lift_not_published(decision=second, by=disclosure_of(second.program))
    assert counts() == {"classified": (1, in_a_year()), "undecided": (2, None)}
    publish(second.program)
    assert counts() == {"classified": (1, in_a_year()), "undecided": (1, None)}


def test_a_program_that_is_not_published_is_not_released():
    decision = decide_not_published()

    with pytest.raises(Refused, match="lift that decision first"):
        publish(decision.program)
    assert ops(decision) == ["create"]


def test_a_public_program_is_not_kept_back():
    program = publish_and_get()

    with pytest.raises(Refused, match="public already"):
        decide_not_published(program)


def publish_and_get():
    program = make_program()
    publish(program)
    return program


def test_a_program_is_kept_back_once_by_a_disclosure_officer_with_a_future_review():
    program = make_program()

    with pytest.raises(NotAllowed):
        decide_not_published(program, by=officer_of(program))
    with pytest.raises(Refused, match="after today"):
        decide_not_published(program, review_on=today() - timedelta(days=1))
    with pytest.raises(Refused, match="why"):
        decide_not_published(program, reason=" ")
    decision = decide_not_published(program)
    with pytest.raises(Refused, match="already"):
        decide_not_published(program)
    with pytest.raises(NotAllowed):
        actions.lift_not_published(decision=decision, by=officer_of(program))
    actions.lift_not_published(decision=decision, by=disclosure_of(program))
    with pytest.raises(Refused, match="lifted already"):
        actions.lift_not_published(decision=decision, by=disclosure_of(program))


def test_nothing_is_saved_if_the_journal_cannot_be_written(monkeypatch):
    program, kept = make_program(), decide_not_published()
    first, second, third = (disclosure_of(program, n) for n in range(3))
    proposed = propose(program)
    decided = withhold(program, field="legal_authority")
    before = list(Withholding.objects.order_by("pk").values())
    count = counts()
    break_the_journal(monkeypatch)
    attempts = [
        lambda: propose(program, field="starts_on"),
        lambda: actions.decide_withholding(withholding=proposed, by=second),
        lambda: actions.decline_withholding(withholding=proposed, by=second),
        lambda: actions.lift_withholding(withholding=decided, by=third),
        lambda: actions.review_withholding(withholding=decided, review_on=in_a_year(), by=first),
        lambda: decide_not_published(program, by=first),
        lambda: actions.lift_not_published(decision=kept, by=disclosure_of(kept.program)),
    ]

    for attempt in attempts:
        with pytest.raises(RuntimeError):
            attempt()

    assert list(Withholding.objects.order_by("pk").values()) == before
    assert NotPublished.objects.in_force().count() == 1
    assert counts() == count
    assert not Release.objects.exists()
