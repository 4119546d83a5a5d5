"""Who writes findings, what a finding may point at, and when it may be issued."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from tracker.accounts.models import User
from tracker.audits.models import (
    FINDING_TRANSITIONS,
    BetterUseKind,
    CostKind,
    Engagement,
    EngagementStatus,
    Finding,
    FindingLink,
    FindingStatus,
)
from tracker.audits.policies.basics import (
    BetterUseLine,
    CostLine,
    check_due,
    check_in_scope,
    check_said,
)
from tracker.audits.policies.declarations import check_declared
from tracker.audits.policies.engagements import check_on_team, programs_of, scope_of
from tracker.audits.policies.hearing import check_heard, newest_draft, waited_for
from tracker.audits.policies.independence import check_independent
from tracker.audits.policies.linkable import check_linkable, check_record_in_scope
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.states import check_transition


def check_can_write_findings(user: User, engagement: Engagement) -> None:
    """Draft, change, drop or issue: the independent team, during fieldwork and when the comments are in.

    While the draft is out and nobody has answered, the findings stay as they were sent.
    """
    check_on_team(user, engagement, to="write its findings")
    if not _is_writable(engagement):
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: findings are written during fieldwork, "
            "and once comments on the draft have come in or their term is over."
        )
    check_declared(user, engagement)
    check_independent(user, programs_of(engagement))


def _is_writable(engagement: Engagement) -> bool:
    if engagement.status == EngagementStatus.DRAFT_ISSUED:
        return not waited_for(engagement)
    return engagement.status in (EngagementStatus.FIELDWORK, EngagementStatus.AGENCY_COMMENT)


def check_can_change_finding(user: User, finding: Finding) -> None:
    if finding.status == FindingStatus.ISSUED:
        check_on_team(user, finding.engagement, to="write its findings")
        raise Refused(
            "An issued finding stands as it is: say what changed in a finding of its own."
        )
    if finding.status == FindingStatus.DROPPED:
        check_on_team(user, finding.engagement, to="write its findings")
        raise Refused("This finding was dropped: draft a new one.")
    check_can_write_findings(user, finding.engagement)


def linked_amount(payments: Iterable[Transaction], currency: str) -> Money:
    """What the linked payments come to in one currency. A reversal beside its original takes nothing away:
    the finding is about the money as it left."""
    total = Money(0, currency)
    for payment in payments:
        if payment.currency == currency and not payment.is_reversal and payment.amount is not None:
            total += payment.amount
    return total


def check_linked(payments: Collection[Transaction], records: Collection[object] = ()) -> None:
    if not payments and not records:
        raise Refused(
            {
                "payments": "A finding points at exact payments or other records: "
                "link at least one of them."
            }
        )


def programs_about(finding: Finding) -> list[Program]:
    """The programs that its payments and records belong to; of an organisation's record, those of it in scope."""
    scope = Program.objects.filter(audited_in__engagement=finding.engagement_id)
    found = Program.objects.filter(
        Q(pk__in=finding.links.values("transaction__program"))
        | Q(pk__in=finding.records.filter(program__isnull=False).values("program"))
        | Q(
            pk__in=scope.values("pk"),
            owner__in=finding.records.filter(organisation__isnull=False).values("organisation"),
        )
    )
    return list(found.select_related("owner").order_by("title", "pk"))


def check_lines(lines: Collection[CostLine], payments: Collection[Transaction]) -> Money | None:
    """The questioned cost that the lines come to; None without lines. Each fits its payment and names its kind."""
    total: Money | None = None
    by_payment: dict[int, Money] = {}
    for number, line in enumerate(lines, start=1):
        check_line(line, payments, number)
        if total is not None and total.currency != line.known.currency:
            raise Refused(
                {
                    "lines": f"Line {number} is in {line.known.currency}, the others in {total.currency}: "
                    "a finding questions costs in one currency."
                }
            )
        total = line.known if total is None else total + line.known
        if line.payment is not None:
            before = by_payment.get(line.payment.pk, Money(0, line.known.currency))
            by_payment[line.payment.pk] = before + line.known
            _check_of_payment(by_payment[line.payment.pk], line.payment, number)
    return total


def check_line(line: CostLine, payments: Collection[Transaction], number: int) -> None:
    if line.kind not in CostKind.values:
        known = ", ".join(str(label) for label in CostKind.labels)
        raise Refused({"lines": f"Line {number}: choose why the cost is questioned: {known}."})
    if line.known.minor < 0:
        raise Refused({"lines": f"Line {number}: a questioned cost is not below zero."})
    if line.likely is not None:
        if line.likely.currency != line.known.currency or line.likely < line.known:
            raise Refused(
                {
                    "lines": f"Line {number}: the likely cost includes the known one: "
                    "state at least as much, in the same currency."
                }
            )
        if not line.basis.strip():
            raise Refused(
                {
                    "lines": f"Line {number}: say what the likely cost rests on, "
                    "the sample or how it was estimated."
                }
            )
    if line.payment is not None and line.payment.pk not in {payment.pk for payment in payments}:
        raise Refused(
            {"lines": f"Line {number} questions a payment that is not linked: link it first."}
        )


