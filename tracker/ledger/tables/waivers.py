"""The list of waivers."""

import django_tables2 as tables
from django.urls import reverse

from tracker.ledger.models import Waiver, WaiverStatus
from tracker.shared.pages import WhenColumn
from tracker.templatetags import tracker as components

WAIVER_TONES = {
    WaiverStatus.ASKED: "info",
    WaiverStatus.DECLINED: "",
    WaiverStatus.IN_FORCE: "warn",
    WaiverStatus.SETTLED: "good",
    WaiverStatus.OVERDUE: "bad",
    WaiverStatus.RENEWED: "",
    WaiverStatus.LAPSED: "",
}


class WaiverTable(tables.Table):
    """Waivers, each with where it stands today and who stands behind it."""

    voucher = tables.Column(
        accessor="voucher__number",
        verbose_name="Voucher",
        order_by=("voucher__number",),
        linkify=lambda record: reverse("ledger:voucher", args=[record.voucher.uid]),
    )
    program = tables.Column(
        accessor="voucher__program__title",
        verbose_name="Program",
        order_by=("voucher__program__title",),
    )
    requirement = tables.Column(verbose_name="Missing document")
    category = tables.Column(verbose_name="Why")
    standing = tables.Column(verbose_name="State", order_by=("standing",))
    expires_on = WhenColumn(verbose_name="Until")
    requested_by = tables.Column(verbose_name="Asked by", order_by=("requested_by__name",))
    decided_by = tables.Column(
        accessor="decision__decided_by",
        verbose_name="Decided by",
        order_by=("decision__decided_by__name",),
    )
    entry = tables.Column(
        accessor="entry_id", verbose_name="Journal entry", order_by=("entry_id",), empty_values=()
    )

    class Meta:
        order_by = "expires_on"
        empty_text = "No voucher was ever let off a document that its kind requires."

    def render_standing(self, value: str) -> str:
        status = WaiverStatus(value)
        return components.badge(WAIVER_TONES[status], status.label)

    def value_standing(self, value: str) -> str:
        return WaiverStatus(value).label

    def render_entry(self, record: Waiver) -> str:
        return components.proof(record.entry_id)

    def value_entry(self, record: Waiver) -> int:
        return record.entry_id
