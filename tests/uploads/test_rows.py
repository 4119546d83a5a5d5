"""One row at a time: what is understood, and what is wrong, with column, cause and remedy."""

from datetime import date

import pytest

from tests.factories.uploads import HEADER, csv_of, mapping, stream_of
from tracker.shared.calendars import CALENDAR_YEAR
from tracker.shared.money import Money
from tracker.uploads.reading import files
from tracker.uploads.reading.mapping_file import mapping_from
from tracker.uploads.reading.rows import RowReader, import_key

TODAY = date(2026, 9, 28)
DAYS = {"columns__fiscal_year": None, "columns__date": "Year"}


def read(row, raw=None, header=HEADER):
    understood = mapping_from(raw or mapping())
    stream = stream_of(csv_of(row, header=header))
    form = files.inspect(stream, understood)
    reader = RowReader(understood, form.header, CALENDAR_YEAR, TODAY)
    return reader.read(next(files.records(stream, form)))


def problem_of(row, raw=None, header=HEADER):
    (problem,) = read(row, raw, header).problems
    return problem


def row(ref="R1", code="FRA", name="France", year="2010", amount="100.00", payee="Depot"):
    return f"{ref},{code},{name},{year},{amount},{payee}"


def test_a_good_row_is_understood():
    found = read(row())

    assert found.problems == []
    assert (found.money, found.kind) == (Money(10000, "USD"), "disbursement")
    assert (found.value_date, found.date_precision) == (date(2010, 9, 30), "fiscal_year")
    assert (found.fiscal_year, found.country, found.reference) == (2010, "FR", "R1")


# --- Amounts ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text, minor",
    [
        ("1", 100),
        ("4.5e+07", 4_500_000_000),
        ("1E2", 10_000),
        ("0.01", 1),
        ("1.50000000000000000000000000000000000", 150),
        ("92233720368547758.07", 2**63 - 1),
        ("+5", 500),
    ],
)
def test_an_amount_is_read_to_the_last_digit(text, minor):
    assert read(row(amount=text)).money == Money(minor, "USD")


def test_a_negative_amount_is_a_refund_where_the_mapping_says_so():
    found = read(row(amount="-26"))

    assert (found.kind, found.money) == ("refund", Money(2600, "USD"))


def test_a_negative_amount_is_an_error_otherwise():
    problem = problem_of(row(amount="-26"), mapping(constants__negative="error"))

    assert problem.column == "Amount" and problem.value == "-26"
    assert "The amount is negative" in problem.cause
    assert "“constants.negative”" in problem.remedy


@pytest.mark.parametrize(
    "text, cause",
    [
        ("0", "The amount is zero"),
        ("0.00", "The amount is zero"),
        ("1.005", "more decimals than USD has (2)"),
        ("1.0000000000000000000000000000000000001", "more decimals than USD has (2)"),
        ("1e-400", "more decimals than USD has (2)"),
        ("1e9999", "larger than the ledger can hold"),
        ("92233720368547758.08", "larger than the ledger can hold"),
        ("1e99999999999", "is not an amount"),
        ("9" * 61, "is not an amount"),
        ("=1+1", "is not an amount"),
        ("=cmd|' /C calc'!A0", "is not an amount"),
        ("(100)", "is not an amount"),
        ("100 USD", "is not an amount"),
        ("1 000", "is not an amount"),
        ("NaN", "is not an amount"),
        ("Infinity", "is not an amount"),
        ("١٢", "is not an amount"),
        ("1_000", "is not an amount"),
        ("−5", "is not an amount"),
        ("0x10", "is not an amount"),
        ("", "The amount is missing."),
        ("NA", "The amount is missing."),
    ],
)
def test_an_amount_that_is_none_is_told(text, cause):
    problem = problem_of(row(amount=text))

    assert problem.column == "Amount"
    assert cause in problem.cause
    assert problem.remedy


