"""Posting an approved batch in short transactions. Killed at any moment, it goes on where it was, exactly once.

Each step is one transaction: some programs, some opening commitments, or some rows. What a step has done is in the
database with the step's own commit, so the next step finds its work by looking, not by remembering.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from tracker.accounts import actions as accounts
from tracker.accounts.models import Organisation, OrganisationType, User
from tracker.ledger import actions as ledger
from tracker.ledger.models import (
    Balance,
    Provenance,
    Transaction,
    TransactionKind,
    VoucherVersion,
)
from tracker.ledger.policies import closed_periods
from tracker.programs import actions as programs
from tracker.programs.models import ParticipantRole, Program
from tracker.programs.queries import Participant, Sector
from tracker.programs.reference import sector_name
from tracker.shared.calendars import FiscalCalendar
from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.uploads import policies, queries
from tracker.uploads.actions.moving import locked, move
from tracker.uploads.events import WEB, Origin
from tracker.uploads.models import RowState, Upload, UploadRow, UploadStatus
from tracker.uploads.reading.mapping import CALENDARS, Mapping

PROGRAMS_PER_STEP = 25
ROWS_PER_STEP = 500


@transaction.atomic
def post_next(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Do the next piece of posting; call it until the upload is *posted*.

    The transactions are the approver's, whoever carries the work on. Two who do it at once take turns.
    """
    upload = locked(upload)
    policies.check_can_post(by, upload)
    work = _Work(upload)
    # One stage after the other; the first that has something left to do is this step.
    for stage in (work.set_up_programs, work.open_commitments, work.post_rows):
        if stage():
            upload.save()
            return upload
    return move(upload, UploadStatus.POSTED, "post", by, origin)


