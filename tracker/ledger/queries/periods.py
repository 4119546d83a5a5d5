"""Periods: what can be closed next, who decides, what waits, what is late, what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Count,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from tracker.accounts.models import SIGNERS, MembershipStatus, Organisation, Role, User
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    Certification,
    Period,
    PeriodChange,
    PeriodDecision,
    PeriodQuerySet,
    Transaction,
    Voucher,
    VoucherStatus,
)
from tracker.shared.calendars import FiscalQuarter

YEARS_BACK = 40  # how old a fiscal year can be that closing begins with


# --- What can be closed next -----------------------------------------------


@dataclass(frozen=True)
class Outlook:
    """What an organisation can close next, and what is still on its way into that quarter.

    `choices`: the one quarter that follows the newest closed one; as long as nothing is closed, the first quarter of
    every fiscal year since the first booking. `ended` is false while the only choice goes on.
    """

    organisation: Organisation
    newest: Period | None
    choices: list[FiscalQuarter]
    ended: bool
    in_flight: int = 0

    @property
    def next(self) -> FiscalQuarter | None:
        return self.choices[0] if self.newest is not None and self.choices else None


def outlook_of(organisation: Organisation) -> Outlook:
    today, newest = organisation.today(), policies.newest_closed(organisation)
    if newest is not None:
        following = organisation.calendar().quarter_of(newest.last_day + timedelta(days=1))
        waiting = policies.in_flight(policies.period_of(organisation, following)).count()
        return Outlook(organisation, newest, [following], following.end < today, waiting)
    choices = _first_quarters(organisation, today)
    return Outlook(organisation, None, choices, bool(choices))


def _first_quarters(organisation: Organisation, today: date) -> list[FiscalQuarter]:
    """The newest year first; none that goes on."""
    rows = Transaction.objects.filter(program__owner=organisation)
    first = rows.aggregate(day=Min("value_date"))["day"] or date(today.year - 1, 1, 1)
    oldest = date(today.year - YEARS_BACK, 1, 1)
    calendar = organisation.calendar()
    quarters = calendar.quarters(max(first, oldest, calendar.eras[0].begins_on), today)
    known = [q for q in quarters if calendar.begins_its_year(q) and q.end < today]
    return known[::-1]


def closable(organisations: Iterable[Organisation]) -> list[tuple[Organisation, FiscalQuarter]]:
    """Ended quarters that may be proposed now, by organisation."""
    found = []
    for organisation in organisations:
        outlook = outlook_of(organisation)
        waits = set(
            PeriodChange.objects.filter(
                period__organisation=organisation, decision=None
            ).values_list("period__first_day", flat=True)
        )
        if outlook.ended:
            found += [(organisation, q) for q in outlook.choices if q.start not in waits]
    return found


def organisations_closing(user: User) -> QuerySet[Organisation]:
    """The organisations for which a person may propose to close a period."""
    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE,
        role__in=[Role.OFFICER, *SIGNERS],
        organisation__isnull=False,
    )
    rows = Organisation.objects.filter(pk__in=held.values("organisation"))
    return rows.prefetch_related("fiscal_eras").order_by("name", "pk")


# --- The list --------------------------------------------------------------


def periods_for_table(rows: PeriodQuerySet) -> PeriodQuerySet:
    """With status, who proposed the change that waits, vouchers on their way into it, and signatures that hold."""
    waits = PeriodChange.objects.filter(period=OuterRef("pk"), decision=None)
    flying = (
        Voucher.objects.filter(
            organisation=OuterRef("organisation"), status=VoucherStatus.SUBMITTED
        )
        .annotate(day=Coalesce("booked_on", "value_date"))
        .filter(day__gte=OuterRef("first_day"), day__lte=OuterRef("last_day"))
    )
    signed = Certification.objects.filter(
        period=OuterRef("pk"), closing=OuterRef("closing"), period__closed=True
    )
    return (
        rows.with_status()
        .with_closing()
        .select_related("organisation")
        .annotate(
            proposed_by=Subquery(waits.values("proposed_by__name")[:1]),
            in_flight=_number_of(flying, "organisation"),
            signatures=_number_of(signed, "period"),
        )
    )


def _number_of(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


# --- Changes ---------------------------------------------------------------


def deciders_of_period(change: PeriodChange) -> QuerySet[User]:
    """Everybody who may confirm or decline it."""
    return (
        User.objects.filter(
            memberships__organisation=change.period.organisation_id,
            memberships__role__in=SIGNERS,
            memberships__status=MembershipStatus.ACTIVE,
            is_active=True,
        )
        .exclude(pk=change.proposed_by_id)
        .distinct()
        .order_by("name", "pk")
    )


def period_changes_of(period: Period) -> QuerySet[PeriodChange]:
    """Every change and what was decided on it, the newest first."""
    related = ("text", "proposed_by", "decision__decided_by", "decision__text")
    return period.changes.select_related(*related).order_by("-pk")


def period_changes_waiting_for(user: User) -> QuerySet[PeriodChange]:
    """Closings and re-openings that this person may decide on: an approver who did not propose them."""
    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE, role__in=SIGNERS, organisation__isnull=False
    )
    rows = PeriodChange.objects.filter(
        period__organisation__in=held.values("organisation"), decision=None
    ).exclude(proposed_by=user)
    return rows.select_related("period__organisation", "proposed_by").order_by("pk")


def period_changes_proposed_by(user: User) -> QuerySet[PeriodChange]:
    """What the person proposed and nobody has decided on."""
    rows = PeriodChange.objects.filter(proposed_by=user, decision=None)
    return rows.select_related("period__organisation").order_by("pk")


def period_history(period: Period) -> list[dict[str, Any]]:
    """What happened to the period: changes, decisions, certifications; the newest first."""
    records = [period.uid, *period.changes.values_list("uid", flat=True)]
    decisions = PeriodDecision.objects.filter(change__period=period)
    records += decisions.values_list("uid", flat=True)
    signed = dict(period.certifications.values_list("uid", "program__title"))
    events = journal.history_of(*records, *signed)
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names = dict(people.values_list("uid", "name"))
    return [
        {
            "what": f"{event.sentence} ({signed[event.record]})"
            if event.record in signed
            else event.sentence,
            "by": names.get(event.actor, "") if event.actor else "",
            "at": event.at,
            "entry": event.number,
        }
        for event in events
    ]
