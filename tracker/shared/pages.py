"""What every page shares: the places in the masthead, the one list page, and columns for our values.

A list page is `table_page(...)`: filters, sorting, pages, the fragment for htmx, and `?format=csv` of exactly
the rows and columns that the filtered list shows, in the same order, all pages of it.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html, strip_tags
from django_filters import FilterSet
from django_tables2.rows import BoundRow

from tracker.shared.money import Money
from tracker.shared.sealing import Covered
from tracker.templatetags import tracker as components

PAGE_SIZES = (25, 50, 100, 1000)
RANGE_ENDS = ("min", "max", "after", "before", "from", "to", "0", "1")
NUM = {"td": {"class": "num"}, "th": {"class": "num"}}
STAFF_PLACES = (
    ("Desk", "/desk/"),
    ("Portfolio", "/desk/portfolio/"),
    ("Programs", "/desk/programs/"),
    ("Vouchers", "/desk/vouchers/"),
    ("Ledger", "/desk/ledger/"),
    ("Uploads", "/desk/uploads/"),
    ("Audits", "/desk/audits/"),
    ("Publishing", "/desk/publishing/"),
)
ADMINISTRATOR_PLACES = (*STAFF_PLACES, ("People", "/desk/people/"))
PUBLIC_PLACES = (
    ("Overview", "/"),
    ("Programs", "/programs/"),
    ("Reports", "/reports/"),
    ("Findings", "/findings/"),
    ("Journal", "/journal/"),
    ("Methods", "/about/"),
)
# What lies in a place though its address begins otherwise.
LIES_IN = {
    "/desk/audits/": (
        *("/desk/auditor/", "/desk/records/", "/desk/glass/", "/desk/findings/", "/desk/costs/"),
        *("/desk/recommendations/", "/desk/asks/", "/desk/samples/", "/desk/searches/"),
    ),
    "/findings/": ("/audits/", "/recommendations/"),
    "/desk/ledger/": (
        *("/desk/accounts/", "/desk/reconciliation/", "/desk/dispatches/", "/desk/discrepancies/"),
        *("/desk/use/", "/desk/periods/", "/desk/authorities/", "/desk/transactions/"),
    ),
}
# Lists whose filters a person may keep under a name (dashboards/lists.py says how they are counted).
SAVABLE = frozenset(
    (
        *("/desk/ledger/", "/desk/vouchers/", "/desk/programs/", "/desk/audits/"),
        *("/desk/findings/", "/desk/recommendations/"),
    )
)
STAFF_AREAS = ("/desk/", "/account/", "/accounts/")


# --- The masthead ----------------------------------------------------------


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: where one can go, from the path alone. It must ask neither who is there nor the
    session: public pages use it too, and may read release tables only."""
    if request.path.startswith(STAFF_AREAS):
        return {
            "nav": _places(STAFF_PLACES, request.path),
            "nav_administrator": _places(ADMINISTRATOR_PLACES, request.path),
            "base_template": "base.html",
            "savable": request.path in SAVABLE,
        }
    return {
        "public_nav": _places(PUBLIC_PLACES, request.path),
        "base_template": "public/base.html",
    }


def _places(places: Iterable[tuple[str, str]], path: str) -> list[dict[str, str]]:
    return [{"label": label, "url": url, "current": _current(url, path)} for label, url in places]


def _current(url: str, path: str) -> str:
    """`page` for the place itself, `true` for what lies in it. A start page contains only itself."""
    if path == url:
        return "page"
    return (
        "true"
        if url not in ("/", "/desk/") and path.startswith((url, *LIES_IN.get(url, ())))
        else ""
    )


# --- The list page ---------------------------------------------------------