@pytest.mark.parametrize(
    "text, form, minor",
    [
        ("1.234.567,89", {"decimal": ",", "grouping": "."}, 123_456_789),
        ("1234567,8", {"decimal": ",", "grouping": "."}, 123_456_780),
        ("1'234'567.5", {"grouping": "'"}, 123_456_750),
        ("1\u202f234", {"grouping": "\u202f"}, 123_400),
    ],
)
def test_numbers_are_read_as_the_mapping_writes_them(text, form, minor):
    raw = mapping(number_format=form)
    line = row(amount=text).replace(",", ";", 4)[::-1].replace(",", ";", 1)[::-1]

    assert read(line, raw, HEADER.replace(",", ";")).money == Money(minor, "USD")


@pytest.mark.parametrize(
    "text, form",
    [
        ("1.23.456,00", {"decimal": ",", "grouping": "."}),
        ("1,5", {}),
        ("1e3", {"exponent": False}),
        ("1.000", {"decimal": ",", "grouping": " "}),
    ],
)
def test_a_number_written_otherwise_is_refused_not_guessed(text, form):
    line = row(amount=text).replace(",", ";", 4)[::-1].replace(",", ";", 1)[::-1]
    problem = problem_of(line, mapping(number_format=form), HEADER.replace(",", ";"))

    assert "is not an amount" in problem.cause
    assert "Write digits as the mapping says" in problem.remedy


def test_the_currency_may_be_a_column():
    raw = mapping(constants__currency=None, columns__currency="Payee")

    assert read(row(amount="7", payee="JPY"), raw | {}).money == Money(7, "JPY")


@pytest.mark.parametrize(
    "code, amount, column, cause",
    [
        ("QQQ", "7", "Payee", "“QQQ” is not a currency we know."),
        ("usd", "7", "Payee", "“usd” is not a currency we know."),
        ("", "7", "Payee", "The currency is missing."),
        ("JPY", "7.5", "Amount", "more decimals than JPY has (0)"),
    ],
)
def test_a_wrong_currency_is_told(code, amount, column, cause):
    raw = mapping(constants__currency=None, columns__currency="Payee", columns__payee=None)
    problem = problem_of(row(amount=amount, payee=code), raw)

    assert problem.column == column
    assert cause in problem.cause


# --- Days and years --------------------------------------------------------


@pytest.mark.parametrize(
    "text, cause",
    [
        ("1899", "lies outside 1900 to 2026"),
        ("2027", "lies outside 1900 to 2026"),
        ("20005", "is not a fiscal year"),
        ("2005.0", "is not a fiscal year"),
        ("last year", "is not a fiscal year"),
        ("", "The fiscal year is missing."),
    ],
)
def test_a_wrong_fiscal_year_is_told(text, cause):
    problem = problem_of(row(year=text))

    assert problem.column == "Year"
    assert cause in problem.cause


@pytest.mark.parametrize(
    "year, which, day",
    [
        ("2005", "start", date(2004, 10, 1)),
        ("2005", "end", date(2005, 9, 30)),
        ("1976", "end", date(1976, 6, 30)),
        ("1975", "start", date(1974, 7, 1)),
    ],
)
def test_a_fiscal_year_becomes_a_date_by_its_calendar(year, which, day):
    assert read(row(year=year), mapping(fiscal_year__date=which)).value_date == day


@pytest.mark.parametrize(
    "form, text, day, precision",
    [
        ("YYYY-MM-DD", "2010-02-03", date(2010, 2, 3), "day"),
        ("DD.MM.YYYY", "3.2.2010", date(2010, 2, 3), "day"),
        ("MM/DD/YYYY", "02/03/2010", date(2010, 2, 3), "day"),
        ("YYYY-MM", "2010-02", date(2010, 2, 1), "month"),
    ],
)
def test_a_date_is_read_by_the_form_of_the_mapping(form, text, day, precision):
    found = read(row(year=text), mapping(**DAYS, date_format=form))

    assert (found.value_date, found.date_precision) == (day, precision)
    assert found.fiscal_year == 2010


