"""The ledger's lists."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse

from tracker.ledger.models import (
    Authority,
    ChangeStatus,
    Delegation,
    DelegationStatus,
    Revaluation,
    Transaction,
    Voucher,
    VoucherStatus,
)
from tracker.shared.dates import say_day
from tracker.shared.money import Money
from tracker.shared.pages import NUM, MoneyColumn, PartColumn, WhenColumn
from tracker.templatetags import tracker as components

TONES = {
    VoucherStatus.SUBMITTED: "info",
    VoucherStatus.RETURNED: "warn",
    VoucherStatus.POSTED: "good",
    VoucherStatus.WITHDRAWN: "",
    VoucherStatus.DRAFT: "",
}
CHANGE_TONES = {
    ChangeStatus.PROPOSED: "warn",
    ChangeStatus.CONFIRMED: "good",
    ChangeStatus.DECLINED: "",
}
DELEGATION_TONES = {
    DelegationStatus.PROPOSED: "warn",
    DelegationStatus.CONFIRMED: "good",
    DelegationStatus.DECLINED: "",
    DelegationStatus.ENDED: "",
}
STATE_TONES = {"reversal": "warn", "reversed": "", "in force": "good"}


class VoucherTable(tables.Table):
    number = tables.Column(
        verbose_name="Voucher", linkify=lambda record: reverse("ledger:voucher", args=[record.uid])
    )
    status = tables.Column(verbose_name="State")
    kind = tables.Column()
    program = tables.Column(
        accessor="program__title",
        verbose_name="Program",
        order_by=("program__title",),
        empty_values=(),
    )
    payee = tables.Column()
    amount = MoneyColumn()
    value_date = WhenColumn(verbose_name="Value date", precision="date_precision")
    created_by = tables.Column(verbose_name="Drafted by", order_by=("created_by__name",))
    changed_at = WhenColumn(verbose_name="Last step")

    class Meta:
        order_by = "-changed_at"
        empty_text = "Vouchers ask for a commitment, a payment or a reversal. Draft the first one."

    def render_program(self, record: Voucher) -> str:
        """A batch has no program, payee and amount of its own: it stands for the rows of its file."""
        return record.program.title if record.program else "as its file says"

    def render_status(self, record: Voucher) -> str:
        return components.badge(TONES[VoucherStatus(record.status)], record.get_status_display())

    def value_status(self, record: Voucher) -> str:
        return record.get_status_display()


class AmountColumn(PartColumn):
    """The stated amount, and what it was revalued to; in files both, each with its currency."""

    def __init__(self, **kwargs: Any):
        super().__init__("ledger/_amount_cell.html", attrs=NUM, **kwargs)

    def value(self, record: Transaction, **kwargs: Any) -> Any:
        return record.amount, record.revalued_to

    def csv_heads(self, head: str) -> list[str]:
        return [head, f"{head} currency", "Revalued to", "Revalued to currency"]

    def csv_cells(self, value: Any) -> list[str]:
        return [
            cell
            for amount in value
            for cell in ((amount.plain, amount.currency) if amount is not None else ("", ""))
        ]


class TransactionTable(tables.Table):
    value_date = WhenColumn(
        verbose_name="Date", precision="date_precision", fiscal_year="fiscal_year"
    )
    reference = tables.Column(
        accessor="text__reference",
        verbose_name="Reference",
        order_by=("text__reference",),
        empty_values=(),
        linkify=lambda record: reverse("dashboards:transaction", args=[record.uid]),
    )
    kind = tables.Column()
    program = tables.Column(
        accessor="program__title", verbose_name="Program", order_by=("program__title",)
    )
    payee = tables.Column(accessor="text__payee", verbose_name="Payee", order_by=("text__payee",))
    receiver = tables.Column(order_by=("receiver__name",))
    amount = AmountColumn(empty_values=())
    state = tables.Column(empty_values=(), orderable=False)
    entry = tables.Column(
        accessor="entry_id", verbose_name="Journal entry", order_by=("entry_id",), empty_values=()
    )

    class Meta:
        order_by = "-value_date"
        row_attrs = {"class": lambda record: "reversed" if _is_undone(record) else None}
        empty_text = "Posted transactions stand here. A voucher becomes one when it is approved."

    def render_reference(self, record: Transaction) -> str:
        return record.text.reference or record.version.voucher.number

    def render_kind(self, record: Transaction) -> str:
        return record.get_kind_display()

    def value_reference(self, record: Transaction) -> str:
        return record.text.reference

    def render_state(self, record: Transaction) -> str:
        said = self.value_state(record)
        return components.badge(STATE_TONES[said], said)

    def value_state(self, record: Transaction) -> str:
        return (
            "reversal" if record.is_reversal else "reversed" if _is_undone(record) else "in force"
        )

    def render_entry(self, record: Transaction) -> str:
        return components.proof(record.entry_id)

    def value_entry(self, record: Transaction) -> int:
        return record.entry_id


def _is_undone(record: Any) -> bool:
    return getattr(record, "reversal", None) is not None


class AuthorityTable(tables.Table):
    """Authorities, each with its newest fiscal year that has a ceiling or a commitment."""

    title = tables.Column(linkify=lambda record: reverse("ledger:authority", args=[record.uid]))
    organisation = tables.Column(verbose_name="Owner", order_by=("organisation__name",))
    kind = tables.Column()
    purpose = tables.Column()
    availability = tables.Column(order_by=("available_to", "availability"))
    year_fiscal_year = tables.Column(verbose_name="Fiscal year", attrs=NUM)
    year_ceiling = MoneyColumn(verbose_name="Ceiling", orderable=False)
    year_committed = MoneyColumn(verbose_name="Committed", orderable=False)
    left = MoneyColumn(verbose_name="Left", empty_values=(), orderable=False)

    class Meta:
        order_by = "title"
        empty_text = "An authority is the law or decision that money comes from. Record the first."

    def render_purpose(self, record: Authority) -> str:
        tone = "info" if record.is_replenishment else ""
        return components.badge(tone, record.get_purpose_display())

    def value_purpose(self, record: Authority) -> str:
        return record.get_purpose_display()

    def render_availability(self, record: Authority) -> str:
        return self.value_availability(record)

    def value_availability(self, record: Authority) -> str:
        if record.available_to is not None:
            return f"until {say_day(record.available_to)}"
        return record.get_availability_display()

    def render_year_fiscal_year(self, value: int) -> str:
        return f"FY{value}"

    def render_year_ceiling(self, value: int, record: Any) -> str:
        return components.money(self.value_year_ceiling(value, record))

    def value_year_ceiling(self, value: int, record: Any) -> Money:
        return Money(value, record.year_currency)

    def render_year_committed(self, value: int, record: Any) -> str:
        return components.money(self.value_year_committed(value, record))

    def value_year_committed(self, value: int, record: Any) -> Money:
        return Money(value, record.year_currency)

    def render_left(self, record: Any) -> str:
        return components.money(self.value_left(record))

    def value_left(self, record: Any) -> Money | None:
        if record.year_ceiling is None:
            return None
        return Money(record.year_ceiling - record.year_committed, record.year_currency)


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


class ValueColumn(PartColumn):
    """A value with its basis; in files amount, currency and basis."""

    def __init__(self, **kwargs: Any):
        super().__init__("ledger/valuation/_value_cell.html", attrs=NUM, empty_values=(), **kwargs)

    def value(self, value: Any, **kwargs: Any) -> Any:
        return value

    def csv_heads(self, head: str) -> list[str]:
        return [head, f"{head} currency", f"{head} basis"]

    def csv_cells(self, value: Any) -> list[str]:
        amount, basis = value
        return ["", "", basis] if amount is None else [amount.plain, amount.currency, basis]


class RevaluationTable(tables.Table):
    """Revaluations, each with the value before and after it, and where it stands."""

    proposed_at = WhenColumn(verbose_name="Proposed")
    reference = tables.Column(
        accessor="transaction__text__reference",
        verbose_name="Of",
        order_by=("transaction__text__reference",),
        empty_values=(),
        linkify=lambda record: reverse("ledger:revaluation", args=[record.uid]),
    )
    program = tables.Column(
        accessor="transaction__program__title",
        verbose_name="Program",
        order_by=("transaction__program__title",),
    )
    was = ValueColumn(verbose_name="Was worth", accessor="before", orderable=False)
    worth = ValueColumn(verbose_name="Worth", accessor="after", order_by=("currency", "new_amount"))
    difference = MoneyColumn(empty_values=(), orderable=False)
    status = tables.Column(
        verbose_name="State", empty_values=(), order_by=("decision__verdict", "pk")
    )

    class Meta:
        order_by = "-proposed_at"
        empty_text = "A revaluation says what goods are worth instead. Propose one on their page in the ledger."

    def render_reference(self, record: Revaluation) -> str:
        row = record.transaction
        named = row.text.reference or row.version.voucher.number
        return f"{row.get_kind_display()} {named}"

    def render_difference(self, record: Revaluation) -> str:
        if record.is_first:
            return components.badge("", "first value")
        return components.money(record.difference)

    def value_difference(self, record: Revaluation) -> Money | None:
        return record.difference

    def render_status(self, record: Revaluation) -> str:
        return components.badge(CHANGE_TONES[ChangeStatus(record.status)], record.status_label)

    def value_status(self, record: Revaluation) -> str:
        return record.status_label
