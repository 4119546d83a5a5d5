"""What lists of people show."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.accounts.models import Invitation, Membership, MembershipStatus, Organisation, User
from tracker.shared.clock import database_now
from tracker.shared.pages import NUM, WhenColumn
from tracker.templatetags.tracker import badge

TONES = {"active": "good", "proposed": "warn", "declined": "", "ended": ""}


def said(membership: Membership) -> str:
    """A role in words: approver of Ministry 1."""
    waits = " (proposed)" if membership.status == "proposed" else ""
    return f"{membership.get_role_display()} of {membership.over}{waits}"


class PersonTable(tables.Table):
    name = tables.Column(linkify=("accounts:person", [tables.A("uid")]))
    email = tables.Column(verbose_name="E-mail")
    organisation = tables.Column(accessor="organisation__name", verbose_name="Works for")
    roles = tables.Column(accessor="standing", orderable=False, empty_values=())
    is_active = tables.Column(verbose_name="Account")
    joined_at = WhenColumn(verbose_name="Joined")

    caption = "People of the organisations that you administer, and guests who hold a role there."

    class Meta:
        order_by = "name"
        empty_text = "People appear here once they accept an invitation."

    def render_roles(self, record: User) -> str:
        return self.value_roles(record) or "none"

    def value_roles(self, record: User) -> str:
        return "; ".join(said(membership) for membership in record.standing)  # type: ignore[attr-defined]

    def render_is_active(self, value: bool) -> SafeString:
        return badge("good", "can sign in") if value else badge("bad", "deactivated")

    def value_is_active(self, value: bool) -> str:
        return "can sign in" if value else "deactivated"


class MembershipTable(tables.Table):
    person = tables.Column(
        accessor="person__name",
        verbose_name="Person",
        linkify=("accounts:person", [tables.A("person__uid")]),
    )
    works_for = tables.Column(accessor="person__organisation__name", verbose_name="Works for")
    role = tables.Column()
    over = tables.Column(order_by=("organisation__name", "program__title"), verbose_name="Over")
    status = tables.Column(verbose_name="State")
    granted_by = tables.Column(
        accessor="granted_by__name", verbose_name="Proposed or granted by", empty_values=()
    )
    confirmed_by = tables.Column(
        accessor="confirmed_by__name", verbose_name="Second administrator", empty_values=()
    )
    changed_at = WhenColumn(verbose_name="Since")

    class Meta:
        order_by = "-changed_at"
        empty_text = "Roles appear here once somebody is given one, on their page."

    def render_granted_by(self, record: Membership) -> str:
        return str(record.granted_by or "the system")

    def render_confirmed_by(self, record: Membership) -> str:
        if record.confirmed_by:
            return str(record.confirmed_by)
        waits = record.status == MembershipStatus.PROPOSED
        return "not yet" if waits else "not needed"

    def render_status(self, record: Membership) -> SafeString:
        return badge(TONES[record.status], record.get_status_display())

    def value_status(self, record: Membership) -> str:
        return record.get_status_display()


def state_of(invitation: Invitation, now: Any) -> tuple[str, str]:
    """Tone and words."""
    if invitation.withdrawn:
        return "", "withdrawn"
    if invitation.accepted_by_id:
        return "good", "accepted"
    return ("warn", "open") if invitation.expires_at > now else ("bad", "expired")


class InvitationTable(tables.Table):
    name = tables.Column()
    email = tables.Column(verbose_name="E-mail")
    organisation = tables.Column(accessor="organisation__name", verbose_name="To work for")
    invited_by = tables.Column(accessor="invited_by__name", verbose_name="Invited by")
    invited_at = WhenColumn(verbose_name="Invited")
    expires_at = WhenColumn(verbose_name="Good until")
    state = tables.Column(empty_values=(), orderable=False)
    withdraw = tables.TemplateColumn(
        template_name="accounts/_withdraw.html",
        verbose_name="What you can do",
        orderable=False,
        exclude_from_export=True,
    )

    class Meta:
        order_by = "-invited_at"
        empty_text = "Invite somebody: the letter that goes out is listed here until it is used."

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.now = database_now()

    def render_state(self, record: Invitation) -> SafeString:
        return badge(*state_of(record, self.now))

    def value_state(self, record: Invitation) -> str:
        return state_of(record, self.now)[1]


class OrganisationTable(tables.Table):
    name = tables.Column()
    short_name = tables.Column()
    kind = tables.Column()
    identifier = tables.Column()
    country = tables.Column()
    time_zone = tables.Column()
    people_count = tables.Column(verbose_name="People", attrs=NUM)
    administrator_count = tables.Column(verbose_name="Administrators", attrs=NUM)

    class Meta:
        order_by = "name"
        empty_text = "Add the ministries, recipients and contractors that your programs name."

    def render_administrator_count(self, record: Organisation, value: int) -> Any:
        return value if value >= 2 else format_html("{} {}", value, badge("warn", "fewer than two"))

    def value_administrator_count(self, value: int) -> int:
        return value


class NoticeTable(tables.Table):
    sentence = tables.Column(verbose_name="What")
    sent_at = WhenColumn(verbose_name="Sent")
    read_at = WhenColumn(verbose_name="Read")
    open = tables.TemplateColumn(
        template_name="account/_notice.html",
        verbose_name="What you can do",
        orderable=False,
        exclude_from_export=True,
    )

    class Meta:
        order_by = "-sent_at"
        empty_text = "Whatever waits for you is told here and by e-mail."
