"""A transaction's own page: what it hangs together with, who signed it, what was found about it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tracker.accounts.models import Role, User
from tracker.audits.models import Finding, Recommendation
from tracker.audits.queries import findings_of, today_for
from tracker.dashboards import addresses
from tracker.dashboards.queries.events import Happened
from tracker.dashboards.queries.programs import roles_over
from tracker.journal import queries as journal
from tracker.ledger.models import (
    Approval,
    Attachment,
    Balance,
    Form,
    SuppliedDocument,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
    VoucherVersion,
    Waiver,
    WaiverStatus,
)
from tracker.ledger.policies import commitment_under
from tracker.ledger.queries import (
    BothEnds,
    Seen,
    Valued,
    both_ends,
    drawn_by,
    seen_values,
    valued,
    waivers_of,
)
from tracker.shared.money import Money

ROWS = 25
STANDING = (WaiverStatus.IN_FORCE, WaiverStatus.OVERDUE)
RELATED = (
    "program__owner",
    "text",
    "provider",
    "receiver",
    "authority",
    "draws_on__text",
    "reverses__text",
    "reverses__draws_on__text",
    "reversal__text",
    "version__voucher__upload",
    "version__submitted_by",
    "statement",
)


@dataclass(frozen=True)
class Family:
    """The commitment that a transaction belongs to, and what was drawn from it."""

    commitment: Transaction
    committed: Money
    drawn: Money
    rows: tuple[Transaction, ...]  # the newest; the one that the page is about is among them
    total: int
    seen: dict[int, Seen]  # what was revalued or has a value on another basis, by primary key

    @property
    def listed(self) -> list[tuple[Transaction, Seen | None]]:
        """The commitment, then the rows, each with what else is known of its value."""
        return [(row, self.seen.get(row.pk)) for row in (self.commitment, *self.rows)]

    @property
    def left(self) -> Money:
        return self.committed - self.drawn

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Signatures:
    """Who asked, who approved, and what exactly: for those who may see the voucher."""

    voucher: Voucher
    version: VoucherVersion
    approvals: tuple[Approval, ...]
    evidence: tuple[Attachment, ...]
    supplied: tuple[SuppliedDocument, ...]
    waivers: tuple[Waiver, ...]

    @property
    def href(self) -> str:
        return addresses.of_voucher(self.voucher)


@dataclass(frozen=True)
class TransactionPage:
    """Everything that the page shows. `signatures` is None for those who may not see the voucher."""

    transaction: Transaction
    reversal: Transaction | None
    family: Family | None
    valued: Valued | None  # of goods and services; money is its own value
    ends: BothEnds | None
    findings: tuple[Finding, ...]
    recommendations: tuple[Recommendation, ...]
    signatures: Signatures | None
    history: tuple[Happened, ...]
    may_raise: bool
    day: date

    @property
    def stages(self) -> list[dict[str, Any]]:
        """Of what was committed, what is drawn, and how much of it by this row."""
        if self.family is None:
            return []
        own, family = self.transaction, self.family
        gap = f"{family.left} left to draw" if family.left.minor > 0 else ""
        stages: list[dict[str, Any]] = [
            {"label": "Committed", "amount": family.committed},
            {"label": "Drawn", "amount": family.drawn, "gap_text": gap},
        ]
        counts = self.reversal is None and not own.is_reversal
        if counts and own.pk != family.commitment.pk:
            kind = "payment" if own.kind == "disbursement" else own.get_kind_display()
            worth = own.amount if self.valued is None else self.valued.now
            stages.append({"label": f"This {kind}", "amount": worth})
        return stages


def transaction_page(transaction: Transaction, user: User) -> TransactionPage:
    """Read the page in a fixed number of queries. Load the transaction with RELATED."""
    signatures = _signatures_for(transaction, user)
    findings = tuple(findings_of(transaction, user))
    return TransactionPage(
        transaction=transaction,
        reversal=getattr(transaction, "reversal", None),
        family=_family(transaction),
        valued=_valued(transaction),
        ends=_ends(transaction),
        findings=findings,
        recommendations=_recommendations(transaction, user),
        signatures=signatures,
        history=_history(transaction, signatures),
        may_raise=Role.AUDITOR in roles_over(user, transaction.program),
        day=today_for(user),
    )


def _valued(row: Transaction) -> Valued | None:
    return None if row.form == Form.MONEY or row.is_reversal else valued(row)


def _family(row: Transaction) -> Family | None:
    """A refund in history without commitments belongs to none."""
    commitment = commitment_under(row.reverses or row)
    if commitment is None:
        return None
    balance = Balance.objects.filter(transaction=commitment).first()
    if balance is None:
        return None
    drawn = drawn_by(commitment)
    rows = list(drawn[:ROWS])
    if row.pk != commitment.pk and row.draws_on_id and row not in rows:
        rows[-1:] = [row]
    total, seen = drawn.count(), seen_values([commitment, *rows])
    return Family(commitment, balance.value, balance.drawn, tuple(rows), total, seen)


def _recommendations(transaction: Transaction, user: User) -> tuple[Recommendation, ...]:
    about = Finding.objects.filter(links__transaction=transaction)
    rows = Recommendation.objects.visible_to(user).filter(finding__in=about.values("pk"))
    return tuple(rows.for_table().order_by("finding", "number", "pk"))


def _ends(row: Transaction) -> BothEnds | None:
    """Dispatched and received, for the dispatch itself and for what was received of it."""
    original = row.reverses or row
    if original.kind == TransactionKind.RECEIPT and original.draws_on is not None:
        return both_ends(original.draws_on)
    return both_ends(original) if original.kind == TransactionKind.DISBURSEMENT else None


def _signatures_for(transaction: Transaction, user: User) -> Signatures | None:
    """None for those who may not see the voucher, and where there is none: a report is nobody's to approve."""
    if transaction.version is None:
        return None
    seen = Voucher.objects.visible_to(user).filter(pk=transaction.version.voucher_id)
    return _signatures(transaction, transaction.version) if seen.exists() else None


