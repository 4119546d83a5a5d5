"""Lists of the office's year."""

from typing import Any

import django_tables2 as tables

from tracker.audits.queries import PlanRow
from tracker.shared.pages import NUM, FileColumn, MoneyColumn, PartColumn


class SpentColumn(MoneyColumn):
    """Money of a year. Payments that nobody valued are not stated; where there is no payment, it is nothing."""

    empty_values = ()

    def render(self, value: Any, record: PlanRow) -> str:  # type: ignore[override]
        return super().render(value) if value is not None or record.payments else "nothing"


class PlanTable(tables.Table):
    """Programs by money × risk. The file adds each factor's points."""

    rank = tables.Column(attrs=NUM, orderable=False, empty_values=())
    program = PartColumn("audits/office/_program.html", orderable=False, verbose_name="Program")
    money = SpentColumn(verbose_name="Disbursed", orderable=False)
    share = tables.Column(
        verbose_name="Of the currency", attrs=NUM, orderable=False, empty_values=()
    )
    points = PartColumn("audits/office/_points.html", orderable=False, verbose_name="Points")
    level = PartColumn(
        "audits/office/_level.html", orderable=False, verbose_name="Risk", empty_values=()
    )
    asked = tables.Column(verbose_name="Asked for", orderable=False, empty_values=())
    state = PartColumn(
        "audits/office/_coverage.html", orderable=False, verbose_name="Coverage", empty_values=()
    )
    covered = FileColumn(accessor="covered_percent", verbose_name="Covered per cent")
    factors = FileColumn(accessor="measures", verbose_name="Factors")
    identifier = FileColumn(accessor="program__identifier", verbose_name="Identifier")

    class Meta:
        empty_text = (
            "Programs appear here once auditors of the office audit them: "
            "an administrator of their owner gives them that role."
        )

    def value_program(self, record: PlanRow) -> str:
        return record.program.title

    def render_rank(self, value: Any) -> str:
        return "–" if value is None else str(value)

    def render_share(self, value: Any) -> str:
        return "–" if value is None else f"{value}%"

    def value_rank(self, value: Any) -> Any:
        return value

    def value_share(self, value: Any) -> Any:
        return value

    def value_points(self, record: PlanRow) -> str:
        return str(record.points)

    def value_level(self, record: PlanRow) -> str:
        return record.rule.label

    def render_asked(self, record: PlanRow) -> str:
        rule = record.rule
        every = "every year" if rule.every_years == 1 else f"every {rule.every_years} years"
        return f"{rule.percent}% {every}"

    def value_state(self, record: PlanRow) -> str:
        return record.state

    def value_factors(self, record: PlanRow) -> str:
        return "; ".join(f"{one.label}: {one.points}" for one in record.measures)
