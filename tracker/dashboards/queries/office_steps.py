"""What waits for the head of an audit office: a plan to adopt, risks that nobody looks at, a report that is due."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from tracker.accounts.models import Organisation, Role, User
from tracker.audits.models import AuditPlan, Engagement, OfficeReport
from tracker.audits.queries import (
    Half,
    PlanRow,
    half_of,
    programs_for_plan,
    reckon,
    this_year,
)
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import CAP, Group, Item, due_on, say_amount, say_day, waited
from tracker.shared.calendars import FiscalPeriod

AHEAD = timedelta(days=60)  # how long before a fiscal year begins its plan is asked for


def _offices(user: User) -> list[Organisation]:
    """The office that the person heads: the one that they work for, if it has audits at all."""
    if user.organisation is None:
        return []
    audits = Engagement.objects.filter(office=OuterRef("pk"))
    held = Organisation.objects.filter(
        pk=user.organisation.pk,
        memberships__person=user,
        memberships__role=Role.HEAD_OF_AUDIT,
        memberships__status="active",
    )
    return list(held.filter(Exists(audits)).prefetch_related("fiscal_eras").distinct())


def _years_to_plan(office: Organisation, day: date) -> list[FiscalPeriod]:
    """The running fiscal year, and the next one when it is near."""
    calendar = office.calendar()
    found = {period.year: period for period in map(calendar.period_of, (day, day + AHEAD))}
    return list(found.values())


def to_adopt(user: User, day: date) -> Group:
    """Fiscal years without a plan."""
    items = []
    for office in _offices(user):
        periods = _years_to_plan(office, day)
        planned = AuditPlan.objects.filter(
            office=office, fiscal_year__in=[p.year for p in periods]
        ).values_list("fiscal_year", flat=True)
        for period in periods:
            if period.year not in set(planned):
                items.append(_plan(period, day))
    return Group("Plans to adopt", tuple(items), len(items), addresses.AUDIT_PLAN)


def _plan(period: FiscalPeriod, day: date) -> Item:
    days = max(0, (day - period.start).days)
    why = (
        "reckoned from money and risk · it is kept as you adopt it, and compared with what is done"
    )
    begins = "" if days else f"begins {say_day(period.start)}"
    due, tone = waited(days) if days else (begins, "")
    where = f"{addresses.AUDIT_PLAN}?year={period.year}"
    return Item(f"Adopt the audit plan for {period.label}", where, why, due, tone, days)


def high_and_void(user: User, day: date) -> Group:
    """Programs of high risk of whose money nothing lies in the scope of an audit."""
    rows: list[PlanRow] = []
    year = day.year
    for office in _offices(user):
        year = this_year(office)
        rows += reckon(office, programs_for_plan(user, office), year).void_and_high
    href = f"{addresses.AUDIT_PLAN}?year={year}&level=high&state=void"
    items = tuple(
        Item(
            f"Cover {row.program.title}",
            href,
            f"{row.points} points of risk, {say_amount(row.money)} disbursed, nothing of it in a scope",
            "high risk",
            "bad",
        )
        for row in rows[:CAP]
    )
    return Group("High risk, not audited", items, len(rows), href)


def to_issue(user: User, day: date) -> Group:
    """The semiannual report of the period that ended last."""
    items = []
    half = half_of(day).before
    for office in _offices(user):
        issued = OfficeReport.objects.filter(office=office, period_start=half.start)
        if not issued.exists():
            items.append(_report(half, day))
    return Group("Reports of the office", tuple(items), len(items), addresses.OFFICE_REPORTS)


def _report(half: Half, day: date) -> Item:
    what = f"Issue the semiannual report up to {say_day(half.end)}"
    where = f"{addresses.OFFICE_REPORTS}?period={half.end.isoformat()}"
    why = "the table balances by itself; its figures are frozen when you issue it"
    return Item(what, where, why, *due_on(half.due_on, day), (day - half.end).days)
