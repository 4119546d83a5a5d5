"""How lists of people are narrowed down."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from tracker.accounts import queries
from tracker.accounts.models import (
    Invitation,
    Membership,
    MembershipStatus,
    Notice,
    Organisation,
    OrganisationType,
    Role,
    User,
)
from tracker.shared.clock import database_now

CAN_SIGN_IN = [("yes", "can sign in"), ("no", "deactivated")]
READ = [("unread", "unread"), ("read", "read")]
INVITATION_STATES = [
    ("open", "open"),
    ("accepted", "accepted"),
    ("expired", "expired"),
    ("withdrawn", "withdrawn"),
]


def _mine(request: Any) -> QuerySet[Organisation]:
    return queries.organisations_administered_by(request.user).order_by("name", "pk")


class PersonFilter(filters.FilterSet):
    q = filters.CharFilter(label="Name or e-mail", method="find")
    organisation = filters.ModelChoiceFilter(
        label="Works for", queryset=_mine, to_field_name="uid", empty_label="Any"
    )
    role = filters.ChoiceFilter(
        label="Role in force", choices=Role.choices, method="holding", empty_label="Any"
    )
    status = filters.ChoiceFilter(
        label="Account", choices=CAN_SIGN_IN, method="able", empty_label="Any"
    )

    class Meta:
        model = User
        fields: list[str] = []

    def find(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def holding(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        held = queries.memberships_visible_to(self.request.user)
        active = held.filter(role=value, status=MembershipStatus.ACTIVE)
        return rows.filter(pk__in=active.values("person"))

    def able(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(is_active=value == "yes")


class MembershipFilter(filters.FilterSet):
    q = filters.CharFilter(label="Name or e-mail", method="find")
    role = filters.ChoiceFilter(choices=Role.choices, empty_label="Any")
    status = filters.ChoiceFilter(
        label="State", choices=MembershipStatus.choices, empty_label="Any"
    )
    organisation = filters.ModelChoiceFilter(
        label="Over", queryset=_mine, to_field_name="uid", method="over", empty_label="Any"
    )

    class Meta:
        model = Membership
        fields: list[str] = []

    def find(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        return rows.filter(Q(person__name__icontains=value) | Q(person__email__icontains=value))

    def over(
        self, rows: QuerySet[Membership], name: str, value: Organisation
    ) -> QuerySet[Membership]:
        return rows.filter(Q(organisation=value) | Q(program__owner=value))


class InvitationFilter(filters.FilterSet):
    q = filters.CharFilter(label="Name or e-mail", method="find")
    state = filters.ChoiceFilter(
        label="State", choices=INVITATION_STATES, method="in_state", empty_label="Any"
    )

    class Meta:
        model = Invitation
        fields: list[str] = []

    def find(self, rows: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        return rows.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def in_state(self, rows: QuerySet[Invitation], name: str, value: str) -> QuerySet[Invitation]:
        over = Q(accepted_by__isnull=False) | Q(withdrawn=True)
        now = database_now()
        states = {
            "open": ~over & Q(expires_at__gt=now),
            "expired": ~over & Q(expires_at__lte=now),
            "accepted": Q(accepted_by__isnull=False),
            "withdrawn": Q(withdrawn=True),
        }
        return rows.filter(states[value])


class OrganisationFilter(filters.FilterSet):
    q = filters.CharFilter(label="Name or identifier", method="find")
    kind = filters.ChoiceFilter(choices=OrganisationType.choices, empty_label="Any")

    class Meta:
        model = Organisation
        fields: list[str] = []

    def find(self, rows: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        return rows.filter(
            Q(name__icontains=value)
            | Q(short_name__icontains=value)
            | Q(identifier__icontains=value)
        )


class NoticeFilter(filters.FilterSet):
    q = filters.CharFilter("sentence", "icontains", label="Words")
    state = filters.ChoiceFilter(label="State", choices=READ, method="in_state", empty_label="Any")

    class Meta:
        model = Notice
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return rows.filter(read_at__isnull=value == "unread")
