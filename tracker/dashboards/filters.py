"""How the lists of this room are narrowed. The nature of the portfolio's figures is no filter: it is a tab, always one."""

import django_filters as filters
from django import forms

from tracker.dashboards.queries.histories import IN_SCOPE
from tracker.programs.filters import ProgramFilter


class PortfolioFilter(ProgramFilter):
    nature = None


def _day(lookup: str, label: str) -> filters.DateFilter:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return filters.DateFilter("at", f"date__{lookup}", label=label, widget=widget)


class EventFilter(filters.FilterSet):
    """Entries of the journal, with the name of whoever caused them as `actor_name`."""

    kind = filters.ChoiceFilter(
        choices=[(kind, kind.replace("_", " ")) for kind in IN_SCOPE],
        label="Kind of record",
        empty_label="All",
    )
    person = filters.CharFilter("actor_name", "icontains", label="Person", max_length=100)
    since = _day("gte", "From day")
    until = _day("lte", "To day")
    record = filters.UUIDFilter("record", label="Identifier of a record")
