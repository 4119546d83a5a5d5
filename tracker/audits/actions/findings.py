"""Findings: drafted on exact payments, issued once, and then left as they are."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits import policies, queries
from tracker.audits.actions.recommendations import issue_drafts_of
from tracker.audits.models import (
    Engagement,
    Finding,
    FindingLink,
    FindingStatus,
    Recommendation,
)
from tracker.journal import actions as journal
from tracker.ledger.models import Transaction
from tracker.shared.clock import database_now
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import check_fields

Payments = Collection[Transaction]


@dataclass(frozen=True, kw_only=True)
class FindingWords:
    """What a finding says: how it should be, how it is, why, and what follows from that.

    An element that is left blank needs `blank_reason`.
    """

    title: str
    severity: str
    criteria: str = ""
    condition: str = ""
    cause: str = ""
    effect: str = ""
    blank_reason: str = ""


@transaction.atomic
def draft_finding(
    *,
    engagement: Engagement,
    words: FindingWords,
    payments: Payments,
    questioned: Money | None = None,
    by: User,
) -> Finding:
    """Draft a finding about exact payments in scope. `questioned` is at most what they come to in its currency.

    None means that no cost is questioned. Only the engagement's team, during fieldwork.
    """
    engagement = Engagement.objects.select_for_update().get(pk=engagement.pk)
    policies.check_can_write_findings(by, engagement)
    last = engagement.findings.aggregate(last=Max("number"))["last"] or 0
    finding = Finding(engagement=engagement, number=last + 1, written_by=by)
    _write(finding, words, questioned, payments)
    FindingLink.objects.bulk_create(FindingLink(finding=finding, transaction=p) for p in payments)
    _record(finding, "create", by)
    return finding


@transaction.atomic
def change_finding(
    *,
    finding: Finding,
    words: FindingWords,
    payments: Payments,
    questioned: Money | None = None,
    by: User,
) -> Finding:
    """Rewrite a draft; `payments` are all that it is about from now on."""
    finding = _lock(finding)
    policies.check_can_change_finding(by, finding)
    _write(finding, words, questioned, payments)
    finding.links.exclude(transaction__in=payments).delete()
    linked = set(finding.links.values_list("transaction", flat=True))
    FindingLink.objects.bulk_create(
        FindingLink(finding=finding, transaction=p) for p in payments if p.pk not in linked
    )
    _record(finding, "change", by)
    return finding


@transaction.atomic
def link_payments(*, finding: Finding, payments: Payments, by: User) -> Finding:
    """Add payments in scope to a draft. Those that are linked already stay linked once."""
    finding = _lock(finding)
    policies.check_can_change_finding(by, finding)
    linked = set(finding.links.values_list("transaction", flat=True))
    new = [payment for payment in payments if payment.pk not in linked]
    if not new:
        raise Refused({"payments": "Choose at least one payment that is not linked yet."})
    _check_scope(finding.engagement, new)
    FindingLink.objects.bulk_create(FindingLink(finding=finding, transaction=p) for p in new)
    _record(finding, "link", by)
    return finding


@transaction.atomic
def unlink_payment(*, finding: Finding, payment: Transaction, by: User) -> Finding:
    """Take a payment out of a draft, as long as one is left and the questioned cost stays covered."""
    finding = _lock(finding)
    policies.check_can_change_finding(by, finding)
    link = finding.links.filter(transaction=payment)
    if not link.exists():
        raise Refused("This payment is not linked to the finding.")
    left = list(Transaction.objects.filter(finding_links__finding=finding).exclude(pk=payment.pk))
    policies.check_questioned(finding.questioned, left)
    link.delete()
    _record(finding, "unlink", by)
    return finding


@transaction.atomic
def drop_finding(*, finding: Finding, reason: str, by: User) -> Finding:
    """Give up a draft, with a reason. It stays in the engagement's records; its draft recommendations rest with it."""
    finding = _lock(finding)
    policies.check_can_drop(by, finding, reason)
    finding.status = FindingStatus.DROPPED
    finding.save(update_fields=["status"])
    _record(finding, "drop", by, reason=reason.strip())
    return finding


@transaction.atomic
def issue_finding(*, finding: Finding, by: User) -> Finding:
    """Issue the finding and its draft recommendations, for ever: nothing of it changes any more.

    The day of issue is today in the office's time zone. The owners' officers are told what is asked of them.
    """
    finding = _lock(finding)
    today = finding.engagement.office.today()
    policies.check_can_issue(by, finding, today)
    finding.status = FindingStatus.ISSUED
    finding.issued_at, finding.issued_by, finding.issued_on = database_now(), by, today
    finding.save(update_fields=["status", "issued_at", "issued_by", "issued_on"])
    _record(finding, "issue", by)
    for recommendation in issue_drafts_of(finding, today, by):
        _tell_owner(recommendation, by)
    return finding


def _lock(finding: Finding) -> Finding:
    return Finding.objects.select_for_update().get(pk=finding.pk)


def _check_scope(engagement: Engagement, payments: Payments) -> None:
    scope = policies.scope_of(engagement)
    for payment in payments:
        policies.check_in_scope(payment, scope)


def _write(
    finding: Finding, words: FindingWords, questioned: Money | None, payments: Payments
) -> None:
    policies.check_questioned(questioned, payments)
    _check_scope(finding.engagement, payments)
    for name, text in asdict(words).items():
        setattr(finding, name, text.strip())
    finding.currency = questioned.currency if questioned else ""
    finding.questioned = questioned
    check_fields(finding)
    finding.save()


def _record(finding: Finding, op: str, by: User, **said: object) -> None:
    linked = Transaction.objects.filter(finding_links__finding=finding).order_by("pk")
    fields = {
        "engagement": finding.engagement,
        "number": finding.number,
        "title": finding.title,
        "criteria": finding.criteria,
        "condition": finding.condition,
        "cause": finding.cause,
        "effect": finding.effect,
        "blank_reason": finding.blank_reason,
        "severity": finding.severity,
        "currency": finding.currency,
        "questioned": finding.questioned,
        "status": finding.status,
        "transactions": [str(uid) for uid in linked.values_list("uid", flat=True)],
        "issued_on": finding.issued_on,
    }
    journal.record("finding", record=finding, op=op, by=by, fields={**fields, **said})


def _tell_owner(recommendation: Recommendation, by: User) -> None:
    sentence = f"Respond to recommendation {recommendation.label}, due on {say_day(recommendation.due_on)}."
    for officer in queries.officers_of(recommendation).exclude(pk=by.pk):
        notify(person=officer, sentence=sentence, path=recommendation.get_absolute_url())
