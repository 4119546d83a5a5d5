"""Testing the items of a sample, and evaluating what the tests showed. Each is a fact; a correction is a further one."""

from collections.abc import Sequence
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from tracker.accounts.models import User
from tracker.audits import policies, queries
from tracker.audits.models import (
    Sample,
    SampleEvaluation,
    SampleEvaluationText,
    SampleItem,
    SampleResult,
    SampleResultText,
)
from tracker.journal import actions as journal
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import check_fields, refused_if

ALREADY = "Somebody else recorded a result of this item at this moment: look at it first."
TWICE = {"sample_result_numbered_once": ALREADY, "tracker_sampleresult.item": ALREADY}


@transaction.atomic
def record_result(
    *,
    item: SampleItem,
    outcomes: Sequence[str] = (),
    audited: Money | None = None,
    examined: bool = True,
    excused: bool = False,
    reference: str = "",
    note: str = "",
    by: User,
) -> SampleResult:
    """What the test of an item showed: one outcome per attribute and, where amounts are tested, the audited amount.

    `examined=False`: the amount could not be examined and counts as misstated in full. An attribute that could not be
    examined counts as a deviation unless it is `excused`. A further result of the same
    item corrects the one before and says in its note why; both stay. Only the team, before the final report.
    """
    sample = item.draw.sample
    policies.check_can_test(by, item)
    number = (item.results.aggregate(last=Max("number"))["last"] or 0) + 1
    outcomes = list(outcomes)
    policies.check_result(sample, outcomes, audited, examined, excused, note, number > 1)
    text = SampleResultText(reference=reference.strip(), note=note.strip())
    check_fields(text)
    result = SampleResult(
        uid=uuid4(),
        item=item,
        number=number,
        outcomes=outcomes,
        currency=sample.currency,
        audited=audited,
        examined=examined,
        excused=excused,
        recorded_by=by,
    )
    with refused_if(TWICE):
        _keep(result, text, by)
    return result


def _keep(result: SampleResult, text: SampleResultText, by: User) -> None:
    names = ("item", "number", "outcomes", "currency", "audited", "examined", "excused")
    fields: dict[str, object] = {name: getattr(result, name) for name in names}
    fields |= {name: getattr(text, name) for name in SampleResultText.TEXTS}
    result.entry_id = journal.record(
        "sample_result", record=result, op="create", by=by, fields=fields
    )
    text.save()
    result.text, result.text_digest = text, text.digest
    result.save()


@transaction.atomic
def evaluate_sample(*, sample: Sample, conclusion: str = "", by: User) -> SampleEvaluation:
    """Reckon what the results come to, and keep it as it stands today. Refused while an item has no result."""
    sample = Sample.objects.select_for_update().select_related("engagement").get(pk=sample.pk)
    policies.check_can_sample(by, sample.engagement)
    if not hasattr(sample, "draw"):
        raise Refused("The sample is not drawn yet: draw it and test its items first.")
    policies.check_finished(queries.untested(sample))
    figures, results = queries.figures_of(sample)
    latest = sample.evaluations.order_by("-number").first()
    if latest is not None and latest.results == results:
        raise Refused("These results are evaluated already: nothing changed since.")
    text = SampleEvaluationText(conclusion=conclusion.strip())
    check_fields(text)
    evaluation = SampleEvaluation(
        uid=uuid4(),
        sample=sample,
        number=latest.number + 1 if latest else 1,
        results=results,
        figures=figures,
        evaluated_by=by,
    )
    names = ("sample", "number", "results", "figures")
    fields: dict[str, object] = {name: getattr(evaluation, name) for name in names}
    evaluation.entry_id = journal.record(
        "sample_evaluation",
        record=evaluation,
        op="create",
        by=by,
        fields=fields | {"conclusion": text.conclusion},
    )
    text.save()
    evaluation.text, evaluation.text_digest = text, text.digest
    evaluation.save()
    return evaluation
