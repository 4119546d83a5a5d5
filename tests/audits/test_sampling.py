"""Samples: frozen before anybody knows the seed, drawn once, tested, evaluated; every one of it on record."""

import gzip
import hashlib
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from tests.factories import ledger
from tests.factories.accounts import make_person
from tests.factories.audits import make_auditor, make_engagement, move_to
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
from tracker.audits import actions, policies, queries
from tracker.audits.models import (
    Engagement,
    EngagementStatus,
    Outcome,
    Sample,
    SampleDraw,
    SampleEvaluation,
    SampleGivenUp,
    SampleGivenUpText,
    SampleItem,
    SampleResult,
)
from tracker.audits.policies import Scope
from tracker.audits.queries import Payments
from tracker.audits.sampling import Frozen, choose, seed_of
from tracker.journal import log
from tracker.journal.models import Entry
from tracker.journal.projections import differences
from tracker.ledger.models import Transaction
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money

pytestmark = pytest.mark.thorough

AMOUNTS = [*(f"{n}0.00" for n in range(1, 31)), "5000.00", "9000.00"]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """An engagement on a program with 32 payments and their commitment, and another program out of its scope."""
    with kept(django_db_blocker):
        program = make_program()
        payments = make_payments(program, AMOUNTS)
        engagement = make_engagement(program)
        other = ledger.make_commitment()
        yield engagement.pk, [p.pk for p in payments], other.pk


@pytest.fixture
def engagement(built, db):
    return Engagement.objects.get(pk=built[0])


@pytest.fixture
def paid(built, db):
    return Transaction.objects.filter(pk__in=built[1])


def refused(field, words, call, **given):
    with pytest.raises(Refused, match=words) as caught:
        call(**given)
    assert not field or field in caught.value.message_dict


# --- The population ----------------------------------------------------------


def test_the_population_is_frozen_in_the_order_of_its_identifiers(engagement, paid):
    sample = plan(engagement, rows=paid)

    lines = list(queries.population_lines(sample))
    in_order = sorted(paid, key=lambda one: one.uid.bytes)
    assert [Frozen.read(line).uid for line in lines] == [one.uid for one in in_order]
    assert lines[0].decode() == f"{in_order[0].uid},{in_order[0].amount.minor},USD,0\n"
    assert sample.digest == hashlib.sha256(b"".join(lines)).hexdigest()
    assert sample.items == len(lines) == 32
    assert sample.recorded == {"USD": str(sum(one.amount.minor for one in paid))}


def test_the_plan_is_in_the_journal_before_there_is_a_seed(engagement, paid):
    sign_checkpoint()
    sample = plan(engagement, rows=paid)

    assert queries.seed_for(sample) is None, "the older checkpoint does not count"
    refused(
        "",
        "waits for the journal's next checkpoint",
        actions.draw_sample,
        sample=sample,
        by=engagement.lead,
    )

    first = sign_checkpoint()
    ledger.make_commitment()
    sign_checkpoint()
    found = queries.seed_for(sample)
    assert found.checkpoint == first, "a later checkpoint changes nothing"
    root = log.root_at(first)
    assert found.seed == hashlib.sha256(root + engagement.uid.bytes + sample.uid.bytes).digest()


def test_what_lies_outside_the_scope_is_left_out_and_counted(engagement, built):
    rows = Transaction.objects.filter(pk__in=[*built[1], built[2]])

    sample = plan(engagement, rows=rows)

    assert sample.items == 32
    assert sample.excluded == [{"reason": "scope", "items": 1}]


def test_a_period_in_scope_narrows_the_population_also_by_months():
    program = make_program()
    make_payments(program, ["10.00", "20.00"], value_date=date(2024, 3, 20))
    make_payments(program, ["30.00"], value_date=date(2024, 3, 1), date_precision="month")
    make_payments(program, ["40.00"], value_date=date(2024, 2, 1), date_precision="month")
    engagement = make_engagement(scope=[Scope(program, period_start=date(2024, 3, 18))])

    sample = plan(engagement, rows=Transaction.objects.filter(kind="disbursement"))

    assert sample.recorded == {"USD": "6000"}
    assert sample.excluded[0]["reason"] == "scope"


