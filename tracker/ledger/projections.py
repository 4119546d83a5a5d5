"""How vouchers, decisions and transactions are rebuilt from the journal, and balances from the transactions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from tracker.journal.projections import (
    Accepted,
    By,
    Difference,
    First,
    Last,
    Number,
    Part,
    Projection,
    Reckoning,
    Row,
    Side,
    Story,
    Subject,
    When,
    in_order,
)
from tracker.ledger.events import DETAILS, TEXTS
from tracker.ledger.models import (
    Approval,
    Attachment,
    Authority,
    Balance,
    EvidenceFile,
    Return,
    ReturnText,
    Transaction,
    TransactionKind,
    TransactionText,
    Turnover,
    VersionEvidence,
    VersionText,
    Voucher,
    VoucherEdit,
    VoucherStatus,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.money import Money

PLACE = "the ledger"
_WORDS = {name: First(name) for name in TEXTS}


def _standing(rows: Sequence[Row], stories: Mapping[Any, Story]) -> Accepted:
    """A voucher's place on its way follows from its versions and what was decided on the newest of them."""
    keys = [row["id"] for row in rows]
    versions = VoucherVersion.objects.filter(voucher__in=keys).order_by("voucher", "number")
    newest = dict(versions.values_list("voucher", "pk"))
    approved = set(
        Approval.objects.filter(version__in=newest.values()).values_list("version", flat=True)
    )
    returned = set(
        Return.objects.filter(version__in=newest.values()).values_list("version", flat=True)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        story, version = stories.get(row["uid"]), newest.get(row["id"])
        if story is not None and story.newest("withdraw"):
            found[row["id"]] = [VoucherStatus.WITHDRAWN.value]
        elif version is None:
            found[row["id"]] = [VoucherStatus.DRAFT.value]
        elif version in approved:
            found[row["id"]] = [VoucherStatus.POSTED.value]
        else:
            found[row["id"]] = [
                (VoucherStatus.RETURNED if version in returned else VoucherStatus.SUBMITTED).value
            ]
    return found


RECORDS = [
    Projection(
        "authority",
        Authority,
        ("authority",),
        {name: First(name) for name in ("organisation", "title", "legal_basis")},
        place=PLACE,
    ),
    Projection(
        "evidence file",
        EvidenceFile,
        ("evidence_file",),
        {name: First(name) for name in ("sha256", "size", "content_type", "stored_as")}
        | {"received_by": By(), "received_at": When(), "entry": Number()},
        place=PLACE,
    ),
    Projection(
        "voucher",
        Voucher,
        ("voucher",),
        {
            name: Last(name)
            for name in (
                *("organisation", "program", "number", "kind", "reverses"),
                *TEXTS,
                *DETAILS,
            )
        }
        | {"created_by": By("create")},
        reckoned={"status": _standing},
        unmapped={"changed_at": "when somebody last touched it; each touch has its own entry"},
        parts=(
            Part(
                Attachment,
                "voucher",
                ("uid", "file", "name", "attached_by", "removed"),
                Last("attachments", "attach", "remove"),
                via={"file": "sha256"},
                unmapped={"attached_at": "its entry says when"},
            ),
        ),
        place=PLACE,
    ),
    Projection(
        "hand in a voucher",
        VoucherEdit,
        ("voucher", "voucher_version"),
        {"voucher": Subject(voucher_version="voucher"), "person": By()},
        key="entry",
        place=PLACE,
    ),
    Projection(
        "version",
        VoucherVersion,
        ("voucher_version",),
        {
            name: First(name)
            for name in (
                *("voucher", "number", "kind", "program", "reverses", "batch_digest"),
                *DETAILS,
                "content_hash",
            )
        }
        | {"submitted_by": By(), "submitted_at": When(), "entry": Number()},
        sides=(Side("text", VersionText, _WORDS),),
        parts=(
            Part(VersionEvidence, "version", ("file",), First("evidence"), via={"file": "sha256"}),
        ),
        place=PLACE,
    ),
    Projection(
        "approval",
        Approval,
        ("approval",),
        {
            "version": First("version"),
            "approver": By(),
            "content_hash": First("content_hash"),
            "approved_at": When(),
            "entry": Number(),
        },
        place=PLACE,
    ),
    Projection(
        "return",
        Return,
        ("voucher_return",),
        {
            "version": First("version"),
            "returned_by": By(),
            "returned_at": When(),
            "entry": Number(),
        },
        sides=(Side("text", ReturnText, {"reason": First("reason")}),),
        place=PLACE,
    ),
    Projection(
        "transaction",
        Transaction,
        ("transaction",),
        {
            name: First(name)
            for name in (
                *("program", "kind", "fiscal_year", "reverses", "version", "provenance"),
                "import_key",
                *DETAILS,
            )
        }
        | {"posted_at": When(), "entry": Number()},
        sides=(Side("text", TransactionText, _WORDS),),
        place=PLACE,
    ),
]


# --- Balances and sums -----------------------------------------------------


def _commitments() -> Iterator[list[int]]:
    """Everything that has a balance or should have one."""
    should = Q(kind=TransactionKind.COMMITMENT, reverses=None)
    last = 0
    has = Exists(Balance.objects.filter(pk=OuterRef("pk")))
    while keys := list(
        Transaction.objects.filter(should | Q(has), pk__gt=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:1000]
    ):
        yield keys
        last = keys[-1]


def _balances(keys: Sequence[int]) -> Iterator[Difference]:
    own = Transaction.objects.filter(pk__in=keys)
    stated = {
        t["pk"]: t
        for t in own.values("pk", "uid", "kind", "reverses", "currency", "amount", "entry")
    }
    taken = dict(
        Transaction.objects.filter(reverses__in=keys, kind=TransactionKind.COMMITMENT)
        .values_list("reverses")
        .annotate(Sum("amount"))
    )
    moved = (
        Transaction.objects.filter(draws_on__in=keys)
        .exclude(kind=TransactionKind.COMMITMENT)
        .values_list("draws_on", "kind")
        .annotate(Sum("amount"))
    )
    drawn: dict[int, int] = defaultdict(int)
    for pk, kind, minor in moved:
        drawn[pk] += -int(minor) if kind == TransactionKind.REFUND else int(minor)
    columns = ("pk", "currency", "committed", "drawn")
    kept = {pk: tuple(b) for pk, *b in Balance.objects.filter(pk__in=keys).values_list(*columns)}
    for pk, commitment in stated.items():
        should = None
        if commitment["kind"] == TransactionKind.COMMITMENT and commitment["reverses"] is None:
            committed = int(commitment["amount"] or 0) + int(taken.get(pk, 0))
            should = (commitment["currency"], committed, drawn[pk])
        if kept.get(pk) != should:
            yield _balance_differs(commitment, kept.get(pk), should)


def _balance_differs(commitment: Mapping[str, Any], is_now: Any, should: Any) -> Difference:
    named = f"Balance of transaction {commitment['uid']} (entry {commitment['entry']})"
    said = f"{named}: {PLACE} says {_drawn(is_now)}, its transactions come to {_drawn(should)}."
    return Difference("balance", commitment["uid"], commitment["entry"], said)


def _drawn(balance: tuple[str, int, int] | None) -> str:
    if balance is None:
        return "nothing"
    currency, committed, drawn = balance
    return f"{_money(drawn, currency)} of {_money(committed, currency)}"


def _money(minor: int, currency: str) -> str:
    try:
        return str(Money(int(minor), currency))
    except (Refused, ValueError, TypeError):
        return f"{minor} units of “{currency}”"


def _turnovers(keys: Sequence[int]) -> Iterator[Difference]:
    slot = ("program", "fiscal_year", "kind", "currency")
    kept = {
        row[:4]: row[4:]
        for row in Turnover.objects.filter(program__in=keys).values_list(*slot, "amount", "rows")
    }
    sums = Transaction.objects.filter(program__in=keys).order_by().values_list(*slot)
    reckoned = {row[:4]: (int(row[4]), row[5]) for row in sums.annotate(Sum("amount"), Count("pk"))}
    uids = dict(Program.objects.filter(pk__in=keys).values_list("pk", "uid"))
    for key in sorted({*kept, *reckoned}, key=str):
        if kept.get(key) != reckoned.get(key):
            program, year, kind, currency = key
            said = (
                f"Turnover of program {uids.get(program)} ({kind}, {year}): {PLACE} says "
                f"{_sum(kept.get(key), currency)}, its transactions come to {_sum(reckoned.get(key), currency)}."
            )
            yield Difference("turnover", uids.get(program), None, said)


def _sum(total: tuple[int, int] | None, currency: str) -> str:
    return "nothing" if total is None else f"{_money(total[0], currency)} in {total[1]} rows"


RECKONED = [
    Reckoning(
        "balance",
        Balance,
        ("transaction", "currency", "committed", "drawn"),
        _commitments,
        _balances,
    ),
    Reckoning(
        "turnover",
        Turnover,
        ("program", "fiscal_year", "kind", "currency", "amount", "rows"),
        lambda: in_order(Program, 50),
        _turnovers,
        unmapped={"id": "the row's key in this database; nothing outside knows it"},
    ),
]

PROJECTIONS = [*RECORDS, *RECKONED]
