"""The list of uploads, and the rows of one."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse

from tracker.shared.pages import NUM, MoneyColumn, PartColumn, WhenColumn
from tracker.uploads.models import RowState, Upload, UploadRow, UploadStatus

TONES = {
    UploadStatus.CHECKING: "info",
    UploadStatus.CHECKED: "",
    UploadStatus.SUBMITTED: "info",
    UploadStatus.RETURNED: "warn",
    UploadStatus.POSTING: "info",
    UploadStatus.STOPPED: "warn",
    UploadStatus.POSTED: "good",
    UploadStatus.DISCARDED: "",
}
ROW_TONES = {
    RowState.GOOD: "",
    RowState.WRONG: "bad",
    RowState.KNOWN: "info",
    RowState.POSTED: "good",
}


class UploadTable(tables.Table):
    file_name = tables.Column(
        verbose_name="File", linkify=lambda record: reverse("uploads:upload", args=[record.uid])
    )
    status = PartColumn("uploads/_status.html", verbose_name="State")
    organisation = tables.Column(order_by=("organisation__name",))
    voucher = tables.Column(accessor="voucher__number", order_by=("voucher__number",))
    rows_total = tables.Column(verbose_name="Rows", attrs=NUM)
    rows_wrong = tables.Column(verbose_name="With errors", attrs=NUM)
    rows_known = tables.Column(verbose_name="Posted before", attrs=NUM)
    rows_posted = tables.Column(verbose_name="Posted", attrs=NUM)
    uploaded_by = tables.Column(verbose_name="Uploaded by", order_by=("uploaded_by__name",))
    uploaded_at = WhenColumn(verbose_name="Uploaded")

    class Meta:
        order_by = "-uploaded_at"
        empty_text = "A file of transactions becomes one batch voucher. Upload the first one."

    def value_status(self, record: Upload) -> str:
        return record.stands_said


class ProblemColumn(PartColumn):
    """What is wrong with a row: sentences on the page; column, value, cause and remedy in the file."""

    PARTS = ("column", "value", "cause", "remedy")

    def value(self, record: UploadRow, **kwargs: Any) -> list[dict[str, str]]:
        return record.problems

    def csv_heads(self, head: str) -> list[str]:
        return ["Column", "Value", "Cause", "Remedy"]

    def csv_cells(self, value: list[dict[str, str]]) -> list[str]:
        return [" | ".join(problem[part] for problem in value) for part in self.PARTS]


class RowTable(tables.Table):
    line = tables.Column(attrs=NUM)
    state = PartColumn("uploads/_row_state.html")
    problems = ProblemColumn(
        "uploads/_problems.html", verbose_name="What is wrong", orderable=False
    )
    program = tables.Column(
        accessor="program_code", order_by=("program_code",), verbose_name="Program"
    )
    name = tables.Column(accessor="program_name", order_by=("program_name",), verbose_name="Name")
    kind = tables.Column()
    amount = MoneyColumn()
    value_date = WhenColumn(
        verbose_name="Date", precision="date_precision", fiscal_year="fiscal_year"
    )
    reference = tables.Column()
    payee = tables.Column()

    class Meta:
        order_by = "line"
        row_attrs = {"class": lambda record: "bad" if record.state == RowState.WRONG else None}
        empty_text = "The rows of the file stand here as they are checked."

    def value_state(self, record: UploadRow) -> str:
        return record.get_state_display()

    def render_reference(self, record: UploadRow) -> str:
        return record.reference
