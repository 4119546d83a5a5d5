"""Who writes findings, what a finding may point at, and when it may be issued."""

from collections.abc import Collection, Iterable
from datetime import date

from tracker.accounts.models import User
from tracker.audits.models import (
    FINDING_TRANSITIONS,
    Engagement,
    EngagementStatus,
    Finding,
    FindingLink,
    FindingStatus,
)
from tracker.audits.policies.basics import check_due, check_in_scope, check_said
from tracker.audits.policies.declarations import check_declared
from tracker.audits.policies.engagements import check_on_team, programs_of, scope_of
from tracker.audits.policies.hearing import check_heard, newest_draft, waited_for
from tracker.audits.policies.independence import check_independent
from tracker.ledger.models import Transaction
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


def check_questioned(questioned: Money | None, payments: Collection[Transaction]) -> None:
    if not payments:
        raise Refused(
            {"payments": "A finding points at exact payments: link at least one of them."}
        )
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
    check_questioned(finding.questioned, payments)
    scope = scope_of(finding.engagement)
    for payment in payments:
        check_in_scope(payment, scope)
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
