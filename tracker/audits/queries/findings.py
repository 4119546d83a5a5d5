"""Findings and the payments that they are about, from both sides."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tracker.accounts.models import Role, User
from tracker.audits import policies
from tracker.audits.models import (
    OPEN,
    Engagement,
    EngagementQuerySet,
    EngagementStatus,
    Finding,
    FindingLink,
    FindingQuerySet,
    FindingRecord,
    FindingStatus,
)
from tracker.ledger.models import Transaction, TransactionQuerySet
from tracker.programs.models import Program
from tracker.shared.dates import DatePrecision
from tracker.shared.money import Money, digits_by_currency
from tracker.shared.sealing import Veil

FOUND_AT_ONCE = 25
WRITTEN_IN = (EngagementStatus.FIELDWORK, EngagementStatus.AGENCY_COMMENT)

NOTHING_SEALED = Veil()


def with_counts(findings: FindingQuerySet) -> FindingQuerySet:
    """Add `payments`, the number of linked payments, and `open_recommendations`."""
    issued_and_open = Q(recommendations__state__in=OPEN)
    return findings.annotate(
        payments=Count("links", distinct=True),
        open_recommendations=Count("recommendations", filter=issued_and_open, distinct=True),
    )


def findings_of(transaction: Transaction, user: User) -> FindingQuerySet:
    """The findings about a payment that the person may see, newest issue first; for `audits/_findings.html`."""
    links = FindingLink.objects.filter(transaction=transaction)
    return listed(Finding.objects.filter(pk__in=links.values("finding")), user)


def findings_of_program(program: Program, user: User) -> FindingQuerySet:
    """The findings about payments or other records of a program that the person may see; for `audits/_findings.html`."""
    links = FindingLink.objects.filter(transaction__program=program)
    records = FindingRecord.objects.filter(program=program)
    about = Q(pk__in=links.values("finding")) | Q(pk__in=records.values("finding"))
    return listed(Finding.objects.filter(about), user)


def listed(findings: FindingQuerySet, user: User) -> FindingQuerySet:
    """As far as the person may see them, drafts first and then the newest issue first, with counts."""
    seen = findings.visible_to(user).exclude(status=FindingStatus.DROPPED)
    rows = with_counts(seen.for_table()).prefetch_related("cost_events")
    return rows.order_by("status", "-issued_on", "-pk")


def payments_of(finding: Finding, user: User) -> TransactionQuerySet:
    """The linked payments that the person may see, in the order of their dates."""
    linked = Transaction.objects.filter(finding_links__finding=finding)
    seen = linked.visible_to(user).select_related(
        "program__owner", "text", "reversal", "receiver", "version"
    )
    return seen.order_by("value_date", "pk")


def programs_seen(finding: Finding, user: User) -> list[Program]:
    """The programs that the finding is about, as far as the person sees them."""
    about = Program.objects.visible_to(user).filter(
        pk__in=[program.pk for program in policies.programs_about(finding)]
    )
    return list(about.order_by("title", "pk"))


def engagements_for_findings(user: User, program: Program) -> EngagementQuerySet:
    """Engagements in fieldwork on the program whose team the person is on: there a finding can be drafted."""
    return (
        Engagement.objects.filter(status__in=WRITTEN_IN, team__person=user, scope__program=program)
        .for_table()
        .order_by("number", "pk")
    )


def audited_by(user: User) -> QuerySet[Program]:
    """The programs that the person audits."""
    held = Program.objects.held_as(user, Role.AUDITOR)
    return held.select_related("owner").order_by("title", "pk")


# --- Choosing payments -----------------------------------------------------


def payments_in_scope(engagement: Engagement) -> TransactionQuerySet:
    """What a finding of the engagement may be about. Dates known to the month or year are let in here and judged
    by the action, which knows the owner's calendar."""
    inside = Q(pk__in=[])
    for part in policies.scope_of(engagement):
        of_it = Q(program=part.program)
        exact = Q(date_precision=DatePrecision.DAY)
        if part.period_start:
            of_it &= ~exact | Q(value_date__gte=part.period_start)
        if part.period_end:
            of_it &= ~exact | Q(value_date__lte=part.period_end)
        inside |= of_it
    return Transaction.objects.filter(inside).for_table()


