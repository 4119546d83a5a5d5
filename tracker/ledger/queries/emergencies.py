"""Emergency postings: who reviews them, what is due, and how many there are."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from tracker.accounts.models import SIGNERS, Membership, User
from tracker.journal import queries as journal
from tracker.ledger.models import EmergencyPosting, EmergencyStatus, Transaction, Voucher
from tracker.ledger.queries.histories import said_events
from tracker.programs.models import Program


def reviewers_of(posting: EmergencyPosting) -> QuerySet[User]:
    """Approvers of the program or its owner who neither made nor posted it."""
    voucher = posting.version.voucher
    over = Q(organisation=voucher.organisation_id)
    if voucher.program_id is not None:
        over |= Q(program=voucher.program_id)
    held = Membership.objects.in_force().filter(over, role__in=SIGNERS)
    people = User.objects.filter(pk__in=held.values("person")).exclude(pk=posting.posted_by_id)
    return people.exclude(pk__in=voucher.edits.values("person")).order_by("name", "pk")


def emergencies_for_table(rows: QuerySet[EmergencyPosting]) -> QuerySet[EmergencyPosting]:
    related = ("version__voucher__organisation", "version__program", "version__text")
    return rows.select_related(
        *related, "posted_by", "approval", "text", "review__reviewed_by", "review__text"
    )


def emergencies_to_review(user: User) -> QuerySet[EmergencyPosting]:
    """Those that wait and that this person may review, the first due first."""
    programs = Program.objects.held_as(user, *SIGNERS).values("pk")
    mine = Voucher.objects.filter(edits__person=user).values("pk")
    rows = EmergencyPosting.objects.all().waiting().filter(version__program__in=programs)
    rows = rows.exclude(posted_by=user).exclude(version__voucher__in=mine)
    return emergencies_for_table(rows).order_by("review_due_on", "pk")


def emergencies_overdue(user: User, day: date) -> QuerySet[EmergencyPosting]:
    """Those that this person sees whose review is overdue, whoever has to review them."""
    rows = EmergencyPosting.objects.all().visible_to(user).waiting()
    late = rows.filter(review_due_on__lt=day)
    return emergencies_for_table(late).order_by("review_due_on", "pk")


def emergency_counts(program: Program, rows: QuerySet[Transaction]) -> dict[str, int]:
    """How many postings of a program one signature stood for, and how many of them wait or were objected to. Of these
    rows alone: the public hears of no others."""
    posted = EmergencyPosting.objects.filter(version__program=program)
    return posted.filter(version__in=rows.values("version")).aggregate(
        postings=Count("pk"),
        not_reviewed=Count("pk", filter=Q(review=None)),
        objected=Count("pk", filter=Q(review__verdict=EmergencyStatus.OBJECTED)),
    )


def history_of_emergency(posting: EmergencyPosting) -> list[dict[str, Any]]:
    review = getattr(posting, "review", None)
    records = [posting.uid, posting.approval.uid] + ([review.uid] if review is not None else [])
    return said_events(journal.history_of(*records))
