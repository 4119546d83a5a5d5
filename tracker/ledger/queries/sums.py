"""Adding amounts up in the database, exactly: in two halves, so that no sum leaves an integer of 64 bits."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from tracker.ledger.models import RevaluationLine, Transaction

HALF = 10**9  # SQLite's SUM breaks off where its integers end
COUNTED = F("amount") - Coalesce(F("excess"), 0)
"""What counts of a transaction as posted: what a report states beyond what was left is in no sum."""


def halves(expression: Any, name: str = "", where: Q | None = None) -> dict[str, Sum]:
    """Annotations for the sum of an expression in minor units. `name` tells several sums of a query apart."""

    def half(part: Any) -> Sum:
        return Sum(ExpressionWrapper(part, output_field=BigIntegerField()), filter=where)

    return {f"{name}high": half(expression / HALF), f"{name}low": half(expression % HALF)}


def whole(row: Mapping[str, Any], name: str = "") -> int:
    """The sum; 0 where nothing was added up."""
    return int(row[f"{name}high"] or 0) * HALF + int(row[f"{name}low"] or 0)


def summed(rows: QuerySet[Any], *by: str, of: Any = COUNTED) -> dict[tuple[Any, ...], int]:
    """Minor units by the given columns, one of which must be the currency. One query. What states none is in no sum."""
    found = rows.order_by().values(*by).annotate(**halves(of))
    return {tuple(row[name] for name in by): whole(row) for row in found if row["high"] is not None}


def summed_now(rows: QuerySet[Transaction], *by: str) -> dict[tuple[Any, ...], int]:
    """What some rows come to as they count now: what was posted and by how much it was revalued. Two queries."""
    sums: dict[tuple[Any, ...], int] = defaultdict(int, summed(rows, *by))
    lines = RevaluationLine.objects.filter(transaction__in=rows.order_by().values("pk"))
    slots = [name if name == "currency" else f"transaction__{name}" for name in by]
    for key, minor in summed(lines, *slots, of=F("delta")).items():
        sums[key] += minor
    return dict(sums)
