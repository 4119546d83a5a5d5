"""Reports: who may act on one, what it says, and the figures of its period."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from tracker.accounts.models import SIGNERS, Role, User
from tracker.ledger.models import RevaluationLine, Transaction
from tracker.ledger.queries import halves, whole
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
    """The figures that a report would get now, before anything is withheld: as the rows count now. Two queries."""
    rows = Transaction.objects.filter(program=report.program, value_date__lte=report.period_end)
    rows = rows.order_by()
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    posted: Any = rows.filter(amount__isnull=False).values("kind", "currency")
    minor = F("amount") - Coalesce(F("excess"), 0)
    for row in posted.annotate(**_by_period(report, minor, "value_date")):
        _add(sums[row["kind"], row["currency"]], row)
    lines = RevaluationLine.objects.filter(transaction__in=rows.values("pk")).order_by()
    moved: Any = lines.values("currency", kind=F("transaction__kind"))
    for row in moved.annotate(**_by_period(report, F("delta"), "transaction__value_date")):
        _add(sums[row["kind"], row["currency"]], row | {"rows": row["firsts"]})
    return [_figure(kind, currency, *sums[kind, currency]) for kind, currency in sorted(sums)]


def _by_period(report: Report, minor: Any, day: str) -> dict[str, Any]:
    before = Q(**{f"{day}__lt": report.period_start})
    during = Q(**{f"{day}__range": (report.period_start, report.period_end)})
    found = halves(minor, "opening", before) | halves(minor, "period", during)
    if day == "value_date":
        return found | {"rows": Count("pk", filter=during)}
    return found | {"firsts": Count("pk", filter=during & Q(was__isnull=True))}


def _add(sums: list[int], row: dict[str, Any]) -> None:
    sums[0] += whole(row, "opening")
    sums[1] += whole(row, "period")
    sums[2] += row["rows"]


def _figure(kind: str, currency: str, before: int, during: int, rows: int) -> PeriodFigure:
    opening, period = Money(before, currency), Money(during, currency)
    return PeriodFigure(kind, opening, period, opening + period, rows)
