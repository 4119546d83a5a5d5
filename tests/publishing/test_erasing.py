"""Words about persons are erased by a decision; the entries and every proof stay."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from tests.factories.accounts import make_person
from tests.factories.audits import make_finding, make_recommendation
from tests.factories.ledger import make_disbursement, make_voucher_at
from tests.factories.money import make_plan, make_questioned
from tests.factories.publishing import disclosure_of, publish, withhold
from tracker.accounts.models import Role
from tracker.dashboards.queries.histories import ERASED, record_page
from tracker.journal import actions as journal_actions
from tracker.journal import kinds, log, queries
from tracker.journal.actions import sequence
from tracker.journal.models import Disclosure, Entry
from tracker.journal.projections import differences
from tracker.ledger.models import TransactionText
from tracker.publishing.actions.erasing import KEPT_BESIDE, erase_words
from tracker.publishing.policies import ERASABLE
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.models import ErasableText

pytestmark = pytest.mark.thorough


@pytest.fixture
def payment():
    return make_disbursement(payee="A person", description="Salary", reference="R-1")


def erase(payment, *fields, **says):
    program = payment.program
    given = {
        "basis": "GDPR Article 17(1)(b)",
        "reason": "The person asked for it.",
        "by": disclosure_of(program),
        "confirmed_by": disclosure_of(program, 1),
    } | says
    return erase_words(record=payment.uid, fields=fields or ["payee"], **given)


def test_the_words_are_gone_from_every_row_and_every_entry_that_stated_them(payment):
    erased = erase(payment)

    payment.refresh_from_db()
    voucher = payment.version.voucher
    assert payment.text.payee == payment.version.text.payee == voucher.payee == ""
    assert payment.text.description == "Salary"
    assert payment.text.salt == payment.version.text.salt == ""
    everything = [*Disclosure.objects.values_list("values", flat=True)]
    stated = [json.loads(_raw(text)) for values in everything for text in values.values()]
    assert all("A person" not in (value or "") for _, value in stated if isinstance(value, str))
    assert {e.entry for e in erased} >= {payment.entry_id, payment.version.entry_id}


def _raw(disclosure):
    return base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))


def test_the_decision_is_an_entry_that_names_what_was_erased_why_and_by_whom(payment):
    one = next(e for e in erase(payment) if e.entry == payment.entry_id)

    (event,) = queries.history_of(Entry.objects.get(pk=one.decision).record)
    assert event.kind == "erasure"
    assert event.values["entry"] == payment.entry_id
    assert event.values["record"] == str(payment.uid)
    assert event.values["fields"] == ["payee"]
    assert event.values["confirmed_by"] == str(disclosure_of(payment.program, 1).uid)
    assert event.sentence == (
        f"Values of entry {payment.entry_id} were erased (GDPR Article 17(1)(b)): “The person asked for it.”."
    )


def test_entries_and_proofs_stay_what_they_were(payment):
    sequence()
    size, before = log.size(), bytes(Entry.objects.get(pk=payment.entry_id).body)
    root = log.root_at(size)

    erase(payment)
    sequence()

    assert bytes(Entry.objects.get(pk=payment.entry_id).body) == before
    assert log.root_at(size) == root
    left = Disclosure.objects.get(pk=payment.entry_id).values
    slots = json.loads(before)["f"]
    assert set(slots) - set(left) == {"payee"}
    for name, text in left.items():
        digest = hashlib.sha256(text.encode()).digest()
        assert slots[name][0]["..."] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_the_history_says_erased_where_it_said_the_words():
    voucher = make_voucher_at("returned")
    sent_back = voucher.versions.get().returns.get()
    erase_words(
        record=sent_back.uid,
        fields=["reason"],
        basis="Law",
        reason="It named a person.",
        by=disclosure_of(voucher.program),
        confirmed_by=disclosure_of(voucher.program, 1),
    )
    (event,) = queries.history_of(sent_back)
    assert "(erased)" in event.sentence
    sent_back.refresh_from_db()
    assert sent_back.text.reason == ""


def _erased_by_the_journal(record, *fields):
    """Words of a finding are facts of its row: only the journal's own verb takes them out of an entry."""
    entry = Entry.objects.filter(record=record.uid).order_by("-rev").first()
    program = record.links.get().transaction.program
    journal_actions.erase(
        entry=entry.pk,
        fields=list(fields),
        basis="Law",
        reason="They named a person.",
        by=disclosure_of(program),
        confirmed_by=disclosure_of(program, 1),
    )
    return entry


def test_words_that_a_kind_has_since_read_as_erased_and_not_as_nothing():
    named = make_finding(kind="other", kind_words="Graft by A person")
    questioned = make_questioned("80.00", better="50.00", likely="90.00")
    for finding, fields in ((named, {"kind_words"}), (questioned, {"lines", "better_use"})):
        entry = _erased_by_the_journal(finding, *fields)

        event = queries.history_of(finding)[0]
        assert event.number == entry.pk
        assert not fields & event.values.keys()
        page = record_page(finding.uid, finding.engagement.lead)
        said = {change.field: change.after for change in page.steps[0].changes}
        assert {said[name] for name in fields} == {ERASED}
    assert not list(differences(only={"finding"}, erased=lambda entry: True))


