"""An auditor on an engagement had no part in its records (segregation of duties)."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from tracker.accounts.models import SIGNERS, Membership, Role, User
from tracker.accounts.policies import holds
from tracker.audits.models import Engagement
from tracker.audits.policies.declarations import check_not_impaired
from tracker.audits.policies.hands import parts_in
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


def check_independent(person: User, programs: Collection[Program]) -> None:
    """An auditor had no part in the records: no role on the audited side, and no hand in anything for a year.

    Refuses with the role or the record that stands in the way.
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
    since = twelve_months_before(database_now())
    if did := parts_in([person], scope, since).get(person.pk):
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


def check_can_join(
    person: User, programs: Collection[Program], engagement: Engagement | None = None
) -> None:
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
    check_not_impaired(person, programs, engagement)
