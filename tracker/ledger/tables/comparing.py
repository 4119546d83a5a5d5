"""Tables that compare: statements of account, and two parties' figures side by side."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.ledger.models import Discrepancy, Transaction
from tracker.ledger.queries import Books, Pair, SealedPair, Walk, pair_of
from tracker.ledger.tables.lists import (
    BALANCE,
    DISCREPANCY_TONES,
    NEITHER,
    TEXT,
    UNVALUED,
    AmountColumn,
    BookedColumn,
    in_file,
    is_undone,
)
from tracker.shared.money import Money
from tracker.shared.pages import FileColumn, MoneyColumn
from tracker.templatetags import tracker as components

MOST = 4  # discrepancies in a cell


class AccountListTable(tables.Table):
    """Organisations with an account, and on which side."""

    name = tables.Column(
        verbose_name="Organisation",
        linkify=lambda record: reverse("ledger:account", args=[record.uid]),
    )
    kind = tables.Column()
    country = tables.Column()
    receives = tables.BooleanColumn(verbose_name="Receives", yesno="receives,")
    gives = tables.BooleanColumn(verbose_name="Gives", yesno="gives,")

    class Meta:
        order_by = "name"
        empty_text = "Organisations that provide or receive in a transaction have a statement here."

    def render_receives(self, value: bool) -> str:
        return "receives" if value else NEITHER

    def render_gives(self, value: bool) -> str:
        return "gives" if value else NEITHER


class AccountTable(tables.Table):
    """The rows of an account in the order of booking day and posting, each with both balances after it."""

    value_date = BookedColumn(
        verbose_name="Date",
        precision="date_precision",
        fiscal_year="fiscal_year",
        orderable=False,
    )
    kind = tables.Column(verbose_name="What", orderable=False)
    reference = tables.Column(
        accessor="text__reference",
        empty_values=(),
        orderable=False,
        linkify=lambda record: reverse("dashboards:transaction", args=[record.uid]),
    )
    program = tables.Column(accessor="program__title", verbose_name="Program", orderable=False)
    amount = AmountColumn(empty_values=(), orderable=False)
    unconfirmed = MoneyColumn(
        verbose_name="Not confirmed", empty_values=(), orderable=False, attrs=BALANCE
    )
    unused = MoneyColumn(verbose_name="Not used", empty_values=(), orderable=False, attrs=BALANCE)
    entry = tables.Column(
        accessor="entry_id", verbose_name="Journal entry", empty_values=(), orderable=False
    )
    booked_on = FileColumn(verbose_name="Booked on")

    caption = (
        "After each row: what is disbursed and not confirmed as received, and what is received and its use not "
        "reported. Pledges and commitments move neither. A late entry stands on the day on which it is booked."
    )

    def __init__(self, *args: Any, books: Books, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.books = books
        self.opened: list[Walk] = []

    class Meta:
        orderable = False
        row_attrs = {"class": lambda record: "reversed" if is_undone(record) else None}
        empty_text = "Nothing moved on this account in the period."

    def render_kind(self, record: Transaction) -> str:
        return self.value_kind(record)

    def value_kind(self, record: Transaction) -> str:
        kind = record.get_kind_display()
        return f"reversal of a {kind}" if record.is_reversal else kind

    def render_reference(self, record: Transaction) -> str:
        return record.label

    def value_reference(self, record: Transaction) -> str:
        return self.render_reference(record)

    @cached_property
    def _after(self) -> tuple[dict[int, Money], dict[int, Money]]:
        listed = [row.record for row in self.paginated_rows]
        return self.books.unconfirmed.after(listed), self.books.unused.after(listed)

    def render_unconfirmed(self, record: Transaction) -> str:
        return components.money(self._after[0].get(record.pk))

    def render_unused(self, record: Transaction) -> str:
        return components.money(self._after[1].get(record.pk))

    @cached_property
    def _walks(self) -> tuple[Any, Any]:
        both = (self.books.unconfirmed, self.books.unused)
        self.opened += [account.walk(newest_first=False) for account in both]
        return self.opened[0], self.opened[1]

    def value_unconfirmed(self, record: Transaction) -> Money | None:
        return self._walks[0](record)

    def value_unused(self, record: Transaction) -> Money | None:
        return self._walks[1](record)

    def render_entry(self, record: Transaction) -> str:
        return components.proof(record.entry_id)

    def value_entry(self, record: Transaction) -> int:
        return record.entry_id


class SideColumn(MoneyColumn):
    """What one party states: an amount, and the quantity below it; in files the quantity has a column of its own."""

    def csv_heads(self, head: str) -> list[str]:
        return [head, f"{head}, currency", f"{head}, quantity", f"{head}, unit"]

    def csv_cells(self, value: tuple[Money | None, Any, str]) -> list[str]:
        money, quantity, unit = value
        amount = [*in_file(money)]
        return [*amount, *(["", ""] if quantity is None else [f"{quantity:f}", unit])]


class PaymentColumn(tables.Column):
    """A payment and its program; in files two columns."""

    def csv_heads(self, head: str) -> Sequence[str]:
        return [head, "Program"]

    def csv_cells(self, value: tuple[str, str]) -> Sequence[str]:
        return value


class WhyColumn(tables.Column):
    """What a difference consists of; in files each part has a column of its own, in the row's currency."""

    parts = ("Not confirmed", "Paid back", "Written off", "Beyond what was sent")

    def csv_heads(self, head: str) -> Sequence[str]:
        return self.parts

    def csv_cells(self, pair: Pair) -> list[str]:
        parts = (pair.waits, pair.paid_back, pair.given_up, pair.beyond)
        return [in_file(part)[0] for part in parts]


