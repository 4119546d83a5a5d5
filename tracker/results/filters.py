"""How the measurements of an indicator are narrowed."""

import django_filters as filters
from django import forms
from django.db.models import Q

from tracker.results.models import Measurement, Verification


def _day():
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class MeasurementFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search source and comment")
    verification = filters.ChoiceFilter(choices=Verification.choices)
    since = filters.DateFilter("measured_on", "gte", label="Measured from", widget=_day())
    until = filters.DateFilter("measured_on", "lte", label="Measured to", widget=_day())
    standing = filters.ChoiceFilter(
        label="Rows",
        method="only",
        choices=[("in_force", "in force"), ("corrected", "corrected")],
    )

    class Meta:
        model = Measurement
        fields: list[str] = []

    def search(self, rows, name, value):
        return rows.filter(Q(text__source__icontains=value) | Q(text__comment__icontains=value))

    def only(self, rows, name, value):
        return rows.filter(replaced_by__isnull=value == "in_force")
