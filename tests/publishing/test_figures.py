"""Figures in a report's words: a small grammar, resolved against released rows and nothing else."""

from uuid import uuid4

import pytest

from tracker.ledger.models import TransactionKind
from tracker.publishing import figures
from tracker.publishing.content.cells import Row, cells_of, stated
from tracker.publishing.figures import Book, NoFigure, parse
from tracker.shared.money import Money

WITHHELD = {
    "state": "withheld",
    "category": "safety",
    "reason": "A depot could be found.",
    "legal_basis": "Law 1",
    "review_on": "2030-01-01",
    "decided_by": "Ministry",
}


def total(kind="disbursement", year=2024, amount="1000.00", currency="USD", **cells):
    said = cells_of(fiscal_year=year, kind=kind, off="", rows=1, withheld_rows=0)
    said["amount"] = stated(Money.of(amount, currency)) if amount else WITHHELD
    return Row("total", uuid4(), said | cells)


def of_period(currency="USD", **cells):
    def money(amount):
        return Money.of(amount, currency) if currency else None

    said = cells_of(
        kind="disbursement",
        currency=currency,
        opening=money("10.00"),
        period=money("5.00"),
        closing=money("15.00"),
        rows=2,
        withheld_rows=0,
    )
    return Row("report_total", uuid4(), said | cells)


def indicator(title="Beds set up", **cells):
    said = cells_of(
        title=title, unit="beds", baseline="0", target="100", actual="80", achievement="80.000"
    )
    return Row("report_indicator", uuid4(), said | cells)


def untitled():
    """An indicator whose title is withheld."""
    row = indicator()
    return Row(row.kind, row.subject, row.cells | {"title": WITHHELD})


def finding(open_recommendations=1):
    said = cells_of(recommendations=3, open_recommendations=open_recommendations)
    return Row("report_finding", uuid4(), said)


def filled(text, *rows):
    return Book.of(rows).fill(text)[0]


def test_the_kinds_are_those_of_the_ledger():
    assert set(figures.KINDS) == set(TransactionKind.values)


@pytest.mark.parametrize(
    "written, meant",
    [
        (" total disbursement USD ", "{{ total disbursement USD }}"),
        ("TOTAL  Disbursements usd 2024", "{{ total disbursement USD 2024 }}"),
        ("closing write-off EUR", "{{ closing write_off EUR }}"),
        ("indicator “Beds set up” Actual", '{{ indicator "Beds set up" actual }}'),
        ('indicator "A "quoted" title" target', '{{ indicator "A "quoted" title" target }}'),
        ("findings open", "{{ findings open }}"),
        ("recommendations all", "{{ recommendations all }}"),
        ("withheld fields", "{{ withheld fields }}"),
    ],
)
def test_a_token_has_one_spelling(written, meant):
    assert str(parse(written)) == meant
    assert parse(str(parse(written))[2:-2]) == parse(written)


@pytest.mark.parametrize(
    "written",
    [
        *("", "total", "total disbursement", "total gift USD", "total disbursement DOLLAR"),
        *("total disbursement USD 24", "period disbursement USD 2024", "indicator Beds actual"),
        *('indicator "Beds" secret', "findings closed", "payee", "cells.amount", "withheld"),
        "total disbursement USD; drop",
    ],
)
def test_what_is_no_figure_is_refused_with_how_to_write_one(written):
    with pytest.raises(NoFigure, match=r"is no figure that a release can have\. Write it as"):
        parse(written)


@pytest.mark.parametrize("text", ["{{ total", "a }} b", "{{ findings open }} and {{"])
def test_a_brace_that_is_missing_is_said(text):
    with pytest.raises(NoFigure, match="one of them is missing"):
        figures.tokens_of(text)


def test_a_total_is_the_sum_of_its_years_and_names_their_rows():
    rows = [total(year=2023), total(year=2024, amount="250.50"), total(kind="refund")]

    text, found = Book.of(rows).fill("We paid {{ total disbursement USD }}.")

    assert text == "We paid 1,250.50 USD."
    assert found[0].rows == (rows[0].digest, rows[1].digest)
    assert found[0].as_released()["row"] == rows[0].digest


def test_a_total_of_one_year_names_its_row_alone():
    rows = [total(year=2023), total(year=2024, amount="250.50")]

    text, found = Book.of(rows).fill("{{ total disbursement USD 2024 }}")

    assert (text, found[0].rows) == ("250.50 USD", (rows[1].digest,))
    assert "rows" not in found[0].as_released()


