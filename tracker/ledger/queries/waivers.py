"""Waivers: where each stands today, who decides on it, who owes the document."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from tracker.accounts.models import SIGNERS, Membership, Role, User
from tracker.ledger.models import (
    SuppliedDocument,
    Transaction,
    VersionEvidence,
    Voucher,
    Waiver,
    WaiverQuerySet,
    WaiverStatus,
    WaiverVerdict,
)
from tracker.ledger.requirements import ACCEPTS
from tracker.programs.models import Program

STANDING = (WaiverStatus.IN_FORCE, WaiverStatus.OVERDUE)


def _met() -> Q:
    """The document is there: the posted version rests on one, or it was supplied later."""
    posted = VersionEvidence.objects.filter(
        version__voucher=OuterRef("voucher"), version__transactions__isnull=False
    )
    supplied = SuppliedDocument.objects.filter(voucher=OuterRef("voucher"))
    met = Q(pk__in=[])
    for requirement, types in ACCEPTS.items():
        there = Exists(posted.filter(document_type__in=types))
        later = Exists(supplied.filter(document_type__in=types))
        met |= Q(requirement=requirement) & (Q(there) | Q(later))
    return met


def _followed() -> Exists:
    """Another granted waiver of the same document lasts longer: that one is the one to look at."""
    granted = Waiver.objects.filter(
        voucher=OuterRef("voucher"),
        requirement=OuterRef("requirement"),
        decision__verdict=WaiverVerdict.GRANTED,
    )
    ends = OuterRef("expires_on")
    return Exists(
        granted.filter(Q(expires_on__gt=ends) | Q(expires_on=ends, pk__gt=OuterRef("pk")))
    )


def with_standing(waivers: WaiverQuerySet, day: date) -> WaiverQuerySet:
    """Add `standing` (a WaiverStatus) on that day, and `is_rested_on`: something is posted that was not reversed."""
    posted = Transaction.objects.filter(version__voucher=OuterRef("voucher")).in_force()
    return waivers.annotate(
        is_rested_on=Exists(posted),
        standing=Case(
            When(decision=None, then=Value(WaiverStatus.ASKED)),
            When(decision__verdict=WaiverVerdict.DECLINED, then=Value(WaiverStatus.DECLINED)),
            When(_met(), then=Value(WaiverStatus.SETTLED)),
            When(_followed(), then=Value(WaiverStatus.RENEWED)),
            When(expires_on__gte=day, then=Value(WaiverStatus.IN_FORCE)),
            When(is_rested_on=True, then=Value(WaiverStatus.OVERDUE)),
            default=Value(WaiverStatus.LAPSED),
            output_field=CharField(),
        ),
    )


def for_list(waivers: WaiverQuerySet) -> WaiverQuerySet:
    related = ("voucher__program", "voucher__organisation", "requested_by")
    return waivers.select_related(*related, "decision__decided_by", "text")


def waivers_of(voucher: Voucher, day: date) -> list[Waiver]:
    """Every waiver of a voucher and what was decided, the newest first."""
    rows = with_standing(Waiver.objects.filter(voucher=voucher), day)
    return list(for_list(rows).select_related("decision__text").order_by("-pk"))


def waivers_waiting_for(user: User) -> WaiverQuerySet:
    """Waivers that this person may decide on: an approver who neither asked nor had a hand in the voucher.

    Who stands in for an approver signs vouchers for them, and grants nothing in their name.
    """
    held = Membership.objects.in_force().filter(person=user, role__in=SIGNERS)
    organisations = held.filter(organisation__isnull=False).values("organisation")
    programs = Program.objects.held_as(user, *SIGNERS).values("pk")
    within = Q(voucher__program__in=programs) | Q(
        voucher__program=None, voucher__organisation__in=organisations
    )
    asked = Waiver.objects.filter(within, decision=None)
    return asked.exclude(requested_by=user).exclude(voucher__edits__person=user)


def deciders_of_waiver(voucher: Voucher) -> QuerySet[User]:
    """Everybody who may grant or decline a waiver of the voucher."""
    over = Q(organisation=voucher.organisation_id)
    if voucher.program_id is not None:
        over |= Q(program=voucher.program_id)
    held = Membership.objects.in_force().filter(over, role__in=SIGNERS)
    people = User.objects.filter(pk__in=held.values("person"), is_active=True)
    return people.exclude(pk__in=voucher.edits.values("person")).order_by("name", "pk")


def documents_owed(user: User, day: date) -> WaiverQuerySet:
    """Posted without a document, in programs whose officer the person is, and it has not come yet."""
    programs = Program.objects.held_as(user, Role.OFFICER).values("pk")
    rows = with_standing(Waiver.objects.filter(voucher__program__in=programs), day)
    return rows.filter(standing__in=STANDING, is_rested_on=True)


def grantors_settled_by(supplied: SuppliedDocument) -> QuerySet[User]:
    """Who granted a waiver of a document that has now come."""
    met = [r for r, types in ACCEPTS.items() if supplied.document_type in types]
    granted = Waiver.objects.filter(
        voucher=supplied.voucher, requirement__in=met, decision__verdict=WaiverVerdict.GRANTED
    )
    return User.objects.filter(pk__in=granted.values("decision__decided_by")).order_by("pk")


@dataclass
class Waived:
    """How many waivers of one category posted rows of a program rest on today, and when the first ends."""

    category: str
    in_force: int = 0
    overdue: int = 0
    first_ends_on: date | None = None


def waived_in(program: Program, day: date, posted: QuerySet[Transaction]) -> list[Waived]:
    """For the public: by category, what of these rows is posted without its document. Drafts are nobody's business yet."""
    rows = with_standing(Waiver.objects.filter(voucher__program=program), day)
    rows = rows.filter(voucher__in=posted.values("version__voucher"))
    rows = rows.filter(standing__in=STANDING, is_rested_on=True).order_by("category", "expires_on")
    found: dict[str, Waived] = {}
    for category, standing, ends in rows.values_list("category", "standing", "expires_on"):
        one = found.setdefault(category, Waived(category))
        if standing == WaiverStatus.OVERDUE:
            one.overdue += 1
        else:
            one.in_force += 1
            one.first_ends_on = one.first_ends_on or ends
    return list(found.values())
