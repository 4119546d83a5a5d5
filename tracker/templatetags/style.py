"""For the style page only: samples that show themselves and their source, and the data they stand on.

All figures are made up and say so on the page.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import django_tables2 as tables
from django import forms, template
from django.template import Context, NodeList
from django.template.base import Parser, Token, TokenType
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.shared.money import Money
from tracker.shared.pages import CellColumn, MoneyColumn, WhenColumn

register = template.Library()
BRACKETS = {
    TokenType.TEXT: "{}",
    TokenType.VAR: "{{{{ {} }}}}",
    TokenType.BLOCK: "{{% {} %}}",
    TokenType.COMMENT: "{{# {} #}}",
}


class SampleNode(template.Node):
    def __init__(self, shown: NodeList, source: str):
        self.shown, self.source = shown, source

    def render(self, context: Context) -> SafeString:
        return format_html(
            '<div class="sample">{}</div>'
            '<details class="small"><summary>Written so</summary>'
            '<pre tabindex="0"><code>{}</code></pre></details>',
            self.shown.render(context),
            self.source,
        )


@register.tag
def sample(parser: Parser, token: Token) -> SampleNode:
    """Render what is inside, and its source below: the page cannot show one and do another."""
    source = []
    for inner in reversed(
        cast(list[Token], parser.tokens)
    ):  # the parser keeps what is left in reverse
        if inner.contents == "endsample":
            break
        source.append(BRACKETS[inner.token_type].format(inner.contents))
    shown = parser.parse(("endsample",))
    parser.delete_first_token()
    return SampleNode(shown, "".join(source).strip())


class VoucherSketch(forms.Form):
    """One control of each sort."""

    purpose = forms.CharField(max_length=40, help_text="What the money is for, in a line.")
    amount = forms.DecimalField(help_text="Digits, with a point before the decimals.")
    currency = forms.ChoiceField(choices=[("USD", "USD"), ("EUR", "EUR"), ("JPY", "JPY")])
    paid_on = forms.DateField(
        label="Value date", required=False, widget=forms.DateInput({"type": "date"})
    )
    remark = forms.CharField(required=False, widget=forms.Textarea({"rows": 2}))
    basis = forms.ChoiceField(
        label="Valuation basis",
        choices=[("paid", "Amount paid"), ("replacement", "Replacement cost")],
        widget=forms.RadioSelect,
    )
    evidence = forms.FileField(required=False, help_text="PDF or image, up to 20 MB.")
    certain = forms.BooleanField(label="The goods were inspected", required=False)


class FilterSketch(forms.Form):
    """What a filterset's form looks like."""

    q = forms.CharField(label="Search", widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(choices=[("", "Any"), ("posted", "Posted"), ("draft", "Draft")])
    paid_after = forms.DateField(label="Paid from", widget=forms.DateInput({"type": "date"}))


class PaymentsSketch(tables.Table):
    paid_on = WhenColumn(verbose_name="Date", precision="precision", footer="All three")
    purpose = tables.Column(verbose_name="What for")
    receiver = CellColumn()
    amount = MoneyColumn(footer=lambda table: "3,422,450.00 USD")
    proof = tables.TemplateColumn("{% load tracker %}{% proof value '#' %}", orderable=False)

    caption = "Payments of the third quarter. The total is of the three rows shown."

    class Meta:
        order_by = "-paid_on"


def _payments() -> list[dict[str, Any]]:
    receiver = {"state": "stated", "value": "Ministry of Health, Recipient State"}
    withheld = {
        "state": "withheld",
        "reason": "operational security",
        "review_on": "2027-03-01",
    }
    rows = (
        (date(2026, 9, 28), "day", "Simulator, second half", receiver, 120400000, 4812),
        (date(2026, 9, 1), "month", "Field equipment", withheld, 190000000, 4790),
        (date(2026, 9, 2), "day", None, {"state": "not_stated"}, 31845000, 4655),
    )
    names = ("paid_on", "precision", "purpose", "receiver", "minor", "proof")
    found: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    return [row | {"amount": Money(row.pop("minor"), "USD")} for row in found]


def _usd(whole: int) -> Money:
    return Money(whole * 100, "USD")


@register.simple_tag(takes_context=True)
def sketches(context: Context) -> dict[str, Any]:
    """The data of all samples."""
    table = PaymentsSketch(_payments())
    table.request = context.get("request")
    empty = PaymentsSketch([], empty_text="Payments appear here once a voucher is posted.")
    wrong = VoucherSketch({"purpose": "Simulator", "amount": "12,5", "currency": "USD"})
    return {
        "table": table.paginate(per_page=25),
        "empty": empty,
        "filterset": {"form": FilterSketch(auto_id="filter_%s")},
        "form": VoucherSketch(auto_id="new_%s"),
        "wrong": wrong,
        "money": _usd(1204000),
        "large": _usd(183400000),
        "loss": _usd(-88120),
        "day": date(2026, 9, 28),
        "instant": datetime(2026, 11, 3, 9, 30, tzinfo=UTC),
        "payments": _payments(),
        "coarse": {"state": "withheld", "value": "Q3 2026", "reason": "operational security"},
        "stages": _stages(),
        **_chain(),
        "recipients": _recipients(),
        "years": _years(),
        **_lists(),
        **_waterfall(),
    }


def _stages() -> list[dict[str, Any]]:
    promised = "What the donor announced. A promise binds nobody yet."
    return [
        {
            "label": "Promised",
            "amount": _usd(48000000),
            "term": promised,
            "apart": True,
            "note": "outside the line and every total; 6,750,000.00 USD more than what is committed",
        },
        {"label": "Committed", "amount": _usd(41250000), "href": "#line"},
        {
            "label": "Disbursed",
            "amount": _usd(31310500),
            "withheld": _usd(1900000),
            "href": "#line",
            "gap_text": "9,939,500.00 USD committed and not disbursed",
        },
        {
            "label": "Received",
            "amount": _usd(25020000),
            "gap_text": "6,290,500.00 USD disbursed and not confirmed as received",
            "gap_href": "#line",
        },
        {"label": "Used", "amount": None},
    ]


def _chain() -> dict[str, Any]:
    """A commitment with two payments and several smaller ones, one of which arrived in part."""

    def node(kind: str, value: int, left: int = 0, *children: Any, count: int = 1) -> Any:
        uid, named = uuid4(), SimpleNamespace(reference=f"{kind[:1].upper()}-{value % 97}")
        row = SimpleNamespace(pk=value, uid=uid, text=named) if count == 1 else None
        money, rest = _usd(value), _usd(left)
        return SimpleNamespace(
            kind=kind, value=money, left=rest, row=row, count=count, children=list(children),
            label=f"{kind} of {money}", said=f"{kind} of {money}", stuck=f"{rest} waits",
        )  # fmt: skip

    arrived = node("receipt", 400000, 150000, node("expenditure", 250000))
    lost, back = node("write_off", 60000), node("refund", 40000)
    paid = node("disbursement", 600000, 100000, arrived, lost, back)
    others = node("disbursement", 90000, 90000, count=37)
    tree = node("commitment", 1000000, 350000, paid, others)
    rows = {"commitment": (1, 1000000, 350000), "disbursement": (38, 690000, 190000)}
    rows |= {"receipt": (1, 400000, 150000), "expenditure": (1, 250000, 0)}
    stages = [
        SimpleNamespace(kind=kind, rows=n, value=_usd(v), stuck=f"{_usd(w)} waits" if w else "")
        for kind, (n, v, w) in rows.items()
    ]
    said = ["Of 1,000,000.00 USD committed 350,000.00 USD is not disbursed."]
    flow = SimpleNamespace(tree=tree, stages=stages, sentences=said, root=paid.row)
    return {"flow": flow, "own": paid.row}


def _recipients() -> list[dict[str, Any]]:
    names = ("Recipient State", "Neighbour State", "Island State", "Regional body")
    amounts = (_usd(25020000), _usd(12700000), _usd(-300000), None)
    return [
        {"label": name, "value": amount, "href": "#charts"}
        for name, amount in zip(names, amounts, strict=True)
    ]


def _years() -> list[dict[str, Any]]:
    millions = (12, 14, 9, 17, 22, None, 31, 28, 35, 41, 38, 44, 39, 26)
    return [
        {"label": f"FY{2002 + i}", "value": _usd(m * 10**6) if m is not None else None}
        for i, m in enumerate(millions)
    ]


def _waterfall() -> dict[str, Any]:
    return {
        "falls": [
            {"label": "Refunded", "value": Money.of("40000.00", "USD"), "x": 60, "width": 40},
            {"label": "Documented", "value": Money.of("25000.00", "USD"), "x": 35, "width": 25},
        ],
        "questioned": Money.of("100000.00", "USD"),
        "left": Money.of("35000.00", "USD"),
    }


def _lists() -> dict[str, Any]:
    instant = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    return {
        "facts": [
            ("Donor", "Donor State, Ministry of Defence"),
            ("Authority", None),
            ("Runs", "Jan 2024 – Dec 2027"),
        ],
        "trail": [("Programs", "#"), ("Recipient State", "#"), ("Medical training", "")],
        "steps": [
            {"label": "Submitted", "state": "done", "note": "13 Nov, program officer"},
            {"label": "First approval", "state": "done", "note": "15 Nov"},
            {"label": "Second approval", "state": "current", "note": "waits for you"},
            {"label": "Posted"},
        ],
        "stopped": [
            {"label": "Submitted", "state": "done"},
            {"label": "Returned with a reason", "state": "stopped"},
        ],
        "todo": [
            {
                "what": "Approve voucher D-2026-0412: 1,204,000.00 USD",
                "href": "#",
                "why": "Submitted by the program officer on 13 Nov · then the payment is posted for ever",
                "due": "due 20 Nov",
                "tone": "bad",
            },
            {"what": "Certify the third quarter", "href": "#", "due": "due 30 Nov"},
        ],
        "events": [
            {"what": "Voucher submitted", "by": "program officer", "at": instant, "entry": 4866},
            {"what": "Evidence attached", "by": "program officer", "at": date(2026, 11, 2)},
        ],
        "tabs": [
            {"label": "Overview", "url": "#", "current": "page"},
            {"label": "Money", "url": "#"},
            {"label": "Results", "url": "#"},
            {"label": "Findings", "url": "#"},
        ],
        "chips": [
            {"label": "Recipient", "value": "Recipient State", "url": "#"},
            {"label": "Paid", "value": "2026-07-01 – 2026-09-30", "url": "#"},
        ],
    }
