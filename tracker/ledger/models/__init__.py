"""The ledger: vouchers on their way, and transactions that are posted for ever.

A voucher is a request and may be edited while it is a draft. Submitting freezes a *version*; people other than its
editors approve the version; posting makes it a *transaction*, which nobody changes. A mistake is corrected by a
reversal: a voucher like any other, whose transaction carries the opposite amount.

Each kind draws on the one before it: pledge → commitment → disbursement → receipt → expenditure; a refund or a
write-off comes off where the money is stuck. What we authorise never exceeds what it draws on. What the recipient
reports is recorded as stated, and the part that is too much is its `excess`, outside every total. Pledges are in no
total but their own.

A report of the recipient's representative (a `Statement`) posts its receipt or expenditure without a voucher. Where it
differs from the dispatch, a `Discrepancy` is opened beside both figures, with a state and a clock of its own.

Amounts of originals are positive; reversals are negative; so the sum of a kind is always right. Balances and turnover
are kept by triggers in the transaction that posts (triggers/), and a CHECK holds drawn ≤ value for every balance.
"""

from tracker.ledger.models.authorities import (
    CHANGE_TRANSITIONS,
    LADDERS,
    Authority,
    AuthorityChange,
    AuthorityChangeText,
    AuthorityDecision,
    AuthorityDecisionText,
    AuthorityKind,
    AuthorityStage,
    AuthorityYear,
    Availability,
    ChangeKind,
    ChangeStatus,
    Purpose,
    Stage,
)
from tracker.ledger.models.details import (
    DRAWS_ON,
    IATI_CODES,
    MUST_DRAW,
    REPORTED,
    DeliveryPoint,
    Details,
    Form,
    Provenance,
    TransactionKind,
    ValuationBasis,
    VoucherKind,
)
from tracker.ledger.models.discrepancies import (
    DISCREPANCY_TRANSITIONS,
    LEADS_TO,
    UNSETTLED,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyQuerySet,
    DiscrepancyState,
    DiscrepancyStatus,
    DiscrepancyStep,
    DiscrepancyStepText,
    Side,
    StepKind,
)
from tracker.ledger.models.evidence import (
    EvidenceFile,
)
from tracker.ledger.models.signing import (
    DELEGATION_TRANSITIONS,
    SIGNATURES,
    Delegation,
    DelegationEnd,
    DelegationStatus,
    SigningDecision,
    SigningDecisionText,
    SigningLevel,
    SigningLimit,
    organisations_signing_for,
)
from tracker.ledger.models.statements import (
    OF_A_DISPATCH,
    Statement,
    StatementText,
    Verdict,
)
from tracker.ledger.models.transactions import (
    LARGEST_SUM,
    Balance,
    Transaction,
    TransactionQuerySet,
    TransactionText,
    Turnover,
)
from tracker.ledger.models.vouchers import (
    EDITABLE,
    VOUCHER_TRANSITIONS,
    Approval,
    Attachment,
    AttachmentQuerySet,
    Return,
    ReturnText,
    VersionEvidence,
    VersionSum,
    VersionText,
    Voucher,
    VoucherEdit,
    VoucherQuerySet,
    VoucherStatus,
    VoucherVersion,
)

__all__ = [
    "CHANGE_TRANSITIONS",
    "DELEGATION_TRANSITIONS",
    "DISCREPANCY_TRANSITIONS",
    "DRAWS_ON",
    "EDITABLE",
    "IATI_CODES",
    "LADDERS",
    "LARGEST_SUM",
    "LEADS_TO",
    "MUST_DRAW",
    "OF_A_DISPATCH",
    "REPORTED",
    "SIGNATURES",
    "UNSETTLED",
    "VOUCHER_TRANSITIONS",
    "Approval",
    "Attachment",
    "AttachmentQuerySet",
    "Authority",
    "AuthorityChange",
    "AuthorityChangeText",
    "AuthorityDecision",
    "AuthorityDecisionText",
    "AuthorityKind",
    "AuthorityStage",
    "AuthorityYear",
    "Availability",
    "Balance",
    "ChangeKind",
    "ChangeStatus",
    "Delegation",
    "DelegationEnd",
    "DelegationStatus",
    "DeliveryPoint",
    "Details",
    "Discrepancy",
    "DiscrepancyKind",
    "DiscrepancyQuerySet",
    "DiscrepancyState",
    "DiscrepancyStatus",
    "DiscrepancyStep",
    "DiscrepancyStepText",
    "EvidenceFile",
    "Form",
    "Provenance",
    "Purpose",
    "Return",
    "ReturnText",
    "Side",
    "SigningDecision",
    "SigningDecisionText",
    "SigningLevel",
    "SigningLimit",
    "Stage",
    "Statement",
    "StatementText",
    "StepKind",
    "Transaction",
    "TransactionKind",
    "TransactionQuerySet",
    "TransactionText",
    "Turnover",
    "ValuationBasis",
    "Verdict",
    "VersionEvidence",
    "VersionSum",
    "VersionText",
    "Voucher",
    "VoucherEdit",
    "VoucherKind",
    "VoucherQuerySet",
    "VoucherStatus",
    "VoucherVersion",
    "organisations_signing_for",
]
