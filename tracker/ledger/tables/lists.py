"""The lists of vouchers, transactions, authorities and what both sides say."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.ledger.models import (
    Authority,
    ChangeStatus,
    Discrepancy,
    DiscrepancyStatus,
    Revaluation,
    Transaction,
    Verdict,
    Voucher,
    VoucherStatus,
)
from tracker.ledger.queries import Account, Walk
from tracker.shared.dates import say_day
from tracker.shared.money import Money
from tracker.shared.pages import NUM, FileColumn, MoneyColumn, PartColumn, WhenColumn
from tracker.shared.sealing import Covered
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


DISCREPANCY_TONES: dict[str, str] = {
    DiscrepancyStatus.OPEN: "warn",
    DiscrepancyStatus.EXPLAINED: "good",
    DiscrepancyStatus.LOSS: "bad",
    DiscrepancyStatus.DISPUTED: "bad",
    DiscrepancyStatus.WITHDRAWN: "",
}
UNDISBURSED = "Committed, not disbursed"
OTHER_ACCOUNT = SafeString('<span class="muted small">another account</span>')
UNVALUED = components.badge("", "unvalued")
TEXT, TIGHT = {"td": {"class": "text"}}, {"td": {"class": "tight"}}
BALANCE = {"td": {"class": "num balance"}, "th": {"class": "num"}}
NEITHER = SafeString('<span class="muted">–</span>')
STATE_TONES = {"reversal": "warn", "reversed": "", "in force": "good"}


class BookedColumn(WhenColumn):
    """A value date; of a late entry also the day it is booked on, which files have in a column of its own."""

    def render(self, value: Any, record: Any) -> str:
        if record.booked_on:
            return components.dated(record, apart=True)
        return super().render(value, record)


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
    value_date = BookedColumn(verbose_name="Value date", precision="date_precision")
    created_by = tables.Column(verbose_name="Drafted by", order_by=("created_by__name",))
    changed_at = WhenColumn(verbose_name="Last step")
    booked_on = FileColumn(verbose_name="Booked on")

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


def in_file(amount: Any) -> tuple[str, str]:
    if isinstance(amount, Covered):
        return str(amount), ""
    return (amount.plain, amount.currency) if amount is not None else ("", "")


class AmountColumn(PartColumn):
    """The stated amount, and what it was revalued to; in files both, each with its currency."""

    def __init__(self, **kwargs: Any):
        super().__init__("ledger/_amount_cell.html", attrs=NUM, **kwargs)

    def value(self, record: Transaction, **kwargs: Any) -> Any:
        return record.amount, record.revalued_to

    def csv_heads(self, head: str) -> list[str]:
        return [head, f"{head} currency", "Revalued to", "Revalued to currency"]

    def csv_cells(self, value: Any) -> list[str]:
        return [cell for amount in value for cell in in_file(amount)]


class TransactionTable(tables.Table):
    """The ledger's rows. With `account` each has the balance after it; without, the column is away. `one_program`
    leaves out the column that would say the same in each row."""

    value_date = BookedColumn(
        verbose_name="Date",
        precision="date_precision",
        fiscal_year="fiscal_year",
        order_by=("value_date", "pk"),
    )
    reference = tables.Column(
        accessor="text__reference",
        verbose_name="Reference",
        order_by=("text__reference",),
        empty_values=(),
        linkify=lambda record: reverse("dashboards:transaction", args=[record.uid]),
    )
    kind = tables.Column(attrs=TIGHT)
    program = tables.Column(
        accessor="program__title",
        verbose_name="Program",
        order_by=("program__title",),
        attrs=TEXT,
    )
    payee = tables.Column(
        accessor="text__payee", verbose_name="Payee", order_by=("text__payee",), attrs=TEXT
    )
    receiver = tables.Column(order_by=("receiver__name",), attrs=TEXT)
    amount = AmountColumn(empty_values=())
    undisbursed = MoneyColumn(
        verbose_name=UNDISBURSED,
        empty_values=(),
        orderable=False,
        attrs=BALANCE,
    )
    state = tables.Column(empty_values=(), orderable=False, attrs=TIGHT)
    entry = tables.Column(
        accessor="entry_id", verbose_name="Journal entry", order_by=("entry_id",), empty_values=()
    )
    booked_on = FileColumn(verbose_name="Booked on")

    def __init__(
        self,
        *args: Any,
        account: Account | None = None,
        one_program: bool = False,
        **kwargs: Any,
    ):
        away = {"undisbursed": account is None, "program": one_program}
        super().__init__(*args, **kwargs, exclude=[name for name, gone in away.items() if gone])
        self.account = account
        self.opened: list[Walk] = []

    class Meta:
        order_by = "-value_date"
        row_attrs = {"class": lambda record: "reversed" if is_undone(record) else None}
        empty_text = "Posted transactions stand here. A voucher becomes one when it is approved."

    def render_reference(self, record: Transaction) -> str:
        return record.label

    def render_kind(self, record: Transaction) -> str:
        return record.get_kind_display()

    def value_reference(self, record: Transaction) -> str:
        return str(record.text.reference)

    @cached_property
    def _balances(self) -> dict[int, Money]:
        assert self.account is not None
        return self.account.after([row.record for row in self.paginated_rows])

    def render_undisbursed(self, record: Transaction) -> str:
        balance = self._balances.get(record.pk)
        return OTHER_ACCOUNT if balance is None else components.money(balance)

    @cached_property
    def _balance_after(self) -> Any:
        assert self.account is not None
        self.opened.append(self.account.walk(newest_first=str(self.order_by).startswith("-")))
        return self.opened[-1]

    def value_undisbursed(self, record: Transaction) -> Money | None:
        return self._balance_after(record)

    def render_state(self, record: Transaction) -> str:
        said = self.value_state(record)
        return components.badge(STATE_TONES[said], said)

    def value_state(self, record: Transaction) -> str:
        return "reversal" if record.is_reversal else "reversed" if is_undone(record) else "in force"

    def render_entry(self, record: Transaction) -> str:
        return components.proof(record.entry_id)

    def value_entry(self, record: Transaction) -> int:
        return record.entry_id


def is_undone(record: Any) -> bool:
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


class DispatchTable(tables.Table):
    """Dispatches in force, each with the recipient's newest word and what is left without one."""

    value_date = WhenColumn(
        verbose_name="Dispatched", precision="date_precision", fiscal_year="fiscal_year"
    )
    reference = tables.Column(
        accessor="text__reference",
        verbose_name="Reference",
        order_by=("text__reference",),
        empty_values=(),
        linkify=lambda record: reverse("ledger:dispatch", args=[record.uid]),
    )
    program = tables.Column(
        accessor="program__title", verbose_name="Program", order_by=("program__title",)
    )
    receiver = tables.Column(order_by=("receiver__name",))
    amount = MoneyColumn(verbose_name="Dispatched value")
    left = MoneyColumn(accessor="balance__left", verbose_name="Not accounted for", orderable=False)
    word = tables.Column(verbose_name="The recipient's word", empty_values=(), orderable=False)

    class Meta:
        order_by = "-value_date"
        empty_text = "What was paid or dispatched stands here, with what the recipient says of it."

    def render_reference(self, record: Transaction) -> str:
        return str(record.text.reference or "without reference")

    def value_reference(self, record: Transaction) -> str:
        return str(record.text.reference)

    def render_left(self, value: Money, record: Transaction) -> str:
        return components.money(self.value_left(value, record))

    def value_left(self, value: Money, record: Transaction) -> Money | Covered:
        """Of one dispatch it tells the amount; of which it would tell another's, that is covered with it."""
        return record.sealed.get("amount", value)

    def render_word(self, record: Any) -> str:
        if record.waits:
            said = f"{self._said(record)}, more to come" if record.word else "waits for a word"
            return components.badge("warn", said)
        return components.badge(
            "good" if record.word == Verdict.CONFIRMED else "", self._said(record)
        )

    def value_word(self, record: Any) -> str:
        return "waits" if record.waits else self._said(record)

    @staticmethod
    def _said(record: Any) -> str:
        return Verdict(record.word).label if record.word else "settled without its word"


