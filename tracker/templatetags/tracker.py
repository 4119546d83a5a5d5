"""The components that need Python. Everything here escapes what it is given; templates do the rest.

How each looks and when to use it: the style page, templates/style.html.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, MultiWidget
from django.template import Context
from django.template.base import render_value_in_context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from tracker.shared.dates import DatePrecision, say_date
from tracker.shared.instead import in_words
from tracker.shared.money import Money
from tracker.shared.sealing import Covered
from tracker.templatetags import _drawing, _flow

register = template.Library()

NOT_STATED = SafeString('<span class="notstated">not stated</span>')
MARKS = {"good": "✓", "warn": "~", "bad": "!", "info": "i", "": "–"}
TONES = {
    "success": "good",
    "warning": "warn",
    "error": "bad",
    "info": "info",
    "debug": "info",
}
SHORT = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


@register.simple_tag
def badge(tone: str, text: Any, mark: str = "") -> SafeString:
    """A state: a mark and words, coloured by tone (good, warn, bad, info or nothing)."""
    tone = tone if tone in MARKS else ""
    return format_html(
        '<span class="badge {}" data-mark="{}">{}</span>',
        tone,
        mark or MARKS[tone],
        text,
    )


@register.simple_tag
def notice(tone: str, text: Any) -> SafeString:
    """A sentence about what just happened or what to mind. Takes Django's message levels too."""
    tone = TONES.get(tone, tone)
    tone = tone if tone in MARKS else ""
    return format_html(
        '<div class="notice {}" data-mark="{}"><div>{}</div></div>',
        tone,
        MARKS[tone],
        text,
    )


@register.simple_tag
def money(value: Money | Covered | None, short: bool = False) -> SafeString:
    """An exact amount, its currency behind it; `short` rounds for a headline and keeps the exact one in
    the element's value. None is *not stated*."""
    if value is None:
        return NOT_STATED
    if isinstance(value, Covered):
        return covered(value)
    figure = _short(value.decimal) if short else f"{value.decimal:,f}"
    return format_html(
        '<data class="num money" value="{}">{} <span class="code">{}</span></data>',
        value.plain,
        figure.replace("-", "\N{MINUS SIGN}"),
        value.currency,
    )


def covered(value: Covered) -> SafeString:
    """Where a value is sealed from the reader: that, and why."""
    return format_html('<span class="muted">{}</span>', value)


def _short(amount: Decimal) -> str:
    for step, name in SHORT:
        if abs(amount) >= step:
            return f"{amount / step:,.1f} {name}"
    return f"{amount:,f}"


@register.simple_tag
def stated(value: Any, suffix: str = "") -> SafeString:
    """Any value, or *not stated* for None and the empty text. 0 and False are values."""
    if value is None or value == "" or value == []:
        return NOT_STATED
    if isinstance(value, Money | Covered):
        return money(value)
    if isinstance(value, date):
        return when(value)
    if isinstance(value, bool):
        return SafeString("yes" if value else "no")
    if isinstance(value, list | tuple | set):
        return format_html_join(", ", "{}", ((stated(item),) for item in value))
    if isinstance(value, int | Decimal):
        text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
        return format_html('<span class="num">{}{}</span>', text, suffix)
    return format_html("{}{}", value, suffix)


@register.simple_tag
def cell(released: Mapping[str, Any] | None) -> SafeString:
    """A released cell: stated, not stated, or withheld with its reason and the day it is looked at again."""
    if not released or released.get("state") == "not_stated":
        return NOT_STATED
    if released.get("state") != "withheld":
        return stated(money_of(released.get("value")))
    review = released.get("review_on")
    said = in_words(released.get("stand_in")) or released.get("value")
    return format_html(
        '<span class="withheld">{}<b>withheld</b>: {}{}</span>',
        # what may be said instead of the value, such as the month instead of the day
        format_html("{} · ", said) if said else "",
        released.get("reason") or "no reason recorded",
        format_html(" · review {}", when(as_date(review))) if review else "",
    )


register.simple_tag(in_words, name="stand_in")


def money_of(value: Any) -> Any:
    """Money from the two spellings that frozen rows use; anything else as it is."""
    if isinstance(value, Mapping) and "currency" in value:
        if "minor" in value:
            return Money(int(value["minor"]), value["currency"])
        if "amount" in value:
            return Money.of(value["amount"], value["currency"])
    return value