@dataclass(frozen=True)
class FoundPayments:
    """The first payments that match, and whether there are more of them."""

    rows: list[Transaction]
    more: bool


def search_payments(
    engagement: Engagement, words: str, veil: Veil = NOTHING_SEALED
) -> FoundPayments:
    """Payments in scope by reference, payee or exact amount, newest first; all of them without words."""
    rows = payments_in_scope(engagement)
    if words.strip():
        rows = rows.filter(matches(words.strip(), veil))
    order = ("-pk",) if veil.holds("value_date") else ("-value_date", "-pk")
    first = list(veil.over(rows).order_by(*order)[: FOUND_AT_ONCE + 1])
    return FoundPayments(first[:FOUND_AT_ONCE], len(first) > FOUND_AT_ONCE)


def matches(words: str, veil: Veil = NOTHING_SEALED) -> Q:
    """Reference or payee contains the words, or the amount is this number in whole units of its currency; what is
    sealed is not compared."""
    found = Q(pk__in=[])
    for name in ("reference", "payee"):
        found |= Q(**{f"text__{name}__icontains": words}) & veil.open(name)
    return found | _of_amount(words) & veil.open("amount")


def _of_amount(words: str) -> Q:
    try:
        amount = abs(Decimal(words.replace(",", "").replace(" ", "")))
    except InvalidOperation:
        return Q(pk__in=[])
    if not amount.is_finite() or amount > Decimal(10) ** 18:
        return Q(pk__in=[])
    by_digits: dict[int, list[str]] = {}
    for currency, digits in digits_by_currency().items():
        by_digits.setdefault(digits, []).append(currency)
    found = Q(pk__in=[])
    for digits, currencies in by_digits.items():
        minor = amount.scaleb(digits)
        if minor == minor.to_integral_value() and minor < 2**63:
            found |= Q(amount__in=[int(minor), -int(minor)], currency__in=currencies)
    return found


def chosen_payments(engagement: Engagement, uids: Iterable[UUID]) -> list[Transaction]:
    """The payments that somebody ticked, as far as they may: in scope, whatever else was sent."""
    return list(payments_in_scope(engagement).filter(uid__in=uids).order_by("value_date", "pk"))


def earlier_findings(engagement: Engagement, finding: Finding | None = None) -> FindingQuerySet:
    """What a finding of the engagement could repeat: issued by the same office, or on a program in its scope."""
    same = Q(engagement__office=engagement.office_id) | Q(
        engagement__scope__program__in=engagement.scope.values("program")
    )
    rows = Finding.objects.issued().filter(same).distinct()
    rows = rows.exclude(pk=finding.pk) if finding else rows
    return rows.for_table().order_by("-issued_on", "-pk")


def drafts_on(user: User) -> FindingQuerySet:
    """Drafts of the engagements in fieldwork whose team the person is on."""
    return (
        Finding.objects.filter(
            status=FindingStatus.DRAFT,
            engagement__team__person=user,
            engagement__status__in=WRITTEN_IN,
        )
        .for_table()
        .order_by("engagement__number", "number", "pk")
    )


def drafts_for(user: User, program: Program) -> FindingQuerySet:
    """Drafts of the person's teams to which a payment of the program can be added."""
    return drafts_on(user).filter(engagement__scope__program=program)


def totals(payments: Iterable[Transaction]) -> list[Money]:
    """What the payments come to, currency by currency; reversals take nothing away. Sealed amounts are left out."""
    rows = [row for row in payments if "amount" not in row.sealed]
    currencies = sorted({row.currency for row in rows})
    return [policies.linked_amount(rows, currency) for currency in currencies]


def likely_owner(finding: Finding) -> UUID | None:
    """The organisation whose payment it is about: the likely owner of a recommendation."""
    about = policies.programs_about(finding)
    return about[0].owner.uid if about else None