def test_words_of_older_entries_that_had_no_such_field_read_as_what_was_true_then(monkeypatch):
    finding = make_questioned("80.00")
    kind = kinds.kind_named("finding")
    newer = replace(
        kind, fields=(*kind.fields, "colour"), later={**kind.later, "colour": "none stated"}
    )
    monkeypatch.setitem(kinds._registered, "finding", newer)
    _erased_by_the_journal(finding, "kind_words")

    event = queries.history_of(finding)[0]

    assert event.values["colour"] == "none stated"
    assert "kind_words" not in event.values


def test_every_word_beside_a_fact_of_an_audit_can_be_erased():
    """Whoever adds words that may name a person says how they are erased."""
    from tracker.audits import models

    kept = {model._meta.get_field("text").related_model: k for k, model in KEPT_BESIDE.items()}
    texts = [
        m for m in vars(models).values() if isinstance(m, type) and issubclass(m, ErasableText)
    ]
    for text in {*texts} - {ErasableText}:
        assert set(text.TEXTS) <= ERASABLE[kept[text]], text


def test_a_plan_that_was_erased_says_so_on_its_page(client):
    recommendation = make_recommendation("open_resolved")
    plan = make_plan(recommendation, contact="A person, ext. 5")
    program = recommendation.finding.links.get().transaction.program
    erase_words(
        record=plan.uid,
        fields=["contact", "action"],
        basis="Law",
        reason="It named a person.",
        by=disclosure_of(program),
        confirmed_by=disclosure_of(program, 1),
    )
    client.force_login(recommendation.finding.engagement.lead)

    page = client.get(recommendation.get_absolute_url()).content.decode()

    assert "A person" not in page
    assert "erased" in page
    (event,) = queries.history_of(plan)
    assert "(erased)" in event.sentence
    assert not list(
        differences(only={"corrective action plan"}, erased=lambda entry: entry == plan.entry_id)
    )


def test_one_disclosure_officer_alone_erases_nothing(payment):
    with pytest.raises(NotAllowed, match="takes two disclosure officers"):
        erase(payment, confirmed_by=disclosure_of(payment.program))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.OFFICER, Role.AUDITOR])
def test_nobody_else_erases(payment, role):
    with pytest.raises(NotAllowed, match="disclosure officer"):
        erase(payment, by=make_person(role, program=None))


@pytest.mark.parametrize("name", ["basis", "reason"])
def test_a_decision_without_its_grounds_is_refused(payment, name):
    with pytest.raises(Refused, match=f"State the {name}"):
        erase(payment, **{name: " "})


def test_a_fact_is_never_erased(payment):
    with pytest.raises(Refused, match=r"amount of a .* is a fact and stays"):
        erase(payment, "amount")
    assert not Entry.objects.filter(kind="erasure").exists()


def test_what_is_stated_nowhere_cannot_be_erased(payment):
    erase(payment)
    with pytest.raises(Refused, match="nothing to erase"):
        erase(payment)
    with pytest.raises(Refused, match="Name the fields"):
        erase_words(
            record=payment.uid,
            fields=[],
            basis="Law",
            reason="None.",
            by=disclosure_of(payment.program),
            confirmed_by=disclosure_of(payment.program, 1),
        )


def test_what_the_public_reads_is_withheld_first(payment):
    publish(payment.program)
    with pytest.raises(Refused, match="The public reads payee"):
        erase(payment)
    withhold(payment.program, kind="transaction", record=payment.uid, field="payee")
    publish(payment.program)
    assert erase(payment)


def test_the_database_keeps_disclosures_and_words_without_a_decision(payment):
    text = TransactionText.objects.get(pk=payment.text_id)
    for act, rule in (
        (Disclosure.objects.filter(pk=payment.entry_id).delete, "disclosure_goes_by_decision"),
        (
            lambda: Disclosure.objects.filter(pk=payment.entry_id).update(values={}),
            "disclosure_goes_by_decision",
        ),
        (
            lambda: TransactionText.objects.filter(pk=text.pk).update(payee="Another"),
            "keeps its words",
        ),
    ):
        with pytest.raises(DatabaseError, match=rule), transaction.atomic():
            act()


def test_the_command_says_which_entries_lost_what(payment, capsys):
    call_command(
        "journal_erase",
        str(payment.uid),
        "payee",
        basis="Law",
        reason="Asked for.",
        by=disclosure_of(payment.program).email,
        confirmed_by=disclosure_of(payment.program, 1).email,
    )
    said = capsys.readouterr().out
    assert f"Entry {payment.entry_id} lost payee by the decision in entry" in said
    assert "cannot be called back" in said


def test_the_command_refuses_what_is_no_identifier_with_a_sentence(payment):
    with pytest.raises(CommandError, match="is not a record's identifier"):
        call_command(
            "journal_erase", "x", "payee", basis="L", reason="R", by="a@b", confirmed_by="c@d"
        )
