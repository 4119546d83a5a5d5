"""A transaction's own page: what it hangs together with, who signed it, what was found about it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tracker.accounts.models import Role, User
from tracker.audits.models import Finding, Recommendation
from tracker.audits.queries import findings_of, today_for
from tracker.dashboards import addresses
from tracker.dashboards.queries.events import Happened, plain
from tracker.dashboards.queries.programs import roles_over
from tracker.journal import queries as journal
from tracker.ledger.models import (
    Approval,
    Attachment,
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
from tracker.ledger.queries import (
    TELLING,
    BothEnds,
    Flow,
    Valued,
    both_ends,
    flow_of,
    valued,
    waivers_of,
    within,
)
from tracker.publishing.models import Withholding
from tracker.publishing.queries import sealed_of
from tracker.shared.sealing import Among, Notice, Veil, veil_for

NO_CHAIN = (
    "The chain that it hangs in, both sides and what it is worth are not shown: they would tell it."
)
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
    valued: Valued | None  # of goods and services; money is its own value
    flow: Flow | None
    ends: BothEnds | None
    findings: tuple[Finding, ...]
    recommendations: tuple[Recommendation, ...]
    signatures: Signatures | None
    history: tuple[Happened, ...]
    may_raise: bool
    day: date
    sealed: dict[str, Withholding]  # withheld from this person, by field
    sealing: (
        Notice | None
    )  # of the chain that it hangs in, where a figure of it would tell what is sealed


def transaction_page(transaction: Transaction, user: User) -> TransactionPage:
    """Read the page in a fixed number of queries. Load the transaction with RELATED."""
    signatures = _signatures_for(transaction, user)
    findings = tuple(findings_of(transaction, user))
    flow, sealed = flow_of(transaction), sealed_of(user, "transaction", transaction.uid)
    veil = veil_for(user)
    telling = _telling(flow, transaction, veil)
    page = TransactionPage(
        transaction=transaction,
        reversal=getattr(transaction, "reversal", None),
        valued=None if telling else _valued(transaction),
        flow=None if telling else flow,
        ends=None if telling else _ends(transaction),
        findings=findings,
        recommendations=_recommendations(transaction, user),
        signatures=signatures,
        history=_history(transaction, signatures, bool(sealed)),
        may_raise=Role.AUDITOR in roles_over(user, transaction.program),
        day=today_for(user),
        sealed=sealed,
        sealing=veil.notice(telling, sums=NO_CHAIN),
    )
    _cover(page, veil)
    return page


def _cover(page: TransactionPage, veil: Veil) -> None:
    """Every row that stands on the page. Once all is read: what is covered is for showing."""
    veil.cover(page.transaction, *((page.reversal,) if page.reversal else ()))
    if (flow := page.flow) is not None:
        veil.cover(flow.root, flow.above, *(node.row for _, node in flow.nodes))
        for apart in (flow.reversed, flow.unvalued, flow.beyond):
            veil.cover(*apart.rows)
    if (ends := page.ends) is not None:
        veil.cover(ends.dispatch, *ends.reports)


def _telling(flow: Flow | None, own: Transaction, veil: Veil) -> Among:
    """The rows of the chain of which an amount, a quantity or a day is sealed: what is reckoned of them tells it."""
    rows = Transaction.objects.filter(pk=own.pk) if flow is None else within(flow.root)
    return veil.among(rows, *TELLING)


def _valued(row: Transaction) -> Valued | None:
    return None if row.form == Form.MONEY or row.is_reversal else valued(row)


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


def _history(
    transaction: Transaction, signatures: Signatures | None, sealed: bool
) -> tuple[Happened, ...]:
    """The transaction's own entries; with the voucher's for those who may see it. Others read no names."""
    if signatures is None:
        return tuple(_happened(event, {}, sealed) for event in journal.history_of(transaction))
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
    return tuple(_happened(event, names, sealed) for event in events)


def _happened(event: journal.Event, names: dict[UUID, str], sealed: bool) -> Happened:
    """Where something is withheld from the person, a sentence could tell it: then only what happened is said."""
    by = names.get(event.actor, "") if event.actor else ""
    return Happened(plain(event) if sealed else event.sentence, by, event.at, event.number)
