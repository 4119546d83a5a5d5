"""Whose step it is with a finding's money and with what an owner asks, beside its recommendations."""

from django.urls import reverse

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.models import AskKind, CostStep, Finding, Recommendation
from tracker.audits.queries.waiting_lines import NextStep
from tracker.shared.dates import say_day
from tracker.shared.policies import permits


def to_judge(finding: Finding, user: User) -> NextStep | None:
    """The auditors accept or turn down what is claimed of the questioned cost; None if nothing is."""
    claims = finding.cost_events.filter(step=CostStep.CLAIMED, answer=None)
    claim = claims.select_related("finding__engagement__office").order_by("pk").first()
    if claim is None:
        return None
    mine = permits(policies.check_can_judge_cost, user, claim)
    what = f"Accept {claim.amount}, claimed as {claim.get_outcome_display()}, or turn it down."
    return NextStep(
        what,
        str(finding.engagement.office),
        mine=mine,
        href="#claims" if mine else "",
        action="To the claim",
        follows="Until then it counts nowhere.",
    )


def to_settle(finding: Finding, user: User) -> NextStep | None:
    """Management decides, then the owner settles what is left; None where nothing is questioned any more."""
    left = policies.left_of(finding)
    if left is None:
        return None
    owners = dict.fromkeys(str(one.owner) for one in policies.programs_about(finding))
    if not finding.decisions.exists():
        due = finding.decision_due_on
        mine = permits(policies.check_can_decide_finding, user, finding)
        return NextStep(
            "Decide for management whether the finding is sustained.",
            f"an approver of {', '.join(owners)}",
            f"due {say_day(due)}" if due else "",
            mine,
            href=reverse("audits:decide", args=[finding.uid]) if mine else "",
            action="Decide for management",
        )
    if not left:
        return None
    mine = permits(policies.check_can_claim_cost, user, finding)
    return NextStep(
        f"Say what settles the {left} that is still questioned.",
        ", ".join(owners),
        mine=mine,
        href=reverse("audits:cost_claim", args=[finding.uid]) if mine else "",
        action="Say what settles the cost",
    )


def to_answer(recommendation: Recommendation, user: User) -> NextStep | None:
    """The reader's own answer to what the owner asks; None where nothing is asked of them."""
    for ask in recommendation.asks.filter(answer=None).order_by("pk"):
        ask.recommendation = recommendation
        if permits(policies.check_can_answer_ask, user, ask):
            what, who = "Grant or decline more time", str(recommendation.finding.engagement.office)
            if ask.kind == AskKind.RISK:
                what, who = (
                    "Accept the risk or decline it",
                    f"an approver of {recommendation.owner}",
                )
            return NextStep(
                f"{what}, as asked until {say_day(ask.until)}.",
                who,
                mine=True,
                href=reverse("audits:ask", args=[ask.uid]),
                action="Answer",
                follows="The owner carries the recommendation out meanwhile.",
            )
    return None
