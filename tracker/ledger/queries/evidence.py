"""Evidence: what a voucher rests on, what it lacks, and where else the same files are evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from tracker.accounts.models import User
from tracker.ledger import policies
from tracker.ledger.models import (
    Attachment,
    DocumentType,
    EvidenceFile,
    Requirement,
    SuppliedDocument,
    VersionEvidence,
    Voucher,
    VoucherKind,
    Waiver,
)
from tracker.ledger.requirements import ACCEPTS

SHOWN = 3  # other vouchers that a page names before it says how many more there are


def files_of(voucher: Voucher) -> QuerySet[EvidenceFile]:
    """Every file that the voucher has: attached, resting in one of its versions, or supplied later."""
    return EvidenceFile.objects.filter(
        Q(pk__in=voucher.attachments.filter(removed=False).values("file"))
        | Q(pk__in=VersionEvidence.objects.filter(version__voucher=voucher).values("file"))
        | Q(pk__in=voucher.supplied.values("file"))
    )


# --- The same file elsewhere -----------------------------------------------


@dataclass(frozen=True)
class Use:
    """Another voucher that a file is evidence of, and the name that the file has there."""

    voucher: Voucher
    name: str


@dataclass(frozen=True)
class Uses:
    """Where else a file is evidence: the newest vouchers that the reader may see; the others are counted."""

    seen: tuple[Use, ...] = ()
    more: int = 0
    hidden: int = 0

    @property
    def total(self) -> int:
        return len(self.seen) + self.more + self.hidden

    @property
    def rest(self) -> str:
        """What stands behind the named vouchers: how many more, and how many the reader may not see."""
        said = []
        if self.more:
            said.append(f"{self.more} more")
        if self.hidden:
            said.append(f"{self.hidden} that you may not see")
        return " and ".join(said)


def uses_elsewhere(voucher: Voucher, files: Iterable[int], user: User) -> dict[int, Uses]:
    """For each of the files that is evidence of another voucher too: of which. Four queries, however many there are."""
    wanted = set(files)
    if not wanted:
        return {}
    visible = Voucher.objects.visible_to(user).values("pk")
    named: dict[int, dict[int, Use]] = {}
    counted: dict[int, list[int]] = {}
    for rows in _elsewhere(voucher, wanted):
        for row in _newest(rows.filter(voucher__in=visible)):
            named.setdefault(row.file_id, {})[row.voucher_id] = Use(row.voucher, row.name)
        seen = Count("voucher", distinct=True, filter=Q(voucher__in=visible))
        counts = rows.order_by().values("file").annotate(n=Count("voucher", distinct=True), s=seen)
        for row in counts:
            known = counted.setdefault(row["file"], [0, 0])
            counted[row["file"]] = [known[0] + row["n"], known[1] + row["s"]]
    found = {}
    for file, (total, shown) in counted.items():
        uses = sorted(named.get(file, {}).values(), key=lambda u: -u.voucher.pk)[:SHOWN]
        found[file] = Uses(tuple(uses), shown - len(uses), total - shown)
    return found


def _elsewhere(voucher: Voucher, files: set[int]) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """What is attached now or frozen in a version, and what was supplied later."""
    frozen = VersionEvidence.objects.filter(
        version__voucher=OuterRef("voucher"), file=OuterRef("file")
    )
    attached = Attachment.objects.filter(Q(removed=False) | Exists(frozen), file__in=files)
    supplied = SuppliedDocument.objects.filter(file__in=files).select_related("text")
    return attached.exclude(voucher=voucher), supplied.exclude(voucher=voucher)


def _newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    ranked = rows.annotate(
        rank=Window(RowNumber(), partition_by="file", order_by=["-voucher", "-pk"])
    )
    return ranked.filter(rank__lte=SHOWN).select_related("voucher__organisation")


# --- The documents of a voucher --------------------------------------------


@dataclass(frozen=True)
class Filed:
    """A document of a voucher as pages show it. Its own date and the moment of its upload are different things."""

    row: Attachment | SuppliedDocument
    by: User
    at: datetime
    uses: Uses

    @property
    def is_supplied(self) -> bool:
        return isinstance(self.row, SuppliedDocument)

    @property
    def counts(self) -> bool:
        return not getattr(self.row, "removed", False)

    @property
    def label(self) -> str:
        return DocumentType(self.row.document_type).label


def filed(voucher: Voucher, user: User) -> list[Filed]:
    """Everything that was ever on the voucher: attached (also what was taken off again), then supplied."""
    attached = voucher.attachments.select_related("file", "attached_by").order_by("pk")
    supplied = voucher.supplied.select_related("file", "supplied_by", "text").order_by("pk")
    rows: Sequence[Any] = [*attached, *supplied]
    uses = uses_elsewhere(voucher, [row.file_id for row in rows], user)
    return [
        Filed(
            row,
            row.supplied_by if isinstance(row, SuppliedDocument) else row.attached_by,
            row.supplied_at if isinstance(row, SuppliedDocument) else row.attached_at,
            uses.get(row.file_id, Uses()),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Need:
    """A document that the voucher's kind requires, and what meets it: a document, else a waiver, else nothing."""

    requirement: Requirement
    documents: tuple[Filed, ...]
    waiver: Waiver | None

    @property
    def tone(self) -> str:
        return "good" if self.documents else "warn" if self.waiver else "bad"

    @property
    def state(self) -> str:
        return "there" if self.documents else "waived" if self.waiver else "missing"

    @property
    def label(self) -> str:
        return self.requirement.label


def needs_of(voucher: Voucher, documents: Sequence[Filed], day: date) -> list[Need]:
    """What the voucher's kind requires, each with what meets it on that day. One query."""
    asked = policies.required_of(voucher)
    in_force = policies.waivers_in_force(voucher, day).order_by("expires_on", "pk")
    waivers = {waiver.requirement: waiver for waiver in in_force}
    return [
        Need(
            one,
            tuple(d for d in documents if d.counts and d.row.document_type in ACCEPTS[one]),
            waivers.get(one),
        )
        for one in asked
    ]


def can_be_waived(voucher: Voucher) -> list[Requirement]:
    """What is required and missing now, and waits for no decision: what a waiver can be asked for."""
    if voucher.kind == VoucherKind.BATCH:
        return []
    asked = set(voucher.waivers.filter(decision=None).values_list("requirement", flat=True))
    return [r for r in policies.unmet(voucher, policies.types_on(voucher)) if r not in asked]
