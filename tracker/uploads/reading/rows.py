"""One row of the file, understood by the mapping. Knows nothing of the database."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from tracker.ledger.models import TransactionKind
from tracker.shared.calendars import FiscalCalendar
from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.uploads.reading import values
from tracker.uploads.reading.codes import countries_by
from tracker.uploads.reading.files import Record
from tracker.uploads.reading.mapping import CALENDARS, Mapping
from tracker.uploads.reading.problems import Problem, Unreadable, shown

T = TypeVar("T")
REFERENCE_DIGITS = 16  # hex digits of the content's digest in a reference that we made


@dataclass
class ReadRow:
    """What a row says. Fields that could not be read stay empty, and `problems` says why."""

    line: int
    problems: list[Problem] = field(default_factory=list)
    code: str = ""
    name: str = ""
    country: str = ""
    kind: str = ""
    money: Money | None = None
    value_date: date | None = None
    date_precision: str = ""
    fiscal_year: int | None = None
    number: str = ""
    reference: str = ""
    payee: str = ""
    description: str = ""

    def content(self) -> str:
        """Everything that the row states except its number and its reference, in one canonical text."""
        money = None if self.money is None else self.money.plain
        currency = None if self.money is None else self.money.currency
        parts = [self.code, self.kind, currency, money, str(self.value_date), self.date_precision]
        return json.dumps([*parts, self.fiscal_year, self.payee, self.description])


def import_key(organisation: UUID, source: str, reference: str) -> str:
    """The name under which a row is posted at most once: the owner's series of files, and the row's reference."""
    text = json.dumps([str(organisation), source, reference])
    return hashlib.sha256(text.encode()).hexdigest()


class RowReader:
    """Reads the rows of one file by one mapping."""

    def __init__(self, mapping: Mapping, header: Sequence[str], own: FiscalCalendar, today: date):
        self.mapping, self.header, self.today = mapping, list(header), today
        self.calendar = CALENDARS[mapping.calendar] or own
        self.latest_year = self.calendar.period_of(today).year
        self.place = {name: index for index, name in enumerate(header)}
        self.empty = {*mapping.null_values, ""}

    def read(self, record: Record) -> ReadRow:
        row = ReadRow(record.line)
        if len(record.cells) != len(self.header):
            row.problems.append(self._ragged(record))
            return row
        self._check_constants(row, record)
        self._read_program(row, record)
        self._read_money(row, record)
        self._read_day(row, record)
        self._read_texts(row, record)
        self._read_reference(row, record)
        return row

    def _ragged(self, record: Record) -> Problem:
        cells, columns = len(record.cells), len(self.header)
        fault = (
            "a delimiter is missing, or a cell"
            if cells < columns
            else "a cell with a delimiter in it needs quotes"
        )
        return Problem(
            "",
            shown(" | ".join(record.cells)),
            f"The row has {cells} cells; the header has {columns}.",
            f"Compare it with its neighbours: {fault}.",
        )

    # --- One cell ----------------------------------------------------------

    def _cell(self, record: Record, column: str) -> str | None:
        """The text of a cell, or None where the file states nothing."""
        text = record.cells[self.place[column]]
        return None if text.strip() in self.empty else text

    def _understand(
        self, row: ReadRow, record: Record, column: str | None, read: Callable[[str], T], default: T
    ) -> T:
        """A cell that may be empty."""
        text = None if column is None else self._cell(record, column)
        if text is None or column is None:
            return default
        try:
            return read(text)
        except Unreadable as unreadable:
            row.problems.append(unreadable.at(column, text))
            return default

    def _need(self, row: ReadRow, record: Record, column: str, what: str) -> bool:
        if self._cell(record, column) is not None:
            return True
        value = record.cells[self.place[column]]
        row.problems.append(
            Problem(column, shown(value), f"{what} is missing.", "Fill it in, or remove the row.")
        )
        return False

    # --- The parts of a row ------------------------------------------------

    def _check_constants(self, row: ReadRow, record: Record) -> None:
        for column, allowed in self.mapping.expect.items():
            value = record.cells[self.place[column]].strip()
            if value not in allowed:
                said = " or ".join(f"“{text}”" for text in allowed)
                row.problems.append(
                    Problem(
                        column,
                        shown(value),
                        f"The mapping expects {said} in every row.",
                        "Remove the row, or use a mapping for such rows.",
                    )
                )

    def _read_program(self, row: ReadRow, record: Record) -> None:
        columns = self.mapping.columns
        if columns.code is None:
            row.code = self.mapping.programs.existing
        elif self._need(row, record, columns.code, "The code of the program"):
            row.code = self._understand(
                row, record, columns.code, lambda t: values.words(t, most=60), ""
            )
        row.name = self._understand(
            row, record, columns.name, lambda t: values.words(t, most=150), ""
        )
        if row.code and self.mapping.programs.country is not None:
            row.country = self._country(row)

    def _country(self, row: ReadRow) -> str:
        """The two-letter code of the recipient; empty for a former state and for a region."""
        countries = self.mapping.programs.country
        assert countries is not None
        if row.code in countries.other:
            return countries.other[row.code]
        if row.code in countries.former or row.code in countries.regions:
            return ""
        known = countries_by(countries.scheme)
        if row.code not in known:
            row.problems.append(
                Problem(
                    self.mapping.columns.code or "",
                    shown(row.code),
                    f"“{shown(row.code)}” is not a code of {countries.scheme}, nor of the mapping.",
                    "Correct the code, or name it in the mapping as a region, a former state or "
                    "another country (“programs.country”).",
                )
            )
        return known.get(row.code, "")

    def _read_money(self, row: ReadRow, record: Record) -> None:
        columns, currency = self.mapping.columns, self.mapping.currency or ""
        if columns.currency is not None and self._need(
            row, record, columns.currency, "The currency"
        ):
            currency = self._understand(row, record, columns.currency, values.currency_code, "")
        if not self._need(row, record, columns.amount, "The amount") or not currency:
            return
        money = self._understand(
            row,
            record,
            columns.amount,
            lambda text: values.money(text, currency, self.mapping.numbers),
            None,
        )
        if money is None:
            return
        if money.minor < 0 and self.mapping.negative == "error":
            row.problems.append(
                Problem(
                    columns.amount,
                    shown(record.cells[self.place[columns.amount]]),
                    "The amount is negative, and the mapping does not say that this is a refund.",
                    "Correct the amount, or set “constants.negative” to “refund” in the mapping.",
                )
            )
        kind = TransactionKind.REFUND if money.minor < 0 else TransactionKind.DISBURSEMENT
        row.kind, row.money = kind, abs(money)

    def _read_day(self, row: ReadRow, record: Record) -> None:
        columns = self.mapping.columns
        if columns.date is not None:
            self._read_date(row, record, columns.date)
            return
        assert columns.fiscal_year is not None  # a mapping has one of the two
        if not self._need(row, record, columns.fiscal_year, "The fiscal year"):
            return
        year = self._understand(
            row, record, columns.fiscal_year, lambda t: values.year(t, self.latest_year), 0
        )
        if not year:
            return
        try:
            period = self.calendar.period_of_year(year)
        except Refused as refusal:
            row.problems.append(
                Problem(columns.fiscal_year, str(year), refusal.sentence, "Correct the year.")
            )
            return
        row.value_date = period.start if self.mapping.year_date == "start" else period.end
        row.date_precision, row.fiscal_year = DatePrecision.FISCAL_YEAR, period.year

    def _read_date(self, row: ReadRow, record: Record, column: str) -> None:
        if not self._need(row, record, column, "The date"):
            return
        found = self._understand(
            row,
            record,
            column,
            lambda text: values.day(text, self.mapping.date_format, self.today),
            None,
        )
        if found is None:
            return
        try:
            row.fiscal_year = self.calendar.period_of(found[0]).year
        except Refused as refusal:
            row.problems.append(
                Problem(column, str(found[0]), refusal.sentence, "Correct the date.")
            )
            return
        row.value_date, row.date_precision = found

    def _read_texts(self, row: ReadRow, record: Record) -> None:
        columns = self.mapping.columns
        row.payee = self._understand(
            row, record, columns.payee, lambda t: values.words(t, most=200), ""
        )
        parts = [
            self._understand(
                row, record, name, lambda t: values.words(t, most=2000, lines=True), ""
            )
            for name in columns.description
        ]
        row.description = " · ".join(part for part in parts if part)

    # --- The reference -----------------------------------------------------

    def _read_reference(self, row: ReadRow, record: Record) -> None:
        columns = self.mapping.columns
        if columns.reference:
            self._stated_reference(row, record)
            return
        if columns.row_number is None:
            row.number = str(record.position)
        elif self._need(row, record, columns.row_number, "The row number"):
            row.number = self._understand(
                row, record, columns.row_number, lambda t: values.words(t, most=40), ""
            )
        if row.number and not row.problems:
            digest = hashlib.sha256(row.content().encode()).hexdigest()
            row.reference = f"{row.number}-{digest[:REFERENCE_DIGITS]}"

    def _stated_reference(self, row: ReadRow, record: Record) -> None:
        parts = []
        for column in self.mapping.columns.reference:
            if self._need(row, record, column, "The reference"):
                parts.append(
                    self._understand(row, record, column, lambda t: values.words(t, most=100), "")
                )
        text = " / ".join(part for part in parts if part)
        if len(text) > 100:
            row.problems.append(
                Problem(
                    self.mapping.columns.reference[0],
                    shown(text),
                    f"The reference has {len(text)} characters; 100 fit.",
                    "Use fewer or shorter columns as the reference.",
                )
            )
        row.reference = text[:100]
