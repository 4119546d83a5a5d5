"""The pages of samples, as an auditor walks through them, and as everybody else meets them."""

import hashlib
import json

import pytest
from django.urls import reverse

from tests.factories import ledger
from tests.factories.accounts import make_person
from tests.factories.audits import make_auditor, make_engagement, make_finding
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
)
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.audits import queries
from tracker.audits.models import Engagement, Sample, SampleEvaluation
from tracker.ledger.models import Transaction

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        program = make_program()
        make_payments(program, [f"{n}0.00" for n in range(1, 13)], payee="Boots Ltd")
        yield make_engagement(program).pk


@pytest.fixture
def engagement(built, db):
    return Engagement.objects.get(pk=built)


@pytest.fixture
def auditor(engagement, client):
    client.force_login(engagement.lead)
    return client


def page(client, address, status=200, **data):
    response = client.get(address, data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def at(name, *uids):
    return reverse(f"audits:{name}", args=uids)


PLAN = {
    "purpose": "Do payments have receipts?",
    "method": "random",
    "test": "attributes",
    "attributes": "receipt confirmed\n\ndocument supports amount",
    "confidence": "90",
    "tolerable_rate": "20",
    "expected_rate": "0",
}


def test_an_auditor_walks_from_a_list_of_the_ledger_to_the_evaluation(auditor, engagement):
    ledger_page = page(auditor, reverse("ledger:transactions"), payee="Boots")
    assert f"{at('sample_begin')}?payee=Boots" in ledger_page
    response = auditor.get(at("sample_begin"), {"payee": "Boots"})
    new = f"{at('sample_new', engagement.uid)}?payee=Boots"
    assert response.url == new
    assert "Payee: Boots" in page(auditor, new)

    shown = auditor.post(new, PLAN | {"preview": "1"}).content.decode()
    assert "Computed size" in shown
    assert "hypergeometric, for a small population" in shown
    assert not Sample.objects.exists()
    auditor.post(new, PLAN | {"freeze": "1"})
    sample = Sample.objects.get()
    assert sample.items == 12
    assert sample.attributes == ["receipt confirmed", "document supports amount"]
    assert sample.text.population == "Payee: Boots"

    address = sample.get_absolute_url()
    assert "waits for the journal" in page(auditor, address)
    auditor.post(at("sample_draw", sample.uid))
    assert "waits for the journal's next checkpoint" in page(auditor, address).replace(
        "&#x27;", "'"
    )
    sign_checkpoint()
    assert "Draw the sample" in page(auditor, address)
    auditor.post(at("sample_draw", sample.uid))

    first, *others = items(sample)
    good = {"outcome_0": "pass", "outcome_1": "pass"}
    response = auditor.post(
        at("sample_item", first.uid), good | {"outcome_0": "deviation", "reference": "WP 1"}
    )
    assert response.url == others[0].get_absolute_url(), "on to the next item"
    evaluation = at("sample_evaluation", sample.uid)
    assert f"Not yet tested: {len(others)} items" in page(auditor, evaluation)
    for item in others:
        auditor.post(at("sample_item", item.uid), good)
    auditor.post(evaluation, {"conclusion": "Receipts are not kept."})
    shown = page(auditor, evaluation)
    assert "Receipts are not kept." in shown
    assert "does not hold" in shown
    assert "Clopper and Pearson" in shown
    assert SampleEvaluation.objects.get().figures["attributes"][0]["deviations"] == 1


def test_bad_input_is_told_at_its_field(auditor, engagement):
    new = at("sample_new", engagement.uid)

    for changes, words in [
        ({"confidence": "100"}, "between 0 and 100"),
        ({"confidence": "x"}, "Enter a number"),
        ({"expected_rate": "20"}, "no sample can show that"),
        ({"size": "999"}, "larger than its population of 13"),
        ({"attributes": ""}, "at least one test attribute"),
        ({"given": "a"}, "whole numbers"),
        ({"test": "amounts", "tolerable_amount": "5"}, "Amounts need their currency"),
        ({"test": "amounts", "currency": "USD", "tolerable_amount": "5.001"}, "more decimals"),
        ({"method": "monetary"}, "tests amounts"),
    ]:
        for button in ("preview", "freeze"):
            response = auditor.post(new, PLAN | changes | {button: "1"})
            assert response.status_code == 200
            assert words in response.content.decode(), changes
    assert not Sample.objects.exists()


def test_a_list_that_is_not_understood_or_lies_outside_is_not_drawn_from(auditor, engagement):
    new = at("sample_new", engagement.uid)

    assert "could not be understood" in page(auditor, f"{new}?fiscal_year=x")
    shown = auditor.post(f"{new}?payee=Nobody", PLAN | {"freeze": "1"}).content.decode()
    assert "population is empty" in shown


def test_monetary_units_are_planned_tested_and_evaluated(auditor, engagement):
    new = f"{at('sample_new', engagement.uid)}?kind=disbursement"
    given = {"method": "monetary", "test": "amounts", "attributes": "", "currency": "USD"}
    given |= {"tolerable_amount": "300.00", "expected_amount": "0", "confidence": "95"}
    auditor.post(new, PLAN | given | {"freeze": "1"})
    sample = draw(Sample.objects.get())
    first = items(sample)[0]

    address = at("sample_item", first.uid)
    assert "State the audited amount" in auditor.post(address, {}).content.decode()
    assert "is not an amount" in auditor.post(address, {"audited": "much"}).content.decode()
    assert "why it could not be" in auditor.post(address, {"unseen": "on"}).content.decode()
    auditor.post(address, {"audited": "1.00"})
    assert "audited 1.00 USD" in page(auditor, sample.get_absolute_url())
    for item in items(sample)[1:]:
        auditor.post(at("sample_item", item.uid), {"audited": item.transaction.amount.plain})
    auditor.post(at("sample_evaluation", sample.uid), {})

    shown = page(auditor, at("sample_evaluation", sample.uid))
    assert "Upper misstatement limit" in shown
    assert "Stringer" in shown


def test_an_estimate_is_shown_with_its_formula(auditor, engagement):
    rows = Transaction.objects.filter(kind="disbursement")
    sample = draw(plan(engagement, amounts_spec("random", estimator="ratio"), rows=rows))
    evaluate(pass_all(sample))

    shown = page(auditor, at("sample_evaluation", sample.uid))
    assert "Cochran 1977" in shown
    assert "decides" in shown
    assert "No item is misstated" in shown


def test_a_correction_marks_the_evaluation_as_older(auditor, engagement):
    sample = draw(plan(engagement))
    evaluate(pass_all(sample))
    item = items(sample)[0]

    address = at("sample_item", item.uid)
    bad = {"outcome_0": "deviation", "outcome_1": "pass"}
    assert "what was wrong with it" in auditor.post(address, bad).content.decode()
    auditor.post(address, bad | {"note": "Seen again."})
    assert "Corrected since" in page(auditor, address)
    assert "Results were corrected since" in page(auditor, at("sample_evaluation", sample.uid))


def test_drawing_again_is_asked_for_a_reason_and_shown_everywhere(auditor, engagement):
    draw(plan(engagement))
    new = at("sample_new", engagement.uid)

    shown = auditor.post(new, PLAN | {"preview": "1"}).content.decode()
    assert "was sampled before" in shown
    assert "say why you draw again" in auditor.post(
        new, PLAN | {"freeze": "1"}
    ).content.decode().replace("\n", " ")
    auditor.post(new, PLAN | {"freeze": "1", "again_reason": "The list lacked March."})

    second = Sample.objects.get(number=2)
    assert "The list lacked March." in page(auditor, second.get_absolute_url())
    draw(second)
    assert "planned 2 times in this engagement" in page(
        auditor, at("sample_evaluation", second.uid)
    )
    shown = page(auditor, engagement.get_absolute_url())
    assert "drawn again" in shown
    assert "The list lacked March." in shown


def test_the_files_are_what_was_journalled(auditor, engagement):
    sample = draw(plan(engagement))

    response = auditor.get(at("sample_population", sample.uid))
    content = b"".join(response.streaming_content)
    assert hashlib.sha256(content).hexdigest() == sample.digest
    sheet = json.loads(page(auditor, at("sample_plan", sample.uid)))
    assert sheet["sha256"] == sample.digest
    assert sheet["drawn"] == [str(i.transaction.uid) for i in items(sample)]
    csv = b"".join(auditor.get(sample.get_absolute_url(), {"format": "csv"}).streaming_content)
    assert csv.count(b"\r\n") == len(sheet["drawn"]) + 1


def test_an_item_leads_to_a_finding_and_shows_those_there_are(auditor, engagement):
    item = items(draw(plan(engagement)))[0]
    finding = make_finding(item.transaction, engagement=engagement, issued=False)

    shown = page(auditor, item.get_absolute_url())
    assert finding.title in shown
    assert f"{at('finding_new', engagement.uid)}?transaction={item.transaction.uid}" in shown


def test_the_desk_says_what_to_do_next(engagement):
    def lines():
        return [line.what for line in queries.sample_lines(engagement.lead)]

    sample = plan(engagement)
    assert lines() == [f"Draw sample {sample.label}"]
    sample = draw(sample)
    assert lines() == [f"Test {sample.size} items of sample {sample.label}"]
    pass_all(sample)
    assert lines() == [f"Evaluate sample {sample.label}"]
    evaluate(sample)
    assert lines() == []
    assert queries.sample_lines(make_person(Role.OFFICER)) == []


def test_the_audited_side_sees_no_sample(client, engagement):
    sample = draw(plan(engagement))
    client.force_login(ledger.officer_of(engagement.scope.get().program))

    for name in ("sample", "sample_population", "sample_plan", "sample_evaluation"):
        assert client.get(at(name, sample.uid)).status_code == 404
    assert client.get(items(sample)[0].get_absolute_url()).status_code == 404
    assert "Draw a sample" not in page(client, reverse("ledger:transactions"))
    assert client.get(at("sample_begin")).status_code == 403


def test_an_auditor_off_the_team_reads_and_does_not_write(client, engagement):
    sample = draw(plan(engagement))
    client.force_login(make_auditor(engagement.scope.get().program))

    assert "Only the team" in page(client, items(sample)[0].get_absolute_url())
    assert "Only the team" in page(client, at("sample_evaluation", sample.uid))
    assert client.post(at("sample_evaluation", sample.uid), {}).status_code == 403
    assert client.get(at("sample_new", engagement.uid)).status_code == 403


def test_who_is_on_several_teams_chooses_the_engagement(auditor, engagement):
    make_engagement(engagement.scope.get().program, lead=engagement.lead)

    assert "In which engagement?" in page(auditor, at("sample_begin"))


def test_pages_cost_the_same_for_few_items_and_for_many(
    auditor, engagement, django_assert_max_num_queries
):
    few = draw(plan(engagement, size=2, size_reason="Few."))
    many = draw(plan(engagement, size=13, again_reason="More."))
    pass_all(few)
    pass_all(many)
    evaluate(few)
    evaluate(many)
    counts = []

    for sample in (few, many):
        for address in (
            sample.get_absolute_url(),
            at("sample_evaluation", sample.uid),
            items(sample)[0].get_absolute_url(),
        ):
            with django_assert_max_num_queries(60) as asked:
                page(auditor, address)
            counts.append(len(asked.captured_queries))
    assert counts[:3] == counts[3:]