@pytest.mark.parametrize(
    "text, cause",
    [
        ("2010-02-30", "is not a day of the calendar"),
        ("03/02/2010", "is not a date of the form YYYY-MM-DD"),
        ("soon", "is not a date of the form YYYY-MM-DD"),
        ("2026-09-29", "lies in the future"),
        ("1899-12-31", "lies before 1900"),
        ("", "The date is missing."),
    ],
)
def test_a_wrong_date_is_told(text, cause):
    problem = problem_of(row(year=text), mapping(**DAYS))

    assert problem.column == "Year"
    assert cause in problem.cause


# --- Words -----------------------------------------------------------------


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@SUM(A1)", "\t=1+1"])
@pytest.mark.parametrize("column, name", [("payee", "Payee"), ("name", "Country"), ("ref", "Ref")])
def test_a_formula_in_a_text_column_is_an_error(text, column, name):
    problem = problem_of(row(**{column: text}))

    assert problem.column == name
    assert "a spreadsheet would run it as a formula" in problem.cause
    assert problem.remedy.startswith("Remove the “")


@pytest.mark.parametrize(
    "text, cause",
    [
        ("Dep\x07ot", "cannot be printed (U+0007)"),
        ("Dep\ufffdot", "cannot be printed (U+FFFD)"),
        ("x" * 201, "The text has 201 characters; here 200 fit."),
    ],
)
def test_a_text_that_cannot_be_kept_is_an_error(text, cause):
    assert cause in problem_of(row(payee=text)).cause


@pytest.mark.parametrize("line", ["R1,FRA,France,2010,1.00", "R1,FRA,France,2010,1,000.00,Depot"])
def test_a_ragged_row_is_an_error(line):
    problem = problem_of(line)

    assert f"The row has {line.count(',') + 1} cells; the header has 6." == problem.cause
    assert "Compare it with its neighbours" in problem.remedy


def test_a_column_that_the_mapping_calls_constant_is_checked():
    raw = mapping(expect={"Payee": ["Depot", "Store"]})

    assert read(row(), raw).problems == []
    problem = problem_of(row(payee="Bank"), raw)
    assert problem.cause == "The mapping expects “Depot” or “Store” in every row."


def test_every_problem_of_a_row_is_told():
    found = read(row(code="QQQ", year="99", amount="x"))

    assert [p.column for p in found.problems] == ["Code", "Amount", "Year"]


# --- Codes -----------------------------------------------------------------


def test_an_unknown_country_code_is_an_error():
    problem = problem_of(row(code="QQQ"))

    assert "“QQQ” is not a code of ISO 3166-1 alpha-3" in problem.cause
    assert "programs.country" in problem.remedy


@pytest.mark.parametrize("code", ["WLD", "SCG"])
def test_regions_and_former_states_have_no_country_code(code):
    found = read(row(code=code))

    assert (found.problems, found.country) == ([], "")


# --- References ------------------------------------------------------------


def test_several_columns_can_make_the_reference():
    assert read(row(), mapping(columns__reference=["Ref", "Year"])).reference == "R1 / 2010"


def test_a_missing_reference_is_an_error():
    assert problem_of(row(ref="")).cause == "The reference is missing."


def test_a_row_without_reference_gets_one_from_its_number_and_content():
    numbered = mapping(columns__reference=None, columns__row_number="Ref")
    first, same, other = (
        read(row(ref="17"), numbered).reference,
        read(row(ref="17", amount="1e2", name="the French Republic"), numbered).reference,
        read(row(ref="17", amount="100.01"), numbered).reference,
    )

    assert first.startswith("17-") and first == same
    assert other != first


def test_a_row_without_any_number_is_numbered_by_its_place():
    assert read(row(), mapping(columns__reference=None)).reference.startswith("1-")


def test_two_organisations_never_share_a_key():
    office, other = (read(row()), read(row()))
    from uuid import UUID

    assert import_key(UUID(int=1), "s", office.reference) != import_key(
        UUID(int=2), "s", other.reference
    )
    assert import_key(UUID(int=1), "s", "ab") != import_key(UUID(int=1), "sa", "b")
