"""A program's own page: its money, what it reaches, what was found, who is responsible, and what happens next."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from tracker.accounts.models import Membership, Role, User
from tracker.audits.models import Finding, Recommendation
from tracker.audits.queries import findings_of_program, today_for
from tracker.dashboards.queries.events import Happened, latest_of
from tracker.dashboards.queries.items import first_of
from tracker.dashboards.queries.money import Chart, Line, lines_of, years_chart
from tracker.ledger.models import Transaction
from tracker.ledger.queries import (
    MoneyLine,
    commitments_to_draw_on,
    left_telling,
    replenishment_of,
    totals_of,
)
from tracker.programs.models import SEES_AS_STAFF, Program, StatedFigure
from tracker.programs.queries import Branch, figures_of, objective_tree
from tracker.publishing.models import Category, Report, ReportStatus
from tracker.publishing.queries import programs_with_release
from tracker.results.queries import Standing, indicators_of, standing
from tracker.shared.money import Money
from tracker.shared.sealing import Covered, Notice, Veil, veil_for

ROWS = 8
CHARTS = 3
NAMES = 6
FINDINGS = 20
WHOLE = "The program's totals count these amounts."


@dataclass(frozen=True)
class Listed:
    """The first rows of a list, and how many more it has."""

    rows: tuple[Any, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Commitment:
    """A commitment from which something can still be paid."""

    record: Transaction
    value: Money | Covered
    left: Money | Covered


@dataclass(frozen=True)
class Publication:
    """How public the program is. `changes` are facts recorded since its newest release."""

    release_number: int | None
    released_at: datetime | None
    changes: int
    kept_back: str
    review_on: date | None

    @property
    def said(self) -> str:
        return f"Public, release {self.release_number}"

    @property
    def kept_label(self) -> str:
        return Category(self.kept_back).label


@dataclass(frozen=True)
class Responsible:
    """Who holds a role over the program or its owner."""

    role: str
    label: str
    names: tuple[str, ...]

    @property
    def said(self) -> str:
        shown = ", ".join(self.names[:NAMES])
        more = len(self.names) - NAMES
        return f"{shown} and {more} more" if more > 0 else shown


@dataclass(frozen=True)
class ProgramPage:
    """Everything that the page shows. What only the staff may see is empty for everybody else."""

    program: Program
    roles: frozenset[str]  # the reader's own over this program
    lines: tuple[Line, ...]
    replenishment: tuple[MoneyLine, ...]  # outside every total of aid
    charts: tuple[Chart, ...]
    commitments: Listed
    transactions: Listed
    objectives: tuple[Branch, ...]
    standings: tuple[Standing, ...]
    figures: tuple[StatedFigure, ...]
    findings: Listed
    recommendations: tuple[Recommendation, ...]
    reports: Listed
    publication: Publication
    people: tuple[Responsible, ...]
    events: tuple[Happened, ...]
    day: date
    sealing: Notice | None  # of its payments, where something is sealed from the reader
    by_day: bool  # the payments stand in the order of their days: none of these is sealed

    @property
    def as_staff(self) -> bool:
        return bool(self.roles & set(SEES_AS_STAFF))


def roles_over(user: User, program: Program) -> frozenset[str]:
    """The roles that a person holds over a program or its owner."""
    held = Membership.objects.in_force().filter(person=user)
    over = held.filter(Q(program=program) | Q(organisation=program.owner_id))
    return frozenset(over.values_list("role", flat=True))


def program_page(program: Program, user: User) -> ProgramPage:
    """Read the page. As many queries for one payment, finding or indicator as for thousands."""
    roles, veil = roles_over(user, program), veil_for(user)
    as_staff = bool(roles & set(SEES_AS_STAFF))
    totals = totals_of([program])
    busiest = sorted(totals, key=lambda total: (-total.rows, total.currency))[:CHARTS]
    itself = Program.objects.filter(pk=program.pk)
    payments = Transaction.objects.filter(program=program)
    return ProgramPage(
        program=program,
        roles=roles,
        lines=lines_of(itself, f"program={program.uid}"),
        replenishment=tuple(replenishment_of([program])),
        charts=tuple(years_chart([program], total.currency) for total in busiest),
        commitments=_commitments(program, veil),
        transactions=_listed(_newest(payments, veil)),
        objectives=objective_tree(program),
        standings=tuple(standing(indicators_of(program))),
        figures=tuple(figures_of(program)),
        findings=_listed(findings_of_program(program, user), FINDINGS),
        recommendations=_open_recommendations(program, user),
        reports=_listed(_reports(program, as_staff)),
        publication=_publication(program),
        people=_responsible(program) if as_staff else (),
        events=tuple(latest_of(itself, user, as_staff=as_staff)),
        day=today_for(user),
        sealing=veil.notice(veil.among(payments), sums=WHOLE),
        by_day=not veil.holds("value_date"),
    )


def _listed(rows: Any, cap: int = ROWS) -> Listed:
    listed, total = first_of(rows, cap)
    return Listed(tuple(listed), total)


def _commitments(program: Program, veil: Veil) -> Listed:
    rows = commitments_to_draw_on(program)
    listed, total = first_of(veil.over(rows.order_by(*_order(veil))), ROWS)
    telling = left_telling(listed, veil)

    def shown(row: Transaction) -> Commitment:
        whole = row.sealed.get("amount")
        left = whole or telling.get(row.pk) or row.balance.left
        return Commitment(row, whole or row.balance.value, left)

    return Listed(tuple(map(shown, listed)), total)


def _newest(payments: Any, veil: Veil) -> Any:
    """By the day of the payment, the newest first."""
    rows = payments.select_related("text", "reversal", "receiver")
    return veil.over(rows.order_by(*_order(veil)))


def _order(veil: Veil) -> tuple[str, ...]:
    """A row between its neighbours in time would tell a date that is sealed: then by posting."""
    return ("-pk",) if veil.holds("value_date") else ("-value_date", "-pk")


def _open_recommendations(program: Program, user: User) -> tuple[Recommendation, ...]:
    about = Finding.objects.filter(links__transaction__program=program)
    rows = Recommendation.objects.visible_to(user).open().filter(finding__in=about.values("pk"))
    return tuple(rows.for_table().order_by("due_on", "pk")[:ROWS])


def _reports(program: Program, as_staff: bool) -> Any:
    rows = Report.objects.filter(program=program)
    if not as_staff:
        rows = rows.filter(status=ReportStatus.PUBLISHED)
    return rows.select_related("drafted_by").order_by("-period_end", "-pk")


def _publication(program: Program) -> Publication:
    row: Any = programs_with_release(Program.objects.filter(pk=program.pk)).get()  # annotated
    return Publication(
        row.release_number, row.released_at, row.changes, row.kept_back or "", row.review_on
    )


def _responsible(program: Program) -> tuple[Responsible, ...]:
    """By role, in the order of the roles; somebody who holds it twice is named once."""
    over = Q(program=program) | Q(organisation=program.owner_id)
    rows = Membership.objects.in_force().filter(over).exclude(role=Role.ADMINISTRATOR)
    names: dict[str, list[str]] = defaultdict(list)
    for row in rows.select_related("person").order_by("person__name", "pk"):
        if row.person.name not in names[row.role]:
            names[row.role].append(row.person.name)
    found = [role for role in Role if role in names]
    return tuple(Responsible(role, role.label, tuple(names[role])) for role in found)
