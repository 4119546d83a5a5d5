"""Records that a withholding can name."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    F,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from tracker.accounts.models import Organisation
from tracker.audits.models import Engagement, Finding, FindingLink, Recommendation
from tracker.ledger.models import (
    AlternativeValue,
    Certification,
    Discrepancy,
    Revaluation,
    Transaction,
    Voucher,
    VoucherVersion,
)
from tracker.programs.models import Objective, Participation, Program
from tracker.publishing.models import Withholding
from tracker.results.models import Indicator, Measurement, Target
from tracker.shared.sealing import Veil


def _findings_about(program: Program) -> QuerySet[Finding]:
    """Issued findings that point at a payment of the program."""
    return Finding.objects.issued().filter(
        pk__in=FindingLink.objects.filter(transaction__program=program).values("finding")
    )


_OF_PROGRAM: dict[str, Callable[[Program], QuerySet]] = {
    "program": lambda program: Program.objects.filter(pk=program.pk),
    "objective": lambda program: Objective.objects.filter(program=program),
    "indicator": lambda program: Indicator.objects.filter(program=program),
    "measurement": lambda program: Measurement.objects.filter(indicator__program=program),
    "target": lambda program: Target.objects.filter(indicator__program=program),
    "transaction": lambda program: Transaction.objects.filter(program=program),
    "revaluation": lambda program: Revaluation.objects.confirmed().filter(
        transaction__program=program
    ),
    "alternative_value": lambda program: AlternativeValue.objects.filter(
        transaction__program=program
    ),
    "discrepancy": lambda program: Discrepancy.objects.filter(about__program=program),
    "certification": lambda program: Certification.objects.filter(program=program),
    "engagement": lambda program: Engagement.objects.filter(scope__program=program),
    "finding": lambda program: _findings_about(program),
    "recommendation": lambda program: Recommendation.objects.filter(
        finding__in=_findings_about(program)
    ),
}


# Where the records of a kind are, with the columns of their identifier and of their program. What is asked of a rule is
# answered by these conditions: a rule may cover a million records.
_Place = tuple[type[Model], str, str]
_PLACES: dict[str, tuple[_Place, ...]] = {
    "participant": ((Participation, "organisation__uid", "program"),),
    "objective": ((Objective, "uid", "program"),),
    "indicator": ((Indicator, "uid", "program"),),
    "measurement": ((Measurement, "uid", "indicator__program"),),
    "target": ((Target, "uid", "indicator__program"),),
    "transaction": (
        (Transaction, "uid", "program"),
        (VoucherVersion, "uid", "program"),  # they say the same
        (Voucher, "uid", "program"),
    ),
    "revaluation": ((Revaluation, "uid", "transaction__program"),),
    "alternative_value": ((AlternativeValue, "uid", "transaction__program"),),
    "discrepancy": ((Discrepancy, "uid", "about__program"),),
    "certification": ((Certification, "uid", "program"),),
}


def within(kind: str, programs: Any, record: Any) -> list[QuerySet[Any, Any]]:
    """The records of a kind in some programs, as pairs of identifier and program. `record` narrows them: identifiers,
    or the outer query's column."""
    found = []
    for model, uid, program in _PLACES.get(kind, ()):
        named = uid if isinstance(record, Combinable | OuterRef) else f"{uid}__in"
        rows = model._default_manager.filter(**{named: record, f"{program}__in": programs})
        found.append(rows.order_by().values_list(uid, program))
    return found


def program_of(records: Collection[UUID]) -> dict[UUID, int]:
    """The program of each payment, version or voucher among the records. One query."""
    payments, *others = (
        model._default_manager.filter(uid__in=records).order_by().values_list("uid", "program")
        for model, _, _ in _PLACES["transaction"]
    )
    return {uid: key for uid, key in payments.union(*others, all=True) if key is not None}


