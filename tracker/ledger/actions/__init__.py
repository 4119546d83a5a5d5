"""Every write of the ledger: evidence → vouchers → approvals → posting → the recipient's word → discrepancies."""

from tracker.ledger.actions.approvals import approve_voucher, return_voucher
from tracker.ledger.actions.attempts import record_refusal
from tracker.ledger.actions.authorities import (
    Dates,
    create_authority,
    decide_change,
    propose_availability,
    propose_ceiling,
    state_stage,
)
from tracker.ledger.actions.batches import NewRow, post_rows
from tracker.ledger.actions.certifications import certify_period
from tracker.ledger.actions.discrepancies import (
    NewStep,
    accept_explanation,
    declare_loss,
    dispute_discrepancy,
    explain_discrepancy,
    name_write_off,
    reopen_discrepancy,
)
from tracker.ledger.actions.emergencies import approve_in_emergency, review_emergency
from tracker.ledger.actions.evidence import store_file
from tracker.ledger.actions.handed import NewFile
from tracker.ledger.actions.interests import decide_interest_end, declare_interest, end_interest
from tracker.ledger.actions.periods import decide_period, propose_closing, propose_reopening
from tracker.ledger.actions.posting import post_version
from tracker.ledger.actions.signing import (
    decide_delegation,
    decide_limit,
    end_delegation,
    propose_delegation,
    propose_limit,
)
from tracker.ledger.actions.statements import give_word
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
    "NewFile",
    "NewRow",
    "NewStep",
    "accept_explanation",
    "approve_in_emergency",
    "approve_voucher",
    "attach_file",
    "certify_period",
    "create_authority",
    "create_batch_voucher",
    "create_voucher",
    "decide_change",
    "decide_delegation",
    "decide_interest_end",
    "decide_limit",
    "decide_period",
    "declare_interest",
    "declare_loss",
    "dispute_discrepancy",
    "draft_reversal",
    "edit_voucher",
    "end_delegation",
    "end_interest",
    "explain_discrepancy",
    "give_word",
    "name_write_off",
    "post_rows",
    "post_version",
    "propose_availability",
    "propose_ceiling",
    "propose_closing",
    "propose_delegation",
    "propose_limit",
    "propose_reopening",
    "record_refusal",
    "remove_attachment",
    "reopen_discrepancy",
    "return_voucher",
    "review_emergency",
    "state_stage",
    "store_file",
    "submit_voucher",
    "withdraw_voucher",
]
