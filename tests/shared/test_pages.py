"""The list page: what it shows, what its file holds, and what it costs. Rows are Django's own groups."""

import csv
import io
from datetime import date
from types import SimpleNamespace

import django_filters
import django_tables2 as tables
import pytest
from django.contrib.auth.models import Group
from django.template.loader import render_to_string
from django.test import RequestFactory

from tracker.shared import pages
from tracker.shared.money import Money


class GroupFilter(django_filters.FilterSet):
    q = django_filters.CharFilter("name", "icontains", label="Name")
    number = django_filters.NumberFilter("pk", label="Number")
    span = django_filters.RangeFilter("pk", label="Between")
    kind = django_filters.ChoiceFilter(
        field_name="name",
        lookup_expr="startswith",
        label="Kind",
        choices=[("group", "A group"), ("other", "Another")],
    )

    class Meta:
        model = Group
        fields = []


class GroupTable(tables.Table):
    name = tables.Column(verbose_name="Name")
    initial = tables.Column(accessor="name", verbose_name="Initial")
    hidden = tables.Column(accessor="pk", visible=False)
    actions = tables.Column(accessor="pk", exclude_from_export=True)

    def render_initial(self, value):
        return value[:1]

    class Meta:
        order_by = "name"
        empty_text = "Groups appear here once somebody makes one."


def make_groups(count):
    Group.objects.bulk_create(Group(name=f"group {number:04}") for number in range(count))


def ask(query="", htmx=None, queryset=None, table_class=GroupTable, **options):
    request = RequestFactory().get(f"/desk/groups/?{query}")
    request.htmx = htmx
    rows = Group.objects.all() if queryset is None else queryset
    return pages.table_page(
        request,
        "groups.html",
        filterset=GroupFilter(request.GET, queryset=rows),
        table_class=table_class,
        csv_name="groups of people",
        **options,
    )


def shown(response, query=""):
    request = RequestFactory().get(f"/desk/groups/?{query}")
    return render_to_string("_components/list.html", response.context_data, request)


def rows_of(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_tie_is_broken_by_primary_key_so_that_no_row_is_on_two_pages():
    make_groups(2)

    table = ask("sort=-name").context_data["table"]

    assert table.data.data.query.order_by == ("-name", "pk")


@pytest.mark.parametrize(
    "query, size, number",
    [
        ("", 50, 1),
        ("per_page=25&page=2", 25, 2),
        ("per_page=7", 50, 1),  # a size that is not offered
        ("per_page=1000000", 50, 1),
        ("per_page=25&page=99", 25, 3),  # past the end: the last page
        ("page=none", 50, 1),
        ("sort=no_such_column", 50, 1),
    ],
)
def test_whatever_the_address_says_there_is_a_page(query, size, number):
    make_groups(60)

    table = ask(query).context_data["table"]

    assert (table.paginator.per_page, table.page.number) == (size, number)


def test_the_page_says_which_rows_of_how_many_it_shows():
    make_groups(60)

    html = shown(ask("per_page=25&page=2"), "per_page=25&page=2")

    assert "Rows 26–50 of 60" in html
    assert "CSV of all 60 rows" in html


def test_a_page_of_25_and_a_page_of_1000_cost_the_same_number_of_queries(count_queries):
    make_groups(1000)

    few = count_queries(lambda: shown(ask("per_page=25"), "per_page=25"))
    many = count_queries(lambda: shown(ask("per_page=1000"), "per_page=1000"))

    assert few == many == 2  # one count, one page


def test_a_filter_that_makes_no_sense_gets_a_sentence_and_no_rows():
    make_groups(3)

    response = ask("number=many")
    html = shown(response, "number=many")

    assert response.status_code == 200
    assert "Number</a>: Enter a number." in html
    assert "group 0000" not in html


def test_a_file_is_never_made_of_a_filter_that_makes_no_sense():
    make_groups(3)

    response = ask("number=many&format=csv")

    assert response.status_code == 400
    assert not response.streaming


def test_a_filter_in_force_is_a_chip_that_leads_to_the_list_without_it():
    make_groups(3)

    response = ask("q=0001&sort=name&page=1")

    assert response.context_data["chips"] == [
        {"label": "Name", "value": "0001", "url": "?sort=name"}
    ]


@pytest.mark.parametrize(
    "query, said",
    [
        ("kind=group", "A group"),  # as the control shows it, not as the address spells it
        ("span_min=1&span_max=9", "1 – 9"),
        ("span_min=1", "from 1"),
        ("span_max=9", "to 9"),
    ],
)
def test_a_chip_says_a_filter_as_its_control_does_and_leads_out_of_both_its_ends(query, said):
    (chip,) = ask(query).context_data["chips"]

    assert (chip["value"], chip["url"]) == (said, "?")


def test_an_empty_list_says_what_it_would_hold_and_a_filtered_one_how_to_widen_it():
    assert "Groups appear here once somebody makes one." in shown(ask())

    make_groups(1)

    assert "No row fits these filters." in shown(ask("q=nothing"), "q=nothing")


def test_the_file_holds_the_rows_of_all_pages_in_the_order_and_columns_of_the_page():
    make_groups(60)

    response = ask("q=group 000&sort=-name&per_page=25&format=csv")
    found = rows_of(response)

    assert found[0] == ["Name", "Initial"]  # neither the hidden column nor the buttons
    assert found[1:] == [[f"group {n:04}", "g"] for n in reversed(range(10))]
    assert response["Content-Disposition"] == 'attachment; filename="groups-of-people.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_the_file_quotes_what_needs_quotes_and_ends_lines_as_the_standard_says():
    Group.objects.create(name='said "no", twice')

    text = b"".join(ask("format=csv").streaming_content)

    assert text == b'Name,Initial\r\n"said ""no"", twice",s\r\n'


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "@SUM(A1)", "+1+1", "-1+1", "\t=1"])
def test_a_name_that_looks_like_a_formula_gets_an_apostrophe_in_the_file(name):
    Group.objects.create(name=name)

    assert rows_of(ask("format=csv"))[1][0] == f"'{name}"


