"""Comparing rows with what the ledger holds: known rows, changed rows, lookalikes, programs to be set up."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tracker.accounts.models import Organisation
from tracker.ledger import policies as ledger
from tracker.ledger.models import Provenance, Transaction, TransactionKind
from tracker.programs.models import Program
from tracker.shared.dates import say_day
from tracker.uploads.models import RowState, UploadRow
from tracker.uploads.reading.files import FileForm, Record
from tracker.uploads.reading.mapping import Mapping
from tracker.uploads.reading.problems import Problem, shown
from tracker.uploads.reading.rows import ReadRow, RowReader, import_key
from tracker.uploads.reading.tally import MOST_PROGRAMS, Tally

Earlier = Callable[[Sequence[str]], dict[str, int]]  # import keys → the lines that have them
OPEN_AGAIN = (
    "A file carries no late entries: take the row out and enter it as a voucher with a booking day, or have the "
    "period opened again."
)
REVERSE = (
    "Facts are never edited: take the posted row back with a reversal, and give the right one "
    "a reference of its own."
)


class Checker:
    """Checks the rows of one file, some at a time. Reads the database, writes nothing."""

    def __init__(
        self,
        *,
        organisation: Organisation,
        mapping: Mapping,
        form: FileForm,
        tally: Tally,
        earlier: Earlier,
    ):
        self.organisation, self.mapping, self.tally, self.earlier = (
            organisation,
            mapping,
            tally,
            earlier,
        )
        own = organisation.calendar()
        self.reader = RowReader(mapping, form.header, own, organisation.today())
        self.programs: dict[str, Program] = {}
        self.closed = ledger.closed_periods(organisation)

    def check(self, records: Iterable[Record]) -> list[UploadRow]:
        """Understand and judge the next rows; the tally goes on with them. The rows are not saved."""
        pairs = [self._understood(self.reader.read(record)) for record in records]
        rows = [row for row, _ in pairs]
        self._find_programs(pairs)
        self._judge_keys([row for row in rows if row.import_key])
        self._judge_numbers([row for row in rows if row.number and row.state == RowState.GOOD])
        self._judge_days([row for row in rows if row.state == RowState.GOOD])
        self._count_lookalikes([row for row in rows if row.state == RowState.GOOD])
        for row in rows:
            self._check_room(row)
            self.tally.add(row)
        return rows

    # --- A row by itself ---------------------------------------------------

    def _understood(self, read: ReadRow) -> tuple[UploadRow, ReadRow]:
        row = UploadRow(
            line=read.line,
            state=RowState.WRONG if read.problems else RowState.GOOD,
            problems=[problem.as_json() for problem in read.problems],
            program_code=read.code,
            program_name=read.name,
            kind=read.kind,
            currency="" if read.money is None else read.money.currency,
            amount=read.money,
            value_date=read.value_date,
            date_precision=read.date_precision,
            fiscal_year=read.fiscal_year,
            number=read.number,
            reference=read.reference,
            payee=read.payee,
            description=read.description,
        )
        if row.state == RowState.GOOD:
            row.import_key = import_key(self.organisation.uid, self.mapping.source, row.reference)
        return row, read

    def _refuse(self, row: UploadRow, column: str, value: Any, cause: str, remedy: str) -> None:
        problem = Problem(column, shown(str(value)), cause, remedy)
        row.problems = [*row.problems, problem.as_json()]
        row.state = RowState.WRONG
        row.import_key = ""

    def _check_room(self, row: UploadRow) -> None:
        if row.state == RowState.GOOD and not self.tally.has_room_for(row):
            self._refuse(
                row,
                self.mapping.columns.amount,
                row.amount,
                f"With this row the sum of fiscal year {row.fiscal_year} is larger than the ledger can hold.",
                "Check the decimal mark of the amounts.",
            )

    # --- Programs ----------------------------------------------------------

    def identifier_of(self, code: str) -> str:
        return self.mapping.programs.identifier.format(code=code)

    def _find_programs(self, pairs: list[tuple[UploadRow, ReadRow]]) -> None:
        wanted = {self.identifier_of(row.program_code) for row, _ in pairs if row.program_code}
        unknown = wanted - self.programs.keys()
        found = Program.objects.filter(identifier__in=unknown).select_related("owner")
        fresh = {program.identifier: program for program in found}
        self.programs |= fresh
        self._note_commitments(fresh.values())
        for row, read in pairs:
            if row.state == RowState.GOOD:
                self._settle_program(row, read)

    def _settle_program(self, row: UploadRow, read: ReadRow) -> None:
        column, code = self.mapping.columns.code or "", row.program_code
        identifier = self.identifier_of(code)
        program = self.programs.get(identifier)
        if program is None:
            self._propose(row, read, identifier)
        elif program.owner_id != self.organisation.pk:
            self._refuse(
                row,
                column,
                code,
                f"The program “{identifier}” belongs to another organisation.",
                "Choose other identifiers in the mapping (“programs.identifier”).",
            )
        else:
            row.program = program

    def _propose(self, row: UploadRow, read: ReadRow, identifier: str) -> None:
        code, proposed = row.program_code, self.tally.programs
        column = self.mapping.columns.code or ""
        if not self.mapping.programs.propose:
            self._refuse(
                row,
                column,
                code,
                f"There is no program “{identifier}”.",
                "Set it up first, correct the code, or let the mapping propose programs "
                "(“programs.propose”: true).",
            )
        elif code in proposed:
            proposed[code]["rows"] += 1
        elif len(proposed) >= MOST_PROGRAMS:
            self._refuse(
                row,
                column,
                code,
                f"The file would set up more than {MOST_PROGRAMS:,} programs.",
                "Check that the mapping names the right column (“columns.program.code”).",
            )
        else:
            self._propose_first(row, read, identifier)

    def _propose_first(self, row: UploadRow, read: ReadRow, identifier: str) -> None:
        rules, words = self.mapping.programs, {"code": read.code, "name": read.name or read.code}
        title, recipient = rules.title.format(**words), rules.recipient.format(**words)
        if len(identifier) > 100 or len(title) > 250:
            self._refuse(
                row,
                self.mapping.columns.code or "",
                read.code,
                "Its program would get an identifier of more than 100 characters, or a title of more than 250.",
                "Shorten the code or the name, or the templates of the mapping.",
            )
            return
        region = rules.country is not None and read.code in rules.country.regions
        self.tally.programs[read.code] = {
            "identifier": identifier,
            "title": title,
            "summary": rules.summary.format(**words),
            "recipient": None if region or not recipient else recipient,
            "country": read.country,
            "rows": 1,
        }

    def _note_commitments(self, programs: Iterable[Program]) -> None:
        """Programs whose commitments were entered by hand: opening commitments would come on top of them."""
        stated = Transaction.objects.filter(
            program__in=list(programs), kind=TransactionKind.COMMITMENT
        ).exclude(provenance=Provenance.OPENING)
        found = stated.values_list("program__identifier", flat=True).distinct()
        self.tally.committed_before += sorted(found)

    # --- Rows that were there before ---------------------------------------

    def _judge_keys(self, rows: list[UploadRow]) -> None:
        keys = [row.import_key for row in rows]
        lines = self.earlier(keys)
        posted = {
            t.import_key: t
            for t in Transaction.objects.filter(import_key__in=keys).select_related(
                "text", "program"
            )
        }
        for row in rows:
            if row.state != RowState.GOOD:
                continue
            before = lines.setdefault(row.import_key, row.line)
            if before != row.line:
                self._refuse_duplicate(row, before)
            elif row.import_key in posted:
                self._compare(row, posted[row.import_key])

    def _refuse_duplicate(self, row: UploadRow, before: int) -> None:
        column = (self.mapping.columns.reference or [self.mapping.columns.row_number or ""])[0]
        self._refuse(
            row,
            column,
            row.reference if self.mapping.columns.reference else row.number,
            f"Line {before} has the same reference already.",
            "Remove one of the two lines, or give each a reference of its own.",
        )

    def _compare(self, row: UploadRow, posted: Transaction) -> None:
        """A row that was posted before: is it still the same?"""
        columns = self.mapping.columns
        pairs = (
            ("amount", columns.amount, row.amount, posted.amount),
            ("kind", columns.amount, row.kind, posted.kind),
            ("date", columns.date or columns.fiscal_year, row.value_date, posted.value_date),
            ("program", columns.code, row.program, posted.program),
            # Words may have been erased by law; then there is nothing to compare.
            ("payee", columns.payee, row.payee, posted.text.payee or row.payee),
        )
        for what, column, now, then in pairs:
            if now != then:
                self._refuse(
                    row,
                    column or "",
                    now if now is not None else "",
                    f"The row with the reference “{row.reference}” was posted with another {what}: {then}.",
                    REVERSE,
                )
                return
        row.state = RowState.KNOWN

    def _judge_numbers(self, rows: list[UploadRow]) -> None:
        """Rows without a reference are told apart by number and content: a posted number with other content."""
        posted = UploadRow.objects.filter(
            number__in=[row.number for row in rows],
            state=RowState.POSTED,
            upload__organisation=self.organisation,
            upload__source=self.mapping.source,
        )
        before = {known.number: known.amount for known in posted}
        for row in rows:
            if row.number in before:
                self._refuse(
                    row,
                    self.mapping.columns.row_number or "",
                    row.number,
                    f"Row {row.number} of “{self.mapping.source}” was posted with other content "
                    f"({before[row.number]}).",
                    "Facts are never edited: take the posted row back with a reversal, and append the right "
                    "one at the end of the file. A file of another series needs another “source” in its mapping.",
                )

    def _judge_days(self, rows: list[UploadRow]) -> None:
        """New rows are booked on their dates: none may lie in a closed period. What was posted before may."""
        column = self.mapping.columns.date or self.mapping.columns.fiscal_year or ""
        for row in rows if self.closed else ():
            assert row.value_date is not None
            day = row.value_date
            if found := next((period for period in self.closed if period.holds(day)), None):
                cause = f"{say_day(day)} lies in {found.said}, which is closed."
                self._refuse(row, column, day, cause, OPEN_AGAIN)

    def _count_lookalikes(self, rows: list[UploadRow]) -> None:
        """New rows that equal a posted one in all but the reference: perhaps the same payment, twice."""
        known = [row for row in rows if row.program_id is not None]
        if not known:
            return
        posted = set(
            Transaction.objects.in_force()
            .filter(
                program__in={row.program_id for row in known},
                value_date__in={row.value_date for row in known},
                amount__in={row.amount.minor for row in known if row.amount is not None},
            )
            .exclude(provenance=Provenance.OPENING)
            .values_list("program", "kind", "currency", "amount", "value_date")
        )
        for row in known:
            assert row.amount is not None
            facts = (row.program_id, row.kind, row.currency, row.amount.minor, row.value_date)
            if facts in posted:
                self.tally.lookalikes += 1
                self.tally.first_lookalikes = [*self.tally.first_lookalikes, row.line][:10]
