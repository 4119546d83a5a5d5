"""The lists of what controls the ledger: periods, interests, emergencies, delegations, refused attempts."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse

from tracker.ledger.models import (
    Delegation,
    DelegationStatus,
    EmergencyPosting,
    EmergencyStatus,
    InterestDeclaration,
    InterestKind,
    InterestStatus,
    Period,
    PeriodStatus,
    RefusedAttempt,
)
from tracker.shared.pages import NUM, MoneyColumn, WhenColumn
from tracker.templatetags import tracker as components

DELEGATION_TONES = {
    DelegationStatus.PROPOSED: "warn",
    DelegationStatus.CONFIRMED: "good",
    DelegationStatus.DECLINED: "",
    DelegationStatus.ENDED: "",
}


INTEREST_TONES = {
    InterestStatus.IN_FORCE: "warn",
    InterestStatus.ENDING: "warn",
    InterestStatus.ENDED: "",
}


EMERGENCY_TONES = {
    EmergencyStatus.WAITING: "warn",
    EmergencyStatus.RATIFIED: "good",
    EmergencyStatus.OBJECTED: "bad",
}


PERIOD_TONES = {
    PeriodStatus.OPEN: "",
    PeriodStatus.CLOSING: "warn",
    PeriodStatus.CLOSED: "good",
    PeriodStatus.REOPENING: "warn",
}


class DelegationTable(tables.Table):
    """Who signs for whom, and on which days."""

    delegator = tables.Column(
        verbose_name="Approver",
        order_by=("delegator__name",),
        linkify=lambda record: reverse("ledger:delegation", args=[record.uid]),
    )
    delegate = tables.Column(verbose_name="Handed to", order_by=("delegate__name",))
    organisation = tables.Column(order_by=("organisation__name",))
    valid_from = WhenColumn(verbose_name="First day")
    valid_until = WhenColumn(verbose_name="Last day")
    status = tables.Column(verbose_name="State", orderable=False)

    class Meta:
        order_by = "-valid_from"
        empty_text = "An approver who is away hands their approving to a colleague for some days."

    def render_status(self, record: Delegation) -> str:
        status = DelegationStatus(record.status)
        return components.badge(DELEGATION_TONES[status], status.label)

    def value_status(self, record: Delegation) -> str:
        return DelegationStatus(record.status).label


class InterestTable(tables.Table):
    """What people declared, and how it stands."""

    declared_at = WhenColumn(
        verbose_name="Declared",
        linkify=lambda record: reverse("ledger:interest", args=[record.uid]),
    )
    person = tables.Column(order_by=("person__name",))
    kind = tables.Column(verbose_name="What")
    concerns = tables.Column(
        verbose_name="In whom", order_by=("concerns__name",), empty_values=(), orderable=False
    )
    status = tables.Column(verbose_name="State", orderable=False)

    class Meta:
        order_by = "-declared_at"
        empty_text = "Nothing was declared that you may read."

    def render_concerns(self, record: InterestDeclaration) -> Any:
        said = self.value_concerns(record)
        return components.stated(said) if record.kind != InterestKind.NOTHING else "nobody"

    def value_concerns(self, record: InterestDeclaration) -> str:
        return str(record.concerns or record.text.payee)

    def render_status(self, record: InterestDeclaration) -> str:
        said = self.value_status(record)
        if record.kind == InterestKind.NOTHING:
            return components.badge("", said)
        return components.badge(INTEREST_TONES[InterestStatus(record.status)], said)

    def value_status(self, record: InterestDeclaration) -> str:
        if record.kind == InterestKind.NOTHING:
            return "declared"
        return InterestStatus(record.status).label


class EmergencyTable(tables.Table):
    """Postings for which one signature stood for two."""

    number = tables.Column(
        accessor="version__voucher__number",
        verbose_name="Voucher",
        order_by=("version__voucher__number",),
        linkify=lambda record: reverse("ledger:emergency", args=[record.uid]),
    )
    program = tables.Column(
        accessor="version__program__title",
        verbose_name="Program",
        order_by=("version__program__title",),
    )
    amount = MoneyColumn(accessor="version__amount", orderable=False)
    posted_by = tables.Column(verbose_name="Posted by", order_by=("posted_by__name",))
    posted_at = WhenColumn(verbose_name="Posted")
    review_due_on = WhenColumn(verbose_name="Review due")
    status = tables.Column(verbose_name="Review", orderable=False)

    class Meta:
        order_by = "-posted_at"
        empty_text = "Nothing was ever posted in an emergency."

    def render_status(self, record: EmergencyPosting) -> str:
        status = EmergencyStatus(record.status)
        return components.badge(EMERGENCY_TONES[status], status.label)

    def value_status(self, record: EmergencyPosting) -> str:
        return EmergencyStatus(record.status).label


class AttemptTable(tables.Table):
    """Who was refused what, and with which sentence."""

    attempted_at = WhenColumn(verbose_name="When")
    person = tables.Column(order_by=("person__name",))
    organisation = tables.Column(order_by=("organisation__name",))
    verb = tables.Column(verbose_name="What was tried", order_by=("noun", "verb"))
    sentence = tables.Column(
        accessor="text__sentence", verbose_name="Why it was refused", orderable=False
    )
    entry = tables.Column(accessor="entry_id", verbose_name="Journal entry", order_by=("entry_id",))

    class Meta:
        order_by = "-attempted_at"
        empty_text = "Nobody was refused anything in the organisations that you audit."

    def render_verb(self, record: RefusedAttempt) -> str:
        return self.value_verb(record)

    def value_verb(self, record: RefusedAttempt) -> str:
        return f"{record.noun}: {record.verb}".replace("_", " ")

    def render_entry(self, record: RefusedAttempt) -> str:
        return components.proof(record.entry_id)

    def value_entry(self, record: RefusedAttempt) -> int:
        return record.entry_id


class PeriodTable(tables.Table):
    """Quarters that somebody has proposed to close, the newest first."""

    name = tables.Column(
        verbose_name="Quarter",
        order_by=("first_day",),
        linkify=lambda record: reverse("ledger:period", args=[record.uid]),
    )
    organisation = tables.Column(order_by=("organisation__name",))
    first_day = WhenColumn(verbose_name="From")
    last_day = WhenColumn(verbose_name="To")
    status = tables.Column(verbose_name="State")
    waits_for = tables.Column(verbose_name="Waits for", empty_values=(), orderable=False)
    in_flight = tables.Column(verbose_name="In flight", attrs=NUM)
    signatures = tables.Column(verbose_name="Signatures", attrs=NUM)

    class Meta:
        order_by = "-last_day"
        empty_text = "A quarter stands here once somebody has proposed to close it."

    def render_status(self, record: Period) -> str:
        status = PeriodStatus(record.status)
        return components.badge(PERIOD_TONES[status], status.value.replace("reo", "re-o"))

    def value_status(self, record: Period) -> str:
        return record.status

    def render_waits_for(self, record: Any) -> str:
        return self.value_waits_for(record) or "nobody"

    def value_waits_for(self, record: Any) -> str:
        return f"an approver other than {record.proposed_by}" if record.proposed_by else ""
