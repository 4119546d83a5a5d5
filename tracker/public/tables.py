"""The columns of the public lists, and of their files."""

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.db.models import Case, QuerySet, Value, When
from django.template.loader import render_to_string

from tracker.public import words
from tracker.public.queries import Finding
from tracker.public.rows import row_of
from tracker.shared.instead import in_words
from tracker.shared.money import Money
from tracker.shared.pages import NUM, CellColumn, PartColumn, WhenColumn
from tracker.templatetags import tracker as components

PLAIN = CellColumn()
TEXT = {"td": {"class": "text"}}


class WordsColumn(tables.Column):
    """A code, shown and filed in words."""

    def __init__(self, labels: words.Labels, **kwargs: Any):
        super().__init__(**kwargs)
        self.labels = labels

    def render(self, value: Any) -> str:
        return self.labels.get(value, value)


class MoneyCellColumn(CellColumn):
    """A released amount to the right; in files a plain decimal and its currency, or why it is withheld."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"attrs": NUM, **kwargs})

    def csv_heads(self, head: str) -> list[str]:
        return [head, f"{head} currency"]

    def csv_cells(self, value: Any) -> list[str]:
        if isinstance(value, Money):
            return [value.plain, value.currency]
        return [str(value or ""), ""]


class DateCellColumn(tables.Column):
    """A released date, as exactly as it is known."""

    def render(self, value: Any, record: Any) -> str:
        if value.get("state") != "stated":
            return components.cell(value)
        booked_on = row_of(record).code("booked_on")
        return components.days(value["value"], *self._exactness(record), booked_on, apart=True)

    def value(self, value: Any, record: Any) -> Any:
        day = components.as_date(value.get("value"))
        if value.get("state") != "stated" or not hasattr(day, "year"):
            return PLAIN.value(value)
        return components.iso_date(day, *self._exactness(record))

    @staticmethod
    def _exactness(record: Any) -> tuple[str, int | None]:
        row = row_of(record)
        return row.code("date_precision") or "day", row.code("fiscal_year")


class ProgramTable(tables.Table):
    title = PartColumn("public/_program_name.html", order_by="title")
    identifier = tables.Column()
    nature = PartColumn("public/_nature_short.html", verbose_name="Figures")
    kind_of_aid = WordsColumn(words.KINDS_OF_AID, verbose_name="Kind of aid")
    status = WordsColumn(words.STATUSES)
    donors = tables.Column(verbose_name="Donor")
    recipients = tables.Column(verbose_name="Recipient")
    data_until = WhenColumn(accessor="release__data_until", verbose_name="Data until")

    def value_title(self, value: Any, record: Any) -> str:
        return record.title

    def value_nature(self, value: str) -> str:
        return words.NATURES.get(value, value)

    class Meta:
        order_by = ("title", "pk")
        empty_text = "Programs appear here once their office has released them."


class PaymentTable(tables.Table):
    """Released transactions of one program. `findings` says which findings point at a row."""

    value_date = DateCellColumn(
        accessor="cells__value_date", order_by="cells__value_date__value", verbose_name="Date"
    )
    kind = tables.Column(accessor="cells__kind", order_by="cells__kind__value", verbose_name="What")
    description = CellColumn(
        accessor="cells__description",
        order_by="cells__description__value",
        verbose_name="What for",
        attrs=TEXT,
    )
    payee = CellColumn(
        accessor="cells__payee",
        order_by="cells__payee__value",
        verbose_name="Paid to",
        attrs=TEXT,
    )
    receiver = CellColumn(
        accessor="cells__receiver",
        order_by="cells__receiver__value",
        verbose_name="For",
        attrs=TEXT,
    )
    amount = MoneyCellColumn(
        accessor="cells__amount",
        order_by=("cells__amount__value__currency", "cells__amount__value__minor"),
        verbose_name="Amount",
    )
    proof = PartColumn(
        "public/_proof.html",
        accessor="cells__entry",
        order_by="cells__entry__value",
        verbose_name="Journal entry",
        attrs=NUM,
    )

    caption = "Every row of the release. Nothing is deleted: a mistake stays, marked, beside the row that cancels it."

    def __init__(
        self, *args: Any, findings: Mapping[str, list[Finding]] | None = None, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.findings = findings or {}

    def render_kind(self, record: Any) -> str:
        row = row_of(record)
        context = {"row": row, "findings": self.findings.get(row.uid)}
        return render_to_string("public/_payment_kind.html", context)

    def value_kind(self, record: Any) -> str:
        row = row_of(record)
        reversal = "reversal of a " if row.code("reverses") else ""
        after = ", reversed" if row.code("reversed") else ""
        return f"{reversal}{row.said('kind')}{after}"

    def render_amount(self, record: Any) -> str:
        return render_to_string("public/_worth.html", {"row": row_of(record)})

    def value_amount(self, value: Any) -> Any:
        return PLAIN.value(value)

    def value_proof(self, record: Any) -> Any:
        return row_of(record).code("entry")

    class Meta:
        order_by = "-value_date"
        empty_text = "No payment or commitment is in the release of this program."
        row_attrs = {
            "id": lambda record: f"row-{record.subject}",
            "class": lambda record: "reversed" if row_of(record).code("reversed") else "",
        }


class WithheldTable(tables.Table):
    record_kind = tables.Column(
        accessor="cells__record_kind__value", verbose_name="In which row", order_by="position"
    )
    field = tables.Column(accessor="cells__field__value", verbose_name="What is withheld")
    category = WordsColumn(
        words.CATEGORIES, accessor="cells__category__value", verbose_name="Kind of reason"
    )
    reason = tables.Column(accessor="cells__reason__value", verbose_name="Reason")
    legal_basis = tables.Column(accessor="cells__legal_basis__value", verbose_name="Legal basis")
    decided_by = tables.Column(accessor="cells__decided_by__value", verbose_name="Decided by")
    review_on = WhenColumn(accessor="cells__review_on__value", verbose_name="Looked at again")
    stand_in = tables.Column(
        accessor="cells__stand_in__value", verbose_name="What is said instead", orderable=False
    )
    scope = WordsColumn(words.SCOPES, accessor="cells__scope__value", verbose_name="Withheld")

    caption = (
        "Each field that this release withholds, and nothing else: the rows themselves are public."
    )

    def render_record_kind(self, value: str, record: Any) -> str:
        context = {"record": record, "said": words.KIND_WORDS.get(value, value)}
        return render_to_string("public/_withheld_row.html", context)

    def value_record_kind(self, value: str) -> str:
        return words.KIND_WORDS.get(value, value)

    def render_field(self, value: str) -> str:
        return words.field_words(value)

    def render_stand_in(self, value: Any) -> str:
        return in_words(value)

    value_stand_in = render_stand_in

    class Meta:
        order_by = "record_kind"
        empty_text = "Nothing in this release is withheld."


class ReportTable(tables.Table):
    title = PartColumn("public/_report_name.html", order_by="title")
    kind = WordsColumn(words.REPORT_KINDS)
    program = tables.Column(accessor="program__title", verbose_name="Program")
    period_start = WhenColumn(verbose_name="From")
    period_end = WhenColumn(verbose_name="Until")
    published_at = WhenColumn(accessor="release__published_at", verbose_name="Published")

    def value_title(self, value: Any, record: Any) -> str:
        return record.title

    def value_published_at(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"

    def render_published_at(self, value: Any) -> str:
        return components.when(value.date())

    class Meta:
        order_by = "-period_end"
        empty_text = (
            "Reports appear here once a second person has reviewed them and they are published."
        )


class FindingTable(tables.Table):
    title = PartColumn("public/_finding_name.html", order_by="title")
    office = tables.Column(verbose_name="Audit office")
    severity = tables.Column()
    issued_on = WhenColumn(verbose_name="Issued")
    recommendations = tables.Column(attrs=NUM)
    open_recommendations = PartColumn("public/_open.html", verbose_name="Still open", attrs=NUM)
    as_of = WhenColumn(verbose_name="As of")

    def value_title(self, value: Any, record: Any) -> str:
        return record.title

    def order_severity(self, rows: QuerySet[Any], descending: bool) -> tuple[QuerySet[Any], bool]:
        """From low to critical, not by alphabet."""
        ranks = [When(severity=code, then=Value(n)) for n, code in enumerate(words.SEVERITIES)]
        rows = rows.alias(rank=Case(*ranks, default=Value(len(ranks))))
        return rows.order_by("-rank" if descending else "rank", "pk"), True

    def render_severity(self, value: str) -> str:
        return components.badge(
            words.SEVERITY_TONES.get(value, ""), words.SEVERITIES.get(value, value)
        )

    def value_severity(self, value: str) -> str:
        return words.SEVERITIES.get(value, value)

    def value_open_recommendations(self, record: Any) -> int:
        return record.open_recommendations

    class Meta:
        order_by = "-issued_on"
        empty_text = "Findings appear here once the audit office releases them."


class EngagementTable(tables.Table):
    title = PartColumn("public/_engagement_name.html", order_by="title")
    number = tables.Column()
    office = PartColumn("public/_office_name.html", verbose_name="Audit office", order_by="office")
    kind = WordsColumn(words.ENGAGEMENT_KINDS)
    standard = WordsColumn(words.STANDARDS)
    status = WordsColumn(words.ENGAGEMENT_STATES, verbose_name="State")
    as_of = WhenColumn(verbose_name="As of")

    caption = "What audit offices look at, as they release it themselves; what they gave up stays, and says so."

    def value_title(self, value: Any, record: Any) -> str:
        return record.title

    def value_office(self, value: Any, record: Any) -> str:
        return record.office

    class Meta:
        order_by = "-number"
        empty_text = "Engagements appear here once their audit office releases them."
