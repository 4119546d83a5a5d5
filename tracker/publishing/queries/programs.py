"""Programs as publishing sees them: released, changed since, or kept back, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from tracker.journal.queries import entries_about
from tracker.ledger.models import (
    AlternativeValue,
    Purpose,
    RevaluationDecision,
    SuppliedDocument,
    Transaction,
    Turnover,
    WaiverDecision,
)
from tracker.programs.models import Objective, Program, StatedFigure
from tracker.publishing.content import emergencies as emergency_content
from tracker.publishing.content import programs as program_content
from tracker.publishing.content import results as result_content
from tracker.publishing.content import valuation as valuation_content
from tracker.publishing.content.cells import Row, Withheld
from tracker.publishing.models import (
    Category,
    NotPublished,
    PublishedProgram,
    Release,
    ReleaseItem,
    Withholding,
)
from tracker.publishing.queries.counts import taken_back
from tracker.results.models import Indicator, Measurement, Target


def with_release(programs: "QuerySet[Program]") -> "QuerySet[Program]":
    """Add how public each program is: `release_number`, `released_at`, `fields_withheld`, `kept_back`, `taken_back` (a
    release of it is, be it the newest or not), `review_on`, and `changes`, the number of facts recorded since its release. One query, however many programs."""
    public = PublishedProgram.objects.filter(uid=OuterRef("uid"))
    kept = NotPublished.objects.in_force().filter(program=OuterRef("pk"))
    found = programs.annotate(
        release_number=Subquery(public.values("release__number")[:1]),
        released_at=Subquery(public.values("release__published_at")[:1]),
        released_size=Subquery(public.values("release__journal_size")[:1]),
        fields_withheld=Subquery(public.values("fields_withheld")[:1]),
        kept_back=Subquery(kept.values("category")[:1]),
        taken_back=taken_back(),
        review_on=Subquery(kept.values("review_on")[:1]),
    )
    return found.annotate(changes=changes_since(), kept_back_label=_labels())


def changes_since() -> Any:
    """The number of facts recorded since `released_size` and `released_at` of the program that the query is at."""
    counts = _changes()
    total = counts[0]
    for more in counts[1:]:
        total = total + more
    return total


def _labels() -> Case:
    return Case(
        *(When(kept_back=value, then=Value(label)) for value, label in Category.choices),
        default=Value(""),
        output_field=CharField(),
    )


def _counted(rows: Any, by: str) -> Any:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _changes() -> list[Any]:
    program, newer = OuterRef("pk"), OuterRef("released_size")
    at = OuterRef("released_at")
    decided = Q(decided_at__gt=at) | Q(reviewed_at__gt=at) | Q(lifted_at__gt=at)
    return [
        _counted(entries_about(OuterRef("uid"), after=newer), "record"),
        _counted(Transaction.objects.filter(program=program, entry_id__gt=newer), "program"),
        _counted(
            WaiverDecision.objects.filter(waiver__voucher__program=program, entry_id__gt=newer),
            "waiver__voucher__program",
        ),
        _counted(
            SuppliedDocument.objects.filter(voucher__program=program, entry_id__gt=newer),
            "voucher__program",
        ),
        _counted(StatedFigure.objects.filter(program=program, entry_id__gt=newer), "program"),
        _counted(
            RevaluationDecision.objects.filter(
                verdict="confirmed", revaluation__transaction__program=program, entry_id__gt=newer
            ),
            "revaluation__transaction__program",
        ),
        _counted(
            AlternativeValue.objects.filter(transaction__program=program, entry_id__gt=newer),
            "transaction__program",
        ),
        *(
            _counted(
                rows.filter(indicator__program=program, entry_id__gt=newer), "indicator__program"
            )
            for rows in (Target.objects.all(), Measurement.objects.all())
        ),
        *(
            _counted(_touched(model).filter(program=program), "program")
            for model in (Objective, Indicator)
        ),
        _counted(Withholding.objects.filter(decided, program=program), "program"),
    ]


def _touched(model: type[Model]) -> Any:
    """Rows with a journal entry after the release of the program that the outer query is at."""
    since = entries_about(OuterRef("uid"), after=OuterRef(OuterRef("released_size")))
    return model._default_manager.filter(Exists(since))


# --- One program -----------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A row that reads differently from the newest release, or is not in it yet, or no longer."""

    kind: str
    what: str
    name: str
    fields: str