@pytest.mark.parametrize("name", ["-12.50", "+3", "-1e6", "12-13", "a=b"])
def test_a_number_and_a_harmless_name_stay_as_they_are_in_the_file(name):
    Group.objects.create(name=name)

    assert rows_of(ask("format=csv"))[1][0] == name


def test_htmx_gets_the_table_and_everybody_else_the_page():
    def htmx(**how):
        return SimpleNamespace(**{"boosted": False, "history_restore_request": False, **how})

    assert ask().template_name == "groups.html"
    assert ask(htmx=htmx()).template_name == "groups.html#table"
    assert ask(htmx=htmx(boosted=True)).template_name == "groups.html"
    assert ask(htmx=htmx(history_restore_request=True)).template_name == "groups.html"
    assert ask()["Vary"] == "HX-Request"


def test_the_header_says_which_way_it_is_sorted():
    make_groups(2)

    html = shown(ask("sort=-name"), "sort=-name")

    assert 'aria-sort="descending"' in html
    assert html.count("aria-sort") == 1


class ValuesTable(tables.Table):
    amount = pages.MoneyColumn()
    paid_on = pages.WhenColumn(precision="precision", fiscal_year="year")
    receiver = pages.CellColumn()
    remark = tables.Column()


def values(**row):
    empty = dict.fromkeys(("amount", "paid_on", "receiver", "remark"))
    return ValuesTable([empty | row])


def test_money_is_a_plain_decimal_and_its_currency_in_a_file():
    found = list(pages.csv_rows(values(amount=Money(-120400000, "USD"))))

    assert found[0][:2] == ["Amount", "Amount currency"]
    assert found[1][:2] == ["-1204000.00", "USD"]


def test_what_nobody_stated_is_empty_in_a_file_and_says_so_on_the_page():
    table = values()
    request = RequestFactory().get("/")

    assert list(pages.csv_rows(table))[1] == ["", "", None, None, None]
    assert table.as_html(request).count("not stated") == 4


def test_a_date_in_a_file_is_never_more_exact_than_it_is_known():
    def said(**row):
        _header, found = pages.csv_rows(values(paid_on=date(2004, 10, 1), **row))
        return found[2]

    assert said() == "2004-10-01"
    assert said(precision="month") == "2004-10"
    assert said(precision="fiscal_year", year=2005) == "FY2005"


def test_a_withheld_cell_says_in_the_file_that_it_is_withheld_and_why():
    cell = {"state": "withheld", "reason": "operational security", "review_on": "2027-03-01"}

    found = list(pages.csv_rows(values(receiver=cell)))[1]

    assert found[3] == "withheld: operational security · review 1 Mar 2027"


@pytest.mark.parametrize(
    "path, current",
    [
        ("/desk/", {"Desk": "page"}),
        ("/desk/ledger/", {"Ledger": "page"}),
        ("/desk/vouchers/abc/", {"Vouchers": "true"}),
        ("/programs/abc/", {"Programs": "true"}),
        ("/", {"Overview": "page"}),
        ("/elsewhere/", {}),
    ],
)
def test_the_masthead_says_where_one_is(path, current):
    context = pages.chrome(RequestFactory().get(path))

    places = context.get("nav") or context.get("public_nav")

    assert {p["label"]: p["current"] for p in places if p["current"]} == current


class Untouchable:
    def __getattribute__(self, name):
        raise AssertionError("A public page asked who is there.")


def test_a_public_page_asks_neither_who_is_there_nor_the_session(count_queries):
    request = RequestFactory().get("/programs/")
    request.user = request.session = request._messages = Untouchable()

    queries = count_queries(lambda: render_to_string("404.html", {}, request))

    assert queries == 0
