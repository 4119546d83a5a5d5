"""The list of programs."""

import django_tables2 as tables
from django.urls import reverse

from tracker.shared.pages import WhenColumn
from tracker.templatetags import tracker as components


def _address(record):
    return reverse("dashboards:program", args=[record.uid])


class OrganisationsColumn(tables.Column):
    """Organisations by their short names, one after the other."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, orderable=False, **kwargs)

    def render(self, value):
        return components.stated(self.value(value))

    def value(self, value):
        return ", ".join(one.label for one in value)


class ProgramTable(tables.Table):
    title = tables.Column(linkify=_address)
    identifier = tables.Column()
    donors = OrganisationsColumn()
    recipients = OrganisationsColumn()
    kind_of_aid = tables.Column(verbose_name="Kind of aid")
    status = tables.Column()
    starts_on = WhenColumn(verbose_name="Start")
    nature = tables.Column(verbose_name="Figures")

    caption = "The programs that your roles let you see. Figures of different natures are never added up together."

    class Meta:
        order_by = "title"
        empty_text = (
            "Programs appear here once a program officer of your organisation has set one up."
        )