def table_page(
    request: HttpRequest,
    template: str,
    *,
    filterset: FilterSet,
    table_class: Callable[..., tables.Table],
    csv_name: str,
    per_page: int = 50,
    **context: Any,
) -> HttpResponseBase:
    """One list: filtered by `filterset`, shown by `table_class`, downloaded as `csv_name`.csv.

    Costs one count and one page of rows, whatever their number. A filter value that makes no sense shows a
    sentence and no rows: rows that look filtered and are not would mislead, in the file even more.
    """
    understood = filterset.is_valid()
    table = table_class(filterset.qs if understood else filterset.queryset.none())
    _sort(request, table)
    wants_csv = request.GET.get("format") == "csv"
    if wants_csv and understood:
        return csv_response(table, csv_name)
    _paginate(request, table, per_page)
    chips = chips_of(request, filterset) if understood else []
    table.live, table.csv = True, True
    table.narrowed = bool(chips) or not understood
    table.sizes = PAGE_SIZES if table.paginator.count > PAGE_SIZES[0] else ()
    context |= {"filterset": filterset, "table": table, "chips": chips}
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted and not htmx.history_restore_request:
        template += "#table"
    response = TemplateResponse(request, template, context, status=400 if wants_csv else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _sort(request: HttpRequest, table: tables.Table) -> None:
    """Sort as asked, and break ties by primary key: else a row can be on two pages, or on none."""
    table.request = request
    if asked := request.GET.getlist(table.prefixed_order_by_field):
        table.order_by = asked
    rows = table.data.data
    if not isinstance(rows, QuerySet) or rows.query.is_sliced:
        return
    if rows.query.values_select or rows.query.combinator:
        return  # rows that are no longer model rows have no primary key to sort by
    order = rows.query.order_by
    if not any(str(name).lstrip("-") in ("pk", "id") for name in order):
        table.data.data = rows.order_by(*order, "pk")


def _paginate(request: HttpRequest, table: tables.Table, per_page: int) -> None:
    """The page asked for, or the nearest that exists."""
    asked = request.GET.get(table.prefixed_per_page_field, "")
    size = int(asked) if asked in {str(size) for size in PAGE_SIZES} else per_page
    table.paginate(Paginator, per_page=size)
    wanted = request.GET.get(table.prefixed_page_field)
    if wanted:
        table.page = table.paginator.get_page(wanted)


def chips_of(request: HttpRequest, filterset: FilterSet) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it."""
    chips = []
    for name, value in filterset.form.cleaned_data.items():
        said = _say(filterset.form, name, value)
        if not said:
            continue
        query = request.GET.copy()
        for key in ["page", name, *(f"{name}_{end}" for end in RANGE_ENDS)]:
            query.pop(key, None)
        label = filterset.form[name].label
        chips.append({"label": label, "value": said, "url": f"?{query.urlencode()}"})
    return chips


def _say(form: Form, name: str, value: Any) -> str:
    """A filter's value as its control shows it; empty when the filter is not used."""
    if isinstance(value, slice):  # a range: from, to
        low, high = (_say(form, name, end) for end in (value.start, value.stop))
        if low and high:
            return f"{low} – {high}"
        return f"from {low}" if low else high and f"to {high}"
    if value is None or value == "" or (hasattr(value, "__len__") and not len(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | QuerySet):
        return ", ".join(_say(form, name, one) for one in value)
    choices = getattr(form.fields[name], "choices", ())
    if isinstance(choices, ModelChoiceIterator):
        return str(value)  # a row says its name itself; its choices would be read once more
    return str(dict(_flat(choices)).get(value, value))


def _flat(choices: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


# --- CSV -------------------------------------------------------------------

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
ROWS_AT_ONCE = 2000


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_response(table: tables.Table, name: str) -> StreamingHttpResponse:
    """The visible columns of all rows as RFC 4180, row by row, so that a million rows fit in memory."""
    return csv_of(csv_rows(table), name)


def csv_of(rows: Iterable[Sequence[Any]], name: str) -> StreamingHttpResponse:
    """Any rows, the header first, as RFC 4180."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([guarded(cell) for cell in row]) for row in rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "list"
    response["Content-Disposition"] = f'attachment; filename="{safe}.csv"'
    return response


def csv_rows(table: tables.Table) -> Iterator[list[Any]]:
    """The header, then the rows. A column with `csv_heads` and `csv_cells` fills several columns of the file.

    What a table reads beside its rows stands in its `opened` and is closed with the last row, or when nobody reads on.
    """
    shown = (c for c in table.columns.iterall() if c.visible or isinstance(c.column, FileColumn))
    columns = [c for c in shown if not c.column.exclude_from_export]
    yield [head for c in columns for head in _heads(c)]
    rows = table.data.data
    if isinstance(rows, QuerySet):
        rows = rows.iterator(chunk_size=ROWS_AT_ONCE)
    try:
        for record in rows:
            row = BoundRow(record, table=table)
            yield [cell for c in columns for cell in _cells(c, row.get_cell_value(c.name))]
    finally:
        for beside in getattr(table, "opened", ()):
            beside.close()


def _heads(bound: Any) -> Sequence[str]:
    head = strip_tags(str(bound.header))
    several = getattr(bound.column, "csv_heads", None)
    return several(head) if several else [head]


def _cells(bound: Any, value: Any) -> Sequence[Any]:
    several = getattr(bound.column, "csv_cells", None)
    return several(value) if several else [value]


def guarded(value: Any) -> Any:
    """A cell that a spreadsheet will not run: text that looks like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return value.plain
    text = strip_tags(value) if hasattr(value, "__html__") else str(value)
    if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


# --- Columns ---------------------------------------------------------------


class FileColumn(tables.Column):
    """Stands in files only: on the page the cell of another column says it."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"visible": False, **kwargs})


class MoneyColumn(tables.Column):
    """Money to the right; in files a plain decimal, and its currency in a column of its own."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"attrs": NUM, **kwargs})

    def render(self, value: Any) -> str:
        return components.money(components.money_of(value))

    def value(self, value: Any) -> Any:
        return components.money_of(value)

    def csv_heads(self, head: str) -> list[str]:
        return [head, f"{head} currency"]

    def csv_cells(self, value: Any) -> list[str]:
        if isinstance(value, Covered):
            return [str(value), ""]
        return [value.plain, value.currency] if isinstance(value, Money) else ["", ""]


class PartColumn(tables.TemplateColumn):
    """A small template for each cell, which sees `record`, `value` and `table`. Whatever it says stays one thing: on a
    phone a cell is a row of its name and its content, and two loose parts would be squeezed beside each other.

    Lists of a thousand rows render it a thousand times: without the page's context, its processors and the token
    that a request brings. A cell with a form needs those, and is a plain TemplateColumn.
    """

    def __init__(self, template_name: str, **kwargs: Any):
        super().__init__(template_name=template_name, **kwargs)

    def render(self, record: Any, value: Any, table: tables.Table, **kwargs: Any) -> str:
        context = {"record": record, "value": value, "table": table}
        return format_html("<div>{}</div>", get_template(self.template_name).render(context))


class WhenColumn(tables.Column):
    """A date as exactly as it is known. `precision` and `fiscal_year` name the row's fields, if it has them."""

    def __init__(self, *args: Any, precision: str = "", fiscal_year: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.precision, self.fiscal_year = precision, fiscal_year

    def _exactness(self, record: Any) -> tuple[str, int | None]:
        def read(name: str) -> Any:
            return tables.A(name).resolve(record, quiet=True) if name else None

        return read(self.precision) or "day", read(self.fiscal_year)

    def render(self, value: Any, record: Any) -> str:
        return components.when(value, *self._exactness(record))

    def value(self, value: Any, record: Any) -> str:
        day = components.as_date(value)
        if hasattr(day, "hour") or not hasattr(day, "isoformat"):
            return str(value)
        return components.iso_date(day, *self._exactness(record))


class CellColumn(tables.Column):
    """A released cell: stated, not stated or withheld. In files a withheld cell says so, with its reason."""

    def render(self, value: Any) -> str:
        return components.cell(value)

    def value(self, value: Any) -> Any:
        if value.get("state") == "withheld":
            return strip_tags(components.cell(value))
        return components.money_of(value.get("value"))
