"""Findings: drafted on exact payments, issued once, and then left as they are."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits import policies, queries
from tracker.audits.actions.recommendations import issue_drafts_of, reopen_repeated
from tracker.audits.models import (
    ELEMENTS,
    BetterUse,
    Engagement,
    Finding,
    FindingLink,
    FindingRecord,
    FindingStatus,
    QuestionedLine,
    Recommendation,
)
from tracker.audits.policies import BetterUseLine, CostLine, Linked
from tracker.audits.queries import months_after
from tracker.journal import actions as journal
from tracker.ledger.models import Transaction
from tracker.shared.clock import database_now
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import check_fields, refused_if

Payments = Collection[Transaction]
ISSUE_FIELDS = (
    *("status", "issued_at", "issued_by", "issued_on"),
    *("decision_due_on", "final_action_due_on"),
)
# Six months to decide and twelve to act (5 U.S.C. 405, OMB A-50, 2 CFR 200.521(d)), from the day of issue.
MONTHS_TO_DECIDE, MONTHS_TO_ACT = 6, 12
ISSUED_WRONG: dict[str, str | dict[str, str]] = {
    "finding_issued_adds_up": {"lines": "What is questioned is the sum of its lines: correct one."},
}


@dataclass(frozen=True, kw_only=True)
class FindingWords:
    """What a finding says: how it should be, how it is, why, and what follows from that.

    An element that is left blank needs the reason for just that blank. `kind` is a `FindingKind` and is needed before
    the finding is issued; `kind_words` say which other kind it is.
    """

    title: str
    severity: str
    kind: str = ""
    kind_words: str = ""
    control_class: str = ""
    criteria: str = ""
    criteria_blank: str = ""
    condition: str = ""
    condition_blank: str = ""
    cause: str = ""
    cause_blank: str = ""
    effect: str = ""
    effect_blank: str = ""


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What a finding can state beside its words: the lines of what it questions, funds that could be put to better
    use, other exact records that it is about, what it measured materiality by, the earlier finding it repeats."""

    lines: Sequence[CostLine] = ()
    better_use: Sequence[BetterUseLine] = ()
    records: Sequence[Linked] = ()
    materiality: Money | None = None
    repeats: Finding | None = None


NOTHING_MORE = Particulars()


@transaction.atomic
def draft_finding(
    *,
    engagement: Engagement,
    words: FindingWords,
    payments: Payments,
    questioned: Money | None = None,
    more: Particulars = NOTHING_MORE,
    by: User,
) -> Finding:
    """Draft a finding about exact payments or other records in scope. Only the engagement's team, during fieldwork.

    `questioned` is at most what the payments come to in its currency; with lines it is their sum and need not be
    given. None without lines means that no cost is questioned.
    """
    engagement = Engagement.objects.select_for_update().get(pk=engagement.pk)
    policies.check_can_write_findings(by, engagement)
    last = engagement.findings.aggregate(last=Max("number"))["last"] or 0
    finding = Finding(engagement=engagement, number=last + 1, written_by=by)
    _write(finding, words, _questioned(questioned, more, payments), payments, more)
    FindingLink.objects.bulk_create(FindingLink(finding=finding, transaction=p) for p in payments)
    _write_parts(finding, more)
    _record(finding, "create", by)
    return finding


@transaction.atomic
def change_finding(
    *,
    finding: Finding,
    words: FindingWords,
    payments: Payments,
    questioned: Money | None = None,
    more: Particulars = NOTHING_MORE,
    by: User,
) -> Finding:
    """Rewrite a draft; `payments` and `more` are all that it is about and states from now on."""
    finding = _lock(finding)
    policies.check_can_change_finding(by, finding)
    for part in (finding.lines, finding.better_use, finding.records):
        part.all().delete()
    _write(finding, words, _questioned(questioned, more, payments), payments, more)
    finding.links.exclude(transaction__in=payments).delete()
    linked = set(finding.links.values_list("transaction", flat=True))
    FindingLink.objects.bulk_create(
        FindingLink(finding=finding, transaction=p) for p in payments if p.pk not in linked
    )
    _write_parts(finding, more)
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
    if finding.lines.filter(transaction=payment).exists():
        raise Refused("A questioned cost is of this payment: change or take out that line first.")
    left = list(Transaction.objects.filter(finding_links__finding=finding).exclude(pk=payment.pk))
    policies.check_linked(left, list(finding.records.all()))
    policies.check_questioned(finding.questioned, left)
    link.delete()
    _record(finding, "unlink", by)
    return finding


@transaction.atomic
def link_record(*, finding: Finding, record: Linked, by: User) -> Finding:
    """Add one exact record in scope to a draft."""
    finding = _lock(finding)
    policies.check_can_change_finding(by, finding)
    policies.check_record_in_scope(record, policies.scope_of(finding.engagement))
    if finding.records.filter(kind=record.kind, record=record.uid).exists():
        raise Refused({"records": f"The {record.label} is linked already."})
    _link_records(finding, [record])
    _record(finding, "link_record", by)
    return finding


