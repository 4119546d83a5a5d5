"""The forms of the ledger. They check shapes; whether something may be done, the actions decide."""

from tracker.ledger.forms.authorities import (
    AuthorityForm,
    AvailabilityForm,
    CeilingForm,
    ChangeDecisionForm,
    StageForm,
)
from tracker.ledger.forms.fields import amount_field, date_field, offer, read_amount, year_field
from tracker.ledger.forms.signing import DelegationForm, LimitForm, SigningDecisionForm
from tracker.ledger.forms.valuation import AlternativeForm, RevaluationForm
from tracker.ledger.forms.vouchers import (
    AttachForm,
    DecisionForm,
    ParentChoice,
    ReversalForm,
    StartForm,
    VoucherForm,
    draft_of,
)

__all__ = [
    "AlternativeForm",
    "AttachForm",
    "AuthorityForm",
    "AvailabilityForm",
    "CeilingForm",
    "ChangeDecisionForm",
    "DecisionForm",
    "DelegationForm",
    "LimitForm",
    "ParentChoice",
    "RevaluationForm",
    "ReversalForm",
    "SigningDecisionForm",
    "StageForm",
    "StartForm",
    "VoucherForm",
    "amount_field",
    "date_field",
    "draft_of",
    "offer",
    "read_amount",
    "year_field",
]
