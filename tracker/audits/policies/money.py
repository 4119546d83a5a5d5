"""What may be questioned, how a questioned cost comes down to zero, and who decides for management."""

from collections.abc import Collection, Iterable
from datetime import date

from tracker.accounts.models import SIGNERS, Role, User
from tracker.accounts.policies import holds
from tracker.audits.models import (
    CostEvent,
    CostOutcome,
    CostStep,
    Finding,
    FindingStatus,
    ManagementDecision,
    RecommendationState,
    RecommendationStep,
    TeamMember,
)
from tracker.audits.policies.engagements import programs_of
from tracker.audits.policies.findings import programs_about
from tracker.audits.policies.independence import AUDITED_SIDE, check_audits_all, check_independent
from tracker.ledger.models import Transaction, TransactionKind
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money
from tracker.shared.policies import permits


def _check_issued(finding: Finding) -> None:
    if finding.status != FindingStatus.ISSUED:
        raise Refused(f"The finding is {finding.get_status_display()}: first it has to be issued.")


def speaks_for_audited(user: User, finding: Finding) -> bool:
    """An officer of a program that the finding is about, or of its owner."""
    return any(holds(user, Role.OFFICER, program=program) for program in programs_about(finding))


def check_auditor_of(user: User, finding: Finding, *, to: str) -> None:
    """The team or a colleague of its office who audits everything in scope and had no part in it."""
    engagement = finding.engagement
    on_team = TeamMember.objects.filter(engagement=engagement, person=user).exists()
    if not on_team and user.organisation_id != engagement.office_id:
        raise NotAllowed(f"Only auditors of {engagement.office} may {to}.")
    programs = programs_of(engagement)
    check_audits_all(user, programs, to=to)
    check_independent(user, programs)


# --- The way to zero -------------------------------------------------------


def standing(events: Iterable[CostEvent]) -> dict[str, int]:
    """What was accepted and not reversed, in minor units by outcome. Every outcome is there."""
    rows = list(events)
    reversed_ones = {e.answers_id for e in rows if e.step == CostStep.REVERSED}
    found = dict.fromkeys(CostOutcome.values, 0)
    for event in rows:
        if event.step == CostStep.ACCEPTED and event.pk not in reversed_ones:
            found[event.outcome] += event.amount.minor
    return found


def left_of(finding: Finding) -> Money | None:
    """What nothing covers yet; None where no cost is questioned."""
    if finding.questioned is None:
        return None
    settled = sum(standing(finding.cost_events.all()).values())
    return Money(finding.questioned.minor - settled, finding.currency)


def check_can_claim_cost(user: User, finding: Finding) -> None:
    if not speaks_for_audited(user, finding):
        raise NotAllowed(
            "Only a program officer of the audited side may say that a questioned cost is settled."
        )
    _check_issued(finding)
    left = left_of(finding)
    if left is None:
        raise Refused("The finding questions no cost: there is nothing to settle.")
    if not left:
        raise Refused("Nothing of the questioned cost is left: every part of it is settled.")


def check_amount(finding: Finding, amount: Money) -> None:
    """In the finding's currency, above zero, and no more than what is left."""
    if amount.currency != finding.currency:
        raise Refused({"amount": f"The questioned cost is in {finding.currency}: state it so."})
    if amount.minor <= 0:
        raise Refused({"amount": "State an amount above zero."})
    left = left_of(finding)
    if left is not None and amount > left:
        raise Refused(
            {
                "amount": f"{amount} is more than what is left of the questioned cost, {left}: lower it."
            }
        )


def _brings_back(payment: Transaction) -> bool:
    if payment.is_reversal:
        return payment.kind in (TransactionKind.DISBURSEMENT, TransactionKind.EXPENDITURE)
    return payment.kind == TransactionKind.REFUND and not hasattr(payment, "reversal")


def _writes_off(payment: Transaction) -> bool:
    is_one = payment.kind == TransactionKind.WRITE_OFF and not payment.is_reversal
    return is_one and not hasattr(payment, "reversal")


def check_settles(
    finding: Finding, outcome: str, amount: Money, payment: Transaction | None, has_file: bool
) -> None:
    """What the claim rests on: the money in the ledger, a document, or management's reasons."""
    if outcome not in CostOutcome.values:
        known = ", ".join(CostOutcome.labels)
        raise Refused({"outcome": f"Choose what happened to the cost: {known}."})
    if outcome == CostOutcome.DOCUMENTED and not has_file:
        raise Refused({"file": "Attach the document that supports the cost now."})
    if outcome == CostOutcome.REFUNDED and payment is None:
        raise Refused({"payment": "Choose the refund or the reversal that brought the money back."})
    if outcome == CostOutcome.WRITTEN_OFF and payment is None and not has_file:
        raise Refused({"payment": "Choose the write-off in the ledger, or attach the decision."})
    if payment is not None:
        check_payment_settles(finding, outcome, amount, payment)


def check_payment_settles(
    finding: Finding, outcome: str, amount: Money, payment: Transaction
) -> None:
    """The right kind of transaction, of the same program and currency, and not used up by another claim."""
    fits = {CostOutcome.REFUNDED: _brings_back, CostOutcome.WRITTEN_OFF: _writes_off}
    test = fits.get(CostOutcome(outcome))
    if test is None or not test(payment):
        raise Refused(
            {
                "payment": "A refund or the reversal of a payment brings money back, a write-off in force "
                "writes it off: choose such a transaction, or none."
            }
        )
    if payment.program_id not in {program.pk for program in programs_about(finding)}:
        raise Refused(
            {"payment": "The transaction belongs to a program that the finding is not about."}
        )
    if payment.amount is None or payment.currency != finding.currency:
        raise Refused({"payment": f"The transaction is not in {finding.currency}: choose another."})
    used = sum(standing(payment.cost_events.all()).values()) if payment.pk else 0
    free = Money(abs(payment.amount).minor - used, payment.currency)
    if amount > free:
        raise Refused(
            {
                "amount": f"Of the transaction, {free} is not used by another settlement: "
                "lower the amount or choose another transaction."
            }
        )


