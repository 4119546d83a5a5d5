"""Reads over several tables, for the actions and staff pages of this room."""

from tracker.publishing.queries.counts import unpublished_counts
from tracker.publishing.queries.engagements import (
    engagement_changed,
    engagements_to_publish,
    published_engagement,
    published_findings_of,
    standing_release,
)
from tracker.publishing.queries.engagements import with_release as engagements_with_release
from tracker.publishing.queries.figures import available_figures
from tracker.publishing.queries.findings import (
    changed_findings,
    findings_to_publish,
)
from tracker.publishing.queries.findings import with_release as findings_with_release
from tracker.publishing.queries.people import people_holding
from tracker.publishing.queries.programs import (
    Change,
    books,
    by_state,
    differences,
    newest_release,
    transactions_since,
)
from tracker.publishing.queries.programs import with_release as programs_with_release
from tracker.publishing.queries.records import belongs, find_record, with_names
from tracker.publishing.queries.reports import (
    PeriodFigure,
    Section,
    check_is_what_was_accepted,
    comments_of,
    content_hash,
    period_figures,
    publishers_of,
    reviewers_of,
    sections_of,
    written_sections,
)
from tracker.publishing.queries.sight import (
    Revealed,
    is_sealed,
    revealed,
    sealed_among,
    sealed_fields,
    sealed_for,
    sealed_of,
    standing_glass,
)

__all__ = [
    "Change",
    "PeriodFigure",
    "Revealed",
    "Section",
    "available_figures",
    "belongs",
    "books",
    "by_state",
    "changed_findings",
    "check_is_what_was_accepted",
    "comments_of",
    "content_hash",
    "differences",
    "engagement_changed",
    "engagements_to_publish",
    "engagements_with_release",
    "find_record",
    "findings_to_publish",
    "findings_with_release",
    "is_sealed",
    "newest_release",
    "people_holding",
    "period_figures",
    "programs_with_release",
    "published_engagement",
    "published_findings_of",
    "publishers_of",
    "revealed",
    "reviewers_of",
    "sealed_among",
    "sealed_fields",
    "sealed_for",
    "sealed_of",
    "sections_of",
    "standing_glass",
    "standing_release",
    "transactions_since",
    "unpublished_counts",
    "with_names",
    "written_sections",
]
