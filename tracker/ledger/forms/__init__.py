"""The forms of the ledger. They check shapes; whether something may be done, the actions decide."""

from tracker.ledger.forms.authorities import (
    AuthorityForm,
    AvailabilityForm,
    CeilingForm,
    ChangeDecisionForm,
    StageForm,
)
from tracker.ledger.forms.fields import amount_field, date_field, offer, read_amount, year_field
from tracker.ledger.forms.interests import EmergencyForm, InterestForm, ReasonForm, ReviewForm
from tracker.ledger.forms.periods import CertifyForm, CloseForm, ReopenForm
from tracker.ledger.forms.signing import DelegationForm, LimitForm, SigningDecisionForm
from tracker.ledger.forms.statements import DiscrepancyForm, UseForm, WordForm
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
    "AttachForm",
    "AuthorityForm",
    "AvailabilityForm",
    "CeilingForm",
    "CertifyForm",
    "ChangeDecisionForm",
    "CloseForm",
    "DecisionForm",
    "DelegationForm",
    "DiscrepancyForm",
    "EmergencyForm",
    "InterestForm",
    "LimitForm",
    "ParentChoice",
    "ReasonForm",
    "ReopenForm",
    "ReversalForm",
    "ReviewForm",
    "SigningDecisionForm",
    "StageForm",
    "StartForm",
    "UseForm",
    "VoucherForm",
    "WordForm",
    "amount_field",
    "date_field",
    "draft_of",
    "offer",
    "read_amount",
    "year_field",
]