def check_can_judge_cost(user: User, claim: CostEvent) -> None:
    """Accept or decline a claim: an auditor, and never who made it."""
    check_auditor_of(user, claim.finding, to="judge what settles a questioned cost")
    if claim.taken_by_id == user.pk:
        raise NotAllowed("You claimed it yourself: another person of the auditors judges it.")
    if claim.step != CostStep.CLAIMED:
        raise Refused("Only a claim is accepted or declined.")
    if hasattr(claim, "answer"):
        raise Refused(f"The claim is {claim.answer.get_step_display()} already.")


def check_can_reverse_cost(user: User, acceptance: CostEvent) -> None:
    check_auditor_of(user, acceptance.finding, to="reverse what settled a questioned cost")
    if acceptance.step != CostStep.ACCEPTED:
        raise Refused("Only what was accepted can be reversed.")
    if hasattr(acceptance, "answer"):
        raise Refused("It is reversed already.")
    if acceptance.answers is not None and acceptance.answers.taken_by_id == user.pk:
        raise NotAllowed("You claimed it yourself: another person of the auditors reverses it.")


def check_recovered(finding: Finding, outcome: str, amount: Money) -> None:
    """No more comes back than management disallowed, once it has decided."""
    decision = decision_in_force(finding)
    if outcome != CostOutcome.REFUNDED or decision is None or decision.disallowed is None:
        return
    recovered = standing(finding.cost_events.all())[CostOutcome.REFUNDED]
    if amount.minor + recovered > decision.disallowed.minor:
        raise Refused(
            {
                "amount": f"Management disallowed {decision.disallowed}, and "
                f"{Money(recovered, finding.currency)} came back already: accept less, or have the "
                "decision revised first."
            }
        )


# --- Management's decision -------------------------------------------------


def decision_in_force(finding: Finding) -> ManagementDecision | None:
    """The newest: a decision that no other one revises."""
    return finding.decisions.filter(revised_by=None).select_related("text", "decided_by").first()


def _answered(user: User, finding: Finding) -> bool:
    """Did the person answer or claim for the audited side?"""
    steps = RecommendationStep.objects.filter(recommendation__finding=finding, taken_by=user)
    claimed = steps.filter(after=RecommendationState.IMPLEMENTATION_CLAIMED).exclude(
        before=RecommendationState.IMPLEMENTATION_CLAIMED
    )
    costs = finding.cost_events.filter(step=CostStep.CLAIMED, taken_by=user)
    return steps.exclude(response="").exists() or claimed.exists() or costs.exists()


def check_can_decide_finding(user: User, finding: Finding) -> None:
    """An approver of the audited side; never who answers the auditors for it."""
    if not any(holds(user, *SIGNERS, program=program) for program in programs_about(finding)):
        raise NotAllowed("Only an approver of the audited side may decide for management.")
    if _answered(user, finding):
        raise NotAllowed(
            "You answered the auditors on this finding: another approver decides for management."
        )
    _check_issued(finding)


def _check_divides(
    whole: Money | None, parts: Collection[Money | None], fields: tuple[str, str], what: str
) -> None:
    first, second = parts
    if whole is None:
        if first is not None or second is not None:
            raise Refused({fields[0]: f"The finding has no {what}: leave both amounts empty."})
        return
    if first is None or second is None:
        raise Refused({fields[0]: f"State both amounts: together they are {whole}."})
    if whole.currency not in (first.currency, second.currency) or first.currency != second.currency:
        raise Refused({fields[0]: f"State both amounts in {whole.currency}."})
    if first.minor < 0 or second.minor < 0:
        raise Refused({fields[0]: "An amount is not below zero."})
    if first + second != whole:
        raise Refused(
            {
                fields[
                    1
                ]: f"{first} and {second} come to {first + second}, but the {what} is {whole}: "
                "together they have to be exactly that."
            }
        )


def check_decision(
    finding: Finding,
    *,
    allowed: Money | None,
    disallowed: Money | None,
    better_use: Money | None,
    agreed: Money | None,
    not_agreed: Money | None,
    act_by: date | None,
) -> None:
    """It divides exactly what was found, and leaves room for what came back already."""
    _check_divides(
        finding.questioned, (allowed, disallowed), ("allowed", "disallowed"), "questioned cost"
    )
    _check_divides(
        better_use, (agreed, not_agreed), ("agreed", "not_agreed"), "better use of funds"
    )
    recovered = standing(finding.cost_events.all())[CostOutcome.REFUNDED]
    if disallowed is not None and disallowed.minor < recovered:
        back = Money(recovered, finding.currency)
        raise Refused({"disallowed": f"{back} came back already: disallow at least that much."})
    if act_by is not None and finding.issued_on is not None and act_by < finding.issued_on:
        raise Refused({"act_by": "The day of final action lies before the issue: set a later one."})


def check_can_read_cost_evidence(user: User, finding: Finding) -> None:
    """The audit's side and the audited side's own staff; a recipient's representative reads the sums, not the files."""
    audits = permits(check_audits_all, user, programs_of(finding.engagement), to="read its files")
    staff = any(holds(user, *AUDITED_SIDE, program=program) for program in programs_about(finding))
    if not (audits or staff):
        raise NotAllowed("The files of a finding are for the audited side and the auditors.")