def test_monetary_units_leave_out_what_cannot_be_hit_with_count_and_reason():
    program = make_program()
    paid = make_payments(program, ["10.00", "20.00", "30.00"])
    ledger.make_reversal(paid[0])
    ledger.post(program, "pledge", amount=None)
    engagement = make_engagement(program)
    rows = Transaction.objects.filter(program=program).exclude(kind="commitment")

    sample = plan(engagement, amounts_spec(tolerable="50.00"), rows=rows)

    assert {e["reason"]: e["items"] for e in sample.excluded} == {"negative": 1, "unvalued": 1}
    assert (sample.items, sample.recorded) == (3, {"USD": "6000"})


def test_an_empty_population_is_refused(engagement):
    refused("", "population is empty", plan, engagement=engagement, rows=Transaction.objects.none())


def test_amounts_of_two_currencies_are_refused():
    program = make_program()
    make_payments(program, ["10.00"])
    make_payments(program, ["10.00"], currency="EUR")
    engagement = make_engagement(program)

    refused("", "EUR, USD: choose one currency", plan, engagement=engagement, how=amounts_spec())
    rows = Transaction.objects.filter(currency="EUR")
    refused(
        "currency",
        "in EUR, and you state amounts in USD",
        plan,
        engagement=engagement,
        how=amounts_spec(),
        rows=rows,
    )


# --- What a plan must state --------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"purpose": " "}, "purpose", "what the sample shall show"),
        ({"method": "dice"}, "method", "Choose a method"),
        ({"test": "taste"}, "test", "Choose what is tested"),
        ({"attributes": []}, "attributes", "at least one test attribute"),
        ({"attributes": ["A", "a"]}, "attributes", "stands there twice"),
        ({"confidence": Decimal(100)}, "confidence", "between 0 and 100"),
        ({"confidence": Decimal(0)}, "confidence", "between 0 and 100"),
        ({"tolerable_rate": None}, "tolerable_rate", "State the tolerable"),
        ({"expected_rate": None}, "expected_rate", "State the expected"),
        ({"expected_rate": Decimal(20)}, "expected_rate", "no sample can show that"),
        ({"method": "monetary"}, "test", "tests amounts"),
        ({"size": 33}, "size", "larger than its population of 32"),
        ({"size": 0}, "size", "at least one item"),
        ({"size": 3}, "size_reason", "say why fewer will do"),
        ({"method": "stratified"}, "stratify", "by what the population is divided"),
        ({"method": "stratified", "stratify": "kind"}, "allocation", "shared among the strata"),
        (
            {"method": "stratified", "stratify": "amount", "allocation": "neyman"},
            "bounds",
            "ascending",
        ),
        (
            {"method": "stratified", "stratify": "kind", "allocation": "given", "given": [5, 5]},
            "given",
            "There are 1 strata",
        ),
        (
            {"method": "stratified", "stratify": "kind", "allocation": "given", "given": [40]},
            "size",
            "larger than its population",
        ),
    ],
)
def test_bad_plans_are_refused_with_the_field_and_the_remedy(
    engagement, paid, changes, field, words
):
    refused(field, words, plan, engagement=engagement, rows=paid, **changes)
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"tolerable": "0.00"}, "tolerable_amount", "above zero"),
        ({"tolerable": "10.00", "expected": "10.00"}, "expected_amount", "no sample can show"),
        ({"method": "random", "estimator": ""}, "estimator", "before the draw"),
    ],
)
def test_bad_plans_of_amounts_are_refused(engagement, paid, changes, field, words):
    refused(field, words, plan, engagement=engagement, how=amounts_spec(**changes), rows=paid)


def test_a_size_below_the_computed_one_stands_with_its_reason(engagement, paid):
    sample = plan(engagement, rows=paid, size=3, size_reason="A walk-through only.")

    assert (sample.computed_size, sample.size) == (9, 3)
    assert sample.text.size_reason == "A walk-through only."


