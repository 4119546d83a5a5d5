"""Sums of minor units that no database's integer overflows: in two halves, put together in Python."""

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, QuerySet, Sum

HALF = 10**9  # SQLite's SUM breaks off where its integers end


def halves(expression: Any, name: str = "", where: Q | None = None) -> dict[str, Sum]:
    """Annotations for the sum of an expression in minor units. `name` tells several sums of a query apart."""

    def half(part: Any) -> Sum:
        return Sum(ExpressionWrapper(part, output_field=BigIntegerField()), filter=where)

    return {f"{name}high": half(expression / HALF), f"{name}low": half(expression % HALF)}


def whole(row: Mapping[str, Any], name: str = "") -> int:
    """The sum; 0 where nothing was added up."""
    return int(row[f"{name}high"] or 0) * HALF + int(row[f"{name}low"] or 0)


def summed(rows: QuerySet[Any], *by: str, of: Any = None) -> dict[tuple[Any, ...], int]:
    """The amounts (or `of`) in minor units, added up by some columns in one query. What states none is in no sum."""
    found = rows.values(*by).annotate(**halves(F("amount") if of is None else of))
    return {tuple(row[name] for name in by): whole(row) for row in found if row["high"] is not None}
