"""What must never happen to samples, said in SQL; and the same sample drawn again without the project."""

import json
import subprocess
import sys
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from tests.factories import ledger
from tests.factories.audits import make_engagement
from tests.factories.programs import make_program
from tests.factories.sampling import (
    amounts_spec,
    draw,
    evaluate,
    items,
    make_payments,
    pass_all,
    plan,
    sign_checkpoint,
    spec,
)
from tests.worlds import kept
from tracker.audits import queries
from tracker.audits.models import (
    Engagement,
    Sample,
    SampleDraw,
    SampleEvaluation,
    SampleEvaluationText,
    SampleItem,
    SampleResult,
    SampleResultText,
    SampleText,
)
from tracker.journal import actions as journal
from tracker.ledger.models import Transaction


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """One engagement: sample 1 is planned, 2 is drawn, 3 evaluated."""
    with kept(django_db_blocker):
        program = make_program()
        make_payments(program, [f"{n}0.00" for n in range(1, 13)])
        engagement = make_engagement(program)
        plan(engagement)
        draw(plan(engagement, again_reason="Once more."))
        evaluate(pass_all(draw(plan(engagement, again_reason="And again."))))
        yield engagement.pk


@pytest.fixture
def engagement(built, db):
    return Engagement.objects.get(pk=built)


def row_of(instance, **changes):
    """A copy of a fact with a journal entry and words of its own, ready to be inserted by hand."""
    fields = {f.attname: getattr(instance, f.attname) for f in instance._meta.local_fields}
    fields |= {"id": None, "uid": uuid4()} | changes
    copy = type(instance)(**fields)
    if "entry_id" in fields:
        with transaction.atomic():
            copy.entry_id = journal.record(
                "sample_draw", record=copy, op="create", by=None, fields={}
            )
    if "text_id" in fields:
        words = type(instance.text)()
        words.save()
        copy.text, copy.text_digest = words, words.digest
    return copy


def refused(rule, row):
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        type(row).objects.bulk_create([row])


def test_a_draw_takes_the_first_checkpoint_over_its_plan(engagement):
    planned = engagement.samples.get(number=1)
    drawn = SampleDraw.objects.get(sample__number=2)
    right = queries.seed_for(planned).checkpoint
    later = sign_checkpoint()
    rule = "sample_drawn_by_the_next_checkpoint"

    refused(rule, row_of(drawn, sample_id=planned.pk, checkpoint=later))
    refused(rule, row_of(drawn, sample_id=planned.pk, checkpoint=1))
    SampleDraw.objects.bulk_create([row_of(drawn, sample_id=planned.pk, checkpoint=right)])


def test_an_item_is_of_the_engagements_scope(engagement):
    item = SampleItem.objects.filter(draw__sample__number=2).last()
    outside = ledger.make_commitment()
    inside = (
        Transaction.objects.exclude(sample_items__draw=item.draw).exclude(pk=outside.pk).first()
    )

    refused("sample_item_in_scope", row_of(item, position=99, transaction_id=outside.pk))
    SampleItem.objects.bulk_create([row_of(item, position=99, transaction_id=inside.pk)])


def test_an_item_is_drawn_once(engagement):
    item = SampleItem.objects.filter(draw__sample__number=2).last()

    refused("append_only|sample_item_drawn_once", row_of(item, position=99))


def test_results_are_counted_one_by_one(engagement):
    result = SampleResult.objects.first()

    refused("sample_result_continues_the_last", row_of(result, number=3))
    refused("sample_result_continues_the_last|append_only", row_of(result, number=1))
    SampleResult.objects.bulk_create([row_of(result, number=2)])


def test_nothing_is_evaluated_before_every_item_has_a_result(engagement):
    evaluation = SampleEvaluation.objects.get()
    rule = "sample_evaluated_when_every_item_is_tested"

    for number in (1, 2):
        sample = engagement.samples.get(number=number)
        refused(rule, row_of(evaluation, sample_id=sample.pk))
    SampleEvaluation.objects.bulk_create([row_of(evaluation, number=2)])


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("sample_not_larger_than_its_population", {"size": 26}),
        ("sample_not_larger_than_its_population", {"size": 0}),
        ("sample_confidence_within_bounds", {"confidence": 100}),
        ("sample_confidence_within_bounds", {"confidence": 0}),
        ("sample_expects_less_than_is_tolerable", {"expected_rate": 20}),
        ("sample_interval_of_monetary_units", {"interval": 100}),
        ("sample_interval_of_monetary_units", {"method": "monetary"}),
        ("sample_method_known", {"method": "dice"}),
        ("sample_test_known|sample_expects", {"test": "taste"}),
    ],
)
def test_a_plan_that_makes_no_sense_is_not_kept(engagement, rule, changes):
    sample = engagement.samples.get(number=1)

    refused(rule, row_of(sample, number=9, **changes))


def test_an_audited_amount_is_not_below_zero(engagement):
    result = SampleResult.objects.first()

    refused(
        "sample_result_audited_not_below_zero", row_of(result, number=2, currency="USD", audited=-1)
    )


@pytest.mark.parametrize(
    "model",
    [
        Sample,
        SampleDraw,
        SampleItem,
        SampleResult,
        SampleEvaluation,
        SampleText,
        SampleResultText,
        SampleEvaluationText,
    ],
)
def test_nothing_of_a_sample_is_changed_or_deleted(engagement, model):
    table, pk = model._meta.db_table, model._base_manager.first().pk
    column = model.TEXTS[0] if hasattr(model, "TEXTS") else "uid"
    for sql in (
        f"UPDATE {table} SET {column} = 'x' WHERE id = %s",
        f"DELETE FROM {table} WHERE id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [pk])


# --- Drawn again without the project -----------------------------------------


def run_script(folder, sample, **changes):
    population, sheet = folder / "population.csv", folder / "plan.json"
    population.write_bytes(b"".join(queries.population_lines(sample)))
    sheet.write_text(json.dumps(queries.sheet_of(sample) | changes))
    script = settings.BASE_DIR / "docs" / "draw_sample.py"
    return subprocess.run(
        [sys.executable, "-I", "-S", script, population, sheet],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "how",
    [
        spec(purpose="Random"),
        spec(purpose="Systematic", method="systematic"),
        spec(purpose="Strata", method="stratified", stratify="kind", allocation="proportional"),
        amounts_spec(purpose="Monetary", tolerable="300.00"),
    ],
    ids=lambda how: how.method,
)
def test_anybody_draws_the_same_sample_with_the_files_and_python_alone(engagement, tmp_path, how):
    rows = Transaction.objects.filter(program=engagement.scope.get().program)
    how = type(how)(**vars(how) | {"again_reason": "Drawn for this test."})
    sample = draw(plan(engagement, how, rows=rows))

    done = run_script(tmp_path, sample)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(item.transaction.uid) for item in items(sample)]


def test_the_script_finds_another_population_and_another_sample(engagement, tmp_path):
    sample = engagement.samples.get(number=2)

    other = run_script(tmp_path, sample, sha256="0" * 64)
    assert other.returncode == 1
    assert "not the one of the plan" in other.stderr
    chosen = queries.sheet_of(sample)["drawn"][1:]
    other = run_script(tmp_path, sample, drawn=chosen)
    assert other.returncode == 1
    assert "another sample" in other.stderr
