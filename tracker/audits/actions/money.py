"""The way of a questioned cost to zero, and management's decision about it. Every step is a row that stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django.db import transaction

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits import policies, queries
from tracker.audits.actions.recommendations import resolve_decided
from tracker.audits.actions.steps import NewFile, Said, with_file
from tracker.audits.models import (
    CostEvent,
    CostEventText,
    CostOutcome,
    CostStep,
    Finding,
    ManagementDecision,
    ManagementDecisionText,
)
from tracker.journal import actions as journal
from tracker.ledger.models import Transaction
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import Sentence, refused_if

ABOVE = "Somebody settled a part of it at this moment: look at what is left, and try again."
WATERFALL: Mapping[str, Sentence] = {
    "cost_event_never_above_questioned": {"amount": ABOVE},
    "cost_event_never_above_its_transaction": {"amount": ABOVE},
    "cost_event_recovered_within_disallowed": {"amount": ABOVE},
    "answers_id": "It was answered at this moment by somebody else.",
}


@transaction.atomic
def claim_cost(
    *,
    finding: Finding,
    outcome: str,
    amount: Money,
    note: str = "",
    payment: Transaction | None = None,
    file: NewFile | None = None,
    by: User,
) -> CostEvent:
    """The owner says that a part of the questioned cost is refunded, documented, justified or written off.

    Nothing counts before an auditor accepts it. `payment` is the refund, reversal or write-off in the ledger.
    """
    finding = _lock(finding)
    policies.check_can_claim_cost(by, finding)
    policies.check_amount(finding, amount)
    policies.check_settles(finding, outcome, amount, payment, file is not None)
    if outcome in (CostOutcome.JUSTIFIED, CostOutcome.WRITTEN_OFF):
        policies.check_said(note, "note", "Say why the cost is right, or why it is given up.")
    said = with_file(note, file, by)
    event = _event(finding, CostStep.CLAIMED, outcome, amount, said, by, payment=payment)
    sentence = f"Judge what is said to settle {amount} of finding {finding.label}."
    for auditor in queries.team_of(finding.engagement):
        notify(person=auditor, sentence=sentence, path=finding.get_absolute_url())
    return event


@transaction.atomic
def accept_cost(
    *, claim: CostEvent, amount: Money | None = None, note: str = "", by: User
) -> CostEvent:
    """An auditor accepts a claim, or a part of it (`amount`). From now on it counts. Never who made the claim."""
    finding = _lock(claim.finding)
    claim = CostEvent.objects.select_related("answer", "transaction__reversal").get(pk=claim.pk)
    policies.check_can_judge_cost(by, claim)
    amount = amount or claim.amount
    if amount.currency == claim.currency and amount > claim.amount:
        raise Refused({"amount": f"Only {claim.amount} was claimed: accept at most that."})
    policies.check_amount(finding, amount)
    if claim.transaction is not None:
        policies.check_payment_settles(finding, claim.outcome, amount, claim.transaction)
    policies.check_recovered(finding, claim.outcome, amount)
    event = _event(
        *(finding, CostStep.ACCEPTED, claim.outcome, amount, _of_claim(note, claim), by),
        payment=claim.transaction,
        answers=claim,
    )
    _tell_claimant(claim, f"{amount} of finding {finding.label} is settled.", by)
    return event


@transaction.atomic
def decline_cost(*, claim: CostEvent, reason: str, by: User) -> CostEvent:
    """An auditor does not accept a claim, with the reason. The cost stays questioned."""
    finding = _lock(claim.finding)
    claim = CostEvent.objects.select_related("answer").get(pk=claim.pk)
    policies.check_can_judge_cost(by, claim)
    policies.check_said(reason, "reason", "Say why it does not settle the cost.")
    event = _event(
        *(finding, CostStep.DECLINED, claim.outcome, claim.amount, Said(reason), by),
        payment=claim.transaction,
        answers=claim,
    )
    _tell_claimant(claim, f"What you claimed about finding {finding.label} was not accepted.", by)
    return event


@transaction.atomic
def reverse_cost(*, acceptance: CostEvent, reason: str, by: User) -> CostEvent:
    """An auditor takes back an acceptance, with the reason: the cost is questioned again. Both rows stay."""
    finding = _lock(acceptance.finding)
    acceptance = CostEvent.objects.select_related("answer", "answers").get(pk=acceptance.pk)
    policies.check_can_reverse_cost(by, acceptance)
    policies.check_said(reason, "reason", "Say why it does not settle the cost after all.")
    event = _event(
        *(finding, CostStep.REVERSED, acceptance.outcome, acceptance.amount, Said(reason), by),
        payment=acceptance.transaction,
        answers=acceptance,
    )
    _tell_claimant(acceptance, f"A settlement of finding {finding.label} was reversed.", by)
    return event


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What management decides (2 CFR 200.521): sustained or not, why, and how the amounts divide."""

    sustained: bool
    reasons: str
    allowed: Money | None = None
    disallowed: Money | None = None
    agreed: Money | None = None
    not_agreed: Money | None = None
    action: str = ""
    timetable: str = ""
    appeal: str = ""
    act_by: date | None = None


