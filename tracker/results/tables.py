"""The measurements of one indicator."""

import django_tables2 as tables

from tracker.shared.pages import NUM, PartColumn, WhenColumn
from tracker.templatetags import tracker as components


class MeasurementTable(tables.Table):
    measured_on = WhenColumn(verbose_name="Measured")
    value = tables.Column(attrs=NUM)
    verification = tables.Column()
    source = tables.Column(accessor="text__source")
    comment = tables.Column(accessor="text__comment", default="")
    row = tables.Column(accessor="pk", verbose_name="Row", orderable=False)
    recorded_by = tables.Column(accessor="recorded_by__name", verbose_name="Recorded by")
    recorded_at = WhenColumn(verbose_name="Recorded")

    caption = (
        "What was found and when. A row is never changed: a correction is a new row, and the old one stays. "
        "“Not stated” means that somebody looked and found no value."
    )

    class Meta:
        order_by = "-measured_on"
        row_attrs = {"class": lambda record: "reversed" if _corrected(record) else ""}
        empty_text = "Measurements appear here once a program officer has recorded one."

    def render_value(self, value):
        return components.stated(value)

    def value_value(self, value):
        return f"{value:f}"

    def render_row(self, record):
        return "corrected" if _corrected(record) else "in force"


class CorrectableMeasurementTable(MeasurementTable):
    """The same, for those who may correct a row."""

    correct = PartColumn(
        "results/_correct.html",
        verbose_name="Next",
        orderable=False,
        exclude_from_export=True,
    )

    class Meta(MeasurementTable.Meta):
        pass


def _corrected(record):
    return getattr(record, "replaced_by", None) is not None
