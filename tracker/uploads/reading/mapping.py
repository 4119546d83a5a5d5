"""A mapping: what the columns of a file mean. `docs/uploads.md` describes it for those who write one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker.shared.calendars import CALENDAR_YEAR, US_FEDERAL, FiscalCalendar

CALENDARS: dict[str, FiscalCalendar | None] = {
    "US federal": US_FEDERAL,
    "calendar year": CALENDAR_YEAR,
    "owner": None,  # the calendar of the organisation that owns the upload
}
SCHEMES = ("ISO 3166-1 alpha-2", "ISO 3166-1 alpha-3")


@dataclass(frozen=True)
class Columns:
    """The names of the columns, as the header has them. `row_number` may be "" (a column without a name)."""

    code: str | None  # None: the mapping names one program for the whole file
    name: str | None
    amount: str
    fiscal_year: str | None
    date: str | None
    currency: str | None
    row_number: str | None
    payee: str | None
    reference: Sequence[str]
    description: Sequence[str]


@dataclass(frozen=True)
class NumberFormat:
    decimal: str = "."
    grouping: str | None = None
    exponent: bool = False


@dataclass(frozen=True)
class Countries:
    """How a code names a recipient country. Former states are named without a code; regions are no recipient."""

    scheme: str
    other: dict[str, str] = field(default_factory=dict)
    former: Sequence[str] = ()
    regions: Sequence[str] = ()


@dataclass(frozen=True)
class Programs:
    """Which program a row belongs to, and how one is proposed that does not exist yet.

    `existing` is the identifier of the one program of the whole file; then no column says it.
    """

    propose: bool
    identifier: str
    existing: str = ""
    title: str = "{name}"
    summary: str = ""
    kind_of_aid: str = ""
    status: str = "2"
    nature: str = "operational"
    legal_authority: str = ""
    sectors: Sequence[str] = ()
    gaps: Sequence[str] = ()
    donor: str = ""
    recipient: str = ""
    country: Countries | None = None


@dataclass(frozen=True)
class Mapping:
    """A mapping that was understood as a whole (`mapping_from`)."""

    name: str
    source: str
    delimiter: str | None
    columns: Columns
    expect: dict[str, Sequence[str]]
    currency: str | None
    negative: str
    calendar: str
    year_date: str
    date_format: str
    numbers: NumberFormat
    null_values: Sequence[str]
    programs: Programs
    raw: dict[str, Any]

    def used_columns(self) -> list[str]:
        """Every column that the mapping reads, once, in the order in which people think of them."""
        c = self.columns
        single = (
            c.row_number,
            c.code,
            c.name,
            c.fiscal_year,
            c.date,
            c.amount,
            c.currency,
            c.payee,
        )
        named = [name for name in single if name is not None]
        return list(dict.fromkeys([*named, *c.reference, *c.description, *self.expect]))

    def unused(self, header: Sequence[str]) -> list[str]:
        used = set(self.used_columns())
        return [name for name in header if name not in used]

    @property
    def reference_rule(self) -> str:
        """How a row gets its reference, as the preview states it."""
        if self.columns.reference:
            names = " and ".join(f"“{name}”" for name in self.columns.reference)
            return f"The reference of a row is its {names}."
        number = (
            "its place in the file"
            if self.columns.row_number is None
            else f"the file's own row number (column “{self.columns.row_number}”)"
        )
        return (
            "The file states no reference, so each row gets one that is made of "
            f"{number} and a digest of its content."
        )