def test_only_the_team_plans_and_only_before_the_final_report(engagement, paid):
    outsider = make_auditor(engagement.scope.get().program)
    given = {"engagement": engagement, "population": Payments(engagement, paid), "spec": spec()}

    with pytest.raises(NotAllowed, match="Only the team"):
        actions.plan_sample(**given, by=outsider)
    with pytest.raises(NotAllowed, match="Only the team"):
        actions.plan_sample(**given, by=make_person())
    move_to(engagement, EngagementStatus.FINAL)
    with pytest.raises(Refused, match="before the final report"):
        actions.plan_sample(**given, by=engagement.lead)


def test_a_scope_that_changes_while_the_list_is_read_stops_the_plan(engagement, paid):
    class Meanwhile(Payments):
        def candidates(self):
            yield from super().candidates()
            self.engagement.scope.update(period_start=date(2030, 1, 1))

    refused(
        "",
        "changed the scope of the engagement at this moment",
        actions.plan_sample,
        engagement=engagement,
        population=Meanwhile(engagement, paid),
        spec=spec(),
        by=engagement.lead,
    )
    assert not Sample.objects.exists()


# --- Drawing ------------------------------------------------------------------


def test_a_draw_is_what_the_seed_and_the_frozen_file_give(engagement, paid):
    sample = draw(plan(engagement, rows=paid))

    lines = [Frozen.read(line) for line in queries.population_lines(sample)]
    seed = seed_of(log.root_at(sample.draw.checkpoint), engagement.uid, sample.uid)
    expected = list(choose("random", seed, lines, strata=[(32, sample.size)]))
    assert sample.draw.seed == seed.hex()
    assert [i.transaction.uid for i in items(sample)] == [one.item.uid for one in expected]
    assert len(items(sample)) == sample.size == 9


def test_a_plan_is_drawn_once(engagement, paid):
    sample = draw(plan(engagement, rows=paid))

    refused("", "a plan is drawn once", draw, sample=sample)
    assert SampleDraw.objects.count() == 1


def test_drawing_again_needs_a_reason_and_stays_visible(engagement, paid):
    first = draw(plan(engagement, rows=paid))

    refused(
        "again_reason",
        "say why you draw again",
        plan,
        engagement=engagement,
        rows=paid,
        purpose="Another",
    )
    refused(
        "again_reason",
        "say why you draw again",
        plan,
        engagement=engagement,
        rows=paid.exclude(pk=paid.first().pk),
    )
    second = plan(engagement, rows=paid, again_reason="The first list lacked March.")

    assert second.again == first
    assert [one.number for one in queries.draws_alike(second)] == [1, 2]
    assert queries.samples_of(engagement).get(number=1).drawn_again == 1
    assert [s.number for s in queries.samples_waiting(engagement.lead)] == [2]


def test_another_purpose_and_population_is_no_draw_again(engagement, paid):
    plan(engagement, rows=paid)

    other = plan(engagement, rows=paid.exclude(pk=paid.first().pk), purpose="Are prices right?")

    assert other.again is None


def test_a_file_that_was_exchanged_is_found_out(engagement, paid):
    sample = plan(engagement, rows=paid)
    lines = list(queries.population_lines(sample))
    default_storage.delete(sample.stored_as)
    default_storage.save(sample.stored_as, ContentFile(gzip.compress(b"".join(lines[::-1]))))

    refused("", "SHA-256 differs", draw, sample=sample)
    default_storage.delete(sample.stored_as)
    refused("", "not in the store", draw, sample=sample)


def test_a_monetary_draw_takes_the_large_items_for_certain(engagement, paid):
    sample = draw(plan(engagement, amounts_spec(tolerable="4000.00"), rows=paid))

    certain = {i.transaction.amount.minor for i in items(sample) if i.certain}
    assert certain == {p.amount.minor for p in paid if p.amount >= sample.interval}
    assert {500_000, 900_000} <= certain
    assert sample.interval.minor == 1_865_000 // sample.computed_size