def differences(program: Program) -> list[Change]:
    """Row by row, what the next release would change; transactions are counted by `transactions_since`."""
    public = PublishedProgram.objects.filter(uid=program.uid).select_related("release").first()
    in_force = Withholding.objects.in_force().filter(program=program)
    withheld = Withheld(in_force.select_related("program__owner"))
    now = _keyed(
        [
            *program_content.rows(program, withheld),
            *result_content.rows(program, withheld),
            *valuation_content.rows(program, withheld),
            emergency_content.row(program, withheld),
        ]
    )
    then = _keyed(_released(public.release)) if public else {}
    changes = [_change("new", now[key], {}) for key in now if key not in then]
    changes += [_change("gone", then[key], {}) for key in then if key not in now]
    changes += [
        _change("changed", now[key], then[key].cells)
        for key in now
        if key in then and now[key].cells != then[key].cells
    ]
    return sorted(changes, key=lambda change: (change.kind, change.name))


_RECKONED = ("transaction", "total", "withheld", "withheld_rule", "withheld_summary")


def _released(release: Release) -> list[Row]:
    items = ReleaseItem.objects.filter(release=release).exclude(kind__in=_RECKONED)
    items = items.exclude(kind__startswith="report").select_related("row")
    return [Row(i.row.kind, i.row.subject, i.row.cells) for i in items.order_by("pk")]


def _keyed(rows: Iterable[Row]) -> dict[tuple[str, UUID, str], Row]:
    """By kind and record; participants, which have no identifier of their own, by what they say."""
    return {
        (row.kind, row.subject, row.digest if row.kind == "participant" else ""): row
        for row in rows
    }


def _change(what: str, row: Row, before: dict) -> Change:
    fields = [name for name, cell in row.cells.items() if before and before.get(name) != cell]
    names = ("title", "label", "organisation", "kind")
    said = (row.cells[name].get("value") for name in names if name in row.cells)
    nameless = "counted" if row.kind == "emergencies" else "withheld"
    name = next((text for text in said if text), nameless)
    return Change(row.kind, what, name, ", ".join(field.replace("_", " ") for field in fields))


def transactions_since(program: Program, release: Release | None) -> int:
    """Posted since the release; all of them, when there is none."""
    rows = Transaction.objects.filter(program=program)
    return (rows.filter(entry_id__gt=release.journal_size) if release else rows).count()


def books(program: Program) -> "QuerySet[Turnover]":
    """The ledger's own totals, before anything is withheld."""
    return Turnover.objects.filter(program=program, purpose=Purpose.AID).order_by(
        "fiscal_year", "kind", "currency", "pk"
    )


def newest_release(program: Program) -> Release | None:
    public = PublishedProgram.objects.filter(uid=program.uid).select_related("release").first()
    return public.release if public else None


def by_state(programs: "QuerySet[Program]", state: str) -> "QuerySet[Program]":
    """Narrow programs that went through `with_release` to published, changed, kept, withdrawn or undecided ones."""
    conditions = {
        "published": Q(release_number__isnull=False),
        "changed": Q(release_number__isnull=False, changes__gt=0),
        "kept": Q(release_number__isnull=True, kept_back__isnull=False),
        "withdrawn": Q(release_number__isnull=True, kept_back__isnull=True, taken_back=True),
        "undecided": Q(release_number__isnull=True, kept_back__isnull=True, taken_back=False),
    }
    return programs.filter(conditions[state])
