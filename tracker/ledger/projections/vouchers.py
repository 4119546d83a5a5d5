"""How vouchers, decisions and transactions are rebuilt from the journal."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tracker.journal.projections import (
    Accepted,
    By,
    First,
    Last,
    Number,
    Part,
    Projection,
    Row,
    Side,
    Story,
    Subject,
    When,
)
from tracker.ledger.events import DETAILS, TEXTS
from tracker.ledger.models import (
    Approval,
    Attachment,
    EmergencyPosting,
    EvidenceFile,
    Return,
    ReturnText,
    Transaction,
    TransactionText,
    VersionEvidence,
    VersionSum,
    VersionText,
    Voucher,
    VoucherEdit,
    VoucherStatus,
    VoucherVersion,
)
from tracker.ledger.policies import are_complete

PLACE = "the ledger"


_WORDS = {name: First(name) for name in TEXTS}


def _standing(rows: Sequence[Row], stories: Mapping[Any, Story]) -> Accepted:
    """A voucher's place on its way follows from its versions and what was decided on the newest of them."""
    keys = [row["id"] for row in rows]
    versions = VoucherVersion.objects.filter(voucher__in=keys).order_by("voucher", "number")
    newest = dict(versions.values_list("voucher", "pk"))
    signed = _signed(newest.values())
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
        elif version in signed:
            found[row["id"]] = [VoucherStatus.POSTED.value]
        else:
            found[row["id"]] = [
                (VoucherStatus.RETURNED if version in returned else VoucherStatus.SUBMITTED).value
            ]
    return found


def _signed(versions: Collection[int]) -> set[int]:
    """Those of the versions that have every signature which their last one asked for, or were posted in an emergency."""
    given: dict[int, list[Approval]] = defaultdict(list)
    for approval in Approval.objects.filter(version__in=versions).order_by("pk"):
        given[approval.version_id].append(approval)
    alone = EmergencyPosting.objects.filter(version__in=versions)
    posted = set(alone.values_list("version", flat=True))
    return posted | {version for version, rows in given.items() if are_complete(rows)}


VOUCHERS = [
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
                *("content_hash", "content_form"),
            )
        }
        | {"submitted_by": By(), "submitted_at": When(), "entry": Number()},
        sides=(Side("text", VersionText, _WORDS),),
        parts=(
            Part(VersionEvidence, "version", ("file",), First("evidence"), via={"file": "sha256"}),
            Part(VersionSum, "version", ("currency", "amount"), First("sums")),
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
            "approved_at": When(),
            "entry": Number(),
            **{
                name: First(name)
                for name in ("content_hash", "level", "signed_as", "signed_on", "delegation")
            },
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
                *("program", "kind", "fiscal_year", "reverses", "version", "statement"),
                *("provenance", "purpose", "import_key", "excess", *DETAILS),
            )
        }
        | {"posted_at": When(), "entry": Number()},
        sides=(Side("text", TransactionText, _WORDS),),
        place=PLACE,
    ),
]
