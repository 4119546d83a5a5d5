"""Versions, approvals and returns: what the database itself refuses."""

from tracker.ledger.triggers.names import APPROVAL, EDIT, RETURN, VERSION, VOUCHER
from tracker.ledger.triggers.signing import signed
from tracker.shared.triggers import Forbid, Trigger

VERSIONS: list[Trigger] = [
    Forbid(
        "version_of_an_open_voucher",
        VERSION,
        "version_of_an_open_voucher: a posted or withdrawn voucher gets no further version",
        f"EXISTS (SELECT 1 FROM {VOUCHER} v "
        "WHERE v.id = NEW.voucher_id AND v.status IN ('posted', 'withdrawn'))",
    ),
    Forbid(
        "return_not_once_signed",
        RETURN,
        "return_not_once_signed: a version with every signature is not sent back",
        signed("NEW.version_id"),
    ),
]

APPROVALS: list[Trigger] = [
    Forbid(
        "approval_never_by_an_editor",
        APPROVAL,
        "approval_never_by_an_editor: who edited a voucher never approves it",
        f"EXISTS (SELECT 1 FROM {EDIT} e JOIN {VERSION} v ON v.voucher_id = e.voucher_id "
        "WHERE v.id = NEW.version_id AND e.person_id = NEW.approver_id)",
    ),
    Forbid(
        "approval_binds_to_the_content",
        APPROVAL,
        "approval_binds_to_the_content: the version's content is not the approved one",
        f"NOT EXISTS (SELECT 1 FROM {VERSION} v "
        "WHERE v.id = NEW.version_id AND v.content_hash = NEW.content_hash)",
    ),
    Forbid(
        "approval_of_the_newest_version",
        APPROVAL,
        "approval_of_the_newest_version: a newer version replaced this one",
        f"EXISTS (SELECT 1 FROM {VERSION} v JOIN {VERSION} newer "
        "ON newer.voucher_id = v.voucher_id AND newer.number > v.number WHERE v.id = NEW.version_id)",
    ),
    Forbid(
        "approval_not_after_a_return",
        APPROVAL,
        "approval_not_after_a_return: this version was sent back",
        "EXISTS (SELECT 1 FROM tracker_return r WHERE r.version_id = NEW.version_id)",
    ),
]
