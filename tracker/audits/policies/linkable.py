"""Which exact records a finding can be about, whose they are, and where their pages are: one small table."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from tracker.accounts.models import Organisation
from tracker.audits.models import LinkKind
from tracker.audits.policies.basics import Scope
from tracker.ledger.models import (
    Authority,
    Certification,
    Discrepancy,
    Period,
    Revaluation,
    Statement,
    TransactionKind,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.results.models import Measurement
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused


@dataclass(frozen=True)
class Linkable:
    """A kind of record. `program` and `organisation` say whose a row is; `seen` which rows a person may see.

    `within` is the path from a row to its program, `owned` the path to its organisation where it has no program. `words`
    are searched; where these are a payment's reference, `payment` is the path to its identifier: what is sealed is never
    compared. For the same reason a label says nothing that could be sealed.
    """

    model: type[Any]
    joins: tuple[str, ...]
    program: Callable[[Any], Program | None]
    organisation: Callable[[Any], Organisation | None]
    label: Callable[[Any], str]
    href: Callable[[Any], str]
    within: str = ""
    owned: str = ""
    words: tuple[str, ...] = ()
    payment: str = ""


def _nobody(row: Any) -> None:
    return None


def _page(name: str, *path: str) -> Callable[[Any], str]:
    """The address of a page, by the identifiers that the paths lead to."""

    def address(row: Any) -> str:
        found = []
        for one in path:
            value = row
            for step in one.split("."):
                value = getattr(value, step)
            found.append(value)
        return reverse(name, args=found)

    return address


def _of_statement(row: Any) -> str:
    """Where it can be read: on the dispatch's page, or on the receipt's own if it says what was used of it."""
    of_dispatch = row.about.kind == TransactionKind.DISBURSEMENT
    page = "ledger:dispatch" if of_dispatch else "dashboards:transaction"
    return reverse(page, args=[row.about.uid])


LINKABLE: dict[str, Linkable] = {
    LinkKind.VERSION: Linkable(
        VoucherVersion,
        ("voucher__organisation", "program__owner"),
        lambda row: row.program,
        lambda row: row.voucher.organisation,
        lambda row: f"voucher {row.voucher.number}, version {row.number}",
        _page("ledger:voucher", "voucher.uid"),
        "program",
        "voucher__organisation",
        ("voucher__number",),
    ),
    LinkKind.STATEMENT: Linkable(
        Statement,
        ("about__program__owner", "about__text"),
        lambda row: row.about.program,
        _nobody,
        lambda row: f"statement “{row.get_verdict_display()}” of {say_day(row.stated_at.date())}",
        _of_statement,
        "about__program",
        words=("about__text__reference",),
        payment="about__uid",
    ),
    LinkKind.DISCREPANCY: Linkable(
        Discrepancy,
        ("about__program__owner", "about__text"),
        lambda row: row.about.program,
        _nobody,
        lambda row: f"discrepancy “{row.get_kind_display()}” of {say_day(row.opened_on)}",
        _page("ledger:discrepancy", "uid"),
        "about__program",
        words=("about__text__reference",),
        payment="about__uid",
    ),
    LinkKind.AUTHORITY: Linkable(
        Authority,
        ("organisation",),
        _nobody,
        lambda row: row.organisation,
        lambda row: f"authority “{row.title}”",
        _page("ledger:authority", "uid"),
        owned="organisation",
        words=("title", "legal_basis"),
    ),
    LinkKind.PROGRAM: Linkable(
        Program,
        ("owner",),
        lambda row: row,
        _nobody,
        lambda row: f"program “{row.title}”",
        _page("dashboards:program", "uid"),
        "pk",
        words=("title", "identifier"),
    ),
    LinkKind.MEASUREMENT: Linkable(
        Measurement,
        ("indicator__program__owner",),
        lambda row: row.indicator.program,
        _nobody,
        lambda row: f"measurement of “{row.indicator.title}” on {say_day(row.measured_on)}",
        _page("results:indicator", "indicator.uid"),
        "indicator__program",
        words=("indicator__title",),
    ),
    LinkKind.PERIOD: Linkable(
        Period,
        ("organisation",),
        _nobody,
        lambda row: row.organisation,
        lambda row: f"period {row.name}",
        _page("ledger:period", "uid"),
        owned="organisation",
        words=("name",),
    ),
    LinkKind.CERTIFICATION: Linkable(
        Certification,
        ("program__owner", "period"),
        lambda row: row.program,
        _nobody,
        lambda row: f"certification of {row.period.name} by the {row.get_side_display()}",
        _page("ledger:certification", "period.uid", "program.uid"),
        "program",
        words=("period__name",),
    ),
    LinkKind.REVALUATION: Linkable(
        Revaluation,
        ("transaction__program__owner", "transaction__text"),
        lambda row: row.transaction.program,
        _nobody,
        lambda row: f"revaluation as of {say_day(row.valuation_date)}, entry {row.entry_id}",
        _page("ledger:revaluation", "uid"),
        "transaction__program",
        words=("transaction__text__reference",),
        payment="transaction__uid",
    ),
}


@dataclass(frozen=True)
class Linked:
    """A record that a finding is about, with whose it is: a program's, or else an organisation's."""

    kind: str
    row: Any
    program: Program | None
    organisation: Organisation | None

    @property
    def uid(self) -> UUID:
        return self.row.uid

    @property
    def kind_label(self) -> str:
        return LinkKind(self.kind).label

    @property
    def label(self) -> str:
        return LINKABLE[self.kind].label(self.row)

    @property
    def href(self) -> str:
        return LINKABLE[self.kind].href(self.row)


def rows_of(kind: str) -> QuerySet[Any]:
    linkable = LINKABLE[kind]
    return linkable.model._default_manager.select_related(*linkable.joins)


def linked(kind: str, row: Any) -> Linked:
    program = LINKABLE[kind].program(row)
    return Linked(kind, row, program, None if program else LINKABLE[kind].organisation(row))


def check_linkable(kind: str, uid: UUID) -> Linked:
    """The record that is meant. Refuses a kind that no finding can be about, and a record that is not there."""
    if kind not in LINKABLE:
        known = ", ".join(LinkKind(one).label for one in LINKABLE)
        raise Refused({"records": f"A finding links to a payment, or to one of these: {known}."})
    row = rows_of(kind).filter(uid=uid).first()
    if row is None:
        label = LinkKind(kind).label
        raise Refused({"records": f"There is no {label} {uid}: choose one from the list."})
    return linked(kind, row)


def check_record_in_scope(record: Linked, scope: Collection[Scope]) -> None:
    """Of a program in scope; or, where it belongs to an organisation as a whole, of the owner of one."""
    programs = {part.program.pk for part in scope}
    owners = {part.program.owner_id for part in scope}
    inside = (
        record.program.pk in programs
        if record.program
        else record.organisation is not None and record.organisation.pk in owners
    )
    if not inside:
        whose = record.program.title if record.program else record.organisation
        raise Refused(
            {
                "records": f"The {record.label} belongs to {whose}, which is not in the scope: "
                "choose a record of a program in scope, or widen the scope first."
            }
        )
