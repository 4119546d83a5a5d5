"""The illustrative auditor's desk: a star, a saved search, and glass that was broken over a sealed value."""

from datetime import timedelta

from tracker.audits import actions
from tracker.audits.models import Engagement
from tracker.demo.illustrative_money import Payments
from tracker.demo.people import Cast
from tracker.publishing import actions as publishing
from tracker.publishing.models import Category


def keep(cast: Cast, engagement: Engagement, payments: Payments) -> None:
    """What an auditor has on the desk in the middle of an engagement."""
    payment = payments["simulator"]
    proposed = publishing.propose_withholding(
        program=payment.program,
        record_kind="transaction",
        record=payment.uid,
        field="payee",
        category=Category.OPERATIONAL_SECURITY,
        legal_basis="Aid Act 2024, section 31 (illustrative)",
        reason="The supplier's name would tell where the simulator stands.",
        review_on=payment.program.owner.today() + timedelta(days=365),
        by=cast.disclosure,
    )
    publishing.decide_withholding(withholding=proposed, by=cast.second_disclosure)
    actions.put_star(
        record_kind="transaction",
        record=payments["vehicles"].uid,
        field="amount",
        note="Compare with the price list of the framework contract (illustrative).",
        engagement=engagement,
        by=cast.auditor,
    )
    actions.save_search(
        name="Open recommendations", page="recommendations", query="state=open", by=cast.auditor
    )
    glass = publishing.break_glass(
        record_kind="transaction",
        record=payment.uid,
        reason="The payee of the simulator is needed for the test of the supplier list (illustrative).",
        hours=8,
        by=cast.auditor,
    )
    publishing.read_through_glass(glass=glass, by=cast.auditor)