class DiscrepancyTable(tables.Table):
    """Discrepancies with their state and their clock."""

    kind = tables.Column(linkify=lambda record: reverse("ledger:discrepancy", args=[record.uid]))
    about = tables.Column(
        accessor="about__text__reference",
        verbose_name="Dispatch",
        order_by=("about__text__reference",),
        empty_values=(),
    )
    program = tables.Column(
        accessor="about__program__title",
        verbose_name="Program",
        order_by=("about__program__title",),
    )
    dispatched = MoneyColumn(accessor="about__amount", verbose_name="Dispatched", orderable=False)
    amount = MoneyColumn(verbose_name="Difference")
    quantity = tables.Column(attrs=NUM)
    status = tables.Column(
        accessor="state__status", verbose_name="State", order_by=("state__status",)
    )
    opened_on = WhenColumn(verbose_name="Opened")
    due_on = WhenColumn(verbose_name="Due")

    class Meta:
        order_by = "due_on"
        empty_text = (
            "Where the recipient states something else than was dispatched, it stands here."
        )

    def __init__(self, *args: Any, day: date | None = None, **kwargs: Any):
        """`day`: the reader's today, by which it is told what is overdue."""
        super().__init__(*args, **kwargs)
        self.day = day

    def render_kind(self, record: Discrepancy) -> str:
        return record.get_kind_display().capitalize()

    def value_kind(self, record: Discrepancy) -> str:
        return record.kind

    def render_about(self, record: Discrepancy) -> str:
        return str(record.about.text.reference or "without reference")

    def value_about(self, record: Discrepancy) -> str:
        return str(record.about.text.reference)

    def render_amount(self, record: Discrepancy) -> str:
        return components.money(self.value_amount(record))

    def value_amount(self, record: Discrepancy) -> Money | Covered | None:
        return record.covered or record.amount

    def render_quantity(self, record: Discrepancy) -> str:
        return str(record.covered or f"{record.quantity:f} {record.unit}")

    def value_quantity(self, record: Discrepancy) -> str:
        if record.quantity is None:
            return ""
        return str(record.covered or f"{record.quantity:f} {record.unit}".strip())

    def render_status(self, record: Discrepancy) -> str:
        badge = components.badge(
            DISCREPANCY_TONES[record.state.status], record.state.get_status_display()
        )
        late = record.days_overdue(self.day) if self.day else 0
        return badge if not late else format_html("{} {}", badge, _late(late))

    def value_status(self, record: Discrepancy) -> str:
        return record.state.status


def _late(days: int) -> str:
    return components.badge("bad", f"{days} {'day' if days == 1 else 'days'} overdue")


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
        return [*in_file(amount), basis]


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
        return f"{row.get_kind_display()} {row.label}"

    def render_difference(self, record: Revaluation) -> str:
        if record.is_first:
            return components.badge("", "first value")
        return components.money(record.difference)

    def value_difference(self, record: Revaluation) -> Money | Covered | None:
        return record.difference

    def render_status(self, record: Revaluation) -> str:
        return components.badge(CHANGE_TONES[ChangeStatus(record.status)], record.status_label)

    def value_status(self, record: Revaluation) -> str:
        return record.status_label