@transaction.atomic
def stop_posting(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Pause. What is posted stays posted; the rest waits."""
    upload = locked(upload)
    policies.check_can_stop(by, upload)
    return move(upload, UploadStatus.STOPPED, "stop", by, origin)


@transaction.atomic
def continue_posting(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Go on after a pause."""
    upload = locked(upload)
    policies.check_can_continue(by, upload)
    return move(upload, UploadStatus.POSTING, "continue", by, origin)


class _Work:
    """One step of posting one upload. Every method returns whether it had something to do."""

    def __init__(self, upload: Upload):
        version = queries.version_of(upload)
        if version is None:
            raise Refused("Nothing of this upload was submitted.")
        self.upload, self.version = upload, version
        self.approver = queries.approver_of(version)
        self.mapping = queries.mapping_of(upload)

    def _stage_is_over(self, name: str) -> bool:
        return name in self.upload.facts.get("over", [])

    def _end_stage(self, name: str) -> None:
        self.upload.facts["over"] = [*self.upload.facts.get("over", []), name]

    # --- Programs ----------------------------------------------------------

    def set_up_programs(self) -> bool:
        """Programs that the file proposes are set up in the name of the officer who uploaded it."""
        if self._stage_is_over("programs"):
            return False
        proposed = queries.tally_of(self.upload).programs.values()
        there = set(
            Program.objects.filter(identifier__in=[p["identifier"] for p in proposed]).values_list(
                "identifier", flat=True
            )
        )
        missing = [p for p in proposed if p["identifier"] not in there][:PROGRAMS_PER_STEP]
        if not missing:
            self._end_stage("programs")
            return False
        setter = _Programs(self.upload, self.mapping)
        for proposal in missing:
            setter.set_up(proposal)
        return True

    # --- Opening commitments -----------------------------------------------

    def open_commitments(self) -> bool:
        """History comes without commitments: what this batch draws gets one per program and fiscal year, marked."""
        if self._stage_is_over("openings"):
            return False
        self._set_known_rows_aside()
        needed = queries.needed_openings(self.upload)
        found = self._programs_by_code({code for code, _, _ in needed})
        there = set(
            queries.openings_of(self.version).values_list("program", "currency", "fiscal_year")
        )
        missing = [
            (found[code], Money(minor, currency), year)
            for (code, currency, year), minor in needed.items()
            if (found[code].pk, currency, year) not in there
        ][:ROWS_PER_STEP]
        if not missing:
            self._end_stage("openings")
            return False
        donor = _organisation(self.mapping.programs.donor)
        rows = [self._opening(*slot, donor) for slot in missing]
        ledger.post_rows(version=self.version, rows=rows, by=self.approver)
        return True

    def _set_known_rows_aside(self) -> None:
        """Rows that another upload posted after this one was submitted."""
        there = Transaction.objects.filter(import_key=OuterRef("import_key"))
        rows = self.upload.rows.filter(Exists(there), state=RowState.GOOD)
        if count := rows.update(state=RowState.KNOWN):
            self.upload.rows_good -= count
            self.upload.rows_known += count

    def _opening(
        self, program: Program, amount: Money, year: int, donor: Organisation | None
    ) -> ledger.NewRow:
        return ledger.NewRow(
            program=program,
            kind=TransactionKind.COMMITMENT,
            amount=amount,
            value_date=self._first_open_day(year),
            date_precision=DatePrecision.FISCAL_YEAR,
            fiscal_year=year,
            provenance=Provenance.OPENING,
            provider=donor,
            reference=f"opening FY{year}",
            description=f"Opening commitment: “{self.upload.source}” states what was paid in fiscal year "
            f"{year}, and no commitment.",
        )

    def _first_open_day(self, year: int) -> date:
        """Of an opening commitment no more than the year is known: it is booked on its first day that is not closed.

        Its rows lie in open periods, and closed ones follow on each other: a later day of the year is always open.
        """
        day = self._calendar().period_of_year(year).start
        for period in closed_periods(self.upload.organisation):
            if period.holds(day):
                day = period.last_day + timedelta(days=1)
        return day

    def _calendar(self) -> FiscalCalendar:
        return CALENDARS[self.mapping.calendar] or self.upload.organisation.calendar()

    def _programs_by_code(self, codes: Iterable[str]) -> dict[str, Program]:
        identifiers = {self.mapping.programs.identifier.format(code=c): c for c in codes}
        found = Program.objects.filter(
            identifier__in=identifiers, owner=self.upload.organisation
        ).select_related("owner")
        by_code = {identifiers[program.identifier]: program for program in found}
        if missing := sorted(set(identifiers.values()) - by_code.keys()):
            raise Refused(
                f"The program of the code “{missing[0]}” is missing, or belongs to another organisation now: "
                "set it up again, then continue."
            )
        return by_code

    # --- Rows --------------------------------------------------------------

    def post_rows(self) -> bool:
        """Disbursements first and refunds after them: a refund may stand above its payment in the file."""
        waiting = self.upload.rows.filter(state=RowState.GOOD).order_by("kind", "line")
        rows = list(waiting[:ROWS_PER_STEP])
        if not rows:
            return False
        rows = self._without_known(rows)
        made = self._new_rows(rows)
        ledger.post_rows(version=self.version, rows=made, by=self.approver)
        self._link(rows)
        self.upload.rows_posted += len(rows)
        return True

    def _without_known(self, rows: list[UploadRow]) -> list[UploadRow]:
        keys = [row.import_key for row in rows]
        there = set(
            Transaction.objects.filter(import_key__in=keys).values_list("import_key", flat=True)
        )
        if there:
            self._set_known_rows_aside()
        return [row for row in rows if row.import_key not in there]

    def _new_rows(self, rows: Sequence[UploadRow]) -> list[ledger.NewRow]:
        by_code = self._programs_by_code({row.program_code for row in rows})
        parents = _Parents(self.version, by_code.values(), {r.fiscal_year or 0 for r in rows})
        donor = _organisation(self.mapping.programs.donor)
        recipients = self._recipients(rows)
        made = []
        for row in rows:
            program = by_code[row.program_code]
            receiver = recipients.get(row.program_code)
            refund = row.kind == TransactionKind.REFUND
            made.append(
                ledger.NewRow(
                    **_as_stated(row),
                    program=program,
                    draws_on=parents.of(program, row),
                    provider=receiver if refund else donor,
                    receiver=donor if refund else receiver,
                )
            )
        return made

    def _recipients(self, rows: Sequence[UploadRow]) -> dict[str, Organisation]:
        """The recipient that the mapping names for a code, where such an organisation is known."""
        rules = self.mapping.programs
        if not rules.recipient:
            return {}
        regions = rules.country.regions if rules.country is not None else ()
        names = {
            row.program_code: rules.recipient.format(
                code=row.program_code, name=row.program_name or row.program_code
            )
            for row in rows
            if row.program_code not in regions
        }
        known = {o.name.casefold(): o for o in Organisation.objects.filter(name__in=names.values())}
        found = {code: known.get(name.casefold()) for code, name in names.items()}
        return {code: organisation for code, organisation in found.items() if organisation}

    def _link(self, rows: Sequence[UploadRow]) -> None:
        posted = Transaction.objects.filter(import_key=OuterRef("import_key"))
        self.upload.rows.filter(pk__in=[row.pk for row in rows]).update(
            state=RowState.POSTED,
            transaction=Subquery(posted.values("pk")[:1]),
            program=Subquery(posted.values("program")[:1]),
        )


def _as_stated(row: UploadRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "amount": row.amount,
        "value_date": row.value_date,
        "date_precision": row.date_precision,
        "fiscal_year": row.fiscal_year,
        "provenance": Provenance.UPLOAD,
        "payee": row.payee,
        "reference": row.reference,
        "description": row.description,
        "import_key": row.import_key,
    }


def _organisation(name: str) -> Organisation | None:
    return Organisation.objects.filter(name__iexact=name).first() if name else None


class _Parents:
    """Which commitment a row draws on, or goes back to. Asked row by row, in the order of posting."""

    def __init__(self, version: VoucherVersion, programs: Iterable[Program], years: set[int]):
        self.programs, self.years, self.version = list(programs), years, version
        own = queries.openings_of(version).filter(program__in=self.programs, fiscal_year__in=years)
        self.own = {_slot(opening): opening for opening in own}
        self.moved: Counter[int] = Counter()  # what these rows draw and give back, by commitment
        self.balances: dict[tuple[int, str, int], list[Balance]] | None = None

    def of(self, program: Program, row: UploadRow) -> Transaction | None:
        assert row.amount is not None and row.fiscal_year is not None
        slot, minor = (program.pk, row.currency, row.fiscal_year), row.amount.minor
        if row.kind == TransactionKind.DISBURSEMENT:
            opening = self.own[slot]
            self.moved[opening.pk] += minor
            return opening
        for balance in self._balances().get(slot, []):
            if balance.drawn.minor + self.moved[balance.pk] >= minor:
                self.moved[balance.pk] -= minor
                return balance.transaction
        return None  # it gives back what was paid before this history begins

    def _balances(self) -> dict[tuple[int, str, int], list[Balance]]:
        """The opening commitments a refund can go back to, this batch's own first. Read when a refund comes."""
        if self.balances is None:
            self.balances = {}
            found = queries.balances_of_openings(self.programs, self.years)
            for balance in found.select_for_update(of=("self",)):
                self.balances.setdefault(_slot(balance.transaction), []).append(balance)
            for several in self.balances.values():
                several.sort(key=lambda one: one.transaction.version_id != self.version.pk)
        return self.balances


def _slot(opening: Transaction) -> tuple[int, str, int]:
    return opening.program_id, opening.currency, opening.fiscal_year


class _Programs:
    """Sets proposed programs up, with the organisations that they name."""

    def __init__(self, upload: Upload, mapping: Mapping):
        self.upload, self.rules, self.by = upload, mapping.programs, upload.uploaded_by

    def set_up(self, proposal: dict[str, Any]) -> Program:
        owner, rules = self.upload.organisation, self.rules
        participants = []
        if rules.donor:
            donor = self._organisation(rules.donor, "", self.by)
            participants.append(Participant(donor, ParticipantRole.DONOR))
        if proposal["recipient"]:
            recipient = self._organisation(proposal["recipient"], proposal["country"], self.by)
            participants.append(Participant(recipient, ParticipantRole.RECIPIENT))
        return programs.create_program(
            owner=owner,
            identifier=proposal["identifier"],
            title=proposal["title"],
            summary=proposal["summary"],
            kind_of_aid=rules.kind_of_aid,
            status=rules.status,
            nature=rules.nature,
            legal_authority=rules.legal_authority,
            sectors=[Sector(code, sector_name(code) or code) for code in rules.sectors],
            participants=participants,
            gaps=rules.gaps,
            by=self.by,
        )

    @staticmethod
    def _organisation(name: str, country: str, by: User) -> Organisation:
        return _organisation(name) or accounts.create_organisation(
            name=name, kind=OrganisationType.GOVERNMENT, country=country, by=by
        )
