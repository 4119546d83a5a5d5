"""The ledger's pages: vouchers, their evidence, transactions."""

from tracker.ledger.views.authorities import (
    authority,
    authority_availability,
    authority_ceiling,
    authority_decide,
    authority_list,
    authority_new,
    authority_stage,
)
from tracker.ledger.views.certifications import certification, certification_sign
from tracker.ledger.views.comparing import account, account_list, reconciliation
from tracker.ledger.views.discrepancies import discrepancy, discrepancy_list, step_evidence
from tracker.ledger.views.emergencies import (
    attempt_list,
    emergency,
    emergency_list,
    emergency_review,
)
from tracker.ledger.views.evidence import evidence, evidence_remove, voucher_attach
from tracker.ledger.views.interests import (
    interest,
    interest_decide,
    interest_end,
    interest_list,
    interest_new,
)
from tracker.ledger.views.periods import (
    period,
    period_close,
    period_decide,
    period_list,
    period_reopen,
)
from tracker.ledger.views.signing import (
    delegation,
    delegation_decide,
    delegation_end,
    delegation_list,
    delegation_new,
    signing,
    signing_limit,
    signing_limit_decide,
    signing_table,
)
from tracker.ledger.views.statements import dispatch, dispatch_list, statement_evidence, use
from tracker.ledger.views.transactions import reverse, transaction_list
from tracker.ledger.views.vouchers import (
    voucher,
    voucher_approve,
    voucher_edit,
    voucher_emergency,
    voucher_list,
    voucher_new,
    voucher_return,
    voucher_submit,
    voucher_withdraw,
)

__all__ = [
    "account",
    "account_list",
    "attempt_list",
    "authority",
    "authority_availability",
    "authority_ceiling",
    "authority_decide",
    "authority_list",
    "authority_new",
    "authority_stage",
    "certification",
    "certification_sign",
    "delegation",
    "delegation_decide",
    "delegation_end",
    "delegation_list",
    "delegation_new",
    "discrepancy",
    "discrepancy_list",
    "dispatch",
    "dispatch_list",
    "emergency",
    "emergency_list",
    "emergency_review",
    "evidence",
    "evidence_remove",
    "interest",
    "interest_decide",
    "interest_end",
    "interest_list",
    "interest_new",
    "period",
    "period_close",
    "period_decide",
    "period_list",
    "period_reopen",
    "reconciliation",
    "reverse",
    "signing",
    "signing_limit",
    "signing_limit_decide",
    "signing_table",
    "statement_evidence",
    "step_evidence",
    "transaction_list",
    "use",
    "voucher",
    "voucher_approve",
    "voucher_attach",
    "voucher_edit",
    "voucher_emergency",
    "voucher_list",
    "voucher_new",
    "voucher_return",
    "voucher_submit",
    "voucher_withdraw",
]