def test_strata_by_amount_have_their_shares(engagement, paid):
    how = spec(
        method="stratified",
        stratify="amount",
        bounds=[Money.of("100.00", "USD"), Money.of("1000.00", "USD")],
        allocation="proportional",
    )

    sample = draw(plan(engagement, how, rows=paid))

    assert [s["items"] for s in sample.strata] == [9, 21, 2]
    drawn = [sum(i.stratum == n for i in items(sample)) for n in range(3)]
    assert drawn == [s["sample"] for s in sample.strata]
    assert sample.text.strata_names.split("\n")[0] == "below 100.00 USD"


def test_strata_by_payee_keep_the_names_beside_the_row():
    program = make_program()
    make_payments(program, ["10.00"] * 4, payee="Jane Doe")
    make_payments(program, ["10.00"] * 4, payee="A firm")
    how = spec(
        method="stratified", stratify="payee", allocation="given", given=[2, 2], size_reason="Few."
    )

    sample = plan(
        make_engagement(program), how, rows=Transaction.objects.filter(kind="disbursement")
    )

    assert set(sample.text.strata_names.split("\n")) == {"Jane Doe", "A firm"}
    assert "Jane" not in str(sample.strata)


# --- Testing and evaluating ----------------------------------------------------


def result(item, **says):
    says = {"outcomes": [Outcome.PASSED, Outcome.PASSED]} | says
    return actions.record_result(item=item, **says, by=item.draw.sample.engagement.lead)


def test_a_correction_is_a_further_result_and_says_why(engagement, paid):
    item = items(draw(plan(engagement, rows=paid)))[0]
    result(item)

    refused("note", "what was wrong with it", result, item=item, outcomes=["deviation", "pass"])
    result(
        item,
        outcomes=["deviation", "pass"],
        note="The receipt is of another delivery.",
        reference="WP 4.2",
    )

    assert [r.number for r in queries.results_of(item)] == [2, 1]
    assert queries.items_of(item.draw.sample)[0].outcomes == ["deviation", "pass"]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"outcomes": ["pass"]}, "each of the sample's attributes"),
        ({"outcomes": ["pass", "fine"]}, "A result is pass"),
        ({"outcomes": ["pass", "not_applicable"]}, "why an attribute does not apply"),
        ({"excused": True}, "Nothing could not be examined"),
        ({"outcomes": ["pass", "not_examined"], "excused": True}, "shall not count as a deviation"),
        ({"audited": Money.of("1.00", "USD")}, "leave the amount empty"),
    ],
)
def test_bad_results_are_refused(engagement, paid, says, words):
    refused("", words, result, item=items(draw(plan(engagement, rows=paid)))[0], **says)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({}, "State the audited amount"),
        ({"audited": Money.of("1.00", "EUR")}, "in USD"),
        ({"audited": Money(-1, "USD")}, "not below zero"),
        ({"examined": False}, "why it could not be examined"),
        ({"examined": False, "audited": Money(1, "USD"), "note": "Lost."}, "leave it empty"),
    ],
)
def test_bad_audited_amounts_are_refused(engagement, paid, says, words):
    sample = draw(plan(engagement, amounts_spec(tolerable="4000.00"), rows=paid))

    refused("", words, result, item=items(sample)[0], outcomes=[], **says)


def test_only_the_team_records_results(engagement, paid):
    item = items(draw(plan(engagement, rows=paid)))[0]

    with pytest.raises(NotAllowed):
        actions.record_result(item=item, outcomes=["pass", "pass"], by=make_person())


def test_unfinished_tests_are_not_evaluated(engagement, paid):
    sample = plan(engagement, rows=paid)
    refused("", "not drawn yet", evaluate, sample=sample)
    sample = draw(sample)
    result(items(sample)[0])

    refused("", "Items without a result: 8, number 2, 3, 4", evaluate, sample=sample)


