"""Dispatches and what the recipient's side states of them: who is asked, what waits, how both figures compare."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from tracker.accounts.models import Membership, Role, User
from tracker.ledger import policies
from tracker.ledger.models import (
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyStatus,
    Statement,
    Transaction,
    TransactionKind,
)
from tracker.programs.models import SEES_AS_STAFF, ParticipantRole, Participation, Program
from tracker.shared.money import Money


def officers_of(program: Program) -> QuerySet[User]:
    """Those who answer for the donor's side of a program."""
    held = Membership.objects.in_force().filter(
        Q(program=program) | Q(organisation=program.owner_id), role=Role.OFFICER
    )
    return User.objects.filter(pk__in=held.values("person"), is_active=True).order_by("name", "pk")


def representatives_of(about: Transaction) -> QuerySet[User]:
    """Those who may state what arrived of it, or what was used: nobody of the donor's staff is among them."""
    parts = Participation.objects.filter(program=about.program_id, role=ParticipantRole.RECIPIENT)
    if about.receiver_id is not None and parts.filter(organisation=about.receiver_id).exists():
        parts = parts.filter(organisation=about.receiver_id)
    over = Q(program=about.program_id) | Q(organisation__in=parts.values("organisation"))
    held = Membership.objects.in_force().filter(over, role=Role.RECIPIENT)
    owner = Program.objects.filter(pk=about.program_id).values("owner")
    staff = Membership.objects.in_force().filter(
        Q(program=about.program_id) | Q(organisation__in=owner), role__in=SEES_AS_STAFF
    )
    people = User.objects.filter(pk__in=held.values("person"), is_active=True)
    return people.exclude(pk__in=staff.values("person")).order_by("name", "pk")


# --- What waits ------------------------------------------------------------


def dispatches() -> QuerySet[Transaction]:
    """Every dispatch in force."""
    return Transaction.objects.filter(kind=TransactionKind.DISBURSEMENT).in_force()


def waiting(rows: QuerySet[Transaction]) -> QuerySet[Transaction]:
    """Those of which something is left and the recipient's side has not said what became of it.

    A shortage or a dispute is such a word; one that was withdrawn with its report is none. So a dispatch waits until
    somebody speaks, however long that takes, and waits again when what was said is reversed.
    """
    said = Discrepancy.objects.filter(
        about=OuterRef("pk"), kind__in=[DiscrepancyKind.SHORT, DiscrepancyKind.DISPUTED]
    ).exclude(state__status=DiscrepancyStatus.WITHDRAWN)
    reports = Transaction.objects.filter(draws_on=OuterRef("pk")).in_force()
    unvalued = Q(amount__isnull=True) & ~Exists(reports)
    left = Q(balance__drawn__lt=F("balance__value")) | unvalued
    return rows.filter(left).exclude(Exists(said))


def waiting_for_word_of(user: User) -> QuerySet[Transaction]:
    """The dispatches about which this person is asked, the longest waiting first."""
    staff = Program.objects.held_as(user, *SEES_AS_STAFF).values("pk")
    mine = dispatches().filter(policies.represented(user)).exclude(program__in=staff)
    related = ("program__owner", "text", "version__voucher", "receiver", "balance")
    return waiting(mine).select_related(*related).order_by("value_date", "pk")


def with_word(rows: QuerySet[Transaction]) -> QuerySet[Transaction]:
    """With the newest verdict on each (`word`), and whether it still waits for one (`waits`)."""
    newest = Statement.objects.filter(about=OuterRef("pk")).order_by("-pk")
    asked = waiting(dispatches().filter(pk=OuterRef("pk")))
    return rows.select_related("balance").annotate(
        word=Subquery(newest.values("verdict")[:1]), waits=Exists(asked)
    )


# --- Both figures side by side ---------------------------------------------


@dataclass(frozen=True)
class BothEnds:
    """What was dispatched, and what arrived of it by the recipient's word: neither ever changes the other.

    `received` counts what is in totals; `beyond` is what was stated above what was dispatched. Null: not stated.
    """

    dispatch: Transaction
    received: Money | None
    beyond: Money | None
    quantity: Decimal | None
    reports: tuple[Transaction, ...]
    words: tuple[Statement, ...]
    discrepancies: tuple[Discrepancy, ...]
    waits: bool

    @property
    def missing(self) -> Money | None:
        """Dispatched and not received; what came back or was given up is still not received."""
        if self.dispatch.amount is None:
            return None
        return self.dispatch.amount - (self.received or Money(0, self.dispatch.currency))


SHOWN = 50


def both_ends(dispatch: Transaction) -> BothEnds:
    """Read in a fixed number of queries."""
    reports = Transaction.objects.filter(draws_on=dispatch, kind=TransactionKind.RECEIPT)
    sums = reports.in_force().aggregate(
        counted=Sum(F("amount") - Coalesce(F("excess"), 0), output_field=BigIntegerField()),
        beyond=Sum("excess"),
        quantity=Sum("quantity"),
    )
    words = dispatch.statements.select_related("text", "evidence", "stated_by", "transaction")
    opened = dispatch.discrepancies.for_table().order_by("pk")
    return BothEnds(
        dispatch,
        _money(sums["counted"], dispatch.currency),
        _money(sums["beyond"], dispatch.currency),
        sums["quantity"],
        tuple(reports.for_table().order_by("value_date", "pk")[:SHOWN]),
        tuple(words.order_by("pk")[:SHOWN]),
        tuple(opened[:SHOWN]),
        waiting(dispatches().filter(pk=dispatch.pk)).exists(),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    """Null where nothing was stated: nothing received yet is not zero."""
    return None if minor is None else Money(int(minor), currency)