@transaction.atomic
def decide_finding(*, finding: Finding, decision: Decision, by: User) -> ManagementDecision:
    """Management decides on an issued finding, or revises its decision with a new one. The newest counts.

    Where it sustains the finding, recommendations that were not agreed to are resolved: they are to be carried out.
    """
    finding = _lock(finding)
    policies.check_can_decide_finding(by, finding)
    policies.check_said(decision.reasons, "reasons", "Say why management decides so.")
    if decision.sustained:
        policies.check_said(
            decision.action, "action", "Say what is to be done: repay, adjust, or what else."
        )
    better = queries.better_use_total(finding)
    policies.check_decision(
        finding,
        better_use=better,
        **{name: getattr(decision, name) for name in _PARTS},
        act_by=decision.act_by,
    )
    row = _write_decision(finding, decision, better, by)
    if decision.sustained:
        resolve_decided(finding, "Management sustains the finding.", by)
    sentence = f"Management decided on finding {finding.label}."
    for auditor in queries.team_of(finding.engagement):
        notify(person=auditor, sentence=sentence, path=finding.get_absolute_url())
    return row


_PARTS = ("allowed", "disallowed", "agreed", "not_agreed")
_WORDS = ("reasons", "action", "timetable", "appeal")


def _write_decision(
    finding: Finding, decision: Decision, better: Money | None, by: User
) -> ManagementDecision:
    words = {name: getattr(decision, name).strip() for name in _WORDS}
    text = ManagementDecisionText.objects.create(**words)
    row = ManagementDecision(
        uid=uuid4(),
        finding=finding,
        revises=policies.decision_in_force(finding),
        sustained=decision.sustained,
        currency=finding.currency,
        questioned=finding.questioned,
        better_currency=better.currency if better else "",
        better_use=better,
        **{name: getattr(decision, name) for name in _PARTS},
        act_by=decision.act_by,
        text=text,
        text_digest=text.digest,
        decided_by=by,
        decided_on=finding.engagement.office.today(),
    )
    names = ("finding", "revises", "sustained", "currency", "questioned", "better_currency")
    said = {name: getattr(row, name) for name in (*names, "better_use", *_PARTS, "act_by")}
    row.entry_id = journal.record(
        "management_decision",
        record=row,
        op="create",
        by=by,
        fields={**said, "decided_on": row.decided_on, **words},
    )
    with refused_if({"decision_revises_the_last": "Another decision was recorded at this moment."}):
        row.save()
    return row


def _lock(finding: Finding) -> Finding:
    return Finding.objects.select_for_update().get(pk=finding.pk)


def _of_claim(note: str, claim: CostEvent) -> Said:
    """The acceptance rests on what the claim rested on."""
    return Said(note, claim.evidence, claim.text.evidence_name)


def _event(
    finding: Finding,
    step: str,
    outcome: str,
    amount: Money,
    said: Said,
    by: User,
    *,
    payment: Transaction | None = None,
    answers: CostEvent | None = None,
) -> CostEvent:
    row = CostEvent(
        uid=uuid4(),
        finding=finding,
        step=step,
        outcome=outcome,
        answers=answers,
        currency=amount.currency,
        amount=amount,
        transaction=payment,
        evidence=said.evidence,
        taken_by=by,
        taken_on=finding.engagement.office.today(),
    )
    names = ("finding", "step", "outcome", "answers", "currency", "amount", "transaction")
    row.entry_id = journal.record(
        "cost_event",
        record=row,
        op="create",
        by=by,
        fields={
            **{name: getattr(row, name) for name in (*names, "taken_on")},
            "evidence": said.evidence and said.evidence.sha256,
            "note": said.note.strip(),
            "evidence_name": said.evidence_name,
        },
    )
    text = CostEventText.objects.create(note=said.note.strip(), evidence_name=said.evidence_name)
    row.text, row.text_digest = text, text.digest
    with refused_if(WATERFALL):
        row.save()
    return row


def _tell_claimant(about: CostEvent, sentence: str, by: User) -> None:
    claim = about.answers or about
    if claim.taken_by_id != by.pk:
        path = about.finding.get_absolute_url()
        notify(person=claim.taken_by, sentence=sentence[:300], path=path)
