"""Lists in which something may be sealed from the reader: their filters and their order never compare it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from tracker.shared.sealing import Veil, compared, veil_for


class Sealing:
    """Mixed into filtersets of transactions or vouchers, or of what is about them. A row of which a compared value is
    sealed is left out: else the filter, or the place of the row, would tell the value. `compares`: for each name in the
    list's address, and each order (`sort:…`), the fields. `uids`: where a row has the identifiers of the payments that it
    is about; words are those of the first."""

    compares: Mapping[str, tuple[str, ...]] = {}
    uids: tuple[str, ...] = ("uid",)

    @cached_property
    def veil(self) -> Veil:
        request = self.request  # type: ignore[attr-defined]
        return Veil() if request is None else veil_for(request.user)

    @property
    def compared(self) -> set[str]:
        return compared(self.data, self.compares)  # type: ignore[attr-defined]

    def filter_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(rows)  # type: ignore[misc]
        if fields := self.compared:
            for uid in self.uids:
                rows = self.veil.without(rows, *fields, uid=uid)
        return rows

    def words(self, value: str, **columns: str) -> Q:
        """The words occur in one of the columns, of rows where the field that it names is not sealed."""
        found = Q(pk__in=[])
        for name, column in columns.items():
            one = Q(**{f"{column}__icontains": value})
            holds = self.veil.holds(name)
            found |= one & self.veil.open(name, uid=self.uids[0]) if holds else one
        return found


def open_parties(rows: Any, request: Any) -> Any:
    """The rows whose parties a control may offer: it would name one that is sealed."""
    veil = Veil() if request is None else veil_for(request.user)
    return veil.without(rows, "provider", "receiver")


COMPARES = {
    "payee": ("payee",),
    "date_after": ("value_date",),
    "date_before": ("value_date",),
    "currency": ("amount",),
    "amount_min": ("amount",),
    "amount_max": ("amount",),
    "only": ("amount", "excess"),
    "organisation": ("provider", "receiver"),
    "receiver": ("receiver",),
    "show": ("amount", "quantity"),
    **{
        f"sort:{name}": (name,)
        for name in ("value_date", "reference", "payee", "receiver", "amount")
    },
    "sort:ours": ("amount",),
    "sort:payment": ("reference",),
}
