"""This room's lists."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse

from tracker.publishing.models import Category
from tracker.shared.pages import NUM, PartColumn, WhenColumn


def _to(name: str) -> Any:
    return lambda record: reverse(f"publishing:{name}", args=[record.uid])


class ProgramReleaseTable(tables.Table):
    title = tables.Column(verbose_name="Program", linkify=_to("program"))
    owner = tables.Column(verbose_name="Owner", accessor="owner__name")
    state = PartColumn(
        "publishing/_program_state.html",
        verbose_name="What is public",
        order_by=("release_number", "kept_back"),
        empty_values=(),
    )
    released_at = WhenColumn(verbose_name="Published", default="–")
    changes = tables.Column(verbose_name="Changes since", attrs=NUM)
    fields_withheld = tables.Column(verbose_name="Fields withheld", attrs=NUM, default="–")
    review_on = WhenColumn(verbose_name="Review on")

    caption = (
        "Programs that your roles let you see. A change counts once it is recorded; drafts do not."
    )

    class Meta:
        order_by = "title"
        empty_text = "Programs appear here as soon as an officer has set one up."

    def value_state(self, record: Any) -> str:
        if record.release_number:
            return f"release {record.release_number}"
        if record.kept_back:
            return f"not published: {Category(record.kept_back).label}"
        return "taken back" if record.taken_back else "undecided"

    def render_changes(self, value: int, record: Any) -> Any:
        return value if record.release_number else "–"

    def value_changes(self, value: int, record: Any) -> Any:
        return value if record.release_number else ""


class ReportTable(tables.Table):
    title = tables.Column(linkify=_to("report"))
    program = tables.Column(verbose_name="Program", accessor="program__title")
    period_start = WhenColumn(verbose_name="From")
    period_end = WhenColumn(verbose_name="To")
    status = PartColumn("publishing/_report_state.html")
    drafted_by = tables.Column(verbose_name="Drafted by", accessor="drafted_by__name")
    changed_at = WhenColumn(verbose_name="Changed")

    caption = "Reports of the programs that you see, on their way to the public."

    class Meta:
        order_by = "-changed_at"
        empty_text = "No report yet. A program officer drafts one; somebody else reviews it."

    def value_status(self, record: Any) -> str:
        return str(record.get_status_display())


class WithholdingTable(tables.Table):
    field = tables.Column(
        verbose_name="What is withheld",
        linkify=_to("withholding"),
        empty_values=(),
        order_by=("record_kind", "scope", "field"),
    )
    named = tables.Column(verbose_name="Record")
    program = tables.Column(verbose_name="Program", accessor="program__title")
    category = tables.Column()
    status = PartColumn("publishing/_withholding_state.html")
    review_on = WhenColumn(verbose_name="Review on")
    proposed_by = tables.Column(verbose_name="Proposed by", accessor="proposed_by__name")

    caption = "The row stays public; the field says that it is withheld, why, and until when."

    class Meta:
        order_by = "review_on"
        empty_text = "Nothing is withheld. A disclosure officer proposes it; another one decides."

    def render_field(self, record: Any) -> str:
        return str(record.what)

    value_field = render_field

    def value_status(self, record: Any) -> str:
        return str(record.get_status_display())


class FindingReleaseTable(tables.Table):
    title = tables.Column(verbose_name="Finding", linkify=_to("finding"))
    engagement = tables.Column(verbose_name="Engagement", accessor="engagement__title")
    office_name = tables.Column(verbose_name="Office")
    severity = tables.Column()
    release_number = PartColumn(
        "publishing/_finding_state.html",
        verbose_name="What is public",
        empty_values=(),
    )
    released_at = WhenColumn(verbose_name="Published", default="–")

    caption = (
        "Issued findings that you may publish. Nobody outside the audit office can hold them back."
    )

    class Meta:
        order_by = "-released_at"
        empty_text = "Findings appear here once they are issued."

    def value_release_number(self, record: Any) -> str:
        if not record.release_number:
            return "not published"
        return f"release {record.release_number}{', changed since' if record.moved else ''}"


class EngagementReleaseTable(tables.Table):
    number = tables.Column(linkify=_to("engagement"))
    title = tables.Column()
    status = tables.Column(verbose_name="State")
    release_number = PartColumn(
        "publishing/_engagement_release.html", verbose_name="What is public", empty_values=()
    )
    ordered = PartColumn(
        "publishing/_ordered.html", verbose_name="Changes", empty_values=(), orderable=False
    )

    caption = (
        "Engagements that you may publish. Nobody outside the audit office can hold them back."
    )

    class Meta:
        order_by = "-number"
        empty_text = "Engagements appear here for auditors of their office and for their team."

    def value_status(self, record: Any) -> str:
        return str(record.get_status_display())

    def value_release_number(self, record: Any) -> str:
        return f"release {record.release_number}" if record.release_number else "not published"

    def value_ordered(self, record: Any) -> str:
        return "released as they happen" if record.ordered else "released by hand"


class GlassTable(tables.Table):
    broken_at = WhenColumn(verbose_name="Broken")
    broken_by = tables.Column(verbose_name="By", accessor="broken_by__name")
    program = tables.Column(verbose_name="Program", accessor="program__title")
    record_kind = PartColumn("publishing/_glass_record.html", verbose_name="Over a")
    reason = tables.Column(accessor="text__reason", default="erased")
    hours = tables.Column(attrs=NUM)
    times = tables.Column(verbose_name="Read", attrs=NUM)
    noted = PartColumn(
        "publishing/_glass_noted.html",
        verbose_name="Owner’s side",
        empty_values=(),
        orderable=False,
    )

    caption = "Who read what is withheld for security, why, and how often. It expires by itself; nobody has to permit it."

    class Meta:
        order_by = "-broken_at"
        empty_text = "No auditor broke the glass over a record that you see."

    def value_record_kind(self, value: str) -> str:
        return value

    def value_noted(self, record: Any) -> str:
        return "noted" if hasattr(record, "noted") else "not noted"


class TakedownTable(tables.Table):
    program = tables.Column(
        verbose_name="Program", accessor="program__title", linkify=_to("takedown")
    )
    number = tables.Column(verbose_name="Release", accessor="release__number", attrs=NUM)
    status = PartColumn("publishing/_takedown_state.html")
    category = tables.Column()
    reason = tables.Column()
    raised_at = WhenColumn(verbose_name="Raised")
    review_due_at = WhenColumn(verbose_name="Review due", default="–")

    caption = "Releases that somebody took back or proposed to, of the programs that you see."

    class Meta:
        order_by = "-raised_at"
        empty_text = (
            "Nothing was taken back. A disclosure officer does it on the page of a program."
        )

    def value_status(self, record: Any) -> str:
        return str(record.get_status_display())
