"""Reports: who may act on one, what it says, and the figures of its period."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum

from tracker.accounts.models import SIGNERS, Role, User
from tracker.ledger.models import Transaction
from tracker.publishing.models import Report
from tracker.publishing.queries.people import people_holding
from tracker.shared.money import Money


def reviewers_of(report: Report) -> list[User]:
    """Who may review a report: approvers and disclosure officers who did not write in it."""
    wrote = set(report.edits.values_list("person", flat=True))
    found = people_holding(report.program, *SIGNERS, Role.DISCLOSURE)
    return [person for person in found if person.pk not in wrote]


def publishers_of(report: Report) -> list[User]:
    """Who may publish a report: disclosure officers who did not write in it."""
    wrote = set(report.edits.values_list("person", flat=True))
    found = people_holding(report.program, Role.DISCLOSURE)
    return [person for person in found if person.pk not in wrote]


def sections_of(report: Report) -> list[tuple[str, str]]:
    rows = report.sections.order_by("position", "pk")
    return [(section.heading, section.body) for section in rows]


def content_hash(report: Report, sections: Sequence[tuple[str, str]] | None = None) -> str:
    """What a review binds to, and what an edit must have seen: title, period and every section."""
    body = {
        "title": report.title,
        "period": [report.period_start.isoformat(), report.period_end.isoformat()],
        "sections": [list(s) for s in (sections_of(report) if sections is None else sections)],
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class PeriodFigure:
    """What the ledger says of a report's period, for one kind of transaction in one currency."""

    kind: str
    opening: Money
    period: Money
    closing: Money
    rows: int


def period_figures(report: Report) -> list[PeriodFigure]:
    """The figures that a report would get now, before anything is withheld. One query."""
    before = Q(value_date__lt=report.period_start)
    during = Q(value_date__range=(report.period_start, report.period_end))
    rows = (
        Transaction.objects.filter(program=report.program, value_date__lte=report.period_end)
        .values("kind", "currency")
        .annotate(
            opening=Sum("amount", filter=before),
            period=Sum("amount", filter=during),
            rows=Count("pk", filter=during),
        )
        .order_by("kind", "currency")
    )
    return [_figure(row) for row in rows]


def _figure(row: Any) -> PeriodFigure:
    opening = Money(int(row["opening"] or 0), row["currency"])
    period = Money(int(row["period"] or 0), row["currency"])
    return PeriodFigure(row["kind"], opening, period, opening + period, row["rows"])
