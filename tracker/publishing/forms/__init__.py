"""What people type into this room's pages. Forms check shape; actions check rules."""

from tracker.publishing.forms.releases import (
    DeclineForm,
    DropForm,
    EndOrderForm,
    ExplainForm,
    PrepareForm,
    TakedownForm,
    VerdictForm,
)
from tracker.publishing.forms.reports import (
    MAX_SECTIONS,
    CommentForm,
    ImageForm,
    NewAuditReportForm,
    NewReportForm,
    ReasonForm,
    ReportForm,
    SettleForm,
)
from tracker.publishing.forms.withholdings import (
    ChosenForm,
    NotPublishedForm,
    ReviewForm,
    WithholdingForm,
    stand_in_inputs,
)

__all__ = [
    "MAX_SECTIONS",
    "ChosenForm",
    "CommentForm",
    "DeclineForm",
    "DropForm",
    "EndOrderForm",
    "ExplainForm",
    "ImageForm",
    "NewAuditReportForm",
    "NewReportForm",
    "NotPublishedForm",
    "PrepareForm",
    "ReasonForm",
    "ReportForm",
    "ReviewForm",
    "SettleForm",
    "TakedownForm",
    "VerdictForm",
    "WithholdingForm",
    "stand_in_inputs",
]
