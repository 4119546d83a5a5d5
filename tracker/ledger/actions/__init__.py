"""Every write of the ledger: evidence → vouchers → approvals → posting; authorities and valuations beside it."""

from tracker.ledger.actions.approvals import approve_voucher, return_voucher
from tracker.ledger.actions.authorities import (
    Dates,
    create_authority,
    decide_change,
    propose_availability,
    propose_ceiling,
    state_stage,
)
from tracker.ledger.actions.batches import NewRow, post_rows
from tracker.ledger.actions.evidence import store_file
from tracker.ledger.actions.posting import post_version
from tracker.ledger.actions.signing import (
    decide_delegation,
    decide_limit,
    end_delegation,
    propose_delegation,
    propose_limit,
)
from tracker.ledger.actions.valuation import (
    decide_revaluation,
    propose_revaluation,
    state_alternative,
)
from tracker.ledger.actions.vouchers import (
    attach_file,
    create_batch_voucher,
    create_voucher,
    draft_reversal,
    edit_voucher,
    remove_attachment,
    submit_voucher,
    withdraw_voucher,
)

__all__ = [
    "Dates",
    "NewRow",
    "approve_voucher",
    "attach_file",
    "create_authority",
    "create_batch_voucher",
    "create_voucher",
    "decide_change",
    "decide_delegation",
    "decide_limit",
    "decide_revaluation",
    "draft_reversal",
    "edit_voucher",
    "end_delegation",
    "post_rows",
    "post_version",
    "propose_availability",
    "propose_ceiling",
    "propose_delegation",
    "propose_limit",
    "propose_revaluation",
    "remove_attachment",
    "return_voucher",
    "state_alternative",
    "state_stage",
    "store_file",
    "submit_voucher",
    "withdraw_voucher",
]