def records_of(program: Program, kind: str) -> QuerySet[Any]:
    """Every record of the kind in the program."""
    if kind == "participant":
        return Participation.objects.filter(program=program)
    return _OF_PROGRAM[kind](program)


def belongs(program: Program, record_kind: str, record: UUID) -> bool:
    """Is there such a record in the program? A participant is named by its organisation."""
    if record_kind == "participant":
        return Participation.objects.filter(program=program, organisation__uid=record).exists()
    return _OF_PROGRAM[record_kind](program).filter(uid=record).exists()


def find_record(program: Program, record_kind: str, said: str) -> UUID | None:
    """The record that somebody means: by its identifier, or a transaction by its reference or entry number.

    None when there is no such record, or when several have the reference.
    """
    said = said.strip()
    if record_kind == "program":
        return program.uid
    try:
        uid = UUID(said)
    except ValueError:
        return _by_words(program, record_kind, said)
    return uid if belongs(program, record_kind, uid) else None


def _by_words(program: Program, record_kind: str, said: str) -> UUID | None:
    if record_kind == "participant":
        rows: QuerySet = Organisation.objects.filter(
            participations__program=program, name__iexact=said
        ).distinct()
    elif record_kind == "transaction":
        rows = _OF_PROGRAM["transaction"](program).filter(text__reference=said)
        if not rows.exists() and said.isdecimal() and len(said) < 18:
            rows = _OF_PROGRAM["transaction"](program).filter(entry_id=int(said))
    elif record_kind in ("objective", "indicator", "finding", "engagement"):
        rows = _OF_PROGRAM[record_kind](program).filter(title__iexact=said)
    else:
        return None
    found = list(rows.values_list("uid", flat=True)[:2])
    return found[0] if len(found) == 1 else None


# By what staff call a record: its table, the row of it that is named, a column of that row, and the field that says the
# same in a release. What names no field cannot be withheld.
_Called = tuple[type[Model], str, Any, str]
_UNNUMBERED = ("indicator", "objective", "measurement", "target", "participant")
_ENTRY = Concat(Value("entry "), Cast("entry", CharField()))
_CALLED: tuple[_Called, ...] = (
    (Transaction, "", "text__reference", "reference"),
    (Transaction, "", "text__payee", "payee"),
    (Revaluation, "transaction__", "text__reference", "reference"),
    (AlternativeValue, "transaction__", "text__reference", "reference"),
    (Discrepancy, "about__", "text__reference", "reference"),
    (Indicator, "", "title", "title"),
    (Objective, "", "title", "title"),
    (Measurement, "indicator__", "title", "title"),
    (Target, "indicator__", "title", "title"),
    (Certification, "", "period__name", ""),
    (Engagement, "", "title", ""),
    (Finding, "", "title", ""),
    (Recommendation, "", "finding__title", ""),
    (Organisation, "", "name", "organisation"),
    *((model, "", _ENTRY, "") for model in (Transaction, Revaluation, AlternativeValue)),
    (Discrepancy, "", _ENTRY, ""),
)


def with_names(withholdings: "QuerySet[Withholding]", veil: Veil) -> "QuerySet[Withholding]":
    """Add `named`: what the reader may call the record that a withholding covers. In the one query.

    What is sealed from the reader names nothing, so nobody can search for it either: then the next word does, at last
    the number of the record's entry.
    """
    found = []
    for model, row, name, field in _CALLED:
        rows = model._default_manager.filter(uid=OuterRef("record"))
        if field and veil.holds(field):
            rows = rows.filter(veil.open(field, uid=f"{row}uid"))
        said = rows.values_list(f"{row}{name}" if isinstance(name, str) else name)[:1]
        found.append(NullIf(Subquery(said, output_field=CharField()), Value("")))
    unnamed = Case(
        When(record_kind__in=_UNNUMBERED, record__isnull=False, then=Value("name withheld")),
        default=F("program__title"),
    )
    return withholdings.annotate(named=Coalesce(*found, unnamed))
