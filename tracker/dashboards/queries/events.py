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
from tracker.ledger.models import Approval, Return, Transaction, Voucher, VoucherVersion
from tracker.programs.models import Program, ProgramQuerySet
from tracker.publishing.models import Report
from tracker.publishing.queries import sealed_among
from tracker.results.models import Indicator

SHOWN = 8
NEWEST = 20  # records of each kind among which the newest events are looked for


@dataclass(frozen=True)
class Happened:
    """One line of a history, as the page component wants it; `href` leads to what it happened to."""

    what: str
    by: str
    at: datetime
    entry: int
    href: str = ""


@dataclass(frozen=True)
class Place:
    """Where a record has its page, and what to say before its sentence."""

    href: str
    name: str = ""


def latest_of(
    programs: ProgramQuerySet, user: User, *, as_staff: bool, limit: int = SHOWN
) -> list[Happened]:
    """The newest events of the programs' newest records. Reports on their way, and names, are for the staff. Of a record
    of which something is sealed from the person, it is said what happened and no more.

    The number of queries and of records asked for is fixed, however long the history is.
    """
    places = _places(programs, user, as_staff)
    events = journal.latest(limit, records=places)
    names = _names(events) if as_staff else {}
    sealed = sealed_among(user, {event.record for event in events})
    return [
        Happened(
            f"{places[event.record].name}{plain(event) if event.record in sealed else event.sentence}",
            names.get(event.actor, "") if event.actor else "",
            event.at,
            event.number,
            places[event.record].href,
        )
        for event in events
    ]


def plain(event: journal.Event) -> str:
    """What happened, without the sentence: that could tell a value."""
    return f"{event.kind.replace('_', ' ').capitalize()}: {event.op.replace('_', ' ')}."


def _names(events: list[journal.Event]) -> dict[UUID | None, str]:
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    return dict(people.values_list("uid", "name"))


def _places(programs: ProgramQuerySet, user: User, as_staff: bool) -> dict[UUID, Place]:
    """The newest records of each kind, and the page of each."""
    within = programs.order_by().values("pk")
    places: dict[UUID, Place] = {}

    def add(rows: QuerySet[Any], address: Callable[[UUID], str]) -> None:
        uids = rows.order_by("-pk").values_list("uid", flat=True)
        places.update((uid, Place(address(uid))) for uid in uids[:NEWEST])

    add(programs, addresses.of_program)
    add(Transaction.objects.filter(program__in=within), addresses.of_transaction)
    add(Indicator.objects.filter(program__in=within), addresses.of_indicator)
    if as_staff:  # the way of a report tells why it was returned
        add(Report.objects.filter(program__in=within), addresses.of_report)
    about = Finding.objects.filter(links__transaction__program__in=within).values("pk")
    issued = Finding.objects.filter(pk__in=about, status=FindingStatus.ISSUED)
    add(issued, addresses.of_finding)
    asked = Recommendation.objects.filter(finding__in=issued.values("pk"))
    add(asked.exclude(state=RecommendationState.DRAFT), addresses.of_recommendation)
    return places | _steps_of_vouchers(user, within)


def _steps_of_vouchers(user: User, within: Any) -> dict[UUID, Place]:
    """Vouchers that the person sees, what was submitted of them, and who decided."""
    seen = Voucher.objects.visible_to(user).filter(program__in=within)
    newest = seen.select_related("upload").order_by("-pk")[:NEWEST]
    places = {row.uid: Place(addresses.of_voucher(row)) for row in newest}
    mine = seen.order_by().values("pk")
    versions = VoucherVersion.objects.filter(voucher__in=mine).select_related("voucher__upload")
    for version in versions.order_by("-pk")[:NEWEST]:
        places[version.uid] = _step_of(version.voucher)
    for model in (Approval, Return):
        rows = model.objects.filter(version__voucher__in=mine)
        for row in rows.select_related("version__voucher__upload").order_by("-pk")[:NEWEST]:
            places[row.uid] = _step_of(row.version.voucher)
    return places


def _step_of(voucher: Voucher) -> Place:
    """“Version 1 was approved.” says nothing without the voucher."""
    return Place(addresses.of_voucher(voucher), f"Voucher {voucher.number}: ")


def latest_for(user: User, *, as_staff: bool) -> list[Happened]:
    """The newest events of all programs that the person sees."""
    return latest_of(Program.objects.visible_to(user), user, as_staff=as_staff)
