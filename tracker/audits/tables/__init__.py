"""Lists of audits."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

import django_tables2 as tables
from django.template.defaultfilters import truncatewords

from tracker.audits.models import (
    Finding,
    Outcome,
    Recommendation,
    Sample,
    SampleItem,
    SampleMethod,
)
from tracker.audits.queries import bucket_of, today_for
from tracker.ledger.models import Transaction
from tracker.shared.money import Money
from tracker.shared.pages import NUM, FileColumn, MoneyColumn, PartColumn, WhenColumn
from tracker.templatetags import tracker as components


class EngagementTable(tables.Table):
    number = tables.Column(linkify=True)
    title = tables.Column()
    kind = tables.Column()
    office = tables.Column(accessor="office__label", order_by="office__name", verbose_name="Office")
    lead = tables.Column(order_by="lead__name")
    findings = tables.Column(accessor="findings_count", attrs=NUM)
    open_recommendations = tables.Column(verbose_name="Open recommendations", attrs=NUM)
    status = PartColumn("audits/_engagement_status.html", verbose_name="State")

    class Meta:
        order_by = "-number"
        empty_text = (
            "Engagements appear here for their team and for auditors of a program in scope. "
            "An auditor begins by planning one."
        )

    def value_status(self, record: Any) -> str:
        return record.get_status_display()


class FindingTable(tables.Table):
    label = tables.Column(
        verbose_name="Number", linkify=True, order_by=("engagement__number", "number")
    )
    title = tables.Column()
    severity = PartColumn("audits/_severity.html")
    payments = tables.Column(attrs=NUM)
    questioned = MoneyColumn(verbose_name="Questioned", order_by=("currency", "questioned"))
    open_recommendations = tables.Column(verbose_name="Open recommendations", attrs=NUM)
    issued_on = WhenColumn(verbose_name="Issued")
    status = PartColumn("audits/_finding_status.html", verbose_name="State")

    class Meta:
        order_by = "-issued_on"
        empty_text = (
            "Findings appear here once auditors have issued them on payments that you see. "
            "An auditor drafts one from an engagement or from a payment's page."
        )

    def value_severity(self, record: Finding) -> str:
        return record.get_severity_display()

    def value_status(self, record: Finding) -> str:
        return record.get_status_display()


class RecommendationTable(tables.Table):
    """The tracker. What the owner says and what the auditors verified stand in columns of their own."""

    label = tables.Column(
        verbose_name="Number",
        linkify=True,
        order_by=("finding__engagement__number", "finding__number", "number"),
    )
    text = tables.Column(verbose_name="Recommendation", orderable=False)
    owner = tables.Column(accessor="owner__name", order_by="owner__name", verbose_name="Owner")
    severity = PartColumn(
        "audits/_severity_of_recommendation.html",
        accessor="finding__severity",
        verbose_name="Severity",
        orderable=False,
    )
    response = tables.Column(orderable=False)
    due_on = PartColumn("audits/_due_slipped.html", verbose_name="Due", order_by=("due_on",))
    late = tables.Column(
        verbose_name="Days overdue", empty_values=(), order_by=("due_on",), attrs=NUM
    )
    state = PartColumn("audits/_state_both.html")
    original_due_on = FileColumn(verbose_name="First due")
    slippage = FileColumn(verbose_name="Days slipped")
    issued_on = FileColumn(verbose_name="Issued")
    age = FileColumn(verbose_name="Age", accessor="issued_on")
    native_status = FileColumn(verbose_name="Office's own status")
    claimed_at = FileColumn(verbose_name="Said to be done")
    verified_at = FileColumn(verbose_name="Verified")
    office = FileColumn(accessor="finding__engagement__office__name", verbose_name="Audit office")

    class Meta:
        order_by = "due_on"
        empty_text = (
            "Recommendations appear here once the finding that they belong to is issued. "
            "Their owners respond to them here, and auditors close them."
        )

    @cached_property
    def day(self) -> date:
        """Today, asked once for the whole list."""
        return today_for(self.request.user)

    def render_text(self, value: str) -> str:
        return truncatewords(value, 24)

    def value_text(self, record: Recommendation) -> str:
        return record.text

    def render_late(self, record: Recommendation) -> str:
        return str(record.days_overdue(self.day) or "")

    def value_late(self, record: Recommendation) -> int:
        return record.days_overdue(self.day)

    def value_due_on(self, record: Recommendation) -> str:
        return record.due_on.isoformat()

    def value_original_due_on(self, value: date) -> str:
        return value.isoformat()

    def value_issued_on(self, value: date) -> str:
        return value.isoformat()

    def value_age(self, record: Recommendation) -> str:
        return bucket_of(record.issued_on, self.day)

    def value_severity(self, record: Recommendation) -> str:
        return record.finding.get_severity_display()

    def value_claimed_at(self, record: Any) -> str:
        return self._day_of(record, record.claimed_at)

    def value_verified_at(self, record: Any) -> str:
        return self._day_of(record, record.verified_at)

    def value_state(self, record: Recommendation) -> str:
        return record.get_state_display()

    @staticmethod
    def _day_of(record: Recommendation, moment: datetime | None) -> str:
        """The day in the office's time zone."""
        zone = record.finding.engagement.office.zone()
        return moment.astimezone(zone).date().isoformat() if moment else ""


