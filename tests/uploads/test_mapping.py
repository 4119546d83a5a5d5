"""Mappings that people write by hand: every mistake is told by the name of its key."""

import pytest

from tests.factories.uploads import MAPPING, mapping, real_mapping
from tracker.shared.errors import Refused
from tracker.uploads.reading.mapping_file import mapping_from, parse_json


def refusal_of(raw):
    with pytest.raises(Refused) as refused:
        mapping_from(raw)
    return refused.value.sentence


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"name": None}, "“name” is missing"),
        ({"source": 5}, "“source” must be text of 1 to 80 characters"),
        ({"colums": {}}, "“colums” is not a key of a mapping. Did you mean “columns”?"),
        ({"delimiter": "x"}, "“delimiter” must be one of"),
        ({"columns": None}, "“columns” is missing"),
        ({"columns": []}, "“columns” must be an object with keys"),
        ({"columns__amount": None}, "“columns.amount” is missing: name the column"),
        ({"columns__amount": 5}, "“columns.amount” must be the name of a column"),
        ({"columns__program": None}, "“columns.program” is missing"),
        ({"columns__fiscal_year": None}, "must name either “date” or “fiscal_year”"),
        ({"columns__date": "Day"}, "must name either “date” or “fiscal_year”"),
        ({"columns__reference": 7}, "“columns.reference” must be a list of texts"),
        ({"columns__currency": "Cur"}, "The currency must be stated once"),
        ({"constants__currency": None}, "The currency must be stated once"),
        ({"constants__currency": "XXY"}, "“constants.currency” must be an ISO 4217 code"),
        ({"constants__kind": "commitment"}, "“constants.kind” must be one of: “disbursement”"),
        ({"constants__negative": "ignore"}, "“constants.negative” must be one of"),
        ({"fiscal_year__calendar": "Martian"}, "“fiscal_year.calendar” must be one of"),
        ({"fiscal_year__date": "middle"}, "“fiscal_year.date” must be one of: “start”, “end”"),
        ({"number_format__decimal": ";"}, "“number_format.decimal” must be one of"),
        ({"number_format__grouping": "."}, "must be another character than “decimal”"),
        ({"number_format__exponent": "yes"}, "“number_format.exponent” must be true or false"),
        ({"null_values": {}}, "“null_values” must be a list of texts"),
        ({"expect": ["Code"]}, "“expect” must be an object"),
        ({"expect": {"Code": 5}}, "“expect.Code” must be a list of texts"),
        ({"programs": None}, "“programs” is missing"),
        ({"programs__identifier": "AID"}, "“programs.identifier” must be text with {code}"),
        ({"programs__identifier": "A-{name}-{code}"}, "without {name}"),
        ({"programs__title": "{code.__class__}"}, "braces stand only around code or name"),
        ({"programs__title": "{code!r:>999999999}"}, "braces stand only around code or name"),
        ({"programs__title": "{"}, "braces stand only around code or name"),
        ({"programs__kind_of_aid": "tanks"}, "“programs.kind_of_aid” must be one of"),
        ({"programs__status": "9"}, "“programs.status” must be one of"),
        ({"programs__sectors": ["1"]}, "“1” is not one we know"),
        ({"programs__existing": "P-1"}, "“programs.existing” must be alone"),
        ({"programs__country": {"scheme": "FIPS"}}, "“programs.country.scheme” must be one of"),
        ({"programs__country": {"other": {"X": "QQ"}}}, "the two-letter country code"),
        (
            {"columns__program": {"code": "Code"}},
            "uses {name}, but “columns.program.name” names no",
        ),
    ],
)
def test_a_mistake_is_told_by_its_key(changes, said):
    assert said in refusal_of(mapping(**changes))


def test_a_date_format_is_made_of_year_month_and_day():
    raw = mapping(columns__fiscal_year=None, columns__date="Day", date_format="DD.MM.JJJJ")

    assert "“date_format” must be made of YYYY, MM and DD" in refusal_of(raw)


def test_every_mistake_is_told_at_once():
    said = refusal_of(mapping(name=None, delimiter="x", constants__currency="XXY"))

    assert said.count("Mapping: ") == 3


@pytest.mark.parametrize("raw", [None, [], "x", 5])
def test_what_is_no_object_is_no_mapping(raw):
    assert "The mapping must be an object" in refusal_of(raw)


@pytest.mark.parametrize(
    "text, said",
    [
        (b"{", "The mapping is not valid JSON: "),
        (b"\xff\xfe", "The mapping is not UTF-8 text"),
        (b" " * 300_000, "The mapping is too long"),
        (b"[" * 150_000, "nested too deeply"),
    ],
)
def test_a_text_that_is_no_json_is_refused(text, said):
    with pytest.raises(Refused) as refused:
        parse_json(text)

    assert said in refused.value.sentence


def test_the_mapping_of_the_repository_is_valid():
    found = mapping_from(real_mapping())

    assert found.columns.row_number == ""
    assert "the file's own row number (column “”) and a digest" in found.reference_rule


def test_a_mapping_with_reference_columns_says_so():
    assert mapping_from(MAPPING).reference_rule == "The reference of a row is its “Ref”."
