"""When a period can be closed or opened again, by whom, and on which day something is booked."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from tracker.accounts.models import SIGNERS, Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import (
    CHANGE_TRANSITIONS,
    ChangeStatus,
    Period,
    PeriodChange,
    PeriodChangeKind,
    Voucher,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.shared.calendars import FiscalQuarter
from tracker.shared.dates import DatePrecision, say_date, say_day
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

SHOWN = 5  # vouchers that a sentence lists before it says how many more there are
Asked = Voucher | VoucherVersion

# --- Who -------------------------------------------------------------------


def check_can_change_periods(user: User, organisation: Organisation) -> None:
    to = "propose to close a period or to open it again"
    check_holds(user, Role.OFFICER, *SIGNERS, organisation=organisation, to=to)


def check_can_decide_period(user: User, change: PeriodChange) -> None:
    """An approver of the organisation who did not propose it; once."""
    to = "confirm or decline the closing and re-opening of a period"
    check_holds(user, *SIGNERS, organisation=change.period.organisation, to=to)
    if change.status != ChangeStatus.PROPOSED:
        raise Refused(
            f"This {change.get_kind_display()} is {change.status} already: nothing is left to decide."
        )
    check_transition(CHANGE_TRANSITIONS, change.status, ChangeStatus.CONFIRMED)
    if change.proposed_by_id == user.pk:
        raise NotAllowed(
            f"You proposed this {change.get_kind_display()}: another person confirms or declines it."
        )


# --- Closing and opening again ---------------------------------------------


def period_of(organisation: Organisation, quarter: FiscalQuarter) -> Period:
    """The organisation's row of the quarter; a new one, not saved, where nobody has proposed to close it yet."""
    found = Period.objects.filter(organisation=organisation, first_day=quarter.start).first()
    return found or Period(
        organisation=organisation,
        name=quarter.label,
        fiscal_year=quarter.year,
        quarter=quarter.number,
        day_before=quarter.day_before,
        first_day=quarter.start,
        last_day=quarter.end,
    )


def newest_closed(organisation: Organisation) -> Period | None:
    rows = Period.objects.filter(organisation=organisation, closed=True)
    return rows.order_by("-last_day").first()


def check_nothing_is_proposed(period: Period) -> None:
    if period.pk and (waits := period.changes.filter(decision=None).first()):
        raise Refused(
            f"The {waits.get_kind_display()} of {period.name} is proposed already: it waits for a second person."
        )


def check_can_be_closed(period: Period) -> None:
    """Ended, the next in order, and nothing on its way into it. Asked when proposed, and again when confirmed."""
    if period.closed:
        raise Refused(f"{period.name} is closed already.")
    if period.organisation.today() <= period.last_day:
        raise Refused(
            f"{period.name} runs until {say_day(period.last_day)}: it can be closed from the day after on."
        )
    _check_is_next(period)
    _check_nothing_is_in_flight(period)


def _check_is_next(period: Period) -> None:
    newest, calendar = newest_closed(period.organisation), period.organisation.calendar()
    if newest is None:
        quarter = calendar.quarter_of(period.first_day)
        if not calendar.begins_its_year(quarter):
            before = calendar.quarter_of(period.day_before)
            raise Refused(
                f"Quarters close in order, and {before.label} is open: begin with the first quarter of a fiscal year."
            )
    elif newest.last_day > period.last_day:
        raise Refused(
            f"{newest.name} is closed already, and quarters close in order: open the later ones again first, "
            "the newest of them before the others."
        )
    elif newest.last_day != period.day_before:
        following = calendar.quarter_of(newest.last_day + timedelta(days=1))
        raise Refused(f"Quarters close in order: {following.label} comes next, close it first.")


def check_can_be_reopened(period: Period) -> None:
    """Closed, and the newest that is: what was closed on top of it is opened first."""
    if not period.closed:
        raise Refused(f"{period.name} is not closed: there is nothing to open again.")
    newest = newest_closed(period.organisation)
    if newest is not None and newest.pk != period.pk:
        raise Refused(
            f"{newest.name} was closed after {period.name}: periods are opened again from the newest backwards."
        )


def check_change_is_possible(period: Period, kind: str) -> None:
    if kind == PeriodChangeKind.CLOSE:
        check_can_be_closed(period)
    else:
        check_can_be_reopened(period)


# --- What is on its way into a period --------------------------------------


