"""Sums of minor units that no database's integer overflows: in two halves, put together in Python."""

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, Q, Sum

HALF = 10**9  # SQLite's SUM breaks off where its integers end


def halves(expression: Any, name: str = "", where: Q | None = None) -> dict[str, Sum]:
    """Annotations for the sum of an expression in minor units. `name` tells several sums of a query apart."""

    def half(part: Any) -> Sum:
        return Sum(ExpressionWrapper(part, output_field=BigIntegerField()), filter=where)

    return {f"{name}high": half(expression / HALF), f"{name}low": half(expression % HALF)}


def whole(row: Mapping[str, Any], name: str = "") -> int:
    """The sum; 0 where nothing was added up."""
    return int(row[f"{name}high"] or 0) * HALF + int(row[f"{name}low"] or 0)
