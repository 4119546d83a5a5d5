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
from tracker.ledger.views.evidence import evidence, evidence_remove, voucher_attach
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
from tracker.ledger.views.statements import reconciliation, statement, statement_list
from tracker.ledger.views.transactions import reverse, transaction_list
from tracker.ledger.views.vouchers import (
    voucher,
    voucher_approve,
    voucher_edit,
    voucher_list,
    voucher_new,
    voucher_return,
    voucher_submit,
    voucher_withdraw,
)

__all__ = [
    "authority",
    "authority_availability",
    "authority_ceiling",
    "authority_decide",
    "authority_list",
    "authority_new",
    "authority_stage",
    "delegation",
    "delegation_decide",
    "delegation_end",
    "delegation_list",
    "delegation_new",
    "evidence",
    "evidence_remove",
    "reconciliation",
    "reverse",
    "signing",
    "signing_limit",
    "signing_limit_decide",
    "signing_table",
    "statement",
    "statement_list",
    "transaction_list",
    "voucher",
    "voucher_approve",
    "voucher_attach",
    "voucher_edit",
    "voucher_list",
    "voucher_new",
    "voucher_return",
    "voucher_submit",
    "voucher_withdraw",
]
