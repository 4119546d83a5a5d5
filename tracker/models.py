"""The list of our tables. Django reads it; our own code imports from the rooms."""

from tracker.accounts.models import (
    FiscalEra,
    Invitation,
    Membership,
    Notice,
    Organisation,
    User,
)
from tracker.audits.models import (
    Engagement,
    EngagementScope,
    Finding,
    FindingLink,
    Recommendation,
    RecommendationStep,
    StepText,
    TeamMember,
)
from tracker.journal.models import (
    Checkpoint,
    Cosignature,
    Disclosure,
    Entry,
    Erasure,
    Leaf,
    Pending,
    Tile,
)
from tracker.ledger.models import (
    AlternativeValue,
    Approval,
    Attachment,
    Authority,
    AuthorityChange,
    AuthorityChangeText,
    AuthorityDecision,
    AuthorityDecisionText,
    AuthorityStage,
    AuthorityYear,
    Balance,
    Delegation,
    DelegationEnd,
    EvidenceFile,
    Return,
    ReturnText,
    Revaluation,
    RevaluationDecision,
    RevaluationDecisionText,
    RevaluationLine,
    RevaluationText,
    SigningDecision,
    SigningDecisionText,
    SigningLimit,
    Transaction,
    TransactionText,
    Turnover,
    VersionEvidence,
    VersionSum,
    VersionText,
    Voucher,
    VoucherEdit,
    VoucherVersion,
)
from tracker.programs.models import (
    Gap,
    Objective,
    Participation,
    Program,
    ProgramSector,
    StatedFigure,
)
from tracker.publishing.models import (
    NotPublished,
    PublishedFinding,
    PublishedFindingProgram,
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleasedRow,
    ReleaseItem,
    Report,
    ReportEdit,
    ReportReview,
    ReportSection,
    UnpublishedCount,
    Withholding,
)
from tracker.results.models import Indicator, Measurement, MeasurementText, Target
from tracker.uploads.models import Upload, UploadRow

__all__ = [name for name in dir() if name[0].isupper()]