def test_attributes_are_counted_and_limited(engagement, paid):
    sample = draw(plan(engagement, rows=paid))
    pass_all(
        sample,
        p1={"outcomes": ["deviation", "not_applicable"], "note": "No receipt; paid in advance."},
        p2={"outcomes": ["not_examined", "pass"]},
        p3={"outcomes": ["not_examined", "pass"], "excused": True, "note": "Seized by the court."},
    )

    receipts, amounts = evaluate(sample).figures["attributes"]

    assert (receipts["examined"], receipts["deviations"], receipts["excused"]) == (8, 2, 1)
    assert receipts["rate"] == "25.0000"
    assert receipts["law"] == "binomial", (
        "one is left out: the population that applies is not known"
    )
    assert receipts["holds"] is False
    assert (amounts["examined"], amounts["deviations"], amounts["not_applicable"]) == (8, 0, 1)
    assert amounts["limit"] == f"{(1 - 0.1 ** (1 / 8)) * 100:.4f}"


def test_a_clean_sample_of_a_small_population_holds(engagement, paid):
    sample = pass_all(draw(plan(engagement, rows=paid)))

    told = evaluate(sample).figures["attributes"][0]

    assert told["law"] == "hypergeometric"
    assert told["holds"] is True
    assert Decimal(told["limit"]) < Decimal(told["upper"]["binomial"])
    assert Decimal(told["limit"]) * 32 % 100 == 0 or told["limit"] == "18.7500"


def test_strata_are_weighted_and_their_limits_shared():
    program = make_program()
    make_payments(program, ["10.00"] * 12)
    make_payments(program, ["1000.00"] * 4)
    how = spec(
        method="stratified",
        stratify="amount",
        bounds=[Money.of("100.00", "USD")],
        allocation="given",
        given=[6, 4],
        attributes=["receipt confirmed"],
    )
    engagement = make_engagement(program)
    sample = draw(plan(engagement, how, rows=Transaction.objects.filter(kind="disbursement")))
    low = next(i.position for i in items(sample) if i.stratum == 0)
    pass_all(sample, **{f"p{low}": {"outcomes": ["deviation"]}})

    (told,) = evaluate(sample).figures["attributes"]

    assert told["rate"] == "12.5000", "a sixth of three quarters"
    # At half the risk: 5 % for the lower stratum alone; the upper one was examined whole.
    assert float(told["limit"]) == pytest.approx(0.75 * 58.1803, abs=0.001)


