"""What waits of closed periods: closings to confirm, figures to certify."""

from datetime import date

from tracker.accounts.models import User
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import Group, Item, days_since, group_of, say_day, waited
from tracker.ledger.models import Period, PeriodChange
from tracker.ledger.queries import certifications_waiting_for, period_changes_waiting_for


def to_confirm(user: User, day: date) -> Group:
    """Closings and re-openings that somebody else proposed."""

    def say(change: PeriodChange) -> Item:
        days = days_since(change.proposed_at, day)
        asker, when = change.proposed_by.name, say_day(change.proposed_at)
        period = change.period
        why = f"{period.organisation.label} · proposed by {asker} on {when} · once confirmed, it counts"
        what = f"Confirm or decline the {change.get_kind_display()} of {period.name}"
        return Item(what, addresses.of_period(period.uid), why, *waited(days), days)

    rows = period_changes_waiting_for(user)
    return group_of("Periods to confirm", rows, say, f"{addresses.PERIODS}?status=closing")


def to_certify(user: User, day: date) -> Group:
    """Closed periods of programs for which the person signs, as the donor's approver or for the recipient."""

    def say(period: Period) -> Item:
        days = days_since(period.closed_at, day)  # type: ignore[attr-defined]
        title, uid = period.program_title, period.program_uid  # type: ignore[attr-defined]
        closed = say_day(period.closed_at)  # type: ignore[attr-defined]
        why = f"{title} · closed by {period.organisation.label} on {closed} · read the key figures, then sign"
        where = addresses.certification_of(period.uid, uid)
        return Item(f"Certify {period.name}", where, why, *waited(days), days)

    rows = certifications_waiting_for(user)
    return group_of("Periods to certify", rows, say, addresses.PERIODS)