def _check_of_payment(questioned: Money, payment: Transaction, number: int) -> None:
    name = payment.text.reference or payment.text.payee or str(payment.uid)
    if payment.is_reversal or payment.amount is None or payment.currency != questioned.currency:
        raise Refused(
            {
                "lines": f"Line {number}: {name} is no payment in {questioned.currency} whose cost could be "
                "questioned: choose another payment, or none."
            }
        )
    if questioned > payment.amount:
        raise Refused(
            {
                "lines": f"Line {number}: {questioned} of {name} is questioned, which is {payment.amount}: "
                "lower the questioned cost."
            }
        )


def check_better_use(lines: Collection[BetterUseLine]) -> None:
    currencies = {line.amount.currency for line in lines}
    if len(currencies) > 1:
        named = " and ".join(sorted(currencies))
        raise Refused(
            {"better_use": f"State funds put to better use in one currency, not {named}."}
        )
    for line in lines:
        if line.kind not in BetterUseKind.values:
            raise Refused({"better_use": "Choose how the funds would be put to better use."})
        if line.amount.minor <= 0:
            raise Refused({"better_use": "Funds put to better use are more than zero."})


def check_repeats(finding: Finding) -> None:
    """An earlier issued finding of the same office, or on a program that this one's engagement looks at.

    Since only what is issued can be repeated, and what is issued never changes, no circle can arise.
    """
    earlier = finding.repeats
    if earlier is None:
        return
    if earlier.status != FindingStatus.ISSUED or earlier.pk == finding.pk:
        raise Refused(
            {"repeats": "Only a finding that was issued earlier is repeated: choose such a one."}
        )
    scope = {program.pk for program in programs_of(finding.engagement)}
    shared = scope & {program.pk for program in programs_of(earlier.engagement)}
    if earlier.engagement.office_id != finding.engagement.office_id and not shared:
        raise Refused(
            {
                "repeats": f"Finding {earlier.label} is of another office and on no program in scope: "
                "choose one of your office, or on the same program."
            }
        )


def check_questioned(questioned: Money | None, payments: Collection[Transaction]) -> None:
    if questioned is None:
        return
    if questioned.minor < 0:
        raise Refused({"questioned": "A questioned cost is not below zero."})
    linked = linked_amount(payments, questioned.currency)
    if questioned.minor > linked.minor:
        raise Refused(
            {
                "questioned": f"{questioned} is questioned, but the linked payments come to {linked}: "
                "lower the questioned cost or link the payments that are missing."
            }
        )


def check_can_drop(user: User, finding: Finding, reason: str) -> None:
    check_can_change_finding(user, finding)
    check_transition(FINDING_TRANSITIONS, finding.status, FindingStatus.DROPPED)
    check_said(reason, "reason", "Say why the finding is dropped.")


def check_can_issue(user: User, finding: Finding, today: date) -> None:
    """Complete, with its payments in scope, and no recommendation due before it is issued."""
    check_can_change_finding(user, finding)
    check_transition(FINDING_TRANSITIONS, finding.status, FindingStatus.ISSUED)
    _check_was_sent(finding)
    links = FindingLink.objects.filter(finding=finding).select_related(
        "transaction__program__owner", "transaction__text"
    )
    payments = [link.transaction for link in links.order_by("pk")]
    records = list(finding.records.all())
    check_linked(payments, records)
    check_questioned(finding.questioned, payments)
    if not finding.kind:
        raise Refused({"kind": "Choose the type of the finding before it is issued."})
    check_repeats(finding)
    scope = scope_of(finding.engagement)
    for payment in payments:
        check_in_scope(payment, scope)
    for record in records:
        check_record_in_scope(check_linkable(record.kind, record.record), scope)
    for recommendation in finding.recommendations.order_by("number"):
        check_due(recommendation.original_due_on, today, f"Recommendation {recommendation.number}")


def _check_was_sent(finding: Finding) -> None:
    """The audited side saw the finding in the newest draft and was heard; or a reason says why nobody was asked."""
    engagement = finding.engagement
    if engagement.uncommented_because:
        return
    draft = newest_draft(engagement)
    if draft is None or not draft.parts.filter(finding=finding).exists():
        raise Refused(
            f"Finding {finding.number} was not sent to the audited organisation: send the draft report for "
            "comment first, or record why this engagement reports without comments."
        )
    check_heard(engagement)
