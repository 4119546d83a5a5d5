"""Emergency postings: one signature for two, never for none, and reviewed by somebody else."""

from tracker.ledger.triggers.names import APPROVAL, EDIT, EMERGENCY, EMERGENCY_REVIEW, VERSION
from tracker.ledger.triggers.signing import signed
from tracker.shared.triggers import Forbid, Trigger

_ITS_APPROVAL = (
    f"SELECT 1 FROM {APPROVAL} a WHERE a.id = NEW.approval_id AND a.version_id = NEW.version_id"
)

EMERGENCIES: list[Trigger] = [
    Forbid(
        "emergency_only_where_two_sign",
        EMERGENCY,
        "emergency_only_where_two_sign: it rests on a signature of a version that needs two",
        f"NOT EXISTS ({_ITS_APPROVAL} AND a.level <> 'one')",
    ),
    Forbid(
        "emergency_by_its_signer",
        EMERGENCY,
        "emergency_by_its_signer: who signed it posts it",
        f"NOT EXISTS ({_ITS_APPROVAL} AND a.approver_id = NEW.posted_by_id)",
    ),
    Forbid(
        "emergency_with_a_senior",
        EMERGENCY,
        "emergency_with_a_senior: a senior approver's signature stands for two of which one has to be that",
        f"EXISTS ({_ITS_APPROVAL} AND a.level = 'with_senior' AND a.signed_as <> 'senior_approver')",
    ),
    Forbid(
        "emergency_never_by_the_maker",
        EMERGENCY,
        "emergency_never_by_the_maker: who had a hand in a voucher never posts it",
        f"EXISTS (SELECT 1 FROM {EDIT} e JOIN {VERSION} v ON v.voucher_id = e.voucher_id "
        "WHERE v.id = NEW.version_id AND e.person_id = NEW.posted_by_id)",
    ),
    Forbid(
        "emergency_not_once_signed",
        EMERGENCY,
        "emergency_not_once_signed: a version with every signature is no emergency",
        signed("NEW.version_id"),
    ),
    Forbid(
        "emergency_never_of_a_batch",
        EMERGENCY,
        "emergency_never_of_a_batch: a batch records what was paid before",
        f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.id = NEW.version_id AND v.kind = 'batch')",
    ),
    Forbid(
        "emergency_review_by_another",
        EMERGENCY_REVIEW,
        "emergency_review_by_another: neither who made it nor who posted it reviews it",
        f"EXISTS (SELECT 1 FROM {EMERGENCY} x WHERE x.id = NEW.posting_id AND x.posted_by_id = NEW.reviewed_by_id) "
        f"OR EXISTS (SELECT 1 FROM {EMERGENCY} x JOIN {VERSION} v ON v.id = x.version_id "
        f"JOIN {EDIT} e ON e.voucher_id = v.voucher_id "
        "WHERE x.id = NEW.posting_id AND e.person_id = NEW.reviewed_by_id)",
    ),
]
