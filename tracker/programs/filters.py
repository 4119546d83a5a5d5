"""How the list of programs is narrowed."""

import django_filters as filters
from django.db.models import Exists, OuterRef

from tracker.accounts.models import Organisation
from tracker.programs import queries
from tracker.programs.models import (
    KindOfAid,
    Nature,
    ParticipantRole,
    Participation,
    Program,
    ProgramQuerySet,
    ProgramStatus,
)


def taking_part(role):
    """Those who have this role in a program that the person may see."""

    def choices(request):
        if request is None:
            return Organisation.objects.none()
        return queries.organisations_taking_part(Program.objects.visible_to(request.user), role)

    return choices


class ProgramFilter(filters.FilterSet):
    q = filters.CharFilter(
        method="search", label="Search title, identifier, summary and participants"
    )
    status = filters.ChoiceFilter(choices=ProgramStatus.choices)
    kind_of_aid = filters.ChoiceFilter(label="Kind of aid", choices=KindOfAid.choices)
    nature = filters.ChoiceFilter(label="Figures", choices=Nature.choices)
    recipient = filters.ModelChoiceFilter(
        label="Recipient",
        queryset=taking_part(ParticipantRole.RECIPIENT),
        to_field_name="uid",
        method="take_part",
    )
    donor = filters.ModelChoiceFilter(
        label="Donor",
        queryset=taking_part(ParticipantRole.DONOR),
        to_field_name="uid",
        method="take_part",
    )

    class Meta:
        model = Program
        fields: list[str] = []

    def search(self, rows: ProgramQuerySet, name: str, value: str) -> ProgramQuerySet:
        return rows.matching(value)

    def take_part(self, rows: ProgramQuerySet, name: str, value: Organisation) -> ProgramQuerySet:
        part = Participation.objects.filter(program=OuterRef("pk"), organisation=value, role=name)
        return rows.filter(Exists(part))