def as_date(value: Any) -> Any:
    """A date from its ISO text; what is no ISO date stays as it is."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


@register.simple_tag
def when(value: Any, precision: str = "day", fiscal_year: int | None = None) -> SafeString:
    """A date as exactly as it is known: 28 Sep 2026, Sep 2026, FY2026. An instant gets its time."""
    value = as_date(value)
    if value is None or value == "":
        return NOT_STATED
    if isinstance(value, Covered):
        return covered(value)
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        text = f"{say_date(local.date(), 'day')}, {local:%H:%M}"
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)
    if not isinstance(value, date):
        return format_html("{}", value)
    machine = iso_date(value, precision, fiscal_year)
    if machine.startswith("FY"):
        machine = machine[2:]  # HTML knows years, not fiscal ones
    return format_html(
        '<time datetime="{}">{}</time>',
        machine,
        say_date(value, precision, fiscal_year),
    )


@register.simple_tag
def dated(row: Any, apart: bool = False) -> SafeString:
    """The days of a voucher, version or transaction; `apart`: on two lines, for narrow columns."""
    fiscal_year = getattr(row, "fiscal_year", None)
    return days(row.value_date, row.date_precision, fiscal_year, row.booked_on, apart)


@register.simple_tag
def days(
    value_date: Any,
    precision: str = "day",
    fiscal_year: int | None = None,
    booked_on: Any = None,
    apart: bool = False,
) -> SafeString:
    """A value date; of a late entry also the day that it is booked on: 12 Mar 2025, booked 2 Apr 2025 (late entry).

    The fiscal year of a late entry is that of its booking: a date that is known to the year is said by a day of it.
    """
    if not booked_on:
        return when(value_date, precision, fiscal_year)
    if precision == DatePrecision.FISCAL_YEAR:
        stated_date = format_html("the fiscal year of {}", when(value_date))
    else:
        stated_date = when(value_date, precision)
    late = format_html('<span class="small muted">booked {} (late entry)</span>', when(booked_on))
    return format_html(
        "<span>{}, {}</span>", stated_date, late
    )  # one piece, also in a row of cells


def iso_date(value: date, precision: str = "day", fiscal_year: int | None = None) -> str:
    """For files: 2026-09-28, 2026-09 or FY2026, never more exact than the date is."""
    if precision == DatePrecision.FISCAL_YEAR:
        return say_date(value, precision, fiscal_year)
    return f"{value:%Y-%m}" if precision == DatePrecision.MONTH else f"{value:%Y-%m-%d}"


@register.simple_tag
def proof(number: int | None, href: str = "") -> SafeString:
    """The quiet check: this row is in the journal, as the entry with this number."""
    if number is None:
        return SafeString('<span class="muted small">no entry yet</span>')
    text = f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    said = format_html('<span class="unseen">journal entry </span>{}', text)
    if href:
        return format_html('<a class="proof" href="{}">{}</a>', href, said)
    return format_html('<span class="proof">{}</span>', said)


@register.simple_tag(takes_context=True)
def cells(context: Context, row: Any) -> SafeString:
    """The cells of a table's row. What a column's cells have in common, its attributes and its name, is made once
    for the whole table: they must not depend on the row."""
    starts = row.table.__dict__.setdefault("_cell_starts", {})
    parts = []
    for column, value in row.items():
        if column.name not in starts:
            attrs = column.attrs["td"].as_html()
            starts[column.name] = format_html('<td {} data-label="{}">', attrs, column.header)
        said = NOT_STATED if value == "\N{EM DASH}" else render_value_in_context(value, context)
        parts.append((starts[column.name], SafeString(said)))
    return format_html_join("", "{}{}</td>", parts)


@register.simple_tag(takes_context=True)
def term(context: Context, word: str, meaning: str) -> SafeString:
    """A word of the field and, on request, what it means. A popover: no script, no lost place."""
    return _term(context, word, meaning)


def _term(context: Context, word: str, meaning: str) -> SafeString:
    name = f"meaning-{slugify(word) or 'of-it'}"
    request = context.get("request")
    if request is not None:  # the same word twice on a page needs two names
        seen = request.__dict__.setdefault("_terms_said", {})
        seen[name] = seen.get(name, 0) + 1
        name = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return format_html(
        '<button type="button" class="term" popovertarget="{0}">{1}</button>'
        '<span class="meaning" id="{0}" popover>{2}</span>',
        name,
        word,
        meaning,
    )


@register.filter
def at_hand(filterset: Any) -> list[BoundField]:
    """The filters that always stand there."""
    form = filterset["form"] if isinstance(filterset, Mapping) else filterset.form
    more = getattr(filterset, "more", ())
    return [bound for bound in form.visible_fields() if bound.name not in more]


@register.filter
def behind(filterset: Any) -> list[BoundField]:
    """The filters that stand behind a summary: those that the filterset names in `more`."""
    more = getattr(filterset, "more", ())
    return (
        [bound for bound in filterset.form.visible_fields() if bound.name in more] if more else []
    )


@register.filter
def uses(filterset: Any, fields: Iterable[BoundField]) -> bool:
    """Whether one of these filters is in force: then they do not hide."""
    asked = [key for key in filterset.data if filterset.data.get(key)]
    return any(key == f.name or key.startswith(f"{f.name}_") for key in asked for f in fields)


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField, quiet: bool = False, hint: str = "") -> dict[str, Any]:
    """A form field with label, hint and error, tied together for those who do not see them.

    `quiet` leaves out the word *optional*: in a row of filters everything is.
    """
    hint = hint or str(bound.help_text)
    named = bound.id_for_label or bound.auto_id
    described = [f"{named}_error"] if bound.errors else []
    described += [f"{named}_hint"] if hint else []
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    parts = _name_parts(bound)
    group = parts or bound.field.widget.use_fieldset
    return {
        "field": bound,
        "name": named,
        "hint": hint,
        "control": bound.as_widget(attrs={} if group else attrs),
        "described": attrs.get("aria-describedby", "") if group else "",
        "group": group,
        "parts": parts,
        "check": isinstance(bound.field.widget, CheckboxInput),
        "optional": not (quiet or bound.field.required or bound.field.disabled),
    }


def _name_parts(bound: BoundField) -> bool:
    """Whether the control has several parts, such as a range; each gets a name of its own then."""
    widget = bound.field.widget
    if not isinstance(widget, MultiWidget):
        return False
    names = ("from", "to") if len(widget.widgets) == 2 else range(1, len(widget.widgets) + 1)
    for part, name in zip(widget.widgets, names, strict=True):
        part.attrs.setdefault("aria-label", f"{bound.label}: {name}")
    return True


@register.inclusion_tag("_components/line.html", takes_context=True)
def line(
    context: Context,
    stages: Iterable[Mapping[str, Any]],
    label: str = "From promise to use",
    description: str = "",
    notes: Iterable[str] = (),
) -> dict[str, Any]:
    """The signature: one amount on its way. Stages: {label, amount: Money | None, share, withheld (a part of it) or
    withheld_share, gap_text, gap_href, note, apart, href, term}; only label and amount are needed. With a description
    it carries its table."""
    rows = _drawing.line_stages(stages)
    for row in rows:
        row.update({key: row.get(key) for key in ("href", "gap_text", "gap_href", "note", "apart")})
        row["name"] = _term(context, row["label"], row["term"]) if row.get("term") else row["label"]
    name = f"line-{slugify(label)}"
    return {
        "rows": rows,
        "label": label,
        "description": description,
        "notes": notes,
        "name": name,
    }


@register.inclusion_tag("_components/flow.html")
def flow(flow: Any, own: Any) -> dict[str, Any]:
    """A chain (ledger.queries.Flow) from its root down; `own` is the row that the page is about."""

    def address(row: Any) -> str:
        return reverse("dashboards:transaction", args=[row.uid])

    drawn = _flow.tracks(flow.tree, own.pk, address)
    by_kind = {stage.kind: stage for stage in flow.stages}
    above = [None, *drawn]
    tracks = [
        {
            "kind": track.kind,
            "name": track.name,
            "marks": track.marks,
            "stage": by_kind.get(track.kind),
            "stuck": by_kind[before.kind].stuck if before and before.kind in by_kind else "",
        }
        for before, track in zip(above, drawn, strict=False)
    ]
    return {
        "tracks": tracks,
        "legend": _flow.legend(drawn),
        "sentences": flow.sentences,
        "name": f"chain-{flow.root.uid}",
    }


@register.inclusion_tag("_components/chart.html")
def bar_chart(
    rows: Iterable[Mapping[str, Any]],
    title: str,
    description: str,
    heads: str = "Name|Amount",
    upright: bool = False,
) -> dict[str, Any]:
    """Bars with their table. Rows: {label, value: Money | number | None, href}. One currency per chart.
    `upright` is for years: columns that read from left to right."""
    kept = list(rows)
    first, _, second = heads.partition("|")
    drawing = _drawing.columns(kept) if upright else {"marks": _drawing.bars(kept)}
    stated_values = [row["value"] for row in kept if row.get("value") is not None]
    largest = max(stated_values, key=lambda value: _drawing.size(value) or 0, default=None)
    return {
        **drawing,
        "upright": upright,
        "title": title,
        "description": description,
        "first": first,
        "second": second,
        "largest": largest,
        "name": f"chart-{slugify(title)}",
    }
