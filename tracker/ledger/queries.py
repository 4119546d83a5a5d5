"""Reads over the ledger's tables."""

from django.db.models import Q, QuerySet

from tracker.accounts.models import MembershipStatus, Role, User
from tracker.ledger.models import Voucher


def approvers_of(voucher: Voucher) -> QuerySet[User]:
    """Everybody who may approve it: approvers of its program or organisation who had no hand in it."""
    holder = Q(memberships__organisation=voucher.organisation_id)
    if voucher.program is not None:
        holder = Q(memberships__organisation=voucher.program.owner_id)
        holder |= Q(memberships__program=voucher.program_id)
    return (
        User.objects.filter(
            holder,
            memberships__role=Role.APPROVER,
            memberships__status=MembershipStatus.ACTIVE,
            is_active=True,
        )
        .exclude(pk__in=voucher.edits.values("person"))
        .distinct()
        .order_by("name", "pk")
    )
