"""The demo: loaded once, by calling actions, and something waits for everybody."""

import pytest
from django.core.management import CommandError, call_command

from tests.factories.programs import make_program
from tests.factories.sampling import sign_checkpoint
from tests.worlds import kept
from tracker.accounts.models import User
from tracker.audits import queries as audits
from tracker.audits.models import Finding, Recommendation, Sample
from tracker.demo import load, people
from tracker.journal import pipeline, service
from tracker.ledger import queries
from tracker.ledger.models import Certification, Period, Transaction, Voucher, Waiver
from tracker.ledger.queries import certifications_waiting_for
from tracker.programs.models import Nature, Program
from tracker.publishing.models import (
    Preparation,
    PublishedProgram,
    ReleasedRow,
    Report,
    Withholding,
)
from tracker.publishing.sheet import unexplained
from tracker.shared.errors import Refused

pytestmark = pytest.mark.thorough  # a whole world is built first


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Loaded once for all that is asked of it, and gone with the module."""
    with kept(django_db_blocker):
        load.everything(say=lambda _: None)
        sign_checkpoint()
        load.draw(say=lambda _: None)
        yield


def test_everything_is_there_in_every_state(demo):
    assert set(Voucher.objects.values_list("status", flat=True)) == {
        "draft",
        "submitted",
        "returned",
        "posted",
        "withdrawn",
    }
    assert Waiver.objects.filter(decision=None).count() == 1
    waived = Waiver.objects.exclude(decision=None)
    standing = queries.with_standing(waived, waived.first().voucher.organisation.today())
    assert {one.standing for one in standing} == {"in_force", "settled"}
    submitted = Voucher.objects.get(description="Simulator, second half")
    (document,) = queries.filed(submitted, submitted.created_by)
    assert document.uses.total == 1
    assert {"draft", "in_review", "returned", "published"} == set(
        Report.objects.values_list("status", flat=True)
    )
    (waiting,) = Preparation.objects.waiting().filter(program__nature=Nature.ILLUSTRATIVE)
    assert any(line["explained_by"] == "sentence" for line in waiting.sheet["lines"])
    assert not unexplained(waiting)
    assert {"draft", "issued"} == set(Finding.objects.values_list("status", flat=True))
    assert Recommendation.objects.values("state").distinct().count() >= 4
    assert {"proposed", "in_force"} == set(Withholding.objects.values_list("status", flat=True))
    assert PublishedProgram.objects.filter(nature=Nature.DOCUMENTED).count() >= 7
    assert PublishedProgram.objects.filter(nature=Nature.ILLUSTRATIVE).count() == 1


def test_a_sample_is_drawn_tested_and_evaluated_and_another_is_being_tested(demo):
    receipts, amounts = audits.with_progress(Sample.objects.all()).order_by("number")
    (evaluation,) = receipts.evaluations.all()
    told = [one["holds"] for one in evaluation.figures["attributes"]]

    assert told == [True, False], "one deviation in so small a sample is one too many"
    assert receipts.tested == receipts.draw.drawn
    assert amounts.tested == 1 < amounts.draw.drawn
    lines = [line.what for line in audits.sample_lines(amounts.engagement.lead)]
    assert lines == [f"Test {amounts.draw.drawn - 1} items of sample {amounts.label}"]


def test_a_quarter_is_closed_and_certified_by_both_sides_and_others_wait(demo):
    standing = {p.name: p.status for p in Period.objects.with_status()}
    assert standing == {"FY2025 Q1": "closed", "FY2025 Q2": "closed", "FY2025 Q3": "closing"}
    signed = Certification.objects.all().standing().values_list("period__name", "side")
    assert sorted(signed) == [
        ("FY2025 Q1", "donor"),
        ("FY2025 Q1", "recipient"),
        ("FY2025 Q2", "donor"),
    ]
    assert Transaction.objects.get(booked_on__isnull=False).value_date.month == 3
    representative = User.objects.get(email=f"recipient@{people.DOMAIN}")
    assert len(certifications_waiting_for(representative)) == 1
    assert ReleasedRow.objects.filter(kind="certification").count() == 3


def test_nobody_pretends_to_have_approved_a_real_payment(demo):
    assert not Transaction.objects.exclude(program__nature=Nature.ILLUSTRATIVE).exists()
    for program in Program.objects.exclude(nature=Nature.DOCUMENTED):
        assert "illustrative" in program.title


def test_nobody_in_the_demo_has_an_invented_name(demo):
    roles = ("officer", "administrator", "approver", "auditor", "representative")
    roles += ("head of the audit",)
    for person in User.objects.all():
        assert any(role in person.name.lower() for role in roles), person.name


def test_every_printed_sign_in_exists(demo):
    for _, name in people.SIGN_INS:
        assert User.objects.get(email=f"{name}@{people.DOMAIN}").check_password(people.PASSWORD)


def test_it_is_loaded_once_and_says_where_to_go(demo, capsys):
    before = User.objects.count()

    call_command("demo", no_serve=True)

    said = capsys.readouterr().out
    assert User.objects.count() == before
    assert "http://127.0.0.1:8000/" in said
    assert f"officer@{people.DOMAIN}" in said


@pytest.mark.parametrize(
    "report, why",
    [
        (
            pipeline.Report(said=["Signing is stopped: another log was signed."]),
            "another log was signed",
        ),
        (None, "another process signs"),
    ],
)
def test_without_a_checkpoint_the_samples_wait_and_the_demo_goes_on(
    monkeypatch, capsys, report, why
):
    """A database that was thrown away, and the signer still remembers its log: it signs nothing for another one."""
    monkeypatch.setattr(people, "is_loaded", lambda: False)
    monkeypatch.setattr(load, "check_fresh", lambda: None)  # the other tests' people stay
    monkeypatch.setattr(load, "everything", lambda say: say("Loaded."))
    monkeypatch.setattr(load, "draw", lambda say: pytest.fail("There is no seed."))
    monkeypatch.setattr(service, "bring_up_to_date", lambda: report)

    call_command("demo", no_serve=True)

    said = capsys.readouterr().out
    assert "samples are not drawn" in said and why in said
    assert "http://127.0.0.1:8000/" in said


def test_a_database_with_people_in_it_is_left_alone():
    make_program()

    with pytest.raises(Refused, match="has people in it"):
        load.check_fresh()


def test_production_never_gets_the_demo(settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="passwords are public"):
        call_command("demo", no_serve=True)