def _signatures(transaction: Transaction, version: VoucherVersion) -> Signatures:
    approvals = version.approvals.select_related("approver", "delegation__delegator").order_by("pk")
    hashed = version.evidence.values("file")
    files = Attachment.objects.filter(voucher=version.voucher_id, file__in=hashed, removed=False)
    attached = files.select_related("file").order_by("attached_at", "pk")
    later = version.voucher.supplied.select_related("file", "text").order_by("pk")
    waivers = waivers_of(version.voucher, transaction.program.owner.today())
    rests_on = [w for w in waivers if w.standing in STANDING]  # type: ignore[attr-defined]
    return Signatures(
        version.voucher, version, tuple(approvals), tuple(attached), tuple(later), tuple(rests_on)
    )


def _history(transaction: Transaction, signatures: Signatures | None) -> tuple[Happened, ...]:
    """The transaction's own entries; with the voucher's for those who may see it. Others read no names."""
    if signatures is None:
        return tuple(_happened(event, {}) for event in journal.history_of(transaction))
    records: list[Any] = [transaction, signatures.version, *signatures.approvals]
    records += [*signatures.supplied, *signatures.waivers]
    revalued = transaction.revaluations.all()
    records += revalued.values_list("uid", flat=True)
    records += revalued.filter(decision__isnull=False).values_list("decision__uid", flat=True)
    records += transaction.alternatives.values_list("uid", flat=True)
    if signatures.voucher.kind != VoucherKind.BATCH:
        records.append(signatures.voucher)
    events = journal.history_of(*records)
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names: dict[UUID, str] = dict(people.values_list("uid", "name"))
    return tuple(_happened(event, names) for event in events)


def _happened(event: journal.Event, names: dict[UUID, str]) -> Happened:
    by = names.get(event.actor, "") if event.actor else ""
    return Happened(event.sentence, by, event.at, event.number)
