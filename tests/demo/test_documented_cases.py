"""The documented cases are a public claim: every figure in them must say where it comes from.

These tests read the file as it lies in the repository; they know nothing of the database.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

ORGANISATION_FIELDS = {"key", "name", "short_name", "type", "country"}
CASE_FIELDS = {
    "key",
    "identifier",
    "title",
    "summary",
    "kind_of_aid",
    "status",
    "starts_on",
    "ends_on",
    "sectors",
    "legal_authority",
    "participants",
    "objectives",
    "figures",
    "not_stated",
}
FIGURE_FIELDS = {
    "key",
    "label",
    "kind",
    "amount",
    "currency",
    "quantity",
    "unit",
    "text",
    "qualifier",
    "period_start",
    "period_end",
    "as_of",
    "period_text",
    "citation",
    "source_url",
    "grade",
    "note",
}
# What a figure of each kind must fill in; the other value fields stay empty.
VALUE_FIELDS = {
    "money": {"amount", "currency"},
    "quantity": {"quantity", "unit"},
    "percent": {"quantity", "unit"},
    "text": {"text"},
}
KINDS_OF_AID = {
    "equipment",
    "training",
    "joint_exercise",
    "peacekeeping_support",
    "capacity_building",
    "infrastructure",
    "humanitarian",
    "counter_terrorism",
    "cyber",
    "health",
    "climate_resilience",
}
ROLES = {"donor", "recipient", "implementing", "accountable", "partner"}
QUALIFIERS = {"exactly", "about", "more_than", "nearly", "up_to", "at_least"}
LEVELS = ["impact", "outcome", "output"]


def read(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text("utf-8"))


DOCUMENT = read("demo/documented_cases.json")
CASES = DOCUMENT["cases"]
ORGANISATIONS = {row["key"]: row for row in DOCUMENT["organisations"]}
FIGURES = [figure for case in CASES for figure in case["figures"]]
DIGITS = {row["code"]: row["digits"] for row in read("reference/currencies.json")}
COUNTRIES = {row["code"] for row in read("reference/countries.json")}
IATI = {
    name: {row["code"] for row in rows} for name, rows in read("reference/iati_codes.json").items()
}

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["identifier"])
each_figure = pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure["key"])


def walk(objectives: list[dict[str, Any]], above: str | None = None) -> Iterator[Any]:
    """Every objective with the level of the one it hangs under."""
    for objective in objectives:
        yield objective, above
        yield from walk(objective["children"], objective["level"])


def test_the_cases_of_the_founding_documents_are_all_there() -> None:
    assert {case["identifier"] for case in CASES} == {
        "CASE-EGY",
        "CASE-ISR",
        "CASE-AFG",
        "CASE-BKN",
        "CASE-KOR",
        "CASE-KOS",
        "CASE-SOM",
        "CASE-UKR-PDA",
        "CASE-UKR-ALL",
    }


def test_every_key_names_one_thing() -> None:
    for keys in (
        [row["key"] for row in DOCUMENT["organisations"]],
        [case["key"] for case in CASES],
        [case["identifier"] for case in CASES],
        [figure["key"] for figure in FIGURES],
    ):
        assert len(keys) == len(set(keys))


def test_an_organisation_has_a_known_type_and_a_known_country_or_none() -> None:
    for row in ORGANISATIONS.values():
        assert set(row) == ORGANISATION_FIELDS
        assert row["name"].strip() and row["short_name"].strip()
        assert row["type"] in IATI["OrganisationType"], row["key"]
        assert row["country"] is None or row["country"] in COUNTRIES, row["key"]


def test_no_organisation_is_there_without_a_case() -> None:
    taking_part = {p["organisation"] for case in CASES for p in case["participants"]}
    assert taking_part == set(ORGANISATIONS)


@each_case
def test_a_case_is_described_in_known_codes(case: dict[str, Any]) -> None:
    assert set(case) == CASE_FIELDS
    assert case["title"].strip()
    assert 2 <= case["summary"].count(". ") + 1 <= 4, "two to four sentences"
    assert case["summary"].endswith(".")
    assert case["kind_of_aid"] in KINDS_OF_AID
    assert case["status"] in IATI["ActivityStatus"]
    assert case["sectors"] and set(case["sectors"]) <= IATI["Sector"]
    assert case["legal_authority"] is None or case["legal_authority"].strip()


@each_case
def test_a_case_ends_after_it_starts(case: dict[str, Any]) -> None:
    starts, ends = (
        case[name] and date.fromisoformat(case[name]) for name in ("starts_on", "ends_on")
    )
    assert not (starts and ends) or starts < ends
    assert not ends or case["status"] == "4", "a case that has ended is closed"


@each_case
def test_the_participants_of_a_case_exist_and_take_part_once_in_a_role(
    case: dict[str, Any],
) -> None:
    pairs = [(p["organisation"], p["role"]) for p in case["participants"]]
    assert len(pairs) == len(set(pairs))
    assert {organisation for organisation, _ in pairs} <= set(ORGANISATIONS)
    roles = {role for _, role in pairs}
    assert roles <= ROLES
    # In a joint exercise nobody gives and nobody receives: they are partners.
    assert {"donor", "recipient"} <= roles or case["kind_of_aid"] == "joint_exercise"


@each_case
def test_an_objective_hangs_under_a_higher_level(case: dict[str, Any]) -> None:
    for objective, above in walk(case["objectives"]):
        assert set(objective) == {"level", "title", "children"}
        assert objective["title"].strip()
        assert objective["level"] in LEVELS
        assert above is None or LEVELS.index(objective["level"]) > LEVELS.index(above)


@each_case
def test_a_case_says_what_the_record_does_not_state(case: dict[str, Any]) -> None:
    assert case["not_stated"]
    assert all(sentence.strip().endswith(".") for sentence in case["not_stated"])


@each_figure
def test_a_figure_has_a_citation_and_a_grade(figure: dict[str, Any]) -> None:
    assert set(figure) == FIGURE_FIELDS
    assert figure["label"].strip()
    assert figure["citation"].strip()
    assert figure["grade"] in {"A", "B"}
    assert figure["qualifier"] in QUALIFIERS
    if figure["source_url"] is not None:
        address = urlsplit(figure["source_url"])
        assert address.scheme in {"http", "https"} and "." in address.netloc


@each_figure
def test_a_figure_fills_in_the_value_of_its_kind_and_no_other(
    figure: dict[str, Any],
) -> None:
    filled = {
        name
        for name in ("amount", "currency", "quantity", "unit", "text")
        if figure[name] is not None
    }
    assert filled == VALUE_FIELDS[figure["kind"]]
    if figure["kind"] == "percent":
        assert figure["unit"] == "percent"
    if figure["kind"] == "text":
        assert figure["qualifier"] == "exactly", "a text carries its own wording"


@each_figure
def test_a_number_is_written_as_text_and_an_amount_fits_its_currency(
    figure: dict[str, Any],
) -> None:
    for name in ("amount", "quantity"):
        if figure[name] is not None:
            assert isinstance(figure[name], str), "a JSON number would lose digits"
            assert Decimal(figure[name]).is_finite()
            assert "e" not in figure[name].lower()
    if figure["kind"] == "money":
        assert figure["currency"] in DIGITS
        decimals = -int(Decimal(figure["amount"]).as_tuple().exponent)
        assert decimals <= DIGITS[figure["currency"]]


@each_figure
def test_a_figure_says_when(figure: dict[str, Any]) -> None:
    days = {
        name: date.fromisoformat(figure[name])
        for name in ("period_start", "period_end", "as_of")
        if figure[name] is not None
    }
    if {"period_start", "period_end"} <= set(days):
        assert days["period_start"] <= days["period_end"]
    if {"period_start", "period_end"} & set(days):
        assert figure["period_text"], "a period also says in words what it is"


def test_a_number_without_any_time_is_rare_and_known() -> None:
    timeless = {
        figure["key"]
        for figure in FIGURES
        if figure["kind"] != "text" and not (figure["as_of"] or figure["period_text"])
    }
    # The report's page gives its number but not its day.
    assert timeless == {
        "ukraine-drawdown-usai-recommendations",
        "ukraine-drawdown-usai-questioned",
    }


def amount(key: str) -> Decimal:
    figure = next(figure for figure in FIGURES if figure["key"] == key)
    return Decimal(figure["amount"] or figure["quantity"])


def test_the_figures_agree_with_the_arithmetic_of_the_record() -> None:
    """The published shares and differences, worked out again from the figures they rest on."""
    overdue, monitored = (
        "ukraine-drawdown-eeum-delinquent",
        "ukraine-drawdown-eeum-total",
    )
    assert round(amount(overdue) / amount(monitored) * 100) == amount(f"{overdue}-share")
    rise = (amount("korea-sma-2026") / amount("korea-sma-2025") - 1) * 100
    assert round(rise, 1) == amount("korea-sma-increase")
    cut = (1 - amount("somalia-allowance-after") / amount("somalia-allowance-before")) * 100
    assert round(cut) == amount("somalia-allowance-cut")
    basis = amount("ukraine-allies-uk-replacement") / amount("ukraine-allies-uk-book-value")
    assert round(basis, 1) == Decimal("15.8")
    assert amount("israel-mou-fmf") + amount("israel-mou-missile-defence") == amount(
        "israel-mou-total"
    )
    assert amount("israel-mou-fmf-yearly") * 10 == amount("israel-mou-fmf")
    blocked = amount("ukraine-allies-epf-approved") - amount("ukraine-allies-epf-mobilised")
    assert blocked == amount("ukraine-allies-epf-blocked")


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("ukraine-drawdown-supplementals-22-23", ("replenishment", "usai", "fmf")),
        ("ukraine-drawdown-supplemental-24", ("replenishment", "usai", "fmf")),
    ],
)
def test_a_published_total_is_the_rounded_sum_of_its_parts(
    total: str, parts: tuple[str, ...]
) -> None:
    difference = amount(total) - sum(amount(f"{total}-{part}") for part in parts)
    assert abs(difference) < 50_000_000, "half of the last digit that the total shows"