@transaction.atomic
def unlink_record(*, finding: Finding, record: FindingRecord, by: User) -> Finding:
    """Take a record out of a draft, as long as something is left that it is about."""
    finding = _lock(finding)
    policies.check_can_change_finding(by, finding)
    others = finding.records.exclude(pk=record.pk)
    policies.check_linked(_linked(finding), list(others))
    finding.records.filter(pk=record.pk).delete()
    _record(finding, "unlink_record", by)
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

    The day of issue is today in the office's time zone. The owners' officers are told what is asked of them. From
    then on management has six months to decide, and twelve to act. Closed recommendations of the finding that this
    one repeats are opened again.
    """
    finding = _lock(finding)
    today = finding.engagement.office.today()
    policies.check_can_issue(by, finding, today)
    finding.status = FindingStatus.ISSUED
    finding.issued_at, finding.issued_by, finding.issued_on = database_now(), by, today
    finding.decision_due_on = months_after(today, MONTHS_TO_DECIDE)
    finding.final_action_due_on = months_after(today, MONTHS_TO_ACT)
    with refused_if(ISSUED_WRONG):
        finding.save(update_fields=[*ISSUE_FIELDS])
    _record(finding, "issue", by)
    for recommendation in issue_drafts_of(finding, today, by):
        _tell_owner(recommendation, by)
    reopen_repeated(finding, by)
    return finding


def _lock(finding: Finding) -> Finding:
    return Finding.objects.select_for_update().get(pk=finding.pk)


def _linked(finding: Finding) -> list[Transaction]:
    return list(Transaction.objects.filter(finding_links__finding=finding))


def _check_scope(engagement: Engagement, payments: Payments) -> None:
    scope = policies.scope_of(engagement)
    for payment in payments:
        policies.check_in_scope(payment, scope)


def _questioned(given: Money | None, more: Particulars, payments: Payments) -> Money | None:
    """The sum of the lines, where there are any; a total beside them has to agree."""
    total = policies.check_lines(more.lines, payments)
    if total is not None and given is not None and given != total:
        raise Refused(
            {
                "questioned": f"The lines come to {total}, not {given}: correct one, or leave the total."
            }
        )
    return given if total is None else total


def _write(
    finding: Finding,
    words: FindingWords,
    questioned: Money | None,
    payments: Payments,
    more: Particulars,
) -> None:
    policies.check_linked(payments, more.records)
    policies.check_questioned(questioned, payments)
    policies.check_better_use(more.better_use)
    _check_scope(finding.engagement, payments)
    scope = policies.scope_of(finding.engagement)
    for record in more.records:
        policies.check_record_in_scope(record, scope)
    for name, text in asdict(words).items():
        setattr(finding, name, text.strip())
    for name in ELEMENTS:  # the reason for a blank goes when the blank is filled
        if getattr(finding, name):
            setattr(finding, f"{name}_blank", "")
    finding.currency = questioned.currency if questioned else ""
    finding.questioned = questioned
    finding.materiality_currency = more.materiality.currency if more.materiality else ""
    finding.materiality = more.materiality
    finding.repeats = more.repeats
    policies.check_repeats(finding)
    check_fields(finding)
    finding.save()


def _write_parts(finding: Finding, more: Particulars) -> None:
    for place, line in enumerate(more.lines):
        QuestionedLine.objects.create(
            finding=finding,
            position=place,
            kind=line.kind,
            transaction=line.payment,
            currency=line.known.currency,
            known=line.known,
            likely=line.likely,
            basis=line.basis.strip(),
        )
    for place, use in enumerate(more.better_use):
        BetterUse.objects.create(
            finding=finding,
            position=place,
            kind=use.kind,
            currency=use.amount.currency,
            amount=use.amount,
            basis=use.basis.strip(),
        )
    _link_records(finding, more.records)


def _link_records(finding: Finding, records: Iterable[Linked]) -> None:
    for record in dict.fromkeys(records):
        FindingRecord.objects.create(
            finding=finding,
            kind=record.kind,
            record=record.uid,
            program=record.program,
            organisation=record.organisation,
        )


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
        "blank_reason": finding.blank_reasons,
        "severity": finding.severity,
        "currency": finding.currency,
        "questioned": finding.questioned,
        "status": finding.status,
        "transactions": [str(uid) for uid in linked.values_list("uid", flat=True)],
        "issued_on": finding.issued_on,
        **_particulars(finding),
    }
    journal.record("finding", record=finding, op=op, by=by, fields={**fields, **said})


def _particulars(finding: Finding) -> dict[str, object]:
    """What findings state since their money is counted line by line."""
    lines = finding.lines.order_by("position").select_related("transaction")
    uses = finding.better_use.order_by("position")
    return {
        "kind": finding.kind,
        "kind_words": finding.kind_words,
        "control_class": finding.control_class,
        "materiality_currency": finding.materiality_currency,
        "materiality": finding.materiality,
        "repeats": finding.repeats,
        "decision_due_on": finding.decision_due_on,
        "final_action_due_on": finding.final_action_due_on,
        "lines": [
            [one.kind, one.transaction, one.currency, one.known, one.likely, one.basis]
            for one in lines
        ],
        "better_use": [[use.kind, use.currency, use.amount, use.basis] for use in uses],
        "records": [[one.kind, one.record] for one in finding.records.order_by("pk")],
    }


def _tell_owner(recommendation: Recommendation, by: User) -> None:
    sentence = f"Respond to recommendation {recommendation.label}, due on {say_day(recommendation.due_on)}."
    for officer in queries.officers_of(recommendation).exclude(pk=by.pk):
        notify(person=officer, sentence=sentence, path=recommendation.get_absolute_url())