def in_flight(period: Period) -> QuerySet[Voucher]:
    """Vouchers that are submitted and not decided, with a booking day in the period; batches that are not posted to
    their end, with a row in it. The rows lie in a higher room: they are reached through the relation."""
    days = (period.first_day, period.last_day)
    one = Q(status=VoucherStatus.SUBMITTED, day__range=days)
    batch = Q(
        kind=VoucherKind.BATCH,
        status__in=[VoucherStatus.SUBMITTED, VoucherStatus.POSTED],
        upload__rows__state="good",
        upload__rows__value_date__range=days,
    )
    mine = Voucher.objects.filter(organisation=period.organisation_id)
    batches = mine.filter(batch).order_by().values("pk")
    found = mine.annotate(day=Coalesce("booked_on", "value_date")).filter(one | Q(pk__in=batches))
    return found.order_by("changed_at", "pk")


def _check_nothing_is_in_flight(period: Period) -> None:
    waiting = in_flight(period)
    rows = list(waiting[: SHOWN + 1])
    if not rows:
        return
    count = waiting.count()
    more = f"; and {count - SHOWN} more" if count > SHOWN else ""
    on_their_way = "1 voucher is" if count == 1 else f"{count} vouchers are"
    raise Refused(
        f"{on_their_way} on the way into {period.name}: {'; '.join(map(_say_voucher, rows[:SHOWN]))}{more}. "
        "Have each approved or returned first; what is returned can be booked into a later period."
    )


def _say_voucher(voucher: Voucher) -> str:
    if voucher.kind == VoucherKind.BATCH:
        return f"batch {voucher.number}"
    day = say_day(voucher.booking_day)
    amount = f" of {voucher.amount}" if voucher.amount is not None else ""
    return f"{voucher.get_kind_display()} {voucher.number}{amount}, {day}"


# --- The day on which something is booked ----------------------------------


def closed_periods(organisation: Organisation, days: Iterable[date] = ()) -> list[Period]:
    """The organisation's closed periods, the oldest first; with `days` those that hold one of them."""
    rows = Period.objects.filter(organisation=organisation, closed=True)
    if days := list(days):
        rows = rows.filter(first_day__lte=max(days), last_day__gte=min(days))
    return list(rows.order_by("first_day"))


def closed_period_of(organisation: Organisation, day: date) -> Period | None:
    """The closed period that holds the day; None while its period is open."""
    return next(iter(closed_periods(organisation, [day])), None)


def booked_late(organisation: Organisation, day: date) -> date | None:
    """Where a report is booked that nobody here may send back: today, if its day lies in a closed period; else None."""
    return None if closed_period_of(organisation, day) is None else organisation.today()


def check_booking_day(asked: Asked) -> None:
    """A date in a closed period needs a booking day in an open one; any other date needs none."""
    assert asked.program is not None and asked.value_date is not None
    owner = asked.program.owner
    closed = closed_period_of(owner, asked.value_date)
    if asked.booked_on is None:
        if closed is not None:
            raise Refused({"value_date": _say_closed(asked, closed)})
        return
    if closed is None:
        raise Refused(
            {
                "booked_on": f"{say_day(asked.value_date)} lies in no closed period: leave the booking day empty. "
                "It is for late entries only."
            }
        )
    _check_books_late(asked.booked_on, asked.value_date, owner)


def _check_books_late(booked_on: date, value_date: date, owner: Organisation) -> None:
    if booked_on < value_date:
        raise Refused(
            {
                "booked_on": "The booking day lies before the value date: nothing is booked before it happens."
            }
        )
    if booked_on > owner.today():
        raise Refused({"booked_on": "The booking day lies ahead: state today, or a day before."})
    if (period := closed_period_of(owner, booked_on)) is not None:
        newest = newest_closed(owner) or period
        raise Refused(
            {
                "booked_on": f"{say_day(booked_on)} lies in {period.said}, which is closed as well: "
                f"state a day after {say_day(newest.last_day)}."
            }
        )


def _say_closed(asked: Asked, period: Period) -> str:
    """Which period, and what to do. Of a date that is known to the fiscal year only, any day of it may be given."""
    assert asked.value_date is not None and asked.program is not None
    coarse = ""
    if asked.date_precision == DatePrecision.FISCAL_YEAR:
        coarse = "Only the fiscal year is known, so give a day of it in an open period; if there is none, "
    elif asked.date_precision == DatePrecision.MONTH:
        coarse = f"The month ({say_date(asked.value_date, DatePrecision.MONTH)}) is what is known of it: leave it so, and "
    state = f"state {'' if coarse else 'also '}a booking day in an open period"
    return (
        f"{say_day(asked.value_date)} lies in {period.said}, which {asked.program.owner.label} has closed: "
        f"{coarse}{state} (today, or a day after {say_day(_newest_day(period))}). The value date stays what it is."
    )


def _newest_day(period: Period) -> date:
    newest = newest_closed(period.organisation)
    return period.last_day if newest is None else newest.last_day