def test_misstatements_of_monetary_units_are_projected(engagement, paid):
    sample = draw(plan(engagement, amounts_spec(tolerable="4000.00"), rows=paid))
    small = next(i for i in items(sample) if not i.certain)
    large = next(i for i in items(sample) if i.certain)
    half = Money(small.transaction.amount.minor // 2, "USD")
    less = large.transaction.amount - Money.of("100.00", "USD")
    pass_all(
        sample, **{f"p{small.position}": {"audited": half}, f"p{large.position}": {"audited": less}}
    )

    told = evaluate(sample).figures["amounts"]

    interval = sample.interval.minor
    assert told["over"]["known"] == "10000"
    assert told["over"]["projected"] == str(round(interval / 2))
    assert told["over"]["basic"] == str(round(interval * 2.99573227355399))
    assert told["over"]["incremental"] == str(round(interval * 0.5 * (4.74386451 - 2.99573227 - 1)))
    assert told["under"]["most_likely"] == "0"
    assert [m["position"] for m in told["misstated"]] == sorted([small.position, large.position])


def test_what_could_not_be_examined_counts_as_misstated_in_full(engagement, paid):
    sample = draw(plan(engagement, amounts_spec(tolerable="4000.00"), rows=paid))
    first = items(sample)[0]
    pass_all(sample, p1={"audited": None, "examined": False, "note": "No file was found."})

    (wrong,) = evaluate(sample).figures["amounts"]["misstated"]

    assert (wrong["audited"], wrong["tainting"]) == ("0", "100.0000")
    assert wrong["recorded"] == str(first.transaction.amount.minor)


def test_estimates_are_those_of_the_formulas_and_the_chosen_one_decides(engagement, paid):
    how = amounts_spec("random", tolerable="15000.00", estimator="ratio", size=32)
    sample = pass_all(draw(plan(engagement, how, rows=paid)), p1={"audited": Money(0, "USD")})

    told = evaluate(sample).figures["amounts"]

    off = items(sample)[0].transaction.amount.minor
    by_name = {one["name"]: one for one in told["estimates"]}
    assert told["decides"] == "ratio"
    assert by_name["ratio"]["misstatement"] == by_name["difference"]["misstatement"] == str(off)
    assert by_name["mean"]["margin"] == "0", "everything was examined"
    assert told["holds"] is True


def test_an_evaluation_can_be_reckoned_again_and_is_done_anew_after_a_correction(engagement, paid):
    sample = pass_all(draw(plan(engagement, rows=paid)))
    first = evaluate(sample)

    assert queries.figures_of(sample) == (first.figures, first.results)
    refused("", "nothing changed since", evaluate, sample=sample)
    result(items(sample)[0], outcomes=["deviation", "pass"], note="Seen once more.")
    second = evaluate(sample)

    assert (second.number, second.figures["attributes"][0]["deviations"]) == (2, 1)
    assert SampleEvaluation.objects.get(number=1).figures == first.figures


def test_reading_items_costs_the_same_for_one_and_for_many(
    engagement, paid, django_assert_num_queries
):
    small = draw(plan(engagement, rows=paid, size=3, size_reason="Few."))
    large = draw(plan(engagement, rows=paid, size=30, again_reason="More."))

    for sample in (small, large):
        with django_assert_num_queries(1):
            list(queries.items_of(sample))
        pass_all(sample)
        with django_assert_num_queries(2):
            queries.figures_of(sample)
    with django_assert_num_queries(1):
        assert len(queries.samples_of(engagement)) == 2


def test_the_same_population_and_seed_give_the_same_sample_on_every_engine():
    """A fixed population, and what each method draws of it with a fixed seed: these rows are the same everywhere."""

    def fixed(parts):
        return [Frozen(UUID(int=n << 64 | n), 100 * n, "USD", n % parts) for n in range(1, 41)]

    seed = bytes(range(32))
    drawn = {
        "random": choose("random", seed, fixed(1), strata=[(40, 6)]),
        "systematic": choose("systematic", seed, fixed(1), strata=[(40, 6)]),
        "stratified": choose("stratified", seed, fixed(2), strata=[(20, 3), (20, 3)]),
        "monetary": choose("monetary", seed, fixed(1), strata=[(40, 6)], interval=3500),
    }

    assert {name: [one.place for one in found] for name, found in drawn.items()} == VECTORS


VECTORS = {
    "random": [0, 11, 12, 21, 24, 38],
    "systematic": [6, 13, 19, 26, 33, 39],
    "stratified": [16, 22, 23, 25, 37, 38],
    "monetary": [
        7,
        11,
        13,
        16,
        18,
        19,
        21,
        23,
        24,
        25,
        27,
        28,
        29,
        30,
        31,
        32,
        33,
        34,
        35,
        36,
        37,
        38,
        39,
    ],
}


def test_every_row_of_a_sample_is_rebuilt_from_the_journal(engagement, paid):
    from tracker.journal.projections import differences

    sample = pass_all(draw(plan(engagement, rows=paid, attributes=["seen"])))
    evaluate(sample)

    words = ["sample", "draw of a sample", "result of a sample", "evaluation of a sample"]
    assert list(differences(only=words)) == []
    assert SampleResult.objects.count() == SampleItem.objects.count() == 9


# --- Before the final report ----------------------------------------------------------


def _report(engagement):
    return actions.issue_final(engagement=engagement, by=engagement.lead)


def test_no_final_report_while_a_sample_is_planned_drawn_or_corrected_without_evaluation(built):
    engagement = Engagement.objects.get(pk=built[0])
    sample = plan(engagement)
    with pytest.raises(Refused, match="without an evaluation of their results: S1"):
        _report(engagement)
    draw(sample)
    with pytest.raises(Refused, match="S1"):
        _report(engagement)
    pass_all(sample)
    evaluate(sample)
    first = items(sample)[0]
    result(first, outcomes=["deviation", "pass"], note="It has none.")
    with pytest.raises(Refused, match="S1"):
        _report(engagement)
    evaluate(sample)
    assert _report(engagement).status == EngagementStatus.FINAL


def test_a_sample_that_was_drawn_again_needs_no_evaluation_but_the_newer_one_does(built):
    engagement = Engagement.objects.get(pk=built[0])
    draw(plan(engagement))
    again = plan(engagement, again_reason="The list was not complete.")
    with pytest.raises(Refused, match="S1, S2"):
        _report(engagement)
    again = draw(again)
    with pytest.raises(Refused, match=r"results: S2\."):
        _report(engagement)
    evaluate(pass_all(again))
    assert _report(engagement).status == EngagementStatus.FINAL


def test_a_plan_is_given_up_with_a_reason_and_never_drawn(built, client):
    engagement = Engagement.objects.get(pk=built[0])
    sample = plan(engagement)
    with pytest.raises(Refused, match="Say why"):
        actions.give_up_sample(sample=sample, reason=" ", by=engagement.lead)
    with pytest.raises(NotAllowed):
        actions.give_up_sample(sample=sample, reason="No.", by=make_person("auditor"))
    client.force_login(engagement.lead)
    page = f"{sample.get_absolute_url()}give-up/"
    assert page in client.get(sample.get_absolute_url()).content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": ""}).status_code == 200
    assert client.post(page, {"reason": "The scope became too small."}).status_code == 302

    assert "The scope became too small." in client.get(sample.get_absolute_url()).content.decode()
    sample = Sample.objects.get(pk=sample.pk)
    with pytest.raises(Refused, match="given up already"):
        actions.give_up_sample(sample=sample, reason="Again.", by=engagement.lead)
    with pytest.raises(Refused, match="was given up"):
        draw(sample)
    assert not queries.samples_waiting(engagement.lead)
    assert list(differences(only={"given up sample"})) == []
    assert _report(engagement).status == EngagementStatus.FINAL


def test_the_database_keeps_a_draw_and_giving_up_apart(engagement, paid):
    drawn, given_up = draw(plan(engagement)), plan(engagement, again_reason="A test.")
    gone = actions.give_up_sample(sample=given_up, reason="A test.", by=engagement.lead)
    with pytest.raises(Refused, match="nobody gives it up"):
        actions.give_up_sample(sample=drawn, reason="A test.", by=engagement.lead)
    entry = Entry.objects.order_by("-pk").first()
    text = SampleGivenUpText.objects.create(reason="By hand.")
    row = {"text": text, "text_digest": text.digest, "given_up_by": engagement.lead}
    with pytest.raises(DatabaseError, match="sample_drawn_is_not_given_up"), transaction.atomic():
        SampleGivenUp.objects.create(sample=drawn, entry=Entry.objects.first(), **row)
    told = {"root": "0" * 64, "seed": "0" * 64, "drawn": 1, "certain": 0, "entry": entry}
    checkpoint = sign_checkpoint()
    with pytest.raises(DatabaseError, match="sample_given_up_is_not_drawn"), transaction.atomic():
        SampleDraw.objects.create(
            sample=gone.sample, checkpoint=checkpoint, drawn_by=engagement.lead, **told
        )


def test_what_was_drawn_stays_in_scope(engagement, paid):
    draw(plan(engagement))
    scope = policies.scope_of(engagement)
    told = {
        name: getattr(engagement, name) for name in ("number", "title", "kind", "standard", "lead")
    }
    period = Scope(scope[0].program, date(2001, 1, 1), date(2001, 12, 31))
    with pytest.raises(Refused, match="was drawn in a sample of this engagement") as refusal:
        actions.change_engagement(engagement=engagement, scope=[period], **told, by=engagement.lead)
    assert "scope" in refusal.value.message_dict
    actions.change_engagement(engagement=engagement, scope=scope, **told, by=engagement.lead)
