"""A matcher that cannot find is a defect: each way of writing a marker is written here, and found."""

import base64
import json
from datetime import date
from decimal import Decimal
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from tests.publishing.leaks.marks import Marks
from tests.publishing.leaks.matcher import Matcher, digits_of, renderings

AMOUNT = "7391846.27"
DAY = date(2019, 7, 13)
RATE = Decimal("0.9137")  # of another currency


@pytest.fixture
def marks():
    marks = Marks()
    marks.money(AMOUNT, "a draft's amount")
    marks.day(DAY, "a draft's day")
    marks.word("jane.doe@example.org", "an address")
    return marks


@pytest.fixture
def found(marks):
    matcher = Matcher(marks, rates=[RATE])
    return lambda text: [hit.where for hit in matcher.hits(text)]


def decomposed(text):
    return text.replace("ä", "a\u0308")


TEXTS = {
    "plain": str,
    "in small letters": str.lower,
    "in capitals": str.upper,
    "decomposed": decomposed,
    "without its umlaut": lambda text: text.replace("ä", "a"),
    "in a word": lambda text: f"x{text}y",
    "as HTML": lambda text: escape(text).replace("ä", "&auml;"),
    "as HTML in numbers": lambda text: text.replace("ä", "&#228;"),
    "in JSON": json.dumps,
    "in JSON as it is": lambda text: json.dumps(text, ensure_ascii=False),
    "in an address": quote,
    "in an address with pluses": quote_plus,
    "with a soft hyphen": lambda text: text.replace("rk", "r\u00adk"),
    "with a space of no width": lambda text: text.replace("-", "-\u200b"),
    "with another hyphen": lambda text: text.replace("-", "\u2011"),
    "as a slug": lambda text: text.lower().replace("ä", "a").replace("-", "_"),
    "in hex": lambda text: f"some words {text} and more".encode().hex(),
    "in UTF-16, in hex": lambda text: text.encode("utf-16-be").hex(),
    **{
        f"in base64 after {n} bytes": lambda text, n=n: base64.b64encode(
            b"abc"[:n] + text.encode() + b" and more"
        ).decode()
        for n in range(3)
    },
    "in the base64 of addresses": lambda text: (
        base64.urlsafe_b64encode(f"a disclosure: {text}".encode()).decode().rstrip("=")
    ),
}


@pytest.mark.parametrize("how", TEXTS)
def test_a_text_is_found(how, marks, found):
    text = marks.text("a remark")

    assert "a remark" in found(f"Before {TEXTS[how](text)} after.")


def test_a_text_that_was_not_planted_is_none(found):
    assert found("Märk-00777 and other words") == []


@pytest.mark.parametrize(
    "text", ["jane.doe@example.org", "Jane.Doe@Example.org", "jane.doe%40example.org"]
)
def test_an_address_is_found(text, found):
    assert "an address" in found(f"mailto:{text}?subject=x")


NUMBERS = [
    "7391846.27",
    "7,391,846.27",
    "7 391 846.27",
    "7\u00a0391\u00a0846,27",
    "7\u202f391\u202f846,27",
    "7\u2009391\u2009846.27",
    "7'391'846.27",
    "7’391’846.27",
    "7.391.846,27",
    "7391846,27",
    "73,91,846.27",
    "739184627",
    '{"minor": 739184627, "currency": "USD"}',
    "[1,739184627,3]",
    "USD7391846.27",
    "7391846.27USD",
    "$7,391,846.27",
    "-7,391,846.27",
    "(7,391,846.27)",
    "7391846",
    "7,391,846",
    "7,391,850",
    "7,391,800",
    "7,392,000",
    "7,391,000",
    "7 392 000",
    "7390000",
    "7,400,000",
    "7,392 thousand",
    "7392k",
    "7.4 million",
    "7.3 million",
    "7.39 million",
    "7.392m",
    "7.4M",
    "7,4 Mio",
    "0.0074 billion",
    "0.0074bn",
    "7.39184627e6",
    "7.39e+06",
    "7.4E6",
    "739184627%",
    "73.9 percent",
    "6753929.94",
    "6,753,930",
    "6.75 million",
    "8,090,014.52",
    "FY 2024 7,391,846.27 3 rows",
    "2024,7391846.27,USD",
    "\u0667\u0663\u0669\u0661\u0668\u0664\u0666.\u0662\u0667",
    "7&nbsp;391&nbsp;846.27",
    "7&#44;391&#44;846.27",
    "7%2C391%2C846.27",
    "7\\u00a0391\\u00a0846.27",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_found(text, found):
    assert "a draft's amount" in found(f"Paid: {text}.")


@pytest.mark.parametrize(
    "text",
    [
        "7 rows",
        "74 rows of 739",
        "7.4",
        "Section 7.39",
        "0f739184627e" + "0" * 52,
        "9b739184-6270-4000-8000-000000000000",
        "8,391,846.27",
        "17391846",
    ],
)
def test_what_is_chance_is_no_number(text, found):
    assert found(text) == []


def test_a_number_is_found_in_minor_units_of_any_size():
    marks = Marks()
    marks.money("4819.037", "of a currency with three digits", "KWD")
    marks.money("918273", "of one without", "JPY")

    matcher = Matcher(marks)

    assert matcher.hits("minor 4819037") and matcher.hits("918,273 JPY")


def test_a_count_and_a_measurement_are_found():
    marks = Marks()
    marks.number("48193", "a count")
    marks.number("473.915", "a measurement")

    matcher = Matcher(marks)

    assert [hit.where for hit in matcher.hits("48,193 pieces")] == ["a count"]
    for text in ("473.915", "473.92", "473915", "47.3915 %"):
        assert "a measurement" in {hit.where for hit in matcher.hits(text)}, text


def test_a_part_is_found_in_percent_rounded_to_whole_ones():
    marks = Marks()
    marks.part("51.98887", "a part")
    marks.number("47.93", "no part")

    assert [hit.where for hit in Matcher(marks).hits("52 %, 48 %")] == ["a part"]


def test_rounding_keeps_what_is_short_for_forms_that_say_so():
    kept = renderings(Decimal("7391846.27"))

    assert kept["739184627"] and kept["73918"]
    assert not kept["74"] and not kept["7392"]
    assert digits_of(Decimal("0.0740")) == "74"


DAYS = [
    "2019-07-13",
    "2019-07-13T08:00:00Z",
    "20190713",
    "2019/07/13",
    "13 July 2019",
    "13 Jul 2019",
    "13th of July 2019",
    "13. July 2019",
    "July 13, 2019",
    "Jul. 13th 2019",
    "13.07.2019",
    "13.7.19",
    "13/07/2019",
    "7/13/2019",
    "13 July",
    "July 13",
    "13\u00a0July\u00a02019",
    "13%20July%202019",
    "13&nbsp;July",
]


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_found(text, found):
    assert "a draft's day" in found(f"On {text}, at last.")


@pytest.mark.parametrize(
    "text", ["July 2019", "2019-07", "2019", "14 July 2019", "3 July 2019", "2019-07-31"]
)
def test_a_month_a_year_and_another_day_are_none(text, found):
    assert found(text) == []