def test_currencies_are_never_added_up():
    rows = [total(), total(amount="7", currency="EUR")]

    assert filled("{{ total disbursement EUR }}", *rows) == "7.00 EUR"


def test_a_total_says_how_many_rows_it_goes_without():
    rows = [total(withheld_rows=stated(1)), total(amount="", withheld_rows=stated(2))]

    assert filled("{{ total disbursement USD }}", *rows) == (
        "1,000.00 USD (without 3 rows whose amount is withheld)"
    )


def test_a_withheld_figure_prints_why():
    hidden = total(amount="")

    assert filled("{{ total disbursement USD }}", hidden) == "withheld (A depot could be found)"


@pytest.mark.parametrize(
    "stand_in, text",
    [
        (
            {"kind": "range", "low": {"minor": 100}, "high": {"minor": 500}, "currency": "USD"},
            "between 1.00 USD and 5.00 USD (withheld)",
        ),
        ({"kind": "range", "low": "10", "high": "100"}, "between 10 and 100 (withheld)"),
        ({"kind": "unit", "value": "one unit"}, "one unit (withheld)"),
    ],
)
def test_a_withheld_figure_prints_what_stands_in_for_it(stand_in, text):
    row = indicator(actual=WITHHELD | {"stand_in": stand_in})

    assert filled('{{ indicator "Beds set up" actual }}', row) == text


def test_a_figure_that_nobody_stated_prints_that_and_never_nought():
    row = indicator(actual=stated(None))

    assert filled('{{ indicator "beds  SET up" actual }}', row) == "not stated"


def test_figures_of_the_period():
    text = "{{ opening disbursement USD }}, {{ period disbursement USD }}, {{ closing disbursement USD }}"

    assert filled(text, of_period()) == "10.00 USD, 5.00 USD, 15.00 USD"


def test_a_period_whose_amounts_are_all_withheld_says_so():
    row = of_period(currency="", withheld_rows=stated(1))

    assert filled("{{ period disbursement USD }}", row) == (
        "withheld (without 1 row whose amount is withheld)"
    )


def test_an_indicator_is_named_with_its_unit_and_its_share():
    text = '{{ indicator "Beds set up" actual }} of {{ indicator "Beds set up" target }}, {{ indicator "Beds set up" achievement }}'

    assert filled(text, indicator()) == "80 beds of 100 beds, 80 %"


def test_two_indicators_of_one_title_are_no_figure():
    with pytest.raises(NoFigure, match="no such figure"):
        filled('{{ indicator "Beds set up" actual }}', indicator(), indicator(actual=stated("1")))


def test_a_withheld_title_names_no_figure():
    with pytest.raises(NoFigure, match="no such figure"):
        filled('{{ indicator "Beds set up" actual }}', untitled())


def test_findings_and_recommendations_are_counted():
    text = "{{ findings all }} {{ findings open }} {{ recommendations all }} {{ recommendations open }}"

    assert filled(text, finding(0), finding(2)) == "2 1 6 2"


def test_what_is_withheld_is_counted():
    row = Row("withheld_summary", uuid4(), cells_of(fields_withheld=1234, rows=3))

    assert filled("{{ withheld fields }} in {{ withheld rows }}", row) == "1,234 in 3"


@pytest.mark.parametrize(
    "token",
    [
        *("total refund USD", "total disbursement EUR", "total disbursement USD 1999"),
        *("period receipt USD", 'indicator "Nothing" actual', "findings open"),
    ],
)
def test_a_figure_that_no_row_carries_is_refused_with_those_that_there_are(token):
    with pytest.raises(NoFigure, match=r"no such figure\. It has: .*total disbursement USD 2024"):
        filled(f"{{{{ {token} }}}}", total(), of_period())


def test_every_available_figure_can_be_named():
    book = Book.of([total(), of_period(), indicator(), finding(), indicator(title="Two\nlines")])

    for figure in book.available():
        assert book.fill(str(figure.token)) == (figure.text, [figure])


def test_what_is_put_in_is_not_read_again():
    row = indicator(
        actual=WITHHELD | {"stand_in": {"kind": "region", "value": "{{ findings open }}"}}
    )

    assert filled('{{ indicator "Beds set up" actual }}', row) == "{{ findings open }} (withheld)"
