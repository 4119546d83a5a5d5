"""The money of findings: what is questioned and why, what settled it, what management decided."""

from tracker.audits.models import Finding
from tracker.shared.money import Money


def better_use_total(finding: Finding) -> Money | None:
    """What could be put to better use in all; None where the finding states nothing of it."""
    total: Money | None = None
    for line in finding.better_use.order_by("position"):
        total = line.amount if total is None else total + line.amount
    return total
