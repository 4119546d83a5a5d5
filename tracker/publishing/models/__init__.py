"""Publishing: reports, decisions to withhold, and releases. What is public is frozen in release tables.

Internal tables: Report, ReportSection, ReportEdit, ReportReview, Withholding, NotPublished.
Release tables, the only ones that public pages read: Release, ReleasedRow, ReleaseItem, ReleasedEntry, ReleasedFile and the
Published… tables,
which point at the newest release of a thing and hold what lists are searched by.
"""

from tracker.publishing.models.bundle import BundleExport
from tracker.publishing.models.glass import (
    MOST_HOURS,
    BrokenGlass,
    BrokenGlassQuerySet,
    GlassNoted,
    GlassReading,
    GlassText,
)
from tracker.publishing.models.releases import (
    PublishedEngagement,
    PublishedFinding,
    PublishedFindingProgram,
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleasedEntry,
    ReleasedFile,
    ReleasedRow,
    ReleaseItem,
    Stream,
    UnpublishedCount,
)
from tracker.publishing.models.reports import (
    REPORT_TRANSITIONS,
    Report,
    ReportEdit,
    ReportKind,
    ReportQuerySet,
    ReportReview,
    ReportSection,
    ReportStatus,
    Verdict,
)
from tracker.publishing.models.standing import StandingRelease, StandingReleaseQuerySet
from tracker.publishing.models.withholding import (
    WITHHOLDING_TRANSITIONS,
    Category,
    NotPublished,
    NotPublishedQuerySet,
    Withholding,
    WithholdingQuerySet,
    WithholdingStatus,
)

__all__ = [
    "MOST_HOURS",
    "REPORT_TRANSITIONS",
    "WITHHOLDING_TRANSITIONS",
    "BrokenGlass",
    "BrokenGlassQuerySet",
    "BundleExport",
    "Category",
    "GlassNoted",
    "GlassReading",
    "GlassText",
    "NotPublished",
    "NotPublishedQuerySet",
    "PublishedEngagement",
    "PublishedFinding",
    "PublishedFindingProgram",
    "PublishedProgram",
    "PublishedReport",
    "PublishedTotal",
    "Release",
    "ReleaseItem",
    "ReleasedEntry",
    "ReleasedFile",
    "ReleasedRow",
    "Report",
    "ReportEdit",
    "ReportKind",
    "ReportQuerySet",
    "ReportReview",
    "ReportSection",
    "ReportStatus",
    "StandingRelease",
    "StandingReleaseQuerySet",
    "Stream",
    "UnpublishedCount",
    "Verdict",
    "Withholding",
    "WithholdingQuerySet",
    "WithholdingStatus",
]