class ReconciliationTable(tables.Table):
    """Payments as both sides state them."""

    value_date = BookedColumn(
        verbose_name="Date", precision="date_precision", fiscal_year="fiscal_year"
    )
    payment = PaymentColumn(
        verbose_name="Payment",
        accessor="text__reference",
        order_by=("text__reference",),
        empty_values=(),
        attrs=TEXT,
    )
    receiver = tables.Column(verbose_name="Recipient", order_by=("receiver__name",), attrs=TEXT)
    ours = SideColumn(verbose_name="Ours", empty_values=(), order_by=("currency", "amount"))
    theirs = SideColumn(verbose_name="Theirs, as stated", empty_values=(), orderable=False)
    difference = MoneyColumn(verbose_name="Difference", empty_values=(), orderable=False)
    why = WhyColumn(verbose_name="Why", empty_values=(), orderable=False, attrs=TEXT)
    state = tables.Column(verbose_name="State", empty_values=(), orderable=False, attrs=TEXT)
    discrepancies = tables.Column(
        verbose_name="Discrepancies", accessor="pk", orderable=False, attrs=TEXT
    )
    booked_on = FileColumn(verbose_name="Booked on")

    caption = (
        "Ours is what was paid or dispatched; theirs is what the recipient states, as stated. A difference is ours less "
        "theirs, and consists of what stands beside it. A discrepancy stays, however it is settled."
    )

    class Meta:
        order_by = "-value_date"
        empty_text = "Payments stand here beside what the recipient says of them."

    def __init__(self, *args: Any, day: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.day = day
        self._newest: Pair | SealedPair | None = None

    def _pair(self, record: Transaction) -> Pair | SealedPair:
        """Each of a row's cells asks for it: made once."""
        if self._newest is None or self._newest.ours is not record:
            self._newest = pair_of(record, self.day)
        return self._newest

    def render_payment(self, record: Transaction) -> str:
        said = '<div><a href="{}">{}</a><br><span class="small muted">{}</span></div>'
        where = reverse("dashboards:transaction", args=[record.uid])
        return format_html(said, where, _name(record), record.program.title)

    def value_payment(self, record: Transaction) -> tuple[str, str]:
        return _name(record), record.program.title

    def render_ours(self, record: Transaction) -> str:
        pair = self._pair(record)
        value = pair.sent_value
        worth = UNVALUED if value is None else components.money(value)
        return _with_quantity(worth, *_quantity(record, pair))

    def value_ours(self, record: Transaction) -> tuple[Money | None, Any, str]:
        pair = self._pair(record)
        return pair.sent_value, *_quantity(record, pair)

    def render_theirs(self, record: Transaction) -> str:
        pair = self._pair(record)
        worth = UNVALUED if pair.receipts and not pair.theirs else components.money(pair.theirs)
        arrived = None if isinstance(pair, SealedPair) else pair.arrived
        return _with_quantity(worth, arrived, record.unit)

    def value_theirs(self, record: Transaction) -> tuple[Money | None, Any, str]:
        pair = self._pair(record)
        arrived = None if isinstance(pair, SealedPair) else pair.arrived
        return pair.theirs, arrived, record.unit

    def render_difference(self, record: Transaction) -> str:
        return components.money(self._pair(record).difference)

    def value_difference(self, record: Transaction) -> Money | None:
        return self._pair(record).difference

    def render_why(self, record: Transaction) -> str:
        parts = ((components.money(part), said) for said, part in self._pair(record).explained)
        said = format_html_join(SafeString("<br>"), "{} {}", parts)
        return format_html("<div>{}</div>", said) if said else NEITHER

    def value_why(self, record: Transaction) -> Pair | SealedPair:
        return self._pair(record)

    def render_state(self, record: Transaction) -> str:
        return components.badge(*self._pair(record).state)

    def value_state(self, record: Transaction) -> str:
        return self._pair(record).state[1]

    def render_discrepancies(self, record: Transaction) -> str:
        found = self._pair(record).discrepancies
        shown = ((_standing(one),) for one in found[:MOST])
        said = format_html_join(SafeString("<br>"), "{}", shown)
        if len(found) > MOST:
            said = format_html("{}<br>and {} more", said, len(found) - MOST)
        return format_html("<div>{}</div>", said) if said else NEITHER

    def value_discrepancies(self, record: Transaction) -> str:
        return "; ".join(
            f"{one.get_kind_display()}: {one.state.get_status_display()}"
            for one in self._pair(record).discrepancies
        )


def _quantity(record: Transaction, pair: Pair | SealedPair) -> tuple[Any, str]:
    if isinstance(pair, SealedPair):
        return None, ""
    return record.quantity, record.unit


def _name(record: Transaction) -> str:
    return record.label


def _standing(one: Discrepancy) -> str:
    """A discrepancy with its state, which leads to its page."""
    where = reverse("ledger:discrepancy", args=[one.uid])
    badge = components.badge(DISCREPANCY_TONES[one.state.status], one.state.get_status_display())
    return format_html('<a href="{}">{}</a> {}', where, one.get_kind_display().capitalize(), badge)


def _with_quantity(worth: str, quantity: Any, unit: str) -> str:
    if quantity is None:
        return worth
    said = '<div>{}<br><span class="small muted">{} {}</span></div>'
    return format_html(said, worth, f"{quantity:,f}", unit)
