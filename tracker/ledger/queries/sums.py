"""Adding amounts up in the database, exactly: in two halves, so that no sum leaves an integer of 64 bits."""

from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import Coalesce

HALF = 10**9
COUNTED = F("amount") - Coalesce(F("excess"), 0)
"""What counts of a transaction: what a report states beyond what was left is in no sum."""


def halves(minor: Any) -> tuple[Sum, Sum]:
    """The sums of both halves of an expression in minor units; `whole` puts them together."""

    def half(expression: Any) -> Sum:
        return Sum(ExpressionWrapper(expression, output_field=BigIntegerField()))

    return half(minor / HALF), half(minor % HALF)


def whole(high: Any, low: Any) -> int:
    return int(high or 0) * HALF + int(low or 0)


def summed(rows: QuerySet[Any], *by: str, of: Any = COUNTED) -> dict[tuple[Any, ...], int]:
    """Minor units by the given columns, one of which must be the currency. One query. What states none is in no sum."""
    high, low = halves(of)
    found = rows.order_by().values(*by).annotate(high=high, low=low)
    return {
        tuple(row[name] for name in by): whole(row["high"], row["low"])
        for row in found
        if row["high"] is not None
    }
