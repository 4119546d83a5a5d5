"""An auditor on an engagement had no part in its records (segregation of duties)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from tracker.accounts.models import SIGNERS, Membership, Role, User
from tracker.accounts.policies import holds
from tracker.ledger.models import (
    Approval,
    DiscrepancyStep,
    Return,
    Statement,
    VoucherEdit,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused

AUDITED_SIDE = (Role.OFFICER, *SIGNERS, Role.DISCLOSURE)
LOOK_BACK = "twelve months"


def twelve_months_before(moment: datetime) -> datetime:
    """The same day and hour a year earlier; 29 February looks back to 28 February."""
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return (moment - timedelta(days=1)).replace(year=moment.year - 1)


def _part_in_vouchers(person: User, programs: list[Program]) -> str:
    """What the person did with vouchers of the programs in the last twelve months, or an empty string."""
    since = twelve_months_before(database_now())

    def of_scope(path: str) -> Q:
        # A batch voucher names no program: its transactions do.
        return Q(**{f"{path}voucher__program__in": programs}) | Q(
            **{f"{path}voucher__versions__transactions__program__in": programs}
        )

    asked = (
        (
            "edited",
            VoucherEdit.objects.filter(of_scope(""), person=person, entry__at__gte=since),
        ),
        (
            "submitted",
            VoucherVersion.objects.filter(
                of_scope(""), submitted_by=person, submitted_at__gte=since
            ),
        ),
        (
            "approved",
            Approval.objects.filter(of_scope("version__"), approver=person, approved_at__gte=since),
        ),
        (
            "returned",
            Return.objects.filter(
                of_scope("version__"), returned_by=person, returned_at__gte=since
            ),
        ),
    )
    for did, rows in asked:
        path = "voucher__number" if did in ("edited", "submitted") else "version__voucher__number"
        number = rows.order_by("-pk").values_list(path, flat=True).first()
        if number is not None:
            return f"{did} voucher {number}"
    return ""


def _part_in_receipts(person: User, programs: list[Program]) -> str:
    """What the person stated of arrivals, or did about discrepancies, in the last twelve months."""
    since = twelve_months_before(database_now())
    stated = Statement.objects.filter(
        about__program__in=programs, stated_by=person, stated_at__gte=since
    )
    stepped = DiscrepancyStep.objects.filter(
        discrepancy__about__program__in=programs, taken_by=person, taken_at__gte=since
    )
    if stated.exists():
        return "stated what arrived of a dispatch"
    return "took a step about a discrepancy" if stepped.exists() else ""


def check_independent(person: User, programs: Collection[Program]) -> None:
    """An auditor had no part in the records: no role on the audited side, no hand in a voucher for a year.

    Refuses with the role or the voucher that stands in the way.
    """
    scope = list(programs)
    over_scope = reduce(or_, (Q(program=p) | Q(organisation=p.owner_id) for p in scope), Q(pk=None))
    held = Membership.objects.in_force().filter(over_scope, person=person, role__in=AUDITED_SIDE)
    membership = held.select_related("program", "organisation").order_by("pk").first()
    if membership is not None:
        over = membership.program.title if membership.program else membership.organisation
        raise Refused(
            f"{person} is {membership.get_role_display()} of {over} and cannot audit it: "
            "choose an auditor without a part in it, or have that role ended first."
        )
    if did := _part_in_vouchers(person, scope) or _part_in_receipts(person, scope):
        raise Refused(
            f"{person} {did} of a program in scope within the last {LOOK_BACK} and cannot audit it: "
            "choose an auditor who had no part in its records."
        )


def check_audits_all(person: User, programs: Iterable[Program], *, to: str) -> None:
    for program in programs:
        if not holds(person, Role.AUDITOR, program=program):
            raise NotAllowed(
                f"Only an auditor of {program.title} may {to}: {person} does not hold that role."
            )


def check_can_join(person: User, programs: Collection[Program]) -> None:
    """May this person be on the team of an engagement on these programs?"""
    if not person.is_active:
        raise Refused(f"{person} can no longer sign in: choose somebody else.")
    for program in programs:
        if not holds(person, Role.AUDITOR, program=program):
            raise Refused(
                f"{person} is not an auditor of {program.title}: "
                "ask an administrator for the role, or choose somebody else."
            )
    check_independent(person, programs)
