"""What happened lately to a person's programs, as the journal has it, as far as they may see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tracker.accounts.models import User
from tracker.audits.models import Finding, FindingStatus, Recommendation, RecommendationState
from tracker.dashboards import addresses
from tracker.journal import queries as journal
from tracker.ledger.models import Transaction, Voucher
from tracker.programs.models import Program, ProgramQuerySet
from tracker.publishing.models import Report, ReportStatus
from tracker.results.models import Indicator

SHOWN = 10
NEWEST = 20  # records of each kind among which the newest events are looked for


@dataclass(frozen=True)
class Happened:
    """One line of a history, as the page component wants it; `href` leads to what it happened to."""

    what: str
    by: str
    at: datetime
    entry: int
    href: str = ""


def latest_of(
    programs: ProgramQuerySet, user: User, *, as_staff: bool, limit: int = SHOWN
) -> list[Happened]:
    """The newest events of the programs' newest records. Drafts of reports, and names, are for the staff.

    The number of queries and of records asked for is fixed, however long the history is.
    """
    places = _places(programs, user, as_staff)
    events = journal.latest(limit, records=places)
    names = _names(events) if as_staff else {}
    return [
        Happened(
            event.sentence,
            names.get(event.actor, "") if event.actor else "",
            event.at,
            event.number,
            places.get(event.record, ""),
        )
        for event in events
    ]


def _names(events: list[journal.Event]) -> dict[UUID | None, str]:
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    return dict(people.values_list("uid", "name"))


def _places(programs: ProgramQuerySet, user: User, as_staff: bool) -> dict[UUID, str]:
    """The newest records of each kind, and the page of each."""
    within = programs.order_by().values("pk")
    places: dict[UUID, str] = {}

    def add(rows: QuerySet[Any], address: Callable[[Any], str]) -> None:
        places.update((row.uid, address(row)) for row in rows.order_by("-pk")[:NEWEST])

    add(programs.only("uid"), lambda row: addresses.of_program(row.uid))
    add(
        Transaction.objects.filter(program__in=within).only("uid"),
        lambda row: addresses.of_transaction(row.uid),
    )
    vouchers = Voucher.objects.visible_to(user).filter(program__in=within)
    add(vouchers.select_related("upload"), addresses.of_voucher)
    indicators = Indicator.objects.filter(program__in=within).only("uid")
    add(indicators, lambda row: addresses.of_indicator(row.uid))
    reports = Report.objects.filter(program__in=within)
    if not as_staff:
        reports = reports.filter(status=ReportStatus.PUBLISHED)
    add(reports.only("uid"), lambda row: addresses.of_report(row.uid))
    about = Finding.objects.filter(links__transaction__program__in=within).values("pk")
    issued = Finding.objects.filter(pk__in=about, status=FindingStatus.ISSUED)
    add(issued.only("uid"), lambda row: addresses.of_finding(row.uid))
    asked = Recommendation.objects.filter(finding__in=issued.values("pk"))
    asked = asked.exclude(state=RecommendationState.DRAFT)
    add(asked.only("uid"), lambda row: addresses.of_recommendation(row.uid))
    return places


def latest_for(user: User, *, as_staff: bool) -> list[Happened]:
    """The newest events of all programs that the person sees."""
    return latest_of(Program.objects.visible_to(user), user, as_staff=as_staff)