class LinkedPaymentTable(tables.Table):
    """The payments of a finding, each leading to its page."""

    reference = PartColumn("audits/_payment_link.html", verbose_name="Payment", orderable=False)
    value_date = WhenColumn(
        verbose_name="Date", precision="date_precision", fiscal_year="fiscal_year", orderable=False
    )
    payee = tables.Column(accessor="text__payee", orderable=False, verbose_name="Payee")
    program = tables.Column(accessor="program__title", orderable=False, verbose_name="Program")
    amount = MoneyColumn(orderable=False)
    entry_id = tables.Column(verbose_name="Journal", orderable=False)

    class Meta:
        empty_text = "No payment is linked: a finding needs at least one before it is issued."
        row_attrs = {"class": lambda record: "reversed" if _is_undone(record) else ""}

    def render_entry_id(self, value: int) -> str:
        return components.proof(value)


def _is_undone(payment: Transaction) -> bool:
    return payment.is_reversal or hasattr(payment, "reversal")


class PaperTable(tables.Table):
    """The index of an engagement's working papers."""

    index = tables.Column(linkify=True)
    title = tables.Column()
    number = tables.Column(verbose_name="Version", attrs=NUM)
    preparer = tables.Column(verbose_name="Prepared by")
    review = PartColumn("audits/_paper_review.html", verbose_name="Review", order_by="reviewer")

    class Meta:
        order_by = "index"
        empty_text = (
            "Working papers appear here for the team and the auditors of its office. "
            "The first one is usually A-1."
        )

    def value_review(self, record: Any) -> str:
        return f"reviewed by {record.reviewer}" if record.reviewer else "not reviewed"


class SampleItemTable(tables.Table):
    """The items of a sample, each leading to its test."""

    position = tables.Column(verbose_name="Item", linkify=True, attrs=NUM)
    payment = PartColumn("audits/_sample_payment.html", verbose_name="Payment", orderable=False)
    value_date = WhenColumn(
        verbose_name="Date",
        accessor="transaction__value_date",
        precision="transaction__date_precision",
        fiscal_year="transaction__fiscal_year",
    )
    program = tables.Column(accessor="transaction__program__title", verbose_name="Program")
    amount = MoneyColumn(
        accessor="transaction__amount",
        order_by=("transaction__currency", "transaction__amount"),
        verbose_name="Recorded",
    )
    drawn = tables.Column(empty_values=(), orderable=False, verbose_name="Drawn as")
    test = tables.Column(empty_values=(), orderable=False, verbose_name="Result")

    class Meta:
        order_by = "position"
        empty_text = "Items appear here once the sample is drawn."

    def __init__(self, *args: Any, sample: Sample, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.sample = sample
        self.names = sample.text.strata_names.split("\n")

    def render_drawn(self, record: SampleItem) -> str:
        if self.sample.method == SampleMethod.MONETARY:
            return "top stratum" if record.certain else "by unit"
        if len(self.sample.strata) > 1 and record.stratum < len(self.names):
            return self.names[record.stratum] or f"stratum {record.stratum + 1}"
        return self.sample.get_method_display()

    def render_test(self, record: Any) -> str:
        said = said_result(record)
        tone = "" if not said else "good" if said == "in order" else "warn"
        return components.badge(tone, said or "to be tested")

    def value_payment(self, record: SampleItem) -> str:
        return str(record.transaction.uid)

    def value_test(self, record: Any) -> str:
        return said_result(record)


def said_result(item: Any) -> str:
    """The newest result of an item in a few words, or nothing. Load it with `items_of`."""
    if item.result is None:
        return ""
    off = [o for o in item.outcomes if o in (Outcome.DEVIATION, Outcome.NOT_EXAMINED)]
    parts = [f"{len(off)} of {len(item.outcomes)} not met"] if off else []
    if item.was_examined is False:
        parts.append("could not be examined")
    elif item.audited_minor is not None:
        if "amount" in item.transaction.sealed:
            return ", ".join([*parts, "amount tested"])
        audited = Money(item.audited_minor, item.transaction.currency)
        parts += [f"audited {audited}"] if audited != item.transaction.amount else []
    return ", ".join(parts) or "in order"
