"""The programs of a portfolio with their money."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.dashboards.queries import ProgramRow, program_rows
from tracker.dashboards.queries.histories import READ, sentence_of
from tracker.programs.models import ProgramQuerySet
from tracker.shared.pages import NUM, MoneyColumn, WhenColumn


class PortfolioTable(tables.Table):
    """One row for each program and currency. Amounts sort within their currency, never across."""

    title = tables.Column(verbose_name="Program", order_by=("by_title",))
    identifier = tables.Column(order_by=("identifier", "by_title"))
    recipients = tables.Column(order_by=("recipients", "by_title"))
    kind_of_aid = tables.Column(verbose_name="Kind of aid", order_by=("kind_of_aid", "by_title"))
    status = tables.Column(order_by=("status", "by_title"))
    committed = MoneyColumn(order_by=("by_committed", "by_title"))
    disbursed = MoneyColumn(order_by=("by_disbursed", "by_title"))
    remaining = MoneyColumn(order_by=("by_remaining", "by_title"))

    caption = (
        "A program with two currencies has two rows. Disbursed is what was paid, less what came back; "
        "remaining is committed and not yet paid."
    )

    class Meta:
        order_by = "title"
        empty_text = (
            "Programs appear here once one is set up in an organisation where you hold a role."
        )

    def __init__(self, programs: ProgramQuerySet, **kwargs: Any):
        super().__init__(program_rows(programs), **kwargs)

    def render_title(self, value: str, record: ProgramRow) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.href, value)

    def value_title(self, value: str) -> str:
        return value


class EventTable(tables.Table):
    """Entries of the journal about the records of an engagement's scope."""

    at = WhenColumn(verbose_name="When")
    actor_name = tables.Column(verbose_name="Who", default="the system")
    kind = tables.Column(verbose_name="Record")
    said = tables.Column(verbose_name="What happened", empty_values=(), orderable=False)
    number = tables.Column(accessor="pk", verbose_name="Entry", attrs=NUM)

    caption = "Everything that happened to the records in scope, as the journal has it. Nothing can be taken out of it."

    class Meta:
        order_by = "-number"
        empty_text = "Nothing happened that fits these filters."

    def render_kind(self, value: str, record: Any) -> SafeString | str:
        label = value.replace("_", " ")
        if value not in READ:
            return label
        return format_html('<a href="/desk/records/{}/">{}</a>', record.record, label)

    def value_kind(self, value: str) -> str:
        return value

    def render_said(self, record: Any) -> str:
        return sentence_of(record)
